import { secondsToUs } from "../../kernel/time.ts";
import type { Container, PodObject } from "../../kinds/generated/types.ts";
import type { ContainerInfo, Sandbox } from "../../runtime/contracts.ts";
import { runHook } from "../lifecycle/hooks.ts";
import { containerEvent, type NodeContext, writeStep } from "../node-context.ts";
import { containerSpec, hasSidecar } from "../pod-helpers.ts";
import { all, type Task, until, untilDone, within } from "../task.ts";
import type { KillReason } from "./compute-actions.ts";
import { TerminationOrder } from "./termination-order.ts";

/** Even a pod that is deleted by force gets this long. */
const MINIMUM_GRACE_SECONDS = 2;

export interface KillContainerInput {
  readonly context: NodeContext;
  readonly pod: PodObject;
  readonly info: ContainerInfo;
  /** "" for `Stopping container c`. */
  readonly message: string;
  readonly reason: KillReason;
  /** In place of what the pod says. */
  readonly graceSeconds: number | undefined;
  readonly order: TerminationOrder | undefined;
  readonly podIp: string;
}

/** Event, preStop, its turn, then SIGTERM and SIGKILL. Source: pkg/kubelet/kuberuntime/kuberuntime_container.go, killContainer. */
export function* killContainer(input: KillContainerInput): Task<undefined> {
  const { context, pod, info, order } = input;
  const container = containerSpec(pod, info.name);
  let grace = input.graceSeconds ?? gracePeriod(pod, container, input.reason);
  const message = input.message === "" ? `Stopping container ${info.name}` : input.message;
  containerEvent(context, pod, info.name, "Normal", "Killing", message, info.id);
  const preStop = container?.lifecycle?.preStop;
  if (container !== undefined && preStop !== undefined && grace > 0) grace -= yield* preStopHook(input, container, preStop, grace);
  if (order !== undefined && grace > 0) grace -= yield* order.waitForTurn(info.name, grace);
  const graceSeconds = Math.max(grace, MINIMUM_GRACE_SECONDS);
  writeStep(context, pod, "stop-container", "begin", { container: info.name, graceSeconds });
  yield* until<undefined>((done) => {
    context.runtime.stopContainer(info.id, secondsToUs(graceSeconds), () => done(undefined));
    return () => {}; // a shorter grace asks the runtime once more
  });
  writeStep(context, pod, "stop-container", "end", { container: info.name, exitCode: context.runtime.container(info.id)?.exitCode ?? -1 });
  order?.containerTerminated(info.name);
  return undefined;
}

/** Whole seconds that the hook took. Source: executePreStopHook. */
function* preStopHook({ context, pod, info, podIp }: KillContainerInput, container: Container, handler: NonNullable<NonNullable<Container["lifecycle"]>["preStop"]>, graceSeconds: number): Task<number> {
  const startedUs = context.clock.now();
  writeStep(context, pod, "pre-stop-hook", "begin", { container: info.name });
  const hook = runHook(context, pod, container, info.id, podIp, handler);
  const answer = yield* within(context.clock, secondsToUs(graceSeconds), `kubelet ${context.node.name}: preStop of ${info.name} takes too long`, hook);
  if (answer !== undefined && !answer.value.ok) containerEvent(context, pod, info.name, "Warning", "FailedPreStopHook", "PreStopHook failed", info.id);
  writeStep(context, pod, "pre-stop-hook", "end", { container: info.name, ok: answer?.value.ok === true });
  return Math.floor((context.clock.now() - startedUs) / 1e6);
}

/** Source: setTerminationGracePeriod. */
function gracePeriod(pod: PodObject, container: Container | undefined, reason: KillReason): number {
  if (pod.metadata.deletionGracePeriodSeconds !== undefined) return pod.metadata.deletionGracePeriodSeconds;
  const own = pod.spec.terminationGracePeriodSeconds;
  if (own === undefined) return MINIMUM_GRACE_SECONDS;
  if (reason === "StartupProbe") return container?.startupProbe?.terminationGracePeriodSeconds ?? own;
  if (reason === "LivenessProbe") return container?.livenessProbe?.terminationGracePeriodSeconds ?? own;
  return own;
}

export interface KillPodInput {
  readonly context: NodeContext;
  readonly pod: PodObject;
  readonly sandboxes: readonly Sandbox[];
  readonly graceSeconds: number | undefined;
  readonly podIp: string;
}

/** Stops all containers at the same time (sidecars after the others), then the sandboxes. Source: kuberuntime_manager.go, killPodWithSyncResult. */
export function* killPod({ context, pod, sandboxes, graceSeconds, podIp }: KillPodInput): Task<undefined> {
  const running = sandboxes.flatMap((sandbox) => context.runtime.containers(sandbox.id).filter(({ state }) => state === "Running"));
  const order = hasSidecar(pod) ? new TerminationOrder(pod, running.map(({ name }) => name), context.clock) : undefined;
  yield* all(running.map((info) => killContainer({ context, pod, info, message: "", reason: "", graceSeconds, order, podIp })));
  for (const sandbox of sandboxes) {
    if (sandbox.state !== "Ready") continue;
    writeStep(context, pod, "stop-sandbox", "begin", { sandbox: sandbox.id });
    yield* untilDone<undefined>((done) => context.runtime.stopPodSandbox(sandbox.id, () => done(undefined)));
    writeStep(context, pod, "stop-sandbox", "end", { sandbox: sandbox.id });
  }
  return undefined;
}
