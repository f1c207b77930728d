import type { Cancel } from "../../kernel/clock.ts";
import type { SocketOwner } from "../../network/contracts.ts";
import type { Errno } from "../fs/errno.ts";
import type { Credentials } from "../fs/file-system.ts";
import type { OpenFile } from "./open-file.ts";
import type { ProcessTable } from "./process-table.ts";
import type { Binary } from "./program.ts";
import { exitCodeOf, killsByDefault, type SignalName } from "./signals.ts";
import { isInterrupted, type Sys, type Wait } from "./wait.ts";
import type { World } from "./world.ts";

const QUANTUM_US = 1_000;
const READ_CHARS = 65_536;

/**
 * A program that does a lot without a pause gets dearer, and so do those that it starts: `while :; do :; done` costs the engine
 * at most about a thousand steps per simulated second. Rest cools it down. Differs: a real shell loops some hundred thousand times a second.
 */
const spinFactor = (heat: number): number => (heat < 2_000 ? 1 : heat < 20_000 ? 10 : 100);
const COOLING_PER_US = 1 / 1_000;

/** What moving one piece of text costs: µs and heat. */
const copyUs = (chars: number): number => 1 + chars / 200;
const copyHeat = (chars: number): number => 1 + chars / 4_096;

export type SignalHandler = (signal: SignalName, process: Process) => void;
export type SignalHandlers = ReadonlyMap<SignalName, SignalHandler | "ignore">;

/** One process: a suspended generator with what the kernel keeps about it. */
export class Process {
  readonly pid: number;
  ppid: number;
  readonly table: ProcessTable;
  argv: readonly string[];
  /** Shared until `setEnv`. */
  env: ReadonlyMap<string, string>;
  cwd: string;
  credentials: Credentials;
  binary: Binary;
  /** What `ps` shows; undefined: the argv. */
  title: string | undefined;
  readonly files: (OpenFile | undefined)[];
  state: "running" | "exited" = "running";
  exitCode = 0;
  /** Set when a signal ended it. */
  killedBy: SignalName | undefined;
  readonly startedUs: number;
  memoryBytes = 0;
  cpuUs = 0;
  umask = 0o022;
  /** Processes that it keeps and that do nothing of their own (nginx' workers): `ps` shows them. */
  helpers: (() => readonly { readonly pid: number; readonly uid: number; readonly title: string; readonly memoryBytes: number }[]) | undefined;
  private program: Sys<number>;
  /** Descriptors that a shell will put back after a command. Nobody does when the process ends or becomes another program. */
  readonly savedFiles: (OpenFile | undefined)[] = [];
  /** Replaced, never changed: thousands of processes share one. */
  private handlers: SignalHandlers | undefined;
  private waiting: { readonly wait: Wait; readonly cancel: Cancel } | undefined;
  private resources: Set<Cancel> | undefined;
  /** Children that ended and were not asked about yet. */
  private ended: Map<number, Ended> | undefined;
  private debtUs = 0;
  private heat = 0;
  private heatAtUs = 0;
  private onExitListeners: ((code: number) => void)[] | undefined;

  constructor(table: ProcessTable, init: ProcessInit, start: (process: Process) => Sys<number>) {
    this.table = table;
    this.pid = init.pid;
    this.ppid = init.ppid;
    this.argv = init.argv;
    this.env = init.env;
    this.cwd = init.cwd;
    this.credentials = init.credentials;
    this.binary = init.binary;
    this.files = [...init.files];
    this.startedUs = table.world.clock.now();
    for (const file of this.files) file?.retain();
    this.program = start(this);
  }

  get world(): World {
    return this.table.world;
  }

  get name(): string {
    return this.binary.program;
  }

  get owner(): SocketOwner {
    const { pod, containerName } = this.world;
    return { pod: `${pod.namespace}/${pod.name}`, container: containerName, process: this.binary.program, pid: this.pid };
  }

  // ---- waiting: call with yield* -------------------------------------------------------------------------------------------------

  *sleep(us: number): Sys<SignalName | undefined> {
    const value = yield { type: "sleep", us };
    return isInterrupted(value) ? value.interruptedBy : undefined;
  }

  /** Uses CPU time. Small amounts are gathered until they are worth an event. */
  *compute(us: number, heat = 1): Sys<void> {
    this.debtUs += us * this.warm(heat);
    if (this.debtUs < QUANTUM_US) return;
    const due = this.debtUs;
    this.debtUs = 0;
    yield { type: "cpu", us: due };
  }

  /** Gets warmer by so much (or by nothing); the factor that its work costs now. */
  warm(heat: number): number {
    const now = this.world.clock.now();
    this.heat = Math.max(0, this.heat - (now - this.heatAtUs) * COOLING_PER_US) + heat;
    this.heatAtUs = now;
    return spinFactor(this.heat);
  }

  /** A new process is as hot as the one that made it. */
  inheritHeat(parent: Process): void {
    parent.warm(5);
    this.heat = parent.heat;
    this.heatAtUs = parent.heatAtUs;
  }

  /** What is there, at most to the end of a line when `line`; null at the end of the file. */
  *read(fd: number, options: { readonly line?: boolean; readonly limit?: number } = {}): Sys<string | null> {
    const file = this.files[fd];
    if (file === undefined) return null;
    for (;;) {
      const text = file.read(options.limit ?? READ_CHARS, options.line ?? false);
      yield* this.compute(copyUs(text?.length ?? 0), copyHeat(text?.length ?? 0));
      if (text !== undefined) return text;
      yield { type: "readable", file };
    }
  }

  /** As `read`, and tells when a handled signal came first. */
  *readInterruptibly(fd: number, line: boolean): Sys<string | null | { readonly interruptedBy: SignalName }> {
    const file = this.files[fd];
    if (file === undefined) return null;
    for (;;) {
      const text = file.read(READ_CHARS, line);
      if (text !== undefined) return text;
      const woke = yield { type: "readable", file };
      if (isInterrupted(woke)) return woke;
    }
  }

  *readAll(fd: number, limit = 8 << 20): Sys<string> {
    const chunks: string[] = [];
    let length = 0;
    for (let chunk = yield* this.read(fd); chunk !== null; chunk = yield* this.read(fd)) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > limit) break;
    }
    return chunks.join("");
  }

  /** False when nobody can read it any more; the process then dies of SIGPIPE unless it ignores that. */
  *write(fd: number, text: string): Sys<boolean> {
    const file = this.files[fd];
    if (file === undefined) return false;
    for (;;) {
      const result = file.write(text);
      yield* this.compute(copyUs(text.length), copyHeat(text.length));
      if (result === "done") return true;
      if (result === "full") {
        yield { type: "writable", file };
        continue;
      }
      if (result === "EPIPE") this.signal("PIPE");
      yield* this.stopIfDead();
      return false;
    }
  }

  out(text: string): Sys<boolean> {
    return this.write(1, text);
  }

  errOut(text: string): Sys<boolean> {
    return this.write(2, text);
  }

  /** The exit code of a child, or what interrupted the wait. `pid` undefined: any child. */
  *waitChild(pid?: number): Sys<Ended | { readonly interruptedBy: SignalName } | undefined> {
    for (;;) {
      const found = this.reap(pid);
      if (found !== undefined) return found;
      if (pid === undefined ? !this.table.hasChildren(this.pid) : this.table.get(pid)?.ppid !== this.pid) return undefined;
      const woke = yield { type: "child" };
      if (isInterrupted(woke)) return woke;
    }
  }

  /** Sleeps until a handled signal comes. */
  *pause(): Sys<SignalName> {
    for (;;) {
      const woke = yield { type: "signal" };
      if (isInterrupted(woke)) return woke.interruptedBy;
    }
  }

  /** Waits for a callback, for example of the network. */
  *call<T>(label: string, start: (resume: (value: T) => void) => Cancel | undefined): Sys<T> {
    const value = yield { type: "call", label, start: (resume) => start(resume) ?? (() => {}) };
    return value as T;
  }

  /** A process that a signal of its own killed runs no further. */
  *stopIfDead(): Sys<void> {
    if (this.isGone()) yield { type: "sleep", us: Infinity };
  }

  // ---- not waiting ---------------------------------------------------------------------------------------------------------------

  /** A child's exit code, once. */
  reap(pid?: number): Ended | undefined {
    if (this.ended === undefined) return undefined;
    for (const [child, ended] of this.ended) {
      if (pid !== undefined && pid !== child) continue;
      this.ended.delete(child);
      return ended;
    }
    return undefined;
  }

  setEnv(name: string, value: string | undefined): void {
    const env = new Map(this.env);
    if (value === undefined) env.delete(name);
    else env.set(name, value);
    this.env = env;
  }

  /** Replaces a descriptor; undefined closes it. */
  setFile(fd: number, file: OpenFile | undefined): void {
    file?.retain();
    this.files[fd]?.release();
    this.files[fd] = file;
  }

  /** The handler runs in the event in which the signal comes; "default" takes it back. */
  onSignal(signal: SignalName, handler: SignalHandler | "ignore" | "default"): void {
    const handlers = new Map(this.handlers);
    if (handler === "default") handlers.delete(signal);
    else handlers.set(signal, handler);
    this.handlers = handlers;
  }

  /** Replaces all dispositions by a table that others use, too. */
  handleSignals(handlers: SignalHandlers): void {
    this.handlers = handlers;
  }

  /** exec(2): handlers are gone, what was ignored stays ignored. */
  resetSignals(): void {
    if (this.handlers !== undefined) this.handlers = new Map([...this.handlers].filter(([, handler]) => handler === "ignore"));
  }

  signalDisposition(signal: SignalName): SignalHandler | "ignore" | undefined {
    return this.handlers?.get(signal);
  }

  /** Something to give back when the process ends: a listener, a timer, a connection. The result gives it back early. */
  hold(release: Cancel): Cancel {
    (this.resources ??= new Set()).add(release);
    return () => {
      if (this.resources?.delete(release) === true) release();
    };
  }

  /** A timer of this process; it dies with it. */
  after(us: number, label: string, run: () => void): Cancel {
    let letGo: Cancel = () => {};
    const cancel = this.world.clock.after(us, `${this.table.label}: ${label}`, () => {
      letGo();
      run();
    });
    letGo = this.hold(cancel);
    return letGo;
  }

  onExit(listener: (code: number) => void): void {
    (this.onExitListeners ??= []).push(listener);
  }

  /** Asks for more (or less) resident memory. The container may die of it. */
  setMemory(bytes: number): void {
    this.table.account(this, bytes);
  }

  /**
   * Delivers a signal. Source: kernel/signal.c, sig_task_ignored: the first process of a container is not hurt by a signal
   * that it has no handler for, except SIGKILL from outside.
   */
  signal(signal: SignalName, fromOutside = false): Errno | undefined {
    if (this.state === "exited") return "ESRCH";
    const handler = this.handlers?.get(signal);
    if (signal === "KILL") {
      if (this.pid !== 1 || fromOutside) this.terminate(exitCodeOf(signal), signal);
      return undefined;
    }
    if (handler === "ignore") return undefined;
    if (handler !== undefined) {
      handler(signal, this);
      this.interrupt(signal);
    } else if (killsByDefault(signal) && (this.pid !== 1 || signal === "PIPE")) {
      this.terminate(exitCodeOf(signal), signal);
    }
    return undefined;
  }

  /** Ends at once, from outside of its own generator or from a callback. */
  exit(code: number): void {
    this.terminate(code & 0xff, undefined);
  }

  /** For the process table. */
  childEnded(ended: Ended): void {
    (this.ended ??= new Map()).set(ended.pid, ended);
    if (this.waiting?.wait.type === "child") this.wake(undefined);
  }

  /** For the process table: continues the generator until it waits again or ends. */
  step(value: unknown): void {
    if (this.state === "exited") return;
    this.waiting = undefined;
    for (let given = value; ; given = undefined) {
      const next = this.program.next(given);
      if (this.isGone()) return;
      if (next.done === true) this.terminate(next.value & 0xff, undefined);
      else if (next.value.type === "exec") {
        this.releaseSavedFiles();
        this.program = next.value.start();
        continue;
      } else this.waitFor(next.value);
      return;
    }
  }

  private releaseSavedFiles(): void {
    for (const file of this.savedFiles.splice(0)) file?.release();
  }

  /** The type checker cannot know that running the program may end it. */
  private isGone(): boolean {
    return this.state === "exited";
  }

  private waitFor(wait: Exclude<Wait, { type: "exec" }>): void {
    this.waiting = { wait, cancel: this.begin(wait) };
  }

  private begin(wait: Exclude<Wait, { type: "exec" }>): Cancel {
    const { clock } = this.world;
    const wake = (): void => this.wake(undefined);
    switch (wait.type) {
      case "cpu": {
        this.cpuUs += wait.us;
        return clock.after(this.table.throttled(wait.us), `${this.table.label}: ${this.name} computes`, wake);
      }
      case "sleep":
        return wait.us === Infinity ? () => {} : clock.after(wait.us, `${this.table.label}: ${this.name} wakes up`, wake);
      case "readable":
        return wait.file.onReadable(wake);
      case "writable":
        return wait.file.onWritable(wake);
      case "child":
      case "signal":
        return () => {};
      case "call": {
        let done = false;
        const cancel = wait.start((value) => {
          if (done) return;
          done = true;
          this.wake(value);
        });
        return () => {
          done = true;
          cancel();
        };
      }
    }
  }

  private wake(value: unknown): void {
    this.waiting = undefined;
    this.table.schedule(this, value);
  }

  private interrupt(signal: SignalName): void {
    const wait = this.waiting;
    if (wait === undefined || wait.wait.type === "cpu" || wait.wait.type === "writable" || wait.wait.type === "call") return;
    wait.cancel();
    this.waiting = undefined;
    this.table.schedule(this, { interruptedBy: signal });
  }

  private terminate(code: number, signal: SignalName | undefined): void {
    if (this.state === "exited") return;
    this.state = "exited";
    this.exitCode = code;
    this.killedBy = signal;
    this.waiting?.cancel();
    this.waiting = undefined;
    const resources = this.resources;
    this.resources = undefined;
    if (resources !== undefined) for (const release of resources) release();
    for (let fd = 0; fd < this.files.length; fd++) this.setFile(fd, undefined);
    this.releaseSavedFiles();
    for (const listener of this.onExitListeners ?? []) listener(code);
    this.table.ended(this);
  }
}

/** How a child ended; `signal`: what killed it. */
export interface Ended {
  readonly pid: number;
  readonly code: number;
  readonly signal: SignalName | undefined;
}

export interface ProcessInit {
  readonly pid: number;
  readonly ppid: number;
  readonly argv: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly credentials: Credentials;
  readonly binary: Binary;
  readonly files: readonly (OpenFile | undefined)[];
}

/** Ends with 0 when asked to. */
export const EXIT_ON_TERM: SignalHandlers = new Map((["TERM", "INT"] as const).map((signal) => [signal, (_: SignalName, process: Process) => process.exit(0)]));

/** The program looks itself at what `pause` resumes with. */
export const noticing = (...signals: readonly SignalName[]): SignalHandlers => new Map(signals.map((signal) => [signal, () => {}]));
