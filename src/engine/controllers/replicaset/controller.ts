import { keyOf, keyText } from "../../apimachinery/object.ts";
import type { PodObject, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { isPodReady } from "../../kinds/helpers/pod-state.ts";
import { Pod } from "../../kinds/pod.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { anyKind, controllerOf } from "../actions.ts";
import { type Change, type ControllerFactory, type KeyRequest, parseKey, watch } from "../controller.ts";
import type { ReadView } from "../plan.ts";
import { keysOfChild, mattersToOwner } from "../shared/owners.ts";
import { reconcileReplicaSet } from "./reconcile.ts";
import { PodTally } from "./tally.ts";

/** Source: pkg/controller/replicaset/replica_set.go, NewBaseController. */
export const replicaSetController: ControllerFactory = () => {
  const tally = new PodTally();
  return {
    name: "replicaset-controller",
    workers: 5,
    expects: { kind: anyKind(Pod), ownerKind: "ReplicaSet" },
    watches: [
      watch(ReplicaSet, ({ type, object }) => {
        if (type === "delete") tally.forget(object);
        return [keyText(keyOf(object))];
      }),
      watch(Pod, (change, view) => {
        tally.apply(change, (pod) => setOf(pod, view));
        return mattersToOwner(change) ? keysOfChild(view, ReplicaSet, change, (key) => whenAvailable(key, change, view)) : [];
      }),
    ],
    reconcile: (key, view, state) => reconcileReplicaSet(parseKey(key), view, state, tally),
  };
};

function setOf(pod: PodObject, view: ReadView): ReplicaSetObject | undefined {
  const owner = controllerOf(pod);
  const set = owner === undefined ? undefined : view.get(ReplicaSet, { namespace: pod.metadata.namespace ?? "", name: owner.name });
  return set?.metadata.uid === owner?.uid ? set : undefined;
}

/** A pod that became ready will be available only later, and nothing else will happen then. */
function whenAvailable(key: string, { before, object }: Change<PodObject>, view: ReadView): readonly KeyRequest[] {
  const seconds = view.get(ReplicaSet, parseKey(key))?.spec.minReadySeconds ?? 0;
  return seconds > 0 && before !== undefined && !isPodReady(before) && isPodReady(object) ? [{ key, afterUs: (seconds + 1) * 1e6 }] : [];
}
