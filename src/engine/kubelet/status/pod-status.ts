import type { TimeText } from "../../apimachinery/time-text.ts";
import type { ContainerStatus, PodCondition, PodObject, PodStatus } from "../../kinds/generated/types.ts";
import type { ContainerRuntime } from "../../runtime/contracts.ts";
import { isHostNetwork, isTerminalPhase } from "../pod-helpers.ts";
import type { PodRuntime } from "../pod-runtime.ts";
import type { ReasonCache } from "../sync/reason-cache.ts";
import { containersReady, initialized, isConditionByKubelet, ready, readyToStartContainers } from "./conditions.ts";
import { containerStatuses } from "./container-status.ts";
import { podPhase } from "./phase.ts";

/** Fills `started` and `ready` from what the probes found. */
export interface ReadinessSource {
  withReadiness(pod: PodObject, statuses: readonly ContainerStatus[], isInit: boolean): readonly ContainerStatus[];
}

export interface PodStatusInput {
  readonly pod: PodObject;
  readonly runtime: PodRuntime;
  /** What the status manager holds; the API's own at first. */
  readonly previous: PodStatus;
  /** The kubelet has stopped the pod for good. */
  readonly isOver: boolean;
  /** Past its activeDeadlineSeconds. */
  readonly isPastDeadline: boolean;
  readonly reasons: ReasonCache;
  readonly readiness: ReadinessSource;
  readonly time: TimeText;
  readonly images: Pick<ContainerRuntime, "imageStatus" | "logs">;
  readonly hostIp: string;
}

export const DEADLINE_REASON = "DeadlineExceeded";
export const DEADLINE_MESSAGE = "Pod was active on the node longer than the specified deadline";

/** The status that the kubelet would report now. Source: pkg/kubelet/kubelet_pods.go, generateAPIPodStatus and convertStatusToAPIStatus. */
export function generatePodStatus(input: PodStatusInput): PodStatus {
  const { pod, previous, hostIp } = input;
  const raw = rawContainerStatuses(input);
  const { phase, reason, message } = phaseOf(input, [...raw.app, ...raw.init]);
  const app = input.readiness.withReadiness(pod, raw.app, false);
  const init = input.readiness.withReadiness(pod, raw.init, true);
  const ips = podIps(input);
  return {
    phase,
    conditions: conditionsOf(input, [...init, ...app], phase),
    ...(message === undefined || message === "" ? {} : { message }),
    ...(reason === undefined || reason === "" ? {} : { reason }),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(ips.length === 0 ? {} : { podIP: ips[0] ?? "", podIPs: ips.map((ip) => ({ ip })) }),
    ...(previous.startTime === undefined ? {} : { startTime: previous.startTime }),
    ...(init.length === 0 ? {} : { initContainerStatuses: init }),
    containerStatuses: app,
    ...(pod.status?.qosClass === undefined ? {} : { qosClass: pod.status.qosClass }),
    ...(raw.ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: raw.ephemeral }),
  };
}

function rawContainerStatuses(input: PodStatusInput): { app: readonly ContainerStatus[]; init: readonly ContainerStatus[]; ephemeral: readonly ContainerStatus[] } {
  const { pod, runtime, previous, reasons, time, images } = input;
  const hasInit = (pod.spec.initContainers?.length ?? 0) > 0;
  const shared = { pod, runtime, reasons, time, images };
  return {
    app: containerStatuses({ ...shared, previous: previous.containerStatuses, containers: pod.spec.containers, hasInit, isInit: false }),
    init: hasInit ? containerStatuses({ ...shared, previous: previous.initContainerStatuses, containers: pod.spec.initContainers ?? [], hasInit, isInit: true }) : [],
    ephemeral:
      pod.spec.ephemeralContainers === undefined
        ? []
        : containerStatuses({ ...shared, previous: previous.ephemeralContainerStatuses, containers: pod.spec.ephemeralContainers, hasInit, isInit: false }),
  };
}

function phaseOf(input: PodStatusInput, statuses: readonly ContainerStatus[]): { phase: string; reason: string | undefined; message: string | undefined } {
  const { pod, previous } = input;
  let phase: string = podPhase(pod, statuses, input.isOver);
  // Whoever says it is over is believed: phases do not go back.
  if (!isTerminalPhase(phase)) {
    if (isTerminalPhase(previous.phase)) phase = previous.phase ?? phase;
    else if (isTerminalPhase(pod.status?.phase)) phase = pod.status?.phase ?? phase;
  }
  if (input.isPastDeadline) return { phase: "Failed", reason: DEADLINE_REASON, message: DEADLINE_MESSAGE };
  if (isTerminalPhase(pod.status?.phase)) phase = pod.status?.phase ?? phase;
  const isSame = phase === previous.phase;
  return { phase, reason: isSame ? (previous.reason ?? pod.status?.reason) : undefined, message: isSame ? (previous.message ?? pod.status?.message) : undefined };
}

/** A pod in the node's network has the node's address from the start. */
function podIps(input: PodStatusInput): readonly string[] {
  if (input.runtime.ips.length > 0) return input.runtime.ips;
  if (isHostNetwork(input.pod)) return [input.hostIp];
  return input.previous.podIPs?.map(({ ip }) => ip) ?? [];
}

function conditionsOf({ pod, runtime, previous }: PodStatusInput, statuses: readonly ContainerStatus[], phase: string): readonly PodCondition[] {
  const foreign = (pod.status?.conditions ?? []).filter(({ type }) => !isConditionByKubelet(type) && type !== "DisruptionTarget");
  const disruption = previous.conditions?.find(({ type }) => type === "DisruptionTarget") ?? pod.status?.conditions?.find(({ type }) => type === "DisruptionTarget");
  return [
    ...foreign,
    ...(disruption === undefined ? [] : [disruption]),
    readyToStartContainers(pod, runtime),
    initialized(pod, statuses, phase),
    ready(pod, foreign, statuses, phase),
    containersReady(pod, statuses, phase),
    { type: "PodScheduled", status: "True" },
  ];
}
