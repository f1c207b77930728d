import type { Status } from "../../apimachinery/api.ts";
import { shareStructure } from "../../apimachinery/deep.ts";
import { type FieldError, invalid, notSupported } from "../../apimachinery/field-error.ts";
import { keyText, type KubeObject, type ObjectKey } from "../../apimachinery/object.ts";
import { deleted, invalidOptions, kindConflict, notFound } from "../../apimachinery/status.ts";
import { assert } from "../../kernel/assert.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { usOf } from "../../kernel/time.ts";
import type { NamespaceObject } from "../../kinds/generated/types.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import { codeOf, journalStage, type RequestScope, type RequestSubject, type ServerCore, stored } from "../core.ts";
import { garbagePolicy, graceSecondsOf, returnsDeleted } from "./behaviour.ts";
import { withMeta } from "./metadata.ts";

/** Source: apimachinery/pkg/apis/meta/v1/types.go, DeleteOptions. */
export interface DeleteOptions {
  readonly gracePeriodSeconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly orphanDependents?: boolean | undefined;
  readonly propagationPolicy?: string | undefined;
}

/** What a delete answers: a Status once the object is gone, otherwise the object. */
export interface Deleted {
  readonly body: KubeObject | Status;
  readonly gone: boolean;
  /** 202: orphanDependents=false was asked for and the object is still there. */
  readonly accepted: boolean;
}

const POLICIES = ["Foreground", "Background", "Orphan"];

/** Source: apimachinery/pkg/apis/meta/v1/validation/validation.go, ValidateDeleteOptions. */
export function validateDeleteOptions(options: DeleteOptions): Status | undefined {
  const errors: FieldError[] = [];
  if (options.propagationPolicy !== undefined) {
    if (options.orphanDependents !== undefined) errors.push(invalid("propagationPolicy", options.propagationPolicy, "orphanDependents and deletionPropagation cannot be both set"));
    if (!POLICIES.includes(options.propagationPolicy)) errors.push(notSupported("propagationPolicy", options.propagationPolicy, [...POLICIES, "nil"]));
  }
  return errors.length === 0 ? undefined : invalidOptions("DeleteOptions", errors);
}

/**
 * Deletes one object: at once, gracefully (pods), or by marking it when finalizers hold it.
 * Source: registry/generic/registry/store.go, Store.Delete; registry/rest/delete.go, BeforeDelete; pkg/registry/core/namespace/storage/storage.go, Delete.
 */
export function deleteObject(core: ServerCore, kind: KindDefinition, key: ObjectKey, options: DeleteOptions, scope: RequestScope): Result<Deleted, Status> {
  const subject: RequestSubject = { verb: "delete", kind, namespace: key.namespace, name: key.name };
  const result = remove(core, kind, key, options, scope, subject);
  journalStage(core, scope, subject, "response", { code: result.ok ? 200 : codeOf(result.error) });
  return result;
}

function remove(core: ServerCore, kind: KindDefinition, key: ObjectKey, options: DeleteOptions, scope: RequestScope, subject: RequestSubject): Result<Deleted, Status> {
  journalStage(core, scope, subject, "authentication");
  journalStage(core, scope, subject, "authorization", { decision: "allow" });
  const fault = validateDeleteOptions(options);
  if (fault !== undefined) return err(fault);
  const before = stored(core, kind, key);
  const attributes = { operation: "DELETE" as const, kind, subresource: "", namespace: key.namespace, name: key.name, old: before, user: scope.user, dryRun: scope.dryRun };
  if (before === undefined) return err(notFound(kind, key.name));
  const precondition = checkPreconditions(kind, before, options);
  if (precondition !== undefined) return err(precondition);
  const admitted = core.admission.mutate({ ...attributes, object: before });
  if (!admitted.ok) return admitted;
  const denial = core.admission.validate({ ...attributes, object: before });
  journalStage(core, scope, subject, "validating-admission", { allowed: denial === undefined });
  if (denial !== undefined) return err(denial);
  const write = (wanted: KubeObject): KubeObject => {
    const next = shareStructure(wanted, before);
    if (scope.dryRun || next === before) return next;
    const written = core.store.update(kind.storagePrefix, next, before);
    assert(written.ok, "nothing else writes during a request");
    journalStage(core, scope, subject, "etcd-write", { revision: core.store.revision });
    return written.value;
  };
  if (kind.kind === "Namespace" && kind.group === "") return ok(removeNamespace(core, kind, before as NamespaceObject, write, scope));
  return ok(removeGracefully(core, kind, key, before, options, write, scope, subject));
}

function checkPreconditions(kind: KindDefinition, before: KubeObject, { uid, resourceVersion }: DeleteOptions): Status | undefined {
  const { name, uid: storedUid = "", resourceVersion: storedVersion = "" } = before.metadata;
  if (uid !== undefined && uid !== storedUid) {
    return kindConflict(kind, name, `the UID in the precondition (${uid}) does not match the UID in record (${storedUid}). The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== storedVersion) {
    return kindConflict(kind, name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${storedVersion}). The object might have been modified`);
  }
  return undefined;
}

const stays = (body: KubeObject, options: DeleteOptions): Deleted => ({ body, gone: false, accepted: options.orphanDependents === false });

function removeGracefully(core: ServerCore, kind: KindDefinition, key: ObjectKey, before: KubeObject, options: DeleteOptions, write: (next: KubeObject) => KubeObject, scope: RequestScope, subject: RequestSubject): Deleted {
  const grace = beginGrace(core, kind, before, options);
  if (grace === "pending") return stays(before, options);
  const finalizers = finalizersFor(kind, before, options);
  let next = grace === "none" ? before : grace;
  if (finalizers !== undefined) next = withMeta(next, { finalizers });
  const held = (next.metadata.finalizers ?? []).length > 0;
  if (grace === "none" && held) next = markAsDeleting(core, next);
  if (next !== before) {
    const written = write(next);
    if (held || (grace !== "none" && (next.metadata.deletionGracePeriodSeconds ?? 0) > 0)) return stays(written, options);
    next = written;
  }
  if (scope.dryRun) return gone(kind, next);
  const removed = core.store.delete(kind.storagePrefix, keyText(key));
  assert(removed.ok, "nothing else writes during a request");
  journalStage(core, scope, subject, "etcd-write", { revision: core.store.revision, deleted: true });
  return gone(kind, removed.value);
}

const gone = (kind: KindDefinition, last: KubeObject): Deleted =>
  ({ body: returnsDeleted(kind) ? last : deleted(kind, last.metadata.name, last.metadata.uid), gone: true, accepted: false });

/** The object with its grace period begun or shortened; "pending" when it already ends no later; "none" when this kind or state knows no grace. */
function beginGrace(core: ServerCore, kind: KindDefinition, before: KubeObject, options: DeleteOptions): KubeObject | "pending" | "none" {
  const requested = options.gracePeriodSeconds !== undefined && options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds;
  const seconds = graceSecondsOf(kind, before, requested);
  if (seconds === undefined) return "none";
  const { deletionTimestamp, deletionGracePeriodSeconds: running, generation = 0 } = before.metadata;
  const { time, clock } = core.context;
  if (deletionTimestamp !== undefined) {
    if (running === undefined) return "none";
    if (requested === undefined || requested >= running) return "pending";
    const end = (time.parse(deletionTimestamp) ?? clock.now()) - (running - requested) * 1e6;
    return withMeta(before, { deletionTimestamp: time.seconds(usOf(end)), deletionGracePeriodSeconds: requested });
  }
  const end = clock.now() + seconds * 1e6;
  return withMeta(before, {
    deletionTimestamp: time.seconds(usOf(end)), deletionGracePeriodSeconds: seconds, ...(generation > 0 ? { generation: generation + 1 } : {}),
  });
}

/** Source: registry/generic/registry/store.go, markAsDeleting. */
function markAsDeleting(core: ServerCore, object: KubeObject): KubeObject {
  const { generation = 0, deletionTimestamp } = object.metadata;
  const { time, clock } = core.context;
  return withMeta(object, {
    deletionTimestamp: deletionTimestamp ?? time.seconds(clock.now()), deletionGracePeriodSeconds: 0,
    ...(deletionTimestamp === undefined && generation > 0 ? { generation: generation + 1 } : {}),
  });
}

/** The finalizers that propagation asks for; undefined when they stay as they are. Source: deletionFinalizersForGarbageCollection. */
function finalizersFor(kind: KindDefinition, object: KubeObject, options: DeleteOptions): readonly string[] | undefined {
  const policy = garbagePolicy(kind);
  if (policy === "unsupported") return undefined;
  const current = object.metadata.finalizers ?? [];
  const explicit = options.orphanDependents === undefined ? options.propagationPolicy : options.orphanDependents ? "Orphan" : "Background";
  const standing = current.includes("orphan") ? "Orphan" : current.includes("foregroundDeletion") ? "Foreground" : undefined;
  const chosen = explicit ?? standing ?? (policy === "orphan" ? "Orphan" : "Background");
  const next = current.filter((f) => f !== "orphan" && f !== "foregroundDeletion");
  if (chosen === "Orphan") next.push("orphan");
  if (chosen === "Foreground") next.push("foregroundDeletion");
  const same = next.length === current.length && next.every((f) => current.includes(f));
  return same ? undefined : next;
}

/** A namespace ends when its finalizers have emptied it. */
function removeNamespace(core: ServerCore, kind: KindDefinition, before: NamespaceObject, write: (next: KubeObject) => KubeObject, scope: RequestScope): Deleted {
  const { time, clock } = core.context;
  if (before.metadata.deletionTimestamp === undefined) {
    const marked = withMeta(before, { deletionTimestamp: time.seconds(clock.now()) });
    return { body: write({ ...marked, status: { ...marked.status, phase: "Terminating" } } as KubeObject), gone: false, accepted: false };
  }
  const held = (before.spec?.finalizers ?? []).length > 0 || (before.metadata.finalizers ?? []).length > 0;
  if (held) return { body: before, gone: false, accepted: false };
  if (!scope.dryRun) core.store.delete(kind.storagePrefix, before.metadata.name);
  return gone(kind, before);
}
