import type { Status } from "../../apimachinery/api.ts";
import { isJsonObject } from "../../apimachinery/deep.ts";
import { applyJsonPatch, MAX_JSON_PATCH_OPERATIONS } from "../../apimachinery/json-patch.ts";
import { applyMergePatch } from "../../apimachinery/merge-patch.ts";
import type { KubeObject, ObjectKey } from "../../apimachinery/object.ts";
import { badRequest, requestTooLarge, unprocessable } from "../../apimachinery/status.ts";
import { applyStrategicMerge, type PatchField } from "../../apimachinery/strategic-merge.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { elementSchemaOf, fieldOf } from "../../kinds/schema.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { RequestScope, RequestSubject, ServerCore } from "../core.ts";
import { canonicalObject } from "./canonical.ts";
import { checkName, type Updated, type UpdateStrategy, writeOver } from "./update.ts";

export type PatchType = "merge" | "strategic" | "json";

/** Reads a patched value as an object of its kind. Requests from outside decode and validate fields; components' patches are trusted to be well-formed. */
export type PatchDecoder = (value: unknown, before: KubeObject) => Result<KubeObject, Status>;

/** PATCH of an object that exists. A body that could not be read is refused only after the object has been found. Source: apiserver/pkg/endpoints/handlers/patch.go. */
export function patchObject(core: ServerCore, kind: KindDefinition, key: ObjectKey, type: PatchType, body: Result<unknown, Status>, scope: RequestScope, strategy: UpdateStrategy, decoder?: PatchDecoder): Result<Updated, Status> {
  const subject: RequestSubject = { verb: "patch", kind, namespace: key.namespace, name: key.name, subresource: strategy.subresource };
  const decode = decoder ?? ((value, before) => canonicalObject(kind, value as KubeObject, before));
  const produce = (before: KubeObject): Result<KubeObject, Status> => {
    if (!body.ok) return body;
    const patched = applyPatch(kind.schemaName, before, type, body.value);
    if (!patched.ok) return patched;
    const decoded = decode(patched.value, before);
    if (!decoded.ok) return decoded;
    const mismatch = checkName(key, decoded.value);
    return mismatch === undefined ? decoded : err(mismatch);
  };
  return writeOver(core, kind, key, produce, scope, strategy, subject);
}

/** The patched document, not yet decoded. */
export function applyPatch(schemaName: string, before: object, type: PatchType, body: unknown): Result<unknown, Status> {
  if (type === "json") {
    if (!Array.isArray(body)) return err(badRequest(`error decoding patch: json: cannot unmarshal ${jsonKind(body)} into Go value of type []interface {}`));
    if (body.length > MAX_JSON_PATCH_OPERATIONS) {
      return err(requestTooLarge(`The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${body.length}`));
    }
    const patched = applyJsonPatch(before, body);
    return patched.ok ? patched : err(unprocessable());
  }
  if (!isJsonObject(body)) {
    const text = `json: cannot unmarshal ${jsonKind(body)} into Go value of type map[string]interface {}`;
    return err(badRequest(type === "merge" ? `error decoding patch: ${text}` : text));
  }
  if (type === "merge") return ok(applyMergePatch(before, body));
  return applyStrategicMerge(before as Readonly<Record<string, unknown>>, body, schemaName, lookupField);
}

const jsonKind = (value: unknown): string => (Array.isArray(value) ? "array" : value === null ? "null" : typeof value === "boolean" ? "bool" : typeof value);

const fields = new Map<string, PatchField | undefined>();

/** How a field of a type takes part in a strategic merge, from the schema table. */
function lookupField(schema: string, name: string): PatchField | undefined {
  const key = `${schema} ${name}`;
  if (fields.has(key)) return fields.get(key);
  const field = fieldOf(schema, name);
  const found: PatchField | undefined = field === undefined ? undefined
    : { strategies: field.patchStrategies, mergeKey: field.patchMergeKey, schema: elementSchemaOf(field.type), isMap: field.type.kind === "map" };
  fields.set(key, found);
  return found;
}
