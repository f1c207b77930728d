import { keyOf, keyText, type KubeObject, type ObjectKey } from "../apimachinery/object.ts";
import type { ApiServer } from "../apiserver/api-server.ts";
import type { WatchChange } from "../apiserver/verbs/watch.ts";
import type { Cancel } from "../kernel/clock.ts";
import type { Rng } from "../kernel/rng.ts";
import { msToUs } from "../kernel/time.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import type { ComponentContext, Informer, InformerHandler, InformerOptions } from "./contracts.ts";
import { InformerCache } from "./informer-cache.ts";
import { drawLatency, LATENCY_US } from "./latency.ts";

/** Source: staging/src/k8s.io/client-go/tools/cache/reflector.go: 800 ms, doubling up to 30 s. */
const RELIST_BASE_MS = 800;
const RELIST_MAX_MS = 30_000;

/**
 * List, then watch, then list again whenever the watch is lost. Handlers run in the event of the delivery.
 * Source: staging/src/k8s.io/client-go/tools/cache/{reflector,shared_informer}.go.
 */
export class SimInformer<T extends KubeObject> implements Informer<T> {
  private readonly cache = new InformerCache<T>();
  private readonly handlers = new Set<InformerHandler<T>>();
  private readonly rng: Rng;
  private pending: WatchChange[] = [];
  private drainPlanned = false;
  private isSynced = false;
  private failures = 0;
  private cancelWatch: (() => void) | undefined;
  private cancelTimer: Cancel | undefined;
  /** Deliveries and answers of an ended session are dropped. */
  private session = 0;

  constructor(
    private readonly owner: string,
    private readonly kind: KindDefinition,
    private readonly options: InformerOptions,
    private readonly context: ComponentContext,
    private readonly server: ApiServer,
    private readonly onSynced: () => void,
  ) {
    this.rng = context.rng.fork(`informer/${owner}/${kind.plural}/${options.namespace ?? ""}/${options.fieldSelector ?? ""}`);
  }

  get synced(): boolean {
    return this.isSynced;
  }

  get(key: ObjectKey): T | undefined {
    return this.cache.get(key);
  }

  list(namespace?: string): readonly T[] {
    return this.cache.list(namespace);
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.cache.byIndex(index, value);
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    this.cache.addIndex(name, values);
  }

  onChange(handler: InformerHandler<T>): Cancel {
    this.handlers.add(handler);
    if (this.isSynced) for (const object of this.cache.list()) handler.add?.(object);
    return () => this.handlers.delete(handler);
  }

  start(): void {
    this.planList(drawLatency(this.rng, LATENCY_US.there) + drawLatency(this.rng, LATENCY_US.back));
  }

  stop(): void {
    this.session += 1;
    this.cancelWatch?.();
    this.cancelWatch = undefined;
    this.cancelTimer?.();
    this.pending = [];
    this.drainPlanned = false;
  }

  /** The server went away: keep what is known, try again with back-off. */
  disconnect(): void {
    if (this.cancelTimer === undefined && this.cancelWatch === undefined) return;
    this.stop();
    this.retry();
  }

  private retry(): void {
    const backoffMs = Math.min(RELIST_MAX_MS, RELIST_BASE_MS * 2 ** Math.min(this.failures, 10));
    this.failures += 1;
    this.planList(msToUs(backoffMs) + this.rng.between(0, msToUs(backoffMs)));
  }

  private planList(delayUs: number): void {
    const session = this.session;
    this.cancelTimer = this.context.clock.after(delayUs, `${this.owner}: list ${this.kind.plural}`, () => {
      if (session === this.session) this.listAndWatch();
    });
  }

  private listAndWatch(): void {
    if (!this.server.available) return this.retry();
    const { items, revision } = this.server.internal.list(this.kind, this.options);
    const watching = this.server.internal.watch(this.kind, this.options, revision, (change) => this.receive(change));
    if (!watching.ok) return this.retry();
    this.cancelWatch = watching.value;
    this.failures = 0;
    this.replaceAll(items as readonly T[]);
    if (!this.isSynced) {
      this.isSynced = true;
      this.onSynced();
    }
  }

  private replaceAll(items: readonly T[]): void {
    const listed = new Set(items.map((item) => item.metadata.uid));
    for (const known of this.cache.list()) if (!listed.has(known.metadata.uid)) this.apply("DELETED", known);
    for (const item of items) {
      const known = this.cache.get({ namespace: item.metadata.namespace ?? "", name: item.metadata.name });
      if (known?.metadata.resourceVersion !== item.metadata.resourceVersion) this.apply("MODIFIED", item);
    }
  }

  /** Inside the write: queue and return. */
  private receive(change: WatchChange): void {
    this.pending.push(change);
    if (this.drainPlanned) return;
    this.drainPlanned = true;
    const session = this.session;
    this.context.clock.after(drawLatency(this.rng, LATENCY_US.watch), `${this.owner}: watch ${this.kind.plural}`, () => {
      if (session === this.session) this.drain();
    });
  }

  private drain(): void {
    const changes = this.pending;
    this.pending = [];
    this.drainPlanned = false;
    const { clock, journal } = this.context;
    for (const change of changes) {
      if (journal.enabled) journal.write({ component: this.owner, step: "watch-delivery", phase: "instant", subject: `${this.kind.kind.toLowerCase()}/${subjectOf(change.object)}`, detail: { type: change.type, revision: change.revision } });
      if (changes.length === 1 && change.causeId === clock.causes.get(clock.causeId())?.parentId) this.apply(change.type, change.object as T);
      else clock.within(`${this.owner}: ${change.type} ${this.kind.kind.toLowerCase()}/${subjectOf(change.object)}`, () => this.apply(change.type, change.object as T), change.causeId);
    }
  }

  private apply(type: WatchChange["type"], object: T): void {
    if (type === "DELETED") {
      if (this.cache.delete(keyText(keyOf(object))) === undefined) return;
      for (const handler of this.handlers) handler.delete?.(object);
      return;
    }
    const before = this.cache.set(object);
    // A name that was deleted and made anew while nobody watched is another object.
    if (before !== undefined && before.metadata.uid !== object.metadata.uid) {
      for (const handler of this.handlers) handler.delete?.(before);
      for (const handler of this.handlers) handler.add?.(object);
    } else if (before === undefined) for (const handler of this.handlers) handler.add?.(object);
    else for (const handler of this.handlers) handler.update?.(object, before);
  }
}

const subjectOf = ({ metadata }: KubeObject): string => (metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`);
