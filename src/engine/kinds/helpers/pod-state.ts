import type { PodCondition, PodObject } from "../generated/types.ts";

/** Source: pkg/api/v1/pod/util.go, GetPodCondition. */
export function podCondition(pod: PodObject, type: string): PodCondition | undefined {
  // A plain loop: this is asked of every pod in every sync of its owner.
  const conditions = pod.status?.conditions;
  if (conditions === undefined) return undefined;
  for (const condition of conditions) if (condition.type === type) return condition;
  return undefined;
}

export const isPodReady = (pod: PodObject): boolean => podCondition(pod, "Ready")?.status === "True";

/** Over for good: phase Succeeded or Failed. Source: pkg/api/v1/pod/util.go, IsPodTerminal. */
export const isPodTerminal = (pod: PodObject): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

/** Counts for a controller: neither over nor being deleted. Source: pkg/controller/controller_utils.go, IsPodActive. */
export const isPodActive = (pod: PodObject): boolean => !isPodTerminal(pod) && pod.metadata.deletionTimestamp === undefined;

/**
 * Ready for at least `minReadySeconds`. `nowUs` and what `parseTime` gives are simulated µs.
 * Source: pkg/api/v1/pod/util.go, IsPodAvailable.
 */
export function isPodAvailable(pod: PodObject, minReadySeconds: number, nowUs: number, parseTime: (text: string) => number | undefined): boolean {
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True") return false;
  if (minReadySeconds === 0) return true;
  const since = ready.lastTransitionTime === undefined ? undefined : parseTime(ready.lastTransitionTime);
  return since !== undefined && since + minReadySeconds * 1e6 <= nowUs;
}
