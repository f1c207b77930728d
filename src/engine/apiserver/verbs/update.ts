import type { Status } from "../../apimachinery/api.ts";
import { deepEqual, shareStructure } from "../../apimachinery/deep.ts";
import { invalid } from "../../apimachinery/field-error.ts";
import { keyText, type KubeObject, type ObjectKey } from "../../apimachinery/object.ts";
import { badRequest, conflict, invalidObject, notFound, OPTIMISTIC_LOCK_TEXT } from "../../apimachinery/status.ts";
import { assert } from "../../kernel/assert.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import { codeOf, journalStage, type RequestScope, type RequestSubject, type ServerCore, stored } from "../core.ts";
import { trackUpdate } from "../managed-fields/managers.ts";
import { allowsUnconditionalUpdate, createsOnUpdate, generationFollowsAnnotations, isGoneAfterUpdate } from "./behaviour.ts";
import { createObject } from "./create.ts";
import { withMeta } from "./metadata.ts";

/** How one endpoint (the resource itself, /status, …) takes a write. */
export interface UpdateStrategy {
  readonly subresource: string;
  prepare(core: ServerCore, kind: KindDefinition, object: KubeObject, before: KubeObject): KubeObject;
  validate(kind: KindDefinition, object: KubeObject, before: KubeObject): ReturnType<KindDefinition["validate"]>;
}

export const MAIN: UpdateStrategy = {
  subresource: "",
  prepare: (core, kind, object, before) => kind.prepareForUpdate(object, before, core.strategy()),
  validate: (kind, object, before) => kind.validateUpdate(object, before),
};

export const STATUS: UpdateStrategy = {
  subresource: "status",
  prepare: (core, kind, object, before) => kind.prepareForStatusUpdate(object, before, core.strategy()),
  validate: (kind, object, before) => kind.validateStatusUpdate(object, before),
};

/** What an update answers, and whether it made the object (lease by PUT, server-side apply). */
export interface Updated {
  readonly object: KubeObject;
  readonly created: boolean;
}

/** Gives the object as the caller wants it, from what is stored. */
export type Produce = (before: KubeObject) => Result<KubeObject, Status>;

/**
 * PUT. Source: apiserver/pkg/endpoints/handlers/update.go; registry/generic/registry/store.go, Store.Update; rest/update.go, BeforeUpdate.
 */
export function updateObject(core: ServerCore, kind: KindDefinition, key: ObjectKey, input: KubeObject, scope: RequestScope, strategy: UpdateStrategy): Result<Updated, Status> {
  const subject: RequestSubject = { verb: "update", kind, namespace: key.namespace, name: key.name, subresource: strategy.subresource };
  const mismatch = checkName(key, input);
  if (mismatch !== undefined) return err(mismatch);
  const before = stored(core, kind, key);
  if (before === undefined && strategy === MAIN && createsOnUpdate(kind) && (input.metadata.uid ?? "") === "") {
    const made = createObject(core, kind, key.namespace, withMeta(input, { resourceVersion: undefined }), scope);
    return made.ok ? ok({ object: made.value, created: true }) : made;
  }
  return writeOver(core, kind, key, () => ok(input), scope, strategy, subject);
}

/** Source: handlers/rest.go, checkName. */
export function checkName(key: ObjectKey, object: KubeObject): Status | undefined {
  const { name = "", namespace = "" } = object.metadata;
  if (name === "") return badRequest(`the name of the object (${key.name} based on URL) was undeterminable: name must be provided`);
  if (name !== key.name) return badRequest(`the name of the object (${name}) does not match the name on the URL (${key.name})`);
  if (key.namespace !== "" && namespace !== "" && namespace !== key.namespace) {
    return badRequest(`the namespace of the object (${namespace}) does not match the namespace on the request (${key.namespace})`);
  }
  return undefined;
}

/** The way of every write to an object that exists. */
export function writeOver(core: ServerCore, kind: KindDefinition, key: ObjectKey, produce: Produce, scope: RequestScope, strategy: UpdateStrategy, subject: RequestSubject): Result<Updated, Status> {
  const result = write(core, kind, key, produce, scope, strategy, subject);
  journalStage(core, scope, subject, "response", { code: result.ok ? (subject.verb === "create" ? 201 : 200) : codeOf(result.error) });
  return result.ok ? ok({ object: result.value, created: false }) : result;
}

function write(core: ServerCore, kind: KindDefinition, key: ObjectKey, produce: Produce, scope: RequestScope, strategy: UpdateStrategy, subject: RequestSubject): Result<KubeObject, Status> {
  journalStage(core, scope, subject, "authentication");
  journalStage(core, scope, subject, "authorization", { decision: "allow" });
  const before = stored(core, kind, key);
  if (before === undefined) return err(notFound(kind, key.name));
  const wanted = produce(before);
  if (!wanted.ok) return wanted;
  const placed = placeOver(wanted.value, before);
  const attributes = { operation: "UPDATE" as const, kind, subresource: strategy.subresource, namespace: key.namespace, name: key.name, old: before, user: scope.user, dryRun: scope.dryRun };
  const admitted = core.admission.mutate({ ...attributes, object: strategy === MAIN ? kind.defaults(placed) : placed });
  journalStage(core, scope, subject, "mutating-admission", { allowed: admitted.ok });
  if (!admitted.ok) return admitted;
  const fault = checkPreconditions(kind, key, admitted.value, before);
  if (fault !== undefined) return err(fault);
  const allocated = strategy === MAIN && kind.kind === "Service" ? core.services.onUpdate(admitted.value, before) : ok(admitted.value);
  if (!allocated.ok) return allocated;
  const prepared = prepareUpdate(core, kind, allocated.value, before, strategy, scope);
  const errors = strategy.validate(kind, prepared, before);
  journalStage(core, scope, subject, "validation", { errors: errors.length });
  if (errors.length > 0) return err(invalidObject(kind, key.name, errors));
  if (strategy === MAIN) scope.warnings.push(...kind.warnings(prepared));
  const denial = core.admission.validate({ ...attributes, object: prepared });
  journalStage(core, scope, subject, "validating-admission", { allowed: denial === undefined });
  if (denial !== undefined) return err(denial);
  return commit(core, kind, key, prepared, before, scope, subject);
}

/** Namespace of the URL, kind and version of the store. */
const placeOver = (object: KubeObject, before: KubeObject): KubeObject =>
  object.metadata.namespace === before.metadata.namespace ? object : withMeta(object, { namespace: before.metadata.namespace });

/** Source: storage/etcd3/store.go, Preconditions.Check; registry store.go, Update (resourceVersion). */
function checkPreconditions(kind: KindDefinition, key: ObjectKey, object: KubeObject, before: KubeObject): Status | undefined {
  const { uid = "", resourceVersion = "" } = object.metadata;
  if (uid !== "" && uid !== before.metadata.uid) {
    const text = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${before.metadata.uid ?? ""}`;
    return conflict(kind, key.name, `StorageError: invalid object, Code: 4, Key: /registry/${kind.storagePrefix}/${keyText(key)}, ResourceVersion: 0, AdditionalErrorMsg: ${text}`);
  }
  if (resourceVersion === "") {
    if (allowsUnconditionalUpdate(kind)) return undefined;
    return invalidObject(kind, key.name, [{ type: "FieldValueInvalid", field: "metadata.resourceVersion", body: "Invalid value: 0x0: must be specified for an update" }]);
  }
  if (!/^\d+$/.test(resourceVersion)) {
    return invalidObject(kind, key.name, [invalid("metadata.resourceVersion", resourceVersion, `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`)]);
  }
  return resourceVersion === before.metadata.resourceVersion ? undefined : conflict(kind, key.name, OPTIMISTIC_LOCK_TEXT);
}

/** Source: rest/update.go, BeforeUpdate. */
function prepareUpdate(core: ServerCore, kind: KindDefinition, object: KubeObject, before: KubeObject, strategy: UpdateStrategy, scope: RequestScope): KubeObject {
  const old = before.metadata;
  const given = withMeta(object, { generation: old.generation, selfLink: undefined });
  const prepared = strategy.prepare(core, kind, given, before);
  const deleting = old.deletionTimestamp === undefined ? {} : { deletionTimestamp: old.deletionTimestamp };
  const grace = old.deletionGracePeriodSeconds !== undefined && prepared.metadata.deletionGracePeriodSeconds === undefined ? { deletionGracePeriodSeconds: old.deletionGracePeriodSeconds } : {};
  const kept = withMeta(prepared, { uid: prepared.metadata.uid || old.uid, creationTimestamp: old.creationTimestamp, resourceVersion: old.resourceVersion, ...deleting, ...grace });
  const shared = shareStructure(tracked(core, kind, kept, before, strategy, scope), before);
  if (!kind.tracksGeneration || strategy !== MAIN || shared.metadata.generation !== old.generation || !isNewGeneration(kind, shared, before)) return shared;
  return withMeta(shared, { generation: (old.generation ?? 0) + 1 });
}

/** Objects that have been applied keep account of who owns what. */
function tracked(core: ServerCore, kind: KindDefinition, next: KubeObject, before: KubeObject, { subresource }: UpdateStrategy, scope: RequestScope): KubeObject {
  if (scope.managedFields === "given" || (before.metadata.managedFields === undefined && next.metadata.managedFields === undefined)) return next;
  const { time, clock } = core.context;
  return withMeta(next, { managedFields: trackUpdate(kind, before, next, { manager: scope.manager, subresource, now: time.seconds(clock.now()) }) });
}

function isNewGeneration(kind: KindDefinition, next: KubeObject, before: KubeObject): boolean {
  const specOf = (object: KubeObject): unknown => (object as { spec?: unknown }).spec;
  if (!deepEqual(specOf(next), specOf(before))) return true;
  return generationFollowsAnnotations(kind) && !deepEqual(next.metadata.annotations ?? {}, before.metadata.annotations ?? {});
}

function commit(core: ServerCore, kind: KindDefinition, key: ObjectKey, next: KubeObject, before: KubeObject, scope: RequestScope, subject: RequestSubject): Result<KubeObject, Status> {
  if (isGoneAfterUpdate(kind, next, before)) {
    if (!scope.dryRun) {
      core.store.delete(kind.storagePrefix, keyText(key));
      journalStage(core, scope, subject, "etcd-write", { revision: core.store.revision, deleted: true });
    }
    return ok(next);
  }
  if (next === before || scope.dryRun) return ok(next);
  const written = core.store.update(kind.storagePrefix, next, before);
  assert(written.ok, "nothing else writes during a request");
  journalStage(core, scope, subject, "etcd-write", { revision: core.store.revision });
  return ok(written.value);
}
