const CHUNK_SIZE = 256; // entries; a chunk is split when it doubles

interface Chunk<V> {
  readonly keys: string[];
  readonly values: V[];
}

/**
 * A map whose keys are kept in order (plain `<`). Chunked arrays: insertion and removal cost a binary search and a short move,
 * also among hundreds of thousands of keys.
 */
export class SortedMap<V> {
  private readonly byKey = new Map<string, V>();
  private readonly chunks: Chunk<V>[] = [];

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): V | undefined {
    return this.byKey.get(key);
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  set(key: string, value: V): void {
    const known = this.byKey.has(key);
    this.byKey.set(key, value);
    if (this.chunks.length === 0) this.chunks.push({ keys: [], values: [] });
    const index = this.chunkOf(key);
    const chunk = this.chunks[index] as Chunk<V>;
    const at = lowerBound(chunk.keys, key);
    if (known) {
      chunk.values[at] = value;
      return;
    }
    chunk.keys.splice(at, 0, key);
    chunk.values.splice(at, 0, value);
    if (chunk.keys.length >= 2 * CHUNK_SIZE) {
      this.chunks.splice(index + 1, 0, { keys: chunk.keys.splice(CHUNK_SIZE), values: chunk.values.splice(CHUNK_SIZE) });
    }
  }

  delete(key: string): boolean {
    if (!this.byKey.delete(key)) return false;
    const index = this.chunkOf(key);
    const chunk = this.chunks[index] as Chunk<V>;
    const at = lowerBound(chunk.keys, key);
    chunk.keys.splice(at, 1);
    chunk.values.splice(at, 1);
    if (chunk.keys.length === 0) this.chunks.splice(index, 1);
    return true;
  }

  clear(): void {
    this.byKey.clear();
    this.chunks.length = 0;
  }

  /** Visits entries with `from` <= key, in order, while `visit` returns true. */
  scan(from: string, visit: (key: string, value: V) => boolean): void {
    if (this.chunks.length === 0) return;
    let index = this.chunkOf(from);
    let at = lowerBound((this.chunks[index] as Chunk<V>).keys, from);
    for (; index < this.chunks.length; index++) {
      const { keys, values } = this.chunks[index] as Chunk<V>;
      for (; at < keys.length; at++) if (!visit(keys[at] as string, values[at] as V)) return;
      at = 0;
    }
  }

  /** Values in key order; with a prefix, those whose key begins with it. */
  values(prefix = ""): V[] {
    const found: V[] = [];
    if (prefix === "") {
      for (const { values } of this.chunks) for (const value of values) found.push(value);
      return found;
    }
    this.scan(prefix, (key, value) => {
      if (!key.startsWith(prefix)) return false;
      found.push(value);
      return true;
    });
    return found;
  }

  /** The last chunk whose first key is not above `key`. */
  private chunkOf(key: string): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (((this.chunks[middle] as Chunk<V>).keys[0] as string) <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
