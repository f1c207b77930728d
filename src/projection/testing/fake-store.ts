import type { KubeObject } from "../../engine/apimachinery/object.ts";
import { type TimeText, createTimeText } from "../../engine/apimachinery/time-text.ts";
import type { ClusterObserver, StoreChange } from "../../engine/cluster/contracts.ts";
import { SimClock } from "../../engine/kernel/clock.ts";
import type { JournalEntry } from "../../engine/kernel/journal.ts";
import { createRng, type Rng, uuid } from "../../engine/kernel/rng.ts";

/** Objects, a clock and observers: what the fake cluster's script writes to. */
export class FakeStore {
  readonly clock = new SimClock();
  readonly observers = new Set<ClusterObserver>();
  readonly objects = new Map<string, KubeObject>();
  readonly rng: Rng;
  readonly time: TimeText;
  revision = 0;

  constructor(seed: number, epoch: string) {
    this.rng = createRng(seed);
    this.time = createTimeText(epoch);
  }

  key(kind: string, namespace: string, name: string): string {
    return `${kind}/${namespace}/${name}`;
  }

  get<T extends KubeObject>(kind: string, namespace: string, name: string): T | undefined {
    return this.objects.get(this.key(kind, namespace, name)) as T | undefined;
  }

  list<T extends KubeObject>(kind: string): T[] {
    return [...this.objects.values()].filter((o) => o.kind === kind) as T[];
  }

  /** Creates or replaces, and tells everybody. Fills in what the server would. */
  put<T extends KubeObject>(object: T): T {
    const { kind, metadata } = object;
    const key = this.key(kind, metadata.namespace ?? "", metadata.name);
    const before = this.objects.get(key);
    this.revision += 1;
    const stored = {
      ...object,
      metadata: {
        creationTimestamp: before?.metadata.creationTimestamp ?? this.time.seconds(this.clock.now()),
        uid: before?.metadata.uid ?? uuid(this.rng),
        ...metadata,
        resourceVersion: String(this.revision),
      },
    };
    this.objects.set(key, stored);
    this.tell({ type: before === undefined ? "ADDED" : "MODIFIED", object: stored, before, revision: this.revision, atUs: this.clock.now(), causeId: this.clock.causeId() });
    return stored;
  }

  remove(kind: string, namespace: string, name: string): void {
    const key = this.key(kind, namespace, name);
    const before = this.objects.get(key);
    if (before === undefined) return;
    this.objects.delete(key);
    this.revision += 1;
    this.tell({ type: "DELETED", object: before, before, revision: this.revision, atUs: this.clock.now(), causeId: this.clock.causeId() });
  }

  journal(entry: Omit<JournalEntry, "atUs" | "causeId">): void {
    for (const observer of this.observers) observer.journal?.({ ...entry, atUs: this.clock.now(), causeId: this.clock.causeId() });
  }

  event(about: KubeObject, type: string, reason: string, message: string, component: string): void {
    const now = this.time.seconds(this.clock.now());
    this.put({
      apiVersion: "v1", kind: "Event",
      metadata: { name: `${about.metadata.name}.${this.rng.hex(16)}`, namespace: about.metadata.namespace ?? "default" },
      involvedObject: { apiVersion: about.apiVersion, kind: about.kind, namespace: about.metadata.namespace, name: about.metadata.name, uid: about.metadata.uid },
      type, reason, message, count: 1, firstTimestamp: now, lastTimestamp: now, source: { component }, reportingComponent: component, reportingInstance: "",
    } as KubeObject);
  }

  private tell(change: StoreChange): void {
    for (const observer of this.observers) observer.store?.(change);
  }
}
