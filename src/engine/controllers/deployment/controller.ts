import { keyOf, keyText } from "../../apimachinery/object.ts";
import { Deployment } from "../../kinds/deployment.ts";
import { Pod } from "../../kinds/pod.ts";
import { ReplicaSet } from "../../kinds/replica-set.ts";
import type { PodObject } from "../../kinds/generated/types.ts";
import { controllerOf } from "../actions.ts";
import { type Change, type ControllerFactory, parseKey, watch } from "../controller.ts";
import type { ReadView } from "../plan.ts";
import { controllerKey, keysOfChild } from "../shared/owners.ts";
import { reconcileDeployment } from "./reconcile.ts";

/** Source: pkg/controller/deployment/deployment_controller.go, NewDeploymentController. */
export const deploymentController: ControllerFactory = () => ({
  name: "deployment-controller",
  workers: 5,
  maxRetries: 15,
  watches: [
    watch(Deployment, ({ object }) => [keyText(keyOf(object))]),
    watch(ReplicaSet, (change, view) => keysOfChild(view, Deployment, change)),
    watch(Pod, lastPodGone),
  ],
  reconcile: (key, view) => reconcileDeployment(parseKey(key), view),
});

/** Recreate goes on when the last old pod is gone. Source: deletePod. */
function lastPodGone({ type, object }: Change<PodObject>, view: ReadView): readonly string[] {
  if (type !== "delete") return [];
  const set = controllerOf(object);
  const rs = set?.kind === "ReplicaSet" ? view.get(ReplicaSet, { namespace: object.metadata.namespace ?? "", name: set.name }) : undefined;
  const key = rs === undefined ? undefined : controllerKey(view, Deployment, rs);
  const deployment = key === undefined ? undefined : view.get(Deployment, parseKey(key));
  if (key === undefined || deployment?.spec.strategy?.type !== "Recreate") return [];
  return view.ownedBy(ReplicaSet, deployment).some((each) => view.ownedBy(Pod, each).length > 0) ? [] : [key];
}
