import { isJsonObject, type JsonObject } from "../../apimachinery/deep.ts";

/**
 * A set of field paths, as a tree. Keys are path elements in the spelling of FieldsV1: `f:replicas`, `k:{"name":"c"}`, `v:"x"`.
 * Source: sigs.k8s.io/structured-merge-diff/v4/fieldpath (set.go, serialize.go).
 */
export interface FieldSet {
  /** Elements that belong to the set themselves. */
  readonly members: ReadonlySet<string>;
  /** What belongs to it below an element. No child is empty. */
  readonly children: ReadonlyMap<string, FieldSet>;
}

export const NO_FIELDS: FieldSet = { members: new Set(), children: new Map() };

export const isEmptySet = (set: FieldSet): boolean => set.members.size === 0 && set.children.size === 0;

/** Builds a set; empty children are left out. */
export function fieldSet(members: Iterable<string>, children: Iterable<readonly [string, FieldSet]>): FieldSet {
  return { members: new Set(members), children: new Map([...children].filter(([, child]) => !isEmptySet(child))) };
}

const childOf = (set: FieldSet, key: string): FieldSet => set.children.get(key) ?? NO_FIELDS;
const allChildren = (a: FieldSet, b: FieldSet): string[] => [...new Set([...a.children.keys(), ...b.children.keys()])];

export const unionOf = (a: FieldSet, b: FieldSet): FieldSet =>
  isEmptySet(a) ? b : isEmptySet(b) ? a : fieldSet([...a.members, ...b.members], allChildren(a, b).map((k) => [k, unionOf(childOf(a, k), childOf(b, k))] as const));

export const differenceOf = (a: FieldSet, b: FieldSet): FieldSet =>
  isEmptySet(b) ? a : fieldSet([...a.members].filter((m) => !b.members.has(m)), [...a.children].map(([k, child]) => [k, differenceOf(child, childOf(b, k))] as const));

export const intersectionOf = (a: FieldSet, b: FieldSet): FieldSet =>
  fieldSet([...a.members].filter((m) => b.members.has(m)), [...a.children].map(([k, child]) => [k, intersectionOf(child, childOf(b, k))] as const));

export const equalSets = (a: FieldSet, b: FieldSet): boolean => isEmptySet(differenceOf(a, b)) && isEmptySet(differenceOf(b, a));

/** `{"f:spec":{"f:replicas":{}}}`. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const out: Record<string, unknown> = {};
  for (const key of [...new Set([...set.members, ...set.children.keys()])].sort()) {
    const child = set.children.get(key);
    out[key] = child === undefined ? {} : { ...(set.members.has(key) ? { ".": {} } : {}), ...toFieldsV1(child) };
  }
  return out;
}

/** Reads FieldsV1; what is no such tree counts as empty. */
export function fromFieldsV1(value: unknown): FieldSet {
  if (!isJsonObject(value)) return NO_FIELDS;
  const members: string[] = [];
  const children: [string, FieldSet][] = [];
  for (const key of Object.keys(value)) {
    if (key === ".") continue;
    const child = value[key];
    const isLeaf = !isJsonObject(child) || Object.keys(child).length === 0;
    if (isLeaf || Object.hasOwn(child, ".")) members.push(key);
    if (!isLeaf) children.push([key, fromFieldsV1(child)]);
  }
  return fieldSet(members, children);
}

/** `.spec.containers[name="c"].image`. Source: fieldpath/element.go, PathElement.String. */
export function elementText(key: string): string {
  const rest = key.slice(2);
  if (key.startsWith("f:")) return `.${rest}`;
  if (key.startsWith("v:")) return `[=${rest}]`;
  if (!key.startsWith("k:")) return `[${rest}]`;
  const keys = JSON.parse(rest) as Readonly<Record<string, unknown>>;
  return `[${Object.keys(keys).sort().map((k) => `${k}=${JSON.stringify(keys[k])}`).join(",")}]`;
}

/** Every path of the set, in order. */
export function pathsOf(set: FieldSet, prefix = ""): string[] {
  return [...new Set([...set.members, ...set.children.keys()])].sort().flatMap((key) => {
    const path = prefix + elementText(key);
    return [...(set.members.has(key) ? [path] : []), ...pathsOf(childOf(set, key), path)];
  });
}
