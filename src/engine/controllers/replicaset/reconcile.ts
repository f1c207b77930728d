import type { Status } from "../../apimachinery/api.ts";
import { matchesLabelSelector } from "../../kinds/helpers/label-match.ts";
import type { ObjectKey } from "../../apimachinery/object.ts";
import { Pod } from "../../kinds/pod.ts";
import type { PodObject, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { isPodActive } from "../../kinds/helpers/pod-state.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { controllerOf, controllerReference, create, remove } from "../actions.ts";
import type { SyncState } from "../controller.ts";
import { type ActionOutcome, NOTHING, type Plan, type ReadView } from "../plan.ts";
import { claim } from "../shared/claim.ts";
import { podFromTemplate } from "../shared/pod-template.ts";
import { planOf, type Step, type SyncEnd } from "../steps.ts";
import { podsToDelete } from "./ranking.ts";
import { calculateStatus, writeStatus } from "./status.ts";

const BURST_REPLICAS = 500; // pods created or deleted in one sync

/** Source: pkg/controller/replicaset/replica_set.go, syncReplicaSet and manageReplicas. */
export function reconcileReplicaSet(key: ObjectKey, view: ReadView, state: SyncState): Plan {
  const rs = view.get(ReplicaSet, key);
  return rs === undefined ? NOTHING : planOf(sync(view, rs, state));
}

function* sync(view: ReadView, rs: ReplicaSetObject, { settled }: SyncState): Generator<Step, SyncEnd | undefined, readonly ActionOutcome[]> {
  const claimed = yield* claim(view, ReplicaSet, rs, Pod, rs.spec.selector, isPodActive);
  if (!claimed.ok) return { failed: claimed.failed };
  const pods = claimed.objects;
  let error: Status | undefined;
  // Until the last creates and deletes show, counting again would repeat them.
  if (settled && rs.metadata.deletionTimestamp === undefined) {
    const step = manageReplicas(view, rs, pods);
    if (step !== undefined) error = yield* attemptAll(step);
  }
  const written = yield* writeStatus(rs, calculateStatus(view, rs, pods, error));
  if (written.error !== undefined) return { failed: written.error };
  if (error !== undefined) return { failed: error };
  const { minReadySeconds = 0, replicas = 1 } = written.rs.spec;
  const { readyReplicas = 0, availableReplicas = 0 } = written.rs.status ?? {};
  return minReadySeconds > 0 && readyReplicas === replicas && availableReplicas !== replicas ? { requeueAfterUs: minReadySeconds * 1e6 } : undefined;
}

/** What is missing is created slowly, because what fails for one pod fails for all; what is too much goes at once. */
function manageReplicas(view: ReadView, rs: ReplicaSetObject, pods: readonly PodObject[]): Plan | undefined {
  const surplus = pods.length - (rs.spec.replicas ?? 1);
  if (surplus === 0) return undefined;
  const count = Math.min(Math.abs(surplus), BURST_REPLICAS);
  if (surplus < 0) {
    return { actions: [create(Pod, podFromTemplate(rs.spec.template, rs, controllerReference(ReplicaSet, rs)), { count, policy: "slowStart", reportTo: rs })] };
  }
  const doomed = podsToDelete(pods, relatedPods(view, rs), count, view.nowUs(), view.parseTime);
  return { actions: doomed.map((pod) => remove(Pod, pod, {}, rs)) };
}

/** Pods of all replica sets of the same deployment, this one's included. Source: getIndirectlyRelatedPods. */
function relatedPods(view: ReadView, rs: ReplicaSetObject): readonly PodObject[] {
  const owner = controllerOf(rs);
  if (owner === undefined) return view.ownedBy(Pod, rs);
  const siblings = view.list(ReplicaSet, rs.metadata.namespace).filter((other) => controllerOf(other)?.uid === owner.uid);
  return siblings.flatMap((sibling) => view.ownedBy(Pod, sibling).filter((pod) => matchesLabelSelector(sibling.spec.selector, pod.metadata.labels)));
}

/** Sends a plan's actions whatever becomes of them, and gives the first error. */
function* attemptAll({ actions }: Plan): Generator<Step, Status | undefined, readonly ActionOutcome[]> {
  const outcomes = yield { attemptAll: actions };
  return outcomes.find((outcome) => outcome.error !== undefined)?.error;
}
