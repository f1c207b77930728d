import type { Selector } from "../../apimachinery/label-selector.ts";
import type { NodeObject } from "../../kinds/generated/types.ts";
import { MatchIndex } from "./match-index.ts";
import { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";

/** Source: pkg/scheduler/backend/cache/node_tree.go; the zone key joins region and zone. */
function zoneOf(node: NodeObject): string {
  const { labels } = node.metadata;
  const region = labels?.["topology.kubernetes.io/region"] ?? labels?.["failure-domain.beta.kubernetes.io/region"] ?? "";
  const zone = labels?.["topology.kubernetes.io/zone"] ?? labels?.["failure-domain.beta.kubernetes.io/zone"] ?? "";
  return region === "" && zone === "" ? "" : `${region}:\u0000:${zone}`;
}

/** A pod and the node it counts on. */
export interface PlacedPod {
  readonly info: PodInfo;
  readonly node: NodeInfo;
}

const NO_PODS: ReadonlyMap<string, PlacedPod> = new Map();

/**
 * Nodes with their pods, assumed ones included. It is its own snapshot: a scheduling cycle runs within one event.
 * Source: pkg/scheduler/backend/cache/cache.go.
 */
export class SchedulerCache {
  private readonly byName = new Map<string, NodeInfo>();
  /** Pods seen or assumed on a node that is not known (yet), by node name. */
  private readonly homeless = new Map<string, Map<string, PodInfo>>();
  private readonly nodeOfPod = new Map<string, string>();
  private readonly assumed = new Set<string>();
  private ordered: readonly NodeInfo[] | undefined;
  private readonly byNamespace = new Map<string, Map<string, PlacedPod>>();
  /** Nodes with pods that have pod (anti-)affinity of their own. */
  readonly nodesWithAffinity = new Set<NodeInfo>();
  private readonly matches = new MatchIndex((namespace) => this.podsIn(namespace).values());
  /** Image name → on how many nodes. */
  readonly imageNodes = new Map<string, number>();

  /** Pods of a namespace that are on known nodes, by uid. */
  podsIn(namespace: string): ReadonlyMap<string, PlacedPod> {
    return this.byNamespace.get(namespace) ?? NO_PODS;
  }

  namespaces(): Iterable<string> {
    return this.byNamespace.keys();
  }

  /** How many pods of the namespace a selector matches on each node, terminating ones left out; nodes without any are missing. */
  matching(namespace: string, selector: Selector): ReadonlyMap<NodeInfo, number> {
    return this.matches.counts(namespace, selector);
  }

  node(name: string): NodeInfo | undefined {
    return this.byName.get(name);
  }

  /** Round-robin over zones, so that a search that stops early does not favour one. */
  nodes(): readonly NodeInfo[] {
    return (this.ordered ??= roundRobin(this.byName.values()));
  }

  setNode(node: NodeObject): void {
    const { name } = node.metadata;
    let info = this.byName.get(name);
    if (info === undefined) {
      info = new NodeInfo(node);
      this.byName.set(name, info);
      this.ordered = undefined;
      for (const pod of this.homeless.get(name)?.values() ?? []) this.place(pod, info);
      this.homeless.delete(name);
      this.countImages(info, 1);
    } else {
      if (zoneOf(info.node) !== zoneOf(node)) this.ordered = undefined;
      this.countImages(info, -1);
      info.setNode(node);
      this.countImages(info, 1);
    }
  }

  removeNode(name: string): void {
    const info = this.byName.get(name);
    if (info === undefined) return;
    this.byName.delete(name);
    this.ordered = undefined;
    this.countImages(info, -1);
    // Its pods still exist; should the node come back, they are there again.
    if (info.pods.size > 0) this.homeless.set(name, new Map(info.pods));
    for (const pod of info.pods.values()) this.forgetPlaced(pod, info);
    this.nodesWithAffinity.delete(info);
  }

  /** Counts the pod on the node from now on, before the API server has said so. */
  assume(info: PodInfo, nodeName: string): void {
    this.put(info, nodeName);
    this.assumed.add(info.uid);
  }

  isAssumed(uid: string): boolean {
    return this.assumed.has(uid);
  }

  /** The binding failed. */
  forget(uid: string): void {
    if (!this.assumed.delete(uid)) return;
    this.removePod(uid);
  }

  /** A pod that the API server shows on a node: new, changed, or one that was assumed. */
  setPod(info: PodInfo, nodeName: string): void {
    this.assumed.delete(info.uid);
    const current = this.nodeOfPod.get(info.uid);
    const node = current === nodeName ? this.byName.get(nodeName) : undefined;
    const known = node?.pods.get(info.uid);
    if (node !== undefined && known !== undefined && known.facts === info.facts && known.pod.metadata.labels === info.pod.metadata.labels && known.pod.metadata.deletionTimestamp === info.pod.metadata.deletionTimestamp) {
      // Nothing that is summed up has changed.
      node.pods.set(info.uid, info);
      this.byNamespace.get(info.pod.metadata.namespace ?? "")?.set(info.uid, { info, node });
      if (node.podsWithAffinity.has(info.uid)) node.podsWithAffinity.set(info.uid, info);
      return;
    }
    this.put(info, nodeName);
  }

  removePod(uid: string): void {
    const nodeName = this.nodeOfPod.get(uid);
    if (nodeName === undefined) return;
    this.assumed.delete(uid);
    this.nodeOfPod.delete(uid);
    const info = this.byName.get(nodeName);
    if (info === undefined) {
      const there = this.homeless.get(nodeName);
      there?.delete(uid);
      if (there?.size === 0) this.homeless.delete(nodeName);
      return;
    }
    const removed = info.removePod(uid);
    if (removed === undefined) return;
    this.forgetPlaced(removed, info);
    if (info.podsWithAffinity.size === 0) this.nodesWithAffinity.delete(info);
  }

  private put(info: PodInfo, nodeName: string): void {
    this.removePod(info.uid);
    this.nodeOfPod.set(info.uid, nodeName);
    const node = this.byName.get(nodeName);
    if (node !== undefined) return this.place(info, node);
    const there = this.homeless.get(nodeName) ?? new Map<string, PodInfo>();
    there.set(info.uid, info);
    this.homeless.set(nodeName, there);
  }

  private place(info: PodInfo, node: NodeInfo): void {
    node.addPod(info);
    const namespace = info.pod.metadata.namespace ?? "";
    let pods = this.byNamespace.get(namespace);
    if (pods === undefined) this.byNamespace.set(namespace, (pods = new Map()));
    pods.set(info.uid, { info, node });
    if (node.podsWithAffinity.has(info.uid)) this.nodesWithAffinity.add(node);
    this.matches.add(info, node, 1);
  }

  private forgetPlaced(info: PodInfo, node: NodeInfo): void {
    const namespace = info.pod.metadata.namespace ?? "";
    const pods = this.byNamespace.get(namespace);
    pods?.delete(info.uid);
    if (pods?.size === 0) this.byNamespace.delete(namespace);
    this.matches.add(info, node, -1);
  }

  private countImages(info: NodeInfo, by: 1 | -1): void {
    for (const name of info.images.keys()) {
      const count = (this.imageNodes.get(name) ?? 0) + by;
      if (count === 0) this.imageNodes.delete(name);
      else this.imageNodes.set(name, count);
    }
  }
}

/** Source: node_tree.go, list. */
function roundRobin(nodes: Iterable<NodeInfo>): readonly NodeInfo[] {
  const zones = new Map<string, NodeInfo[]>();
  let count = 0;
  for (const info of nodes) {
    const zone = zoneOf(info.node);
    const list = zones.get(zone);
    if (list === undefined) zones.set(zone, [info]);
    else list.push(info);
    count += 1;
  }
  const lists = [...zones.values()];
  const ordered: NodeInfo[] = [];
  for (let i = 0; ordered.length < count; i++) {
    for (const list of lists) {
      const info = list[i];
      if (info !== undefined) ordered.push(info);
    }
  }
  return ordered;
}
