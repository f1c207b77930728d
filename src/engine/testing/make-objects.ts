import type { NodeObject, ObjectMeta, PodObject, PodSpec, Taint } from "../kinds/generated/types.ts";

type Labels = Readonly<Record<string, string>>;

export interface NodeInput {
  readonly labels?: Labels;
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
  readonly allocatable?: Labels;
  readonly images?: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[];
}

let serial = 0;
const nextUid = (): string => `uid-${String(++serial).padStart(8, "0")}`;

/** A node with room for 32 CPUs, 64Gi and 110 pods, unless said otherwise. */
export const makeNode = (name: string, { labels = {}, taints, unschedulable, allocatable, images }: NodeInput = {}): NodeObject => ({
  apiVersion: "v1", kind: "Node",
  metadata: { name, uid: nextUid(), labels: { "kubernetes.io/hostname": name, ...labels } },
  spec: { ...(taints && { taints }), ...(unschedulable && { unschedulable }) },
  status: { allocatable: { cpu: "32", memory: "64Gi", "ephemeral-storage": "100Gi", pods: "110", ...allocatable }, ...(images && { images }) },
});

export interface PodInput extends Partial<PodSpec> {
  readonly requests?: Labels;
  readonly labels?: Labels;
  readonly namespace?: string;
  readonly meta?: Partial<ObjectMeta>;
  readonly status?: PodObject["status"];
}

/** A pod of one container with these requests; everything else of the spec as given. */
export function makePod(name: string, { requests, labels, namespace = "default", meta, status, ...spec }: PodInput = {}): PodObject {
  const container = { name: "c", image: "nginx", ...(requests && { resources: { requests } }) };
  return {
    apiVersion: "v1", kind: "Pod",
    metadata: { name, namespace, uid: nextUid(), creationTimestamp: "2026-01-01T00:00:00Z", ...(labels && { labels }), ...meta },
    spec: { containers: [container], schedulerName: "default-scheduler", ...spec }, ...(status && { status }),
  };
}
