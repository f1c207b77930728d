import { Deployment } from "../../kinds/deployment.ts";
import type { DeploymentObject, LabelSelector, PodTemplateSpec, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { controllerOf, controllerReference, create, event, update, updateStatus } from "../actions.ts";
import { isNamespaceTerminating } from "../execute-plan.ts";
import type { ActionOutcome, ReadView } from "../plan.ts";
import { computeHash, equalIgnoringHash, POD_TEMPLATE_HASH_LABEL } from "../shared/template-hash.ts";
import type { Step, SyncEnd } from "../steps.ts";
import { newReplicaSetAnnotations, replicasAnnotations, REVISION, revisionOf, withAnnotations } from "./annotations.ts";
import { findNewReplicaSet, maxSurgeOf, newReplicaSetSize, specReplicas } from "./replica-sets.ts";
import { conditionOf, hasProgressDeadline, newCondition, setCondition } from "./status.ts";

/** A deployment with its replica sets sorted out. `deployment` carries what this sync has changed so far. */
export interface Rollout {
  readonly deployment: DeploymentObject;
  readonly newSet: ReplicaSetObject | undefined;
  readonly oldSets: readonly ReplicaSetObject[];
}

export const allSets = ({ newSet, oldSets }: Rollout): readonly ReplicaSetObject[] => (newSet === undefined ? oldSets : [...oldSets, newSet]);

type Answers = readonly ActionOutcome[];
type RolloutOrEnd = { readonly ok: true; readonly rollout: Rollout } | { readonly ok: false; readonly end: SyncEnd };

/**
 * Tells new from old, keeps the revision annotations in step, and creates the new replica set where it is wanted and missing.
 * Source: pkg/controller/deployment/sync.go, getAllReplicaSetsAndSyncRevision and getNewReplicaSet.
 */
export function* sortOut(view: ReadView, deployment: DeploymentObject, sets: readonly ReplicaSetObject[], mayCreate: boolean): Generator<Step, RolloutOrEnd, Answers> {
  const found = findNewReplicaSet(deployment, sets);
  const oldSets = sets.filter((rs) => rs !== found);
  const revision = oldSets.reduce((max, rs) => Math.max(max, revisionOf(rs)), 0) + 1;
  if (found !== undefined) return yield* refresh(view, deployment, found, oldSets, revision);
  if (!mayCreate) return { ok: true, rollout: { deployment, newSet: undefined, oldSets } };
  return yield* createNew(view, deployment, oldSets, revision);
}

/** The new replica set is there: bring its annotations, its minReadySeconds and the deployment's revision up to date. */
function* refresh(view: ReadView, deployment: DeploymentObject, rs: ReplicaSetObject, oldSets: readonly ReplicaSetObject[], revision: number): Generator<Step, RolloutOrEnd, Answers> {
  const annotations = newReplicaSetAnnotations(deployment, rs.metadata.annotations ?? {}, revision);
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  if (annotations !== (rs.metadata.annotations ?? annotations) || (rs.spec.minReadySeconds ?? 0) !== minReadySeconds) {
    const annotated = withAnnotations(rs, annotations);
    const [answer] = yield update(ReplicaSet, { ...annotated, spec: { ...annotated.spec, minReadySeconds } });
    return { ok: true, rollout: { deployment, newSet: stored(answer, annotated), oldSets } };
  }
  let next = withRevision(deployment, rs.metadata.annotations?.[REVISION] ?? "");
  if (hasProgressDeadline(deployment) && conditionOf(deployment.status, "Progressing") === undefined) {
    next = withCondition(next, view, "True", "FoundNewReplicaSet", `Found new replica set "${rs.metadata.name}"`);
  }
  if (next !== deployment) yield updateStatus(Deployment, next);
  return { ok: true, rollout: { deployment: next, newSet: rs, oldSets } };
}

function* createNew(view: ReadView, deployment: DeploymentObject, oldSets: readonly ReplicaSetObject[], revision: number): Generator<Step, RolloutOrEnd, Answers> {
  const wanted = newReplicaSet(deployment, oldSets, revision);
  const name = wanted.metadata.name;
  const [answer] = yield { attempt: create(ReplicaSet, wanted) };
  let rs = stored(answer, wanted);
  const error = answer?.error;
  const existed = error?.reason === "AlreadyExists";
  if (existed) {
    const other = view.get(ReplicaSet, { namespace: deployment.metadata.namespace ?? "", name });
    if (other === undefined) return { ok: false, end: { failed: `replicaset.apps "${name}" not found` } };
    if (controllerOf(other)?.uid !== deployment.metadata.uid || !equalIgnoringHash(deployment.spec.template, other.spec.template)) {
      const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
      yield { attempt: updateStatus(Deployment, { ...deployment, status: { ...deployment.status, collisionCount } }) };
      return { ok: false, end: { failed: error } };
    }
    rs = other;
  } else if (error !== undefined) {
    if (!isNamespaceTerminating(error)) {
      const message = `Failed to create new replica set "${name}": ${error.message ?? ""}`;
      if (hasProgressDeadline(deployment)) yield { attempt: updateStatus(Deployment, withCondition(deployment, view, "False", "ReplicaSetCreateError", message)) };
      yield event(deployment, "Warning", "ReplicaSetCreateError", message);
    }
    return { ok: false, end: { failed: error } };
  }
  if (!existed && specReplicas(rs) > 0) yield event(deployment, "Normal", "ScalingReplicaSet", `Scaled up replica set ${rs.metadata.name} from 0 to ${specReplicas(rs)}`);
  let next = withRevision(deployment, String(revision));
  if (!existed && hasProgressDeadline(deployment)) next = withCondition(next, view, "True", "NewReplicaSetCreated", `Created new replica set "${rs.metadata.name}"`);
  if (next !== deployment) yield updateStatus(Deployment, next);
  return { ok: true, rollout: { deployment: next, newSet: rs, oldSets } };
}

/** The replica set that the deployment's template asks for. */
function newReplicaSet(deployment: DeploymentObject, oldSets: readonly ReplicaSetObject[], revision: number): ReplicaSetObject {
  const { metadata, spec } = deployment;
  const hash = computeHash(spec.template, deployment.status?.collisionCount);
  const labels = { ...spec.template.metadata?.labels, [POD_TEMPLATE_HASH_LABEL]: hash };
  const template: PodTemplateSpec = { ...spec.template, metadata: { ...spec.template.metadata, labels } as NonNullable<PodTemplateSpec["metadata"]> };
  const selector: LabelSelector = { ...spec.selector, matchLabels: { ...spec.selector?.matchLabels, [POD_TEMPLATE_HASH_LABEL]: hash } };
  const replicas = specReplicas(deployment);
  return {
    apiVersion: "apps/v1", kind: "ReplicaSet",
    metadata: {
      name: `${metadata.name}-${hash}`, namespace: metadata.namespace ?? "", labels,
      annotations: { ...newReplicaSetAnnotations(deployment, {}, revision), ...replicasAnnotations(replicas, replicas + maxSurgeOf(deployment)) },
      ownerReferences: [controllerReference(Deployment, deployment)],
    },
    spec: { replicas: newReplicaSetSize(deployment, oldSets, 0), minReadySeconds: spec.minReadySeconds ?? 0, selector, template },
  };
}

const stored = (answer: ActionOutcome | undefined, fallback: ReplicaSetObject): ReplicaSetObject => (answer?.objects[0] as ReplicaSetObject | undefined) ?? fallback;

/** The same object when the revision is known already. Source: deployment_util.go, SetDeploymentRevision. */
function withRevision(deployment: DeploymentObject, revision: string): DeploymentObject {
  const annotations = deployment.metadata.annotations ?? {};
  return annotations[REVISION] === revision ? deployment : withAnnotations(deployment, { ...annotations, [REVISION]: revision });
}

export function withCondition(deployment: DeploymentObject, view: ReadView, status: string, reason: string, message: string): DeploymentObject {
  const conditions = setCondition(deployment.status?.conditions, newCondition(view, "Progressing", status, reason, message)) ?? [];
  return { ...deployment, status: { ...deployment.status, conditions } };
}
