import { deepEqual, isJsonObject, type JsonObject } from "./deep.ts";
import { plainError, badRequest, unprocessable } from "./status.ts";
import type { Status } from "./api.ts";
import { err, ok, type Result } from "../kernel/result.ts";

/** How one field takes part in a strategic merge. */
export interface PatchField {
  /** "merge", "replace", "retainKeys". */
  readonly strategies: readonly string[];
  readonly mergeKey: string | undefined;
  /** Name of the object type of the field, or of its items or map values; undefined for scalars. */
  readonly schema: string | undefined;
  /** The field is a map with free keys. */
  readonly isMap: boolean;
}

/** Looks a field up in a named type; undefined when the type has no such field. */
export type PatchLookup = (schema: string, field: string) => PatchField | undefined;

const ORDER = "$setElementOrder/";
const DELETE_FROM = "$deleteFromPrimitiveList/";
const RETAIN = "$retainKeys";
const DIRECTIVE = "$patch";
const UNKNOWN_FIELD: PatchField = { strategies: [], mergeKey: undefined, schema: undefined, isMap: true };

/** Ends the merge from deep inside; becomes a Status at the door. */
class MergeFault extends Error {
  constructor(readonly status: Status) {
    super(status.message);
  }
}

const badFormat = (text: string): MergeFault => new MergeFault(badRequest(text));

/**
 * Applies a strategic merge patch: lists with a merge key are merged item by item, directives ($patch, $setElementOrder,
 * $deleteFromPrimitiveList, $retainKeys) are obeyed, all else is an RFC 7396 merge. Nothing given is changed; untouched parts are shared.
 * Source: staging/src/k8s.io/apimachinery/pkg/util/strategicpatch/patch.go, StrategicMergeMapPatch and mergeMap.
 */
export function applyStrategicMerge(original: JsonObject, patch: JsonObject, schema: string, lookup: PatchLookup): Result<JsonObject, Status> {
  try {
    return ok(mergeMap(original, patch, { schema, isMap: false }, lookup));
  } catch (fault) {
    if (fault instanceof MergeFault) return err(fault.status);
    throw fault;
  }
}

/** Where in the types a value stands. */
interface Place { readonly schema: string | undefined; readonly isMap: boolean }

function fieldAt(place: Place, name: string, lookup: PatchLookup): PatchField {
  if (place.schema === undefined) return UNKNOWN_FIELD;
  // The values of a map of objects are of the map's element type.
  if (place.isMap) return { strategies: [], mergeKey: undefined, schema: place.schema, isMap: false };
  return lookup(place.schema, name) ?? UNKNOWN_FIELD;
}

function mergeMap(original: JsonObject, patch: JsonObject, place: Place, lookup: PatchLookup): JsonObject {
  const directive = patch[DIRECTIVE];
  if (directive === "replace") return withoutKey(patch, DIRECTIVE);
  if (directive === "delete") return {};
  if (directive !== undefined && directive !== "merge") throw new MergeFault(plainError(`unknown patch type: ${String(directive)} in map: ${goText(patch)}`));
  const merged: Record<string, unknown> = { ...original };
  const handled = new Set<string>([DIRECTIVE, RETAIN]);
  applyRetainKeys(merged, patch);
  for (const key of Object.keys(patch)) {
    if (key.startsWith(ORDER)) mergeOrderedList(merged, patch, key, place, lookup, handled);
  }
  for (const key of Object.keys(patch)) {
    const value = patch[key];
    if (handled.has(key) || value === undefined) continue;
    const isDeletion = key.startsWith(DELETE_FROM);
    const name = isDeletion ? key.slice(DELETE_FROM.length) : key;
    if (isDeletion) deleteFromList(merged, name, value);
    else if (value === null) delete merged[name];
    else merged[name] = mergeValue(merged[name], value, fieldAt(place, name, lookup), lookup);
  }
  return merged;
}

function mergeValue(original: unknown, value: unknown, field: PatchField, lookup: PatchLookup): unknown {
  if (isJsonObject(value)) {
    if (isJsonObject(original)) return field.strategies.includes("replace") ? cleaned(value) : mergeMap(original, value, { schema: field.schema, isMap: field.isMap }, lookup);
    return cleaned(value);
  }
  if (Array.isArray(value)) {
    if (!field.strategies.includes("merge")) return dropDirectives(value);
    return Array.isArray(original) ? mergeList(original, value, field, lookup, undefined) : dropDirectives(value);
  }
  return value;
}

/** A whole new object: its nulls remove nothing, and its directives have nothing to act on. Source: discardNullValuesFromPatch, removeDirectives. */
function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return dropDirectives(value);
  if (!isJsonObject(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    if (key === DIRECTIVE || key === RETAIN || key.startsWith(ORDER) || key.startsWith(DELETE_FROM) || value[key] === null) continue;
    kept[key] = cleaned(value[key]);
  }
  return kept;
}

const dropDirectives = (list: readonly unknown[]): unknown[] =>
  list.filter((item) => !(isJsonObject(item) && item[DIRECTIVE] !== undefined && Object.hasOwn(item, DIRECTIVE) && item[DIRECTIVE] !== "merge")).map(cleaned);

function withoutKey(object: JsonObject, key: string): JsonObject {
  const copy = { ...object };
  delete (copy as Record<string, unknown>)[key];
  return copy;
}

/** Source: applyRetainKeysDirective. */
function applyRetainKeys(merged: Record<string, unknown>, patch: JsonObject): void {
  const keys = patch[RETAIN];
  if (keys === undefined) return;
  if (!Array.isArray(keys)) throw badFormat("invalid patch format of retainKeys");
  for (const key of Object.keys(patch)) {
    const isDirective = key === RETAIN || key === DIRECTIVE || key.startsWith(ORDER) || key.startsWith(DELETE_FROM);
    if (!isDirective && patch[key] !== null && !keys.includes(key)) throw badFormat("invalid patch format of retainKeys");
  }
  for (const key of Object.keys(merged)) if (!keys.includes(key)) delete merged[key];
}

function deleteFromList(merged: Record<string, unknown>, name: string, value: unknown): void {
  if (!Array.isArray(value)) throw badFormat("invalid patch format of primitive list");
  const list = merged[name];
  if (Array.isArray(list)) merged[name] = list.filter((item) => !value.some((v) => deepEqual(v, item)));
}

/** A list with an order hint beside it. Source: mergePatchIntoOriginal. */
function mergeOrderedList(merged: Record<string, unknown>, patch: JsonObject, orderKey: string, place: Place, lookup: PatchLookup, handled: Set<string>): void {
  const name = orderKey.slice(ORDER.length);
  handled.add(orderKey);
  const order = patch[orderKey];
  if (!Array.isArray(order)) throw badFormat("invalid patch format of setElementOrder list");
  const field = fieldAt(place, name, lookup);
  const patchList = patch[name];
  const originalList = merged[name];
  if (patchList !== undefined && patchList !== null) {
    if (!Array.isArray(patchList)) throw badFormat("invalid patch format of setElementOrder list");
    checkOrder(patchList, order, field.mergeKey);
    handled.add(name);
  } else if (patchList === null) return;
  if (patchList === undefined && !Array.isArray(originalList)) return;
  merged[name] = Array.isArray(originalList)
    ? mergeList(originalList, (patchList as unknown[] | undefined) ?? [], field, lookup, order)
    : arrange(dropDirectives(patchList as unknown[]), order, [], field.mergeKey);
}

/** Every item of the patch has its place in the order list. Source: validatePatchWithSetOrderList. */
function checkOrder(patchList: readonly unknown[], order: readonly unknown[], mergeKey: string | undefined): void {
  let at = 0;
  for (const item of patchList) {
    if (isJsonObject(item) && item[DIRECTIVE] === "delete") continue;
    while (at < order.length && !sameItem(item, order[at], mergeKey)) at += 1;
    if (at >= order.length) {
      throw badFormat(`The order in patch list:\n${goText(patchList)}\n doesn't match $setElementOrder list:\n${goText(order)}\n`);
    }
    at += 1;
  }
}

/** Source: mergeSlice. With `order` the result follows it, otherwise the patch's own order; items only the server has keep their places. */
function mergeList(original: readonly unknown[], patch: readonly unknown[], field: PatchField, lookup: PatchLookup, order: readonly unknown[] | undefined): unknown[] {
  const isPrimitive = ![...original, ...patch].some((item) => item !== null && typeof item === "object");
  if (isPrimitive) {
    const all = [...original];
    for (const item of patch) if (!all.includes(item)) all.push(item);
    return arrange(all, order ?? patch, original, undefined);
  }
  const { mergeKey } = field;
  if (mergeKey === undefined) throw new MergeFault(plainError(`cannot merge lists without merge key for ${field.schema ?? "unknown"}`));
  let items = [...original];
  const additions: JsonObject[] = [];
  let replaces = false;
  for (const entry of patch) {
    if (!isJsonObject(entry)) throw new MergeFault(unprocessable());
    const directive = entry[DIRECTIVE];
    if (directive === undefined || directive === "merge") additions.push(directive === undefined ? entry : withoutKey(entry, DIRECTIVE));
    else if (directive === "replace") replaces = true;
    else if (directive === "delete") {
      requireMergeKey(entry, mergeKey);
      items = items.filter((item) => !sameItem(item, entry, mergeKey));
    } else throw new MergeFault(plainError(`unknown patch type: ${String(directive)} in list: ${goText(patch)}`));
  }
  if (replaces) return additions.map(cleaned);
  for (const entry of additions) {
    requireMergeKey(entry, mergeKey);
    const index = items.findIndex((item) => sameItem(item, entry, mergeKey));
    if (index < 0) items.push(cleaned(entry));
    else items[index] = mergeMap(items[index] as JsonObject, entry, { schema: field.schema, isMap: false }, lookup);
  }
  return arrange(items, order ?? additions, original, mergeKey);
}

function requireMergeKey(entry: JsonObject, mergeKey: string): void {
  if (entry[mergeKey] === undefined) throw new MergeFault(plainError(`map: ${goText(entry)} does not contain declared merge key: ${mergeKey}`));
}

const sameItem = (a: unknown, b: unknown, mergeKey: string | undefined): boolean =>
  mergeKey === undefined ? deepEqual(a, b) : isJsonObject(a) && isJsonObject(b) && a[mergeKey] !== undefined && deepEqual(a[mergeKey], b[mergeKey]);

/**
 * Items named in `order` in that order, the others in the server's order; where both lists know two items, the server's order decides.
 * Source: normalizeElementOrder, mergeSortedSlice.
 */
function arrange(items: readonly unknown[], order: readonly unknown[], serverOrder: readonly unknown[], mergeKey: string | undefined): unknown[] {
  const placeIn = (list: readonly unknown[], item: unknown): number => list.findIndex((other) => sameItem(other, item, mergeKey));
  const ranked = items.map((item) => ({ item, rank: placeIn(order, item), server: placeIn(serverOrder, item) }));
  const named = ranked.filter((r) => r.rank >= 0).sort((a, b) => a.rank - b.rank);
  const others = ranked.filter((r) => r.rank < 0).sort((a, b) => a.server - b.server);
  const result: unknown[] = [];
  let i = 0;
  let j = 0;
  while (i < others.length || j < named.length) {
    const other = others[i];
    const name = named[j];
    const takeOther = other !== undefined && (name === undefined || (other.server >= 0 && name.server >= 0 && other.server < name.server));
    result.push(takeOther ? other.item : name?.item);
    if (takeOther) i += 1;
    else j += 1;
  }
  return result;
}

/** Go's %v of JSON data: map[image:x name:y], [a b]. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (!isJsonObject(value)) return String(value);
  return `map[${Object.keys(value).sort().map((k) => `${k}:${goText(value[k])}`).join(" ")}]`;
}
