import type { FieldSchema, FieldType } from "./field-schema.ts";
import { groupVersion, type KindDefinition } from "./kind-definition.ts";
import type { Descriptions, JsonSchema } from "./openapi.ts";
import { schemaOf } from "./schema.ts";

/* oxlint-disable unicorn/no-thenable -- "then" is JSON Schema's word */
// Source: JSON Schema draft-07; the types are those of generated/schema.ts.

/** Types whose value is whatever the user writes. */
const ANY: JsonSchema = {};
const SCALARS: Readonly<Record<string, JsonSchema>> = {
  string: { type: "string" }, bytes: { type: "string" }, Duration: { type: "string" }, bool: { type: "boolean" }, float: { type: "number" },
  int32: { type: "integer", minimum: -2_147_483_648, maximum: 2_147_483_647 }, int64: { type: "integer" },
  Time: { type: "string" }, MicroTime: { type: "string" }, Quantity: { type: ["string", "number"] }, IntOrString: { type: ["integer", "string"] },
  RawExtension: ANY, FieldsV1: ANY,
};

/** Server-set fields that completion should not offer first; they stay valid. */
const SERVER_FIELDS = new Set(["status", "managedFields", "selfLink"]);

/**
 * The JSON schema of one YAML document for the editor: an empty document is fine, each document chooses its kind by apiVersion and kind,
 * fields that no type has are errors, optional fields may be null as they may on the server.
 * Custom resources (other API groups) pass unchecked. The server's own verdict says the rest.
 */
export function editorSchema(definitions: readonly KindDefinition[], descriptions: Descriptions = {}): JsonSchema {
  const types: Record<string, JsonSchema> = {};
  const queue = definitions.map((definition) => definition.schemaName);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (types[name] !== undefined) continue;
    types[name] = objectSchema(name, descriptions, (referred) => queue.push(referred));
  }
  const versions = [...new Set(definitions.map(groupVersion))].sort();
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    definitions: types,
    type: ["object", "null"],
    if: { type: "object" },
    then: {
      required: ["apiVersion", "kind"],
      properties: { apiVersion: { type: "string", examples: versions }, kind: { type: "string" } },
      allOf: [...versions.map((version) => kindsOfVersion(version, definitions)), ...definitions.map(documentOfKind)],
    },
  };
}

function kindsOfVersion(version: string, definitions: readonly KindDefinition[]): JsonSchema {
  const kinds = definitions.filter((definition) => groupVersion(definition) === version).map((definition) => definition.kind).sort();
  const lists = kinds.map((kind) => `${kind}List`);
  return {
    if: { properties: { apiVersion: { const: version } }, required: ["apiVersion"] },
    then: { properties: { kind: { enum: version === "v1" ? [...kinds, ...lists, "List"] : [...kinds, ...lists] } } },
  };
}

const documentOfKind = (definition: KindDefinition): JsonSchema => ({
  if: { properties: { apiVersion: { const: groupVersion(definition) }, kind: { const: definition.kind } }, required: ["apiVersion", "kind"] },
  then: { $ref: `#/definitions/${definition.schemaName.replaceAll("/", "~1")}` },
});

function objectSchema(name: string, descriptions: Descriptions, refer: (name: string) => void): JsonSchema {
  const fields = schemaOf(name)?.fields ?? [];
  const texts = descriptions[name] ?? {};
  const required = fields.filter((field) => field.required).map((field) => field.name);
  const ordered = [...fields].sort((a, b) => Number(SERVER_FIELDS.has(a.name)) - Number(SERVER_FIELDS.has(b.name)));
  return {
    title: name.slice(name.lastIndexOf(".") + 1),
    ...(texts[""] === undefined ? {} : { description: texts[""] }),
    type: "object",
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(ordered.map((field) => [field.name, fieldSchema(field, texts[field.name], refer)])),
  };
}

function fieldSchema(field: FieldSchema, description: string | undefined, refer: (name: string) => void): JsonSchema {
  const base = typeSchema(field.type, field.enumValues, refer);
  return { ...(description === undefined ? {} : { description }), ...(field.required ? base : nullable(base)) };
}

function nullable(schema: JsonSchema): JsonSchema {
  const type = schema["type"];
  if (schema["$ref"] !== undefined) return { anyOf: [schema, { type: "null" }] };
  if (type === undefined) return schema;
  const values = schema["enum"] as readonly unknown[] | undefined;
  return { ...schema, type: [...(Array.isArray(type) ? type : [type]), "null"], ...(values === undefined ? {} : { enum: [...values, null] }) };
}

function typeSchema(type: FieldType, values: readonly string[] | undefined, refer: (name: string) => void): JsonSchema {
  if (type.kind === "list") return { type: "array", items: typeSchema(type.of, values, refer) };
  if (type.kind === "map") return { type: "object", additionalProperties: typeSchema(type.of, undefined, refer) };
  if (type.kind === "object") {
    refer(type.schema);
    return { $ref: `#/definitions/${type.schema.replaceAll("/", "~1")}` };
  }
  const schema = SCALARS[type.scalar] ?? ANY;
  return values === undefined ? schema : { ...schema, enum: values };
}
