import type { Status } from "../../apimachinery/api.ts";
import type { KubeObject, ObjectKey } from "../../apimachinery/object.ts";
import { badRequest, createdStatus } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { PodCondition, PodObject } from "../../kinds/generated/types.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import { type RequestScope, type ServerCore, stored } from "../core.ts";
import { deleteObject } from "../verbs/delete.ts";
import { STATUS, writeOver } from "../verbs/update.ts";

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
  const pod = stored(core, kind, key);
  if (pod !== undefined && !isOver(pod as PodObject)) {
    const marked = writeOver(core, kind, key, (before) => ok(withDisruptionTarget(core, before as PodObject)), { ...scope, dryRun }, STATUS, { verb: "update", kind, namespace: key.namespace, name: key.name, subresource: "status" });
    if (!marked.ok) return marked;
  }
  const evicted = deleteObject(core, kind, key, {
    gracePeriodSeconds: options.gracePeriodSeconds, propagationPolicy: options.propagationPolicy,
    uid: options.preconditions?.uid, resourceVersion: options.preconditions?.resourceVersion,
  }, { ...scope, dryRun });
  return evicted.ok ? ok(createdStatus()) : evicted;
}

const isOver = ({ status, spec, metadata }: PodObject): boolean =>
  status?.phase === "Succeeded" || status?.phase === "Failed" || (spec.nodeName ?? "") === "" || metadata.deletionTimestamp !== undefined;

/** Source: eviction.go, addConditionAndDeletePod. */
function withDisruptionTarget(core: ServerCore, pod: PodObject): PodObject {
  const lastTransitionTime = core.context.time.seconds(core.context.clock.now());
  const condition = { type: "DisruptionTarget", status: "True", lastProbeTime: null, lastTransitionTime, reason: "EvictionByEvictionAPI", message: "Eviction API: evicting" };
  const conditions = [...(pod.status?.conditions ?? []).filter((c) => c.type !== condition.type), condition as unknown as PodCondition];
  return { ...pod, status: { ...pod.status, conditions } };
}
