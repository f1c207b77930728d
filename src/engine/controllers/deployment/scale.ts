import type { DeploymentObject, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { event, update } from "../actions.ts";
import type { ActionOutcome } from "../plan.ts";
import type { Step } from "../steps.ts";
import { DESIRED_REPLICAS, MAX_REPLICAS, numberAnnotation, replicasAnnotations, withAnnotations } from "./annotations.ts";
import { allSets, type Rollout } from "./new-replica-set.ts";
import { active, bySizeNewerFirst, bySizeOlderFirst, findActiveOrLatest, isRolling, isSaturated, maxSurgeOf, specReplicas, sumSpec } from "./replica-sets.ts";

/** Source for this file: pkg/controller/deployment/sync.go; pkg/controller/deployment/util/deployment_util.go, GetReplicaSetProportion. */

type Scaling<R> = Generator<Step, R, readonly ActionOutcome[]>;

/** Gives a replica set its new size and its annotations, with an event if the size changed; what comes back is as stored. */
export function* scaleReplicaSet(deployment: DeploymentObject, rs: ReplicaSetObject, size: number): Scaling<ReplicaSetObject> {
  const replicas = specReplicas(deployment);
  const wanted = replicasAnnotations(replicas, replicas + maxSurgeOf(deployment));
  const before = specReplicas(rs);
  const annotationsStand = rs.metadata.annotations?.[DESIRED_REPLICAS] === wanted[DESIRED_REPLICAS] && rs.metadata.annotations?.[MAX_REPLICAS] === wanted[MAX_REPLICAS];
  if (before === size && annotationsStand) return rs;
  const annotated = withAnnotations(rs, { ...rs.metadata.annotations, ...wanted });
  const next = { ...annotated, spec: { ...annotated.spec, replicas: size } };
  const [answer] = yield update(ReplicaSet, next);
  if (before !== size) yield event(deployment, "Normal", "ScalingReplicaSet", `Scaled ${before < size ? "up" : "down"} replica set ${rs.metadata.name} from ${before} to ${size}`);
  return (answer?.objects[0] as ReplicaSetObject | undefined) ?? next;
}

/** Nothing is written when the size stands, whatever the annotations say. Source: scaleReplicaSetAndRecordEvent. */
export function* resize(deployment: DeploymentObject, rs: ReplicaSetObject, size: number): Scaling<ReplicaSetObject> {
  return specReplicas(rs) === size ? rs : yield* scaleReplicaSet(deployment, rs, size);
}

/** True when `spec.replicas` changed since the replica sets were last sized. Source: isScalingEvent. */
export const isScalingEvent = ({ deployment, ...sets }: Rollout): boolean =>
  active(allSets({ deployment, ...sets })).some((rs) => {
    const desired = numberAnnotation(rs, DESIRED_REPLICAS);
    return desired !== undefined && desired !== specReplicas(deployment);
  });

/** Brings the replica sets to the deployment's size; during a rollout each gets its share. Source: sync.go, scale. */
export function* scale(rollout: Rollout): Scaling<undefined> {
  const { deployment, newSet, oldSets } = rollout;
  const replicas = specReplicas(deployment);
  const only = findActiveOrLatest(newSet, oldSets);
  if (only !== undefined) {
    yield* resize(deployment, only, replicas);
    return undefined;
  }
  if (isSaturated(deployment, newSet)) {
    for (const rs of active(oldSets)) yield* resize(deployment, rs, 0);
    return undefined;
  }
  if (!isRolling(deployment)) return undefined;
  for (const [rs, size] of proportionalSizes(deployment, active(allSets(rollout)))) yield* scaleReplicaSet(deployment, rs, size);
  return undefined;
}

/** New size of each replica set, in the order in which upstream writes them. */
export function proportionalSizes(deployment: DeploymentObject, sets: readonly ReplicaSetObject[]): readonly (readonly [ReplicaSetObject, number])[] {
  const replicas = specReplicas(deployment);
  const toAdd = (replicas > 0 ? replicas + maxSurgeOf(deployment) : 0) - sumSpec(sets);
  if (toAdd === 0) return sets.map((rs) => [rs, specReplicas(rs)]);
  const sorted = sets.toSorted(toAdd > 0 ? bySizeNewerFirst : bySizeOlderFirst);
  let added = 0;
  const sizes = sorted.map((rs): [ReplicaSetObject, number] => {
    const left = toAdd - added;
    const fraction = left === 0 ? 0 : fractionOf(deployment, rs);
    const share = toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left);
    added += share;
    return [rs, specReplicas(rs) + share];
  });
  const largest = sizes[0];
  if (largest !== undefined) largest[1] = Math.max(0, largest[1] + toAdd - added);
  return sizes;
}

/** Source: getReplicaSetFraction. Halves are rounded away from zero. */
function fractionOf(deployment: DeploymentObject, rs: ReplicaSetObject): number {
  const replicas = specReplicas(deployment);
  const size = specReplicas(rs);
  if (replicas === 0) return -size;
  const before = numberAnnotation(rs, MAX_REPLICAS) || (deployment.status?.replicas ?? 0);
  if (before === 0) return 0;
  return Math.round((size * (replicas + maxSurgeOf(deployment))) / before) - size;
}
