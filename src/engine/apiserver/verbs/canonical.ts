import type { Status } from "../../apimachinery/api.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { badRequest } from "../../apimachinery/status.ts";
import { assert } from "../../kernel/assert.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { decodeType } from "../../kinds/decode.ts";
import { elementSchemaOf, schemaOf } from "../../kinds/schema.ts";
import { groupVersion, type KindDefinition } from "../../kinds/kind-definition.ts";

/**
 * An object from a component, as if it had come over the wire: quantities in canonical form, Go's zero values filled in.
 * Parts that are the very parts of `before` are taken over unread. Unknown fields are our own bug.
 */
export function canonicalObject(kind: KindDefinition, object: KubeObject, before?: KubeObject): Result<KubeObject, Status> {
  const schema = schemaOf(kind.schemaName);
  assert(schema !== undefined, `${kind.schemaName} is in the schema table`);
  const source = object as unknown as Readonly<Record<string, unknown>>;
  const old = before as unknown as Readonly<Record<string, unknown>> | undefined;
  const changed: Record<string, unknown> = {};
  const kept: Record<string, unknown> = {};
  for (const key of Object.keys(source)) {
    if (key === "kind" || key === "apiVersion" || source[key] === undefined) continue;
    if (old !== undefined && source[key] === old[key] && isLarge(schema.byName.get(key)?.type)) kept[key] = source[key];
    else changed[key] = source[key];
  }
  const decoded = decodeType<Record<string, unknown>>(kind.schemaName, changed);
  if (!decoded.ok) return err(badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${decoded.error}`));
  assert(decoded.value.strictErrors.length === 0, `components write known fields only, not ${decoded.value.strictErrors.join(", ")} of ${kind.kind} ${object.metadata.name}`);
  const whole: Record<string, unknown> = { kind: kind.kind, apiVersion: groupVersion(kind) };
  for (const { name } of schema.fields) {
    const value = Object.hasOwn(kept, name) ? kept[name] : decoded.value.object[name];
    if (value !== undefined) whole[name] = value;
  }
  if (!Object.hasOwn(kept, "metadata")) whole["metadata"] = withoutNullTime(whole["metadata"] as Record<string, unknown> | undefined);
  return ok(whole as unknown as KubeObject);
}

const isLarge = (type: Parameters<typeof elementSchemaOf>[0] | undefined): boolean => type !== undefined && type.kind !== "scalar";

function withoutNullTime(metadata: Record<string, unknown> = {}): Record<string, unknown> {
  if (metadata["creationTimestamp"] !== null) return metadata;
  const { creationTimestamp: _unset, ...rest } = metadata;
  return rest;
}
