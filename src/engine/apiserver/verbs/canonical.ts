import type { Status } from "../../apimachinery/api.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { badRequest } from "../../apimachinery/status.ts";
import { deepFreeze } from "../../apimachinery/deep.ts";
import { assert } from "../../kernel/assert.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { decodeType } from "../../kinds/decode.ts";
import type { FieldSchema } from "../../kinds/field-schema.ts";
import { schemaOf } from "../../kinds/schema.ts";
import { groupVersion, type KindDefinition } from "../../kinds/kind-definition.ts";

/**
 * An object from a component, as if it had come over the wire: quantities in canonical form, Go's zero values filled in.
 * Parts that are the very parts of `before` are taken over unread, and a frozen part is read once: the 1,000 pods of a ReplicaSet share their spec.
 * Unknown fields are our own bug.
 */
export function canonicalObject(kind: KindDefinition, object: KubeObject, before?: KubeObject): Result<KubeObject, Status> {
  const schema = schemaOf(kind.schemaName);
  assert(schema !== undefined, `${kind.schemaName} is in the schema table`);
  const source = object as unknown as Readonly<Record<string, unknown>>;
  const old = before as unknown as Readonly<Record<string, unknown>> | undefined;
  const rest: Record<string, unknown> = {};
  const whole: Record<string, unknown> = {};
  for (const key of Object.keys(source)) {
    const value = source[key];
    if (key === "kind" || key === "apiVersion" || value === undefined) continue;
    const field = schema.byName.get(key);
    if (field?.type.kind !== "object" || key === "metadata") {
      rest[key] = value;
      continue;
    }
    if (old !== undefined && value === old[key]) whole[key] = value;
    else {
      const part = canonicalPart(kind, key, field.type.schema, value);
      if (!part.ok) return part;
      whole[key] = part.value;
    }
  }
  const decoded = decodeRest(kind, rest);
  return decoded.ok ? ok(assemble(kind, schema.fields, whole, decoded.value)) : decoded;
}

const parts = new WeakMap<object, unknown>();

/** One large member: spec, status. */
function canonicalPart(kind: KindDefinition, key: string, schemaName: string, value: unknown): Result<unknown, Status> {
  const isShared = value !== null && typeof value === "object" && Object.isFrozen(value);
  const known = isShared ? parts.get(value) : undefined;
  if (known !== undefined) return ok(known);
  const decoded = decodeType(schemaName, value);
  if (!decoded.ok) return err(unreadable(kind, decoded.error));
  checkFields(kind, decoded.value.strictErrors.map((text) => `${text} in ${key}`));
  if (isShared) parts.set(value, deepFreeze(decoded.value.object));
  return ok(decoded.value.object);
}

function decodeRest(kind: KindDefinition, rest: Readonly<Record<string, unknown>>): Result<Readonly<Record<string, unknown>>, Status> {
  const decoded = decodeType<Record<string, unknown>>(kind.schemaName, rest);
  if (!decoded.ok) return err(unreadable(kind, decoded.error));
  checkFields(kind, decoded.value.strictErrors);
  return ok(decoded.value.object);
}

const unreadable = (kind: KindDefinition, text: string): Status => badRequest(`${kind.kind} in version "${kind.version}" cannot be handled as a ${kind.kind}: ${text}`);

function checkFields(kind: KindDefinition, faults: readonly string[]): void {
  assert(faults.length === 0, `components write known fields only, not ${faults.join(", ")} of a ${kind.kind}`);
}

function assemble(kind: KindDefinition, fields: readonly FieldSchema[], large: Readonly<Record<string, unknown>>, rest: Readonly<Record<string, unknown>>): KubeObject {
  const whole: Record<string, unknown> = { kind: kind.kind, apiVersion: groupVersion(kind) };
  for (const { name } of fields) {
    const value = Object.hasOwn(large, name) ? large[name] : rest[name];
    if (value !== undefined && name !== "kind" && name !== "apiVersion") whole[name] = value;
  }
  whole["metadata"] = withoutNullTime(whole["metadata"] as Record<string, unknown> | undefined);
  return whole as unknown as KubeObject;
}

function withoutNullTime(metadata: Record<string, unknown> = {}): Record<string, unknown> {
  if (metadata["creationTimestamp"] !== null) return metadata;
  const { creationTimestamp: _unset, ...rest } = metadata;
  return rest;
}
