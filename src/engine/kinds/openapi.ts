import type { FieldSchema, FieldType, TypeSchema } from "./field-schema.ts";
import { groupVersion, type KindDefinition } from "./kind-definition.ts";
import { schemaOf } from "./schema.ts";

/** Help texts per type and field; `generated/descriptions.ts` has them, loaded on demand because they are large. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;
export type JsonSchema = { readonly [key: string]: unknown };

const APIMACHINERY = "io.k8s.apimachinery.pkg";

/** The component name in the published document: "io.k8s.api.apps.v1.Deployment". */
export function componentName(schemaName: string): string {
  const path = schemaName.replaceAll("/", ".");
  return schemaName.startsWith("meta/") ? `${APIMACHINERY}.apis.${path}` : `io.k8s.api.${path}`;
}

const SCALAR_COMPONENTS: Readonly<Record<string, { readonly name: string; readonly schema: JsonSchema }>> = {
  Time: { name: `${APIMACHINERY}.apis.meta.v1.Time`, schema: { type: "string", format: "date-time" } },
  MicroTime: { name: `${APIMACHINERY}.apis.meta.v1.MicroTime`, schema: { type: "string", format: "date-time" } },
  Quantity: { name: `${APIMACHINERY}.api.resource.Quantity`, schema: { oneOf: [{ type: "string" }, { type: "number" }] } },
  IntOrString: { name: `${APIMACHINERY}.util.intstr.IntOrString`, schema: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] } },
  RawExtension: { name: `${APIMACHINERY}.runtime.RawExtension`, schema: { type: "object" } },
  FieldsV1: { name: `${APIMACHINERY}.apis.meta.v1.FieldsV1`, schema: { type: "object" } },
};

const PLAIN: Readonly<Record<string, JsonSchema>> = {
  string: { type: "string" }, bool: { type: "boolean" }, int32: { type: "integer", format: "int32" }, int64: { type: "integer", format: "int64" },
  float: { type: "number", format: "double" }, bytes: { type: "string", format: "byte" }, Duration: { type: "string" },
};

/**
 * OpenAPI v3 component schemas of these kinds, their lists, everything that they refer to, and `extra` types such as "meta/v1.DeleteOptions".
 * Source: staging/src/k8s.io/kube-openapi extensions; the published api/openapi-spec/v3 documents.
 * Differs: `default` values are not part of the document.
 */
export function openApiSchema(definitions: readonly KindDefinition[], descriptions: Descriptions = {}, extra: readonly string[] = ["meta/v1.DeleteOptions", "meta/v1.Status"]): Readonly<Record<string, JsonSchema>> {
  const components: Record<string, JsonSchema> = {};
  const kindsOf = new Map<string, JsonSchema[]>();
  for (const definition of definitions) {
    const gvks = kindsOf.get(definition.schemaName) ?? [];
    kindsOf.set(definition.schemaName, [...gvks, { group: definition.group, kind: definition.kind, version: definition.version }]);
  }
  const queue = [...definitions.map((definition) => definition.schemaName), ...(definitions.length > 0 ? ["meta/v1.ListMeta"] : []), ...extra];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const schema = schemaOf(name);
    const component = componentName(name);
    if (schema === undefined || components[component] !== undefined) continue;
    components[component] = objectSchema(schema, descriptions[name] ?? {}, kindsOf.get(name), (referred) => {
      if (referred.includes("/")) queue.push(referred);
      else components[SCALAR_COMPONENTS[referred]?.name ?? referred] = SCALAR_COMPONENTS[referred]?.schema ?? {};
    });
  }
  for (const definition of definitions) components[`${componentName(definition.schemaName)}List`] = listSchema(definition);
  return Object.fromEntries(Object.entries(components).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function objectSchema(schema: TypeSchema, texts: Readonly<Record<string, string>>, kinds: readonly JsonSchema[] | undefined, refer: (name: string) => void): JsonSchema {
  const required = schema.fields.filter((field) => field.required).map((field) => field.name);
  return {
    ...(texts[""] === undefined ? {} : { description: texts[""] }),
    type: "object",
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(schema.fields.map((field) => [field.name, fieldSchema(field, texts[field.name], refer)])),
    ...(kinds === undefined ? {} : { "x-kubernetes-group-version-kind": kinds }),
    ...(schema.atomic ? { "x-kubernetes-map-type": "atomic" } : {}),
  };
}

function fieldSchema(field: FieldSchema, description: string | undefined, refer: (name: string) => void): JsonSchema {
  const base = typeSchema(field.type, refer);
  const reference = base["$ref"] === undefined ? base : { allOf: [base] };
  return {
    ...(description === undefined ? {} : { description }),
    ...reference,
    ...(field.enumValues !== undefined && field.type.kind === "scalar" ? { enum: field.enumValues } : {}),
    ...(field.enumValues !== undefined && field.type.kind === "list" ? { items: { ...(base["items"] as JsonSchema), enum: field.enumValues } } : {}),
    ...(field.listType === undefined ? {} : { "x-kubernetes-list-type": field.listType }),
    ...(field.listMapKeys === undefined ? {} : { "x-kubernetes-list-map-keys": field.listMapKeys }),
    ...(field.mapType === undefined ? {} : { "x-kubernetes-map-type": field.mapType }),
    ...(field.patchStrategies.length === 0 ? {} : { "x-kubernetes-patch-strategy": field.patchStrategies.join(",") }),
    ...(field.patchMergeKey === undefined ? {} : { "x-kubernetes-patch-merge-key": field.patchMergeKey }),
  };
}

function typeSchema(type: FieldType, refer: (name: string) => void): JsonSchema {
  if (type.kind === "list") return { type: "array", items: typeSchema(type.of, refer) };
  if (type.kind === "map") return { type: "object", additionalProperties: typeSchema(type.of, refer) };
  const target = type.kind === "object" ? type.schema : type.scalar;
  const scalar = type.kind === "scalar" ? SCALAR_COMPONENTS[target] : undefined;
  if (type.kind === "scalar" && scalar === undefined) return PLAIN[target] ?? {};
  refer(target);
  return { $ref: `#/components/schemas/${scalar?.name ?? componentName(target)}` };
}

function listSchema(definition: KindDefinition): JsonSchema {
  const item = componentName(definition.schemaName);
  return {
    description: `${definition.kind}List is a list of ${definition.kind} objects in ${groupVersion(definition)}.`,
    type: "object",
    required: ["items"],
    properties: {
      apiVersion: { type: "string" },
      items: { type: "array", items: { $ref: `#/components/schemas/${item}` } },
      kind: { type: "string" },
      metadata: { allOf: [{ $ref: `#/components/schemas/${componentName("meta/v1.ListMeta")}` }] },
    },
    "x-kubernetes-group-version-kind": [{ group: definition.group, kind: `${definition.kind}List`, version: definition.version }],
  };
}
