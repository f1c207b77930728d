import type { ApiRequest, ApiResponse } from "../apimachinery/api.ts";
import type { KubeObject } from "../apimachinery/object.ts";
import { notFound } from "../apimachinery/status.ts";
import { createTimeText } from "../apimachinery/time-text.ts";
import { type ApiServer, createApiServer } from "../apiserver/api-server.ts";
import { createApiConnection } from "../client/connection.ts";
import type { ComponentContext } from "../client/contracts.ts";
import type { Cancel } from "../kernel/clock.ts";
import type { Cause } from "../kernel/causes.ts";
import { SimClock } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { createRng } from "../kernel/rng.ts";
import { msToUs, US_PER_MS, usOf } from "../kernel/time.ts";
import type { PodObject } from "../kinds/generated/types.ts";
import { Pod } from "../kinds/pod.ts";
import { KINDS } from "../kinds/registry.ts";
import { type ClusterNetwork, createClusterNetwork } from "../network/cluster-network.ts";
import type { NodeNetwork, SendRequest } from "../network/contracts.ts";
import type { PacketTrace } from "../network/trace/packet-trace.ts";
import type { ExecOptions, ExecSession, LogLine } from "../runtime/contracts.ts";
import { createImageCatalog } from "../runtime/images/catalog.ts";
import { bootCluster } from "./boot.ts";
import { CommandLog, isRead } from "./command-log.ts";
import { systemComponents } from "./components.ts";
import type { Cluster, ClusterObserver, ClusterOptions, Command, Explanation, Fault, StoreChange } from "./contracts.ts";
import { ClusterJournal } from "./journal.ts";
import { createMachine, type Machine } from "./machine.ts";
import { CONTROL_PLANE, hostAddress } from "./machines.ts";
import { completeOptions } from "./options.ts";
import { controlPlaneStaticPods } from "./presets/static-pods.ts";
import { Readiness } from "./readiness.ts";
import { SchedulingHistory } from "./scheduling-history.ts";
import { type PodPlace, Sessions } from "./sessions.ts";
import { stateHash } from "./state-hash.ts";

/** Kubernetes' service for DNS has the tenth address of the range. Source: cmd/kubeadm/app/constants/constants.go, GetDNSIP. */
const DNS_HOST = 10;

/** Makes a cluster at simulated time 0: machines are there, kubeadm is about to begin. `runUntil(() => cluster.ready(), …)` boots it. Throws a RangeError for options that make no sense. */
export function createCluster(options: ClusterOptions = {}, host: HostParts = {}): Cluster {
  return new SimCluster(completeOptions(options), host);
}

/** What a host may hand in. It has no part in the run. */
export interface HostParts {
  /** Help texts of `kubectl explain`: `DESCRIPTIONS` of this package, 400 kB that a page does without. */
  readonly descriptions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

class SimCluster implements Cluster {
  private readonly clock = new SimClock();
  private readonly journal = new ClusterJournal(this.clock);
  private readonly context: ComponentContext;
  private readonly server: ApiServer;
  private readonly network: ClusterNetwork;
  private readonly machines = new Map<string, Machine>();
  private readonly log = new CommandLog();
  private readonly observers = new Set<ClusterObserver>();
  private readonly readiness: Readiness;
  private readonly history = new SchedulingHistory();
  /** Latest cause of each object, by uid: the start of its "why?". */
  private readonly lastCauses = new Map<string, number>();
  private readonly sessions = new Sessions(this.clock, this.log);

  constructor(readonly options: Required<ClusterOptions>, host: HostParts) {
    this.context = { clock: this.clock, rng: createRng(options.seed), time: createTimeText(options.epoch), journal: this.journal };
    this.readiness = new Readiness(options.nodes + 1);
    const fork = (label: string): ComponentContext => ({ ...this.context, rng: this.context.rng.fork(label) });
    this.server = createApiServer({
      context: fork("apiserver"),
      kinds: KINDS,
      serviceCIDR: options.serviceCIDR,
      ...(host.descriptions === undefined ? {} : { descriptions: () => host.descriptions ?? {} }),
      onChange: (change) => this.changed(change),
      nodeProxy: () => ({
        logs: (node, pod, { container, ...logOptions }) => this.machines.get(node)?.kubelet.logs(pod.metadata.namespace ?? "", pod.metadata.name, container, logOptions) ?? err(notFound({ group: "", plural: "nodes" }, node)),
      }),
    });
    this.server.setAvailable(false);
    const connection = createApiConnection({ context: fork("client"), server: this.server });
    this.network = createClusterNetwork({ context: fork("network"), options });
    this.network.onTrace((trace) => {
      for (const observer of this.observers) observer.trace?.(trace);
    });
    const images = createImageCatalog({
      components: systemComponents({
        context: fork("components"), connection, server: this.server,
        machine: (name) => this.network.node(name),
        podCIDR: options.podCIDR, serviceCIDR: options.serviceCIDR,
        onAttempt: (attempt) => this.history.add(attempt),
      }),
    });
    const controlPlaneIp = hostAddress(options.nodeCIDR, 10);
    const clusterDNS = hostAddress(options.serviceCIDR, DNS_HOST);
    for (let index = 0; index <= options.nodes; index++) {
      const staticPods = index === 0 ? controlPlaneStaticPods({ nodeName: CONTROL_PLANE, nodeIp: controlPlaneIp, podCIDR: options.podCIDR, serviceCIDR: options.serviceCIDR }) : [];
      const machine = createMachine({ index, nodeCIDR: options.nodeCIDR, context: this.context, connection, network: this.network, images, staticPods, clusterDNS });
      this.machines.set(machine.name, machine);
    }
    bootCluster({ context: this.context, connection, machines: [...this.machines.values()], podCIDR: options.podCIDR, proxyMode: options.proxyMode, clusterDNS, apiServer: `https://${controlPlaneIp}:6443` });
  }

  request(request: ApiRequest): ApiResponse {
    // A look from outside leaves no trace in the run, not even a number in the cause log.
    if (isRead(request.method)) return this.server.handle(request);
    this.record({ type: "request", request });
    const agent = request.headers?.["user-agent"]?.split("/")[0] ?? "client";
    return this.clock.within(`${agent}: ${request.method} ${request.path}`, () => this.server.handle(request), 0);
  }

  runFor(ms: number): void {
    this.clock.runTo(usOf(this.clock.now() + msToUs(ms)));
  }

  runUntil(condition: () => boolean, { limitMs }: { readonly limitMs: number }): boolean {
    const limitUs = this.clock.now() + msToUs(limitMs);
    while (!condition()) {
      const nextUs = this.clock.nextAtUs();
      if (nextUs === undefined || nextUs > limitUs) {
        this.clock.runTo(usOf(limitUs));
        return condition();
      }
      this.clock.step();
    }
    return true;
  }

  runSlice(untilMs: number, budgetEvents: number): boolean {
    const untilUs = usOf(msToUs(untilMs));
    for (let count = 0; count < budgetEvents; count++) {
      const nextUs = this.clock.nextAtUs();
      if (nextUs === undefined || nextUs > untilUs) {
        this.clock.runTo(untilUs);
        return true;
      }
      this.clock.step();
    }
    return false;
  }

  step(): Cause | undefined {
    return this.clock.step();
  }

  now(): number {
    return this.clock.now() / US_PER_MS;
  }

  nowUs(): number {
    return this.clock.now();
  }

  send(request: SendRequest): PacketTrace {
    this.record({ type: "send", request });
    return this.clock.within(`send ${sourceText(request)} → ${request.to}`, () => this.network.send(request, (source) => ("pod" in source ? this.netnsOf(source.pod) : undefined)), 0);
  }

  logs(pod: string, container?: string, { previous = false }: { readonly previous?: boolean } = {}): Result<readonly LogLine[], string> {
    const found = this.locate(pod);
    if (!found.ok) return found;
    const answer = found.value.machine.kubelet.logs(found.value.namespace, found.value.name, container, { previous, timestamps: true });
    if (!answer.ok) return err(answer.error.message ?? "");
    return ok(answer.value.text.split("\n").filter((line) => line !== "").map((line) => this.logLine(line)));
  }

  exec(pod: string, container: string | undefined, argv: readonly string[], options: ExecOptions): Result<ExecSession, string> {
    const found = this.locate(pod);
    return found.ok ? this.sessions.exec(found.value, container, argv, options) : found;
  }

  attach(pod: string, container: string | undefined, options: ExecOptions): Result<ExecSession, string> {
    const found = this.locate(pod);
    return found.ok ? this.sessions.attach(found.value, container, options) : found;
  }

  node(name: string): NodeNetwork {
    const machine = this.machines.get(name);
    if (machine === undefined) throw new RangeError(`there is no node ${JSON.stringify(name)}; there are ${[...this.machines.keys()].join(", ")}`);
    return machine.network;
  }

  explain(subject: string): Explanation {
    const [kind = "", ...rest] = subject.split("/");
    const key = rest.join("/");
    const definition = this.server.kinds.find((candidate) => candidate.kind.toLowerCase() === kind.toLowerCase());
    const object = definition === undefined ? undefined : this.server.objects(definition).find(({ metadata }) => key === (metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`));
    const causeId = this.lastCauses.get(object?.metadata.uid ?? "");
    return { subject, scheduling: kind.toLowerCase() === "pod" ? this.history.of(key) : [], causes: causeId === undefined ? [] : this.clock.causes.chain(causeId) };
  }

  fault(fault: Fault): Result<undefined, string> {
    if (fault.kind === "kill-container") {
      const found = this.locate(fault.pod);
      if (!found.ok) return found;
      const { machine, name, namespace } = found.value;
      const sandbox = machine.runtime.sandboxes().find(({ config }) => config.podNamespace === namespace && config.podName === name);
      const container = machine.runtime.containers(sandbox?.id ?? "").filter((candidate) => candidate.name === fault.container && candidate.state === "Running").at(-1);
      if (container === undefined) return err(`no running container ${fault.container} in pod ${fault.pod}`);
      this.record({ type: "fault", fault });
      this.clock.within(`fault: kill ${fault.pod} ${fault.container}`, () => machine.runtime.kill(container.id, "SIGKILL"), 0);
      return ok(undefined);
    }
    const machine = this.machines.get(fault.node);
    if (machine === undefined) return err(`there is no node ${fault.node}`);
    this.record({ type: "fault", fault });
    this.clock.within(`fault: ${fault.kind} ${fault.node}`, () => (fault.kind === "kubelet-stopped" ? machine.kubelet.stop() : machine.kubelet.start()), 0);
    return ok(undefined);
  }

  commandLog(): readonly Command[] {
    return this.log.all();
  }

  stateHash(): string {
    return stateHash(this.server.kinds.flatMap((kind): readonly KubeObject[] => this.server.objects(kind)), this.network.traces(), (trace) => this.network.traceText(trace));
  }

  observe(observer: ClusterObserver): Cancel {
    this.observers.add(observer);
    const cancelJournal = observer.journal === undefined ? undefined : this.journal.listen((entry) => observer.journal?.(entry));
    return () => {
      this.observers.delete(observer);
      cancelJournal?.();
    };
  }

  ready(): boolean {
    return this.readiness.ready;
  }

  cause(id: number): Cause | undefined {
    return this.clock.causes.get(id);
  }

  private record(command: Parameters<CommandLog["record"]>[1]): void {
    this.log.record(this.clock.now(), command);
  }

  private changed(change: StoreChange): void {
    this.readiness.observe(change);
    const { uid = "" } = change.object.metadata;
    if (change.type === "DELETED") {
      this.lastCauses.delete(uid);
      if (change.object.kind === "Pod") this.history.forget(`${change.object.metadata.namespace}/${change.object.metadata.name}`);
    } else this.lastCauses.set(uid, change.causeId);
    for (const observer of this.observers) observer.store?.(change);
  }

  private podObject(pod: string): PodObject | undefined {
    const [namespace = "", name = ""] = pod.split("/");
    const found = this.server.internal.get(Pod as never, { namespace, name });
    return found.ok ? (found.value as PodObject) : undefined;
  }

  private locate(pod: string): Result<PodPlace, string> {
    const object = this.podObject(pod);
    const [namespace = "", name = ""] = pod.split("/");
    if (object === undefined) return err(`pods ${JSON.stringify(name === "" ? namespace : name)} not found`);
    const machine = this.machines.get(object.spec.nodeName ?? "");
    return machine === undefined ? err(`pod ${name} does not have a host assigned`) : ok({ machine, namespace, name });
  }

  private netnsOf(pod: string): ReturnType<Machine["podNetns"]> {
    const found = this.locate(pod);
    return found.ok ? found.value.machine.podNetns(pod) : undefined;
  }

  /** "2026-01-01T00:00:01.5Z text" as the kubelet prints it with timestamps. */
  private logLine(line: string): LogLine {
    const space = line.indexOf(" ");
    return { atUs: this.context.time.parse(line.slice(0, space)) ?? usOf(0), stream: "stdout", text: line.slice(space + 1) };
  }
}

const sourceText = ({ from }: SendRequest): string => ("pod" in from ? `pod ${from.pod}` : "node" in from ? `node ${from.node}` : "outside");
