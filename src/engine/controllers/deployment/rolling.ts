import { Pod } from "../../kinds/pod.ts";
import type { DeploymentObject, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { remove } from "../actions.ts";
import type { ActionOutcome, ReadView } from "../plan.ts";
import type { Step, SyncEnd } from "../steps.ts";
import { allSets, type Rollout, sortOut } from "./new-replica-set.ts";
import { active, byCreation, byRevision, maxUnavailableOf, newReplicaSetSize, specReplicas, sumAvailable, sumSpec, sumStatus } from "./replica-sets.ts";
import { resize } from "./scale.ts";
import { isComplete, syncRolloutStatus } from "./status.ts";

type Sync<R> = Generator<Step, R, readonly ActionOutcome[]>;

const UNLIMITED_HISTORY = 2_147_483_647; // the largest int32

/** One step of a rolling update: the new set up, or else the old ones down. Source: pkg/controller/deployment/rolling.go, rolloutRolling. */
export function* rolloutRolling(view: ReadView, deployment: DeploymentObject, sets: readonly ReplicaSetObject[]): Sync<SyncEnd | undefined> {
  const sorted = yield* sortOut(view, deployment, sets, true);
  if (!sorted.ok) return sorted.end;
  const { rollout } = sorted;
  const { newSet } = rollout;
  const all = allSets(rollout);
  if (newSet !== undefined) {
    const scaledUp = yield* scaleUpNew(rollout.deployment, all, newSet);
    if (!scaledUp && !(yield* scaleDownOld(rollout, newSet)) && isComplete(rollout.deployment, rollout.deployment.status)) yield* cleanUp(rollout);
  }
  return yield* syncRolloutStatus(view, rollout.deployment, all, newSet);
}

/** Source: rolling.go, reconcileNewReplicaSet. */
function* scaleUpNew(deployment: DeploymentObject, all: readonly ReplicaSetObject[], newSet: ReplicaSetObject): Sync<boolean> {
  const current = specReplicas(newSet);
  const replicas = specReplicas(deployment);
  const size = current > replicas ? replicas : newReplicaSetSize(deployment, all, current);
  if (size === current) return false;
  yield* resize(deployment, newSet, size);
  return true;
}

/** Source: rolling.go, reconcileOldReplicaSets. */
function* scaleDownOld(rollout: Rollout, newSet: ReplicaSetObject): Sync<boolean> {
  const { deployment } = rollout;
  const old = active(rollout.oldSets);
  if (old.length === 0) return false;
  const minAvailable = specReplicas(deployment) - maxUnavailableOf(deployment);
  const newUnavailable = specReplicas(newSet) - (newSet.status?.availableReplicas ?? 0);
  const mayGo = sumSpec(allSets(rollout)) - minAvailable - newUnavailable;
  if (mayGo <= 0) return false;
  const cleaned = yield* cleanUpUnhealthy(deployment, old, mayGo);
  const scaledDown = yield* scaleDownHealthy(deployment, cleaned.sets, sumAvailable([...cleaned.sets, newSet]) - minAvailable);
  return cleaned.count + scaledDown > 0;
}

/** Pods that are not available go first: they cost no availability. Source: rolling.go, cleanupUnhealthyReplicas. */
function* cleanUpUnhealthy(deployment: DeploymentObject, old: readonly ReplicaSetObject[], limit: number): Sync<{ sets: ReplicaSetObject[]; count: number }> {
  const sets = old.toSorted(byCreation);
  let count = 0;
  for (const [i, rs] of sets.entries()) {
    if (count >= limit) break;
    const unhealthy = specReplicas(rs) - (rs.status?.availableReplicas ?? 0);
    if (specReplicas(rs) === 0 || unhealthy === 0) continue;
    const down = Math.min(limit - count, unhealthy);
    if (down < 0) continue; // more available than wanted: an earlier scale-down is still under way
    sets[i] = yield* resize(deployment, rs, specReplicas(rs) - down);
    count += down;
  }
  return { sets, count };
}

/** Source: rolling.go, scaleDownOldReplicaSetsForRollingUpdate. */
function* scaleDownHealthy(deployment: DeploymentObject, old: readonly ReplicaSetObject[], limit: number): Sync<number> {
  let count = 0;
  for (const rs of old.toSorted(byCreation)) {
    if (count >= limit) break;
    const down = Math.min(specReplicas(rs), limit - count);
    if (down === 0) continue;
    yield* resize(deployment, rs, specReplicas(rs) - down);
    count += down;
  }
  return count;
}

/** All old pods go before the first new one comes. Source: pkg/controller/deployment/recreate.go, rolloutRecreate. */
export function* rolloutRecreate(view: ReadView, deployment: DeploymentObject, sets: readonly ReplicaSetObject[]): Sync<SyncEnd | undefined> {
  let sorted = yield* sortOut(view, deployment, sets, false);
  if (!sorted.ok) return sorted.end;
  let { rollout } = sorted;
  let scaledDown = false;
  for (const rs of active(rollout.oldSets)) {
    yield* resize(rollout.deployment, rs, 0);
    scaledDown = true;
  }
  if (scaledDown || oldPodsRunning(view, rollout)) return yield* syncRolloutStatus(view, rollout.deployment, allSets(rollout), rollout.newSet);
  if (rollout.newSet === undefined) {
    sorted = yield* sortOut(view, rollout.deployment, rollout.oldSets, true);
    if (!sorted.ok) return sorted.end;
    rollout = sorted.rollout;
  }
  if (rollout.newSet !== undefined) yield* resize(rollout.deployment, rollout.newSet, specReplicas(rollout.deployment));
  if (isComplete(rollout.deployment, rollout.deployment.status)) yield* cleanUp(rollout);
  return yield* syncRolloutStatus(view, rollout.deployment, allSets(rollout), rollout.newSet);
}

/** Terminating pods still run. Source: recreate.go, oldPodsRunning. */
function oldPodsRunning(view: ReadView, { oldSets }: Rollout): boolean {
  if (sumStatus(oldSets) > 0) return true;
  return oldSets.some((rs) => view.ownedBy(Pod, rs).some((pod) => pod.status?.phase !== "Failed" && pod.status?.phase !== "Succeeded"));
}

/** Empty old sets beyond the history limit, oldest revision first. Source: sync.go, cleanupDeployment. */
export function* cleanUp({ deployment, oldSets }: Rollout): Sync<undefined> {
  const limit = deployment.spec.revisionHistoryLimit ?? UNLIMITED_HISTORY;
  if (limit === UNLIMITED_HISTORY) return undefined;
  const alive = oldSets.filter((rs) => rs.metadata.deletionTimestamp === undefined).toSorted(byRevision);
  const surplus = alive.slice(0, Math.max(0, alive.length - limit));
  const empty = surplus.filter((rs) => (rs.status?.replicas ?? 0) === 0 && specReplicas(rs) === 0 && (rs.metadata.generation ?? 0) <= (rs.status?.observedGeneration ?? 0));
  if (empty.length > 0) yield empty.map((rs) => remove(ReplicaSet, rs));
  return undefined;
}
