import type { Container, ContainerStatus, PodCondition, PodObject } from "../../kinds/generated/types.ts";
import { isSidecar, statusOf } from "../pod-helpers.ts";
import { type PodRuntime, sandboxChanged } from "../pod-runtime.ts";
import { hasAnyAppContainerStarted } from "./phase.ts";

/** Conditions that the kubelet owns. Source: pkg/kubelet/types/pod_status.go, PodConditionsByKubelet. */
const BY_KUBELET = new Set(["PodScheduled", "Ready", "Initialized", "ContainersReady", "PodReadyToStartContainers", "PodResizePending", "PodResizeInProgress"]);

export const isConditionByKubelet = (type: string): boolean => BY_KUBELET.has(type);

const isTrue = (type: string): PodCondition => ({ type, status: "True" });
const isFalse = (type: string, reason: string, message?: string): PodCondition => ({ type, status: "False", reason, ...(message === undefined ? {} : { message }) });

/** Source: pkg/kubelet/status/generate.go, GeneratePodReadyToStartContainersCondition. */
export const readyToStartContainers = (pod: PodObject, runtime: PodRuntime): PodCondition => ({
  type: "PodReadyToStartContainers",
  status: sandboxChanged(pod, runtime).changed ? "False" : "True",
});

/** Source: pkg/kubelet/status/generate.go, GeneratePodInitializedCondition. */
export function initialized(pod: PodObject, statuses: readonly ContainerStatus[] | undefined, phase: string): PodCondition {
  const containers = pod.spec.initContainers ?? [];
  if (statuses === undefined && containers.length > 0) return isFalse("Initialized", "UnknownContainerStatuses");
  const known = statuses ?? [];
  const { unknown, lacking } = sortOut(containers, known, (container, status) => (isSidecar(container) ? status.started === true : status.ready));
  if (phase === "Succeeded" && unknown.length === 0) return { type: "Initialized", status: "True", reason: "PodCompleted" };
  if (hasAnyAppContainerStarted(pod.spec, known)) return isTrue("Initialized");
  const message = messageOf(unknown, lacking, "incomplete");
  return message === "" ? isTrue("Initialized") : isFalse("Initialized", "ContainersNotInitialized", message);
}

/** Source: pkg/kubelet/status/generate.go, GenerateContainersReadyCondition. */
export function containersReady(pod: PodObject, statuses: readonly ContainerStatus[] | undefined, phase: string): PodCondition {
  if (statuses === undefined) return isFalse("ContainersReady", "UnknownContainerStatuses");
  const containers = [...(pod.spec.initContainers ?? []).filter(isSidecar), ...pod.spec.containers];
  const { unknown, lacking } = sortOut(containers, statuses, (_, status) => status.ready);
  if ((phase === "Succeeded" && unknown.length === 0) || phase === "Failed") return terminalCondition("ContainersReady", phase);
  const message = messageOf(unknown, lacking, "unready");
  return message === "" ? isTrue("ContainersReady") : isFalse("ContainersReady", "ContainersNotReady", message);
}

/** Source: pkg/kubelet/status/generate.go, GeneratePodReadyCondition. */
export function ready(pod: PodObject, conditions: readonly PodCondition[], statuses: readonly ContainerStatus[] | undefined, phase: string): PodCondition {
  const containers = containersReady(pod, statuses, phase);
  if (containers.status !== "True") return { ...containers, type: "Ready" };
  const messages = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = conditions.find(({ type }) => type === conditionType);
    if (condition === undefined) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    return condition.status === "True" ? [] : [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  return messages.length === 0 ? isTrue("Ready") : isFalse("Ready", "ReadinessGatesNotReady", messages.join(", "));
}

/** Ready and ContainersReady of a pod that is over. Source: pkg/kubelet/status/generate.go, generatePodReadyConditionForTerminalPhase. */
export const terminalCondition = (type: "Ready" | "ContainersReady", phase: string): PodCondition => isFalse(type, phase === "Failed" ? "PodFailed" : "PodCompleted");

function sortOut(containers: readonly Container[], statuses: readonly ContainerStatus[], isFine: (container: Container, status: ContainerStatus) => boolean): { unknown: string[]; lacking: string[] } {
  const unknown: string[] = [];
  const lacking: string[] = [];
  for (const container of containers) {
    const status = statusOf(statuses, container.name);
    if (status === undefined) unknown.push(container.name);
    else if (!isFine(container, status)) lacking.push(container.name);
  }
  return { unknown, lacking };
}

const messageOf = (unknown: readonly string[], lacking: readonly string[], word: string): string =>
  [
    ...(unknown.length === 0 ? [] : [`containers with unknown status: [${unknown.join(" ")}]`]),
    ...(lacking.length === 0 ? [] : [`containers with ${word} status: [${lacking.join(" ")}]`]),
  ].join(", ");
