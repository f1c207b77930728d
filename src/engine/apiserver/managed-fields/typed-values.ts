import { deepEqual, isJsonObject, type JsonObject } from "../../apimachinery/deep.ts";
import { elementText, type FieldSet, fieldSet, isEmptySet, NO_FIELDS, unionOf } from "./field-set.ts";
import { isItemized, isStructured, itemKey, itemShape, memberShape, missingKey, presentKeys, type Shape } from "./shapes.ts";

const LEAF: Shape = { kind: "leaf" };

/** The fields that a value sets. Source: structured-merge-diff/v4/typed/tofieldset.go. */
export function fieldsOf(shape: Shape, value: unknown): FieldSet {
  if (isStructured(shape) && isJsonObject(value)) {
    const members: string[] = [];
    const children: [string, FieldSet][] = [];
    for (const name of presentKeys(value)) {
      const child = memberShape(shape, name) ?? LEAF;
      const below = fieldsOf(child, value[name]);
      if (isEmptySet(below) || shape.kind === "map") members.push(`f:${name}`);
      children.push([`f:${name}`, below]);
    }
    return fieldSet(members, children);
  }
  if (!isItemized(shape) || !Array.isArray(value)) return NO_FIELDS;
  const keyed = value.map((item) => [itemKey(shape, item) ?? "", item] as const).filter(([key]) => key !== "");
  return fieldSet(keyed.map(([key]) => key), keyed.map(([key, item]) => [key, fieldsOf(itemShape(shape), item)] as const));
}

/** What an applied configuration may not be. Source: typed/validate.go; typed/helpers.go. */
export function faultsOf(shape: Shape, value: unknown, path = ""): string[] {
  if (isStructured(shape)) {
    if (value === null || value === undefined) return [];
    if (!isJsonObject(value)) return [`${path}: expected map, got ${describe(value)}`];
    return presentKeys(value).flatMap((name) => {
      const child = memberShape(shape, name);
      return child === undefined ? [`${path}.${name}: field not declared in schema`] : faultsOf(child, value[name], `${path}.${name}`);
    });
  }
  if (!isItemized(shape) || value === null || value === undefined) return [];
  if (!Array.isArray(value)) return [`${path}: expected list, got ${describe(value)}`];
  const seen = new Set<string>();
  return value.flatMap((item: unknown, i): string[] => {
    const key = itemKey(shape, item);
    if (key === undefined) {
      const lacking = missingKey(shape, item);
      return [`${path}: element ${i}: associative list with keys ${lacking === undefined ? "may not have non-map elements" : `has an element that omits key field ${JSON.stringify(lacking)} (and doesn't have default value)`}`];
    }
    const faults = faultsOf(itemShape(shape), item, path + elementText(key));
    if (!seen.has(key)) { seen.add(key); return faults; }
    return [`${path}: duplicate entries for key ${elementText(key)}`, ...faults];
  });
}

const describe = (value: unknown): string => (Array.isArray(value) ? "list" : isJsonObject(value) ? "map" : `&{${String(value)}}`);

/** How two versions differ, field by field. Source: typed/compare.go. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const SAME: Comparison = { added: NO_FIELDS, modified: NO_FIELDS, removed: NO_FIELDS };
export const isSame = (c: Comparison): boolean => isEmptySet(c.added) && isEmptySet(c.modified) && isEmptySet(c.removed);

export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  if (before === after) return SAME;
  if (isStructured(shape) && isJsonObject(before) && isJsonObject(after)) {
    const names = [...new Set([...presentKeys(before), ...presentKeys(after)])];
    return joined(names.map((name) => [`f:${name}`, memberShape(shape, name) ?? LEAF, before[name], after[name]] as const));
  }
  if (isItemized(shape) && Array.isArray(before) && Array.isArray(after)) {
    const [old, next] = [before, after].map((list) => new Map((list as unknown[]).map((item) => [itemKey(shape, item) ?? "", item]))) as [Map<string, unknown>, Map<string, unknown>];
    return joined([...new Set([...old.keys(), ...next.keys()])].map((key) => [key, itemShape(shape), old.get(key), next.get(key)] as const));
  }
  return SAME; // leaves are told apart by what holds them
}

/** Every element of a value that came or went as a whole, the ones that only hold others included. */
function allOf(shape: Shape, value: unknown): FieldSet {
  const entries: (readonly [string, Shape, unknown])[] = isStructured(shape) && isJsonObject(value)
    ? presentKeys(value).map((name) => [`f:${name}`, memberShape(shape, name) ?? LEAF, value[name]] as const)
    : isItemized(shape) && Array.isArray(value) ? value.map((item: unknown) => [itemKey(shape, item) ?? "", itemShape(shape), item] as const) : [];
  return fieldSet(entries.map(([key]) => key), entries.map(([key, below, child]) => [key, allOf(below, child)] as const));
}

type Pair = readonly [key: string, shape: Shape, before: unknown, after: unknown];

function joined(pairs: readonly Pair[]): Comparison {
  const sets = { added: [[], []], modified: [[], []], removed: [[], []] } as unknown as Record<keyof Comparison, [string[], [string, FieldSet][]]>;
  for (const [key, shape, before, after] of pairs) {
    if (before === undefined || after === undefined) {
      const side = sets[before === undefined ? "added" : "removed"];
      side[0].push(key);
      side[1].push([key, allOf(shape, before ?? after)]);
      continue;
    }
    const below = compare(shape, before, after);
    if (isSame(below) && !deepEqual(before, after) && (shape.kind === "leaf" || !sameForm(before, after))) sets.modified[0].push(key);
    for (const part of ["added", "modified", "removed"] as const) sets[part][1].push([key, below[part]]);
  }
  return { added: fieldSet(...sets.added), modified: fieldSet(...sets.modified), removed: fieldSet(...sets.removed) };
}

const sameForm = (a: unknown, b: unknown): boolean => Array.isArray(a) === Array.isArray(b) && isJsonObject(a) === isJsonObject(b);

/** The live value with the applied one laid over it. Source: typed/merge.go. */
export function mergeTyped(shape: Shape, live: unknown, applied: unknown): unknown {
  if (live === undefined || live === null) return applied;
  if (isStructured(shape) && isJsonObject(live) && isJsonObject(applied)) {
    const merged: Record<string, unknown> = { ...live };
    for (const name of presentKeys(applied)) merged[name] = mergeTyped(memberShape(shape, name) ?? LEAF, live[name], applied[name]);
    return merged;
  }
  if (isItemized(shape) && Array.isArray(live) && Array.isArray(applied)) return mergeItems(shape, live, applied);
  return applied;
}

/** Applied items keep their order; items that only the live list has keep their places before what follows them. */
function mergeItems(shape: Shape, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const liveKeys = live.map((item) => itemKey(shape, item) ?? "");
  const appliedKeys = applied.map((item) => itemKey(shape, item) ?? "");
  const wanted = new Set(appliedKeys);
  const known = new Map(liveKeys.map((key, i) => [key, live[i]]));
  const shared = appliedKeys.filter((key) => known.has(key));
  const done = new Set<string>();
  const out: unknown[] = [];
  let l = 0;
  let r = 0;
  let nextShared = 0;
  while (l < live.length || r < applied.length) {
    const liveKey = liveKeys[l];
    if (liveKey !== undefined && !wanted.has(liveKey)) out.push(live[l++]);
    else if (liveKey !== undefined && (done.has(liveKey) || (r < applied.length && liveKey !== appliedKeys[r] && shared[nextShared] !== liveKey))) l += 1;
    else if (r < applied.length) {
      const key = appliedKeys[r] as string;
      out.push(mergeTyped(itemShape(shape), known.get(key), applied[r]));
      done.add(key);
      if (shared[nextShared] === key) nextShared += 1;
      if (liveKey === key) l += 1;
      r += 1;
    } else l += 1;
  }
  return out;
}

/**
 * A value without some of its fields. An item goes only when nothing in it is kept by `keep`.
 * Source: typed/remove.go; merge/update.go, prune and addBackOwnedItems.
 */
export function removeFields(shape: Shape, value: unknown, remove: FieldSet, keep: FieldSet): unknown {
  if (isEmptySet(remove)) return value;
  const below = (key: string): FieldSet => keep.children.get(key) ?? NO_FIELDS;
  const goes = (key: string): boolean => remove.members.has(key) && !keep.members.has(key) && isEmptySet(below(key));
  if (isStructured(shape) && isJsonObject(value)) return removeMembers(shape, value, remove, goes, below);
  if (!isItemized(shape) || !Array.isArray(value)) return value;
  return value.flatMap((item: unknown): unknown[] => {
    const key = itemKey(shape, item) ?? "";
    if (goes(key)) return [];
    const part = remove.children.get(key);
    return [part === undefined ? item : removeFields(itemShape(shape), item, part, below(key))];
  });
}

function removeMembers(shape: Shape, value: JsonObject, remove: FieldSet, goes: (key: string) => boolean, below: (key: string) => FieldSet): JsonObject {
  const out: Record<string, unknown> = {};
  for (const name of presentKeys(value)) {
    const key = `f:${name}`;
    if (goes(key)) continue;
    const part = remove.children.get(key);
    const left = part === undefined ? value[name] : removeFields(memberShape(shape, name) ?? LEAF, value[name], part, below(key));
    // What has been emptied by the removal goes, too.
    const emptied = part !== undefined && left !== value[name] && ((Array.isArray(left) && left.length === 0) || (isJsonObject(left) && presentKeys(left).length === 0));
    if (!emptied) out[name] = left;
  }
  return out;
}

export const setOfBoth = (c: Comparison): FieldSet => unionOf(c.modified, c.added);
