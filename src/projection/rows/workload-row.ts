import type { TimeText } from "../../engine/apimachinery/time-text.ts";
import type { DaemonSetObject, DeploymentObject, LabelSelector, ReplicaSetObject } from "../../engine/kinds/generated/types.ts";
import { conditionRows } from "./pod-row.ts";
import type { WorkloadRow } from "./rows.ts";

/** "app=web,tier in (a,b)", as kubectl prints selectors. Source: apimachinery/pkg/apis/meta/v1/helpers.go, FormatLabelSelector. */
export function selectorText(selector: LabelSelector | undefined): string {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(([k, v]) => `${k}=${v}`).sort();
  for (const e of selector?.matchExpressions ?? []) {
    const values = [...(e.values ?? [])].sort().join(",");
    if (e.operator === "In") parts.push(`${e.key} in (${values})`);
    else if (e.operator === "NotIn") parts.push(`${e.key} notin (${values})`);
    else parts.push(e.operator === "Exists" ? e.key : `!${e.key}`);
  }
  return parts.length === 0 ? "<none>" : parts.join(",");
}

/** A Deployment, ReplicaSet or DaemonSet as one row. */
export function workloadRow(object: DeploymentObject | ReplicaSetObject | DaemonSetObject, createdUs: number, time: TimeText): WorkloadRow {
  const owner = object.metadata.ownerReferences?.find((o) => o.controller === true);
  const namespace = object.metadata.namespace ?? "";
  return {
    kind: object.kind as WorkloadRow["kind"],
    uid: object.metadata.uid ?? "",
    namespace,
    name: object.metadata.name,
    ...counts(object),
    conditions: conditionRows(object.status?.conditions, time),
    owner: owner === undefined ? undefined : { kind: owner.kind, namespace, name: owner.name },
    selector: selectorText(object.spec?.selector),
    images: (object.spec?.template?.spec?.containers ?? []).map((c) => c.image ?? ""),
    createdUs,
  };
}

function counts(object: DeploymentObject | ReplicaSetObject | DaemonSetObject): Pick<WorkloadRow, "desired" | "current" | "updated" | "ready" | "available" | "strategy"> {
  if (object.kind === "DaemonSet") {
    const { spec, status } = object as DaemonSetObject;
    return {
      desired: status?.desiredNumberScheduled ?? 0, current: status?.currentNumberScheduled ?? 0, updated: status?.updatedNumberScheduled ?? 0,
      ready: status?.numberReady ?? 0, available: status?.numberAvailable ?? 0, strategy: spec?.updateStrategy?.type ?? "",
    };
  }
  const { spec, status } = object as DeploymentObject;
  const current = status?.replicas ?? 0;
  return {
    desired: spec?.replicas ?? 1, current, updated: object.kind === "Deployment" ? (status?.updatedReplicas ?? 0) : current,
    ready: status?.readyReplicas ?? 0, available: status?.availableReplicas ?? 0, strategy: object.kind === "Deployment" ? (spec?.strategy?.type ?? "") : "",
  };
}
