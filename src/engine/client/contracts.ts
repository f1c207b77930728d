import type { Status } from "../apimachinery/api.ts";
import type { KubeObject, ObjectKey } from "../apimachinery/object.ts";
import type { TimeText } from "../apimachinery/time-text.ts";
import type { Cancel, Clock } from "../kernel/clock.ts";
import type { Journal } from "../kernel/journal.ts";
import type { Result } from "../kernel/result.ts";
import type { Rng } from "../kernel/rng.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";

/** What every component is handed. `rng` is a fork of its own. */
export interface ComponentContext {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly time: TimeText;
  readonly journal: Journal;
}

export type Answer<T extends KubeObject> = (result: Result<T, Status>) => void;

/** One component's way to the API server. Every call returns at once; the answer comes in simulated time. */
export interface ApiClient {
  /** "kube-scheduler", "kubelet/node-1": user agent, field manager and journal component. */
  readonly name: string;
  get<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, done: Answer<T>): void;
  /** A fresh list of one namespace ("" for all), past every cache: for the namespace controller, which must not miss anything. */
  list<T extends KubeObject>(kind: KindDefinition<T>, namespace: string, done: (result: Result<readonly T[], Status>) => void): void;
  create<T extends KubeObject>(kind: KindDefinition<T>, object: T, done?: Answer<T>): void;
  update<T extends KubeObject>(kind: KindDefinition<T>, object: T, done?: Answer<T>): void;
  updateStatus<T extends KubeObject>(kind: KindDefinition<T>, object: T, done?: Answer<T>): void;
  /** PUT to another subresource of the same kind: "finalize" of a namespace. */
  updateSubresource<T extends KubeObject>(kind: KindDefinition<T>, object: T, subresource: string, done?: Answer<T>): void;
  patch<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, patch: PatchRequest, done?: Answer<T>): void;
  delete<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, options: DeleteOptionsInput, done?: Answer<T>): void;
  /** POST to a subresource: "binding", "eviction". */
  createSubresource<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, subresource: string, body: KubeObject, done?: Answer<KubeObject>): void;
}

export interface PatchRequest {
  readonly type: "merge" | "strategic" | "json";
  readonly body: unknown;
  readonly subresource?: string;
}

export interface DeleteOptionsInput {
  readonly gracePeriodSeconds?: number;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
}

/** Reads from a cache. Objects are frozen and shared: never change them. */
export interface Lister<T extends KubeObject> {
  get(key: ObjectKey): T | undefined;
  /** In key order (namespace, then name). Without a namespace: all. */
  list(namespace?: string): readonly T[];
  /** Objects under one value of a named index; the index must have been declared with `addIndex`. */
  byIndex(index: string, value: string): readonly T[];
}

export interface InformerHandler<T extends KubeObject> {
  add?(object: T): void;
  update?(object: T, before: T): void;
  delete?(object: T): void;
}

/** A cached watch. Handlers run in the delivery's event, so that causes chain from the write to what it set off. */
export interface Informer<T extends KubeObject> extends Lister<T> {
  readonly synced: boolean;
  /** Existing objects are replayed to a new handler as adds. */
  onChange(handler: InformerHandler<T>): Cancel;
  /** `values` gives the index values of an object. Declaring the same name twice is fine. */
  addIndex(name: string, values: (object: T) => readonly string[]): void;
}

/** One component's informers: the same kind and selector asked for twice gives the same informer. */
export interface InformerFactory {
  informer<T extends KubeObject>(kind: KindDefinition<T>, options?: InformerOptions): Informer<T>;
  /** Runs once, when every informer asked for so far has its first list. */
  whenSynced(run: () => void): void;
  /** Starts listing and watching; informers asked for later start at once. */
  start(): void;
  /** The component is gone: watches end, nothing is delivered any more. */
  stop(): void;
}

export interface InformerOptions {
  readonly namespace?: string;
  /** For example "spec.nodeName=node-1"; the server has an index for this one. */
  readonly fieldSelector?: string;
}

/** Key-deduplicating queue with back-off. Source: staging/src/k8s.io/client-go/util/workqueue. */
export interface WorkQueue {
  add(key: string): void;
  addAfter(key: string, delayUs: number): void;
  /** Exponential back-off per key: 5 ms × 2^failures, at most 1000 s. */
  addRateLimited(key: string): void;
  forget(key: string): void;
  readonly length: number;
  stop(): void;
}

/** Source: staging/src/k8s.io/client-go/tools/record; counts, aggregation after 10 similar in 10 min, spam filter 25 then 1 per 5 min. */
export interface EventRecorder {
  event(about: EventSubject, type: "Normal" | "Warning", reason: string, message: string): void;
}

export interface EventSubject {
  readonly object: KubeObject;
  /** `spec.containers{nginx}` for container events. */
  readonly fieldPath?: string;
}

/** How cluster/ gives components their connection. `qps`/`burst`: client-side rate limit; left out, none. */
export interface ApiConnection {
  client(name: string, options?: { readonly qps?: number; readonly burst?: number }): ApiClient;
  informers(name: string): InformerFactory;
  recorder(component: string, options?: { readonly host?: string; readonly style?: "core" | "events.k8s.io" }): EventRecorder;
  queue(name: string, process: (key: string) => void, options?: { readonly workers?: number }): WorkQueue;
}
