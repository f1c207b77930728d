import type { Status } from "../apimachinery/api.ts";
import { badRequest, internalError, notFound, plainError } from "../apimachinery/status.ts";
import type { InformerFactory } from "../client/contracts.ts";
import type { Cancel } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import { secondsToUs } from "../kernel/time.ts";
import { Node } from "../kinds/node.ts";
import { Pod } from "../kinds/pod.ts";
import type { NodeObject, PodObject } from "../kinds/generated/types.ts";
import type { ContainerInfo, ExecOptions, ExecSession } from "../runtime/contracts.ts";
import { Backoff } from "./backoff.ts";
import type { Kubelet, KubeletDependencies, LogAnswer, LogOptions } from "./contracts.ts";
import { ServiceSource } from "./env/service-source.ts";
import { ImageManager } from "./images/image-manager.ts";
import { nodeResources } from "./node-status/capacity.ts";
import { KUBELET_PORT } from "./node-status/node-object.ts";
import { NodeLease } from "./node-status/node-lease.ts";
import { NodeReporter } from "./node-status/node-reporter.ts";
import type { NodeContext } from "./node-context.ts";
import { podUid } from "./pod-helpers.ts";
import { PodManager } from "./pod-manager.ts";
import { Pleg } from "./pleg.ts";
import type { ProbeResult, ProbeType } from "./prober/contracts.ts";
import { ProbeManager } from "./prober/manager.ts";
import { chooseContainer } from "./server/container-choice.ts";
import { logContainerId } from "./server/log-source.ts";
import { readLog } from "./server/read-log.ts";
import { MirrorPods } from "./static-pods/mirror-pods.ts";
import { staticPodOf } from "./static-pods/static-pod.ts";
import { StatusManager } from "./status/status-manager.ts";
import type { KubeletParts } from "./sync/parts.ts";
import { findContainer } from "./pod-runtime.ts";
import { ObjectCache } from "./volumes/object-cache.ts";
import { NodeDisk, VolumeManager } from "./volumes/volume-manager.ts";

const QPS = 50;
const BURST = 100;
const CRASH_BACKOFF_US = [secondsToUs(10), secondsToUs(300)] as const;
const MANIFEST_CHECK_US = secondsToUs(20);
const PODS = { group: "", plural: "pods" };

/** The agent of one node; see the README for what happens when. */
export function createKubelet(dependencies: KubeletDependencies): Kubelet {
  return new NodeKubelet(dependencies);
}

/** What exists while the process runs. */
interface Process {
  readonly parts: KubeletParts;
  readonly pods: PodManager;
  readonly reporter: NodeReporter;
  readonly factory: InformerFactory;
  readonly stopWatching: Cancel;
  lease: NodeLease | undefined;
}

class NodeKubelet implements Kubelet {
  private readonly disk = new NodeDisk();
  private process: Process | undefined;
  private manifests: readonly PodObject[];
  private loaded: readonly PodObject[] = [];
  private manifestCheck: Cancel | undefined;
  private starts = 0;

  constructor(private readonly dependencies: KubeletDependencies) {
    this.manifests = dependencies.staticPods;
  }

  get nodeName(): string {
    return this.dependencies.node.name;
  }

  get isRunning(): boolean {
    return this.process !== undefined;
  }

  start(): void {
    if (this.process !== undefined) return;
    const process = this.assemble();
    this.process = process;
    process.reporter.start();
    this.loaded = [];
    this.loadManifests();
    process.factory.whenSynced(() => process.pods.removeOrphans());
    process.factory.start();
  }

  stop(): void {
    const process = this.process;
    if (process === undefined) return;
    this.process = undefined;
    this.manifestCheck?.();
    this.manifestCheck = undefined;
    process.stopWatching();
    process.factory.stop();
    process.parts.pleg.stop();
    process.reporter.stop();
    process.lease?.stop();
    process.pods.stop();
    process.parts.probes.stop();
    process.parts.volumes.stop();
    process.parts.statuses.stop();
    process.parts.mirrors.stop();
    process.parts.objects.stop();
    process.parts.services.stop();
    process.parts.images.stop();
  }

  setStaticPods(pods: readonly PodObject[]): void {
    this.manifests = pods;
    if (this.process === undefined || this.manifestCheck !== undefined) return;
    const { clock, rng } = this.dependencies.context;
    this.manifestCheck = clock.after(rng.below(MANIFEST_CHECK_US), `kubelet ${this.nodeName}: read manifests`, () => {
      this.manifestCheck = undefined;
      this.loadManifests();
    });
  }

  logs(namespace: string, pod: string, container: string | undefined, options: LogOptions): Result<LogAnswer, Status> {
    const process = this.process;
    if (process === undefined) {
      return err(plainError(`Get "https://${this.address}/containerLogs/${namespace}/${pod}/${container ?? ""}": ${this.refusal}`));
    }
    const worker = process.pods.byKey(namespace, pod);
    if (worker === undefined) return err(notFound(PODS, pod));
    const chosen = chooseContainer(worker.record.pod, container);
    if (!chosen.ok) return chosen;
    const { statuses, context } = process.parts;
    const status = statuses.get(worker.record.uid) ?? worker.record.pod.status ?? {};
    const id = logContainerId(pod, status, chosen.value, options.previous === true);
    if (!id.ok) return err(badRequest(id.error));
    const log = context.runtime.logs(id.value);
    const info = context.runtime.container(id.value);
    if (log === undefined || info === undefined) return err(badRequest(`unable to retrieve container logs for containerd://${id.value}`));
    return { ok: true, value: readLog({ log, container: info, runtime: context.runtime, options, time: context.time, nowUs: context.clock.now() }) };
  }

  exec(namespace: string, pod: string, container: string | undefined, argv: readonly string[], options: ExecOptions): Result<ExecSession, Status> {
    const found = this.runningContainer(namespace, pod, container);
    if (!found.ok) return found;
    const session = this.dependencies.runtime.exec(found.value.id, argv, options);
    return session.ok ? session : err(internalError(`error executing command in container: ${session.error.message}`));
  }

  attach(namespace: string, pod: string, container: string | undefined, options: ExecOptions): Result<ExecSession, Status> {
    const found = this.runningContainer(namespace, pod, container);
    if (!found.ok) return found;
    const session = this.dependencies.runtime.attach(found.value.id, options);
    return session.ok ? session : err(internalError(`error attaching to container: ${session.error.message}`));
  }

  /** Source: pkg/kubelet/kubelet_pods.go, GetExec, GetAttach and findContainer. */
  private runningContainer(namespace: string, pod: string, container: string | undefined): Result<ContainerInfo, Status> {
    if (this.process === undefined) return err(plainError(`error dialing backend: ${this.refusal}`));
    const worker = this.process.pods.byKey(namespace, pod);
    if (worker === undefined) return err(notFound(PODS, pod));
    const chosen = chooseContainer(worker.record.pod, container);
    if (!chosen.ok) return chosen;
    const info = findContainer(worker.record.read(this.dependencies.runtime), chosen.value);
    return info === undefined || info.state !== "Running" ? err(internalError(`container not found (${JSON.stringify(chosen.value)})`)) : ok(info);
  }

  private get address(): string {
    return `${this.dependencies.node.ip}:${KUBELET_PORT}`;
  }

  /** What the API server gets when nobody listens here. */
  private get refusal(): string {
    return `dial tcp ${this.address}: connect: connection refused`;
  }

  private loadManifests(): void {
    const pods = this.process?.pods;
    if (pods === undefined) return;
    const { clock, time } = this.dependencies.context;
    const now = time.micros(clock.now());
    const fresh = this.manifests.map((manifest) => staticPodOf(manifest, this.nodeName, now));
    const before = this.loaded;
    this.loaded = fresh.map((pod) => before.find((known) => podUid(known) === podUid(pod)) ?? pod);
    for (const pod of before) if (!fresh.some((other) => podUid(other) === podUid(pod))) pods.podRemoved(pod);
    for (const pod of this.loaded) if (!before.includes(pod)) pods.podAdded(pod);
  }

  private assemble(): Process {
    const { connection, node, runtime, network, clusterDNS, clusterDomain } = this.dependencies;
    const isRestart = this.starts > 0;
    this.starts += 1;
    const component = `kubelet/${node.name}`;
    const base = this.dependencies.context;
    const context: NodeContext = {
      ...base, rng: base.rng.fork(`start ${this.starts}`), node, runtime, network, clusterDNS, clusterDomain,
      api: connection.client(component, { qps: QPS, burst: BURST }), recorder: connection.recorder("kubelet", { host: node.name }),
    };
    const factory = connection.informers(component);
    const nodes = factory.informer(Node, { fieldSelector: `metadata.name=${node.name}` });
    const podInformer = factory.informer(Pod, { fieldSelector: `spec.nodeName=${node.name}` });
    const ownNode = (): NodeObject | undefined => nodes.get({ namespace: "", name: node.name });
    const pods = new PodManager(() => reporter.node());
    const reporter = new NodeReporter({ ...context, rng: base.rng }, ownNode, (object) => {
      process.lease = new NodeLease(context, object);
      process.lease.start();
    });
    const parts = this.makeParts(context, pods, reporter, isRestart, () => ownNode()?.metadata.uid);
    pods.connect(parts);
    podInformer.onChange({
      add: (pod) => pods.podAdded(pod),
      update: (pod, before) => pods.podUpdated(pod, before),
      delete: (pod) => pods.podRemoved(pod),
    });
    const stopWatching = runtime.onChange((sandboxId) => {
      const uid = pods.ownerOfSandbox(sandboxId) ?? pods.adoptSandbox(sandboxId);
      if (uid !== undefined) parts.pleg.podChanged(uid);
    });
    const process: Process = { parts, pods, reporter, factory, stopWatching, lease: undefined };
    return process;
  }

  private makeParts(context: NodeContext, pods: PodManager, reporter: NodeReporter, isRestart: boolean, nodeUid: () => string | undefined): KubeletParts {
    const { clock, node, api } = context;
    const { connection } = this.dependencies;
    const component = `kubelet/${node.name}`;
    const statuses = new StatusManager(context, pods);
    const probes = new ProbeManager(
      context,
      { pod: (uid) => pods.pod(uid), status: (uid) => statuses.get(uid), probeChanged: (uid, type, id, result) => probeChanged(parts, pods, uid, type, id, result) },
      isRestart,
    );
    const objects = new ObjectCache(connection, component, clock, (reference) => pods.objectChanged(reference));
    const { allocatable } = nodeResources(node);
    const parts: KubeletParts = {
      context, statuses, probes, objects,
      pleg: new Pleg(context, (uid) => relisted(parts, pods, uid)),
      images: new ImageManager(context),
      volumes: new VolumeManager(context, this.disk, objects, allocatable),
      services: new ServiceSource(connection, component, clock),
      crashBackoff: new Backoff(clock, ...CRASH_BACKOFF_US),
      mirrors: new MirrorPods({ api, clock, staticPod: (uid) => pods.staticPod(uid), nodeUid }),
      allocatable: () => allocatable,
      networkError: () => reporter.networkError(),
      sandboxMade: (sandboxId, uid) => pods.sandboxMade(sandboxId, uid),
      sandboxGone: (sandboxId) => pods.sandboxGone(sandboxId),
    };
    return parts;
  }
}

/** The runtime did something to a pod. Old dead containers go; two of each name stay, for lastState and `logs --previous`. */
function relisted(parts: KubeletParts, pods: PodManager, uid: string): void {
  const worker = pods.worker(uid);
  if (worker === undefined) return;
  worker.sync();
  const seen = new Map<string, number>();
  for (const info of worker.record.read(parts.context.runtime).containers) {
    const count = (seen.get(info.name) ?? 0) + 1;
    seen.set(info.name, count);
    if (count > KEPT_CONTAINERS && info.state === "Exited") parts.context.runtime.removeContainer(info.id);
  }
}

const KEPT_CONTAINERS = 2;

/** Source: pkg/kubelet/kubelet.go, syncLoopIteration (liveness, readiness and startup updates) and handleProbeSync. */
function probeChanged(parts: KubeletParts, pods: PodManager, uid: string, type: ProbeType, containerId: string, result: ProbeResult): void {
  if (type === "Readiness") parts.statuses.setContainerReadiness(uid, containerId, result === "Success");
  if (type === "Startup") parts.statuses.setContainerStartup(uid, containerId, result === "Success");
  if (type === "Liveness" && result !== "Failure") return;
  pods.worker(uid)?.sync();
}
