import type { FieldType, ScalarType } from "../field-schema.ts";
import { goTypeOf, schemaOf } from "../schema.ts";

const KIND_OF_SCALAR: Partial<Record<ScalarType, string>> = { string: "string", bool: "bool", int32: "int32", int64: "int64", float: "float64" };

/** Go's reflect.Kind of a JSON value that was read into `interface{}` with whole numbers kept whole. */
function goKind(value: unknown): string {
  if (Array.isArray(value)) return "slice";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value === "object" ? "map" : typeof value;
}

/**
 * Why a map does not convert into a type: what a strategic merge patch of a wrong type meets, where a whole object that is read from JSON meets Go's decoder.
 * undefined: the converter has no objection (types that read themselves, like quantities, object on their own).
 * Source: staging/src/k8s.io/apimachinery/pkg/runtime/converter.go, fromUnstructured and its helpers.
 * Differs: of several wrong values in one map the first by key is named, where Go picks one at random.
 */
export function converterError(schemaName: string, value: unknown): string | undefined {
  const kind = goKind(value);
  if (kind !== "map") return `cannot restore struct from: ${kind}`;
  const object = value as Readonly<Record<string, unknown>>;
  for (const field of schemaOf(schemaName)?.fields ?? []) {
    const error = Object.hasOwn(object, field.name) ? valueError(field.type, field.goType, object[field.name]) : undefined;
    if (error !== undefined) return error;
  }
  return undefined;
}

function valueError(type: FieldType, goType: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  const kind = goKind(value);
  switch (type.kind) {
    case "scalar": return scalarError(type.scalar, goType.replace(/^\*/, ""), kind);
    case "object": return converterError(type.schema, value);
    case "list": return kind === "slice" ? firstError(type.of, value as readonly unknown[]) : `cannot restore slice from ${kind}`;
    case "map": {
      if (kind !== "map") return `cannot restore map from ${kind}`;
      const map = value as Readonly<Record<string, unknown>>;
      return firstError(type.of, Object.keys(map).sort().map((key) => map[key]));
    }
  }
}

function firstError(of: FieldType, values: readonly unknown[]): string | undefined {
  const goType = goTypeOf(of);
  for (const value of values) {
    const error = valueError(of, goType, value);
    if (error !== undefined) return error;
  }
  return undefined;
}

/** Go converts any whole number to a string (as a rune), so the converter finds a number convertible and then has no case for it. */
function scalarError(scalar: ScalarType, goType: string, kind: string): string | undefined {
  if (scalar === "bytes") return kind === "string" || kind === "slice" ? undefined : `cannot restore slice from ${kind}`;
  const wanted = KIND_OF_SCALAR[scalar];
  if (wanted === undefined || wanted === kind) return undefined;
  if (kind === "int64") return wanted === "string" ? `cannot convert int64 to ${goType}` : wanted === "bool" ? "unrecognized type: bool" : undefined;
  if (kind === "float64" && wanted.startsWith("int")) return `cannot convert float64 to ${goType}`;
  return `unrecognized type: ${wanted}`;
}
