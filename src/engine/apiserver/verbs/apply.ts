import type { Status } from "../../apimachinery/api.ts";
import type { KubeObject, ObjectKey } from "../../apimachinery/object.ts";
import { badRequest, conflict, invalidObject } from "../../apimachinery/status.ts";
import { invalid } from "../../apimachinery/field-error.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { decode } from "../../kinds/decode.ts";
import { groupVersion, type KindDefinition } from "../../kinds/kind-definition.ts";
import { isJsonObject } from "../../apimachinery/deep.ts";
import { type RequestScope, type ServerCore, stored } from "../core.ts";
import { applyConfiguration, type Writer } from "../managed-fields/managers.ts";
import { createObject } from "./create.ts";
import { withMeta } from "./metadata.ts";
import { checkName, type Updated, type UpdateStrategy, writeOver } from "./update.ts";

/**
 * Server-side apply: creates or merges. Source: apiserver/pkg/endpoints/handlers/patch.go, applyPatcher.
 */
export function applyObject(core: ServerCore, kind: KindDefinition, key: ObjectKey, value: unknown, force: boolean, scope: RequestScope, strategy: UpdateStrategy): Result<Updated, Status> {
  const read = readConfiguration(kind, key, value);
  if (!read.ok) return read;
  const config = read.value;
  const { time, clock } = core.context;
  const writer: Writer = { manager: scope.manager, subresource: strategy.subresource, now: time.seconds(clock.now()) };
  const merge = (live: KubeObject | undefined): Result<KubeObject, Status> => {
    const applied = applyConfiguration(kind, live, config, writer, force);
    if (!applied.ok) return applied;
    const decoded = decode(kind, applied.value.value);
    if (!decoded.ok) return err(invalidObject({ group: "", kind: "" }, "", [invalid("patch", JSON.stringify(applied.value.value), decoded.error)]));
    return ok(withMeta(decoded.value.object, { managedFields: applied.value.managedFields }));
  };
  if (stored(core, kind, key) === undefined && strategy.subresource === "") {
    const { uid = "" } = config.metadata;
    if (uid !== "") return err(conflict(kind, key.name, `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`));
    const made = merge(undefined);
    if (!made.ok) return made;
    const created = createObject(core, kind, key.namespace, made.value, { ...scope, managedFields: made.value.metadata.managedFields ?? [] });
    return created.ok ? ok({ object: created.value, created: true }) : created;
  }
  const subject = { verb: "patch", kind, namespace: key.namespace, name: key.name, subresource: strategy.subresource };
  return writeOver(core, kind, key, (before) => merge(before), { ...scope, managedFields: "given" }, strategy, subject);
}

/** The body as an object of this kind, as far as applying cares. */
function readConfiguration(kind: KindDefinition, key: ObjectKey, value: unknown): Result<KubeObject, Status> {
  if (!isJsonObject(value)) return err(badRequest(`error decoding YAML: json: cannot unmarshal ${Array.isArray(value) ? "array" : typeof value} into Go value of type map[string]interface {}`));
  const { apiVersion = "", kind: name = "" } = value;
  if (apiVersion === "" || name === "") return err(badRequest(`invalid object type: ${typeText(String(apiVersion), String(name))}`));
  if (apiVersion !== groupVersion(kind)) return err(badRequest(`Incorrect version specified in apply patch. Specified patch version: ${String(apiVersion)}, expected: ${groupVersion(kind)}`));
  const metadata = isJsonObject(value["metadata"]) ? value["metadata"] : {};
  const config = { ...value, metadata } as unknown as KubeObject;
  const mismatch = checkName(key, config);
  if (mismatch !== undefined) return err(mismatch);
  return metadata["managedFields"] === undefined ? ok(config) : err(badRequest("metadata.managedFields must be nil"));
}

/** Go's text of a GroupVersionKind: "apps/v1, Kind=Deployment", "/, Kind=Deployment". */
const typeText = (apiVersion: string, kind: string): string => `${apiVersion === "" ? "/" : apiVersion.includes("/") ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
