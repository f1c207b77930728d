import type { TimeText } from "../../engine/apimachinery/time-text.ts";
import type { NodeObject } from "../../engine/kinds/generated/types.ts";
import { conditionRows } from "./pod-row.ts";
import { cpuMilli, quantityValue } from "./quantity.ts";
import type { NodeRow } from "./rows.ts";

/** What a node's row takes from the pods on it. */
export interface NodeRowContext {
  readonly time: TimeText;
  readonly cell: number;
  readonly createdUs: number;
  readonly requested: NodeRow["requested"];
  readonly podCount: number;
  readonly slotCount: number;
}

export function nodeRow(node: NodeObject, context: NodeRowContext): NodeRow {
  const labels = node.metadata.labels ?? {};
  const conditions = conditionRows(node.status?.conditions, context.time);
  const allocatable = node.status?.allocatable ?? {};
  return {
    kind: "Node",
    uid: node.metadata.uid ?? "",
    namespace: "",
    name: node.metadata.name,
    controlPlane: "node-role.kubernetes.io/control-plane" in labels,
    ip: node.status?.addresses?.find((a) => a.type === "InternalIP")?.address ?? "",
    podCIDR: node.spec?.podCIDR ?? "",
    ready: conditions.some((c) => c.type === "Ready" && c.status === "True"),
    unschedulable: node.spec?.unschedulable ?? false,
    conditions,
    taints: (node.spec?.taints ?? []).map((t) => ({ key: t.key, value: t.value ?? "", effect: t.effect })),
    zone: labels["topology.kubernetes.io/zone"] ?? "",
    kubeletVersion: node.status?.nodeInfo?.kubeletVersion ?? "",
    createdUs: context.createdUs,
    allocatable: { cpuMilli: cpuMilli(allocatable["cpu"]), memoryBytes: quantityValue(allocatable["memory"]), pods: quantityValue(allocatable["pods"]) },
    requested: context.requested,
    podCount: context.podCount,
    slotCount: context.slotCount,
    cell: context.cell,
  };
}
