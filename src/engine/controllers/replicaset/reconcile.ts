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
import { CONTROLLER_INDEX, orphans } from "../informer-view.ts";
import { calculateStatus, countPods, type PodNumbers, selectorCoversTemplate, writeStatus } from "./status.ts";
import type { PodTally } from "./tally.ts";

const BURST_REPLICAS = 500; // pods created or deleted in one sync

/**
 * Source: pkg/controller/replicaset/replica_set.go, syncReplicaSet and manageReplicas.
 * `tally` may know the counts already; without it the pods are looked at one by one.
 */
export function reconcileReplicaSet(key: ObjectKey, view: ReadView, state: SyncState, tally?: PodTally): Plan {
  const rs = view.get(ReplicaSet, key);
  return rs === undefined ? NOTHING : planOf(sync(view, rs, state, tally));
}

function* sync(view: ReadView, rs: ReplicaSetObject, { settled }: SyncState, tally: PodTally | undefined): Generator<Step, SyncEnd | undefined, readonly ActionOutcome[]> {
  // Until the last creates and deletes show, counting again would repeat them.
  const mayAct = settled && rs.metadata.deletionTimestamp === undefined;
  let numbers = tally === undefined ? undefined : knownNumbers(view, rs, tally, mayAct);
  let pods: readonly PodObject[] = [];
  if (numbers === undefined) {
    const claimed = yield* claim(view, ReplicaSet, rs, Pod, rs.spec.selector, isPodActive);
    if (!claimed.ok) return { failed: claimed.failed };
    pods = claimed.objects;
    numbers = countPods(view, rs, pods);
  }
  let error: Status | undefined;
  if (mayAct) {
    const step = manageReplicas(view, rs, numbers.active, pods);
    if (step !== undefined) error = yield* attemptAll(step);
  }
  const written = yield* writeStatus(rs, calculateStatus(view, rs, numbers, error));
  if (written.error !== undefined) return { failed: written.error };
  if (error !== undefined) return { failed: error };
  const { minReadySeconds = 0, replicas = 1 } = written.rs.spec;
  const { readyReplicas = 0, availableReplicas = 0 } = written.rs.status ?? {};
  return minReadySeconds > 0 && readyReplicas === replicas && availableReplicas !== replicas ? { requeueAfterUs: minReadySeconds * 1e6 } : undefined;
}

/** The numbers without a look at the pods; undefined when pods have to be chosen, adopted or released. */
function knownNumbers(view: ReadView, rs: ReplicaSetObject, tally: PodTally, mayAct: boolean): PodNumbers | undefined {
  const counts = tally.of(rs);
  if (counts === undefined || (rs.spec.minReadySeconds ?? 0) > 0 || !selectorCoversTemplate(rs)) return undefined;
  if (mayAct && counts.active > (rs.spec.replicas ?? 1)) return undefined;
  const strays = view.byIndex(Pod, CONTROLLER_INDEX, orphans(rs.metadata.namespace ?? ""));
  if (strays.some(({ metadata }) => matchesLabelSelector(rs.spec.selector, metadata.labels))) return undefined;
  const { active, ready } = counts;
  return { active, labelled: active, ready, available: ready };
}

/** What is missing is created slowly, because what fails for one pod fails for all; what is too much goes at once. */
function manageReplicas(view: ReadView, rs: ReplicaSetObject, active: number, pods: readonly PodObject[]): Plan | undefined {
  const surplus = active - (rs.spec.replicas ?? 1);
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
