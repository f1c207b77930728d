import type { DaemonSetObject, DeploymentObject, PodObject, ReplicaSetObject } from "../../../engine/kinds/generated/types.ts";
import { labelSelectorText } from "../../../engine/apimachinery/label-selector.ts";
import { describePodTemplate } from "./containers.ts";
import { controllerText, type Describer, eventsOf, listAt, newPage, type DescribeScope, writeEvents, writeHead } from "./describer.ts";
import { joinOrNone, mapText, type Page, rfc1123 } from "./page.ts";

const REVISION = "deployment.kubernetes.io/revision";

/** Source: staging/src/k8s.io/kubectl/pkg/describe/describe.go, describeDeployment. */
export const describeDeployment: Describer = {
  kind: "Deployment.apps",
  async describe(object, scope) {
    const { metadata, spec, status = {} } = object as unknown as DeploymentObject;
    const page = newPage(scope);
    writeHead(page, object);
    page.line(0, `CreationTimestamp:\t${rfc1123(metadata.creationTimestamp)}`);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    page.line(0, `Selector:\t${labelSelectorText(spec.selector)}`);
    page.line(0, `Replicas:\t${spec.replicas ?? 1} desired | ${status.updatedReplicas ?? 0} updated | ${status.replicas ?? 0} total | ${status.availableReplicas ?? 0} available | ${status.unavailableReplicas ?? 0} unavailable`);
    page.line(0, `StrategyType:\t${spec.strategy?.type ?? ""}`);
    page.line(0, `MinReadySeconds:\t${spec.minReadySeconds ?? 0}`);
    const rolling = spec.strategy?.rollingUpdate;
    if (rolling !== undefined) page.line(0, `RollingUpdateStrategy:\t${rolling.maxUnavailable} max unavailable, ${rolling.maxSurge} max surge`);
    describePodTemplate(page, spec.template);
    writeConditions(page, status.conditions ?? []);
    const all = await listAt<ReplicaSetObject>(scope, `/apis/apps/v1/namespaces/${metadata.namespace}/replicasets`, { labelSelector: labelSelectorText(spec.selector) });
    const owned = all.filter((rs) => (rs.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === metadata.uid));
    const newest = owned.find((rs) => sameTemplate(rs, spec.template)) ?? owned.find((rs) => rs.metadata.annotations?.[REVISION] === metadata.annotations?.[REVISION]);
    page.line(0, `OldReplicaSets:\t${replicaSetTexts(owned.filter((rs) => rs !== newest))}`);
    page.line(0, `NewReplicaSet:\t${newest === undefined ? "<none>" : replicaSetTexts([newest])}`);
    writeEvents(page, scope, await eventsOf(scope, object, "Deployment"));
    return page.finish();
  },
};

/** Equal but for the hash label. Source: pkg/controller/deployment/util/deployment_util.go, EqualIgnoreHash. */
function sameTemplate(rs: ReplicaSetObject, template: DeploymentObject["spec"]["template"]): boolean {
  const { "pod-template-hash": _, ...labels } = rs.spec.template?.metadata?.labels ?? {};
  return JSON.stringify({ ...rs.spec.template, metadata: { ...rs.spec.template?.metadata, labels } }) === JSON.stringify({ ...template, metadata: { ...template.metadata, labels: template.metadata?.labels ?? {} } });
}

const replicaSetTexts = (sets: readonly ReplicaSetObject[]): string => joinOrNone(sets.map((rs) => `${rs.metadata.name} (${rs.status?.replicas ?? 0}/${rs.spec.replicas ?? 1} replicas created)`));

function writeConditions(page: Page, conditions: readonly { readonly type: string; readonly status: string; readonly reason?: string }[]): void {
  if (conditions.length === 0) return;
  page.raw("Conditions:\n  Type\tStatus\tReason\n");
  page.line(1, "----\t------\t------");
  for (const { type, status, reason } of conditions) page.line(1, `${type} \t${status}\t${reason ?? ""}`);
}

/** Source: describe.go, describeReplicaSet. */
export const describeReplicaSet: Describer = {
  kind: "ReplicaSet.apps",
  async describe(object, scope) {
    const { metadata, spec, status } = object as unknown as ReplicaSetObject;
    const page = newPage(scope);
    writeHead(page, object);
    page.line(0, `Selector:\t${labelSelectorText(spec.selector)}`);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    const controller = controllerText(object);
    if (controller !== undefined) page.line(0, `Controlled By:\t${controller}`);
    page.line(0, `Replicas:\t${status?.replicas ?? 0} current / ${spec.replicas ?? 1} desired`);
    page.line(0, `Pods Status:\t${await podCounts(scope, metadata.namespace ?? "", labelSelectorText(spec.selector), metadata.uid ?? "")}`);
    if (spec.template !== undefined) describePodTemplate(page, spec.template);
    writeConditions(page, status?.conditions ?? []);
    writeEvents(page, scope, await eventsOf(scope, object));
    return page.finish();
  },
};

async function podCounts(scope: DescribeScope, namespace: string, selector: string, ownerUid: string): Promise<string> {
  const pods = await listAt<PodObject>(scope, `/api/v1/namespaces/${namespace}/pods`, { labelSelector: selector });
  const owned = pods.filter((pod) => (pod.metadata.ownerReferences ?? []).some((owner) => owner.controller === true && owner.uid === ownerUid));
  const count = (phase: string): number => owned.filter((pod) => pod.status?.phase === phase).length;
  return `${count("Running")} Running / ${count("Pending")} Waiting / ${count("Succeeded")} Succeeded / ${count("Failed")} Failed`;
}

/** Source: describe.go, describeDaemonSet. */
export const describeDaemonSet: Describer = {
  kind: "DaemonSet.apps",
  async describe(object, scope) {
    const { metadata, spec, status } = object as unknown as DaemonSetObject;
    const page = newPage(scope);
    writeHead(page, object);
    page.line(0, `Selector:\t${labelSelectorText(spec.selector)}`);
    page.line(0, `Node-Selector:\t${mapText(spec.template.spec.nodeSelector)}`);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    page.line(0, `Desired Number of Nodes Scheduled: ${status?.desiredNumberScheduled ?? 0}`);
    page.line(0, `Current Number of Nodes Scheduled: ${status?.currentNumberScheduled ?? 0}`);
    page.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status?.updatedNumberScheduled ?? 0}`);
    page.line(0, `Number of Nodes Scheduled with Available Pods: ${status?.numberAvailable ?? 0}`);
    page.line(0, `Number of Nodes Misscheduled: ${status?.numberMisscheduled ?? 0}`);
    page.line(0, `Pods Status:\t${await podCounts(scope, metadata.namespace ?? "", labelSelectorText(spec.selector), metadata.uid ?? "")}`);
    describePodTemplate(page, spec.template);
    writeEvents(page, scope, await eventsOf(scope, object));
    return page.finish();
  },
};
