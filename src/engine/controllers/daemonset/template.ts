import type { Affinity, DaemonSetObject, NodeObject, PodObject, PodSpec, PodTemplateSpec, Toleration } from "../../kinds/generated/types.ts";
import { matchesRequiredNodeAffinity } from "../../kinds/helpers/node-affinity.ts";
import { firstUntolerated } from "../../kinds/helpers/tolerations.ts";

/** Source for this file: pkg/controller/daemon/util/daemonset_util.go; daemon_controller.go, NodeShouldRunDaemonPod. */

export const REVISION_HASH_LABEL = "controller-revision-hash";
export const GENERATION_LABEL = "pod-template-generation";
const GENERATION_ANNOTATION = "deprecated.daemonset.template.generation";

const tolerate = (key: string, effect: string): Toleration => ({ key, operator: "Exists", effect });
const DAEMON_TOLERATIONS: readonly Toleration[] = [
  tolerate("node.kubernetes.io/not-ready", "NoExecute"), tolerate("node.kubernetes.io/unreachable", "NoExecute"), tolerate("node.kubernetes.io/disk-pressure", "NoSchedule"),
  tolerate("node.kubernetes.io/memory-pressure", "NoSchedule"), tolerate("node.kubernetes.io/pid-pressure", "NoSchedule"), tolerate("node.kubernetes.io/unschedulable", "NoSchedule"),
];
const NETWORK_UNAVAILABLE = tolerate("node.kubernetes.io/network-unavailable", "NoSchedule");

/** A daemon outlives what drives other pods away. One that the template has already for key and effect is replaced. */
export function daemonTolerations(spec: PodSpec): readonly Toleration[] {
  const added = spec.hostNetwork === true ? [...DAEMON_TOLERATIONS, NETWORK_UNAVAILABLE] : DAEMON_TOLERATIONS;
  const result = [...(spec.tolerations ?? [])];
  for (const toleration of added) {
    const at = result.findIndex(({ key, effect, operator }) => key === toleration.key && effect === toleration.effect && operator === toleration.operator);
    if (at < 0) result.push(toleration);
    else result[at] = toleration;
  }
  return result;
}

/** What the server counts template changes with; absent on sets that never had it. */
export const templateGeneration = ({ metadata }: DaemonSetObject): string | undefined => metadata.annotations?.[GENERATION_ANNOTATION];

/** The template of today's pods, for a node. Source: CreatePodTemplate, ReplaceDaemonSetPodNodeNameNodeAffinity. */
export function templateFor(set: DaemonSetObject, hash: string, nodeName: string): PodTemplateSpec {
  const { template } = set.spec;
  const generation = templateGeneration(set);
  const labels = { ...template.metadata?.labels, ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }), [REVISION_HASH_LABEL]: hash };
  const pinned = { nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: [nodeName] }] }] };
  const { affinity } = template.spec;
  const nodeAffinity = { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: pinned };
  return {
    ...template, metadata: { ...template.metadata, labels } as NonNullable<PodTemplateSpec["metadata"]>,
    spec: { ...template.spec, tolerations: daemonTolerations(template.spec), affinity: { ...affinity, nodeAffinity } },
  };
}

/** The node a daemon pod is on, or is meant for. Source: GetTargetNodeName. */
export function targetNode({ spec }: PodObject): string {
  if (spec.nodeName !== undefined && spec.nodeName !== "") return spec.nodeName;
  return pinnedNode(spec.affinity) ?? "";
}

function pinnedNode(affinity: Affinity | undefined): string | undefined {
  for (const { matchFields } of affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []) {
    for (const { key, operator, values } of matchFields ?? []) if (key === "metadata.name" && operator === "In" && values?.length === 1) return values[0];
  }
  return undefined;
}

export interface Wish {
  readonly shouldRun: boolean;
  readonly shouldContinue: boolean;
}
const NEITHER: Wish = { shouldRun: false, shouldContinue: false };
const BOTH: Wish = { shouldRun: true, shouldContinue: true };

/** Whether a node is to have a daemon pod, and may keep one. Resources do not count: the scheduler sees to them. */
export function nodeWish(set: DaemonSetObject, tolerations: readonly Toleration[], node: NodeObject): Wish {
  const { spec } = set.spec.template;
  if (spec.nodeName !== undefined && spec.nodeName !== "" && spec.nodeName !== node.metadata.name) return NEITHER;
  if (!matchesRequiredNodeAffinity(spec, node)) return NEITHER;
  const { taints } = node.spec;
  if (taints === undefined || firstUntolerated(taints, tolerations, ["NoSchedule", "NoExecute"]) === undefined) return BOTH;
  return { shouldRun: false, shouldContinue: firstUntolerated(taints, tolerations, ["NoExecute"]) === undefined };
}

/** Made from the template as it is now. Source: IsPodUpdated. */
export function isUpdated(pod: PodObject, hash: string, generation: string | undefined): boolean {
  const { labels } = pod.metadata;
  return labels?.[REVISION_HASH_LABEL] === hash || (generation !== undefined && labels?.[GENERATION_LABEL] === generation);
}

/** Pods with a node first, then the oldest. Source: daemon_controller.go, podByCreationTimestampAndPhase. */
export function olderFirst(a: PodObject, b: PodObject): number {
  const [placedA, placedB] = [(a.spec.nodeName ?? "") !== "", (b.spec.nodeName ?? "") !== ""];
  if (placedA !== placedB) return placedA ? -1 : 1;
  const [x, y] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (x !== y) return x < y ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}
