import { msToUs } from "../../kernel/time.ts";
import type { Result } from "../../kernel/result.ts";
import type { Container, PodObject, PodStatus } from "../../kinds/generated/types.ts";
import type { RuntimeError, Sandbox } from "../../runtime/contracts.ts";
import { rpcErrorText } from "../../runtime/images/registry-model.ts";
import { podEvent, writeStep } from "../node-context.ts";
import { isHostNetwork, isSidecar, isTerminalPhase } from "../pod-helpers.ts";
import type { PodRecord } from "../pod-record.ts";
import type { PodRuntime } from "../pod-runtime.ts";
import { generatePodStatus } from "../status/pod-status.ts";
import { sleep, type Task, untilDone } from "../task.ts";
import { isPastDeadline } from "./active-deadline.ts";
import { computePodActions, type PodActions } from "./compute-actions.ts";
import { killContainer, killPod } from "./kill-pod.ts";
import type { KubeletParts } from "./parts.ts";
import { sandboxConfig } from "./sandbox-config.ts";
import { startContainer } from "./start-container.ts";

/** How a sync ended, and with it when the next one comes. */
export type SyncOutcome =
  | { readonly type: "done" }
  /** The pod is over: stop it for good. */
  | { readonly type: "terminal" }
  /** Try again after a back-off. */
  | { readonly type: "error"; readonly message: string; readonly isNetwork: boolean };

const DONE: SyncOutcome = { type: "done" };
const failed = (message: string, isNetwork = false): SyncOutcome => ({ type: "error", message, isNetwork });

/** What a look at the pod costs the kubelet itself. */
const SYNC_US = [msToUs(1), msToUs(4)] as const;

export function currentStatus(parts: KubeletParts, record: PodRecord, runtime: PodRuntime, isOver: boolean): PodStatus {
  const { context, statuses, probes } = parts;
  const previous = statuses.get(record.uid) ?? record.pod.status ?? {};
  return generatePodStatus({
    pod: record.pod, runtime, previous, isOver, isPastDeadline: isPastDeadline(record.pod, previous, context), reasons: record.reasons,
    readiness: probes, time: context.time, images: context.runtime, hostIp: context.node.ip,
  });
}

/** Brings one pod a step closer to its spec. Source: pkg/kubelet/kubelet.go, SyncPod. */
export function* syncPod(parts: KubeletParts, record: PodRecord): Task<SyncOutcome> {
  const { context } = parts;
  yield* sleep(context.clock, context.rng.between(...SYNC_US), `kubelet ${context.node.name}: sync pod`);
  const { pod } = record;
  const runtime = record.read(context.runtime);
  const status = currentStatus(parts, record, runtime, false);
  parts.statuses.set(pod, status);
  if (isTerminalPhase(status.phase)) return { type: "terminal" };
  const networkError = isHostNetwork(pod) ? undefined : parts.networkError();
  if (networkError !== undefined) {
    const message = `network is not ready: ${networkError}`;
    podEvent(context, pod, "Warning", "NetworkNotReady", message);
    return failed(message, true);
  }
  parts.mirrors.reconcile(record.uid);
  const mounted = yield* parts.volumes.waitForMounts(record);
  if (!mounted.ok) return failed(mounted.error);
  yield* tellMissingPullSecrets(parts, pod);
  parts.probes.add(pod);
  return yield* syncRuntime(parts, record, pod, runtime);
}

/** Source: pkg/kubelet/kubelet_pods.go, getPullSecretsForPod. */
function* tellMissingPullSecrets(parts: KubeletParts, pod: PodObject): Task<undefined> {
  const missing: string[] = [];
  for (const { name = "" } of pod.spec.imagePullSecrets ?? []) {
    if (name === "") continue;
    const found = yield* parts.objects.get({ sort: "secret", namespace: pod.metadata.namespace ?? "", name });
    if (!found.ok || found.value === undefined) missing.push(name);
  }
  if (missing.length === 0) return undefined;
  const message = `Unable to retrieve some image pull secrets (${missing.join(", ")}); attempting to pull the image may not succeed.`;
  podEvent(parts.context, pod, "Warning", "FailedToRetrieveImagePullSecret", message);
  return undefined;
}

/** Source: pkg/kubelet/kuberuntime/kuberuntime_manager.go, SyncPod. */
function* syncRuntime(parts: KubeletParts, record: PodRecord, pod: PodObject, runtime: PodRuntime): Task<SyncOutcome> {
  const { context } = parts;
  const actions = computePodActions(pod, runtime, (type, id) => parts.probes.verdict(type, id));
  if (actions.createSandbox && actions.sandboxId !== undefined) podEvent(context, pod, "Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
  const podIp = runtime.ips[0] ?? "";
  if (actions.killPod) {
    yield* killPod({ context, pod, sandboxes: runtime.sandboxes, graceSeconds: undefined, podIp });
    if (actions.createSandbox) removeInitContainers(parts, pod, runtime);
  } else {
    for (const { info, message, reason } of actions.toKill) {
      yield* killContainer({ context, pod, info, message, reason, graceSeconds: undefined, order: undefined, podIp });
    }
  }
  let sandbox: Sandbox | undefined = runtime.sandboxes.find(({ id }) => id === actions.sandboxId);
  if (actions.createSandbox) {
    const made = yield* createSandbox(parts, record, pod, actions.attempt);
    if (!made.ok) {
      const text = rpcErrorText(made.error);
      podEvent(context, pod, "Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: ${text}`);
      return failed(text);
    }
    sandbox = made.value;
  }
  if (sandbox === undefined) return DONE;
  // After a kill of single containers the runtime knows more than what was read at the start.
  const current = actions.toKill.length > 0 || actions.killPod ? record.read(context.runtime) : runtime;
  return yield* startContainers(parts, record, pod, actions, current, sandbox);
}

function* createSandbox(parts: KubeletParts, record: PodRecord, pod: PodObject, attempt: number): Task<Result<Sandbox, RuntimeError>> {
  const { context } = parts;
  writeStep(context, pod, "run-sandbox", "begin", { attempt });
  const config = sandboxConfig(context, pod, attempt);
  const made = yield* untilDone<Result<Sandbox, RuntimeError>>((done) => {
    context.runtime.runPodSandbox(config, (result) => {
      // Even if nobody waits any more the sandbox is there and has to be known.
      if (result.ok) {
        record.addSandbox(result.value.id);
        parts.sandboxMade(result.value.id, record.uid);
        // A relist sees sandboxes as it sees containers: the next sync follows at once when this one has failed to pull.
        parts.pleg.podChanged(record.uid);
      }
      done(result);
    });
  });
  writeStep(context, pod, "run-sandbox", "end", made.ok ? { attempt, ip: made.value.ip, sandbox: made.value.id } : { attempt, error: made.error.message });
  return made;
}

/** Init containers one by one; the app containers go on when one of them fails. */
function* startContainers(parts: KubeletParts, record: PodRecord, pod: PodObject, actions: PodActions, runtime: PodRuntime, sandbox: Sandbox): Task<SyncOutcome> {
  const podIps = sandbox.ip === "" ? runtime.ips : [sandbox.ip];
  let error: string | undefined;
  const start = function* (container: Container): Task<boolean> {
    const result = yield* startContainer({ parts, pod, container, runtime, sandboxId: sandbox.id, podIps });
    record.reasons.set(container.name, result.ok ? undefined : result.error);
    if (!result.ok) error ??= `failed to "StartContainer" for ${JSON.stringify(container.name)} with ${result.error.reason}: ${JSON.stringify(result.error.message)}`;
    return result.ok;
  };
  for (const container of actions.ephemeralToStart) yield* start(container);
  for (const container of actions.initToStart) {
    const hasStarted = yield* start(container);
    if (!hasStarted && !isSidecar(container)) return failed(error ?? "");
  }
  for (const container of actions.toStart) yield* start(container);
  return error === undefined ? DONE : failed(error);
}

/** A new sandbox begins initialisation anew. Source: purgeInitContainers. */
function removeInitContainers(parts: KubeletParts, pod: PodObject, runtime: PodRuntime): void {
  const names = new Set((pod.spec.initContainers ?? []).map(({ name }) => name));
  for (const info of runtime.containers) if (names.has(info.name)) parts.context.runtime.removeContainer(info.id);
}

/** Stops a pod. Source: pkg/kubelet/kubelet.go, SyncTerminatingPod. */
export function* syncTerminatingPod(parts: KubeletParts, record: PodRecord, graceSeconds: number | undefined): Task<undefined> {
  const { context } = parts;
  const { pod } = record;
  const runtime = record.read(context.runtime);
  parts.statuses.set(pod, currentStatus(parts, record, runtime, false));
  parts.probes.stopLivenessAndStartup(pod);
  yield* killPod({ context, pod, sandboxes: runtime.sandboxes, graceSeconds, podIp: runtime.ips[0] ?? "" });
  parts.probes.remove(pod);
  parts.statuses.set(record.pod, currentStatus(parts, record, record.read(context.runtime), true));
  return undefined;
}

/** Cleans up after a stopped pod; afterwards its API object may go. Source: pkg/kubelet/kubelet.go, SyncTerminatedPod. */
export function* syncTerminatedPod(parts: KubeletParts, record: PodRecord): Task<undefined> {
  parts.statuses.set(record.pod, currentStatus(parts, record, record.read(parts.context.runtime), true));
  yield* parts.volumes.unmount(record);
  parts.statuses.terminate(record.pod);
  return undefined;
}
