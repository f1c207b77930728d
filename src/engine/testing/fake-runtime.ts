import type { Cancel, Clock } from "../kernel/clock.ts";
import { msToUs } from "../kernel/time.ts";
import type {
  ContainerConfig, ContainerInfo, ContainerLog, ContainerRuntime, LogLine, PulledImage, RuntimeError, Sandbox, SandboxConfig,
} from "../runtime/contracts.ts";
import type { NetNamespace } from "../network/contracts.ts";

export interface FakeImage {
  readonly sizeBytes?: number;
  readonly pullMs?: number;
  readonly error?: RuntimeError;
  readonly user?: string;
}

/** What a container does once it is started. */
export interface FakeProgram {
  /** It ends by itself after this long. */
  readonly afterMs?: number;
  readonly exitCode?: number;
  readonly message?: string;
  /** How long SIGTERM takes; Infinity waits for SIGKILL. */
  readonly termMs?: number;
  readonly termExitCode?: number;
  readonly startError?: string;
  readonly createError?: string;
  readonly output?: readonly string[];
}

export interface FakeExec {
  readonly code?: number;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly afterMs?: number;
  readonly error?: RuntimeError;
}

interface FakeContainer {
  info: ContainerInfo;
  readonly config: ContainerConfig;
  readonly program: FakeProgram;
  readonly lines: LogLine[];
  readonly followers: Set<(line: LogLine) => void>;
  readonly stopping: (() => void)[];
}

const CREATE_MS = 15;
const START_MS = 25;
const SANDBOX_MS = 120;

/** A container runtime in memory: programs do what the test says, and every call is written down with its time in ms. */
export class FakeRuntime implements ContainerRuntime {
  readonly calls: string[] = [];
  readonly execs: string[] = [];
  readonly knownImages = new Map<string, FakeImage>();
  program: (config: ContainerConfig, pod: string) => FakeProgram = () => ({});
  answerExec: (argv: readonly string[], container: ContainerInfo) => FakeExec = () => ({});
  sandboxError: string | undefined;
  private serial = 0;
  private readonly pods = new Map<string, Sandbox>();
  private readonly all = new Map<string, FakeContainer>();
  private readonly pulled = new Map<string, PulledImage>();
  private readonly listeners = new Set<(sandboxId: string, containerId: string) => void>();

  constructor(private readonly clock: Clock, private readonly nodeIp = "10.0.0.11", private readonly podPrefix = "10.42.1.") {}

  runPodSandbox(config: SandboxConfig, done: Parameters<ContainerRuntime["runPodSandbox"]>[1]): void {
    this.note(`sandbox ${config.podName}`);
    this.later(SANDBOX_MS, () => {
      if (this.sandboxError !== undefined) return done({ ok: false, error: { code: "Unknown", message: this.sandboxError } });
      const id = this.id("5a");
      const ip = config.hostNetwork ? this.nodeIp : `${this.podPrefix}${this.serial + 1}`;
      const sandbox: Sandbox = { id, config, state: "Ready", createdUs: this.clock.now(), ip, netns: { name: id, ip } as unknown as NetNamespace };
      this.pods.set(id, sandbox);
      done({ ok: true, value: sandbox });
      this.tell(id, "");
    });
  }

  stopPodSandbox(sandboxId: string, done: () => void): void {
    this.note(`stop sandbox ${this.pods.get(sandboxId)?.config.podName}`);
    this.later(20, () => {
      const sandbox = this.pods.get(sandboxId);
      for (const container of this.of(sandboxId)) if (container.info.state === "Running") this.finish(container, 137);
      if (sandbox !== undefined) this.pods.set(sandboxId, { ...sandbox, state: "NotReady" });
      done();
      this.tell(sandboxId, "");
    });
  }

  removePodSandbox(sandboxId: string): void {
    this.pods.delete(sandboxId);
  }

  sandboxes(): readonly Sandbox[] {
    return [...this.pods.values()];
  }

  sandbox(id: string): Sandbox | undefined {
    return this.pods.get(id);
  }

  pullImage(image: string, progress: Parameters<ContainerRuntime["pullImage"]>[1], done: Parameters<ContainerRuntime["pullImage"]>[2]): Cancel {
    this.note(`pull ${image}`);
    const known = this.knownImages.get(image);
    const name = normalized(image);
    const error = known === undefined
      ? { code: "NotFound", message: `failed to pull and unpack image ${JSON.stringify(name)}: failed to resolve reference ${JSON.stringify(name)}: ${name}: not found` }
      : known.error;
    const totalBytes = known?.sizeBytes ?? 1_000;
    return this.later(known?.pullMs ?? 500, () => {
      if (error !== undefined) return done({ ok: false, error });
      progress({ image, bytes: totalBytes, totalBytes, layers: [] });
      const made: PulledImage = {
        name, id: `${name.replace(/:[^/]*$/, "")}@sha256:${"ab".repeat(32)}`, sizeBytes: totalBytes, ...(known?.user === undefined ? {} : { user: known.user }),
      };
      this.pulled.set(name, made);
      done({ ok: true, value: made });
    });
  }

  imageStatus(image: string): PulledImage | undefined {
    return this.pulled.get(normalized(image));
  }

  images(): readonly PulledImage[] {
    return [...this.pulled.values()];
  }

  removeImage(image: string): void {
    this.pulled.delete(normalized(image));
  }

  createContainer(sandboxId: string, config: ContainerConfig, done: Parameters<ContainerRuntime["createContainer"]>[2]): void {
    this.note(`create ${config.name}`);
    this.later(CREATE_MS, () => {
      const program = this.program(config, this.pods.get(sandboxId)?.config.podName ?? "");
      if (program.createError !== undefined) return done({ ok: false, error: { code: "Unknown", message: program.createError } });
      const id = this.id("c0");
      const image = this.imageStatus(config.image);
      const info: ContainerInfo = { id, sandboxId, name: config.name, attempt: config.attempt, image: config.image, imageId: image?.id ?? "", state: "Created", createdUs: this.clock.now() };
      this.all.set(id, { info, config, program, lines: [], followers: new Set(), stopping: [] });
      done({ ok: true, value: id });
    });
  }

  startContainer(containerId: string, done: Parameters<ContainerRuntime["startContainer"]>[1]): void {
    const container = this.all.get(containerId);
    if (container === undefined) return done({ ok: false, error: { code: "NotFound", message: "no such container" } });
    this.note(`start ${container.info.name}`);
    this.later(START_MS, () => {
      const { program } = container;
      const now = this.clock.now();
      if (program.startError !== undefined) {
        container.info = { ...container.info, state: "Exited", finishedUs: now, exitCode: 128, reason: "StartError", message: program.startError };
        done({ ok: false, error: { code: "Unknown", message: program.startError } });
        return this.tell(container.info.sandboxId, containerId);
      }
      container.info = { ...container.info, state: "Running", startedUs: now };
      for (const text of program.output ?? []) this.log(containerId, text);
      done({ ok: true, value: undefined });
      this.tell(container.info.sandboxId, containerId);
      if (program.afterMs !== undefined) this.later(program.afterMs, () => this.finish(container, program.exitCode ?? 0, program.message));
    });
  }

  stopContainer(containerId: string, graceUs: number, done: () => void): void {
    const container = this.all.get(containerId);
    if (container === undefined || container.info.state !== "Running") return done();
    this.note(`stop ${container.info.name} ${graceUs / 1e6}s`);
    container.stopping.push(done);
    const { termMs = 10, termExitCode = 0 } = container.program;
    if (msToUs(termMs) <= graceUs) this.later(termMs, () => this.finish(container, termExitCode));
    else this.clock.after(graceUs, "SIGKILL", () => this.finish(container, 137));
  }

  removeContainer(containerId: string): void {
    this.all.delete(containerId);
  }

  container(containerId: string): ContainerInfo | undefined {
    return this.all.get(containerId)?.info;
  }

  containers(sandboxId: string): readonly ContainerInfo[] {
    return this.of(sandboxId).map(({ info }) => info);
  }

  onChange(listener: (sandboxId: string, containerId: string) => void): Cancel {
    this.listeners.add(listener);
    return () => { this.listeners.delete(listener); };
  }

  exec(containerId: string, argv: readonly string[], options: Parameters<ContainerRuntime["exec"]>[2]): ReturnType<ContainerRuntime["exec"]> {
    const container = this.all.get(containerId);
    if (container === undefined || container.info.state !== "Running") return { ok: false, error: { code: "NotFound", message: "container is not running" } };
    this.execs.push(`${this.clock.now() / 1_000} ${argv.join(" ")}`);
    const answer = this.answerExec(argv, container.info);
    if (answer.error !== undefined) return { ok: false, error: answer.error };
    const cancel = this.later(answer.afterMs ?? 5, () => {
      if (answer.stdout !== undefined) options.stdout(answer.stdout);
      if (answer.stderr !== undefined) options.stderr(answer.stderr);
      options.exit(answer.code ?? 0);
    });
    return { ok: true, value: { write: () => {}, endInput: () => {}, kill: cancel } };
  }

  attach(containerId: string, options: Parameters<ContainerRuntime["attach"]>[1]): ReturnType<ContainerRuntime["attach"]> {
    const container = this.all.get(containerId);
    if (container === undefined || container.info.state !== "Running") return { ok: false, error: { code: "NotFound", message: "container is not running" } };
    const follower = (line: LogLine): void => options.stdout(`${line.text}\n`);
    container.followers.add(follower);
    return { ok: true, value: { write: () => {}, endInput: () => {}, kill: () => { container.followers.delete(follower); } } };
  }

  logs(containerId: string): ContainerLog | undefined {
    const container = this.all.get(containerId);
    if (container === undefined) return undefined;
    return {
      lines: () => container.lines,
      follow: (listener) => {
        container.followers.add(listener);
        return () => { container.followers.delete(listener); };
      },
    };
  }

  kill(containerId: string, signal: "SIGTERM" | "SIGKILL" | "OOM"): void {
    const container = this.all.get(containerId);
    if (container !== undefined) this.finish(container, signal === "SIGTERM" ? 143 : 137, undefined, signal === "OOM" ? "OOMKilled" : undefined);
  }

  stats(containerId: string): { memoryBytes: number; cpuUs: number } | undefined {
    return this.all.get(containerId)?.info.state === "Running" ? { memoryBytes: 1_000_000, cpuUs: this.clock.now() } : undefined;
  }

  /** A line of a container's output. */
  log(containerId: string, text: string): void {
    const container = this.all.get(containerId);
    if (container === undefined) return;
    const line: LogLine = { atUs: this.clock.now(), stream: "stdout", text };
    container.lines.push(line);
    for (const follower of container.followers) follower(line);
  }

  /** Every container that runs now, by name. */
  running(name: string): ContainerInfo | undefined {
    return [...this.all.values()].findLast(({ info }) => info.name === name && info.state === "Running")?.info;
  }

  configOf(containerId: string): ContainerConfig | undefined {
    return this.all.get(containerId)?.config;
  }

  /** The machine has lost power: nothing runs any more. */
  reboot(): void {
    for (const container of this.all.values()) if (container.info.state === "Running") this.finish(container, 255);
    for (const [id, sandbox] of this.pods) this.pods.set(id, { ...sandbox, state: "NotReady" });
  }

  private finish(container: FakeContainer, exitCode: number, message?: string, reason?: string): void {
    if (container.info.state !== "Running") return;
    container.info = {
      ...container.info, state: "Exited", finishedUs: this.clock.now(), exitCode, reason: reason ?? (exitCode === 0 ? "Completed" : "Error"), ...(message === undefined ? {} : { message }),
    };
    this.note(`exit ${container.info.name} ${exitCode}`);
    for (const done of container.stopping.splice(0)) done();
    this.tell(container.info.sandboxId, container.info.id);
  }

  private tell(sandboxId: string, containerId: string): void {
    for (const listener of this.listeners) listener(sandboxId, containerId);
  }

  private of(sandboxId: string): readonly FakeContainer[] {
    return [...this.all.values()].filter(({ info }) => info.sandboxId === sandboxId);
  }

  private later(ms: number, run: () => void): Cancel {
    return this.clock.after(msToUs(ms), "fake runtime", run);
  }

  private note(text: string): void {
    this.calls.push(`${Math.round(this.clock.now() / 1_000)} ${text}`);
  }

  private id(prefix: string): string {
    return `${prefix}${String(++this.serial).padStart(62, "0")}`;
  }
}

function normalized(image: string): string {
  const tagged = /[:@][^/]*$/.test(image) ? image : `${image}:latest`;
  return /^[^/]+[.:][^/]*\//.test(tagged) ? tagged : tagged.includes("/") ? `docker.io/${tagged}` : `docker.io/library/${tagged}`;
}
