import type { Function as FunctionNode } from "unbash";
import { absolute } from "../fs/file-system.ts";
import { normalizePath } from "../fs/path.ts";
import type { OpenFile } from "../process/open-file.ts";
import type { Process } from "../process/process.ts";
import type { SignalName } from "../process/signals.ts";
import type { Sys } from "../process/wait.ts";
import type { Dialect } from "./dialect.ts";
import { lineOf } from "./parse-script.ts";
import { Variables } from "./variables.ts";

export interface ShellFunction {
  readonly body: FunctionNode["body"];
  readonly source: string;
}

export interface ShellOptions {
  errexit: boolean;
  nounset: boolean;
  xtrace: boolean;
  noglob: boolean;
  noexec: boolean;
  pipefail: boolean;
  /** Read from standard input, or given on the command line. */
  interactive: boolean;
}

export interface Job {
  readonly id: number;
  readonly pid: number;
  readonly text: string;
  status: number | undefined;
}

/** `break` and `continue`, on their way out to the loop they mean. */
export class LoopControl {
  readonly kind: "break" | "continue";
  levels: number;
  constructor(kind: "break" | "continue", levels: number) {
    this.kind = kind;
    this.levels = levels;
  }
}

export class ReturnControl {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

/** The shell (or subshell) ends. */
export class ExitControl {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

/** What upstream treats as fatal for a script, and as the end of the line for somebody who types. The message was printed. */
export class ShellAbort {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

/** Nested functions, sourced files and `eval`s. Differs: dash stops at 1,000, the others run out of stack. */
export const MAX_DEPTH = 120;

/** One shell or subshell: its variables, options, traps. */
export class Shell {
  readonly process: Process;
  readonly dialect: Dialect;
  readonly vars: Variables;
  readonly functions: Map<string, ShellFunction>;
  readonly aliases: Map<string, string>;
  readonly options: ShellOptions;
  /** By condition: "EXIT", "TERM", "ERR". Empty text ignores. */
  readonly traps: Map<string, string>;
  readonly pendingTraps: SignalName[] = [];
  arg0: string;
  positional: readonly string[] = [];
  status = 0;
  /** Status of the last command substitution, for "x=$(false)". */
  substitutionStatus: number | undefined;
  lastBackground: number | undefined;
  jobs: Job[] = [];
  loopDepth = 0;
  depth = 0;
  functionDepth = 0;
  /** Above 0 inside conditions: `set -e` looks away. */
  conditionDepth = 0;
  source = "";
  position = 0;
  /** The builtin that runs, for messages: "cd". */
  command: string | undefined;
  /** True in a script file: changes the prefix of messages. */
  inFile = false;
  isSubshell = false;
  optionIndex = 1;
  optionOffset = 0;

  constructor(process: Process, dialect: Dialect, arg0: string, from?: Shell) {
    this.process = process;
    this.dialect = dialect;
    this.arg0 = arg0;
    this.vars = from?.vars.clone() ?? Variables.fromEnvironment(process.env);
    this.functions = new Map(from?.functions);
    this.aliases = new Map(from?.aliases);
    this.options = from === undefined ? { errexit: false, nounset: false, xtrace: false, noglob: false, noexec: false, pipefail: false, interactive: false } : { ...from.options };
    this.traps = new Map([...(from?.traps ?? [])].filter(([, action]) => action === ""));
    if (from === undefined) return;
    this.isSubshell = true;
    this.positional = from.positional;
    this.status = from.status;
    this.lastBackground = from.lastBackground;
    this.loopDepth = from.loopDepth;
    this.depth = from.depth;
    this.functionDepth = from.functionDepth;
    this.conditionDepth = from.conditionDepth;
    this.source = from.source;
    this.position = from.position;
    this.inFile = from.inFile;
    for (const [condition, action] of this.traps) if (action === "" && condition !== "EXIT") process.onSignal(condition as SignalName, "ignore");
  }

  /** The same shell in a forked process. */
  forkedInto(process: Process): Shell {
    return new Shell(process, this.dialect, this.arg0, this);
  }

  get pid(): number {
    return this.process.pid;
  }

  get line(): number {
    return lineOf(this.source, this.position);
  }

  get(name: string): string | undefined {
    return this.vars.get(name)?.value;
  }

  set(name: string, value: string): void {
    this.vars.set(name, value);
  }

  path(name: string): string {
    return absolute(name, this.process.cwd);
  }

  changeDirectory(path: string): void {
    const target = normalizePath(path, this.process.cwd);
    this.set("OLDPWD", this.get("PWD") ?? this.process.cwd);
    this.process.cwd = target;
    this.set("PWD", target);
  }

  /** Prefix of a message, as the shell in question writes it. */
  prefix(): string {
    if (this.dialect === "dash") return `${this.arg0}: ${this.line}: ${this.command === undefined ? "" : `${this.command}: `}`;
    if (this.dialect === "bash") return `${this.arg0}: ${this.options.interactive ? "" : `line ${this.line}: `}${this.command === undefined ? "" : `${this.command}: `}`;
    const where = this.options.interactive ? "" : `line ${this.inFile ? this.line : 0}: `;
    return `${this.arg0}: ${this.command === undefined ? (this.inFile ? where : "") : `${this.command}: ${where}`}`;
  }

  *complain(message: string): Sys<void> {
    yield* this.process.errOut(`${this.prefix()}${message}\n`);
  }

  /** Prints and gives up the script. */
  *fail(message: string, code = this.dialect === "bash" ? 1 : 2): Sys<never> {
    yield* this.complain(message);
    throw new ShellAbort(code);
  }

  /** Runs with some descriptors replaced, and puts them back. */
  *withFiles(files: ReadonlyMap<number, OpenFile | undefined>, run: () => Sys<number>): Sys<number> {
    if (files.size === 0) return yield* run();
    const { process } = this;
    const fds = [...files.keys()];
    for (const [fd, file] of files) {
      const before = process.files[fd];
      before?.retain();
      process.savedFiles.push(before);
      process.setFile(fd, file);
    }
    try {
      return yield* run();
    } finally {
      for (const fd of fds.reverse()) {
        const before = process.savedFiles.pop();
        process.setFile(fd, before);
        before?.release();
      }
    }
  }
}
