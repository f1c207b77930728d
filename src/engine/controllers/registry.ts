import type { ControllerFactory } from "./controller.ts";
import { daemonSetController } from "./daemonset/controller.ts";
import { deploymentController } from "./deployment/controller.ts";
import { endpointSliceController } from "./endpointslice/controller.ts";
import { garbageCollector } from "./garbage-collector/controller.ts";
import { namespaceController } from "./namespace/controller.ts";
import { nodeIpamController } from "./node-ipam/controller.ts";
import { nodeLifecycleController } from "./node-lifecycle/controller.ts";
import { podGcController } from "./pod-gc/controller.ts";
import { replicaSetController } from "./replicaset/controller.ts";
import { rootCAController } from "./root-ca/controller.ts";
import { serviceAccountController } from "./serviceaccount/controller.ts";
import { taintEvictionController } from "./taint-eviction/controller.ts";
import { ttlController } from "./ttl/controller.ts";

/** Every controller of kube-controller-manager. One line each. */
export const CONTROLLERS: readonly ControllerFactory[] = [
  serviceAccountController, rootCAController, namespaceController, garbageCollector, nodeIpamController, nodeLifecycleController, taintEvictionController, podGcController, ttlController,
  deploymentController, replicaSetController, daemonSetController, endpointSliceController,
];
