import type { ComponentContext } from "../client/contracts.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type { Rng } from "../kernel/rng.ts";
import type { SimTimeUs } from "../kernel/time.ts";
import { createContainerFiles } from "./container-files.ts";
import type { ContainerConfig, ContainerInfo, ExecOptions, ExecSession, RuntimeError, RuntimeHost, Sandbox } from "./contracts.ts";
import { errnoText } from "./fs/errno.ts";
import type { Credentials, FileSystem } from "./fs/file-system.ts";
import { normalizePath } from "./fs/path.ts";
import type { CatalogImage, ImageCatalog } from "./images/catalog.ts";
import { BoundedLog } from "./process/container-log.ts";
import { openSession, SessionInput, SessionOutput } from "./process/exec-session.ts";
import { NullFile, type OpenFile, SilentTerminal, SinkFile } from "./process/open-file.ts";
import { ProcTree } from "./process/proc-tree.ts";
import type { Process } from "./process/process.ts";
import { DEFAULT_PATH, type ExecError, ProcessTable } from "./process/process-table.ts";
import type { RunQueue } from "./process/run-queue.ts";
import { parseSignal, type SignalName } from "./process/signals.ts";
import { resolveUser } from "./process/users.ts";
import type { World } from "./process/world.ts";

/** What a container needs of the runtime around it: one for all of them. */
export interface ContainerSurroundings {
  readonly context: ComponentContext;
  readonly host: RuntimeHost;
  readonly catalog: ImageCatalog;
  readonly queue: RunQueue;
  /** A start or an exit. */
  readonly changed: (container: RunningContainer) => void;
}

const TERMINATION_MESSAGE_BYTES = 4_096;

/** One container from its creation to its removal: files, processes, log, and how it ended. */
export class RunningContainer {
  readonly id: string;
  readonly config: ContainerConfig;
  readonly sandbox: Sandbox;
  readonly log = new BoundedLog();
  readonly createdUs: SimTimeUs;
  private readonly image: CatalogImage;
  private readonly imageId: string;
  private readonly around: ContainerSurroundings;
  private readonly files: FileSystem;
  private table: ProcessTable | undefined;
  private state: ContainerInfo["state"] = "Created";
  private startedUs: SimTimeUs | undefined;
  private finishedUs: SimTimeUs | undefined;
  private exitCode: number | undefined;
  private reason: string | undefined;
  private message: string | undefined;
  private outOfMemory = false;
  private whenGone: (() => void)[] = [];
  private readonly credentials: Credentials;
  private input: SessionInput | undefined;
  private output: SessionOutput | undefined;

  constructor(id: string, config: ContainerConfig, sandbox: Sandbox, image: CatalogImage, imageId: string, around: ContainerSurroundings) {
    this.id = id;
    this.config = config;
    this.sandbox = sandbox;
    this.image = image;
    this.imageId = imageId;
    this.around = around;
    const { clock } = around.context;
    this.createdUs = clock.now();
    this.files = createContainerFiles(image.files, sandbox, config, new ProcTree(() => this.table), () => clock.now());
    this.credentials = resolveUser(this.files, image.config.user, config);
  }

  get info(): ContainerInfo {
    const { id, config, state, createdUs, startedUs, finishedUs, exitCode, reason, message } = this;
    return {
      id, sandboxId: this.sandbox.id, name: config.name, attempt: config.attempt, image: config.image, imageId: this.imageId, state, createdUs,
      user: { uid: this.credentials.uid, gid: this.credentials.gid },
      ...(startedUs === undefined ? {} : { startedUs }),
      ...(finishedUs === undefined ? {} : { finishedUs }),
      ...(exitCode === undefined ? {} : { exitCode }),
      ...(reason === undefined ? {} : { reason }),
      ...(message === undefined || message === "" ? {} : { message }),
    };
  }

  get isRunning(): boolean {
    return this.state === "Running";
  }

  get stats(): { memoryBytes: number; cpuUs: number } | undefined {
    if (this.table === undefined || !this.isRunning) return undefined;
    return { memoryBytes: this.table.memoryBytes, cpuUs: this.table.cpuUs };
  }

  /** The command line that it runs: what the pod says, or the image. */
  get argv(): readonly string[] {
    const { command, args } = this.config;
    const { entrypoint, cmd } = this.image.config;
    return [...(command.length > 0 ? command : entrypoint), ...(args.length > 0 ? args : command.length > 0 ? [] : cmd)];
  }

  /** Source: containerd client/task.go and runc's init: an executable that is not there fails the start, exit code 128. */
  start(): Result<undefined, RuntimeError> {
    if (this.state !== "Created") return err({ code: "Unknown", message: `failed to start container "${this.id}": container is in ${this.state === "Running" ? "CONTAINER_RUNNING" : "CONTAINER_EXITED"} state` });
    const table = new ProcessTable(this.world(), this.around.queue, (first) => this.ended(first), () => this.killForMemory());
    this.table = table;
    return this.around.queue.batch(() => {
      this.state = "Running";
      this.startedUs = this.around.context.clock.now();
      const process = table.spawn({ argv: this.argv, env: this.environment(), cwd: this.workingDirectory(), credentials: this.credentials, files: this.standardFiles(), ppid: 0 });
      if (process.ok) {
        this.around.changed(this);
        return ok(undefined);
      }
      return this.startFailed(process.error);
    });
  }

  /** SIGTERM or the image's own signal, then SIGKILL. */
  stop(graceUs: number, done: () => void): void {
    if (!this.isRunning) {
      this.around.context.clock.after(0, `${this.label}: is stopped`, done);
      return;
    }
    this.whenGone.push(done);
    if (graceUs > 0) this.deliver(parseSignal(this.image.config.stopSignal) ?? "TERM");
    if (this.isRunning) {
      const cancel = this.around.context.clock.after(graceUs, `${this.label}: the grace period is over, SIGKILL`, () => this.deliver("KILL"));
      this.whenGone.push(cancel);
    }
  }

  /** A signal to the first process from outside of the container. */
  deliver(signal: SignalName): void {
    if (!this.isRunning) return;
    this.around.queue.batch(() => this.table?.get(1)?.signal(signal, true));
  }

  killForMemory(): void {
    if (!this.isRunning || this.outOfMemory) return;
    this.outOfMemory = true;
    // The kubelet sets memory.oom.group: one process over the limit takes the container with it.
    this.around.queue.batch(() => this.table?.get(1)?.signal("KILL", true));
  }

  exec(argv: readonly string[], options: ExecOptions, execId: string): Result<ExecSession, RuntimeError> {
    const { table } = this;
    if (table === undefined || !this.isRunning) return err({ code: "Unknown", message: `failed to exec in container: container is in CONTAINER_${this.state.toUpperCase()} state` });
    return this.around.queue.batch(() => {
      const session = openSession(options);
      const env = new Map(this.environment());
      if (options.tty) env.set("TERM", "xterm");
      const process = table.spawn({ argv, env, cwd: this.workingDirectory(), credentials: this.credentials, files: session.files, ppid: 0 });
      if (process.ok) {
        session.attachTo(process.value);
        return ok(session.session);
      }
      session.close();
      const problem = execProblem(argv[0] ?? "", process.error);
      return err({ code: "Unknown", message: `failed to exec in container: failed to start exec "${execId}": OCI runtime exec failed: exec failed: unable to start container process: ${problem}: unknown` });
    });
  }

  /** Joins the standard streams of the first process. */
  attach(options: ExecOptions): Result<ExecSession, RuntimeError> {
    const first = this.table?.get(1);
    if (first === undefined || this.output === undefined || !this.isRunning) return err({ code: "Unknown", message: `failed to attach to container: container is in CONTAINER_${this.state.toUpperCase()} state` });
    return ok(this.output.attach(options, this.input, first));
  }

  private get label(): string {
    const { podNamespace, podName } = this.sandbox.config;
    return `containerd ${this.around.host.nodeName}: ${podNamespace}/${podName} ${this.config.name}`;
  }

  private world(): World {
    const { context, host, catalog } = this.around;
    const { id } = this;
    let rng: Rng | undefined;
    const { podNamespace, podName, podUid, hostname } = this.sandbox.config;
    return {
      clock: context.clock, time: context.time,
      get rng() { return (rng ??= context.rng.fork(`run ${id}`)); },
      fs: this.files, netns: this.sandbox.netns, log: this.log, image: this.image.config,
      pod: { namespace: podNamespace, name: podName, uid: podUid, hostname },
      containerName: this.config.name, containerId: this.id, nodeName: host.nodeName, nodeMemoryBytes: host.memoryBytes, nodeCpuMilli: host.cpuMilli,
      memoryLimitBytes: this.config.memoryLimitBytes, cpuLimitMilli: this.config.cpuLimitMilli,
      program: (name) => catalog.program(name),
    };
  }

  /** Source: containerd internal/cri/server/container_create_linux.go: PATH, HOSTNAME, the image's variables, the pod's; runc adds HOME. */
  private environment(): ReadonlyMap<string, string> {
    const env = new Map<string, string>([["PATH", DEFAULT_PATH], ["HOSTNAME", this.sandbox.config.hostname]]);
    if (this.config.tty) env.set("TERM", "xterm");
    for (const [name, value] of this.image.config.env) env.set(name, value);
    for (const { name, value } of this.config.env) env.set(name, value);
    if (!env.has("HOME")) env.set("HOME", homeOf(this.files, this.credentials.uid));
    return env;
  }

  /** runc makes the directory when it is missing. */
  private workingDirectory(): string {
    const path = normalizePath(this.config.workingDir || this.image.config.workingDir || "/");
    if (path === "/") return path;
    const root: Credentials = { uid: 0, gid: 0, groups: [] };
    let at = 0;
    do {
      at = path.indexOf("/", at + 1);
      const part = at < 0 ? path : path.slice(0, at);
      if (!this.files.stat(part, root).ok) this.files.mkdir(part, root);
    } while (at > 0);
    return path;
  }

  private standardFiles(): readonly OpenFile[] {
    const { clock } = this.around.context;
    const output = new SessionOutput((stream, text) => this.log.write(stream, text, clock.now()));
    this.output = output;
    if (this.config.stdin) this.input = new SessionInput(this.config.tty);
    const stdin = this.input?.file ?? new NullFile();
    if (!this.config.tty) return [stdin, new SinkFile("pipe:[stdout]", (text) => output.write("stdout", text)), new SinkFile("pipe:[stderr]", (text) => output.write("stderr", text))];
    const terminal = new SinkFile("/dev/pts/0", (text) => output.write("stdout", text), true);
    return [this.config.stdin ? stdin : new SilentTerminal(), terminal, terminal];
  }

  private startFailed(error: ExecError): Result<undefined, RuntimeError> {
    const { clock } = this.around.context;
    const [name = ""] = this.argv;
    if (error.errno === "ENOEXEC" || error.missing !== undefined) {
      // runc got as far as execve: the container starts, says why, and is gone.
      this.log.write("stderr", `exec ${name}: ${error.missing !== undefined ? "no such file or directory" : "exec format error"}\n`, clock.now());
      this.finish(255, "Error");
      return ok(undefined);
    }
    const message = `failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: ${execProblem(name, error)}: unknown`;
    this.startedUs = undefined;
    this.message = message;
    this.finish(128, "StartError");
    return err({ code: error.errno === "ENOENT" ? "NotFound" : "Unknown", message });
  }

  private ended(first: Process): void {
    const code = this.outOfMemory ? 137 : first.exitCode;
    this.message = this.terminationMessage();
    this.finish(code, this.outOfMemory ? "OOMKilled" : code === 0 ? "Completed" : "Error");
  }

  private finish(code: number, reason: string): void {
    const { clock } = this.around.context;
    this.log.end(clock.now());
    this.state = "Exited";
    this.finishedUs = clock.now();
    this.exitCode = code;
    this.reason = reason;
    this.output?.end(code);
    const waiting = this.whenGone;
    this.whenGone = [];
    this.around.changed(this);
    for (const done of waiting) done();
  }

  private terminationMessage(): string {
    if (this.config.terminationMessagePath === "") return "";
    const text = this.files.readText(normalizePath(this.config.terminationMessagePath), { uid: 0, gid: 0, groups: [] });
    return text.ok ? text.value.slice(0, TERMINATION_MESSAGE_BYTES) : "";
  }
}

/** Source: opencontainers/runc libcontainer/init_linux.go and Go's os/exec: how a command that cannot be run is described. */
function execProblem(name: string, error: ExecError): string {
  if (error.errno === "ENOENT" && !name.includes("/")) return `exec: "${name}": executable file not found in $PATH`;
  if (error.errno === "ENOENT" || error.errno === "ENOTDIR") return error.missing === undefined ? `exec: "${name}": stat ${name}: ${errnoText(error.errno).toLowerCase()}` : `exec ${name}: no such file or directory`;
  if (error.errno === "ENOEXEC") return `exec ${name}: exec format error`;
  if (error.errno === "EISDIR") return `exec: "${name}": is a directory`;
  return `exec: "${name}": ${errnoText(error.errno).toLowerCase()}`;
}

/** Source: runc libcontainer/user: HOME comes from /etc/passwd, "/" when nobody is found. */
function homeOf(files: FileSystem, uid: number): string {
  const passwd = files.readText("/etc/passwd", { uid: 0, gid: 0, groups: [] });
  const line = passwd.ok ? passwd.value.split("\n").find((entry) => entry.split(":")[2] === String(uid)) : undefined;
  return line?.split(":")[5] || (uid === 0 ? "/root" : "/");
}
