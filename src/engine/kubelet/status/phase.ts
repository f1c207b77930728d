import type { ContainerStatus, PodObject, PodSpec } from "../../kinds/generated/types.ts";
import { isSidecar, isStaticPod, restartPolicyOf, statusOf } from "../pod-helpers.ts";

interface Counts {
  unknown: number;
  running: number;
  waiting: number;
  stopped: number;
  succeeded: number;
  pendingInit: number;
  failedInit: number;
  pendingSidecars: number;
}

/**
 * The phase that follows from the container statuses (app and init ones).
 * `isOver`: the kubelet has stopped the pod, so nothing of it will run again, whatever its restart policy.
 * Source: pkg/kubelet/kubelet_pods.go, getPhase.
 */
export function podPhase(pod: PodObject, statuses: readonly ContainerStatus[], isOver: boolean): "Pending" | "Running" | "Succeeded" | "Failed" {
  const counts = count(pod.spec, statuses);
  const policy = restartPolicyOf(pod);
  if (counts.failedInit > 0 && policy === "Never") return "Failed";
  if (counts.pendingInit > 0) return "Pending";
  if (counts.pendingSidecars > 0 && !hasAnyAppContainerStarted(pod.spec, statuses)) return "Pending";
  if (counts.waiting > 0 || counts.unknown > 0) return "Pending";
  if (counts.running > 0) return "Running";
  if (counts.stopped === 0) return "Pending";
  const allSucceeded = counts.stopped === counts.succeeded;
  if (isOver && !isStaticPod(pod)) return allSucceeded ? "Succeeded" : "Failed";
  if (policy === "Always") return "Running";
  if (allSucceeded) return "Succeeded";
  return policy === "Never" ? "Failed" : "Running";
}

function count(spec: PodSpec, statuses: readonly ContainerStatus[]): Counts {
  const counts: Counts = { unknown: 0, running: 0, waiting: 0, stopped: 0, succeeded: 0, pendingInit: 0, failedInit: 0, pendingSidecars: 0 };
  for (const container of spec.initContainers ?? []) {
    const status = statusOf(statuses, container.name);
    if (isSidecar(container)) countSidecar(counts, status);
    else countInit(counts, status);
  }
  for (const container of spec.containers) countApp(counts, statusOf(statuses, container.name));
  return counts;
}

function countInit(counts: Counts, status: ContainerStatus | undefined): void {
  const { terminated, waiting } = status?.state ?? {};
  const last = status?.lastState?.terminated;
  if (terminated !== undefined) {
    if (terminated.exitCode !== 0) counts.failedInit += 1;
  } else if (waiting !== undefined && last !== undefined) {
    if (last.exitCode !== 0) counts.failedInit += 1;
  } else counts.pendingInit += 1;
}

/** One that ended or is about to start again says nothing about the pod. */
function countSidecar(counts: Counts, status: ContainerStatus | undefined): void {
  if (status?.state?.running !== undefined) {
    if (status.started !== true) counts.pendingSidecars += 1;
    counts.running += 1;
  } else if (status?.state?.waiting !== undefined) {
    if (status.lastState?.terminated !== undefined) return;
    counts.pendingSidecars += 1;
    counts.waiting += 1;
  } else if (status?.state?.terminated === undefined) {
    if (status !== undefined) counts.pendingSidecars += 1;
    counts.unknown += 1;
  }
}

function countApp(counts: Counts, status: ContainerStatus | undefined): void {
  const { running, terminated, waiting } = status?.state ?? {};
  if (running !== undefined) counts.running += 1;
  else if (terminated !== undefined) {
    counts.stopped += 1;
    if (terminated.exitCode === 0) counts.succeeded += 1;
  } else if (waiting !== undefined) {
    if (status?.lastState?.terminated === undefined) counts.waiting += 1;
    else counts.stopped += 1;
  } else counts.unknown += 1;
}

/** Source: pkg/kubelet/container/helpers.go, HasAnyRegularContainerStarted. */
export function hasAnyAppContainerStarted(spec: PodSpec, statuses: readonly ContainerStatus[]): boolean {
  return spec.containers.some((container) => {
    const status = statusOf(statuses, container.name);
    return status?.state?.running !== undefined || status?.state?.terminated !== undefined || status?.lastState?.terminated !== undefined;
  });
}
