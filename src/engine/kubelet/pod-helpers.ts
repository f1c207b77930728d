import type { Container, ContainerStatus, EphemeralContainer, PodObject } from "../kinds/generated/types.ts";

/** "name_namespace(uid)": how the kubelet names a pod in its messages. Source: pkg/kubelet/util/format/pod.go, Pod. */
export const formatPod = (pod: PodObject): string => `${pod.metadata.name}_${pod.metadata.namespace ?? ""}(${pod.metadata.uid ?? ""})`;

export const podKey = (pod: PodObject): string => `${pod.metadata.namespace ?? ""}/${pod.metadata.name}`;

export const podUid = (pod: PodObject): string => pod.metadata.uid ?? "";

/** An init container that keeps running beside the app containers. Source: pkg/api/v1/pod/util.go, IsRestartableInitContainer. */
export const isSidecar = (container: Container): boolean => container.restartPolicy === "Always";

export const hasSidecar = (pod: PodObject): boolean => pod.spec.initContainers?.some(isSidecar) ?? false;

export const isHostNetwork = (pod: PodObject): boolean => pod.spec.hostNetwork === true;

export const restartPolicyOf = (pod: PodObject): string => pod.spec.restartPolicy ?? "Always";

/** Any container of the pod by name: app, init or ephemeral. Source: pkg/kubelet/container/helpers.go, GetContainerSpec. */
export function containerSpec(pod: PodObject, name: string): Container | EphemeralContainer | undefined {
  const isIt = (container: Container): boolean => container.name === name;
  return pod.spec.containers.find(isIt) ?? pod.spec.initContainers?.find(isIt) ?? pod.spec.ephemeralContainers?.find(isIt);
}

/** "spec.containers{web}". Source: pkg/kubelet/container/ref.go, fieldPath. */
export function containerFieldPath(pod: PodObject, name: string): string | undefined {
  if (pod.spec.containers.some((c) => c.name === name)) return `spec.containers{${name}}`;
  if (pod.spec.initContainers?.some((c) => c.name === name) === true) return `spec.initContainers{${name}}`;
  if (pod.spec.ephemeralContainers?.some((c) => c.name === name) === true) return `spec.ephemeralContainers{${name}}`;
  return undefined;
}

export const statusOf = (statuses: readonly ContainerStatus[] | undefined, name: string): ContainerStatus | undefined => statuses?.find((status) => status.name === name);

export const isTerminalPhase = (phase: string | undefined): boolean => phase === "Succeeded" || phase === "Failed";

export const CONFIG_SOURCE = "kubernetes.io/config.source";
export const CONFIG_HASH = "kubernetes.io/config.hash";
export const CONFIG_MIRROR = "kubernetes.io/config.mirror";
export const CONFIG_SEEN = "kubernetes.io/config.seen";

/** Comes from a manifest on the node. Source: pkg/kubelet/types/pod_update.go, IsStaticPod. */
export const isStaticPod = (pod: PodObject): boolean => {
  const source = pod.metadata.annotations?.[CONFIG_SOURCE];
  return source !== undefined && source !== "api";
};

/** The API's image of a static pod. Source: pkg/kubelet/types/pod_update.go, IsMirrorPod. */
export const isMirrorPod = (pod: PodObject): boolean => pod.metadata.annotations?.[CONFIG_MIRROR] !== undefined;

/** Static, mirror, or of system-critical priority. Source: pkg/kubelet/types/pod_update.go, IsCriticalPod. */
export const isCriticalPod = (pod: PodObject): boolean => isStaticPod(pod) || isMirrorPod(pod) || (pod.spec.priority ?? 0) >= 2_000_000_000;

export const CONTAINER_ID_PREFIX = "containerd://";
export const runtimeIdOf = (containerID: string | undefined): string => (containerID ?? "").replace(CONTAINER_ID_PREFIX, "");
