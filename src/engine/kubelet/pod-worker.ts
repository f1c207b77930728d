import type { Cancel } from "../kernel/clock.ts";
import { secondsToUs } from "../kernel/time.ts";
import type { PodObject } from "../kinds/generated/types.ts";
import { podEvent, writeStep } from "./node-context.ts";
import { isTerminalPhase } from "./pod-helpers.ts";
import { PodRecord } from "./pod-record.ts";
import { DEADLINE_MESSAGE, DEADLINE_REASON } from "./status/pod-status.ts";
import { deadlineUs } from "./sync/active-deadline.ts";
import type { KubeletParts } from "./sync/parts.ts";
import { type SyncOutcome, syncPod, syncTerminatedPod, syncTerminatingPod } from "./sync/sync-pod.ts";
import { CANCELLED, type RunningTask, runTask, type Task } from "./task.ts";

/** syncing: kept as its spec says. terminating: being stopped. terminated: stopped, being cleaned up. finished: nothing left to do. */
export type WorkerStage = "syncing" | "terminating" | "terminated" | "finished";

const BACKOFF_US = secondsToUs(10);
const NETWORK_BACKOFF_US = secondsToUs(1);
const JITTER = 0.5;
const MINIMUM_GRACE_SECONDS = 1;

/**
 * Takes one pod through its life: one sync at a time, the newest wish next.
 * Source: pkg/kubelet/pod_workers.go.
 * Differs: a healthy pod is not synced anew every minute; everything that could change it is an event here.
 */
export class PodWorker {
  readonly record: PodRecord;
  private stageNow: WorkerStage = "syncing";
  private task: RunningTask | undefined;
  private isPending = false;
  private wake: Cancel | undefined;
  private relist: Cancel | undefined;
  private lastSyncUs: number | undefined;
  private deadline: Cancel | undefined;
  private graceSeconds: number | undefined;
  private hasToldDeadline = false;
  private isAbandoned = false;

  constructor(private readonly parts: KubeletParts, pod: PodObject, private readonly finished: () => void) {
    this.record = new PodRecord(pod);
  }

  get stage(): WorkerStage {
    return this.stageNow;
  }

  /** Containers of it may still run. */
  get mayRun(): boolean {
    return this.stageNow === "syncing" || this.stageNow === "terminating";
  }

  /** A newer version of the pod, or a reason to look at it again. */
  update(pod: PodObject): void {
    this.record.pod = pod;
    if (pod.metadata.deletionTimestamp !== undefined || (isTerminalPhase(pod.status?.phase) && this.stageNow === "syncing")) this.terminate();
    else this.sync();
  }

  sync(): void {
    if (this.stageNow === "syncing") this.run();
  }

  /** Stops the pod; called again with less grace it hurries. */
  terminate(graceSeconds?: number): void {
    const grace = this.effectiveGrace(graceSeconds);
    if (this.stageNow === "syncing") {
      this.stageNow = "terminating";
      this.graceSeconds = grace;
      this.clearTimers();
      if (this.task === undefined) this.run();
      else this.task.cancel(); // its end starts the next step
    } else if (this.stageNow === "terminating" && grace < (this.graceSeconds ?? Infinity)) {
      this.graceSeconds = grace;
      this.task?.cancel();
    }
  }

  /** For a pod that was over before the kubelet came to know it. */
  skipToFinished(): void {
    this.stageNow = "terminated";
    this.run();
  }

  /** The kubelet process is gone. */
  abandon(): void {
    this.isAbandoned = true;
    this.clearTimers();
    this.task?.abandon();
    this.task = undefined;
  }

  /** A grace period only ever gets shorter. Source: calculateEffectiveGracePeriod. */
  private effectiveGrace(asked: number | undefined): number {
    const { metadata, spec } = this.record.pod;
    let grace = asked ?? metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30;
    if (this.graceSeconds !== undefined) grace = Math.min(grace, this.graceSeconds);
    return Math.max(grace, MINIMUM_GRACE_SECONDS);
  }

  private run(): void {
    if (this.isAbandoned) return;
    if (this.task !== undefined) {
      this.isPending = true;
      return;
    }
    this.wake?.();
    this.wake = undefined;
    if (this.relist !== undefined) return;
    if (this.lastSyncUs !== undefined && !this.parts.pleg.hasTickedSince(this.lastSyncUs)) {
      this.relist = this.parts.pleg.atNextTick(() => {
        this.relist = undefined;
        this.run();
      });
      return;
    }
    this.isPending = false;
    switch (this.stageNow) {
      case "syncing": return this.start("sync-pod", syncPod(this.parts, this.record), (outcome) => this.synced(outcome));
      case "terminating": return this.start("terminate-pod", syncTerminatingPod(this.parts, this.record, this.graceSeconds), () => this.moveTo("terminated"));
      case "terminated": return this.start("clean-up-pod", syncTerminatedPod(this.parts, this.record), () => {
        this.stageNow = "finished";
        this.finished();
      });
      case "finished": return undefined;
    }
  }

  private start<T>(step: string, task: Task<T>, ended: (value: T) => void): void {
    const { context } = this.parts;
    writeStep(context, this.record.pod, step, "begin");
    let isOver = false;
    const running = runTask(task, (value) => {
      isOver = true;
      this.task = undefined;
      this.lastSyncUs = context.clock.now();
      writeStep(context, this.record.pod, step, "end");
      if (this.isAbandoned) return;
      if (value === CANCELLED) this.run();
      else ended(value);
    });
    if (!isOver) this.task = running;
  }

  private moveTo(stage: WorkerStage): void {
    this.stageNow = stage;
    this.run();
  }

  /** Source: completeWork. */
  private synced(outcome: SyncOutcome): void {
    if (this.stageNow !== "syncing") return this.run();
    if (outcome.type === "terminal") {
      this.tellDeadline();
      return this.terminate();
    }
    this.watchDeadline();
    if (this.isPending) return this.run();
    if (outcome.type === "error") this.wakeAfter(outcome.isNetwork ? NETWORK_BACKOFF_US : BACKOFF_US);
  }

  private wakeAfter(baseUs: number): void {
    const { clock, rng, node } = this.parts.context;
    this.wake = clock.after(baseUs * (1 + JITTER * rng.unit()), `kubelet ${node.name}: try pod ${this.record.pod.metadata.name} again`, () => {
      this.wake = undefined;
      this.run();
    });
  }

  private watchDeadline(): void {
    if (this.deadline !== undefined || this.record.pod.spec.activeDeadlineSeconds === undefined) return;
    const { context, statuses } = this.parts;
    const limitUs = deadlineUs(this.record.pod, statuses.get(this.record.uid) ?? {}, context);
    if (limitUs === undefined) return;
    this.deadline = context.clock.after(Math.max(0, limitUs - context.clock.now()), `kubelet ${context.node.name}: active deadline`, () => {
      this.deadline = undefined;
      // A sync under way may wait for long; the deadline does not.
      if (this.task === undefined) this.run();
      else {
        this.isPending = true;
        this.task.cancel();
      }
    });
  }

  private tellDeadline(): void {
    if (this.hasToldDeadline || this.parts.statuses.get(this.record.uid)?.reason !== DEADLINE_REASON) return;
    this.hasToldDeadline = true;
    podEvent(this.parts.context, this.record.pod, "Normal", DEADLINE_REASON, DEADLINE_MESSAGE);
  }

  private clearTimers(): void {
    this.wake?.();
    this.wake = undefined;
    this.deadline?.();
    this.deadline = undefined;
    this.relist?.();
    this.relist = undefined;
  }
}
