import { groupVersion, type KindDefinition } from "../../kinds/kind-definition.ts";
import { type Descriptions, openApiSchema } from "../../kinds/openapi.ts";
import { KUBERNETES_VERSION } from "../version.ts";

/** "api/v1", "apis/apps/v1": the keys of the index. */
export const documentPath = (kind: Pick<KindDefinition, "group" | "version">): string => (kind.group === "" ? `api/${kind.version}` : `apis/${groupVersion(kind)}`);

/** Without strategic merge: kubectl then computes `apply` patches with its built-in types, which it does silently and exactly. */
const PATCH_TYPES = ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"];
const text = (name: string): unknown => ({ name, in: "query", schema: { type: "string", uniqueItems: true } });
const PATCH_PARAMETERS = [text("dryRun"), text("fieldManager"), text("fieldValidation"), { name: "force", in: "query", schema: { type: "boolean", uniqueItems: true } }];
const OK = { "200": { description: "OK" } };

/** The OpenAPI v3 document of one group and version. Source: api/openapi-spec/v3; what kubectl reads of it. */
export function openApiV3(kinds: readonly KindDefinition[], descriptions: Descriptions): unknown {
  const paths: Record<string, unknown> = {};
  for (const kind of kinds) Object.assign(paths, pathsOf(kind));
  return { openapi: "3.0.0", info: { title: "Kubernetes", version: KUBERNETES_VERSION }, paths, components: { schemas: openApiSchema(kinds, descriptions) } };
}

function pathsOf(kind: KindDefinition): Readonly<Record<string, unknown>> {
  const base = `/${documentPath(kind)}`;
  const gvk = { group: kind.group, kind: kind.kind, version: kind.version };
  const collection = `${base}/${kind.scope === "Namespaced" ? "namespaces/{namespace}/" : ""}${kind.plural}`;
  const operation = (action: string, extra: Readonly<Record<string, unknown>> = {}): unknown => ({ responses: OK, "x-kubernetes-action": action, "x-kubernetes-group-version-kind": gvk, ...extra });
  const body = { content: Object.fromEntries(PATCH_TYPES.map((type) => [type, { schema: { type: "object" } }])) };
  const writeParameters = PATCH_PARAMETERS.slice(0, 3);
  return {
    [collection]: { get: operation("list"), ...(kind.verbs.includes("create") ? { post: operation("post", { parameters: writeParameters }) } : {}) },
    [`${collection}/{name}`]: {
      get: operation("get"), put: operation("put", { parameters: writeParameters }), delete: operation("delete"),
      patch: operation("patch", { parameters: PATCH_PARAMETERS, requestBody: body }),
    },
  };
}

/** An empty openapi.v2.Document: swagger "2.0", a title, a version, no paths, no definitions. Enough for kubectl up to 1.28. */
export const OPENAPI_V2_PROTOBUF = new Uint8Array([0x0a, 0x03, 0x32, 0x2e, 0x30, 0x12, 0x07, 0x0a, 0x01, 0x4b, 0x12, 0x02, 0x76, 0x31, 0x42, 0x00, 0x4a, 0x00]);

/** The same in JSON. Differs: upstream's v2 document describes everything; ours sends clients to v3. */
export const openApiV2 = (): unknown => ({ swagger: "2.0", info: { title: "Kubernetes", version: KUBERNETES_VERSION }, paths: {}, definitions: {} });
