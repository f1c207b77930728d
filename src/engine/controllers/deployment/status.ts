import { canonicalJson } from "../../kernel/hash.ts";
import { Deployment } from "../../kinds/deployment.ts";
import type { DeploymentCondition, DeploymentObject, DeploymentStatus, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { updateStatus } from "../actions.ts";
import type { ReadView } from "../plan.ts";
import type { Step, SyncEnd } from "../steps.ts";
import type { ActionOutcome } from "../plan.ts";
import { maxUnavailableOf, specReplicas, sumAvailable, sumReady, sumSpec, sumStatus } from "./replica-sets.ts";

/** Source for this file: pkg/controller/deployment/{sync,progress}.go, pkg/controller/deployment/util/deployment_util.go. */

const NO_DEADLINE = 2_147_483_647; // seconds; the largest int32 switches the deadline off

export type Conditions = readonly DeploymentCondition[] | undefined;

export const hasProgressDeadline = (deployment: DeploymentObject): boolean => (deployment.spec.progressDeadlineSeconds ?? NO_DEADLINE) !== NO_DEADLINE;
export const conditionOf = (status: DeploymentStatus | undefined, type: string): DeploymentCondition | undefined => status?.conditions?.find((condition) => condition.type === type);

export const newCondition = (view: ReadView, type: string, status: string, reason: string, message: string): DeploymentCondition => ({
  type, status, lastUpdateTime: view.nowText(), lastTransitionTime: view.nowText(), reason, message,
});

/** Status and reason unchanged: the list stays as it is. Otherwise the new one goes to the end. Source: SetDeploymentCondition. */
export function setCondition(conditions: Conditions, condition: DeploymentCondition): Conditions {
  const current = conditions?.find(({ type }) => type === condition.type);
  if (current?.status === condition.status && current.reason === condition.reason) return conditions;
  const lastTransitionTime = current?.status === condition.status ? current.lastTransitionTime : condition.lastTransitionTime;
  return [...without(conditions, condition.type), { ...condition, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) }];
}

const without = (conditions: Conditions, type: string): readonly DeploymentCondition[] => conditions?.filter((condition) => condition.type !== type) ?? [];

/** Source: calculateStatus. Zero counts stay away, as in Go's JSON. */
export function calculateStatus(view: ReadView, deployment: DeploymentObject, all: readonly ReplicaSetObject[], newSet: ReplicaSetObject | undefined): DeploymentStatus {
  const available = sumAvailable(all);
  const enough = available >= specReplicas(deployment) - maxUnavailableOf(deployment);
  const conditions = setCondition(
    deployment.status?.conditions,
    enough
      ? newCondition(view, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
      : newCondition(view, "Available", "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability."),
  );
  return statusOf({
    observedGeneration: deployment.metadata.generation, replicas: sumStatus(all), updatedReplicas: newSet?.status?.replicas, readyReplicas: sumReady(all),
    availableReplicas: available, unavailableReplicas: Math.max(0, sumSpec(all) - available), conditions, collisionCount: deployment.status?.collisionCount,
  });
}

/** Leaves out what is absent or 0; a collision count is a pointer upstream and keeps its 0. */
function statusOf(fields: { readonly [K in keyof DeploymentStatus]: DeploymentStatus[K] | undefined }): DeploymentStatus {
  return Object.fromEntries(Object.entries(fields).filter(([name, value]) => value !== undefined && (value !== 0 || name === "collisionCount") && !(Array.isArray(value) && value.length === 0)));
}

/** Source: DeploymentComplete. */
export function isComplete(deployment: DeploymentObject, status: DeploymentStatus | undefined): boolean {
  const replicas = specReplicas(deployment);
  const { updatedReplicas = 0, replicas: current = 0, availableReplicas = 0, observedGeneration = 0 } = status ?? {};
  return updatedReplicas === replicas && current === replicas && availableReplicas === replicas && observedGeneration >= (deployment.metadata.generation ?? 0);
}

/** More updated, ready or available pods than before, or fewer old ones. Source: DeploymentProgressing. */
function isProgressing(before: DeploymentStatus | undefined, now: DeploymentStatus): boolean {
  const old = (status: DeploymentStatus | undefined): number => (status?.replicas ?? 0) - (status?.updatedReplicas ?? 0);
  const more = (field: "updatedReplicas" | "readyReplicas" | "availableReplicas"): boolean => (now[field] ?? 0) > (before?.[field] ?? 0);
  return more("updatedReplicas") || old(now) < old(before) || more("readyReplicas") || more("availableReplicas");
}

/** Simulated µs at which the rollout has made no progress for too long. */
function deadlineUs(view: ReadView, deployment: DeploymentObject, condition: DeploymentCondition): number {
  return (view.parseTime(condition.lastUpdateTime ?? "") ?? 0) + (deployment.spec.progressDeadlineSeconds ?? 0) * 1e6;
}

/** Source: DeploymentTimedOut. */
function isTimedOut(view: ReadView, deployment: DeploymentObject, status: DeploymentStatus): boolean {
  const condition = conditionOf(status, "Progressing");
  if (condition === undefined || condition.reason === "NewReplicaSetAvailable") return false;
  return condition.reason === "ProgressDeadlineExceeded" || deadlineUs(view, deployment, condition) < view.nowUs();
}

/** The Progressing and ReplicaFailure conditions of a rollout. Source: progress.go, syncRolloutStatus. */
function rolloutConditions(view: ReadView, deployment: DeploymentObject, all: readonly ReplicaSetObject[], newSet: ReplicaSetObject | undefined, status: DeploymentStatus): Conditions {
  let { conditions } = status;
  if (!hasProgressDeadline(deployment)) conditions = without(conditions, "Progressing");
  const current = conditionOf(deployment.status, "Progressing");
  const over = (status.replicas ?? 0) === (status.updatedReplicas ?? 0) && current?.reason === "NewReplicaSetAvailable";
  if (hasProgressDeadline(deployment) && !over) {
    const about = newSet === undefined ? `Deployment "${deployment.metadata.name}"` : `ReplicaSet "${newSet.metadata.name}"`;
    if (isComplete(deployment, status)) {
      conditions = setCondition(conditions, newCondition(view, "Progressing", "True", "NewReplicaSetAvailable", `${about} has successfully progressed.`));
    } else if (isProgressing(deployment.status, status)) {
      const fresh = newCondition(view, "Progressing", "True", "ReplicaSetUpdated", `${about} is progressing.`);
      const since = current?.status === "True" ? current.lastTransitionTime : fresh.lastTransitionTime;
      // Replaced even when status and reason stay the same: lastUpdateTime is what the deadline counts from.
      conditions = [...without(conditions, "Progressing"), { ...fresh, ...(since === undefined ? {} : { lastTransitionTime: since }) }];
    } else if (isTimedOut(view, deployment, status)) {
      conditions = setCondition(conditions, newCondition(view, "Progressing", "False", "ProgressDeadlineExceeded", `${about} has timed out progressing.`));
    }
  }
  const failure = [newSet, ...all].flatMap((rs) => rs?.status?.conditions?.filter(({ type }) => type === "ReplicaFailure") ?? [])[0];
  if (failure === undefined) return without(conditions, "ReplicaFailure");
  const { lastTransitionTime } = failure;
  return setCondition(conditions, { ...failure, ...(lastTransitionTime === undefined ? {} : { lastUpdateTime: lastTransitionTime }) });
}

/** Source: progress.go, requeueStuckDeployment. */
function requeueStuck(view: ReadView, deployment: DeploymentObject, status: DeploymentStatus): SyncEnd | undefined {
  const current = conditionOf(deployment.status, "Progressing");
  if (!hasProgressDeadline(deployment) || current === undefined || isComplete(deployment, status) || current.reason === "ProgressDeadlineExceeded") return undefined;
  const afterUs = deadlineUs(view, deployment, current) - view.nowUs();
  // Within the last second upstream looks again at once, with back-off; the deadline passes within a second either way.
  return { requeueAfterUs: afterUs < 1e6 ? Math.max(5_000, afterUs + 1_000) : afterUs + 1e6 };
}

/** Writes the status of a rollout if it changed; otherwise says when to look whether it is stuck. */
export function* syncRolloutStatus(
  view: ReadView, deployment: DeploymentObject, all: readonly ReplicaSetObject[], newSet: ReplicaSetObject | undefined,
): Generator<Step, SyncEnd | undefined, readonly ActionOutcome[]> {
  const counted = calculateStatus(view, deployment, all, newSet);
  const status = statusOf({ ...counted, conditions: rolloutConditions(view, deployment, all, newSet, counted) });
  if (sameStatus(deployment.status, status)) return requeueStuck(view, deployment, status);
  yield updateStatus(Deployment, { ...deployment, status });
  return undefined;
}

/** Writes the status of a deployment that is paused, being scaled or being deleted. Source: sync.go, syncDeploymentStatus. */
export function* syncStatus(
  view: ReadView, deployment: DeploymentObject, all: readonly ReplicaSetObject[], newSet: ReplicaSetObject | undefined,
): Generator<Step, SyncEnd | undefined, readonly ActionOutcome[]> {
  const status = calculateStatus(view, deployment, all, newSet);
  if (!sameStatus(deployment.status, status)) yield updateStatus(Deployment, { ...deployment, status });
  return undefined;
}

const sameStatus = (a: DeploymentStatus | undefined, b: DeploymentStatus): boolean => canonicalJson(statusOf({ ...a } as DeploymentStatus)) === canonicalJson(b);
