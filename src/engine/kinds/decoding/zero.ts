import type { FieldSchema, FieldType } from "../field-schema.ts";
import { schemaOf } from "../schema.ts";

const zeroObjects = new Map<string, Readonly<Record<string, unknown>>>();
const NO_ITEMS: readonly never[] = Object.freeze([]);
const NO_ENTRIES = Object.freeze({});

/** What Go prints for a field that was not given; undefined when it prints nothing. */
export function zeroOfField(field: FieldSchema): unknown {
  if (field.pointer) return undefined;
  const { type } = field;
  if (type.kind === "object") return zeroObject(type.schema);
  if (type.kind === "scalar") {
    // Structs that omitempty never leaves out.
    if (type.scalar === "Time" || type.scalar === "MicroTime") return null;
    if (type.scalar === "IntOrString") return 0;
    if (type.scalar === "Quantity") return "0";
    if (type.scalar === "RawExtension" || type.scalar === "FieldsV1") return undefined;
  }
  if (field.omitEmpty) return undefined;
  if (type.kind === "list") return NO_ITEMS;
  if (type.kind === "map") return NO_ENTRIES;
  return type.scalar === "bool" ? false : isNumber(type.scalar) ? 0 : "";
}

const isNumber = (scalar: string): boolean => scalar === "int32" || scalar === "int64" || scalar === "float";

/** One frozen object per type serves all documents. */
function zeroObject(schemaName: string): Readonly<Record<string, unknown>> {
  const known = zeroObjects.get(schemaName);
  if (known !== undefined) return known;
  const out: Record<string, unknown> = {};
  for (const field of schemaOf(schemaName)?.fields ?? []) {
    const zero = zeroOfField(field);
    if (zero !== undefined) out[field.name] = zero;
  }
  zeroObjects.set(schemaName, Object.freeze(out));
  return out;
}

/** Go's idea of empty, for omitempty: false, 0, "", nothing in a list or map; structs never are. */
export function isEmptyInGo(type: FieldType, value: unknown): boolean {
  if (type.kind === "list") return (value as readonly unknown[]).length === 0;
  if (type.kind === "map") return Object.keys(value as object).length === 0;
  if (type.kind === "object") return false;
  if (type.scalar === "IntOrString" || type.scalar === "Quantity" || type.scalar === "Time" || type.scalar === "MicroTime") return false;
  return value === "" || value === 0 || value === false;
}
