import type { Status } from "../apimachinery/api.ts";
import type { KubeObject } from "../apimachinery/object.ts";
import type { DeleteOptionsInput } from "../client/contracts.ts";
import { anyKind } from "../controllers/actions.ts";
import { createControllerManager, type ControllerManager } from "../controllers/manager.ts";
import { type ControllerOptions, parseKey } from "../controllers/controller.ts";
import type { Result } from "../kernel/result.ts";
import type { NodeObject } from "../kinds/generated/types.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import { createScheduler, type Scheduler } from "../scheduler/scheduler.ts";
import type { SchedulingAttempt } from "../scheduler/verdict.ts";
import { type FakeKubeletOptions, startFakeKubelet } from "./fake-kubelet.ts";
import { type NodeInput, makeNode } from "./make-objects.ts";
import { createTestApi, type TestApi } from "./test-api.ts";

export interface ControlPlane {
  readonly api: TestApi;
  readonly manager: ControllerManager;
  readonly scheduler: Scheduler;
  readonly attempts: readonly SchedulingAttempt[];
  readonly kubelet: ReturnType<typeof startFakeKubelet>;
  get<T extends KubeObject>(kind: KindDefinition<T>, key: string): T | undefined;
  list<T extends KubeObject>(kind: KindDefinition<T>, namespace?: string): readonly T[];
  /** As kubectl does: a merge patch over the whole object. */
  patch<T extends KubeObject>(kind: KindDefinition<T>, key: string, body: unknown): void;
  remove<T extends KubeObject>(kind: KindDefinition<T>, key: string, options?: DeleteOptionsInput): void;
  addNode(name: string, input?: NodeInput): NodeObject;
}

export interface ControlPlaneOptions {
  readonly nodes?: number;
  readonly seed?: number;
  readonly kubelet?: FakeKubeletOptions;
  readonly controllers?: Partial<ControllerOptions>;
  readonly node?: NodeInput;
}

/** API server, controllers, scheduler and a stand-in for the kubelets, on nodes of 2 CPUs, as in the recorded traces. */
export function startControlPlane({ nodes = 3, seed = 1, kubelet = {}, controllers = {}, node = {} }: ControlPlaneOptions = {}): ControlPlane {
  const api = createTestApi({ seed });
  const attempts: SchedulingAttempt[] = [];
  const fork = (name: string) => ({ ...api.context, rng: api.context.rng.fork(name) });
  const manager = createControllerManager({ context: fork("kube-controller-manager"), connection: api.connection, options: { podCIDR: "10.244.0.0/16", ...controllers } });
  const scheduler = createScheduler({ context: fork("kube-scheduler"), connection: api.connection, onAttempt: (attempt) => attempts.push(attempt) });
  const addNode = (name: string, input: NodeInput = {}): NodeObject => {
    const made = makeNode(name, { ...node, ...input, allocatable: { cpu: "2", memory: "4Gi", pods: "20", "ephemeral-storage": "20Gi", ...node.allocatable, ...input.allocatable } });
    const { uid: _uid, ...metadata } = made.metadata;
    const capacity = made.status?.allocatable ?? {};
    const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status", lastHeartbeatTime: "2026-01-01T00:00:00Z", lastTransitionTime: "2026-01-01T00:00:00Z" }];
    return api.create({ ...made, metadata, status: { ...made.status, capacity, conditions } });
  };
  for (let i = 1; i <= nodes; i++) addNode(`node-${i}`);
  manager.start();
  scheduler.start();
  const { internal } = api.server;
  const asAdmin = { user: { name: "kubernetes-admin", groups: ["system:masters"] }, manager: "kubectl" };
  const must = <R>(result: Result<R, Status>): R => {
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  };
  return {
    api, manager, scheduler, attempts, addNode, kubelet: startFakeKubelet(api, kubelet),
    get: <T extends KubeObject>(kind: KindDefinition<T>, key: string) => {
      const found = internal.get(anyKind(kind), parseKey(key));
      return found.ok ? (found.value as T) : undefined;
    },
    list: <T extends KubeObject>(kind: KindDefinition<T>, namespace = "") => internal.list(anyKind(kind), { namespace }).items as readonly T[],
    patch: (kind, key, body) => void api.clock.within(`test: patch ${key}`, () => must(internal.patch(asAdmin, anyKind(kind), parseKey(key), { type: "merge", body }))),
    remove: (kind, key, options = {}) => void api.clock.within(`test: delete ${key}`, () => must(internal.delete(asAdmin, anyKind(kind), parseKey(key), options))),
  };
}
