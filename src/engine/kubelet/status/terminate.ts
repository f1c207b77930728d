import type { ContainerStatus, PodObject, PodStatus } from "../../kinds/generated/types.ts";
import { isSidecar, isStaticPod, isTerminalPhase } from "../pod-helpers.ts";

const LOST: ContainerStatus["state"] = {
  terminated: { exitCode: 137, reason: "ContainerStatusUnknown", message: "The container could not be located when the pod was terminated" },
};

const withEnd = (status: ContainerStatus): ContainerStatus => (status.state?.terminated === undefined ? { ...status, state: LOST } : status);

const hasRun = (status: ContainerStatus): boolean => status.lastState?.terminated !== undefined || status.state?.terminated !== undefined || status.state?.running !== undefined;

/** The last status of a stopped pod: a container of which no end is known has failed. Source: pkg/kubelet/status/status_manager.go, TerminatePod. */
export function terminatedStatus(pod: PodObject, status: PodStatus): PodStatus {
  const containerStatuses = hasPodInitialized(pod, status) ? status.containerStatuses?.map(withEnd) : status.containerStatuses;
  const init = status.initContainerStatuses;
  const started = initializedCount(init ?? []);
  return {
    ...status,
    ...(containerStatuses === undefined ? {} : { containerStatuses }),
    ...(init === undefined ? {} : { initContainerStatuses: init.map((one, i) => (i < started ? withEnd(one) : one)) }),
    ...(isStaticPod(pod) || isTerminalPhase(status.phase) ? {} : { phase: "Failed" }),
  };
}

/** Source: hasPodInitialized. */
function hasPodInitialized(pod: PodObject, status: PodStatus): boolean {
  const specs = pod.spec.initContainers ?? [];
  if (specs.length === 0) return true;
  if (status.containerStatuses?.some(hasRun) === true) return true;
  const last = status.initContainerStatuses?.at(-1);
  const spec = specs.at(-1);
  if (last === undefined || spec === undefined) return false;
  if (isSidecar(spec)) return last.started === true;
  const end = last.state?.terminated ?? last.lastState?.terminated;
  return end !== undefined && end.exitCode === 0;
}

/** All up to the last init container that shows a trace of having run. Source: initializedContainers. */
function initializedCount(statuses: readonly ContainerStatus[]): number {
  for (let i = statuses.length - 1; i >= 0; i--) if (hasRun(statuses[i] as ContainerStatus)) return i + 1;
  return 0;
}
