import type { ControllerFactory } from "./controller.ts";
import { deploymentController } from "./deployment/controller.ts";
import { replicaSetController } from "./replicaset/controller.ts";

/** Every controller of kube-controller-manager. One line each. */
export const CONTROLLERS: readonly ControllerFactory[] = [deploymentController, replicaSetController];
