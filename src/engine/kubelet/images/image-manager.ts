import { goDuration } from "../../apimachinery/duration-text.ts";
import type { Cancel } from "../../kernel/clock.ts";
import type { Result } from "../../kernel/result.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { Container, PodObject } from "../../kinds/generated/types.ts";
import type { PulledImage, RuntimeError } from "../../runtime/contracts.ts";
import { rpcErrorText } from "../../runtime/images/registry-model.ts";
import { Backoff } from "../backoff.ts";
import { containerEvent, type NodeContext, writeStep } from "../node-context.ts";
import { podUid } from "../pod-helpers.ts";
import type { StartFailure } from "../sync/reason-cache.ts";
import { type Task, until } from "../task.ts";
import { applyDefaultImageTag } from "./image-name.ts";

interface Pull {
  readonly start: () => void;
}

interface PullOutcome {
  readonly result: Result<PulledImage, RuntimeError>;
  /** Without the time in the queue. */
  readonly pullUs: number;
}

/** Durations of pulls are cut off below a millisecond. */
const truncateToMs = (us: number): number => us - (us % 1_000);

/**
 * Sees to it that an image is on the node before its container is made: policies, back-off per pod and image, one pull at a time.
 * Source: pkg/kubelet/images/image_manager.go, EnsureImageExists; serializeImagePulls is on.
 */
export class ImageManager {
  private readonly backoff: Backoff;
  private readonly lastErrors = new Map<string, string>();
  private readonly queue: Pull[] = [];
  private isPulling = false;
  private cancelCurrent: Cancel | undefined;

  constructor(private readonly context: NodeContext) {
    this.backoff = new Backoff(context.clock, secondsToUs(10), secondsToUs(300));
  }

  /** The image's full name with its tag, or why the container cannot be made. */
  *ensure(pod: PodObject, container: Container): Task<Result<PulledImage, StartFailure>> {
    const asked = container.image ?? "";
    const name = applyDefaultImageTag(asked);
    const event = (type: "Normal" | "Warning", reason: string, message: string): void => containerEvent(this.context, pod, container.name, type, reason, message);
    if (!name.ok) {
      const message = `Failed to apply default image tag ${JSON.stringify(asked)}: ${name.error}`;
      event("Warning", "InspectFailed", message);
      return fail("InvalidImageName", message);
    }
    const present = this.context.runtime.imageStatus(name.name);
    const policy = container.imagePullPolicy ?? (name.name.endsWith(":latest") ? "Always" : "IfNotPresent");
    if (policy === "Never" || (policy === "IfNotPresent" && present !== undefined)) {
      if (present !== undefined) {
        event("Normal", "Pulled", `Container image ${JSON.stringify(asked)} already present on machine`);
        return { ok: true, value: present };
      }
      const message = `Container image ${JSON.stringify(asked)} is not present with pull policy of Never`;
      event("Warning", "ErrImageNeverPull", message);
      return fail("ErrImageNeverPull", message);
    }
    return yield* this.pull(pod, container, name.name, event);
  }

  /** The process is gone: a pull under way is given up. */
  stop(): void {
    this.queue.length = 0;
    this.cancelCurrent?.();
    this.cancelCurrent = undefined;
  }

  forget(uid: string): void {
    this.backoff.forget(`${uid}_`);
    for (const key of this.lastErrors.keys()) if (key.startsWith(`${uid}_`)) this.lastErrors.delete(key);
  }

  private *pull(pod: PodObject, container: Container, image: string, event: (type: "Normal" | "Warning", reason: string, message: string) => void): Task<Result<PulledImage, StartFailure>> {
    const { clock } = this.context;
    const key = `${podUid(pod)}_${image}`;
    const asked = JSON.stringify(container.image ?? "");
    if (this.backoff.isInBackOffSinceUpdate(key, clock.now())) {
      const message = `Back-off pulling image ${asked}`;
      event("Normal", "BackOff", message);
      const before = this.lastErrors.get(key);
      return fail("ImagePullBackOff", before === undefined ? message : `${message}: ${before}`);
    }
    this.lastErrors.delete(key);
    event("Normal", "Pulling", `Pulling image ${asked}`);
    const askedUs = clock.now();
    writeStep(this.context, pod, "pull-image", "begin", { container: container.name, image });
    const { result, pullUs } = yield* this.pullInTurn(pod, container, image);
    writeStep(this.context, pod, "pull-image", "end", { container: container.name, image, ok: result.ok, ...(result.ok ? { bytes: result.value.sizeBytes } : {}) });
    if (result.ok) {
      const took = goDuration(truncateToMs(pullUs));
      const including = goDuration(truncateToMs(clock.now() - askedUs));
      event("Normal", "Pulled", `Successfully pulled image ${asked} in ${took} (${including} including waiting). Image size: ${result.value.sizeBytes} bytes.`);
      return result;
    }
    const text = rpcErrorText(result.error);
    event("Warning", "Failed", `Failed to pull image ${asked}: ${text}`);
    this.backoff.next(key, clock.now());
    this.lastErrors.set(key, `ErrImagePull: ${text}`);
    return fail("ErrImagePull", text);
  }

  /** Waits for its turn, then pulls. Given up, it leaves the queue or stops the pull. */
  private *pullInTurn(pod: PodObject, container: Container, image: string): Task<PullOutcome> {
    return yield* until<PullOutcome>((done) => {
      let cancelPull: Cancel | undefined;
      const cause = this.context.clock.causeId();
      const pull: Pull = {
        start: () => this.context.clock.within(`kubelet ${this.context.node.name}: pull ${image}`, () => {
          this.isPulling = true;
          const startedUs = this.context.clock.now();
          this.cancelCurrent = cancelPull = this.context.runtime.pullImage(
            image,
            ({ bytes, totalBytes }) => writeStep(this.context, pod, "pull-image", "progress", { container: container.name, image, bytes, totalBytes }),
            (result) => {
              this.isPulling = false;
              const pullUs = this.context.clock.now() - startedUs;
              done({ result, pullUs });
              this.startNext();
            },
          );
        }, cause),
      };
      this.queue.push(pull);
      this.startNext();
      return () => {
        const index = this.queue.indexOf(pull);
        if (index !== -1) this.queue.splice(index, 1);
        else if (cancelPull !== undefined) {
          cancelPull();
          this.isPulling = false;
          this.startNext();
        }
      };
    });
  }

  private startNext(): void {
    if (!this.isPulling) this.queue.shift()?.start();
  }
}

const fail = (reason: string, message: string): { readonly ok: false; readonly error: StartFailure } => ({ ok: false, error: { reason, message } });
