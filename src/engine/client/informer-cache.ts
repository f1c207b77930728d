import { keyOf, keyText, type KubeObject, type ObjectKey } from "../apimachinery/object.ts";
import { assert } from "../kernel/assert.ts";
import { SortedMap } from "../kernel/sorted-map.ts";

interface Index<T> {
  readonly values: (object: T) => readonly string[];
  readonly entries: Map<string, SortedMap<T>>;
}

const NONE: readonly never[] = Object.freeze([]);

/** What an informer has been told so far: objects in key order, and indexes that follow every change. */
export class InformerCache<T extends KubeObject> {
  private readonly objects = new SortedMap<T>();
  private readonly indexes = new Map<string, Index<T>>();
  private lists = new Map<string, readonly T[]>();

  get(key: ObjectKey): T | undefined {
    return this.objects.get(keyText(key));
  }

  /** The same array until something changes. */
  list(namespace?: string): readonly T[] {
    const prefix = namespace === undefined || namespace === "" ? "" : `${namespace}/`;
    let list = this.lists.get(prefix);
    if (list === undefined) this.lists.set(prefix, (list = this.objects.values(prefix)));
    return list;
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.indexes.get(name);
    assert(index !== undefined, `the index ${name} has been declared with addIndex`);
    return index.entries.get(value)?.values() ?? NONE;
  }

  keys(): string[] {
    return this.objects.values().map((object) => keyText(keyOf(object)));
  }

  addIndex(name: string, values: (object: T) => readonly string[]): void {
    if (this.indexes.has(name)) return;
    const index: Index<T> = { values, entries: new Map() };
    this.indexes.set(name, index);
    for (const object of this.objects.values()) insert(index, keyText(keyOf(object)), values(object), object);
  }

  /** Stores an object and returns the one that it replaces. */
  set(object: T, key = keyText(keyOf(object))): T | undefined {
    const before = this.objects.get(key);
    this.objects.set(key, object);
    this.changed(key, before, object);
    return before;
  }

  delete(key: string): T | undefined {
    const before = this.objects.get(key);
    if (before === undefined) return undefined;
    this.objects.delete(key);
    this.changed(key, before, undefined);
    return before;
  }

  private changed(key: string, before: T | undefined, after: T | undefined): void {
    if (this.lists.size > 0) this.lists = new Map();
    for (const index of this.indexes.values()) {
      const [old, now] = [before === undefined ? NONE : index.values(before), after === undefined ? NONE : index.values(after)];
      // Most changes leave an object where it stands in the index: only the object is exchanged there.
      if (old.length !== now.length || old.some((value, i) => value !== now[i])) remove(index, key, old);
      if (after !== undefined) insert(index, key, now, after);
    }
  }
}

function insert<T>(index: Index<T>, key: string, values: readonly string[], object: T): void {
  for (const value of values) {
    let entries = index.entries.get(value);
    if (entries === undefined) index.entries.set(value, (entries = new SortedMap()));
    entries.set(key, object);
  }
}

function remove<T>(index: Index<T>, key: string, values: readonly string[]): void {
  for (const value of values) {
    const entries = index.entries.get(value);
    if (entries === undefined) continue;
    entries.delete(key);
    if (entries.size === 0) index.entries.delete(value);
  }
}
