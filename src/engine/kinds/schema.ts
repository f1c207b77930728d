import type { FieldSchema, FieldType, PatchStrategy, RawFieldSchema, ScalarType, TypeSchema } from "./field-schema.ts";
import { ATOMIC_TYPES, ENUMS, MESSAGES } from "./generated/schema.ts";

const parsed = new Map<string, TypeSchema>();
const atomicTypes = new Set(ATOMIC_TYPES);

/** The schema of a type such as "core/v1.PodSpec"; undefined when there is none. Parsed on first use. */
export function schemaOf(name: string): TypeSchema | undefined {
  const known = parsed.get(name);
  if (known !== undefined) return known;
  const rows = Object.hasOwn(MESSAGES, name) ? MESSAGES[name] : undefined;
  if (rows === undefined) return undefined;
  const fields = rows.map(parseField);
  const schema: TypeSchema = {
    name, fields, goStruct: name.slice(name.lastIndexOf(".") + 1), goType: goMessage(name),
    byName: new Map(fields.map((field) => [field.name, field])), atomic: atomicTypes.has(name),
  };
  parsed.set(name, schema);
  return schema;
}

/** Names of all types, in the table's order. */
export const schemaNames = (): readonly string[] => Object.keys(MESSAGES);

export const fieldOf = (schemaName: string, field: string): FieldSchema | undefined => schemaOf(schemaName)?.byName.get(field);

/**
 * The field that a path of names leads to: fieldAt("apps/v1.Deployment", ["spec", "template", "spec", "containers"]).
 * Lists are entered without an index; a map takes one element of the path for its key and, as a path's end, has no field.
 */
export function fieldAt(schemaName: string, path: readonly string[]): FieldSchema | undefined {
  let type: FieldType = { kind: "object", schema: schemaName };
  let field: FieldSchema | undefined;
  for (const step of path) {
    while (type.kind === "list") type = type.of;
    if (type.kind === "map") {
      type = type.of;
      field = undefined;
      continue;
    }
    field = type.kind === "object" ? fieldOf(type.schema, step) : undefined;
    if (field === undefined) return undefined;
    type = field.type;
  }
  return field;
}

/** The key by which strategic merge matches the items of the list at `path`; undefined for lists that are replaced. */
export const mergeKeyOf = (schemaName: string, path: readonly string[]): string | undefined => fieldAt(schemaName, path)?.patchMergeKey;

export const patchStrategiesOf = (schemaName: string, path: readonly string[]): readonly PatchStrategy[] => fieldAt(schemaName, path)?.patchStrategies ?? [];

/** The object type of a field, or of the items of a list or map field; undefined for scalars. */
export function elementSchemaOf(type: FieldType): string | undefined {
  if (type.kind === "object") return type.schema;
  return type.kind === "scalar" ? undefined : elementSchemaOf(type.of);
}

function parseField([name, rawType, flags, markers]: RawFieldSchema): FieldSchema {
  const type = parseType(rawType);
  const goType = markers?.go ?? goTypeOf(type);
  const enumValues = Object.hasOwn(ENUMS, goType.replace(/^\[\]/, "")) ? ENUMS[goType.replace(/^\[\]/, "")] : undefined;
  return {
    name, type, goType,
    pointer: flags.includes("p"), omitEmpty: flags.includes("o"), required: flags.includes("r"),
    ...(enumValues === undefined ? {} : { enumValues }),
    ...(markers?.list === undefined ? {} : { listType: markers.list as "atomic" | "set" | "map" }),
    ...(markers?.keys === undefined ? {} : { listMapKeys: markers.keys }),
    ...(markers?.map === undefined ? {} : { mapType: markers.map as "atomic" | "granular" }),
    patchStrategies: (markers?.patch ?? []) as readonly PatchStrategy[],
    ...(markers?.patchKey === undefined ? {} : { patchMergeKey: markers.patchKey }),
  };
}

function parseType(text: string): FieldType {
  if (text.startsWith("[]")) return { kind: "list", of: parseType(text.slice(2)) };
  if (text.startsWith("{}")) return { kind: "map", of: parseType(text.slice(2)) };
  return text.includes("/") ? { kind: "object", schema: text } : { kind: "scalar", scalar: text as ScalarType };
}

const GO_SCALARS: Readonly<Record<ScalarType, string>> = {
  string: "string", int32: "int32", int64: "int64", float: "float64", bool: "bool", bytes: "[]uint8",
  Time: "v1.Time", MicroTime: "v1.MicroTime", Duration: "v1.Duration", Quantity: "resource.Quantity",
  IntOrString: "intstr.IntOrString", RawExtension: "runtime.RawExtension", FieldsV1: "v1.FieldsV1",
};

/** Go's name of a type as reflection prints it. */
export function goTypeOf(type: FieldType): string {
  if (type.kind === "scalar") return GO_SCALARS[type.scalar];
  if (type.kind === "object") return goMessage(type.schema);
  return type.kind === "list" ? `[]${goTypeOf(type.of)}` : `map[string]${goTypeOf(type.of)}`;
}

/** "core/v1.PodSpec" is v1.PodSpec in Go: the package is named after the version. */
const goMessage = (name: string): string => name.slice(name.indexOf("/") + 1);
