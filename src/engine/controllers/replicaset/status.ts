import { hasLabels } from "../../kinds/helpers/label-match.ts";
import type { Status } from "../../apimachinery/api.ts";
import { canonicalJson } from "../../kernel/hash.ts";
import type { PodObject, ReplicaSetObject, ReplicaSetStatus } from "../../kinds/generated/types.ts";
import { isPodAvailable, isPodReady } from "../../kinds/helpers/pod-state.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { keyOf } from "../../apimachinery/object.ts";
import { get, updateStatus } from "../actions.ts";
import type { ActionOutcome, ReadView } from "../plan.ts";
import type { Step } from "../steps.ts";

/** What a status says of pods. */
export interface PodNumbers {
  readonly active: number;
  readonly labelled: number;
  readonly ready: number;
  readonly available: number;
}

/** Every label of the template is one that the selector asks for, so all claimed pods have them. */
export const selectorCoversTemplate = ({ spec }: ReplicaSetObject): boolean => hasLabels(spec.selector?.matchLabels, spec.template?.metadata?.labels);

/** Source: pkg/controller/replicaset/replica_set_utils.go, calculateStatus. */
export function countPods(view: ReadView, rs: ReplicaSetObject, pods: readonly PodObject[]): PodNumbers {
  const templateLabels = selectorCoversTemplate(rs) ? undefined : rs.spec.template?.metadata?.labels;
  const minReadySeconds = rs.spec.minReadySeconds ?? 0;
  let [labelled, ready, available] = [0, 0, 0];
  for (const pod of pods) {
    if (templateLabels === undefined || hasLabels(pod.metadata.labels, templateLabels)) labelled += 1;
    if (!isPodReady(pod)) continue;
    ready += 1;
    if (minReadySeconds === 0 || isPodAvailable(pod, minReadySeconds, view.nowUs(), view.parseTime)) available += 1;
  }
  return { active: pods.length, labelled, ready, available };
}

/** The status for pods as they were before this sync created or deleted any. Source: calculateStatus. */
export function calculateStatus(view: ReadView, rs: ReplicaSetObject, { active, labelled, ready, available }: PodNumbers, error: Status | undefined): ReplicaSetStatus {
  const conditions = conditionsOf(view, rs, active, error);
  const generation = rs.metadata.generation ?? 0;
  return {
    replicas: active,
    ...(labelled > 0 && { fullyLabeledReplicas: labelled }), ...(ready > 0 && { readyReplicas: ready }), ...(available > 0 && { availableReplicas: available }),
    ...(generation > 0 && { observedGeneration: generation }), ...(conditions.length > 0 && { conditions }),
  };
}

function conditionsOf(view: ReadView, rs: ReplicaSetObject, podCount: number, error: Status | undefined): NonNullable<ReplicaSetStatus["conditions"]> {
  const conditions = rs.status?.conditions ?? [];
  const failing = conditions.some(({ type }) => type === "ReplicaFailure");
  if (error === undefined) return failing ? conditions.filter(({ type }) => type !== "ReplicaFailure") : conditions;
  if (failing) return conditions;
  const surplus = podCount - (rs.spec.replicas ?? 1);
  const reason = surplus < 0 ? "FailedCreate" : surplus > 0 ? "FailedDelete" : "";
  return [...conditions, { type: "ReplicaFailure", status: "True", lastTransitionTime: view.nowText(), reason, message: error.message ?? "" }];
}

/**
 * Writes the status if it changed; after a conflict once more, over a fresh copy.
 * Source: pkg/controller/replicaset/replica_set_utils.go, updateReplicaSetStatus.
 */
export function* writeStatus(rs: ReplicaSetObject, status: ReplicaSetStatus): Generator<Step, { rs: ReplicaSetObject; error?: Status }, readonly ActionOutcome[]> {
  if (rs.status !== undefined && canonicalJson(rs.status) === canonicalJson(status)) return { rs };
  const [first] = yield { attempt: updateStatus(ReplicaSet, { ...rs, status }) };
  if (first?.error === undefined) return { rs: (first?.objects[0] as ReplicaSetObject | undefined) ?? rs };
  const [fresh] = yield { attempt: get(ReplicaSet, keyOf(rs)) };
  const now = fresh?.objects[0] as ReplicaSetObject | undefined;
  if (now === undefined) return { rs, error: fresh?.error ?? first.error };
  const [second] = yield { attempt: updateStatus(ReplicaSet, { ...now, status }) };
  return second?.error === undefined ? { rs: now } : { rs: now, error: second.error };
}
