import type { PodMeaning } from "./meaning.ts";
import type { ObjectRef } from "./refs.ts";
import type { LifecycleStepId } from "../lifecycle/step-ids.ts";

/** Simulated µs since the cluster started, as everywhere; plain numbers, because rows cross a port. */
type Us = number;

export interface ConditionRow {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly sinceUs: Us | undefined;
}

/** One container's layer of a pod. */
export interface ContainerRow {
  readonly name: string;
  readonly image: string;
  readonly type: "init" | "sidecar" | "app";
  readonly state: "waiting" | "running" | "terminated";
  /** "ContainerCreating", "CrashLoopBackOff", "Completed", "OOMKilled"; "" while it runs. */
  readonly reason: string;
  readonly message: string;
  readonly exitCode: number | undefined;
  readonly restarts: number;
  readonly ready: boolean;
  readonly started: boolean;
  readonly startedUs: Us | undefined;
  readonly finishedUs: Us | undefined;
  /** How the run before this one ended. */
  readonly last: { readonly reason: string; readonly exitCode: number } | undefined;
  /** Which probes it declares, for example ["readiness", "liveness"]. */
  readonly probes: readonly ("startup" | "readiness" | "liveness")[];
}

/** Parts of a machine that are pods themselves and are drawn as its machinery. */
export type Organ = "etcd" | "apiserver" | "controller-manager" | "scheduler" | "kube-proxy" | "cni";

export interface PodRow {
  readonly kind: "Pod";
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** "" until it is bound. */
  readonly node: string;
  readonly ip: string;
  readonly hostNetwork: boolean;
  /** First layer. */
  readonly phase: string;
  /** Second layer, init containers first. */
  readonly containers: readonly ContainerRow[];
  /** Third layer, in the order of their lives. */
  readonly conditions: readonly ConditionRow[];
  readonly meaning: PodMeaning;
  /** What `kubectl get` prints under STATUS. */
  readonly status: string;
  /** The lifecycle step that is going on, and how far it is (0…1, when it can tell). */
  readonly step: LifecycleStepId | undefined;
  readonly progress: number | undefined;
  readonly restarts: number;
  /** The newest probe of any container: its heartbeat. */
  readonly probe: { readonly container: string; readonly type: string; readonly ok: boolean; readonly atUs: Us } | undefined;
  readonly createdUs: Us;
  readonly deletedUs: Us | undefined;
  readonly owner: ObjectRef | undefined;
  /** The workload on top of the owner chain: Deployment rather than ReplicaSet. Same as `owner` when there is nothing above it. */
  readonly top: ObjectRef | undefined;
  readonly organ: Organ | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Its place on its machine (or in the waiting lane), from 0. It keeps the place until it leaves. */
  readonly slot: number;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

export interface TaintRow {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

export interface NodeRow {
  readonly kind: "Node";
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  readonly controlPlane: boolean;
  readonly ip: string;
  readonly podCIDR: string;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  readonly conditions: readonly ConditionRow[];
  readonly taints: readonly TaintRow[];
  readonly zone: string;
  readonly kubeletVersion: string;
  readonly createdUs: Us;
  readonly allocatable: { readonly cpuMilli: number; readonly memoryBytes: number; readonly pods: number };
  /** Sums over the pods that hold a place on it. */
  readonly requested: { readonly cpuMilli: number; readonly memoryBytes: number };
  readonly podCount: number;
  /** The slots in use reach up to here: cards shrink together when it grows. */
  readonly slotCount: number;
  /** Its cell in the grid of machines. Given once, in order of appearance; never changes. */
  readonly cell: number;
}

export interface ServicePortRow {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly targetPort: string;
  readonly nodePort: number | undefined;
}

export interface EndpointRow {
  readonly ip: string;
  readonly pod: string;
  readonly podUid: string;
  readonly node: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
}

export interface ServiceRow {
  readonly kind: "Service";
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly clusterIP: string;
  readonly ports: readonly ServicePortRow[];
  readonly selector: Readonly<Record<string, string>>;
  readonly endpoints: readonly EndpointRow[];
  readonly createdUs: Us;
  /** Its place in the row of Services; kept until it is deleted. */
  readonly slot: number;
}

/** Deployment, ReplicaSet, DaemonSet: something that wants a number of pods. */
export interface WorkloadRow {
  readonly kind: "Deployment" | "ReplicaSet" | "DaemonSet";
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly desired: number;
  readonly current: number;
  readonly updated: number;
  readonly ready: number;
  readonly available: number;
  readonly conditions: readonly ConditionRow[];
  readonly owner: ObjectRef | undefined;
  readonly selector: string;
  readonly images: readonly string[];
  readonly strategy: string;
  readonly createdUs: Us;
}

export interface NamespaceRow {
  readonly kind: "Namespace";
  readonly uid: string;
  readonly namespace: "";
  readonly name: string;
  readonly phase: string;
}

/** A Kubernetes Event. */
export interface EventRow {
  readonly kind: "Event";
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly about: ObjectRef;
  readonly aboutUid: string;
  readonly component: string;
  readonly count: number;
  readonly firstUs: Us;
  readonly lastUs: Us;
}

export type Row = PodRow | NodeRow | ServiceRow | WorkloadRow | NamespaceRow | EventRow;

export const rowRef = (row: Row): ObjectRef => ({ kind: row.kind, namespace: row.namespace, name: row.name });
