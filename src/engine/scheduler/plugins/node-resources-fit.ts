import type { ResourceAmounts } from "../../kinds/helpers/pod-resources.ts";
import { amountsOf } from "../../kinds/helpers/pod-resources.ts";
import { definePlugin, type EventObjects, MAX_NODE_SCORE, type Rejection, SKIP, unschedulable } from "../framework/plugin.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import type { PodInfo } from "../framework/pod-info.ts";

const TOO_MANY_PODS = "Too many pods";
const rejections = new Map<string, Rejection>();
const REJECTIONS_LIMIT = 1_000; // combinations kept, so that thousands of full nodes share one

/** One object for each combination of reasons. */
function rejection(reasons: readonly string[]): Rejection {
  const key = reasons.join();
  let found = rejections.get(key);
  if (found === undefined) {
    if (rejections.size >= REJECTIONS_LIMIT) rejections.clear();
    rejections.set(key, (found = unschedulable(...reasons)));
  }
  return found;
}

/** Which resources the node lacks for these requests. Source: pkg/scheduler/framework/plugins/noderesources/fit.go, fitsRequest. */
export function insufficient(requests: ResourceAmounts, node: NodeInfo): Rejection | undefined {
  const { allocatable, requested } = node;
  const { milliCpu, memory, ephemeralStorage, scalar } = requests;
  const full = node.pods.size + 1 > node.allowedPods;
  const lacks = (wanted: number, all: number, taken: number): boolean => wanted > 0 && wanted > all - taken;
  const noCpu = lacks(milliCpu, allocatable.milliCpu, requested.milliCpu);
  const noMemory = lacks(memory, allocatable.memory, requested.memory);
  const noStorage = lacks(ephemeralStorage, allocatable.ephemeralStorage, requested.ephemeralStorage);
  if (!full && !noCpu && !noMemory && !noStorage && scalar === undefined) return undefined;
  const reasons: string[] = [];
  if (full) reasons.push(TOO_MANY_PODS);
  if (noCpu) reasons.push("Insufficient cpu");
  if (noMemory) reasons.push("Insufficient memory");
  if (noStorage) reasons.push("Insufficient ephemeral-storage");
  for (const [name, wanted] of scalar ?? []) {
    if (lacks(wanted, allocatable.scalar?.get(name) ?? 0, requested.scalar?.get(name) ?? 0)) reasons.push(`Insufficient ${name}`);
  }
  return reasons.length === 0 ? undefined : rejection(reasons);
}

/** Source: least_allocated.go, leastRequestedScore. */
const leastRequested = (requested: number, capacity: number): number => (capacity === 0 || requested > capacity ? 0 : Math.floor(((capacity - requested) * MAX_NODE_SCORE) / capacity));

/** An empty node of that size would hold the pod. Source: fit.go, isSchedulableAfterNodeChange. */
function fitsNode({ facts }: PodInfo, { node, nodeBefore }: EventObjects): boolean {
  if (node === undefined) return false;
  const room = amountsOf(node.status?.allocatable);
  const has = (have: ResourceAmounts, field: "milliCpu" | "memory" | "ephemeralStorage"): boolean => facts.requests[field] <= have[field];
  const fits = has(room, "milliCpu") && has(room, "memory") && has(room, "ephemeralStorage") && [...(facts.requests.scalar ?? [])].every(([name, wanted]) => wanted <= (room.scalar?.get(name) ?? 0));
  if (!fits || nodeBefore === undefined) return fits;
  const before = amountsOf(nodeBefore.status?.allocatable);
  const { requests } = facts;
  // Only what the pod asks for counts, and only if there is more of it now; the number of pods counts always.
  return (
    Number(node.status?.allocatable?.["pods"] ?? 0) > Number(nodeBefore.status?.allocatable?.["pods"] ?? 0) ||
    (requests.milliCpu > 0 && room.milliCpu > before.milliCpu) || (requests.memory > 0 && room.memory > before.memory) ||
    (requests.ephemeralStorage > 0 && room.ephemeralStorage > before.ephemeralStorage) ||
    [...(requests.scalar?.keys() ?? [])].some((name) => (room.scalar?.get(name) ?? 0) > (before.scalar?.get(name) ?? 0))
  );
}

/**
 * Room for the pod's requests; among the nodes with room, those with the most left. Scoring counts CPU and memory, weight 1 each,
 * with 100m and 200Mi for containers that ask for nothing.
 * Source: pkg/scheduler/framework/plugins/noderesources/{fit,least_allocated,resource_allocation}.go.
 */
export const nodeResourcesFit = definePlugin<ResourceAmounts>({
  name: "NodeResourcesFit",
  requeueOn: [{ on: "AssignedPodDelete" }, { on: "PodScaleDown" }, { on: "NodeAdd", when: fitsNode }, { on: "NodeUpdateAllocatable", when: fitsNode }],
  preFilter: ({ facts }) => ({ state: facts.requests }),
  filter: (_pod, node, requests) => insufficient(requests, node),
  score({ facts }, node) {
    const { milliCpu, memory } = node.allocatable;
    const weights = (milliCpu === 0 ? 0 : 1) + (memory === 0 ? 0 : 1);
    if (weights === 0) return 0;
    const cpuScore = leastRequested(node.nonZeroMilliCpu + facts.nonZero.milliCpu, milliCpu);
    const memoryScore = leastRequested(node.nonZeroMemory + facts.nonZero.memory, memory);
    return Math.floor((cpuScore + memoryScore) / weights);
  },
});

/**
 * CPU and memory used to the same degree.
 * Source: pkg/scheduler/framework/plugins/noderesources/balanced_allocation.go.
 */
export const nodeResourcesBalancedAllocation = definePlugin({
  name: "NodeResourcesBalancedAllocation",
  preScore: ({ facts }) => (facts.requests.milliCpu === 0 && facts.requests.memory === 0 ? SKIP : { state: undefined }),
  score({ facts }, { allocatable, requested }) {
    if (allocatable.milliCpu === 0 || allocatable.memory === 0) return MAX_NODE_SCORE; // one resource or none: no deviation
    const cpu = Math.min(1, (requested.milliCpu + facts.requests.milliCpu) / allocatable.milliCpu);
    const memory = Math.min(1, (requested.memory + facts.requests.memory) / allocatable.memory);
    return Math.trunc((1 - Math.abs((cpu - memory) / 2)) * MAX_NODE_SCORE);
  },
});
