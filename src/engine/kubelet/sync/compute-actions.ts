import type { Container, EphemeralContainer, PodObject } from "../../kinds/generated/types.ts";
import type { ContainerInfo } from "../../runtime/contracts.ts";
import { isSidecar, restartPolicyOf } from "../pod-helpers.ts";
import { findContainer, type PodRuntime, sandboxChanged, shouldContainerBeRestarted } from "../pod-runtime.ts";
import type { ProbeResult, ProbeType } from "../prober/contracts.ts";

export type KillReason = "" | "LivenessProbe" | "StartupProbe" | "FailedPostStartHook";

export interface ContainerToKill {
  readonly info: ContainerInfo;
  readonly container: Container;
  readonly message: string;
  readonly reason: KillReason;
}

/** What has to be done so that the runtime has what the spec says. Source: pkg/kubelet/kuberuntime/kuberuntime_manager.go, podActions. */
export interface PodActions {
  killPod: boolean;
  createSandbox: boolean;
  /** The sandbox to go on with, or the one that is replaced. */
  readonly sandboxId: string | undefined;
  readonly attempt: number;
  initToStart: Container[];
  ephemeralToStart: EphemeralContainer[];
  toStart: Container[];
  readonly toKill: ContainerToKill[];
}

/** What the probes last said of a container id. */
export type ProbeVerdict = (type: ProbeType, containerId: string) => ProbeResult | undefined;

/** Source: computePodActions. */
export function computePodActions(pod: PodObject, runtime: PodRuntime, verdict: ProbeVerdict): PodActions {
  const { changed, attempt, sandbox } = sandboxChanged(pod, runtime);
  const actions: PodActions = {
    killPod: changed, createSandbox: changed, sandboxId: sandbox?.id, attempt, initToStart: [], ephemeralToStart: [], toStart: [], toKill: [],
  };
  if (changed) {
    planNewSandbox(pod, runtime, actions);
    return actions;
  }
  for (const container of pod.spec.ephemeralContainers ?? []) if (findContainer(runtime, container.name) === undefined) actions.ephemeralToStart.push(container);
  const isInitialized = computeInitActions(pod, runtime, verdict, actions);
  if (actions.killPod || !isInitialized) return actions;
  let kept = 0;
  for (const container of pod.spec.containers) if (planAppContainer(pod, container, runtime, verdict, actions)) kept += 1;
  if (kept === 0 && actions.toStart.length === 0) {
    actions.killPod = true;
    actions.initToStart = []; // a sidecar must not keep a finished pod alive
  }
  return actions;
}

function planNewSandbox(pod: PodObject, runtime: PodRuntime, actions: PodActions): void {
  const policy = restartPolicyOf(pod);
  if (policy === "Never" && actions.attempt !== 0 && runtime.containers.length > 0) {
    actions.createSandbox = false; // it ran and will not run again
    return;
  }
  const toStart = pod.spec.containers.filter((container) => !(policy === "OnFailure" && hasSucceeded(runtime, container.name)));
  if (toStart.length === 0 && hasAnyAppContainer(pod, runtime)) {
    actions.createSandbox = false;
    return;
  }
  const first = pod.spec.initContainers?.[0];
  if (first !== undefined) actions.initToStart = [first];
  else actions.toStart = toStart;
}

const hasSucceeded = (runtime: PodRuntime, name: string): boolean => {
  const newest = findContainer(runtime, name);
  return newest?.state === "Exited" && newest.exitCode === 0;
};

const hasAnyAppContainer = (pod: PodObject, runtime: PodRuntime): boolean => pod.spec.containers.some((container) => findContainer(runtime, container.name) !== undefined);

/** Whether the container is left alone. */
function planAppContainer(pod: PodObject, container: Container, runtime: PodRuntime, verdict: ProbeVerdict, actions: PodActions): boolean {
  const info = findContainer(runtime, container.name);
  if (info === undefined || info.state !== "Running") {
    if (shouldContainerBeRestarted(container, pod, runtime)) actions.toStart.push(container);
    return false;
  }
  let isRestarted = restartPolicyOf(pod) !== "Never";
  let message: string;
  let reason: KillReason = "";
  if (isChanged(container, info)) {
    message = `Container ${container.name} definition changed`;
    isRestarted = true;
  } else if (verdict("Liveness", info.id) === "Failure") {
    message = `Container ${container.name} failed liveness probe`;
    reason = "LivenessProbe";
  } else if (verdict("Startup", info.id) === "Failure") {
    message = `Container ${container.name} failed startup probe`;
    reason = "StartupProbe";
  } else return true;
  if (isRestarted) {
    message = `${message}, will be restarted`;
    actions.toStart.push(container);
  }
  actions.toKill.push({ info, container, message, reason });
  return false;
}

/** Only name and image count: the rest of a container cannot change. Source: pkg/kubelet/container/helpers.go, HashContainer. */
const isChanged = (container: Container, info: ContainerInfo): boolean => info.image !== container.image;

/**
 * Walks the init containers from the last back: the newest one with a trace tells where initialisation stands; before it, only sidecars
 * matter. Returns whether the pod is initialised. Source: kuberuntime_container.go, computeInitContainerActions.
 */
function computeInitActions(pod: PodObject, runtime: PodRuntime, verdict: ProbeVerdict, actions: PodActions): boolean {
  const containers = pod.spec.initContainers ?? [];
  if (containers.length === 0) return true;
  // Exited app containers may be of an earlier sandbox, so only live ones prove that the pod is initialised.
  let isInitialized = pod.spec.containers.some((container) => {
    const info = findContainer(runtime, container.name);
    return info !== undefined && info.state !== "Exited";
  });
  let wasInitialized = isInitialized;
  const backwards: Container[] = [];
  for (let i = containers.length - 1; i >= 0; i--) {
    const container = containers[i] as Container;
    const info = findContainer(runtime, container.name);
    if (info === undefined) {
      if (wasInitialized && isSidecar(container)) backwards.push(container);
      continue;
    }
    if (wasInitialized && !isSidecar(container)) continue;
    const next = containers[i + 1];
    const outcome = lookAtInit(container, info, pod, verdict, actions);
    if (outcome === "fatal") {
      actions.killPod = true;
      actions.initToStart = [];
      return false;
    }
    if (outcome.isDone) {
      if (next === undefined) isInitialized = true;
      else if (!wasInitialized) backwards.push(next);
    }
    if (outcome.isRestarted) backwards.push(container);
    wasInitialized = true;
  }
  const first = containers[0];
  if (!wasInitialized && first !== undefined) backwards.push(first);
  actions.initToStart = backwards.reverse();
  return isInitialized;
}

interface InitOutcome {
  readonly isDone: boolean;
  readonly isRestarted: boolean;
}

const WAIT: InitOutcome = { isDone: false, isRestarted: false };
const RESTART: InitOutcome = { isDone: false, isRestarted: true };
const DONE: InitOutcome = { isDone: true, isRestarted: false };

function lookAtInit(container: Container, info: ContainerInfo, pod: PodObject, verdict: ProbeVerdict, actions: PodActions): InitOutcome | "fatal" {
  if (info.state === "Created") return RESTART;
  if (info.state === "Running") return isSidecar(container) ? lookAtSidecar(container, info, verdict, actions) : WAIT;
  if (isSidecar(container)) return RESTART;
  if (info.exitCode === 0) return DONE;
  return restartPolicyOf(pod) === "Never" ? "fatal" : RESTART;
}

function lookAtSidecar(container: Container, info: ContainerInfo, verdict: ProbeVerdict, actions: PodActions): InitOutcome {
  const kill = (message: string, reason: KillReason): void => void actions.toKill.push({ info, container, message, reason });
  if (container.startupProbe !== undefined) {
    const startup = verdict("Startup", info.id);
    if (startup === "Failure") {
      kill(`Init container ${container.name} failed startup probe`, "StartupProbe");
      return RESTART;
    }
    if (startup !== "Success") return WAIT;
  }
  if (isChanged(container, info)) {
    kill(`Init container ${container.name} definition changed`, "");
    return { isDone: true, isRestarted: true };
  }
  if (container.livenessProbe !== undefined && verdict("Liveness", info.id) === "Failure") {
    kill(`Init container ${container.name} failed liveness probe`, "LivenessProbe");
    return { isDone: true, isRestarted: true };
  }
  return DONE;
}
