import { deepEqual } from "../../apimachinery/deep.ts";
import type { PodCondition, PodStatus } from "../../kinds/generated/types.ts";
import { isTerminalPhase } from "../pod-helpers.ts";
import { isConditionByKubelet, terminalCondition } from "./conditions.ts";

/** Times of change: kept while a condition's status is the same. Source: pkg/kubelet/status/status_manager.go, updateLastTransitionTime. */
export function withTransitionTimes(conditions: readonly PodCondition[], old: readonly PodCondition[] | undefined, now: string): readonly PodCondition[] {
  return conditions.map((condition) => {
    const before = old?.find(({ type }) => type === condition.type);
    if (!isConditionByKubelet(condition.type)) return condition;
    const isSame = before !== undefined && before.status === condition.status;
    return { ...condition, lastProbeTime: NEVER, lastTransitionTime: isSame ? (before.lastTransitionTime ?? now) : now };
  });
}

/** Go writes the zero time as null, and so the API has it; equal statuses have to be equal here, too. */
const NEVER = null as unknown as string;

/**
 * What is written: the API's conditions of others stay; a pod whose containers may still run is not yet reported as over.
 * Source: pkg/kubelet/status/status_manager.go, mergePodStatus.
 */
export function mergePodStatus(old: PodStatus, fresh: PodStatus, mayStillRun: boolean, now: string): PodStatus {
  const isEnding = !isTerminalPhase(old.phase) && isTerminalPhase(fresh.phase);
  const own = (fresh.conditions ?? []).filter(({ type }) => isConditionByKubelet(type));
  const shared = isEnding && !mayStillRun ? (fresh.conditions ?? []).filter(({ type }) => type === "DisruptionTarget") : [];
  const foreign = (old.conditions ?? []).filter(({ type }) => !isConditionByKubelet(type) && !shared.some((condition) => condition.type === type));
  let merged: PodStatus = { ...fresh, conditions: [...foreign, ...shared, ...own] };
  if (isEnding && mayStillRun) {
    const { reason: _, message: __, ...rest } = merged;
    merged = { ...rest, ...(old.phase === undefined ? {} : { phase: old.phase }), ...(old.reason === undefined ? {} : { reason: old.reason }), ...(old.message === undefined ? {} : { message: old.message }) };
  }
  return isTerminalPhase(merged.phase) ? notReady(merged, now) : merged;
}

/** Endpoints have to let go of a pod that is over, even when its last readiness has not been looked at yet. */
function notReady(status: PodStatus, now: string): PodStatus {
  const conditions = (status.conditions ?? []).map((condition) =>
    (condition.type === "Ready" || condition.type === "ContainersReady") && condition.status === "True"
      ? { ...terminalCondition(condition.type, status.phase ?? ""), lastTransitionTime: now }
      : condition,
  );
  return { ...status, conditions };
}

/**
 * A strategic merge patch that turns one status into the other; undefined when there is nothing to change.
 * Source: pkg/util/pod/pod.go, PatchPodStatus and preparePatchBytesForPodStatus.
 */
export function podStatusPatch(uid: string, old: PodStatus, next: PodStatus): Readonly<Record<string, unknown>> | undefined {
  const status: Record<string, unknown> = {};
  const oldFields = old as Readonly<Record<string, unknown>>;
  const nextFields = next as Readonly<Record<string, unknown>>;
  for (const key in nextFields) {
    if (deepEqual(oldFields[key], nextFields[key])) continue;
    if (key === "conditions") Object.assign(status, mergedListPatch("conditions", "type", old.conditions ?? [], next.conditions ?? []));
    else if (key === "podIPs") Object.assign(status, mergedListPatch("podIPs", "ip", old.podIPs ?? [], next.podIPs ?? []));
    else status[key] = nextFields[key];
  }
  for (const key in oldFields) {
    if (oldFields[key] === undefined || nextFields[key] !== undefined || NOT_OURS.has(key)) continue;
    status[key] = null;
  }
  return Object.keys(status).length === 0 ? undefined : { metadata: { uid }, status };
}

/** Written by others, or set once. */
const NOT_OURS = new Set(["nominatedNodeName", "resourceClaimStatuses", "qosClass", "observedGeneration"]);

/** A list that the server merges by key: what changed or is new, what goes, and the order of all. */
function mergedListPatch<T extends object>(field: string, key: string, old: readonly T[], next: readonly T[]): Record<string, unknown> {
  const keyOf = (entry: T): unknown => (entry as Readonly<Record<string, unknown>>)[key];
  const changed = next.flatMap((entry): unknown[] => {
    const before = old.find((candidate) => keyOf(candidate) === keyOf(entry));
    if (before === undefined) return [entry];
    return deepEqual(before, entry) ? [] : [entryPatch(before, entry)];
  });
  const gone = old.filter((entry) => !next.some((candidate) => keyOf(candidate) === keyOf(entry))).map((entry) => ({ $patch: "delete", [key]: keyOf(entry) }));
  return { [`$setElementOrder/${field}`]: next.map((entry) => ({ [key]: keyOf(entry) })), [field]: [...changed, ...gone] };
}

/** The whole new entry, with nulls for members that go. */
function entryPatch(before: object, entry: object): Record<string, unknown> {
  const patch: Record<string, unknown> = { ...entry };
  for (const key in before) if (!(key in patch)) patch[key] = null;
  return patch;
}
