import { secondsToUs } from "../../kernel/time.ts";
import type { Container, ContainerStatus, PodObject, PodStatus } from "../../kinds/generated/types.ts";
import type { NodeContext } from "../node-context.ts";
import { isSidecar, podUid, runtimeIdOf } from "../pod-helpers.ts";
import type { ReadinessSource } from "../status/pod-status.ts";
import type { ProbeResult, ProbeType } from "./contracts.ts";
import { ProbeWorker } from "./worker.ts";

export interface ProbeListener {
  /** A result that counts has changed. */
  probeChanged(uid: string, type: ProbeType, containerId: string, result: ProbeResult): void;
  pod(uid: string): PodObject | undefined;
  status(uid: string): PodStatus | undefined;
}

const TYPES = [["Startup", "startupProbe"], ["Readiness", "readinessProbe"], ["Liveness", "livenessProbe"]] as const;

/**
 * All probes of a node. Source: pkg/kubelet/prober/prober_manager.go and results/results_manager.go.
 * Differs: first looks are spread over their periods after a restart of the kubelet only, not after its very first start.
 */
export class ProbeManager implements ReadinessSource {
  /** uid → "container/Type" → worker. */
  private readonly workers = new Map<string, Map<string, ProbeWorker>>();
  /** "Type/container id" → result. */
  private readonly results = new Map<string, ProbeResult>();
  private readonly startedUs: number;

  constructor(private readonly context: NodeContext, private readonly listener: ProbeListener, private readonly isRestart: boolean) {
    this.startedUs = context.clock.now();
  }

  add(pod: PodObject): void {
    const uid = podUid(pod);
    const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar);
    for (const container of [...pod.spec.containers, ...sidecars]) {
      for (const [type, field] of TYPES) if (container[field] !== undefined) this.addWorker(uid, container, type, field);
    }
  }

  /** The pod is being stopped: only readiness goes on. Source: StopLivenessAndStartup. */
  stopLivenessAndStartup(pod: PodObject): void {
    this.stopWorkers(podUid(pod), (type) => type !== "Readiness");
  }

  remove(pod: PodObject): void {
    this.stopWorkers(podUid(pod), () => true);
  }

  verdict(type: ProbeType, containerId: string): ProbeResult | undefined {
    return this.results.get(`${type}/${containerId}`);
  }

  stop(): void {
    for (const own of this.workers.values()) for (const worker of own.values()) worker.abandon();
    this.workers.clear();
    this.results.clear();
  }

  /** Source: UpdatePodStatus. */
  withReadiness(pod: PodObject, statuses: readonly ContainerStatus[], isInit: boolean): readonly ContainerStatus[] {
    const uid = podUid(pod);
    return statuses.map((status) => {
      const isStarted = this.isStarted(uid, status);
      if (isInit && !isSidecarNamed(pod, status.name)) {
        const isDone = status.state?.terminated?.exitCode === 0;
        return { ...status, started: isStarted, ready: isDone };
      }
      return { ...status, started: isStarted, ready: isStarted && this.isReady(uid, status) };
    });
  }

  private isStarted(uid: string, status: ContainerStatus): boolean {
    if (status.state?.running === undefined) return false;
    const result = this.verdict("Startup", runtimeIdOf(status.containerID));
    return result === undefined ? this.workers.get(uid)?.has(`${status.name}/Startup`) !== true : result === "Success";
  }

  private isReady(uid: string, status: ContainerStatus): boolean {
    if (this.verdict("Readiness", runtimeIdOf(status.containerID)) === "Success") return true;
    const worker = this.workers.get(uid)?.get(`${status.name}/Readiness`);
    if (worker === undefined) return true;
    worker.trigger(); // it has just started: do not wait for the next tick
    return false;
  }

  private addWorker(uid: string, container: Container, type: ProbeType, field: "startupProbe" | "readinessProbe" | "livenessProbe"): void {
    const probe = container[field];
    if (probe === undefined) return;
    let own = this.workers.get(uid);
    if (own === undefined) this.workers.set(uid, (own = new Map()));
    const key = `${container.name}/${type}`;
    if (own.has(key)) return;
    const pod = this.listener.pod(uid);
    if (pod === undefined) return;
    const periodUs = secondsToUs(probe.periodSeconds ?? 10);
    const isSpread = this.isRestart && this.context.clock.now() - this.startedUs < periodUs;
    let last = pod;
    const workers = own;
    const worker: ProbeWorker = new ProbeWorker({
      context: this.context, type, container, probe,
      pod: () => (last = this.listener.pod(uid) ?? last),
      status: () => this.listener.status(uid),
      setResult: (id, result) => this.setResult(uid, type, id, result),
      removeResult: (id) => this.results.delete(`${type}/${id}`),
      ended: () => { if (workers.get(key) === worker) workers.delete(key); },
      firstDelayUs: isSpread ? this.context.rng.below(periodUs) : 0,
    });
    own.set(key, worker);
  }

  private setResult(uid: string, type: ProbeType, containerId: string, result: ProbeResult): void {
    const key = `${type}/${containerId}`;
    if (this.results.get(key) === result) return;
    this.results.set(key, result);
    this.listener.probeChanged(uid, type, containerId, result);
  }

  private stopWorkers(uid: string, which: (type: ProbeType) => boolean): void {
    const own = this.workers.get(uid);
    if (own === undefined) return;
    for (const [key, worker] of own) if (which(key.slice(key.lastIndexOf("/") + 1) as ProbeType)) worker.stop();
    if (own.size === 0) this.workers.delete(uid);
  }
}

const isSidecarNamed = (pod: PodObject, name: string): boolean => pod.spec.initContainers?.some((container) => container.name === name && isSidecar(container)) === true;
