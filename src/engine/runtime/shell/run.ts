import type { AndOr, Command, CommandNode, CompoundList, ParsedScript, Pipeline, PipelineNode, Redirected, Statement } from "unbash";
import { NullFile, type OpenFile } from "../process/open-file.ts";
import { createPipe } from "../process/pipe.ts";
import type { Process } from "../process/process.ts";
import { exitCodeOf, type SignalName } from "../process/signals.ts";
import { isInterrupted, type Sys } from "../process/wait.ts";
import { runCompound } from "./compound.ts";
import { setSubstitutionRunner } from "./expand.ts";
import { SUBSHELL_TITLE } from "./parameters.ts";
import { parseScript } from "./parse-script.ts";
import { openRedirections } from "./redirect.ts";
import { execSimple, runSimple } from "./simple.ts";
import { ExitControl, LoopControl, ReturnControl, type Shell, ShellAbort } from "./shell.ts";

/** What one step of the interpreter costs in CPU time. */
const STEP_US = 10;
const FORK_US = 150;

export function* runScript(shell: Shell, script: ParsedScript, source: string): Sys<number> {
  const before = shell.source;
  shell.source = source;
  const code = yield* runStatements(shell, script.commands);
  shell.source = before;
  return code;
}

export function* runList(shell: Shell, list: CompoundList): Sys<number> {
  return yield* runStatements(shell, list.commands);
}

function* runStatements(shell: Shell, statements: readonly Statement[]): Sys<number> {
  let code = 0;
  for (const statement of statements) {
    code = statement.background === true ? yield* runBackground(shell, statement) : yield* runNode(shell, statement.command);
    shell.status = code;
    if (shell.pendingTraps.length > 0) yield* runPendingTraps(shell);
  }
  return code;
}

/** A command list, pipeline or command in this shell; applies `set -e`. */
export function* runNode(shell: Shell, node: PipelineNode | AndOr): Sys<number> {
  yield* shell.process.compute(STEP_US);
  if (shell.options.noexec) return 0;
  if (node.type === "AndOr") return yield* runAndOr(shell, node);
  const negated = node.type === "Pipeline" && node.prefixes.some((prefix) => prefix.type === "Negation");
  if (negated) shell.conditionDepth += 1;
  let code: number;
  try {
    code = node.type === "Pipeline" ? yield* runPipeline(shell, node) : yield* runCommand(shell, node);
  } finally {
    if (negated) shell.conditionDepth -= 1;
  }
  if (negated) code = code === 0 ? 1 : 0;
  shell.status = code;
  if (code !== 0 && !negated && shell.conditionDepth === 0 && exitsOnError(node)) {
    const trap = shell.traps.get("ERR");
    if (trap !== undefined && trap !== "") yield* runTrap(shell, trap);
    if (shell.options.errexit) throw new ExitControl(code);
  }
  return code;
}

/** Compound commands fail because something in them failed, and that was looked at already. */
function exitsOnError(node: PipelineNode): boolean {
  switch (node.type) {
    case "If":
    case "For":
    case "ArithmeticFor":
    case "While":
    case "BraceGroup":
    case "Case":
    case "Select":
      return false;
    default:
      return true;
  }
}

/** Source: POSIX.1-2017, 2.9.3: && and || have equal rank and group from the left. */
function* runAndOr(shell: Shell, node: AndOr): Sys<number> {
  let code = 0;
  for (const [index, command] of node.commands.entries()) {
    const operator = index === 0 ? undefined : node.operators[index - 1];
    if ((operator === "&&" && code !== 0) || (operator === "||" && code === 0)) continue;
    const last = index === node.commands.length - 1;
    if (!last) shell.conditionDepth += 1;
    try {
      code = yield* runNode(shell, command);
    } finally {
      if (!last) shell.conditionDepth -= 1;
    }
    shell.status = code;
  }
  return code;
}

function* runPipeline(shell: Shell, node: Pipeline): Sys<number> {
  const only = node.commands.length === 1 ? node.commands[0] : undefined;
  if (only !== undefined) return node.prefixes.some((prefix) => prefix.type === "Time") ? yield* timed(shell, only) : yield* runCommand(shell, only);
  const children: Process[] = [];
  let input: OpenFile | undefined = shell.process.files[0];
  for (const [index, command] of node.commands.entries()) {
    const last = index === node.commands.length - 1;
    const pipe = last ? undefined : createPipe(`pipe:[${shell.process.world.clock.now() % 1_000_000}${index}]`);
    const files = [...shell.process.files];
    files[0] = input;
    if (pipe !== undefined) {
      files[1] = pipe.writer;
      if (node.operators[index] === "|&") files[2] = pipe.writer;
    }
    pipe?.reader.retain(); // held until its reader exists, so that an early writer meets no broken pipe
    const child = yield* fork(shell, files, (sub) => runInSubshell(sub, () => runLast(sub, command)));
    if (index > 0) input?.release();
    if (child === undefined) {
      pipe?.reader.release();
      return 2;
    }
    children.push(child);
    input = pipe?.reader;
  }
  let code = 0;
  let failed = 0;
  const statuses: string[] = [];
  for (const child of children) {
    code = yield* waitFor(shell, child.pid);
    if (code !== 0) failed = code;
    statuses.push(String(code));
  }
  if (shell.dialect === "bash") shell.vars.setArray("PIPESTATUS", new Map(statuses.entries()));
  return shell.options.pipefail ? failed : code;
}

function* timed(shell: Shell, command: CommandNode): Sys<number> {
  const { clock } = shell.process.world;
  const start = clock.now();
  const code = yield* runCommand(shell, command);
  const seconds = (clock.now() - start) / 1e6;
  const text = (value: number): string => `${Math.floor(value / 60)}m${(value % 60).toFixed(3)}s`;
  yield* shell.process.errOut(`\nreal\t${text(seconds)}\nuser\t${text(0)}\nsys\t${text(0)}\n`);
  return code;
}

/** Waits for a child in the foreground. Trapped signals are handled when it is done, as POSIX wants. */
export function* waitFor(shell: Shell, pid: number): Sys<number> {
  for (;;) {
    const ended = yield* shell.process.waitChild(pid);
    if (ended === undefined) return 127;
    if (isInterrupted(ended)) continue;
    yield* tellOfSignal(shell, ended.signal);
    return ended.code;
  }
}

const SIGNAL_TEXTS: Readonly<Partial<Record<SignalName, string>>> = { TERM: "Terminated", KILL: "Killed", HUP: "Hangup", ABRT: "Aborted", SEGV: "Segmentation fault", QUIT: "Quit", ALRM: "Alarm clock", USR1: "User defined signal 1", USR2: "User defined signal 2" };

/** dash and ash say what killed a job; bash does so at a terminal only. */
export function* tellOfSignal(shell: Shell, signal: SignalName | undefined): Sys<void> {
  const text = signal === undefined ? undefined : SIGNAL_TEXTS[signal];
  if (text !== undefined && (shell.dialect !== "bash" || shell.options.interactive)) yield* shell.process.errOut(`${text}\n`);
}

/** A forked subshell that runs `body`; undefined when there are too many processes. The message was printed then. */
export function* fork(shell: Shell, files: readonly (OpenFile | undefined)[], body: (sub: Shell) => Sys<number>): Sys<Process | undefined> {
  const { process } = shell;
  yield* process.compute(FORK_US);
  const child = process.table.fork({ argv: process.argv, env: process.env, cwd: process.cwd, credentials: process.credentials, files, ppid: process.pid }, process.binary, (self) => body(shell.forkedInto(self)));
  if (child !== undefined) {
    child.umask = process.umask;
    child.title = SUBSHELL_TITLE;
    return child;
  }
  shell.command = undefined;
  const messages = { dash: "Cannot fork", ash: "can't fork: Resource temporarily unavailable", bash: "fork: retry: Resource temporarily unavailable" };
  yield* shell.complain(messages[shell.dialect]);
  yield* process.sleep(100_000);
  return undefined;
}

/** The outermost frame of a subshell: turns what flies past into an exit code. */
export function* runInSubshell(shell: Shell, body: () => Sys<number>): Sys<number> {
  let code: number;
  try {
    code = yield* body();
  } catch (control) {
    code = exitCodeFrom(control, shell);
  }
  return yield* runExitTrap(shell, code);
}

/** What leaving a shell in this way gives; our own bugs fly on. */
export function exitCodeFrom(control: unknown, shell: Shell): number {
  if (control instanceof ExitControl || control instanceof ShellAbort || control instanceof ReturnControl) return control.code;
  if (control instanceof LoopControl) return shell.status;
  throw control;
}

/** The last command of a forked shell takes over the process when it is a program. */
export function* runLast(shell: Shell, command: CommandNode): Sys<number> {
  if (command.type === "Command" && shell.traps.size === 0) return yield* execSimple(shell, command);
  return yield* runNode(shell, command);
}

function* runBackground(shell: Shell, statement: Statement): Sys<number> {
  const files = [...shell.process.files];
  if (!shell.options.interactive) files[0] = new NullFile();
  const node = statement.command;
  const child = yield* fork(shell, files, (sub) => {
    sub.conditionDepth = 0;
    return runInSubshell(sub, () => (node.type === "AndOr" || node.type === "Pipeline" ? runNode(sub, node) : runLast(sub, node)));
  });
  if (child === undefined) return 2;
  shell.lastBackground = child.pid;
  const id = Math.max(0, ...shell.jobs.map((job) => job.id)) + 1;
  shell.jobs = [...shell.jobs, { id, pid: child.pid, text: shell.source.slice(node.pos, node.end), status: undefined }];
  if (shell.options.interactive) yield* shell.process.errOut(`[${id}] ${child.pid}\n`);
  return 0;
}

/** One command in this shell. */
export function* runCommand(shell: Shell, node: CommandNode): Sys<number> {
  shell.position = node.pos;
  shell.command = undefined;
  switch (node.type) {
    case "Command":
      return yield* runSimple(shell, node as Command);
    case "Redirected":
      return yield* runRedirected(shell, node);
    case "Function":
      shell.functions.set(node.name.value, { body: node.body, source: shell.source });
      return 0;
    case "Subshell": {
      const child = yield* fork(shell, shell.process.files, (sub) => runInSubshell(sub, () => runList(sub, node.body)));
      return child === undefined ? 2 : yield* waitFor(shell, child.pid);
    }
    case "Coproc":
      yield* shell.complain("coproc: not supported here");
      return 2;
    default:
      return yield* runCompound(shell, node);
  }
}

function* runRedirected(shell: Shell, node: Redirected): Sys<number> {
  const files = yield* openRedirections(shell, node.redirects);
  if (files === undefined) return shell.dialect === "dash" ? 2 : 1;
  return yield* shell.withFiles(files, () => runCommand(shell, node.command));
}

/** Runs the actions of the signals that came since the last command. */
export function* runPendingTraps(shell: Shell): Sys<void> {
  for (let signal = shell.pendingTraps.shift(); signal !== undefined; signal = shell.pendingTraps.shift()) {
    const action = shell.traps.get(signal);
    if (action !== undefined && action !== "") yield* runTrap(shell, action);
  }
}

function* runTrap(shell: Shell, action: string): Sys<void> {
  const parsed = parseScript(action, shell.dialect);
  if (!parsed.ok) {
    for (const line of parsed.problem.lines) yield* shell.complain(line);
    return;
  }
  const { status } = shell;
  yield* runScript(shell, parsed.script.ast, action);
  shell.status = status;
}

/** `trap … EXIT`, and then the end. */
export function* runExitTrap(shell: Shell, code: number): Sys<number> {
  const action = shell.traps.get("EXIT");
  shell.traps.delete("EXIT");
  if (action === undefined || action === "") return code;
  shell.status = code;
  const parsed = parseScript(action, shell.dialect);
  if (!parsed.ok) return code;
  try {
    yield* runScript(shell, parsed.script.ast, action);
  } catch (control) {
    if (control instanceof ExitControl) return control.code;
    exitCodeFrom(control, shell);
  }
  return code;
}

/** Status of a `wait` that a signal cut short. */
export const interruptedStatus = (signal: SignalName): number => exitCodeOf(signal);

setSubstitutionRunner({
  *command(shell, part) {
    const { script } = part;
    if (script === undefined) return "";
    const pipe = createPipe("pipe:[substitution]");
    pipe.reader.retain();
    const files = [...shell.process.files];
    files[1] = pipe.writer;
    const source = script.source ?? shell.source;
    const child = yield* fork(shell, files, (sub) => runInSubshell(sub, () => runSubstitution(sub, script, source)));
    if (child === undefined) {
      pipe.reader.release();
      shell.substitutionStatus = 2;
      return "";
    }
    const chunks: string[] = [];
    for (;;) {
      const text = pipe.reader.read(65_536, false);
      yield* shell.process.compute(1);
      if (text === null) break;
      if (text === undefined) yield { type: "readable", file: pipe.reader };
      else chunks.push(text);
    }
    pipe.reader.release();
    shell.substitutionStatus = yield* waitFor(shell, child.pid);
    return chunks.join("").replace(/\0/g, "").replace(/\n+$/, "");
  },
  *process(shell, part) {
    const { script } = part;
    if (script === undefined) return "/dev/null";
    const pipe = createPipe("pipe:[process]");
    const files = [...shell.process.files];
    if (part.operator === "<") files[1] = pipe.writer;
    else files[0] = pipe.reader;
    yield* fork(shell, files, (sub) => runInSubshell(sub, () => runStatements(sub, script.commands)));
    const fd = Math.max(62, shell.process.files.length);
    shell.process.setFile(fd, part.operator === "<" ? pipe.reader : pipe.writer);
    return `/proc/${shell.process.pid}/fd/${fd}`;
  },
});

function* runSubstitution(shell: Shell, script: ParsedScript, source: string): Sys<number> {
  const only = script.commands.length === 1 ? script.commands[0] : undefined;
  shell.source = source;
  if (only?.command.type === "Command" && only.background !== true) {
    shell.position = only.command.pos;
    if (only.command.name === undefined && only.command.redirects.length === 1 && shell.dialect === "bash") return yield* readFileShortcut(shell, only.command);
    return yield* execSimple(shell, only.command);
  }
  return yield* runStatements(shell, script.commands);
}

/** bash: $(< file). */
function* readFileShortcut(shell: Shell, command: Command): Sys<number> {
  const files = yield* openRedirections(shell, command.redirects);
  const file = files?.get(0);
  if (file === undefined) return 1;
  return yield* shell.withFiles(new Map([[0, file]]), function* () {
    yield* shell.process.out(yield* shell.process.readAll(0));
    return 0;
  });
}
