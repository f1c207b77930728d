import { keyOf, keyText } from "../../apimachinery/object.ts";
import { Pod } from "../../kinds/pod.ts";
import { isPodReady } from "../../kinds/helpers/pod-state.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import { anyKind } from "../actions.ts";
import { type ControllerFactory, parseKey, watch } from "../controller.ts";
import { keysOfChild, mattersToOwner } from "../shared/owners.ts";
import { reconcileReplicaSet } from "./reconcile.ts";

/** Source: pkg/controller/replicaset/replica_set.go, NewBaseController. */
export const replicaSetController: ControllerFactory = () => ({
  name: "replicaset-controller",
  workers: 5,
  expects: { kind: anyKind(Pod), ownerKind: "ReplicaSet" },
  watches: [
    watch(ReplicaSet, ({ object }) => [keyText(keyOf(object))]),
    watch(Pod, (change, view) =>
      !mattersToOwner(change) ? [] : keysOfChild(view, ReplicaSet, change, (key) => {
        const seconds = view.get(ReplicaSet, parseKey(key))?.spec.minReadySeconds ?? 0;
        const becameReady = change.before !== undefined && !isPodReady(change.before) && isPodReady(change.object);
        // It will be available only later, and nothing else will happen then.
        return becameReady && seconds > 0 ? [{ key, afterUs: (seconds + 1) * 1e6 }] : [];
      }),
    ),
  ],
  reconcile: (key, view, state) => reconcileReplicaSet(parseKey(key), view, state),
});
