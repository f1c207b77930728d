import type { KubeObject } from "../apimachinery/object.ts";
import { assert } from "../kernel/assert.ts";
import { SortedMap } from "../kernel/sorted-map.ts";
import type { StoreChange, WatchScope } from "./store-change.ts";

export type ChangeListener = (change: StoreChange) => void;

interface Watcher {
  readonly listener: ChangeListener;
  /** Changes up to here have been seen (replayed). */
  readonly from: number;
}

/** One value per object, and the keys under each value. */
interface FieldIndex {
  readonly valueOf: (object: KubeObject) => string;
  readonly keys: Map<string, Set<string>>;
}

const HISTORY_LIMIT = 32_768; // changes kept per collection, whatever their age

/** The objects of one kind: in key order, with indexes, a history, and the watchers of each part. */
export class Collection {
  readonly objects = new SortedMap<KubeObject>();
  private readonly indexes = new Map<string, FieldIndex>();
  private readonly everything = new Set<Watcher>();
  private readonly byPrefix = new Map<string, Set<Watcher>>();
  private readonly byKey = new Map<string, Set<Watcher>>();
  private readonly byIndex = new Map<string, Map<string, Set<Watcher>>>();
  private history: StoreChange[] = [];
  private historyStart = 0;
  /** Changes up to this revision are no longer in the history. */
  private droppedUntil = 0;

  get oldestRevision(): number {
    return this.droppedUntil;
  }

  addIndex(name: string, valueOf: (object: KubeObject) => string): void {
    assert(this.objects.size === 0, "indexes are declared before the first object");
    this.indexes.set(name, { valueOf, keys: new Map() });
  }

  hasIndex(name: string): boolean {
    return this.indexes.has(name);
  }

  /** Objects under one index value, in key order. */
  underIndex(name: string, value: string): KubeObject[] {
    const index = this.indexes.get(name);
    assert(index !== undefined, `the index ${name} has been declared`);
    const keys = index.keys.get(value);
    return keys === undefined ? [] : [...keys].sort().map((key) => this.objects.get(key) as KubeObject);
  }

  /** Takes a committed change in: objects, indexes, history. */
  apply(change: StoreChange): void {
    const { key } = change;
    if (change.type === "DELETED") this.objects.delete(key);
    else this.objects.set(key, change.object);
    for (const index of this.indexes.values()) moveKey(index, key, change);
    this.history.push(change);
    if (this.history.length - this.historyStart > HISTORY_LIMIT) this.dropOldest();
  }

  private dropOldest(): void {
    this.droppedUntil = (this.history[this.historyStart] as StoreChange).revision;
    (this.history as (StoreChange | undefined)[])[this.historyStart] = undefined;
    this.historyStart += 1;
    if (this.historyStart > HISTORY_LIMIT) this.repack();
  }

  private repack(): void {
    this.history = this.history.slice(this.historyStart);
    this.historyStart = 0;
  }

  /** Forgets changes up to and including `revision`. */
  compact(revision: number): void {
    while (this.historyStart < this.history.length && (this.history[this.historyStart] as StoreChange).revision <= revision) this.historyStart += 1;
    this.droppedUntil = Math.max(this.droppedUntil, revision);
    this.repack();
  }

  /** Changes after `revision`, oldest first. */
  *changesSince(revision: number): Generator<StoreChange> {
    let low = this.historyStart;
    let high = this.history.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.history[middle] as StoreChange).revision <= revision) low = middle + 1;
      else high = middle;
    }
    for (; low < this.history.length; low++) yield this.history[low] as StoreChange;
  }

  /** Calls every watcher that this change concerns. */
  dispatch(change: StoreChange): void {
    const { key } = change;
    tell(this.everything, change);
    const slash = key.indexOf("/");
    if (slash >= 0) tell(this.byPrefix.get(key.slice(0, slash + 1)), change);
    tell(this.byKey.get(key), change);
    for (const [name, watchers] of this.byIndex) {
      const valueOf = (this.indexes.get(name) as FieldIndex).valueOf;
      const value = valueOf(change.object);
      tell(watchers.get(value), change);
      const before = change.before === undefined ? value : valueOf(change.before);
      if (before !== value) tell(watchers.get(before), change);
    }
  }

  /** Whether a change lies in the scope of a watch. */
  concerns(scope: WatchScope, change: StoreChange): boolean {
    if (scope.index !== undefined) {
      const { name, value } = scope.index;
      const valueOf = (this.indexes.get(name) as FieldIndex).valueOf;
      return valueOf(change.object) === value || (change.before !== undefined && valueOf(change.before) === value);
    }
    return scope.key === undefined ? change.key.startsWith(scope.prefix ?? "") : change.key === scope.key;
  }

  /** Adds a watcher for changes after `from`; returns what removes it. */
  watch(scope: WatchScope, from: number, listener: ChangeListener): () => void {
    const watcher: Watcher = { listener, from };
    const set = this.watcherSet(scope);
    set.add(watcher);
    return () => {
      set.delete(watcher);
    };
  }

  private watcherSet(scope: WatchScope): Set<Watcher> {
    if (scope.index !== undefined) {
      const { name, value } = scope.index;
      assert(this.indexes.has(name), `the index ${name} has been declared`);
      return setOf(mapOf(this.byIndex, name), value);
    }
    if (scope.key !== undefined) return setOf(this.byKey, scope.key);
    return scope.prefix === undefined ? this.everything : setOf(this.byPrefix, scope.prefix);
  }
}

function moveKey(index: FieldIndex, key: string, change: StoreChange): void {
  const value = change.type === "DELETED" ? undefined : index.valueOf(change.object);
  const before = change.before === undefined ? undefined : index.valueOf(change.before);
  if (value === before) return;
  if (before !== undefined) {
    const keys = index.keys.get(before);
    keys?.delete(key);
    if (keys?.size === 0) index.keys.delete(before);
  }
  if (value !== undefined) setOf(index.keys, value).add(key);
}

function tell(watchers: Set<Watcher> | undefined, change: StoreChange): void {
  if (watchers === undefined) return;
  for (const watcher of watchers) if (watcher.from < change.revision) watcher.listener(change);
}

function setOf<T>(map: Map<string, Set<T>>, key: string): Set<T> {
  let set = map.get(key);
  if (set === undefined) map.set(key, (set = new Set()));
  return set;
}

function mapOf<T>(map: Map<string, Map<string, T>>, key: string): Map<string, T> {
  let inner = map.get(key);
  if (inner === undefined) map.set(key, (inner = new Map()));
  return inner;
}
