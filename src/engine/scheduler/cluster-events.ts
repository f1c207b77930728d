import type { NodeObject, PodObject } from "../kinds/generated/types.ts";
import type { ClusterEvent } from "./framework/plugin.ts";

const differs = (a: unknown, b: unknown): boolean => a !== b && JSON.stringify(a ?? null) !== JSON.stringify(b ?? null);

/** What a change of a node may mean to waiting pods. Source: pkg/scheduler/framework/events.go, NodeSchedulingPropertiesChange. */
export function nodeEvents(node: NodeObject, before: NodeObject): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  if (differs(before.status?.allocatable, node.status?.allocatable)) events.push("NodeUpdateAllocatable");
  if (differs(before.metadata.labels, node.metadata.labels)) events.push("NodeUpdateLabel");
  if (differs(before.spec.taints, node.spec.taints) || before.spec.unschedulable !== node.spec.unschedulable) events.push("NodeUpdateTaint");
  return events;
}

/** A pod that has a node changed in a way that may help others: its labels. */
export const assignedPodChanged = (pod: PodObject, before: PodObject): boolean => differs(before.metadata.labels, pod.metadata.labels);
