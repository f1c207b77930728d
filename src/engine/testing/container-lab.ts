import { createTimeText } from "../apimachinery/time-text.ts";
import type { ComponentContext } from "../client/contracts.ts";
import { SimClock } from "../kernel/clock.ts";
import { createRng } from "../kernel/rng.ts";
import { secondsToUs, usOf } from "../kernel/time.ts";
import { createContainerRuntime } from "../runtime/container-runtime.ts";
import type { ContainerConfig, ContainerInfo, ContainerRuntime, ExecSession, PulledImage, PullProgress, RuntimeError, Sandbox, SandboxConfig } from "../runtime/contracts.ts";
import { createImageCatalog, type ImageCatalog, type ImageCatalogOptions } from "../runtime/images/catalog.ts";
import type { Result } from "../kernel/result.ts";
import { fakeCni, FakeNetwork } from "./fake-netns.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One node's runtime on a fake wire, with calls that run the clock until they are answered. */
export class ContainerLab {
  readonly clock = new SimClock();
  readonly network = new FakeNetwork(this.clock);
  readonly catalog: ImageCatalog;
  readonly runtime: ContainerRuntime;
  private pods = 0;

  constructor(options: { readonly seed?: number; readonly memoryBytes?: number; readonly catalog?: ImageCatalogOptions } = {}) {
    const context: ComponentContext = { clock: this.clock, rng: createRng(options.seed ?? 1), time: createTimeText("2026-01-01T00:00:00Z"), journal: { enabled: false, write: () => {} } };
    this.catalog = createImageCatalog(options.catalog);
    this.runtime = createContainerRuntime({
      context, images: this.catalog,
      host: { nodeName: "node-1", nodeIp: "10.0.0.2", hostNetns: this.network.namespace("host", "10.0.0.2"), cni: fakeCni(this.network), memoryBytes: options.memoryBytes ?? 8 * 2 ** 30, cpuMilli: 4_000 },
    });
  }

  run(seconds: number): void {
    this.clock.runTo(usOf(this.clock.now() + secondsToUs(seconds)));
  }

  /** Runs until `done`; fails when that takes longer than `seconds` of simulated time. */
  until<T>(get: () => T | undefined, seconds = 600): T {
    const limit = this.clock.now() + secondsToUs(seconds);
    for (;;) {
      const value = get();
      if (value !== undefined) return value;
      const next = this.clock.nextAtUs();
      if (next === undefined || next > limit) throw new Error(`nothing happened within ${seconds} simulated seconds`);
      this.clock.step();
    }
  }

  wait<T>(start: (done: (value: T) => void) => void, seconds = 600): T {
    let box: { readonly value: T } | undefined;
    start((value) => (box = { value }));
    return this.until(() => box, seconds).value;
  }

  pull(image: string, progress: (progress: PullProgress) => void = () => {}): Result<PulledImage, RuntimeError> {
    return this.wait((done) => void this.runtime.pullImage(image, progress, done));
  }

  sandbox(config: Partial<SandboxConfig> = {}): Sandbox {
    const name = config.podName ?? `pod-${++this.pods}`;
    const result = this.wait<Result<Sandbox, RuntimeError>>((done) => this.runtime.runPodSandbox({
      podNamespace: "default", podName: name, podUid: `uid-${name}`, attempt: 0, hostname: name, hostNetwork: false, hostAliases: [], portMappings: [],
      resolvConf: { nameservers: ["10.96.0.10"], search: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"], ndots: 5 }, ...config,
    }, done));
    if (!result.ok) throw new Error(result.error.message);
    return result.value;
  }

  create(sandbox: Sandbox, image: string, config: Partial<ContainerConfig> = {}): Result<string, RuntimeError> {
    if (this.runtime.imageStatus(image) === undefined) {
      const pulled = this.pull(image);
      if (!pulled.ok) return pulled;
    }
    return this.wait((done) => this.runtime.createContainer(sandbox.id, {
      name: "main", attempt: 0, image, command: [], args: [], workingDir: "", env: [], mounts: [], memoryLimitBytes: undefined, cpuLimitMilli: undefined, tty: false, stdin: false, terminationMessagePath: "/dev/termination-log", ...config,
    }, done));
  }

  /** A started container in a pod of its own (or in `sandbox`). */
  start(image: string, config: Partial<ContainerConfig> = {}, sandbox: Sandbox = this.sandbox()): string {
    const id = this.create(sandbox, image, config);
    if (!id.ok) throw new Error(id.error.message);
    this.wait<Result<undefined, RuntimeError>>((done) => this.runtime.startContainer(id.value, done));
    return id.value;
  }

  info(id: string): ContainerInfo {
    const info = this.runtime.container(id);
    if (info === undefined) throw new Error("no such container");
    return info;
  }

  /** Waits for the end. */
  ended(id: string, seconds = 3_600): ContainerInfo {
    return this.until(() => (this.info(id).state === "Exited" ? this.info(id) : undefined), seconds);
  }

  log(id: string, stream?: "stdout" | "stderr"): string {
    return (this.runtime.logs(id)?.lines() ?? []).filter((line) => stream === undefined || line.stream === stream).map((line) => `${line.text}\n`).join("");
  }

  exec(id: string, argv: readonly string[], input?: string, seconds = 600): Ran {
    let stdout = "";
    let stderr = "";
    let code: number | undefined;
    const session = this.runtime.exec(id, argv, { tty: false, stdin: input !== undefined, stdout: (text) => (stdout += text), stderr: (text) => (stderr += text), exit: (value) => (code = value) });
    if (!session.ok) throw new Error(session.error.message);
    if (input !== undefined) {
      session.value.write(input);
      session.value.endInput();
    }
    return { code: this.until(() => code, seconds), stdout, stderr };
  }

  /** A terminal: what it shows, and a keyboard. */
  terminal(id: string, argv: readonly string[], echo = false): { readonly session: ExecSession; readonly screen: () => string; readonly code: () => number | undefined } {
    let screen = "";
    let code: number | undefined;
    const session = this.runtime.exec(id, argv, { tty: true, stdin: true, echo, stdout: (text) => (screen += text), stderr: (text) => (screen += text), exit: (value) => (code = value) });
    if (!session.ok) throw new Error(session.error.message);
    return { session: session.value, screen: () => screen, code: () => code };
  }
}
