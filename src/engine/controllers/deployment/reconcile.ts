import { selectsEverything } from "../../kinds/helpers/label-match.ts";
import type { ObjectKey } from "../../apimachinery/object.ts";
import { Deployment } from "../../kinds/deployment.ts";
import type { DeploymentObject, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { event, updateStatus } from "../actions.ts";
import { type ActionOutcome, NOTHING, type Plan, type ReadView } from "../plan.ts";
import { claim } from "../shared/claim.ts";
import { planOf, type Step, type SyncEnd } from "../steps.ts";
import { allSets, sortOut, withCondition } from "./new-replica-set.ts";
import { isRolling } from "./replica-sets.ts";
import { cleanUp, rolloutRecreate, rolloutRolling } from "./rolling.ts";
import { isScalingEvent, scale } from "./scale.ts";
import { conditionOf, hasProgressDeadline, syncStatus } from "./status.ts";

type Sync<R> = Generator<Step, R, readonly ActionOutcome[]>;

/**
 * Source: pkg/controller/deployment/deployment_controller.go, syncDeployment.
 * Differs: the rollback annotation of extensions/v1beta1 is not read; `kubectl rollout undo` patches the template.
 */
export function reconcileDeployment(key: ObjectKey, view: ReadView): Plan {
  const deployment = view.get(Deployment, key);
  return deployment === undefined ? NOTHING : planOf(sync(view, deployment));
}

function* sync(view: ReadView, deployment: DeploymentObject): Sync<SyncEnd | undefined> {
  if (deployment.spec.selector !== undefined && selectsEverything(deployment.spec.selector)) return yield* selectingAll(deployment);
  const claimed = yield* claim(view, Deployment, deployment, ReplicaSet, deployment.spec.selector);
  if (!claimed.ok) return { failed: claimed.failed };
  const sets = claimed.objects;
  if (deployment.metadata.deletionTimestamp !== undefined) {
    const sorted = yield* sortOut(view, deployment, sets, false);
    return sorted.ok ? yield* syncStatus(view, sorted.rollout.deployment, allSets(sorted.rollout), sorted.rollout.newSet) : sorted.end;
  }
  const current = yield* checkPaused(view, deployment);
  if (current.spec.paused === true) return yield* syncScale(view, current, sets);
  const sorted = yield* sortOut(view, current, sets, false);
  if (!sorted.ok) return sorted.end;
  // What this look changed counts for the rest of the sync, as upstream's deployment copy does.
  const { rollout } = sorted;
  const known = allSets(rollout);
  if (isScalingEvent(rollout)) return yield* syncScale(view, rollout.deployment, known);
  return isRolling(rollout.deployment) ? yield* rolloutRolling(view, rollout.deployment, known) : yield* rolloutRecreate(view, rollout.deployment, known);
}

function* selectingAll(deployment: DeploymentObject): Sync<undefined> {
  yield event(deployment, "Warning", "SelectingAll", "This deployment is selecting all pods. A non-empty selector is required.");
  const { generation = 0 } = deployment.metadata;
  if ((deployment.status?.observedGeneration ?? 0) < generation) yield updateStatus(Deployment, { ...deployment, status: { ...deployment.status, observedGeneration: generation } });
  return undefined;
}

/** Says in the Progressing condition that the rollout was paused or resumed. Source: sync.go, checkPausedConditions. */
function* checkPaused(view: ReadView, deployment: DeploymentObject): Sync<DeploymentObject> {
  const reason = conditionOf(deployment.status, "Progressing")?.reason;
  if (!hasProgressDeadline(deployment) || reason === "ProgressDeadlineExceeded") return deployment;
  const paused = deployment.spec.paused === true;
  if (paused === (reason === "DeploymentPaused")) return deployment;
  const next = paused
    ? withCondition(deployment, view, "Unknown", "DeploymentPaused", "Deployment is paused")
    : withCondition(deployment, view, "Unknown", "DeploymentResumed", "Deployment is resumed");
  yield updateStatus(Deployment, next);
  return next;
}

/** Only sizes; the template's rollout stands still. Source: sync.go, sync. */
function* syncScale(view: ReadView, deployment: DeploymentObject, sets: readonly ReplicaSetObject[]): Sync<SyncEnd | undefined> {
  const sorted = yield* sortOut(view, deployment, sets, false);
  if (!sorted.ok) return sorted.end;
  const { rollout } = sorted;
  yield* scale(rollout);
  if (rollout.deployment.spec.paused === true) yield* cleanUp(rollout);
  return yield* syncStatus(view, rollout.deployment, allSets(rollout), rollout.newSet);
}

