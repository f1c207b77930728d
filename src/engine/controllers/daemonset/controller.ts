import { DaemonSet } from "../../kinds/daemon-set.ts";
import type { NodeObject } from "../../kinds/generated/types.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { isPodReady } from "../../kinds/helpers/pod-state.ts";
import { anyKind } from "../actions.ts";
import { type Change, type ControllerFactory, parseKey, watch } from "../controller.ts";
import type { ReadView } from "../plan.ts";
import { keysOfChild, mattersToOwner } from "../shared/owners.ts";
import { FailedPodsBackoff } from "./failed-pods.ts";
import { daemonSetKey, reconcileDaemonSet } from "./reconcile.ts";
import { daemonTolerations, nodeWish } from "./template.ts";

/** Source: pkg/controller/daemon/daemon_controller.go, NewDaemonSetsController. */
export const daemonSetController: ControllerFactory = () => {
  const failedPods = new FailedPodsBackoff();
  return {
    name: "daemonset-controller",
    workers: 2,
    expects: { kind: anyKind(Pod), ownerKind: "DaemonSet" },
    watches: [
      watch(DaemonSet, ({ object }) => [daemonSetKey(object)]),
      watch(Pod, (change, view) =>
        !mattersToOwner(change) ? [] : keysOfChild(view, DaemonSet, change, (key) => {
          const seconds = view.get(DaemonSet, parseKey(key))?.spec.minReadySeconds ?? 0;
          const becameReady = change.before !== undefined && !isPodReady(change.before) && isPodReady(change.object);
          return becameReady && seconds > 0 ? [{ key, afterUs: (seconds + 1) * 1e6 }] : [];
        }),
      ),
      watch(Node, setsForNode),
    ],
    reconcile: (key, view, state) => reconcileDaemonSet(parseKey(key), view, state, failedPods),
  };
};

/** Sets that want something else of the node than before. Source: addNode, updateNode, syncNodeUpdate. */
function setsForNode({ object, before, type }: Change<NodeObject>, view: ReadView): readonly string[] {
  if (type === "update" && before !== undefined && before.spec.taints === object.spec.taints && before.metadata.labels === object.metadata.labels) return [];
  const keys: string[] = [];
  for (const set of view.list(DaemonSet)) {
    const tolerations = daemonTolerations(set.spec.template.spec);
    const now = nodeWish(set, tolerations, object);
    const then = before === undefined ? undefined : nodeWish(set, tolerations, before);
    const differs = then === undefined ? now.shouldRun : now.shouldRun !== then.shouldRun || now.shouldContinue !== then.shouldContinue;
    if (differs) keys.push(daemonSetKey(set));
  }
  return keys;
}
