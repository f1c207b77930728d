import type { ApiConnection, ComponentContext } from "../client/contracts.ts";
import type { ControllerOptions } from "./controller.ts";
import { createInformerView } from "./informer-view.ts";
import { CONTROLLERS } from "./registry.ts";
import { runController } from "./runner.ts";

/** kube-controller-manager. `stop` forgets everything; `start` after it lists again, like a new process. */
export interface ControllerManager {
  start(): void;
  stop(): void;
}

export interface ControllerManagerInput {
  readonly context: ComponentContext;
  readonly connection: ApiConnection;
  readonly options: Partial<ControllerOptions> & Pick<ControllerOptions, "podCIDR">;
}

const DEFAULTS: Omit<ControllerOptions, "podCIDR"> = {
  nodeCIDRMaskSize: 24,
  serviceCIDR: "10.96.0.0/12",
  rootCA: "-----BEGIN CERTIFICATE-----\nS3ViYXJpdW0gY2x1c3RlciBDQQ==\n-----END CERTIFICATE-----\n",
  kubeApiQps: 20,
  kubeApiBurst: 30,
  nodeMonitorGraceSeconds: 50,
};

/**
 * All controllers in one process, over one set of informers, each with a client of its own.
 * Differs: no leader election; the manager that runs is the leader.
 */
export function createControllerManager({ context, connection, options }: ControllerManagerInput): ControllerManager {
  let stop: (() => void) | undefined;
  return {
    start() {
      if (stop !== undefined) return;
      const factory = connection.informers("kube-controller-manager");
      const view = createInformerView(context, factory);
      const all: ControllerOptions = { ...DEFAULTS, ...options };
      const rate = { qps: all.kubeApiQps, burst: all.kubeApiBurst };
      const running = CONTROLLERS.map((create) => runController(create(all), context, connection, view, rate));
      stop = () => {
        for (const controller of running) controller.stop();
        factory.stop();
      };
      factory.start();
      factory.whenSynced(() => {
        for (const controller of running) controller.begin();
      });
    },
    stop() {
      stop?.();
      stop = undefined;
    },
  };
}
