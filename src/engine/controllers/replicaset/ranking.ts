import type { ContainerStatus, PodObject } from "../../kinds/generated/types.ts";
import { isPodActive, isPodReady, podCondition } from "../../kinds/helpers/pod-state.ts";

/** Source for this file: pkg/controller/controller_utils.go, ActivePodsWithRanks; pkg/controller/replicaset/replica_set.go, getPodsToDelete. */

const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const PHASE_ORDER: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
const US_TO_NS = 1_000;

interface Ranked {
  readonly pod: PodObject;
  readonly ready: boolean;
  readonly cost: number;
  readonly doubledUp: number;
  readonly readySinceUs: number | undefined;
  readonly createdUs: number | undefined;
}

/**
 * The `count` pods that can best be done without. `related`: pods of all sets of the same owner, for "two on one node".
 * Times are simulated µs; equal pods go by uid, so that the choice does not depend on list order.
 */
export function podsToDelete(pods: readonly PodObject[], related: readonly PodObject[], count: number, nowUs: number, parseTime: (text: string) => number | undefined): readonly PodObject[] {
  if (count >= pods.length) return pods;
  const onNode = new Map<string, number>();
  for (const pod of related) if (isPodActive(pod)) onNode.set(pod.spec.nodeName ?? "", (onNode.get(pod.spec.nodeName ?? "") ?? 0) + 1);
  const timeOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseTime(text));
  const ranked = pods.map((pod): Ranked => ({
    pod, ready: isPodReady(pod), cost: deletionCost(pod), doubledUp: onNode.get(pod.spec.nodeName ?? "") ?? 0,
    readySinceUs: isPodReady(pod) ? timeOf(podCondition(pod, "Ready")?.lastTransitionTime) : undefined, createdUs: timeOf(pod.metadata.creationTimestamp),
  }));
  ranked.sort((a, b) => compare(a, b, nowUs));
  return ranked.slice(0, count).map(({ pod }) => pod);
}

/** Below 0: `a` goes first. */
function compare(a: Ranked, b: Ranked, nowUs: number): number {
  const [nodeA, nodeB] = [a.pod.spec.nodeName ?? "", b.pod.spec.nodeName ?? ""];
  if (nodeA !== nodeB && (nodeA === "" || nodeB === "")) return nodeA === "" ? -1 : 1;
  const phase = (PHASE_ORDER[a.pod.status?.phase ?? ""] ?? 0) - (PHASE_ORDER[b.pod.status?.phase ?? ""] ?? 0);
  if (phase !== 0) return phase;
  if (a.ready !== b.ready) return a.ready ? 1 : -1;
  if (a.cost !== b.cost) return a.cost - b.cost;
  if (a.doubledUp !== b.doubledUp) return b.doubledUp - a.doubledUp;
  if (a.ready && a.readySinceUs !== b.readySinceUs) return compareAges(a.readySinceUs, b.readySinceUs, a, b, nowUs);
  const regular = maxRestarts(b.pod, false) - maxRestarts(a.pod, false);
  if (regular !== 0) return regular;
  const sidecar = maxRestarts(b.pod, true) - maxRestarts(a.pod, true);
  if (sidecar !== 0) return sidecar;
  if (a.createdUs !== b.createdUs) return compareAges(a.createdUs, b.createdUs, a, b, nowUs);
  return compareUids(a, b);
}

/** Younger first, but only by orders of magnitude: ages with the same power of two count as equal. Source: logarithmicRankDiff. */
function compareAges(a: number | undefined, b: number | undefined, podA: Ranked, podB: Ranked, nowUs: number): number {
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  return bucket(nowUs - a) - bucket(nowUs - b) || compareUids(podA, podB);
}

const bucket = (ageUs: number): number => (ageUs > 0 ? Math.trunc(Math.log2(ageUs * US_TO_NS)) : -1);

function compareUids({ pod: a }: Ranked, { pod: b }: Ranked): number {
  const [x, y] = [a.metadata.uid ?? "", b.metadata.uid ?? ""];
  return x < y ? -1 : x > y ? 1 : 0;
}

function deletionCost(pod: PodObject): number {
  const text = pod.metadata.annotations?.[DELETION_COST];
  return text !== undefined && /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0;
}

function maxRestarts(pod: PodObject, sidecars: boolean): number {
  const highest = (statuses: readonly ContainerStatus[] | undefined): number => (statuses ?? []).reduce((max, status) => Math.max(max, status.restartCount), 0);
  if (!sidecars) return highest(pod.status?.containerStatuses);
  const names = new Set(pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always").map(({ name }) => name));
  return highest(pod.status?.initContainerStatuses?.filter(({ name }) => names.has(name)));
}
