import { goDuration } from "../../apimachinery/duration-text.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Container, PodObject } from "../../kinds/generated/types.ts";
import type { PulledImage, RuntimeError } from "../../runtime/contracts.ts";
import { containerEvent, writeStep } from "../node-context.ts";
import { formatPod, isStaticPod, podUid } from "../pod-helpers.ts";
import type { PodRuntime } from "../pod-runtime.ts";
import { findContainer } from "../pod-runtime.ts";
import { runHook } from "../lifecycle/hooks.ts";
import { type Task, untilDone } from "../task.ts";
import { containerConfig } from "./container-config.ts";
import { killContainer } from "./kill-pod.ts";
import type { KubeletParts } from "./parts.ts";
import type { StartFailure } from "./reason-cache.ts";

export interface StartInput {
  readonly parts: KubeletParts;
  readonly pod: PodObject;
  readonly container: Container;
  readonly runtime: PodRuntime;
  readonly sandboxId: string;
  readonly podIps: readonly string[];
}

/** Back-off, then the four steps. Source: pkg/kubelet/kuberuntime/kuberuntime_manager.go, SyncPod (start) and doBackOff. */
export function* startContainer(input: StartInput): Task<Result<undefined, StartFailure>> {
  const backoff = restartBackoff(input);
  if (backoff !== undefined) return err(backoff);
  const { parts, pod, container } = input;
  const fail = (reason: string, message: string, text: string): Result<undefined, StartFailure> => {
    containerEvent(parts.context, pod, container.name, "Warning", "Failed", `Error: ${text}`);
    return err({ reason, message });
  };
  const image = yield* parts.images.ensure(pod, container);
  if (!image.ok) return fail(image.error.reason, image.error.message, image.error.reason);
  const id = yield* createContainer(input, image.value, fail);
  if (!id.ok) return id;
  const started = yield* untilDone<Result<undefined, RuntimeError>>((done) => parts.context.runtime.startContainer(id.value, done));
  if (!started.ok) {
    writeStep(parts.context, pod, "start-container", "instant", { container: container.name, error: started.error.message });
    return fail("RunContainerError", started.error.message, started.error.message);
  }
  writeStep(parts.context, pod, "start-container", "instant", { container: container.name });
  containerEvent(parts.context, pod, container.name, "Normal", "Started", `Started container ${container.name}`);
  return yield* postStart(input, id.value);
}

/** The wait between restarts is counted from when the container last ended. Source: doBackOff. */
function restartBackoff({ parts, pod, container, runtime }: StartInput): StartFailure | undefined {
  const last = runtime.containers.find((info) => info.name === container.name && info.state === "Exited");
  if (last === undefined) return undefined;
  const endedUs = last.finishedUs ?? last.createdUs;
  const key = `${podUid(pod)}_${container.name}_${container.image ?? ""}`;
  if (!parts.crashBackoff.isInBackOffSince(key, endedUs)) {
    parts.crashBackoff.next(key, endedUs);
    return undefined;
  }
  containerEvent(parts.context, pod, container.name, "Warning", "BackOff", `Back-off restarting failed container ${container.name} in pod ${formatPod(pod)}`);
  return { reason: "CrashLoopBackOff", message: `back-off ${goDuration(parts.crashBackoff.get(key))} restarting failed container=${container.name} pod=${formatPod(pod)}` };
}

function* createContainer(input: StartInput, image: PulledImage, fail: (reason: string, message: string, text: string) => Result<undefined, StartFailure>): Task<Result<string, StartFailure>> {
  const { parts, pod, container, runtime, sandboxId, podIps } = input;
  const { context } = parts;
  const before = findContainer(runtime, container.name);
  const detail = { container: container.name, attempt: before === undefined ? 0 : before.attempt + 1 };
  writeStep(context, pod, "create-container", "begin", detail);
  const rejected = (reason: string, message: string): Result<string, StartFailure> => {
    writeStep(context, pod, "create-container", "end", { ...detail, error: message });
    fail(reason, message, message);
    return err({ reason, message });
  };
  const services = yield* parts.services.environment(pod.metadata.namespace ?? "", pod.spec.enableServiceLinks !== false, !isStaticPod(pod));
  if (services === undefined) return rejected("CreateContainerConfigError", "services have not yet been read at least once, cannot construct envvars");
  const config = yield* containerConfig({
    pod, container, attempt: detail.attempt, image, services, addresses: { podIps, hostIp: context.node.ip },
    allocatable: parts.allocatable(), objects: parts.objects, volume: (name) => parts.volumes.volume(podUid(pod), name),
  });
  if (!config.ok) return rejected("CreateContainerConfigError", config.error);
  const made = yield* untilDone<Result<string, RuntimeError>>((done) => context.runtime.createContainer(sandboxId, config.value, done));
  if (!made.ok) return rejected("CreateContainerError", made.error.message);
  writeStep(context, pod, "create-container", "end", { ...detail, id: made.value });
  containerEvent(context, pod, container.name, "Normal", "Created", `Created container: ${container.name}`);
  return ok(made.value);
}

function* postStart({ parts, pod, container, podIps }: StartInput, id: string): Task<Result<undefined, StartFailure>> {
  const handler = container.lifecycle?.postStart;
  if (handler === undefined) return ok(undefined);
  const { context } = parts;
  const podIp = podIps[0] ?? "";
  writeStep(context, pod, "post-start-hook", "begin", { container: container.name });
  const answer = yield* runHook(context, pod, container, id, podIp, handler);
  writeStep(context, pod, "post-start-hook", "end", { container: container.name, ok: answer.ok });
  if (answer.ok) return answer;
  containerEvent(context, pod, container.name, "Warning", "FailedPostStartHook", "PostStartHook failed", id);
  const info = context.runtime.container(id);
  if (info !== undefined) {
    yield* killContainer({ context, pod, info, message: "FailedPostStartHook", reason: "FailedPostStartHook", graceSeconds: undefined, order: undefined, podIp });
  }
  return err({ reason: "PostStartHookError", message: answer.error });
}
