import type { Container, PodObject } from "../kinds/generated/types.ts";
import type { ContainerInfo, ContainerRuntime, Sandbox } from "../runtime/contracts.ts";
import { isHostNetwork, restartPolicyOf } from "./pod-helpers.ts";

/** What the runtime has of one pod. Source: pkg/kubelet/container/runtime.go, PodStatus. */
export interface PodRuntime {
  /** Newest first. */
  readonly sandboxes: readonly Sandbox[];
  /** Of all sandboxes, newest first. */
  readonly containers: readonly ContainerInfo[];
  /** The pod's addresses; kept from before when the sandbox is gone. */
  readonly ips: readonly string[];
}

export function readPodRuntime(runtime: ContainerRuntime, sandboxes: readonly Sandbox[], lastIps: readonly string[]): PodRuntime {
  const containers: ContainerInfo[] = [];
  for (const sandbox of sandboxes) {
    const own = runtime.containers(sandbox.id);
    for (let i = own.length - 1; i >= 0; i--) containers.push(own[i] as ContainerInfo);
  }
  const newest = sandboxes[0];
  const ips = newest !== undefined && newest.state === "Ready" && newest.ip !== "" ? [newest.ip] : lastIps;
  return { sandboxes, containers, ips };
}

/** The newest container of this name. */
export const findContainer = (runtime: PodRuntime, name: string): ContainerInfo | undefined => runtime.containers.find((info) => info.name === name);

/** Whether the pod needs a sandbox, and with which attempt. Source: pkg/kubelet/kuberuntime/util/util.go, PodSandboxChanged. */
export function sandboxChanged(pod: PodObject, runtime: PodRuntime): { readonly changed: boolean; readonly attempt: number; readonly sandbox: Sandbox | undefined } {
  const newest = runtime.sandboxes[0];
  if (newest === undefined) return { changed: true, attempt: 0, sandbox: undefined };
  if (newest.state !== "Ready") return { changed: true, attempt: newest.config.attempt + 1, sandbox: newest };
  if (newest.config.hostNetwork !== isHostNetwork(pod)) return { changed: true, attempt: newest.config.attempt + 1, sandbox: undefined };
  if (!newest.config.hostNetwork && newest.ip === "") return { changed: true, attempt: newest.config.attempt + 1, sandbox: newest };
  return { changed: false, attempt: newest.config.attempt, sandbox: newest };
}

/** Source: pkg/kubelet/container/helpers.go, ShouldContainerBeRestarted. */
export function shouldContainerBeRestarted(container: Container, pod: PodObject, runtime: PodRuntime): boolean {
  if (pod.metadata.deletionTimestamp !== undefined) return false;
  const newest = findContainer(runtime, container.name);
  if (newest === undefined) return true;
  if (newest.state === "Running") return false;
  if (newest.state === "Created") return true;
  const policy = container.restartPolicy === "Always" ? "Always" : restartPolicyOf(pod);
  return policy === "Always" || (policy === "OnFailure" && newest.exitCode !== 0);
}
