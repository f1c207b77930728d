/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

export const isJsonObject = (value: unknown): value is JsonObject => value !== null && typeof value === "object" && !Array.isArray(value);

/** Equality of JSON values. A member that is undefined is the same as one that is absent; key order does not matter. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object") return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!deepEqual(a[i], b[i])) return false;
    return true;
  }
  const left = a as JsonObject;
  const right = b as JsonObject;
  let count = 0;
  for (const key in left) {
    if (left[key] === undefined) continue;
    count += 1;
    if (right[key] === undefined || !deepEqual(left[key], right[key])) return false;
  }
  for (const key in right) if (right[key] !== undefined) count -= 1;
  return count === 0;
}

/** Freezes a tree of plain data. What is frozen already is taken to be frozen all the way down. */
export function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== "object" || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) for (const element of value) deepFreeze(element);
  else for (const key in value) deepFreeze(value[key]);
  return Object.freeze(value);
}

/**
 * `next` with every subtree that equals its counterpart in `before` replaced by that counterpart, so that versions of an object
 * share memory and comparisons end early. Returns `before` itself when all is equal.
 */
export function shareStructure<T>(next: T, before: T): T {
  return share(next, before) as T;
}

function share(next: unknown, before: unknown): unknown {
  if (next === before) return before;
  if (next === null || before === null || typeof next !== "object" || typeof before !== "object") return next;
  if (Array.isArray(next)) return Array.isArray(before) ? shareArray(next, before) : next;
  return Array.isArray(before) ? next : shareObject(next as JsonObject, before as JsonObject);
}

function shareArray(next: readonly unknown[], before: readonly unknown[]): readonly unknown[] {
  let same = next.length === before.length;
  let copy: unknown[] | undefined;
  for (let i = 0; i < next.length; i++) {
    const shared = i < before.length ? share(next[i], before[i]) : next[i];
    if (shared !== before[i] || i >= before.length) same = false;
    if (shared !== next[i]) (copy ??= [...next])[i] = shared;
  }
  return same ? before : (copy ?? next);
}

function shareObject(next: JsonObject, before: JsonObject): JsonObject {
  let same = true;
  let count = 0;
  let copy: Record<string, unknown> | undefined;
  for (const key in next) {
    const value = next[key];
    if (value === undefined) continue;
    count += 1;
    const old = before[key];
    const shared = old === undefined ? value : share(value, old);
    if (shared !== old) same = false;
    if (shared !== value) (copy ??= { ...next })[key] = shared;
  }
  if (same) {
    for (const key in before) if (before[key] !== undefined) count -= 1;
    if (count === 0) return before;
  }
  return copy ?? next;
}
