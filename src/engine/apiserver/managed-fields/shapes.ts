import { isJsonObject, type JsonObject } from "../../apimachinery/deep.ts";
import { canonicalJson } from "../../kernel/hash.ts";
import type { FieldSchema, FieldType } from "../../kinds/field-schema.ts";
import { schemaOf } from "../../kinds/schema.ts";

/** How a value is merged and owned: as one thing, by its fields, by free keys, or by its items. */
export type Shape =
  | { readonly kind: "leaf" }
  | { readonly kind: "struct"; readonly schema: string }
  | { readonly kind: "map"; readonly of: Shape }
  | { readonly kind: "set" }
  | { readonly kind: "keyed"; readonly keys: readonly string[]; readonly of: Shape };

const LEAF: Shape = { kind: "leaf" };

/** Values that keys of list items have when they are left out. Source: `default` markers of the API types. */
const KEY_DEFAULTS: Readonly<Record<string, unknown>> = { protocol: "TCP" };

function shapeOfType(type: FieldType): Shape {
  switch (type.kind) {
    case "scalar": return LEAF;
    case "object": return schemaOf(type.schema)?.atomic === true ? LEAF : { kind: "struct", schema: type.schema };
    case "map": return { kind: "map", of: shapeOfType(type.of) };
    case "list": return LEAF; // lists are atomic unless their field says otherwise
  }
}

/** Source: the x-kubernetes-list-type, -list-map-keys and -map-type markers. */
export function shapeOfField(field: FieldSchema): Shape {
  if (field.type.kind === "list") {
    if (field.listType === "set") return { kind: "set" };
    return field.listType === "map" ? { kind: "keyed", keys: field.listMapKeys ?? [], of: shapeOfType(field.type.of) } : LEAF;
  }
  return field.mapType === "atomic" ? LEAF : shapeOfType(field.type);
}

/** The shape of a member; undefined when a struct has no such field. */
export function memberShape(shape: Shape, name: string): Shape | undefined {
  if (shape.kind === "map") return shape.of;
  if (shape.kind !== "struct") return undefined;
  const field = schemaOf(shape.schema)?.byName.get(name);
  return field === undefined ? undefined : shapeOfField(field);
}

/** A list item's path element: `v:"x"` or `k:{"name":"c"}`; undefined when a key is missing. */
export function itemKey(shape: Shape, item: unknown): string | undefined {
  if (shape.kind === "set") return `v:${JSON.stringify(item)}`;
  if (shape.kind !== "keyed" || !isJsonObject(item)) return undefined;
  const keys: Record<string, unknown> = {};
  for (const key of shape.keys) {
    const value = item[key] ?? KEY_DEFAULTS[key];
    if (value === undefined) return undefined;
    keys[key] = value;
  }
  return `k:${canonicalJson(keys)}`;
}

/** The key that an item lacks. */
export const missingKey = (shape: Shape, item: unknown): string | undefined =>
  shape.kind === "keyed" && isJsonObject(item) ? shape.keys.find((key) => item[key] === undefined && KEY_DEFAULTS[key] === undefined) : undefined;

export const isStructured = (shape: Shape): shape is Extract<Shape, { kind: "struct" | "map" }> => shape.kind === "struct" || shape.kind === "map";
export const isItemized = (shape: Shape): shape is Extract<Shape, { kind: "set" | "keyed" }> => shape.kind === "set" || shape.kind === "keyed";
export const itemShape = (shape: Shape): Shape => (shape.kind === "keyed" ? shape.of : LEAF);

/** Members that carry something. */
export const presentKeys = (object: JsonObject): string[] => Object.keys(object).filter((k) => object[k] !== undefined);
