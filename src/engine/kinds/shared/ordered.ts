import { schemaOf } from "../schema.ts";

/** `base` with the given members, in Go's field order and without what is undefined; `base` itself when nothing differs. */
export function withFields<T extends object>(schemaName: string, base: T, changes: Partial<T>): T {
  let differs = false;
  for (const key in changes) if (changes[key] !== base[key]) differs = true;
  if (!differs) return base;
  const merged: Record<string, unknown> = { ...base, ...changes };
  const out: Record<string, unknown> = {};
  for (const field of schemaOf(schemaName)?.fields ?? []) if (merged[field.name] !== undefined) out[field.name] = merged[field.name];
  return out as T;
}

/** Array.map that returns the list itself when no element changes; an absent list stays absent. */
export function mapChanged<T>(list: readonly T[], change: (element: T) => T): readonly T[];
export function mapChanged<T>(list: readonly T[] | undefined, change: (element: T) => T): readonly T[] | undefined;
export function mapChanged<T>(list: readonly T[] | undefined, change: (element: T) => T): readonly T[] | undefined {
  if (list === undefined) return undefined;
  let copy: T[] | undefined;
  list.forEach((element, index) => {
    const changed = change(element);
    if (changed !== element) (copy ??= [...list])[index] = changed;
  });
  return copy ?? list;
}
