import type { ComponentContext } from "../client/contracts.ts";
import type { Cancel } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { Rng } from "../kernel/rng.ts";
import { msToUs } from "../kernel/time.ts";
import type { NetNamespace } from "../network/contracts.ts";
import type { ContainerConfig, ContainerInfo, ContainerLog, ContainerRuntime, ExecOptions, ExecSession, PulledImage, PullProgress, RuntimeError, RuntimeHost, Sandbox, SandboxConfig } from "./contracts.ts";
import type { ImageCatalog } from "./images/catalog.ts";
import { ImageStore } from "./images/image-store.ts";
import { RunQueue } from "./process/run-queue.ts";
import { type ContainerSurroundings, RunningContainer } from "./running-container.ts";

/** Source: containerd's sandbox_image; kubeadm 1.33 constants.go, PauseVersion. */
export const PAUSE_IMAGE = "registry.k8s.io/pause:3.10";

export interface ContainerRuntimeOptions {
  readonly context: ComponentContext;
  readonly host: RuntimeHost;
  readonly images: ImageCatalog;
  /** Images that the machine has from the start, beside the pause image. */
  readonly preloaded?: readonly string[];
}

interface SandboxRecord {
  sandbox: Sandbox;
  readonly containers: RunningContainer[];
}

/** One node's containerd. */
export function createContainerRuntime(options: ContainerRuntimeOptions): ContainerRuntime {
  return new Containerd(options);
}

class Containerd implements ContainerRuntime {
  private readonly context: ComponentContext;
  private readonly host: RuntimeHost;
  private readonly store: ImageStore;
  private readonly queue = new RunQueue();
  private readonly records = new Map<string, SandboxRecord>();
  private readonly byId = new Map<string, RunningContainer>();
  private readonly listeners = new Set<(sandboxId: string, containerId: string) => void>();
  private readonly surroundings: ContainerSurroundings;
  private readonly ids: Rng;
  private counter = 0;

  constructor({ context, host, images, preloaded = [] }: ContainerRuntimeOptions) {
    this.context = context;
    this.host = host;
    this.store = new ImageStore(context.clock, context.rng.fork("images"), images, host.nodeName);
    this.ids = context.rng.fork("ids");
    this.surroundings = { context, host, catalog: images, queue: this.queue, changed: (container) => this.changed(container.sandbox.id, container.id) };
    for (const image of [PAUSE_IMAGE, ...preloaded]) this.store.preload(image);
  }

  // ---- sandboxes -----------------------------------------------------------------------------------------------------------------

  runPodSandbox(config: SandboxConfig, done: (result: Result<Sandbox, RuntimeError>) => void): void {
    const rng = this.context.rng.fork(`sandbox ${config.podUid} ${config.attempt} ${this.counter++}`);
    const id = this.newId(rng);
    const label = `containerd ${this.host.nodeName}: sandbox of ${config.podNamespace}/${config.podName}`;
    this.after(msToUs(rng.between(15, 45)), `${label}: network namespace`, () => {
      const ready = (netns: NetNamespace, ip: string): void => {
        // The rest is the pause container: its snapshot, its shim, its start.
        this.after(msToUs(rng.between(30, 80)), `${label}: pause container starts`, () => {
          const sandbox: Sandbox = { id, config, state: "Ready", createdUs: this.context.clock.now(), ip, netns };
          this.records.set(id, { sandbox, containers: [] });
          done(ok(sandbox));
        });
      };
      if (config.hostNetwork) ready(hostView(this.host.hostNetns, config), this.host.nodeIp);
      else this.setUpNetwork(id, config, ready, done);
    });
  }

  private setUpNetwork(id: string, config: SandboxConfig, ready: (netns: NetNamespace, ip: string) => void, done: (result: Result<Sandbox, RuntimeError>) => void): void {
    const { cni } = this.host;
    const failed = (reason: string): void => done(err({ code: "Unknown", message: `failed to setup network for sandbox "${id}": ${reason}` }));
    if (!cni.initialized) {
      failed("cni plugin not initialized");
      return;
    }
    const netns = cni.createNetns(id);
    netns.resolvConf = config.resolvConf;
    netns.hosts = config.hostAliases;
    const { podNamespace, podName, podUid, portMappings } = config;
    cni.add({ containerId: id, netns, podNamespace, podName, podUid, portMappings }, (result) => {
      if (result.ok) {
        netns.hosts = [...config.hostAliases, { ip: result.value.ip, names: config.domain === undefined ? [config.hostname] : [`${config.hostname}.${config.domain}`, config.hostname] }];
        ready(netns, result.value.ip);
        return;
      }
      cni.deleteNetns(id);
      failed(`${result.error.msg}${result.error.details === undefined ? "" : `: ${result.error.details}`}`);
    });
  }

  stopPodSandbox(sandboxId: string, done: () => void): void {
    const record = this.records.get(sandboxId);
    const label = `containerd ${this.host.nodeName}: stop sandbox`;
    if (record === undefined || record.sandbox.state === "NotReady") {
      this.after(0, label, done);
      return;
    }
    for (const container of record.containers) container.deliver("KILL");
    const { config, netns } = record.sandbox;
    record.sandbox = { ...record.sandbox, state: "NotReady" };
    const finish = (): void => this.after(msToUs(10), label, done);
    if (config.hostNetwork) {
      finish();
      return;
    }
    const { podNamespace, podName, podUid, portMappings } = config;
    this.host.cni.del({ containerId: sandboxId, netns, podNamespace, podName, podUid, portMappings }, () => {
      this.host.cni.deleteNetns(sandboxId);
      finish();
    });
  }

  removePodSandbox(sandboxId: string): void {
    for (const container of this.records.get(sandboxId)?.containers ?? []) this.removeContainer(container.id);
    this.records.delete(sandboxId);
  }

  sandboxes(): readonly Sandbox[] {
    return [...this.records.values()].map((record) => record.sandbox);
  }

  sandbox(sandboxId: string): Sandbox | undefined {
    return this.records.get(sandboxId)?.sandbox;
  }

  // ---- images --------------------------------------------------------------------------------------------------------------------

  pullImage(image: string, progress: (progress: PullProgress) => void, done: (result: Result<PulledImage, RuntimeError>) => void): Cancel {
    return this.store.pull(image, progress, done);
  }

  imageStatus(image: string): PulledImage | undefined {
    return this.store.find(image)?.pulled;
  }

  images(): readonly PulledImage[] {
    return this.store.list();
  }

  removeImage(image: string): void {
    this.store.remove(image);
  }

  // ---- containers ----------------------------------------------------------------------------------------------------------------

  createContainer(sandboxId: string, config: ContainerConfig, done: (result: Result<string, RuntimeError>) => void): void {
    const rng = this.context.rng.fork(`container ${sandboxId} ${config.name} ${config.attempt} ${this.counter++}`);
    const id = this.newId(rng);
    this.after(msToUs(rng.between(20, 60)), `containerd ${this.host.nodeName}: create container ${config.name}`, () => {
      const record = this.records.get(sandboxId);
      if (record === undefined || record.sandbox.state === "NotReady") {
        done(err({ code: record === undefined ? "NotFound" : "Unknown", message: record === undefined ? `failed to find sandbox id "${sandboxId}": not found` : "sandbox container is not running" }));
        return;
      }
      const stored = this.store.find(config.image);
      if (stored === undefined) {
        done(err({ code: "NotFound", message: `failed to resolve image "${config.image}": not found` }));
        return;
      }
      const container = new RunningContainer(id, config, record.sandbox, stored.image, stored.pulled.id, this.surroundings);
      if (container.argv.length === 0) {
        done(err({ code: "Unknown", message: `failed to generate container "${id}" spec: failed to generate spec: no command specified` }));
        return;
      }
      record.containers.push(container);
      this.byId.set(id, container);
      done(ok(id));
    });
  }

  startContainer(containerId: string, done: (result: Result<undefined, RuntimeError>) => void): void {
    const rng = this.context.rng.fork(`start ${containerId}`);
    this.after(msToUs(rng.between(20, 80)), `containerd ${this.host.nodeName}: start container`, () => {
      const container = this.byId.get(containerId);
      done(container === undefined ? notFound(containerId) : container.start());
    });
  }

  stopContainer(containerId: string, graceUs: number, done: () => void): void {
    const container = this.byId.get(containerId);
    if (container === undefined) this.after(0, `containerd ${this.host.nodeName}: nothing to stop`, done);
    else container.stop(graceUs, done);
  }

  removeContainer(containerId: string): void {
    const container = this.byId.get(containerId);
    if (container === undefined) return;
    container.deliver("KILL");
    this.byId.delete(containerId);
    const containers = this.records.get(container.sandbox.id)?.containers;
    const index = containers?.indexOf(container) ?? -1;
    if (index >= 0) containers?.splice(index, 1);
  }

  container(containerId: string): ContainerInfo | undefined {
    return this.byId.get(containerId)?.info;
  }

  containers(sandboxId: string): readonly ContainerInfo[] {
    return (this.records.get(sandboxId)?.containers ?? []).map((container) => container.info);
  }

  onChange(listener: (sandboxId: string, containerId: string) => void): Cancel {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  exec(containerId: string, argv: readonly string[], options: ExecOptions): Result<ExecSession, RuntimeError> {
    const container = this.byId.get(containerId);
    if (container === undefined) return notFound(containerId);
    return container.exec(argv, options, this.context.rng.fork(`exec ${containerId} ${this.counter++}`).hex(64));
  }

  attach(containerId: string, options: ExecOptions): Result<ExecSession, RuntimeError> {
    return this.byId.get(containerId)?.attach(options) ?? notFound(containerId);
  }

  logs(containerId: string): ContainerLog | undefined {
    return this.byId.get(containerId)?.log;
  }

  kill(containerId: string, signal: "SIGTERM" | "SIGKILL" | "OOM"): void {
    const container = this.byId.get(containerId);
    if (signal === "OOM") container?.killForMemory();
    else container?.deliver(signal === "SIGTERM" ? "TERM" : "KILL");
  }

  stats(containerId: string): { readonly memoryBytes: number; readonly cpuUs: number } | undefined {
    return this.byId.get(containerId)?.stats;
  }

  /** The streams have 32 bits of state, so that one alone would give the same id twice in a large cluster. */
  private newId(rng: Rng): string {
    return rng.hex(32) + this.ids.hex(32);
  }

  private after(us: number, label: string, run: () => void): void {
    this.context.clock.after(us, label, run);
  }

  private changed(sandboxId: string, containerId: string): void {
    for (const listener of [...this.listeners]) listener(sandboxId, containerId);
  }
}

const notFound = (containerId: string): { readonly ok: false; readonly error: RuntimeError } => err({ code: "NotFound", message: `an error occurred when try to find container "${containerId}": not found` });

/** A hostNetwork pod has the node's network and a resolv.conf of its own. */
function hostView(netns: NetNamespace, config: SandboxConfig): NetNamespace {
  const view = Object.create(netns) as NetNamespace;
  view.resolvConf = config.resolvConf;
  view.hosts = [...netns.hosts, ...config.hostAliases];
  return view;
}
