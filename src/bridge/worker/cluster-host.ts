import type { ResponseStream } from "../../engine/apimachinery/api.ts";
import type { Cluster, ClusterOptions, Command } from "../../engine/cluster/contracts.ts";
import type { Result } from "../../engine/kernel/result.ts";
import type { ExecOptions, ExecSession } from "../../engine/runtime/contracts.ts";
import { Projector } from "../../projection/projector.ts";
import type { Batch, ClockState } from "../protocol/batch.ts";
import type { ClockAction, PageMessage, Port, WorkerMessage } from "../protocol/messages.ts";
import { bootProgress } from "./boot-progress.ts";
import { answerCall } from "./calls.ts";
import { describeMessage } from "./describe-message.ts";
import { Focus } from "./focus.ts";
import { GoalWatch } from "./goals.ts";
import { Pacer, SLICE_MS } from "./pacer.ts";

/** What a host needs of the real world. */
export interface HostEnvironment {
  /** Real ms, any origin. */
  now(): number;
  later(run: () => void, delayMs: number): void;
  createCluster(options: ClusterOptions): Cluster;
  replay: Replay;
}

/** Plays a command log into a fresh cluster, up to a time. */
export type Replay = (options: ClusterOptions, log: readonly Command[], untilMs: number) => Cluster;

/** Real ms between batches with news in them; 30 pictures a second are smooth enough for cards that change. */
const NEWS_MS = 33;
/** Between batches that only tell the time. */
const TIME_MS = 100;
/** Between two looks at the real clock while there is time. */
const REST_MS = 8;
/** Rows in one batch: about 2 ms of the page's main thread. */
const ROWS_PER_BATCH = 250;
/** Engine events between two looks at the real clock. */
const EVENTS_PER_LOOK = 64;
/** The cluster has to be ready by then; if it is not, it is shown as it is. */
const BOOT_LIMIT_MS = 180_000;
const BOOT_REPORT_MS = 40;

/** Drives one cluster in real time, tells the page about it in batches, and carries requests both ways. */
export class ClusterHost {
  private cluster: Cluster | undefined;
  private projector: Projector | undefined;
  private pacer = new Pacer(0);
  private readonly focus = new Focus();
  private readonly streams = new Map<number, ResponseStream>();
  private readonly execs = new Map<number, ExecSession>();
  private state: "idle" | "booting" | "running" | "crashed" = "idle";
  private playing = false;
  private goal: GoalWatch | undefined;
  private goalOutcome: ClockState["goalOutcome"];
  private revision = 0;
  private eventCount = 0;
  private batchNumber = 0;
  private acknowledged = 0;
  private lastBatchMs = Number.NEGATIVE_INFINITY;
  private lastTickMs = 0;
  private bootedAtMs = 0;
  private lastReportMs = Number.NEGATIVE_INFINITY;
  private playAfterBoot = true;
  private clockChanged = true;
  private clockActions = 0;
  private ticking = false;
  private lastCommand = "none";
  private commandCount = 0;

  private readonly port: Port<WorkerMessage, PageMessage>;
  private readonly env: HostEnvironment;

  constructor(port: Port<WorkerMessage, PageMessage>, env: HostEnvironment) {
    this.port = port;
    this.env = env;
    port.listen((message) => this.guarded(() => this.receive(message)));
  }

  private receive(message: PageMessage): void {
    if (this.state === "crashed") return;
    if (message.type === "acknowledge") this.acknowledged = Math.max(this.acknowledged, message.batch);
    else if (message.type === "boot") this.boot(message.options, message.paused);
    else this.command(message);
    this.wake();
  }

  private command(message: Exclude<PageMessage, { type: "boot" | "acknowledge" }>): void {
    if (message.type !== "focus" && message.type !== "hang-up") {
      this.lastCommand = describeMessage(message);
      this.commandCount += 1;
    }
    if (message.type === "crash-on-purpose") throw new Error(message.message);
    const { cluster, projector } = this;
    if (cluster === undefined || projector === undefined) return;
    switch (message.type) {
      case "clock": return this.clock(message.action, cluster);
      case "focus": return this.focus.set(message.ref);
      case "request": return this.request(message, cluster, projector);
      case "hang-up":
        this.streams.get(message.id)?.close();
        this.streams.delete(message.id);
        return;
      case "call":
        return this.port.post({ type: "answer", id: message.id, answer: answerCall(message.call, cluster, projector, this.env.replay) });
      case "exec": case "attach": return this.exec(message, cluster);
      case "exec-input": {
        const session = this.execs.get(message.id);
        if (message.text === undefined) session?.endInput();
        else session?.write(message.text);
        return;
      }
      case "exec-kill":
        this.execs.get(message.id)?.kill();
        this.execs.delete(message.id);
        return;
    }
  }

  private boot(options: ClusterOptions, paused: boolean): void {
    const cluster = this.env.createCluster(options);
    const projector = new Projector({ epoch: cluster.options.epoch });
    cluster.observe({
      ...projector.observer,
      store: (change) => {
        this.revision = change.revision;
        projector.observer.store?.(change);
        this.goal?.store(change);
      },
    });
    this.cluster = cluster;
    this.projector = projector;
    this.state = "booting";
    this.playAfterBoot = !paused;
    this.bootedAtMs = this.env.now();
  }

  // ── time ──────────────────────────────────────────────────────────────────────────────────────

  private clock(action: ClockAction, cluster: Cluster): void {
    this.clockChanged = true;
    this.clockActions += 1;
    this.goalOutcome = undefined;
    switch (action.do) {
      case "play":
        this.playing = true;
        this.pacer.rest(cluster.now());
        return;
      case "pause":
        this.playing = false;
        this.goal = undefined;
        return;
      case "speed":
        this.pacer.setSpeed(action.speed);
        this.pacer.rest(cluster.now());
        return;
      case "step": {
        this.playing = false;
        this.goal = undefined;
        const cause = cluster.step();
        this.eventCount += 1;
        if (cause !== undefined) this.projector?.mark({ atUs: cause.atUs, kind: "command", label: `step: ${cause.label}` });
        return;
      }
      case "run-until":
        this.goal = new GoalWatch(action.goal, cluster.now());
        this.playing = false;
        return;
    }
  }

  private wake(): void {
    if (this.ticking || this.state === "idle" || this.state === "crashed") return;
    this.ticking = true;
    this.env.later(() => this.guarded(() => this.tick()), 0);
  }

  private tick(): void {
    this.ticking = false;
    const { cluster, projector } = this;
    if (cluster === undefined || projector === undefined || this.state === "crashed") return;
    const startMs = this.env.now();
    const busy = this.state === "booting" ? this.bootSlice(cluster, projector, startMs) : this.runSlices(cluster, startMs);
    this.lastTickMs = startMs;
    const delivered = this.state === "running" && this.deliver(cluster, projector);
    const active = this.state === "booting" || this.playing || this.goal !== undefined;
    if (!active && !(delivered || this.mayDeliverLater(projector))) return;
    this.ticking = true;
    this.env.later(() => this.guarded(() => this.tick()), busy ? 0 : REST_MS);
  }

  /** True when there is more to do at once. */
  private bootSlice(cluster: Cluster, projector: Projector, startMs: number): boolean {
    while (!cluster.ready() && cluster.now() < BOOT_LIMIT_MS) {
      cluster.runSlice(cluster.now() + 1_000, EVENTS_PER_LOOK);
      const realMs = this.env.now();
      if (realMs - startMs < SLICE_MS) continue;
      if (realMs - this.lastReportMs >= BOOT_REPORT_MS) {
        this.lastReportMs = realMs;
        this.port.post({ type: "booting", progress: bootProgress(cluster, projector) });
      }
      return true;
    }
    this.state = "running";
    this.playing = this.playAfterBoot;
    this.pacer = new Pacer(cluster.now());
    this.port.post({ type: "booted", tookMs: this.env.now() - this.bootedAtMs });
    return true;
  }

  private runSlices(cluster: Cluster, startMs: number): boolean {
    if (this.goal !== undefined) return this.runToGoal(cluster, this.goal, startMs);
    if (!this.playing) return false;
    const before = cluster.now();
    const target = this.pacer.targetMs(startMs, before);
    let reached = target <= before;
    while (!reached && this.env.now() - startMs < SLICE_MS) {
      reached = cluster.runSlice(Number.isFinite(target) ? target : cluster.now() + 60_000, EVENTS_PER_LOOK) && Number.isFinite(target);
    }
    this.pacer.ran(Math.max(0, startMs - this.lastTickMs), cluster.now() - before);
    return !reached;
  }

  /** Event by event, so that the clock stands at the very moment when the goal is met. */
  private runToGoal(cluster: Cluster, goal: GoalWatch, startMs: number): boolean {
    do {
      for (let i = 0; i < EVENTS_PER_LOOK; i += 1) {
        const outcome = cluster.step() === undefined ? "given-up" : goal.outcome(cluster);
        if (outcome === undefined) continue;
        this.goal = undefined;
        this.goalOutcome = outcome;
        this.clockChanged = true;
        return false;
      }
    } while (this.env.now() - startMs < SLICE_MS);
    return true;
  }

  // ── to the page ───────────────────────────────────────────────────────────────────────────────

  private mayDeliverLater(projector: Projector): boolean {
    return projector.hasNews || this.clockChanged;
  }

  /** Posts a batch if the page is ready for one. */
  private deliver(cluster: Cluster, projector: Projector): boolean {
    if (this.acknowledged < this.batchNumber) return false;
    const realMs = this.env.now();
    if (realMs - this.lastBatchMs < NEWS_MS) return false;
    const focus = this.focus.take(cluster, projector);
    const active = this.playing || this.goal !== undefined;
    const news = projector.hasNews || this.clockChanged || focus !== undefined;
    if (!news && (!active || realMs - this.lastBatchMs < TIME_MS)) return false;
    this.lastBatchMs = realMs;
    this.clockChanged = false;
    const batch: Batch = {
      number: ++this.batchNumber,
      nowUs: cluster.nowUs(),
      revision: this.revision,
      clock: { playing: this.playing, speed: this.pacer.speed, actualSpeed: this.pacer.actualSpeed, goal: this.goal?.goal, actions: this.clockActions, goalOutcome: this.goalOutcome },
      eventCount: this.eventCount,
      focus,
      ...projector.drain(ROWS_PER_BATCH),
    };
    this.port.post({ type: "batch", batch });
    return true;
  }

  private request(message: Extract<PageMessage, { type: "request" }>, cluster: Cluster, projector: Projector): void {
    const { id, request } = message;
    if (request.method !== "GET" && request.method !== "HEAD") {
      projector.mark({ atUs: cluster.nowUs(), kind: "command", label: `${request.method} ${request.path}` });
    }
    const response = cluster.request(request);
    const { stream, ...head } = response;
    this.port.post({ type: "response", id, response: { ...head, streams: stream !== undefined } });
    if (stream === undefined) return;
    this.streams.set(id, stream);
    stream.listen({
      chunk: (chunk) => this.port.post({ type: "chunk", id, chunk }),
      end: () => {
        this.streams.delete(id);
        this.port.post({ type: "end", id });
      },
    });
  }

  private exec(message: Extract<PageMessage, { type: "exec" | "attach" }>, cluster: Cluster): void {
    const { id, pod, container, argv, tty, stdin } = message;
    const options: ExecOptions = {
      tty,
      stdin,
      stdout: (text) => this.port.post({ type: "exec-output", id, stream: "stdout", text }),
      stderr: (text) => this.port.post({ type: "exec-output", id, stream: "stderr", text }),
      exit: (code) => {
        this.execs.delete(id);
        this.port.post({ type: "exec-exit", id, code });
      },
    };
    const session: Result<ExecSession, string> = message.type === "exec" ? cluster.exec(pod, container, argv, options) : (cluster.attach?.(pod, container, options) ?? { ok: false, error: "attach is not simulated yet" });
    if (session.ok) {
      this.execs.set(id, session.value);
      return;
    }
    this.port.post({ type: "exec-output", id, stream: "stderr", text: `${session.error}\n` });
    this.port.post({ type: "exec-exit", id, code: 1 });
  }

  /** An exception in the engine is our bug: say so with everything that helps, and run nothing more. */
  private guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.state = "crashed";
      const thrown = error instanceof Error ? error : new Error(String(error));
      let nowMs = 0;
      try {
        nowMs = this.cluster?.now() ?? 0;
      } catch {
        // The clock itself may be what broke.
      }
      this.port.post({
        type: "crashed",
        report: { message: thrown.message, stack: thrown.stack ?? "", lastCommand: this.lastCommand, nowMs, commandCount: this.commandCount },
      });
    }
  }
}

/** Puts a host at the worker's end of a port. */
export function hostCluster(port: Port<WorkerMessage, PageMessage>, env: HostEnvironment): ClusterHost {
  return new ClusterHost(port, env);
}
