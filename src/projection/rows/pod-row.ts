import type { TimeText } from "../../engine/apimachinery/time-text.ts";
import type { Container, ContainerStatus, PodObject } from "../../engine/kinds/generated/types.ts";
import { podMeaning, podStatusText } from "./pod-status.ts";
import { cpuMilli, quantityValue } from "./quantity.ts";
import type { ObjectRef } from "./refs.ts";
import type { ConditionRow, ContainerRow, Organ, PodRow } from "./rows.ts";

const CONDITION_ORDER = ["PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady", "Ready"];

/** Conditions of any kind as rows. */
export function conditionRows(
  conditions: readonly { type: string; status: string; reason?: string; message?: string; lastTransitionTime?: string }[] | undefined,
  time: TimeText,
): ConditionRow[] {
  return (conditions ?? []).map((c) => ({
    type: c.type,
    status: c.status as ConditionRow["status"],
    reason: c.reason ?? "",
    message: c.message ?? "",
    sinceUs: c.lastTransitionTime === undefined ? undefined : time.parse(c.lastTransitionTime),
  }));
}

const podConditions = (pod: PodObject, time: TimeText): ConditionRow[] =>
  conditionRows(pod.status?.conditions, time).sort((a, b) => rank(a.type) - rank(b.type));
const rank = (type: string): number => (CONDITION_ORDER.includes(type) ? CONDITION_ORDER.indexOf(type) : CONDITION_ORDER.length);

function containerRow(spec: Container, type: ContainerRow["type"], status: ContainerStatus | undefined, time: TimeText): ContainerRow {
  const { waiting, running, terminated } = status?.state ?? {};
  const last = status?.lastState?.terminated;
  const at = (text: string | undefined): number | undefined => (text === undefined ? undefined : time.parse(text));
  return {
    name: spec.name,
    image: spec.image ?? "",
    type,
    state: running ? "running" : terminated ? "terminated" : "waiting",
    reason: waiting?.reason ?? terminated?.reason ?? "",
    message: waiting?.message ?? terminated?.message ?? "",
    exitCode: terminated?.exitCode,
    restarts: status?.restartCount ?? 0,
    ready: status?.ready ?? false,
    started: status?.started ?? false,
    startedUs: at(running?.startedAt ?? terminated?.startedAt),
    finishedUs: at(terminated?.finishedAt),
    last: last === undefined ? undefined : { reason: last.reason ?? "", exitCode: last.exitCode },
    probes: [
      ...(spec.startupProbe ? (["startup"] as const) : []),
      ...(spec.readinessProbe ? (["readiness"] as const) : []),
      ...(spec.livenessProbe ? (["liveness"] as const) : []),
    ],
  };
}

function containerRows(pod: PodObject, time: TimeText): ContainerRow[] {
  const find = (statuses: readonly ContainerStatus[] | undefined, name: string): ContainerStatus | undefined => statuses?.find((s) => s.name === name);
  return [
    ...(pod.spec.initContainers ?? []).map((c) =>
      containerRow(c, c.restartPolicy === "Always" ? "sidecar" : "init", find(pod.status?.initContainerStatuses, c.name), time)),
    ...(pod.spec.containers ?? []).map((c) => containerRow(c, "app", find(pod.status?.containerStatuses, c.name), time)),
  ];
}

const STATIC_ORGANS: Readonly<Record<string, Organ>> = {
  etcd: "etcd", "kube-apiserver": "apiserver", "kube-controller-manager": "controller-manager", "kube-scheduler": "scheduler",
};

/** Which pods are drawn as machinery: known system pods of the namespaces that kubeadm and the CNI agents use. */
export function organOf(pod: PodObject): Organ | undefined {
  const { namespace, labels = {} } = pod.metadata;
  if (namespace !== "kube-system" && namespace !== "kube-flannel" && namespace !== "calico-system") return undefined;
  if (labels["tier"] === "control-plane") return STATIC_ORGANS[labels["component"] ?? ""];
  const app = labels["k8s-app"] ?? labels["app"] ?? "";
  if (app === "kube-proxy") return "kube-proxy";
  return app === "flannel" || app === "calico-node" || app === "kube-flannel" ? "cni" : undefined;
}

/** The controller of an object, as a ref. */
export function controllerOf(object: PodObject): ObjectRef | undefined {
  const owner = object.metadata.ownerReferences?.find((o) => o.controller === true);
  if (owner === undefined) return undefined;
  return { kind: owner.kind, namespace: owner.kind === "Node" ? "" : (object.metadata.namespace ?? ""), name: owner.name };
}

/** What the row builder cannot read off the object itself. */
export interface PodRowContext {
  readonly time: TimeText;
  readonly slot: number;
  readonly createdUs: number;
  readonly step: PodRow["step"];
  readonly progress: number | undefined;
  readonly top: ObjectRef | undefined;
  readonly probe: PodRow["probe"];
}

/** Requests of a pod: the larger of its app containers' sum and any init container. */
export function podRequests(pod: PodObject): { cpuMilli: number; memoryBytes: number } {
  let cpu = 0;
  let memory = 0;
  for (const c of pod.spec.containers ?? []) {
    cpu += cpuMilli(c.resources?.requests?.["cpu"]);
    memory += quantityValue(c.resources?.requests?.["memory"]);
  }
  for (const c of pod.spec.initContainers ?? []) {
    cpu = Math.max(cpu, cpuMilli(c.resources?.requests?.["cpu"]));
    memory = Math.max(memory, quantityValue(c.resources?.requests?.["memory"]));
  }
  return { cpuMilli: cpu, memoryBytes: memory };
}

export function podRow(pod: PodObject, context: PodRowContext): PodRow {
  const { time } = context;
  const containers = containerRows(pod, time);
  const meaning = podMeaning(pod);
  const settled = meaning === "ready" || meaning === "done";
  return {
    kind: "Pod",
    uid: pod.metadata.uid ?? "",
    namespace: pod.metadata.namespace ?? "",
    name: pod.metadata.name,
    node: pod.spec.nodeName ?? "",
    ip: pod.status?.podIP ?? "",
    hostNetwork: pod.spec.hostNetwork ?? false,
    phase: pod.status?.phase ?? "Pending",
    containers,
    conditions: podConditions(pod, time),
    meaning,
    status: podStatusText(pod),
    step: settled ? undefined : context.step,
    progress: settled ? undefined : context.progress,
    restarts: containers.reduce((sum, c) => sum + c.restarts, 0),
    probe: context.probe,
    createdUs: context.createdUs,
    deletedUs: pod.metadata.deletionTimestamp === undefined ? undefined : time.parse(pod.metadata.deletionTimestamp),
    owner: controllerOf(pod),
    top: context.top,
    organ: organOf(pod),
    labels: pod.metadata.labels ?? {},
    slot: context.slot,
    ...podRequests(pod),
  };
}
