import type { PodObject } from "../kinds/generated/types.ts";
import type { ApiConnection, ComponentContext } from "../client/contracts.ts";
import { createKubelet } from "../kubelet/kubelet.ts";
import type { Kubelet } from "../kubelet/contracts.ts";
import type { ClusterNetwork } from "../network/cluster-network.ts";
import type { NetNamespace } from "../network/contracts.ts";
import type { NodeMachine } from "../network/machine.ts";
import type { ContainerRuntime } from "../runtime/contracts.ts";
import { createContainerRuntime } from "../runtime/container-runtime.ts";
import type { ImageCatalog } from "../runtime/images/catalog.ts";
import { machineConfig } from "./machines.ts";

export interface MachineInput {
  readonly index: number;
  readonly nodeCIDR: string;
  readonly context: ComponentContext;
  readonly connection: ApiConnection;
  readonly network: ClusterNetwork;
  readonly images: ImageCatalog;
  readonly staticPods: readonly PodObject[];
  readonly clusterDNS: string;
}

/** One computer of the cluster: its network, its container runtime, its kubelet. */
export interface Machine {
  readonly name: string;
  readonly network: NodeMachine;
  readonly runtime: ContainerRuntime;
  readonly kubelet: Kubelet;
  /** The network namespace of a pod that runs here, by "namespace/name". */
  podNetns(podKey: string): NetNamespace | undefined;
}

export function createMachine({ index, nodeCIDR, context, connection, network, images, staticPods, clusterDNS }: MachineInput): Machine {
  const node = machineConfig(index, nodeCIDR);
  const rng = context.rng.fork(`node/${node.name}`);
  const nodeNetwork = network.addNode({ name: node.name, ip: node.ip });
  const runtime = createContainerRuntime({
    context: { ...context, rng: rng.fork("containerd") },
    images,
    host: { nodeName: node.name, nodeIp: node.ip, hostNetns: nodeNetwork.host, cni: nodeNetwork.cni, memoryBytes: node.size.memoryKi * 1024, cpuMilli: node.size.cpu * 1000 },
  });
  const kubelet = createKubelet({ context: { ...context, rng: rng.fork("kubelet") }, connection, runtime, network: nodeNetwork, node, staticPods, clusterDNS, clusterDomain: "cluster.local" });
  return {
    name: node.name,
    network: nodeNetwork,
    runtime,
    kubelet,
    podNetns: (podKey) => runtime.sandboxes().find(({ state, config }) => state === "Ready" && `${config.podNamespace}/${config.podName}` === podKey)?.netns,
  };
}
