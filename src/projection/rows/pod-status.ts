import type { ContainerStatus, PodObject } from "../../engine/kinds/generated/types.ts";
import type { PodMeaning } from "./meaning.ts";

/** Restartable init containers: the sidecars of a pod. */
const sidecarNames = (pod: PodObject): ReadonlySet<string> =>
  new Set((pod.spec.initContainers ?? []).filter((c) => c.restartPolicy === "Always").map((c) => c.name));

const badExit = (exitCode: number, signal: number | undefined): string => (signal !== undefined && signal !== 0 ? `Signal:${signal}` : `ExitCode:${exitCode}`);

/**
 * What `kubectl get pods` prints under STATUS.
 * Source: pkg/printers/internalversion/printers.go, printPod.
 */
export function podStatusText(pod: PodObject): string {
  const status = pod.status;
  let reason = status?.reason !== undefined && status.reason !== "" ? status.reason : (status?.phase ?? "Pending");
  const gated = status?.conditions?.some((c) => c.type === "PodScheduled" && c.reason === "SchedulingGated") ?? false;
  if (gated) reason = "SchedulingGated";
  const initial = initReason(pod);
  if (initial !== undefined) reason = initial;
  else {
    let running = false;
    for (const container of [...(status?.containerStatuses ?? [])].reverse()) {
      const { waiting, terminated, running: runs } = container.state ?? {};
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = terminated.reason || badExit(terminated.exitCode, terminated.signal);
      else if (container.ready && runs) running = true;
    }
    if (reason === "Completed" && running) {
      reason = status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ? "Running" : "NotReady";
    }
  }
  if (pod.metadata.deletionTimestamp === undefined) return reason;
  if (status?.reason === "NodeLost") return "Unknown";
  return status?.phase === "Succeeded" || status?.phase === "Failed" ? reason : "Terminating";
}

function initReason(pod: PodObject): string | undefined {
  const sidecars = sidecarNames(pod);
  const total = pod.spec.initContainers?.length ?? 0;
  for (const [index, container] of (pod.status?.initContainerStatuses ?? []).entries()) {
    const { waiting, terminated } = container.state ?? {};
    if (terminated?.exitCode === 0 || (sidecars.has(container.name) && container.started)) continue;
    if (terminated) return `Init:${terminated.reason || badExit(terminated.exitCode, terminated.signal)}`;
    if (waiting?.reason && waiting.reason !== "PodInitializing") return `Init:${waiting.reason}`;
    return `Init:${index}/${total}`;
  }
  return undefined;
}

/** Waiting reasons that are on the way to running, not trouble. */
const CALM_WAITING = new Set(["", "ContainerCreating", "PodInitializing"]);

const inTrouble = (container: ContainerStatus): boolean => {
  const { waiting, terminated } = container.state ?? {};
  if (waiting !== undefined) return !CALM_WAITING.has(waiting.reason ?? "");
  return terminated !== undefined && terminated.exitCode !== 0;
};

/** The one thing that a pod's look says. Terminating wins over failing, failing over starting. */
export function podMeaning(pod: PodObject): PodMeaning {
  const status = pod.status;
  if (pod.metadata.deletionTimestamp !== undefined) return "terminating";
  if (status?.phase === "Succeeded") return "done";
  if (status?.phase === "Failed") return "failing";
  if ((pod.spec.nodeName ?? "") === "") return "pending";
  if ([...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].some(inTrouble)) return "failing";
  return status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ? "ready" : "starting";
}
