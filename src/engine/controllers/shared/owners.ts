import { keyOf, keyText, type KubeObject } from "../../apimachinery/object.ts";
import type { LabelSelector, PodObject } from "../../kinds/generated/types.ts";
import { matchesLabelSelector } from "../../kinds/helpers/label-match.ts";
import { podCondition } from "../../kinds/helpers/pod-state.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import { controllerOf } from "../actions.ts";
import type { Change, KeyRequest } from "../controller.ts";
import type { ReadView } from "../plan.ts";

/**
 * False for an update after which an owner would count exactly the same: most of what a kubelet reports.
 * Upstream looks at the owner for every update; a look that changes nothing is left out here.
 */
export function mattersToOwner({ type, object, before }: Change<PodObject>): boolean {
  if (type !== "update" || before === undefined) return true;
  const [now, then] = [podCondition(object, "Ready"), podCondition(before, "Ready")];
  return (
    now?.status !== then?.status || now?.lastTransitionTime !== then?.lastTransitionTime || object.status?.phase !== before.status?.phase ||
    object.metadata.deletionTimestamp !== before.metadata.deletionTimestamp || object.metadata.labels !== before.metadata.labels || controllerOf(object)?.uid !== controllerOf(before)?.uid
  );
}

type Selecting = KubeObject & { readonly spec: { readonly selector?: LabelSelector } };

/** Key of the object that controls this one: the cached owner of the right kind with the right uid. Source: resolveControllerRef in each controller. */
export function controllerKey<O extends KubeObject>(view: ReadView, ownerKind: KindDefinition<O>, child: KubeObject): string | undefined {
  const reference = controllerOf(child);
  if (reference === undefined || reference.kind !== ownerKind.kind) return undefined;
  const key = { namespace: child.metadata.namespace ?? "", name: reference.name };
  return view.get(ownerKind, key)?.metadata.uid === reference.uid ? keyText(key) : undefined;
}

/**
 * Keys that a change of a child asks for: its owner's, its former owner's, and for orphans those of everybody who might adopt it.
 * Source: pkg/controller/replicaset/replica_set.go, addPod, updatePod, deletePod; pkg/controller/deployment/deployment_controller.go, addReplicaSet, updateReplicaSet, deleteReplicaSet.
 */
export function* keysOfChild<O extends Selecting>(view: ReadView, ownerKind: KindDefinition<O>, change: Change, extra?: (owner: string) => Iterable<KeyRequest>): Generator<KeyRequest> {
  const { object, before, type } = change;
  if (before !== undefined && controllerOf(before)?.uid !== controllerOf(object)?.uid) {
    const former = controllerKey(view, ownerKind, before);
    if (former !== undefined) yield former;
  }
  const owner = controllerKey(view, ownerKind, object);
  if (owner !== undefined) {
    yield owner;
    if (extra !== undefined) yield* extra(owner);
    return;
  }
  if (controllerOf(object) !== undefined || type === "delete" || object.metadata.deletionTimestamp !== undefined) return;
  const relevant = before === undefined || before.metadata.labels !== object.metadata.labels || controllerOf(before) !== undefined;
  if (!relevant) return;
  for (const candidate of view.list(ownerKind, object.metadata.namespace)) {
    if (matchesLabelSelector(candidate.spec.selector, object.metadata.labels)) yield keyText(keyOf(candidate));
  }
}
