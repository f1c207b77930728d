import type { Rng } from "../../kernel/rng.ts";
import type { PodObject } from "../../kinds/generated/types.ts";
import { podCondition } from "../../kinds/helpers/pod-state.ts";
import type { SchedulingCycle } from "./cycle.ts";
import { ReasonCounts } from "./messages.ts";
import type { NodeInfo } from "./node-info.ts";
import { type Rejection, type SchedulingWorld, unresolvable } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";

/** Source for this file: pkg/scheduler/framework/preemption/preemption.go; pkg/scheduler/framework/plugins/defaultpreemption/default_preemption.go. */

const MIN_CANDIDATES = 100; // nodes
const MIN_CANDIDATES_PERCENT = 10;
const NOT_HELPFUL = unresolvable("Preemption is not helpful for scheduling");
const NO_VICTIMS = unresolvable("No preemption victims found for incoming pod");
const PRIORITY_OFFSET = 2 ** 31; // makes every priority positive, so that more victims never cost less

export interface Candidate {
  readonly node: NodeInfo;
  /** Most important first. */
  readonly victims: readonly PodInfo[];
}

/** What came of looking for victims: a candidate, or why there is none (the text after "preemption: "). */
export type PreemptionResult = { readonly candidate: Candidate } | { readonly message: string };

/** Looks for the node where evicting less important pods makes room at the least cost. `cycle` has just failed for this pod. */
export function findPreemption(pod: PodInfo, cycle: SchedulingCycle, world: SchedulingWorld, rng: Rng): PreemptionResult {
  const notEligible = whyNotEligible(pod.pod, cycle, world);
  if (notEligible !== undefined) return { message: notEligible };
  const nodeCount = world.cache.nodes().length;
  const helpful: NodeInfo[] = [];
  for (let i = 0; i < cycle.visitedCount; i++) {
    const node = cycle.visited[i];
    if (node !== undefined && cycle.rejections[i]?.code === "Unschedulable") helpful.push(node);
  }
  const reasons = new ReasonCounts();
  if (helpful.length === 0) {
    reasons.add(NOT_HELPFUL, nodeCount);
    return { message: `0/${nodeCount} nodes are available: ${reasons.text()}.` };
  }
  const enough = Math.min(Math.max(Math.floor((helpful.length * MIN_CANDIDATES_PERCENT) / 100), MIN_CANDIDATES), helpful.length);
  const offset = rng.below(helpful.length);
  const candidates: Candidate[] = [];
  let tried = 0;
  for (; tried < helpful.length && candidates.length < enough; tried++) {
    const node = helpful[(offset + tried) % helpful.length] as NodeInfo;
    const result = selectVictims(pod, node, cycle);
    if ("victims" in result) candidates.push(result);
    else reasons.add(result.rejection);
  }
  const best = pickCandidate(candidates);
  if (best !== undefined) return { candidate: best };
  if (nodeCount > tried) reasons.add(NOT_HELPFUL, nodeCount - tried);
  return { message: `0/${nodeCount} nodes are available: ${reasons.text()}.` };
}

/** Source: default_preemption.go, PodEligibleToPreemptOthers. */
function whyNotEligible(pod: PodObject, cycle: SchedulingCycle, world: SchedulingWorld): string | undefined {
  if (pod.spec.preemptionPolicy === "Never") return "not eligible due to preemptionPolicy=Never.";
  const nominated = pod.status?.nominatedNodeName ?? "";
  const node = nominated === "" ? undefined : world.cache.node(nominated);
  if (node === undefined) return undefined;
  for (let i = 0; i < cycle.visitedCount; i++) if (cycle.visited[i] === node && cycle.rejections[i]?.code === "UnschedulableAndUnresolvable") return undefined;
  for (const other of node.pods.values()) {
    const evicted = other.pod.metadata.deletionTimestamp !== undefined && podCondition(other.pod, "DisruptionTarget")?.reason === "PreemptionByScheduler";
    if (other.priority < (pod.spec.priority ?? 0) && evicted) return "not eligible due to a terminating pod on the nominated node.";
  }
  return undefined;
}

/**
 * Takes all less important pods away, and puts back those that fit beside the pod after all, the most important first.
 * Source: default_preemption.go, SelectVictimsOnNode.
 * Differs: PodDisruptionBudgets are not among the kinds yet, so no victim violates one.
 */
function selectVictims(pod: PodInfo, node: NodeInfo, cycle: SchedulingCycle): Candidate | { readonly rejection: Rejection } {
  const removed = [...node.pods.values()].filter((other) => other.priority < pod.priority);
  if (removed.length === 0) return { rejection: NO_VICTIMS };
  for (const other of removed) cycle.takeFrom(node, pod, other);
  const still = cycle.rejectionBesideNominated(pod, node);
  const victims: PodInfo[] = [];
  for (const other of removed.sort(byImportance)) {
    cycle.addTo(node, pod, other);
    if (still !== undefined || cycle.rejectionBesideNominated(pod, node) === undefined) continue;
    cycle.takeFrom(node, pod, other);
    victims.push(other);
  }
  for (const other of victims) cycle.addTo(node, pod, other);
  return still === undefined ? { node, victims } : { rejection: still };
}

const startOf = ({ pod }: PodInfo): string => pod.status?.startTime ?? "~"; // not started: after every time

/** Source: pkg/scheduler/util/utils.go, MoreImportantPod. */
function byImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  const [x, y] = [startOf(a), startOf(b)];
  if (x !== y) return x < y ? -1 : 1;
  return a.uid < b.uid ? -1 : a.uid > b.uid ? 1 : 0;
}

/** Source: preemption.go, pickOneNodeForPreemption. */
function pickCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  const highest = ({ victims }: Candidate): number => victims[0]?.priority ?? -PRIORITY_OFFSET;
  const earliest = (candidate: Candidate): string =>
    candidate.victims.filter(({ priority }) => priority === highest(candidate)).map(startOf).reduce((min, text) => (text < min ? text : min), "~");
  const sum = ({ victims }: Candidate): number => victims.reduce((total, { priority }) => total + priority + PRIORITY_OFFSET, 0);
  let best: Candidate | undefined;
  for (const candidate of candidates) {
    if (best === undefined) {
      best = candidate;
      continue;
    }
    const difference = highest(candidate) - highest(best) || sum(candidate) - sum(best) || candidate.victims.length - best.victims.length;
    if (difference < 0 || (difference === 0 && earliest(candidate) > earliest(best))) best = candidate;
  }
  return best;
}
