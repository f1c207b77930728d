import { deepFreeze } from "../apimachinery/deep.ts";
import { keyOf, keyText, type KubeObject } from "../apimachinery/object.ts";
import type { Clock } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { secondsToUs } from "../kernel/time.ts";
import { type ChangeListener, Collection } from "./collection.ts";
import type { StoreChange, WatchScope } from "./store-change.ts";

/** Why a write did not happen. */
export type WriteFault = "exists" | "missing" | "conflict";

/** A part of a collection as of one revision. */
export interface Page {
  readonly objects: readonly KubeObject[];
  /** Key of the first object that is not on the page; undefined when the page is the last. */
  readonly next: string | undefined;
  /** How many objects follow, accepted or not. */
  readonly remaining: number;
}

export interface PageRequest {
  readonly prefix: string;
  /** First key wanted. */
  readonly start: string;
  /** 0 for all. */
  readonly limit: number;
  /** The revision to show; undefined for now. */
  readonly revision: number | undefined;
  /** Only objects that it accepts are put on the page; left out, all. */
  readonly accept?: (object: KubeObject) => boolean;
  /** Look only at the objects under this index value (as of now). */
  readonly index?: { readonly name: string; readonly value: string };
}

const COMPACTION_PERIOD_US = secondsToUs(5 * 60);

/**
 * The cluster's memory: objects under keys, one revision counter, watches from a revision. Objects are frozen and never change.
 * Source: apiserver/pkg/storage/etcd3/{store,watcher,compact}.go; control flow of etcd's mvcc.
 * Differs: a collection keeps at most 32,768 changes, where etcd keeps 5 to 10 minutes whatever their number.
 */
export class Store {
  private readonly collections = new Map<string, Collection>();
  private lastRevision = 1;
  private compactedUntil = 0;
  private periodEndUs = COMPACTION_PERIOD_US;
  private periodRevision = 1;
  private readonly undelivered: { collection: Collection; change: StoreChange }[] = [];
  private delivering = false;

  constructor(private readonly clock: Clock, private readonly onChange?: (change: StoreChange) => void) {}

  /** The revision of the latest write. */
  get revision(): number {
    return this.lastRevision;
  }

  /** Changes up to this revision are gone, for every collection. */
  get compactedRevision(): number {
    this.compactIfDue();
    return this.compactedUntil;
  }

  collection(name: string): Collection {
    let found = this.collections.get(name);
    if (found === undefined) this.collections.set(name, (found = new Collection()));
    return found;
  }

  get(collection: string, key: string): KubeObject | undefined {
    return this.collections.get(collection)?.objects.get(key);
  }

  create(collection: string, object: KubeObject): Result<KubeObject, WriteFault> {
    const target = this.collection(collection);
    const key = keyText(keyOf(object));
    if (target.objects.has(key)) return err("exists");
    return ok(this.commit(target, key, "ADDED", object, undefined));
  }

  /** Compare-and-swap: `expected` is the object that the writer has seen. */
  update(collection: string, object: KubeObject, expected: KubeObject): Result<KubeObject, WriteFault> {
    const target = this.collection(collection);
    const key = keyText(keyOf(object));
    const stored = target.objects.get(key);
    if (stored === undefined) return err("missing");
    if (stored !== expected) return err("conflict");
    return ok(this.commit(target, key, "MODIFIED", object, stored));
  }

  /** Removes an object. `last` is the state that watchers get to see; left out, the stored one. */
  delete(collection: string, key: string, last?: KubeObject): Result<KubeObject, WriteFault> {
    const target = this.collection(collection);
    const stored = target.objects.get(key);
    if (stored === undefined) return err("missing");
    return ok(this.commit(target, key, "DELETED", last ?? stored, stored));
  }

  private commit(collection: Collection, key: string, type: StoreChange["type"], object: KubeObject, before: KubeObject | undefined): KubeObject {
    this.compactIfDue();
    const revision = ++this.lastRevision;
    const written = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
    const change: StoreChange = Object.freeze({ type, key, object: written, before, revision, atUs: this.clock.now(), causeId: this.clock.causeId() });
    collection.apply(change);
    this.undelivered.push({ collection, change });
    if (!this.delivering) this.deliver();
    return written;
  }

  /** Watchers see changes in the order of their revisions, also when one of them writes. */
  private deliver(): void {
    this.delivering = true;
    try {
      for (let next = this.undelivered.shift(); next !== undefined; next = this.undelivered.shift()) {
        this.onChange?.(next.change);
        next.collection.dispatch(next.change);
      }
    } finally {
      this.delivering = false;
    }
  }

  /** All objects whose key begins with `prefix`, in key order. */
  list(collection: string, prefix = ""): KubeObject[] {
    return this.collections.get(collection)?.objects.values(prefix) ?? [];
  }

  /** A page as of a revision. The error is "expired" when that revision has been forgotten. */
  page(collection: string, request: PageRequest): Result<Page, "expired"> {
    const target = this.collection(collection);
    const past = request.revision !== undefined && request.revision < this.lastRevision ? this.pastOf(target, request.revision) : new Map<string, KubeObject | undefined>();
    if (past === undefined) return err("expired");
    const objects: KubeObject[] = [];
    let next: string | undefined;
    let remaining = 0;
    for (const [key, object] of mergedRange(target, past, request)) {
      if (request.limit > 0 && objects.length >= request.limit) {
        next ??= key;
        remaining += 1;
      } else if (request.accept?.(object) ?? true) objects.push(object);
    }
    return ok({ objects, next, remaining });
  }

  /** What the keys that changed since `revision` held then. */
  private pastOf(collection: Collection, revision: number): Map<string, KubeObject | undefined> | undefined {
    if (revision < this.compactedRevision || revision < collection.oldestRevision) return undefined;
    const past = new Map<string, KubeObject | undefined>();
    for (const change of collection.changesSince(revision)) {
      if (!past.has(change.key)) past.set(change.key, change.before);
    }
    return past;
  }

  /**
   * Follows changes after `from`: the ones that have happened are told at once, later ones as they are committed.
   * The error is the oldest revision that can still be followed.
   */
  watch(collection: string, scope: WatchScope, from: number, listener: ChangeListener): Result<() => void, number> {
    const target = this.collection(collection);
    const oldest = Math.max(this.compactedRevision, target.oldestRevision);
    if (from < oldest) return err(oldest);
    const seen = Math.max(from, this.lastRevision);
    const missed = from < this.lastRevision ? [...target.changesSince(from)] : [];
    const stop = target.watch(scope, seen, listener);
    for (const change of missed) if (target.concerns(scope, change)) listener(change);
    return ok(stop);
  }

  /** Forgets the past: nothing before the present revision can be listed or followed any more. Called when the API server starts. */
  forgetPast(): void {
    this.compactedUntil = this.lastRevision;
    for (const collection of this.collections.values()) collection.compact(this.lastRevision);
  }

  /** Every five minutes, what is older than the revision of five minutes ago goes. Done when next looked at, which nobody can tell from a timer. */
  private compactIfDue(): void {
    const now = this.clock.now();
    if (now < this.periodEndUs) return;
    const periods = Math.floor((now - this.periodEndUs) / COMPACTION_PERIOD_US) + 1;
    // After two or more periods without a write, the revision of the last boundary is the present one.
    const until = periods > 1 ? this.lastRevision : this.periodRevision;
    this.periodEndUs += periods * COMPACTION_PERIOD_US;
    this.periodRevision = this.lastRevision;
    if (until <= this.compactedUntil) return;
    this.compactedUntil = until;
    for (const collection of this.collections.values()) collection.compact(until);
  }
}

/** The entries of a range as they were: present ones, unless `past` knows better. */
function* mergedRange(collection: Collection, past: ReadonlyMap<string, KubeObject | undefined>, { prefix, start, index }: PageRequest): Generator<[string, KubeObject]> {
  const present: [string, KubeObject][] = [];
  if (index !== undefined && past.size === 0) {
    for (const object of collection.underIndex(index.name, index.value)) {
      const key = keyText(keyOf(object));
      if (key.startsWith(prefix) && key >= start) yield [key, object];
    }
    return;
  }
  collection.objects.scan(start > prefix ? start : prefix, (key, object) => {
    if (!key.startsWith(prefix)) return false;
    if (!past.has(key)) present.push([key, object]);
    return true;
  });
  const old = [...past].filter((entry): entry is [string, KubeObject] => entry[1] !== undefined && entry[0].startsWith(prefix) && entry[0] >= start);
  if (old.length === 0) return yield* present;
  yield* [...present, ...old].sort(([a], [b]) => (a < b ? -1 : 1));
}
