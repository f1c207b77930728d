import type { NodeCondition, NodeObject, NodeStatus } from "../../kinds/generated/types.ts";
import type { PulledImage } from "../../runtime/contracts.ts";
import { uuid } from "../../kernel/rng.ts";
import type { NodeContext } from "../node-context.ts";
import { nodeResources } from "./capacity.ts";

const MAX_IMAGES = 50;
export const KUBELET_PORT = 10_250;

/** What stays the same while the machine runs. */
export interface MachineIds {
  readonly machineID: string;
  readonly systemUUID: string;
  readonly bootID: string;
}

export function machineIds(context: NodeContext): MachineIds {
  const rng = context.rng.fork("machine");
  return { machineID: rng.fork("id").hex(32), systemUUID: uuid(rng.fork("system")), bootID: uuid(rng.fork(`boot ${context.node.bootstrappedUs ?? 0}`)) };
}

/** The Node as it is first registered. Source: pkg/kubelet/kubelet_node_status.go, initialNode. */
export function initialNode(context: NodeContext, status: NodeStatus): NodeObject {
  const { node } = context;
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels: nodeLabels(context), annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true", ...node.annotations } },
    spec: node.taints === undefined || node.taints.length === 0 ? {} : { taints: node.taints },
    status,
  };
}

/** Differs: node-role labels are registered with the node; kubeadm and operators add them afterwards. */
export function nodeLabels({ node }: NodeContext): Readonly<Record<string, string>> {
  const arch = node.architecture ?? "amd64";
  return {
    "beta.kubernetes.io/arch": arch, "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": arch, "kubernetes.io/hostname": node.name, "kubernetes.io/os": "linux",
    ...Object.fromEntries((node.roles ?? []).map((role) => [`node-role.kubernetes.io/${role}`, ""])),
    ...(node.zone === undefined ? {} : { "topology.kubernetes.io/zone": node.zone }),
    ...(node.region === undefined ? {} : { "topology.kubernetes.io/region": node.region }),
    ...(node.instanceType === undefined ? {} : { "node.kubernetes.io/instance-type": node.instanceType, "beta.kubernetes.io/instance-type": node.instanceType }),
    ...node.labels,
  };
}

/** All but the conditions. Source: pkg/kubelet/nodestatus/setters.go. */
export function nodeFacts(context: NodeContext, ids: MachineIds): NodeStatus {
  const { node, runtime } = context;
  const handler = { recursiveReadOnlyMounts: true, userNamespaces: true };
  return {
    addresses: [{ type: "InternalIP", address: node.ip }, { type: "Hostname", address: node.name }],
    ...nodeResources(node),
    daemonEndpoints: { kubeletEndpoint: { Port: KUBELET_PORT } },
    nodeInfo: {
      architecture: node.architecture ?? "amd64", bootID: ids.bootID, containerRuntimeVersion: node.containerRuntimeVersion, kernelVersion: node.kernelVersion,
      kubeProxyVersion: "", kubeletVersion: node.kubeletVersion, machineID: ids.machineID, operatingSystem: "linux", osImage: node.osImage, systemUUID: ids.systemUUID,
    },
    images: imageList(runtime.images()),
    runtimeHandlers: [{ name: "", features: handler }, { name: "runc", features: handler }],
    features: { supplementalGroupsPolicy: true },
  };
}

/** The largest first. Source: pkg/kubelet/nodestatus/setters.go, Images. */
function imageList(images: readonly PulledImage[]): NonNullable<NodeStatus["images"]> {
  return [...images]
    .sort((a, b) => b.sizeBytes - a.sizeBytes || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .slice(0, MAX_IMAGES)
    .map(({ name, id, sizeBytes }) => ({ names: [id, name], sizeBytes }));
}

/** What keeps the node from being ready; none when all is well. */
export type ReadyErrors = readonly string[];

const PRESSURES = [
  { type: "MemoryPressure", reason: "KubeletHasSufficientMemory", message: "kubelet has sufficient memory available", event: "NodeHasSufficientMemory" },
  { type: "DiskPressure", reason: "KubeletHasNoDiskPressure", message: "kubelet has no disk pressure", event: "NodeHasNoDiskPressure" },
  { type: "PIDPressure", reason: "KubeletHasSufficientPID", message: "kubelet has sufficient PID available", event: "NodeHasSufficientPID" },
] as const;

/**
 * The kubelet's conditions, and the events that their changes are worth.
 * Source: pkg/kubelet/nodestatus/setters.go, MemoryPressureCondition, DiskPressureCondition, PIDPressureCondition, ReadyCondition.
 * Differs: a node is never under pressure yet.
 */
export function nodeConditions(before: readonly NodeCondition[], errors: ReadyErrors, now: string): { readonly conditions: readonly NodeCondition[]; readonly events: readonly string[] } {
  const events: string[] = [];
  const conditions: NodeCondition[] = [];
  const add = (type: string, status: string, reason: string, message: string): NodeCondition | undefined => {
    const old = before.find((condition) => condition.type === type);
    const lastTransitionTime = old?.status === status ? (old.lastTransitionTime ?? now) : now;
    conditions.push({ type, status, lastHeartbeatTime: now, lastTransitionTime, reason, message });
    return old;
  };
  for (const { type, reason, message, event } of PRESSURES) {
    const old = add(type, "False", reason, message);
    if (old?.status !== "False") events.push(event);
  }
  const isReady = errors.length === 0;
  const message = isReady ? "kubelet is posting ready status" : errors.length === 1 ? (errors[0] ?? "") : `[${errors.join(", ")}]`;
  const old = add("Ready", isReady ? "True" : "False", isReady ? "KubeletReady" : "KubeletNotReady", message);
  if (old !== undefined && old.status !== (isReady ? "True" : "False")) events.push(isReady ? "NodeReady" : "NodeNotReady");
  return { conditions, events };
}
