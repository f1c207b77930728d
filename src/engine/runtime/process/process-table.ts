import { err, ok, type Result } from "../../kernel/result.ts";
import type { Errno } from "../fs/errno.ts";
import { absolute, type Credentials } from "../fs/file-system.ts";
import { basename } from "../fs/path.ts";
import type { OpenFile } from "./open-file.ts";
import { Process } from "./process.ts";
import { type Binary, type Program, readBinary, readShebang } from "./program.ts";
import type { RunQueue } from "./run-queue.ts";
import type { Sys } from "./wait.ts";
import type { World } from "./world.ts";

/** Processes per container. Source: the kubelet's podPidsLimit is -1; distributions set 1,024 to 4,096. */
const MAX_PROCESSES = 512;
const DEFAULT_MEMORY_BYTES = 256 << 10;
const FORK_US = 150;
const EXEC_US = 450;
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Why a program could not be started. `missing` is the file that was not there: the script's interpreter, perhaps. */
export interface ExecError {
  readonly errno: Errno;
  readonly missing?: string;
}

export interface SpawnRequest {
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly credentials: Credentials;
  readonly files: readonly (OpenFile | undefined)[];
  readonly ppid: number;
}

export interface Executable {
  readonly binary: Binary;
  readonly program: Program;
  /** As the program sees it: an interpreter stands in front of its script. */
  readonly argv: readonly string[];
}

/** The processes of one container: its PID namespace. */
export class ProcessTable {
  readonly world: World;
  private readonly queue: RunQueue;
  private readonly processes = new Map<number, Process>();
  private lastPid = 0;
  private memory = 0;
  private endedCpuUs = 0;
  private readonly onEnd: (first: Process) => void;
  private readonly onOutOfMemory: () => void;

  /** `onEnd` runs when the first process is gone and has taken the others with it. */
  constructor(world: World, queue: RunQueue, onEnd: (first: Process) => void, onOutOfMemory: () => void) {
    this.world = world;
    this.queue = queue;
    this.onEnd = onEnd;
    this.onOutOfMemory = onOutOfMemory;
  }

  /** For clock labels: "default/web nginx". */
  get label(): string {
    return `${this.world.pod.namespace}/${this.world.pod.name} ${this.world.containerName}`;
  }

  get memoryBytes(): number {
    return this.memory;
  }

  /** CPU time of everything that ran here. */
  get cpuUs(): number {
    let sum = this.endedCpuUs;
    for (const process of this.processes.values()) sum += process.cpuUs;
    return sum;
  }

  /** Nothing runs until `action` is over. */
  batch<T>(action: () => T): T {
    return this.queue.batch(action);
  }

  get(pid: number): Process | undefined {
    return this.processes.get(pid);
  }

  /** Helpers that are only shown have taken the numbers up to this one. */
  skipPids(last: number): void {
    this.lastPid = Math.max(this.lastPid, last);
  }

  /** In order of their start. */
  all(): readonly Process[] {
    return [...this.processes.values()];
  }

  hasChildren(pid: number): boolean {
    for (const process of this.processes.values()) if (process.ppid === pid) return true;
    return false;
  }

  schedule(process: Process, value: unknown): void {
    this.queue.add(process, value);
  }

  /** How long `us` of CPU take under the container's limit. Differs: no 100 ms periods, the slow-down is even. */
  throttled(us: number): number {
    const limit = this.world.cpuLimitMilli;
    return limit === undefined || limit >= 1_000 ? us : Math.round((us * 1_000) / Math.max(1, limit));
  }

  /** Finds a command as execvp does. */
  lookup(name: string, path: string | undefined, cwd: string, who: Credentials): Result<string, Errno> {
    const { fs } = this.world;
    if (name === "") return err("ENOENT");
    let found: Errno = "ENOENT";
    const candidates = name.includes("/") ? [absolute(name, cwd)] : (path ?? DEFAULT_PATH).split(":").map((directory) => `${absolute(directory || ".", cwd)}/${name}`);
    for (const candidate of candidates) {
      const node = fs.stat(candidate, who);
      if (!node.ok) {
        if (node.error !== "ENOENT" && name.includes("/")) found = node.error;
        continue;
      }
      if (node.value.kind === "dir") found = name.includes("/") ? "EISDIR" : found;
      else if (!fs.access(candidate, 1, who)) found = "EACCES";
      else return ok(candidate);
    }
    return err(found);
  }

  /** What running this file means: a binary, or a script's interpreter. ENOEXEC: a text without "#!". */
  load(path: string, argv: readonly string[], who: Credentials, depth = 0): Result<Executable, ExecError> {
    const content = this.world.fs.readText(path, who);
    if (!content.ok) return err({ errno: content.error === "EISDIR" ? "EACCES" : content.error });
    const binary = readBinary(content.value);
    if (binary !== undefined) {
      const program = this.world.program(binary.program);
      return program === undefined ? err({ errno: "ENOEXEC" }) : ok({ binary, program, argv });
    }
    const shebang = readShebang(content.value);
    if (shebang === undefined || depth > 4) return err({ errno: "ENOEXEC" });
    const interpreter = shebang[0] ?? "";
    const inner = this.load(interpreter, [...shebang, path, ...argv.slice(1)], who, depth + 1);
    return inner.ok ? inner : err({ errno: inner.error.errno, missing: inner.error.missing ?? interpreter });
  }

  /** Starts a program. */
  spawn(request: SpawnRequest): Result<Process, ExecError> {
    const path = this.lookup(request.argv[0] ?? "", request.env.get("PATH"), request.cwd, request.credentials);
    if (!path.ok) return err({ errno: path.error });
    const found = this.load(path.value, request.argv, request.credentials);
    if (!found.ok) return found;
    const process = this.fork({ ...request, argv: found.value.argv }, found.value.binary, (self) => runProgram(self, found.value.program), memoryOf(found.value.program));
    return process === undefined ? err({ errno: "EAGAIN" }) : ok(process);
  }

  /** A new process that runs `start`; undefined when there are too many. */
  fork(request: SpawnRequest, binary: Binary, start: (process: Process) => Sys<number>, memoryBytes = DEFAULT_MEMORY_BYTES): Process | undefined {
    if (this.processes.size >= MAX_PROCESSES) return undefined;
    const process = new Process(this, { ...request, pid: ++this.lastPid, binary }, start);
    this.processes.set(process.pid, process);
    const parent = this.processes.get(request.ppid);
    if (parent !== undefined) process.inheritHeat(parent);
    this.account(process, memoryBytes);
    this.schedule(process, undefined);
    return process;
  }

  /** Changes what a process holds in memory, and calls the OOM killer when the container's limit is passed. */
  account(process: Process, bytes: number): void {
    this.memory += bytes - process.memoryBytes;
    process.memoryBytes = bytes;
    const limit = this.world.memoryLimitBytes ?? this.world.nodeMemoryBytes;
    if (this.memory > limit) this.onOutOfMemory();
  }

  /** Ends everything, the first process last. Source: kernel/pid_namespace.c, zap_pid_ns_processes. */
  killAll(): void {
    for (const process of [...this.all()].reverse()) process.signal("KILL", true);
  }

  ended(process: Process): void {
    this.processes.delete(process.pid);
    this.memory -= process.memoryBytes;
    this.endedCpuUs += process.cpuUs;
    if (process.pid === 1) {
      for (const other of this.all()) other.signal("KILL", true);
      this.onEnd(process);
      return;
    }
    for (const child of this.processes.values()) if (child.ppid === process.pid) child.ppid = 1;
    this.processes.get(process.ppid)?.childEnded({ pid: process.pid, code: process.exitCode, signal: process.killedBy });
  }
}

export const memoryOf = (program: Program): number => program.memoryBytes ?? DEFAULT_MEMORY_BYTES;

/** The life of a program: what starting it costs, then itself. */
export function* runProgram(process: Process, program: Program): Sys<number> {
  yield { type: "cpu", us: (program.startUs ?? FORK_US + EXEC_US) * process.warm(1) };
  return yield* program.run(process);
}

/** Takes over the calling process, as exec(3) does. */
export function* execProgram(process: Process, executable: Executable): Sys<number> {
  process.resetSignals();
  process.argv = executable.argv;
  process.binary = executable.binary;
  process.title = undefined;
  process.table.account(process, memoryOf(executable.program));
  yield { type: "exec", start: () => runProgram(process, executable.program) };
  return 0; // never: the new program has the process
}

/** argv[0] without its directories: decides what a multi-call binary does. */
export const commandName = (process: Process): string => basename(process.argv[0] ?? process.binary.program).replace(/^-/, "");
