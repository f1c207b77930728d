import type { DeploymentObject, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { shareOf } from "../shared/rounding.ts";
import { equalIgnoringHash } from "../shared/template-hash.ts";
import { DESIRED_REPLICAS, numberAnnotation, revisionOf } from "./annotations.ts";

/** Source for this file: pkg/controller/deployment/util/deployment_util.go; pkg/controller/controller_utils.go (orders of replica sets). */

type ReplicaSets = readonly ReplicaSetObject[];

export const specReplicas = (object: { readonly spec: { readonly replicas?: number } }): number => object.spec.replicas ?? 1;
export const sumSpec = (sets: ReplicaSets): number => sets.reduce((sum, rs) => sum + specReplicas(rs), 0);
export const sumStatus = (sets: ReplicaSets): number => sets.reduce((sum, rs) => sum + (rs.status?.replicas ?? 0), 0);
export const sumAvailable = (sets: ReplicaSets): number => sets.reduce((sum, rs) => sum + (rs.status?.availableReplicas ?? 0), 0);
export const sumReady = (sets: ReplicaSets): number => sets.reduce((sum, rs) => sum + (rs.status?.readyReplicas ?? 0), 0);
export const active = (sets: ReplicaSets): ReplicaSetObject[] => sets.filter((rs) => specReplicas(rs) > 0);

/** Creation times are RFC 3339 in UTC, so their text sorts like the time. */
export function byCreation(a: ReplicaSetObject, b: ReplicaSetObject): number {
  const [x, y] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
  if (x !== y) return x < y ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : a.metadata.name > b.metadata.name ? 1 : 0;
}
export const bySizeOlderFirst = (a: ReplicaSetObject, b: ReplicaSetObject): number => specReplicas(b) - specReplicas(a) || byCreation(a, b);
export const bySizeNewerFirst = (a: ReplicaSetObject, b: ReplicaSetObject): number => specReplicas(b) - specReplicas(a) || byCreation(b, a);
export const byRevision = (a: ReplicaSetObject, b: ReplicaSetObject): number => revisionOf(a) - revisionOf(b) || byCreation(a, b);

export const isRolling = (deployment: DeploymentObject): boolean => deployment.spec.strategy?.type === "RollingUpdate";

/** How many pods above and below `spec.replicas` a rollout may go; both 0 makes no progress, so one may be missing then. Source: ResolveFenceposts. */
export function fenceposts(deployment: DeploymentObject): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const replicas = specReplicas(deployment);
  const { maxSurge = 0, maxUnavailable = 0 } = deployment.spec.strategy?.rollingUpdate ?? {};
  const surge = shareOf(maxSurge, replicas, "up");
  const unavailable = shareOf(maxUnavailable, replicas, "down");
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

export const maxSurgeOf = (deployment: DeploymentObject): number => (isRolling(deployment) ? fenceposts(deployment).maxSurge : 0);

export function maxUnavailableOf(deployment: DeploymentObject): number {
  const replicas = specReplicas(deployment);
  if (!isRolling(deployment) || replicas === 0) return 0;
  return Math.min(fenceposts(deployment).maxUnavailable, replicas);
}

/** The oldest set that has the deployment's template. Source: FindNewReplicaSet. */
export function findNewReplicaSet(deployment: DeploymentObject, sets: ReplicaSets): ReplicaSetObject | undefined {
  let found: ReplicaSetObject | undefined;
  for (const rs of sets) if (equalIgnoringHash(rs.spec.template, deployment.spec.template) && (found === undefined || byCreation(rs, found) < 0)) found = rs;
  return found;
}

/** Source: FindActiveOrLatest. */
export function findActiveOrLatest(newSet: ReplicaSetObject | undefined, oldSets: ReplicaSets): ReplicaSetObject | undefined {
  const all = newSet === undefined ? oldSets : [...oldSets, newSet];
  const [first, ...others] = active(all);
  if (first !== undefined) return others.length === 0 ? first : undefined;
  return newSet ?? oldSets.toSorted(byCreation).at(-1);
}

/** Source: IsSaturated. */
export function isSaturated(deployment: DeploymentObject, rs: ReplicaSetObject | undefined): boolean {
  const replicas = specReplicas(deployment);
  return rs !== undefined && specReplicas(rs) === replicas && numberAnnotation(rs, DESIRED_REPLICAS) === replicas && (rs.status?.availableReplicas ?? 0) === replicas;
}

/** Source: NewRSNewReplicas. */
export function newReplicaSetSize(deployment: DeploymentObject, all: ReplicaSets, current: number): number {
  const replicas = specReplicas(deployment);
  if (!isRolling(deployment)) return replicas;
  // The plain percentage here, without the fenceposts: upstream computes maxSurge by itself.
  const surge = shareOf(deployment.spec.strategy?.rollingUpdate?.maxSurge, replicas, "up");
  const room = replicas + surge - sumSpec(all);
  return room <= 0 ? current : current + Math.min(room, replicas - current);
}
