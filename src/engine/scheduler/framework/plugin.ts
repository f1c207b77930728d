import type { Labels, Selector } from "../../apimachinery/label-selector.ts";
import type { NodeObject, PodObject } from "../../kinds/generated/types.ts";
import type { SchedulerCache } from "./cache.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";

/** Why a plugin turned a node away. "Unschedulable" may be helped by evicting pods; the other may not. */
export interface Rejection {
  readonly code: "Unschedulable" | "UnschedulableAndUnresolvable" | "Error";
  readonly reasons: readonly string[];
}

export const unschedulable = (...reasons: readonly string[]): Rejection => ({ code: "Unschedulable", reasons });
export const unresolvable = (...reasons: readonly string[]): Rejection => ({ code: "UnschedulableAndUnresolvable", reasons });

/** Something that happened in the cluster and may make a pod schedulable. Source: pkg/scheduler/framework/events.go. */
export type ClusterEvent =
  | "AssignedPodAdd" | "AssignedPodUpdate" | "AssignedPodDelete"
  | "NodeAdd" | "NodeUpdateAllocatable" | "NodeUpdateLabel" | "NodeUpdateTaint" | "NodeDelete" | "NamespaceUpdate"
  | "PodUpdateLabel" | "PodUpdateTolerations" | "PodScaleDown" | "PodGatesEliminated";

/** The objects of an event, as far as it has them. */
export interface EventObjects {
  readonly pod?: PodObject;
  readonly podBefore?: PodObject | undefined;
  readonly node?: NodeObject;
  readonly nodeBefore?: NodeObject | undefined;
}

/** When a pod that this plugin rejected should be tried again. Source: framework.EventsToRegister, queueing hints. */
export interface RequeueRule {
  readonly on: ClusterEvent;
  /** Left out: always. */
  readonly when?: (pod: PodInfo, objects: EventObjects) => boolean;
}

/** What plugins may look at beside pod and node. */
export interface SchedulingWorld {
  readonly cache: SchedulerCache;
  readonly namespaceLabels: (namespace: string) => Labels;
  /** Selector of the services and controllers that the pod belongs to; undefined when there is none. Source: helper.DefaultSelector. */
  readonly defaultSelector: (pod: PodObject) => Selector | undefined;
}

export const SKIP = { skip: true } as const;
/** `nodes`: no other node needs to be looked at. */
export type PreFilterResult<S> = typeof SKIP | { readonly rejected: Rejection } | { readonly state: S; readonly nodes?: ReadonlySet<string> };
export type PreScoreResult<S> = typeof SKIP | { readonly state: S };

export const MAX_NODE_SCORE = 100;

/** One plugin: a name and the steps in which it takes part. All steps are functions of their arguments. */
export interface SchedulerPlugin<F = unknown, S = unknown> {
  readonly name: string;
  readonly requeueOn?: readonly RequeueRule[];
  /** Reasons why the pod may not even enter the queue. */
  readonly preEnqueue?: (pod: PodObject) => string | undefined;
  readonly preFilter?: (pod: PodInfo, world: SchedulingWorld) => PreFilterResult<F>;
  readonly filter?: (pod: PodInfo, node: NodeInfo, state: F) => Rejection | undefined;
  /** Adjusts the filter state while preemption tries the cluster without some pods, or with them again. */
  readonly podRemoved?: (state: F, pod: PodInfo, removed: PodInfo, node: NodeInfo) => void;
  readonly podAdded?: (state: F, pod: PodInfo, added: PodInfo, node: NodeInfo) => void;
  readonly preScore?: (pod: PodInfo, nodes: readonly NodeInfo[], world: SchedulingWorld) => PreScoreResult<S>;
  /** Any number when there is `normalize`, else 0 to 100. */
  readonly score?: (pod: PodInfo, node: NodeInfo, state: S) => number;
  /** Brings the first `count` scores to 0 to 100. */
  readonly normalize?: (scores: Float64Array, count: number, nodes: readonly NodeInfo[], state: S) => void;
}

/** Forgets the types of a plugin's states, which only the plugin itself reads. */
export const definePlugin = <F = undefined, S = undefined>(plugin: SchedulerPlugin<F, S>): SchedulerPlugin => plugin as unknown as SchedulerPlugin;

/** Source: pkg/scheduler/framework/plugins/helper/normalize_score.go, DefaultNormalizeScore. */
export function normalizeToMax(scores: Float64Array, count: number, reverse: boolean): void {
  let max = 0;
  for (let i = 0; i < count; i++) max = Math.max(max, scores[i] ?? 0);
  if (max === 0) {
    if (reverse) scores.fill(MAX_NODE_SCORE, 0, count);
    return;
  }
  for (let i = 0; i < count; i++) {
    const scaled = Math.floor((MAX_NODE_SCORE * (scores[i] ?? 0)) / max);
    scores[i] = reverse ? MAX_NODE_SCORE - scaled : scaled;
  }
}
