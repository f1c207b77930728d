/** A binary heap whose items can be found and taken out by key. Source: pkg/scheduler/backend/heap/heap.go. */
export class KeyedHeap<T> {
  private readonly items: T[] = [];
  private readonly positions = new Map<string, number>();
  private readonly keyOf: (item: T) => string;
  private readonly before: (a: T, b: T) => boolean;

  constructor(keyOf: (item: T) => string, before: (a: T, b: T) => boolean) {
    this.keyOf = keyOf;
    this.before = before;
  }

  get size(): number {
    return this.items.length;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  get(key: string): T | undefined {
    const at = this.positions.get(key);
    return at === undefined ? undefined : this.items[at];
  }

  /** Adds an item, or puts it in the place of the one with its key. */
  set(item: T): void {
    const key = this.keyOf(item);
    const at = this.positions.get(key) ?? this.items.length;
    this.place(item, at);
    this.up(at);
    this.down(this.positions.get(key) ?? at);
  }

  delete(key: string): T | undefined {
    const at = this.positions.get(key);
    if (at === undefined) return undefined;
    const removed = this.items[at];
    this.positions.delete(key);
    const last = this.items.pop();
    if (last !== undefined && at < this.items.length) {
      this.place(last, at);
      this.up(at);
      this.down(this.positions.get(this.keyOf(last)) ?? at);
    }
    return removed;
  }

  pop(): T | undefined {
    const first = this.items[0];
    return first === undefined ? undefined : this.delete(this.keyOf(first));
  }

  values(): readonly T[] {
    return this.items;
  }

  private place(item: T, at: number): void {
    this.items[at] = item;
    this.positions.set(this.keyOf(item), at);
  }

  private up(from: number): void {
    let at = from;
    const item = this.items[at] as T;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.items[parent] as T;
      if (!this.before(item, above)) break;
      this.place(above, at);
      at = parent;
    }
    this.place(item, at);
  }

  private down(from: number): void {
    let at = from;
    const item = this.items[at] as T;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= this.items.length) break;
      if (child + 1 < this.items.length && this.before(this.items[child + 1] as T, this.items[child] as T)) child += 1;
      const below = this.items[child] as T;
      if (!this.before(below, item)) break;
      this.place(below, at);
      at = child;
    }
    this.place(item, at);
  }
}
