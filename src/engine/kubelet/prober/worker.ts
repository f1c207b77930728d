import type { Cancel } from "../../kernel/clock.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { Container, ContainerStatus, PodObject, PodStatus, Probe } from "../../kinds/generated/types.ts";
import { containerEvent, type NodeContext, writeStep } from "../node-context.ts";
import { isSidecar, isTerminalPhase, restartPolicyOf, runtimeIdOf, statusOf } from "../pod-helpers.ts";
import { CANCELLED, type RunningTask, runTask, type Task } from "../task.ts";
import type { ProbeResult, ProbeType } from "./contracts.ts";
import { type ProbeOutcome, runProbe } from "./probe.ts";

export interface WorkerInput {
  readonly context: NodeContext;
  readonly type: ProbeType;
  readonly container: Container;
  readonly probe: Probe;
  /** Newest pod and its status as the status manager has it. */
  readonly pod: () => PodObject;
  readonly status: () => PodStatus | undefined;
  readonly setResult: (containerId: string, result: ProbeResult) => void;
  readonly removeResult: (containerId: string) => void;
  /** The worker is done for good. */
  readonly ended: () => void;
  /** Wait before the first look: after a restart of the kubelet, so that not all probes run at once. */
  readonly firstDelayUs: number;
}

const MAX_RETRIES = 3;
const INITIAL: Readonly<Record<ProbeType, ProbeResult>> = { Liveness: "Success", Readiness: "Failure", Startup: "Unknown" };

/** One probe of one container, over all its restarts. Source: pkg/kubelet/prober/worker.go. */
export class ProbeWorker {
  private containerId = "";
  private isOnHold = false;
  private lastResult: ProbeResult | undefined;
  private resultRun = 0;
  private timer: Cancel | undefined;
  private task: RunningTask | undefined;
  private nextTickUs: number;
  private readonly periodUs: number;
  private isStopped = false;
  private isTriggered = false;

  constructor(private readonly input: WorkerInput) {
    this.periodUs = secondsToUs(input.probe.periodSeconds ?? 10);
    this.nextTickUs = input.context.clock.now() + input.firstDelayUs;
    this.schedule(input.firstDelayUs);
  }

  /** Looks now instead of at the next tick. Source: manualTriggerCh. */
  trigger(): void {
    if (this.isStopped) return;
    if (this.task !== undefined) {
      this.isTriggered = true;
      return;
    }
    if (this.timer === undefined) return;
    this.timer();
    this.schedule(0);
  }

  stop(): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.timer?.();
    this.task?.cancel();
    if (this.containerId !== "") this.input.removeResult(this.containerId);
    this.input.ended();
  }

  /** The kubelet is gone. */
  abandon(): void {
    this.isStopped = true;
    this.timer?.();
    this.task?.abandon();
  }

  private schedule(delayUs: number): void {
    const { context, type, container } = this.input;
    this.timer = context.clock.after(delayUs, `kubelet ${context.node.name}: ${type.toLowerCase()} probe of ${container.name}`, () => {
      this.timer = undefined;
      this.look();
    });
  }

  private look(): void {
    const { clock } = this.input.context;
    if (this.nextTickUs <= clock.now()) this.nextTickUs += this.periodUs * (1 + Math.floor((clock.now() - this.nextTickUs) / this.periodUs));
    let isOver = false;
    const task = runTask(this.doProbe(), (goesOn) => {
      isOver = true;
      this.task = undefined;
      if (this.isStopped || goesOn === CANCELLED) return;
      if (!goesOn) return this.stop();
      // A tick that came while the probe ran is not lost; more than one are.
      const delayUs = this.isTriggered ? 0 : Math.max(0, this.nextTickUs - clock.now());
      this.isTriggered = false;
      this.schedule(delayUs);
    });
    if (!isOver) this.task = task;
  }

  /** Whether to go on probing. Source: doProbe. */
  private *doProbe(): Task<boolean> {
    const { input } = this;
    const status = input.status();
    if (status === undefined) return true;
    if (isTerminalPhase(status.phase)) return false;
    const current = statusOf(status.containerStatuses, input.container.name) ?? statusOf(status.initContainerStatuses, input.container.name);
    const id = runtimeIdOf(current?.containerID);
    if (current === undefined || id === "") return true;
    if (id !== this.containerId) this.adopt(id);
    if (this.isOnHold) return true;
    const pod = input.pod();
    if (current.state?.running === undefined) {
      input.setResult(this.containerId, "Failure");
      return current.state?.terminated === undefined || restartPolicyOf(pod) !== "Never" || isSidecar(input.container);
    }
    if (pod.metadata.deletionTimestamp !== undefined && input.type !== "Readiness") {
      input.setResult(this.containerId, "Success");
      return false;
    }
    if (!this.isDue(current)) return true;
    const outcome = yield* this.probeWithRetries(pod, status);
    if (outcome !== undefined && !this.isStopped) this.take(outcome);
    return true;
  }

  private adopt(id: string): void {
    if (this.containerId !== "") this.input.removeResult(this.containerId);
    this.containerId = id;
    this.input.setResult(id, INITIAL[this.input.type]);
    this.isOnHold = false;
  }

  /** The initial delay is over, and it is this probe's turn: startup first, then the others. */
  private isDue(current: ContainerStatus): boolean {
    const { context, probe, type } = this.input;
    const startedUs = context.time.parse(current.state?.running?.startedAt ?? "") ?? context.clock.now();
    if (Math.floor((context.clock.now() - startedUs) / 1e6) < (probe.initialDelaySeconds ?? 0)) return false;
    return (current.started === true) !== (type === "Startup");
  }

  /** Undefined when the probe could not be run, three times over. Source: prober.go, probe and runProbeWithRetries. */
  private *probeWithRetries(pod: PodObject, status: PodStatus): Task<"Success" | "Failure" | undefined> {
    const { context, container, probe, type } = this.input;
    const target = { container, containerId: this.containerId, podIp: status.podIP ?? "", host: context.network.host, runtime: context.runtime, clock: context.clock };
    let error = "";
    for (let i = 0; i < MAX_RETRIES; i++) {
      const answer = yield* runProbe(probe, target);
      if (answer.ok) return this.report(pod, answer.value);
      error = answer.error;
    }
    containerEvent(context, pod, container.name, "Warning", "Unhealthy", `${type} probe errored and resulted in unknown state: ${error}`, this.containerId);
    return undefined;
  }

  private report(pod: PodObject, { result, output }: ProbeOutcome): "Success" | "Failure" {
    const { context, container, type } = this.input;
    writeStep(context, pod, "probe", "instant", { container: container.name, type, result, ...(output === "" || result === "Success" ? {} : { output: output.slice(0, 200) }) });
    if (result === "Success") return "Success";
    if (result === "Warning") {
      containerEvent(context, pod, container.name, "Warning", "ProbeWarning", `${type} probe warning: ${output}`, this.containerId);
      return "Success";
    }
    containerEvent(context, pod, container.name, "Warning", "Unhealthy", `${type} probe failed: ${output}`, this.containerId);
    return "Failure";
  }

  /** Counts equal results in a row; beyond the threshold they count. */
  private take(result: "Success" | "Failure"): void {
    const { probe, type } = this.input;
    if (this.lastResult === result) this.resultRun += 1;
    else {
      this.lastResult = result;
      this.resultRun = 1;
    }
    const threshold = result === "Failure" ? (probe.failureThreshold ?? 3) : (probe.successThreshold ?? 1);
    if (this.resultRun < threshold) return;
    if (type !== "Readiness" && result === "Failure") {
      // The container is going to be restarted: nothing to look at before there is a new one.
      this.isOnHold = true;
      this.resultRun = 0;
    }
    this.input.setResult(this.containerId, result);
  }
}
