import type { Describer } from "./describer.ts";
import { describeEndpointSlice, describeService } from "./network.ts";
import { describeNode } from "./node.ts";
import { describeConfigMap, describeNamespace, describeSecret, describeServiceAccount } from "./others.ts";
import { describePod } from "./pod.ts";
import { describeDaemonSet, describeDeployment, describeReplicaSet } from "./workloads.ts";

/** Kinds with a page of their own; all others get the generic one. */
export const DESCRIBERS: readonly Describer[] = [
  describePod, describeNode, describeService, describeEndpointSlice, describeDeployment, describeReplicaSet, describeDaemonSet,
  describeNamespace, describeConfigMap, describeSecret, describeServiceAccount,
];
