import { keyOf, keyText, type ObjectKey } from "../../apimachinery/object.ts";
import { DaemonSet } from "../../kinds/daemon-set.ts";
import type { DaemonSetObject, DaemonSetStatus, NodeObject, PodObject, Toleration } from "../../kinds/generated/types.ts";
import { selectsEverything } from "../../kinds/helpers/label-match.ts";
import { isPodAvailable, isPodReady, isPodTerminal } from "../../kinds/helpers/pod-state.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { controllerReference, create, event, get, remove, updateStatus } from "../actions.ts";
import type { SyncState } from "../controller.ts";
import { type Action, type ActionOutcome, NOTHING, type Plan, type ReadView } from "../plan.ts";
import { claim } from "../shared/claim.ts";
import { podFromTemplate } from "../shared/pod-template.ts";
import { shareOf } from "../shared/rounding.ts";
import { computeHash } from "../shared/template-hash.ts";
import { planOf, type Step, type SyncEnd } from "../steps.ts";
import type { FailedPodsBackoff } from "./failed-pods.ts";
import { daemonTolerations, isUpdated, nodeWish, olderFirst, targetNode, templateFor, templateGeneration, REVISION_HASH_LABEL } from "./template.ts";

const BURST_REPLICAS = 250; // pods created, and as many deleted, in one sync

type Sync<R> = Generator<Step, R, readonly ActionOutcome[]>;

/** Everything one sync looks at. */
interface Situation {
  readonly view: ReadView;
  readonly set: DaemonSetObject;
  readonly hash: string;
  readonly tolerations: readonly Toleration[];
  readonly nodes: readonly NodeObject[];
  readonly podsByNode: ReadonlyMap<string, readonly PodObject[]>;
  readonly failedPods: FailedPodsBackoff;
}

interface Wants {
  readonly nodes: string[];
  readonly doomed: PodObject[];
  readonly events: Action[];
  requeueAfterUs?: number;
}

/**
 * Source: pkg/controller/daemon/daemon_controller.go, syncDaemonSet.
 * Differs: no ControllerRevision objects are kept; the hash of the template alone tells old pods from new ones.
 */
export function reconcileDaemonSet(key: ObjectKey, view: ReadView, state: SyncState, failedPods: FailedPodsBackoff): Plan {
  const set = view.get(DaemonSet, key);
  return set === undefined ? NOTHING : planOf(sync(view, set, state, failedPods));
}

function* sync(view: ReadView, set: DaemonSetObject, { settled }: SyncState, failedPods: FailedPodsBackoff): Sync<SyncEnd | undefined> {
  if (set.spec.selector !== undefined && selectsEverything(set.spec.selector)) {
    yield event(set, "Warning", "SelectingAll", "This daemon set is selecting all pods. A non-empty selector is required.");
    return undefined;
  }
  if (set.metadata.deletionTimestamp !== undefined) return undefined;
  const claimed = yield* claim(view, DaemonSet, set, Pod, set.spec.selector);
  if (!claimed.ok) return { failed: claimed.failed };
  const situation: Situation = {
    view, set, failedPods, hash: computeHash(set.spec.template, set.status?.collisionCount), tolerations: daemonTolerations(set.spec.template.spec),
    nodes: view.list(Node), podsByNode: byNode(claimed.objects),
  };
  if (!settled) return yield* writeStatus(situation, false);
  const wants = manage(situation);
  let failed = yield* act(situation, wants);
  // What was just created or deleted has to show before anything is replaced.
  if (failed === undefined && wants.nodes.length + wants.doomed.length === 0 && set.spec.updateStrategy?.type !== "OnDelete") failed = yield* act(situation, rollingUpdate(situation));
  const end = yield* writeStatus(situation, true);
  if (failed !== undefined) return { failed };
  return end?.failed === undefined && wants.requeueAfterUs !== undefined ? { requeueAfterUs: wants.requeueAfterUs } : end;
}

function byNode(pods: readonly PodObject[]): ReadonlyMap<string, readonly PodObject[]> {
  const groups = new Map<string, PodObject[]>();
  for (const pod of pods) {
    if (isPodTerminal(pod) && pod.metadata.deletionTimestamp !== undefined) continue;
    const node = targetNode(pod);
    const group = groups.get(node);
    if (group === undefined) groups.set(node, [pod]);
    else group.push(pod);
  }
  return groups;
}

const NO_PODS: readonly PodObject[] = [];

/** Which nodes need a pod and which pods have to go. Source: manage, podsShouldBeOnNode. */
function manage(situation: Situation): Wants {
  const { set, nodes, podsByNode, tolerations } = situation;
  const wants: Wants = { nodes: [], doomed: [], events: [] };
  for (const node of nodes) {
    const { name } = node.metadata;
    const pods = podsByNode.get(name) ?? NO_PODS;
    const { shouldRun, shouldContinue } = nodeWish(set, tolerations, node);
    if (shouldRun && pods.length === 0) wants.nodes.push(name);
    else if (shouldContinue) tend(situation, name, pods, shouldRun, wants);
    else wants.doomed.push(...pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined));
  }
  // Never scheduled, for a node that is no more: nobody else would remove them.
  const known = new Set(nodes.map(({ metadata }) => metadata.name));
  for (const [name, pods] of podsByNode) if (!known.has(name)) wants.doomed.push(...pods.filter(({ spec }) => (spec.nodeName ?? "") === ""));
  return wants;
}

/** One node that may keep its daemon: failed and surplus pods go. */
function tend({ view, set, hash, failedPods }: Situation, node: string, pods: readonly PodObject[], shouldRun: boolean, wants: Wants): void {
  const running: PodObject[] = [];
  for (const pod of pods) {
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const named = `${pod.metadata.namespace}/${pod.metadata.name} on node ${node}`;
    if (pod.status?.phase === "Failed") {
      const waitUs = failedPods.next(`${set.metadata.uid}/${set.status?.observedGeneration ?? 0}/${node}`, view.nowUs());
      if (waitUs > 0) {
        wants.requeueAfterUs = Math.min(wants.requeueAfterUs ?? waitUs, waitUs);
        continue;
      }
      wants.events.push(event(set, "Warning", "FailedDaemonPod", `Found failed daemon pod ${named}, will try to kill it`));
      wants.doomed.push(pod);
    } else if (pod.status?.phase === "Succeeded") {
      wants.events.push(event(set, "Normal", "SucceededDaemonPod", `Found succeeded daemon pod ${named}, will try to delete it`));
      wants.doomed.push(pod);
    } else running.push(pod);
  }
  const sorted = running.toSorted(olderFirst);
  if (!allowsSurge(set)) {
    wants.doomed.push(...sorted.slice(1));
    return;
  }
  if (sorted.length === 0 && shouldRun) wants.nodes.push(node);
  if (sorted.length <= 1) return;
  const [newest, ...otherNew] = sorted.filter(({ metadata }) => metadata.labels?.[REVISION_HASH_LABEL] === hash);
  const [oldest, ...otherOld] = sorted.filter(({ metadata }) => metadata.labels?.[REVISION_HASH_LABEL] !== hash);
  wants.doomed.push(...otherNew, ...otherOld);
  // Two may stand side by side only while the old one works and the new one does not yet.
  if (newest !== undefined && oldest !== undefined && (!isPodReady(oldest) || available(view, set, newest))) wants.doomed.push(oldest);
}

const available = (view: ReadView, set: DaemonSetObject, pod: PodObject): boolean => isPodAvailable(pod, set.spec.minReadySeconds ?? 0, view.nowUs(), view.parseTime);
const allowsSurge = (set: DaemonSetObject): boolean => set.spec.updateStrategy?.type === "RollingUpdate" && shareOf(set.spec.updateStrategy.rollingUpdate?.maxSurge, 1, "up") > 0;

/** Replaces old pods as far as unavailability or surge allow. Source: pkg/controller/daemon/update.go, rollingUpdate. */
function rollingUpdate({ view, set, hash, nodes, podsByNode, tolerations }: Situation): Wants {
  const wants: Wants = { nodes: [], doomed: [], events: [] };
  const generation = templateGeneration(set);
  const wanted = nodes.filter((node) => nodeWish(set, tolerations, node).shouldRun).map(({ metadata }) => metadata.name);
  const { maxSurge, maxUnavailable } = limits(set, wanted.length);
  let [unavailable, surging] = [0, 0];
  const candidates: { readonly node: string; readonly pod: PodObject }[] = [];
  for (const node of new Set([...podsByNode.keys(), ...wanted])) {
    const alive = (podsByNode.get(node) ?? NO_PODS).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    const fresh = alive.filter((pod) => isUpdated(pod, hash, generation));
    const old = alive.filter((pod) => !isUpdated(pod, hash, generation));
    const [newPod, oldPod] = [fresh[0], old[0]];
    if (fresh.length > 1 || old.length > 1) {
      unavailable += 1;
      surging += 1;
    } else if (maxSurge > 0) {
      if (oldPod === undefined) continue;
      if (newPod !== undefined) {
        if (available(view, set, newPod)) wants.doomed.push(oldPod);
        else surging += 1;
      } else if (!available(view, set, oldPod)) wants.nodes.push(node);
      else candidates.push({ node, pod: oldPod });
    } else if (oldPod === undefined || newPod !== undefined) {
      if (newPod === undefined || oldPod !== undefined || !available(view, set, newPod)) unavailable += 1;
    } else if (!available(view, set, oldPod)) wants.doomed.push(oldPod);
    else candidates.push({ node, pod: oldPod });
  }
  if (maxSurge > 0) wants.nodes.push(...candidates.slice(0, Math.max(0, maxSurge - surging)).map(({ node }) => node));
  else wants.doomed.push(...candidates.slice(0, Math.max(0, maxUnavailable - unavailable)).map(({ pod }) => pod));
  return wants;
}

/** Both percentages are rounded up; if nothing may be missing or in excess, one may be missing. Source: daemonset_util.go, SurgeCount, UnavailableCount. */
function limits(set: DaemonSetObject, desired: number): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const rolling = set.spec.updateStrategy?.rollingUpdate;
  const maxSurge = shareOf(rolling?.maxSurge, desired, "up");
  const maxUnavailable = shareOf(rolling?.maxUnavailable ?? 1, desired, "up");
  return { maxSurge, maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable };
}

/** Creates and deletes, at most a burst of each; gives the first error. Source: syncNodes. */
function* act({ set, hash }: Situation, wants: Wants): Sync<SyncEnd["failed"]> {
  const actions: Action[] = [...wants.events];
  const pods = wants.nodes.slice(0, BURST_REPLICAS).map((node) => podFromTemplate(templateFor(set, hash, node), set, controllerReference(DaemonSet, set)));
  if (pods[0] !== undefined) actions.push(create(Pod, pods[0], { objects: pods, policy: "slowStart", reportTo: set }));
  for (const pod of wants.doomed.slice(0, BURST_REPLICAS)) actions.push(remove(Pod, pod, {}, set));
  if (actions.length === 0) return undefined;
  const outcomes = yield { attemptAll: actions };
  return outcomes.find((outcome) => outcome.error !== undefined)?.error;
}

/** Source: updateDaemonSetStatus, storeDaemonSetStatus. Without `acted`, the observed generation stays: nothing was done for it yet. */
function* writeStatus(situation: Situation, acted: boolean): Sync<SyncEnd | undefined> {
  const { set } = situation;
  const counts = countNodes(situation);
  const observedGeneration = acted ? (set.metadata.generation ?? 0) : (set.status?.observedGeneration ?? 0);
  const requeue = counts.numberReady !== (counts.numberAvailable ?? 0) ? { requeueAfterUs: (set.spec.minReadySeconds ?? 0) * 1e6 } : undefined;
  const same = (Object.keys(counts) as (keyof typeof counts)[]).every((field) => (set.status?.[field] ?? 0) === counts[field]);
  if (set.status !== undefined && same && (set.status.observedGeneration ?? 0) >= (acted ? (set.metadata.generation ?? 0) : 0)) return requeue;
  const statusFor = (target: DaemonSetObject): DaemonSetObject => ({ ...target, status: withoutZeros({ ...target.status, ...counts, ...(observedGeneration > 0 && { observedGeneration }) }) });
  const [first] = yield { attempt: updateStatus(DaemonSet, statusFor(set)) };
  if (first?.error === undefined) return requeue;
  const [fresh] = yield { attempt: get(DaemonSet, keyOf(set)) };
  const now = fresh?.objects[0] as DaemonSetObject | undefined;
  if (now === undefined) return { failed: fresh?.error ?? first.error };
  yield updateStatus(DaemonSet, statusFor(now));
  return requeue;
}

/** Counts that Go leaves out when they are 0. */
function withoutZeros(status: DaemonSetStatus): DaemonSetStatus {
  const { updatedNumberScheduled = 0, numberAvailable = 0, numberUnavailable = 0, ...rest } = status;
  return { ...rest, ...(updatedNumberScheduled > 0 && { updatedNumberScheduled }), ...(numberAvailable > 0 && { numberAvailable }), ...(numberUnavailable > 0 && { numberUnavailable }) };
}

type Counts = Required<Pick<DaemonSetStatus, "currentNumberScheduled" | "numberMisscheduled" | "desiredNumberScheduled" | "numberReady" | "updatedNumberScheduled" | "numberAvailable" | "numberUnavailable">>;

function countNodes({ view, set, hash, nodes, podsByNode, tolerations }: Situation): Counts {
  let [desired, current, misscheduled, ready, updated, reachable] = [0, 0, 0, 0, 0, 0];
  for (const node of nodes) {
    const pods = podsByNode.get(node.metadata.name) ?? NO_PODS;
    if (!nodeWish(set, tolerations, node).shouldRun) {
      if (pods.length > 0) misscheduled += 1;
      continue;
    }
    desired += 1;
    const pod = pods.length > 1 ? pods.toSorted(olderFirst)[0] : pods[0];
    if (pod === undefined) continue;
    current += 1;
    if (isPodReady(pod)) {
      ready += 1;
      if (available(view, set, pod)) reachable += 1;
    }
    if (isUpdated(pod, hash, templateGeneration(set))) updated += 1;
  }
  return {
    currentNumberScheduled: current, numberMisscheduled: misscheduled, desiredNumberScheduled: desired, numberReady: ready,
    updatedNumberScheduled: updated, numberAvailable: reachable, numberUnavailable: desired - reachable,
  };
}

export const daemonSetKey = (set: DaemonSetObject): string => keyText(keyOf(set));
