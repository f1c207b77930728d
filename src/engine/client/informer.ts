import { keyOf, keyText, type KubeObject } from "../apimachinery/object.ts";
import type { ApiServer } from "../apiserver/api-server.ts";
import type { WatchChange } from "../apiserver/verbs/watch.ts";
import type { Cancel } from "../kernel/clock.ts";
import type { Rng } from "../kernel/rng.ts";
import { msToUs, secondsToUs } from "../kernel/time.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import type { ComponentContext, Informer, InformerHandler, InformerOptions } from "./contracts.ts";
import { InformerCache } from "./informer-cache.ts";
import { drawLatency, LATENCY_US } from "./latency.ts";

/** Source: k8s.io/client-go/tools/cache/reflector.go, NewReflectorWithOptions (back-off manager). */
const BACKOFF = { firstUs: msToUs(800), maxUs: secondsToUs(30), resetAfterUs: secondsToUs(120) };

/**
 * List, then watch; a cache and its handlers. Changes arrive in order, 1 to 4 ms after their writes; what came meanwhile arrives with them.
 * Source: k8s.io/client-go/tools/cache (reflector.go, shared_informer.go).
 */
export class CachedInformer<T extends KubeObject> implements Informer<T> {
  private readonly cache = new InformerCache<T>();
  private readonly handlers = new Set<InformerHandler<T>>();
  private readonly rng: Rng;
  private readonly watchLabel: string;
  private readonly runDrain = (): void => this.drain();
  private pending: WatchChange[] = [];
  private drainScheduled = false;
  private isSynced = false;
  private stopped = false;
  private backoffUs = BACKOFF.firstUs;
  private lastFailureUs = 0;
  private endWatch: Cancel = () => {};
  private endTimer: Cancel = () => {};
  private stopListening: Cancel = () => {};

  constructor(
    private readonly context: ComponentContext,
    private readonly server: ApiServer,
    private readonly owner: string,
    private readonly kind: KindDefinition,
    private readonly options: InformerOptions,
    private readonly onSynced: () => void,
  ) {
    this.watchLabel = `${owner}: watch ${kind.plural}`;
    this.rng = context.rng.fork(`informer ${owner} ${kind.group}/${kind.plural} ${options.namespace ?? ""} ${options.fieldSelector ?? ""}`);
  }

  get synced(): boolean {
    return this.isSynced;
  }

  get(key: Parameters<Informer<T>["get"]>[0]): T | undefined {
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
    for (const object of this.cache.list()) handler.add?.(object);
    return () => {
      this.handlers.delete(handler);
    };
  }

  start(): void {
    this.stopListening = this.server.onDown(() => this.serverWentAway());
    this.relistAfter(0);
  }

  stop(): void {
    this.stopped = true;
    this.stopListening();
    this.endWatch();
    this.endTimer();
    this.pending = [];
  }

  private relistAfter(delayUs: number): void {
    this.endTimer();
    const wayUs = drawLatency(this.rng, LATENCY_US.there) + drawLatency(this.rng, LATENCY_US.work);
    this.endTimer = this.context.clock.after(delayUs + wayUs, `kube-apiserver: list ${this.kind.plural} by ${this.owner}`, () => this.listAtServer());
  }

  /** The watch begins where the list ends; both are asked for at once, so that nothing can be compacted between them. */
  private listAtServer(): void {
    if (!this.server.available) return this.backOff();
    const { items, revision } = this.server.internal.list(this.kind, this.options);
    const following = this.server.internal.watch(this.kind, this.options, revision, (change) => this.receive(change));
    if (!following.ok) return this.backOff();
    this.pending = [];
    this.endWatch = following.value;
    this.drainScheduled = true; // changes wait until the list has been taken in
    this.endTimer = this.context.clock.after(drawLatency(this.rng, LATENCY_US.back), `${this.owner}: list of ${this.kind.plural}`, () => this.replace(items as readonly T[]));
  }

  private backOff(): void {
    const now = this.context.clock.now();
    if (now - this.lastFailureUs > BACKOFF.resetAfterUs) this.backoffUs = BACKOFF.firstUs;
    this.lastFailureUs = now;
    const delayUs = this.backoffUs * (1 + this.rng.unit());
    this.backoffUs = Math.min(this.backoffUs * 2, BACKOFF.maxUs);
    this.relistAfter(delayUs);
  }

  private serverWentAway(): void {
    if (this.stopped) return;
    this.endWatch();
    this.backOff();
  }

  /** Takes a whole list in: what is new, what changed, what is gone. */
  private replace(items: readonly T[]): void {
    this.drainScheduled = false;
    const gone = new Set(this.cache.keys());
    for (const item of items) {
      const key = keyText(keyOf(item));
      gone.delete(key);
      if (this.cache.get(keyOf(item))?.metadata.resourceVersion === item.metadata.resourceVersion) continue;
      this.tell(this.cache.set(item, key), item);
    }
    for (const key of gone) {
      const before = this.cache.delete(key);
      if (before !== undefined) this.tell(before, undefined);
    }
    if (!this.isSynced) {
      this.isSynced = true;
      this.onSynced();
    }
    if (this.pending.length > 0) this.scheduleDrain();
  }

  /** Called inside the write. */
  private receive(change: WatchChange): void {
    this.pending.push(change);
    this.scheduleDrain();
  }

  private scheduleDrain(): void {
    if (this.drainScheduled) return;
    this.drainScheduled = true;
    this.context.clock.after(drawLatency(this.rng, LATENCY_US.watch), this.watchLabel, this.runDrain);
  }

  private drain(): void {
    if (this.stopped) return;
    this.drainScheduled = false;
    const changes = this.pending;
    this.pending = [];
    const { clock } = this.context;
    const parentOfEvent = clock.causes.get(clock.causeId())?.parentId;
    for (const change of changes) {
      if (this.stopped) return;
      // The event that drains was scheduled by the first write; the others get a cause of their own, so that chains stay true.
      if (change.causeId === parentOfEvent) this.deliver(change);
      else clock.within(this.watchLabel, () => this.deliver(change), change.causeId);
    }
  }

  private deliver({ type, key, object, revision }: WatchChange): void {
    this.journal(type, key, object, revision);
    if (type !== "DELETED") return this.tell(this.cache.set(object as T, key), object as T);
    const before = this.cache.delete(key);
    if (before !== undefined) this.tell(before, undefined, object as T);
  }

  /** Deleted objects are handed over in their last state. */
  private tell(before: T | undefined, after: T | undefined, last: T | undefined = before): void {
    for (const handler of this.handlers) {
      if (after === undefined) {
        if (last !== undefined) handler.delete?.(last);
      } else if (before === undefined) handler.add?.(after);
      else handler.update?.(after, before);
    }
  }

  private journal(type: string, key: string, object: KubeObject, revision: number): void {
    const { journal } = this.context;
    if (!journal.enabled) return;
    const uid = object.metadata.uid;
    journal.write({
      component: this.owner, step: "watch-delivery", phase: "instant", subject: `${this.kind.singular}/${key}`,
      ...(uid === undefined ? {} : { uid }), detail: { type, resource: this.kind.plural, revision },
    });
  }
}
