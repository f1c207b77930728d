import type { KubeObject } from "../apimachinery/object.ts";
import type { NodeObject, PodObject } from "../kinds/generated/types.ts";
import type { StoreChange } from "./contracts.ts";

const SYSTEM_NAMESPACES = new Set(["kube-system", "kube-flannel"]);

/** Follows the system pods and nodes, so that "is everything up?" costs nothing to ask. */
export class Readiness {
  private readonly waiting = new Set<string>();
  private readonly readyPods = new Set<string>();
  private readonly readyNodes = new Set<string>();

  /** Static pods (4), a kube-proxy and a CNI agent on each machine, two coredns. */
  constructor(private readonly machineCount: number) {}

  observe({ type, object }: StoreChange): void {
    if (object.kind === "Node") this.track(this.readyNodes, object, type !== "DELETED" && isReady(object as NodeObject) && !isTainted(object as NodeObject));
    if (object.kind !== "Pod" || !SYSTEM_NAMESPACES.has(object.metadata.namespace ?? "")) return;
    const uid = object.metadata.uid ?? "";
    this.readyPods.delete(uid);
    this.waiting.delete(uid);
    if (type === "DELETED") return;
    if (isReady(object as PodObject)) this.readyPods.add(uid);
    else this.waiting.add(uid);
  }

  get ready(): boolean {
    return this.readyNodes.size >= this.machineCount && this.waiting.size === 0 && this.readyPods.size >= 4 + 2 * this.machineCount + 2;
  }

  /** For progress: how many of what has to be ready is. */
  get progress(): { readonly ready: number; readonly total: number } {
    const total = this.machineCount + 4 + 2 * this.machineCount + 2;
    return { ready: Math.min(total, this.readyNodes.size + this.readyPods.size), total };
  }

  private track(set: Set<string>, object: KubeObject, ready: boolean): void {
    if (ready) set.add(object.metadata.name);
    else set.delete(object.metadata.name);
  }
}

/** The controller takes the taint off a moment after the node says that it is ready. */
const isTainted = ({ spec }: NodeObject): boolean => (spec.taints ?? []).some(({ key }) => key === "node.kubernetes.io/not-ready");

const isReady = ({ status }: NodeObject | PodObject): boolean => status?.conditions?.find((condition) => condition.type === "Ready")?.status === "True";
