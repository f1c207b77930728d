import { quantityValue } from "../../apimachinery/quantity.ts";
import type { NodeObject, Taint } from "../../kinds/generated/types.ts";
import { addAmounts, amountsOf, noAmounts, type ResourceAmounts } from "../../kinds/helpers/pod-resources.ts";
import type { HostPort, PodInfo } from "./pod-info.ts";

const NO_TAINTS: readonly Taint[] = [];

/**
 * A node and the pods on it, summed up. Changed in place: one pod event costs the same whatever the size of the cluster.
 * Source: pkg/scheduler/framework/types.go, NodeInfo.
 */
export class NodeInfo {
  node: NodeObject;
  allocatable: ResourceAmounts = noAmounts();
  allowedPods = 0;
  readonly requested: ResourceAmounts = noAmounts();
  nonZeroMilliCpu = 0;
  nonZeroMemory = 0;
  /** Taints that keep pods away, and those that only discourage. */
  hardTaints: readonly Taint[] = NO_TAINTS;
  softTaints: readonly Taint[] = NO_TAINTS;
  readonly pods = new Map<string, PodInfo>();
  /** Pods with pod (anti-)affinity of their own, by uid. */
  readonly podsWithAffinity = new Map<string, PodInfo>();
  /** Image name → bytes. */
  images: ReadonlyMap<string, number> = new Map();

  constructor(node: NodeObject) {
    this.node = node;
    this.setNode(node);
  }

  get name(): string {
    return this.node.metadata.name;
  }

  setNode(node: NodeObject): void {
    const before = this.node;
    this.node = node;
    this.allocatable = amountsOf(node.status?.allocatable);
    this.allowedPods = quantityValue(node.status?.allocatable?.["pods"]);
    const taints = node.spec.taints ?? NO_TAINTS;
    this.hardTaints = taints.length === 0 ? NO_TAINTS : taints.filter(({ effect }) => effect === "NoSchedule" || effect === "NoExecute");
    this.softTaints = taints.length === 0 ? NO_TAINTS : taints.filter(({ effect }) => effect === "PreferNoSchedule");
    if (before === node || before.status?.images !== node.status?.images) this.images = imagesOf(node);
  }

  addPod(info: PodInfo): void {
    const { facts, uid } = info;
    this.pods.set(uid, info);
    addAmounts(this.requested, facts.requests);
    this.nonZeroMilliCpu += facts.nonZero.milliCpu;
    this.nonZeroMemory += facts.nonZero.memory;
    if (hasAffinity(info)) this.podsWithAffinity.set(uid, info);
  }

  removePod(uid: string): PodInfo | undefined {
    const info = this.pods.get(uid);
    if (info === undefined) return undefined;
    this.pods.delete(uid);
    this.podsWithAffinity.delete(uid);
    addAmounts(this.requested, info.facts.requests, -1);
    this.nonZeroMilliCpu -= info.facts.nonZero.milliCpu;
    this.nonZeroMemory -= info.facts.nonZero.memory;
    return info;
  }

  /** Source: pkg/scheduler/framework/types.go, HostPortInfo.CheckConflict: 0.0.0.0 stands for every address. */
  portTaken(wanted: HostPort): boolean {
    for (const { facts } of this.pods.values()) {
      for (const { ip, protocol, port } of facts.hostPorts) {
        if (port === wanted.port && protocol === wanted.protocol && (ip === wanted.ip || ip === "0.0.0.0" || wanted.ip === "0.0.0.0")) return true;
      }
    }
    return false;
  }
}

export const hasAffinity = ({ facts }: PodInfo): boolean =>
  facts.requiredAffinity.length > 0 || facts.requiredAntiAffinity.length > 0 || facts.preferredAffinity.length > 0 || facts.preferredAntiAffinity.length > 0;

function imagesOf(node: NodeObject): ReadonlyMap<string, number> {
  const images = new Map<string, number>();
  for (const { names, sizeBytes } of node.status?.images ?? []) for (const name of names) images.set(name, sizeBytes ?? 0);
  return images;
}
