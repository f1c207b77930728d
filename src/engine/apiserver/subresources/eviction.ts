import type { Status } from "../../apimachinery/api.ts";
import type { KubeObject, ObjectKey } from "../../apimachinery/object.ts";
import { badRequest, createdStatus } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { RequestScope, ServerCore } from "../core.ts";
import { deleteObject } from "../verbs/delete.ts";

interface EvictionBody extends KubeObject {
  readonly deleteOptions?: {
    readonly gracePeriodSeconds?: number;
    readonly propagationPolicy?: string;
    readonly dryRun?: readonly string[];
    readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  };
}

/**
 * Deletes a pod as an eviction. Source: pkg/registry/core/pod/storage/eviction.go, EvictionREST.Create.
 * Differs: PodDisruptionBudgets are not served yet, so nothing stands in the way.
 */
export function createEviction(core: ServerCore, kind: KindDefinition, key: ObjectKey, body: KubeObject, scope: RequestScope): Result<Status, Status> {
  const { metadata, deleteOptions: options = {} } = body as EvictionBody;
  if (metadata.name !== key.name) return err(badRequest("name in URL does not match name in Eviction object"));
  const dryRun = scope.dryRun || (options.dryRun ?? []).includes("All");
  const evicted = deleteObject(core, kind, key, {
    gracePeriodSeconds: options.gracePeriodSeconds, propagationPolicy: options.propagationPolicy,
    uid: options.preconditions?.uid, resourceVersion: options.preconditions?.resourceVersion,
  }, { ...scope, dryRun });
  return evicted.ok ? ok(createdStatus()) : evicted;
}
