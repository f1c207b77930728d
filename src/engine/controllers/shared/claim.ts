import { matchesLabels } from "../../apimachinery/label-selector.ts";
import { keyOf, type KubeObject } from "../../apimachinery/object.ts";
import type { LabelSelector } from "../../kinds/generated/types.ts";
import { compileSelector } from "../../kinds/helpers/label-match.ts";
import { groupVersion, type KindDefinition } from "../../kinds/kind-definition.ts";
import { controllerOf, get, patch } from "../actions.ts";
import { CONTROLLER_INDEX, orphans } from "../informer-view.ts";
import type { ActionOutcome, ReadView } from "../plan.ts";
import type { Step } from "../steps.ts";

/** Result of claiming: what the owner has now, or why the sync has to be tried again. */
export type Claim<C> = { readonly ok: true; readonly objects: C[] } | { readonly ok: false; readonly failed: string };

/**
 * Children of an owner: those it controls and that still match; adopts matching orphans, releases those that match no more.
 * Before the first adoption the owner is read afresh, because a cached one may be gone already.
 * Source: pkg/controller/controller_ref_manager.go, BaseControllerRefManager.ClaimObject, PodControllerRefManager.ClaimPods.
 */
export function* claim<O extends KubeObject, C extends KubeObject>(
  view: ReadView, ownerKind: KindDefinition<O>, owner: O, childKind: KindDefinition<C>, labelSelector: LabelSelector | undefined, wanted: (child: C) => boolean = () => true,
): Generator<Step, Claim<C>, readonly ActionOutcome[]> {
  const claimed: C[] = [];
  const selector = compileSelector(labelSelector);
  const deleting = owner.metadata.deletionTimestamp !== undefined;
  for (const child of view.ownedBy(childKind, owner)) {
    if (matchesLabels(selector, child.metadata.labels)) {
      if (wanted(child)) claimed.push(child);
    } else if (!deleting && wanted(child)) {
      const [outcome] = yield { attempt: patch(childKind, keyOf(child), { type: "strategic", body: { metadata: { ownerReferences: [{ $patch: "delete", uid: owner.metadata.uid }], uid: child.metadata.uid } } }) };
      const reason = outcome?.error?.reason;
      if (reason !== undefined && reason !== "NotFound" && reason !== "Invalid") return { ok: false, failed: outcome?.error?.message ?? reason };
    }
  }
  if (deleting) return { ok: true, objects: claimed };
  let checked = false;
  for (const child of view.byIndex(childKind, CONTROLLER_INDEX, orphans(owner.metadata.namespace ?? ""))) {
    if (child.metadata.deletionTimestamp !== undefined || controllerOf(child) !== undefined || !matchesLabels(selector, child.metadata.labels) || !wanted(child)) continue;
    if (!checked) {
      const [fresh] = yield { attempt: get(ownerKind, keyOf(owner)) };
      const problem = cannotAdopt(owner, fresh);
      if (problem !== undefined) return { ok: false, failed: problem };
      checked = true;
    }
    const reference = { apiVersion: groupVersion(ownerKind), kind: ownerKind.kind, name: owner.metadata.name, uid: owner.metadata.uid, controller: true, blockOwnerDeletion: true };
    const [adopted] = yield { attempt: patch(childKind, keyOf(child), { type: "strategic", body: { metadata: { ownerReferences: [reference], uid: child.metadata.uid } } }) };
    if (adopted?.error?.reason === "NotFound") continue; // gone meanwhile
    if (adopted?.error !== undefined) return { ok: false, failed: adopted.error.message ?? "adoption failed" };
    claimed.push((adopted?.objects[0] as C | undefined) ?? child);
  }
  return { ok: true, objects: claimed };
}

/** Source: pkg/controller/controller_ref_manager.go, RecheckDeletionTimestamp. */
function cannotAdopt(owner: KubeObject, fresh: ActionOutcome | undefined): string | undefined {
  const { namespace, name } = keyOf(owner);
  if (fresh?.error !== undefined) return `can't recheck DeletionTimestamp: ${fresh.error.message ?? ""}`;
  const now = fresh?.objects[0];
  if (now?.metadata.uid !== owner.metadata.uid) return `can't recheck DeletionTimestamp: original ${owner.kind} ${namespace}/${name} is gone: got uid ${now?.metadata.uid}, wanted ${owner.metadata.uid}`;
  return now?.metadata.deletionTimestamp === undefined ? undefined : `can't recheck DeletionTimestamp: ${namespace}/${name} has just been deleted at ${now.metadata.deletionTimestamp}`;
}
