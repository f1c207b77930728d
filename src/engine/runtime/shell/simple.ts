import type { Assignment, Command } from "unbash";
import { errnoText } from "../fs/errno.ts";
import { execProgram } from "../process/process-table.ts";
import type { ExecError } from "../process/process-table.ts";
import type { OpenFile } from "../process/open-file.ts";
import type { Sys } from "../process/wait.ts";
import { evaluateArithmeticText } from "./arithmetic.ts";
import { type Builtin, findBuiltin } from "./builtins/registry.ts";
import { expandText, expandWords, quoteForReuse } from "./expand.ts";
import { parseScript } from "./parse-script.ts";
import { openRedirections } from "./redirect.ts";
import { fork, runCommand, runInSubshell, runList, runScript, waitFor } from "./run.ts";
import { MAX_DEPTH, ReturnControl, type Shell, ShellAbort, type ShellFunction } from "./shell.ts";
import type { Variable } from "./variables.ts";

/** A simple command: assignments, words, redirections. */
export function* runSimple(shell: Shell, node: Command): Sys<number> {
  return yield* run(shell, node, false);
}

/** The same in a process that has nothing left to do: a program takes its place. */
export function* execSimple(shell: Shell, node: Command): Sys<number> {
  shell.position = node.pos;
  return yield* run(shell, node, true);
}

function* run(shell: Shell, node: Command, replace: boolean): Sys<number> {
  shell.substitutionStatus = undefined;
  shell.command = undefined;
  // "a[0]=x" and "a+=x" are assignments to bash only; the others look for such a command.
  const foreign = shell.dialect === "bash" ? undefined : node.prefix.find((part) => part.type === "Assignment" && (part.append === true || part.index !== undefined));
  const words = foreign?.type === "Assignment" ? [foreign.text] : [];
  words.push(...(yield* expandWords(shell, node.name === undefined ? [] : [node.name])));
  const declares = isDeclaration(words[0]);
  const assignedLater: Assignment[] = [];
  for (const arg of node.args) {
    if (arg.type === "Word") words.push(...(yield* expandWords(shell, [arg])));
    else if (declares && arg.value.type === "Word") words.push(`${arg.text.slice(0, arg.text.indexOf("=") + 1)}${yield* expandText(shell, arg.value)}`);
    else if (declares) assignedLater.push(arg);
    else words.push(arg.value.type === "Word" ? `${arg.text.slice(0, arg.text.indexOf("=") + 1)}${yield* expandText(shell, arg.value)}` : arg.text);
  }
  const files = yield* openRedirections(shell, node.redirects);
  if (files === undefined) {
    if (words[0] !== undefined && isSpecial(shell, words[0]) && !shell.options.interactive && shell.dialect !== "bash") throw new ShellAbort(shell.dialect === "dash" ? 2 : 1);
    return shell.dialect === "dash" ? 2 : 1;
  }
  const assignments = node.prefix.filter((part): part is Assignment => part.type === "Assignment" && part !== foreign);
  const [name] = words;
  if (name === undefined) {
    for (const assignment of assignments) yield* assign(shell, assignment);
    return shell.substitutionStatus ?? 0;
  }
  const local: (readonly [string, string])[] = [];
  for (const assignment of assignments) if (assignment.value.type === "Word") local.push([assignment.name, yield* expandText(shell, assignment.value)]);
  if (shell.options.xtrace) yield* trace(shell, [...local.map(([key, value]) => `${key}=${traceQuote(shell, value)}`), ...words.map((word) => traceQuote(shell, word))].join(" "));
  return yield* dispatch(shell, { words, files, local, assignedLater, replace });
}

interface Prepared {
  readonly words: readonly string[];
  readonly files: ReadonlyMap<number, OpenFile | undefined>;
  /** "A=1 command": only for that command. */
  readonly local: readonly (readonly [string, string])[];
  /** Array assignments after `declare`. */
  readonly assignedLater: readonly Assignment[];
  readonly replace: boolean;
}

function* dispatch(shell: Shell, command: Prepared): Sys<number> {
  const { words, files, local } = command;
  const name = words[0] ?? "";
  const builtin = findBuiltin(name, shell.dialect);
  const userFunction = builtin?.special === true ? undefined : shell.functions.get(name);
  if (userFunction !== undefined) return yield* withVariables(shell, local, false, () => shell.withFiles(files, () => callFunction(shell, userFunction, words.slice(1))));
  if (builtin !== undefined) {
    for (const later of command.assignedLater) {
      if (name === "local") shell.vars.makeLocal(later.name, false);
      yield* assign(shell, later);
    }
    return yield* withVariables(shell, local, builtin.special && shell.dialect !== "bash", () => runBuiltin(shell, builtin, words, files));
  }
  const env = environmentFor(shell, name, local);
  return yield* runExternal(shell, words, env, files, command.replace);
}

/** What a program is given; bash adds where it found the program. */
function environmentFor(shell: Shell, name: string, local: Prepared["local"]): ReadonlyMap<string, string> {
  const exported = shell.vars.exported();
  if (local.length === 0 && shell.dialect !== "bash") return exported;
  const env = new Map([...exported, ...local]);
  const path = shell.dialect === "bash" ? shell.process.table.lookup(name, shell.get("PATH"), shell.process.cwd, shell.process.credentials) : undefined;
  if (path?.ok === true) env.set("_", path.value);
  return env;
}

function* runBuiltin(shell: Shell, builtin: Builtin, words: readonly string[], files: ReadonlyMap<number, OpenFile | undefined>): Sys<number> {
  if (builtin.name === "exec" && (words.length === 1 || !shell.options.interactive)) {
    for (const [fd, file] of files) shell.process.setFile(fd, file);
    if (words.length === 1) return 0;
  }
  return yield* shell.withFiles(files, function* () {
    shell.command = builtin.name;
    const code = yield* builtin.run(shell, words.slice(1));
    shell.command = undefined;
    yield* shell.process.stopIfDead();
    return code;
  });
}

/** Source: execvp(3): a text without "#!" is run by the shell itself. */
export function* runExternal(shell: Shell, words: readonly string[], env: ReadonlyMap<string, string>, files: ReadonlyMap<number, OpenFile | undefined>, replace: boolean): Sys<number> {
  const { process } = shell;
  const { table } = process;
  if (replace) {
    const path = table.lookup(words[0] ?? "", shell.get("PATH"), process.cwd, process.credentials);
    const loaded = path.ok ? table.load(path.value, words, process.credentials) : undefined;
    if (loaded?.ok === true) {
      for (const [fd, file] of files) process.setFile(fd, file);
      process.env = env;
      return yield* execProgram(process, loaded.value);
    }
  }
  yield* process.compute(FORK_US);
  const target = [...process.files];
  for (const [fd, file] of files) target[fd] = file;
  const searchEnv = shell.get("PATH") === env.get("PATH") ? env : new Map([...env, ["PATH", shell.get("PATH") ?? ""]]);
  const child = table.spawn({ argv: words, env: searchEnv, cwd: process.cwd, credentials: process.credentials, files: target, ppid: process.pid });
  if (child.ok) {
    child.value.umask = process.umask;
    return yield* waitFor(shell, child.value.pid);
  }
  if (child.error.errno === "ENOEXEC" && child.error.missing === undefined) return yield* runText(shell, words, target);
  return yield* shell.withFiles(files, () => explain(shell, words[0] ?? "", child.error));
}

const FORK_US = 150;

function* runText(shell: Shell, words: readonly string[], files: readonly (OpenFile | undefined)[]): Sys<number> {
  const name = words[0] ?? "";
  const path = shell.process.table.lookup(name, shell.get("PATH"), shell.process.cwd, shell.process.credentials);
  const text = path.ok ? shell.process.world.fs.readText(path.value, shell.process.credentials) : undefined;
  if (text === undefined || !text.ok) return 126;
  const source = text.value;
  const child = yield* fork(shell, files, (sub) => {
    sub.arg0 = name;
    sub.positional = words.slice(1);
    sub.inFile = true;
    return runInSubshell(sub, () => runSource(sub, source));
  });
  return child === undefined ? 2 : yield* waitFor(shell, child.pid);
}

function* runSource(shell: Shell, source: string): Sys<number> {
  const parsed = parseScript(source, shell.dialect);
  if (parsed.ok) return yield* runScript(shell, parsed.script.ast, source);
  for (const line of parsed.problem.lines) yield* shell.complain(line);
  return 2;
}

/** Why a command could not be run, in this shell's words, and the status that it leaves. */
export function* explain(shell: Shell, name: string, error: ExecError): Sys<number> {
  const { errno } = error;
  if (errno === "EAGAIN") {
    yield* shell.complain(shell.dialect === "dash" ? "Cannot fork" : shell.dialect === "ash" ? "can't fork: Resource temporarily unavailable" : "fork: retry: Resource temporarily unavailable");
    return shell.dialect === "bash" ? 254 : 2;
  }
  const missing = errno === "ENOENT" || errno === "ENOTDIR";
  if (shell.dialect === "bash") {
    const text = error.missing !== undefined ? "cannot execute: required file not found" : missing && !name.includes("/") ? "command not found" : errnoText(errno);
    yield* shell.complain(`${name}: ${text}`);
  } else yield* shell.complain(`${name}: ${errno === "EISDIR" ? "Permission denied" : missing ? "not found" : errnoText(errno)}`);
  return missing ? 127 : 126;
}

/** Runs a function's body with its own positional parameters. */
function* callFunction(shell: Shell, callee: ShellFunction, args: readonly string[]): Sys<number> {
  if (shell.depth >= MAX_DEPTH) {
    if (shell.dialect === "dash") yield* shell.fail("Maximum function recursion depth (1000) reached", 2);
    throw new ShellAbort(139); // the others run out of stack
  }
  const saved = { positional: shell.positional, source: shell.source, loopDepth: shell.loopDepth };
  shell.positional = args;
  shell.source = callee.source;
  shell.loopDepth = 0;
  shell.depth += 1;
  shell.functionDepth += 1;
  shell.vars.enterFunction();
  try {
    return yield* callee.body.type === "CompoundList" ? runList(shell, callee.body) : runCommand(shell, callee.body);
  } catch (control) {
    if (control instanceof ReturnControl) return control.code;
    throw control;
  } finally {
    shell.vars.leaveFunction();
    shell.functionDepth -= 1;
    shell.depth -= 1;
    shell.positional = saved.positional;
    shell.source = saved.source;
    shell.loopDepth = saved.loopDepth;
  }
}

/** "A=1 f": the variable is back to what it was afterwards, unless `keep`. */
function* withVariables(shell: Shell, local: readonly (readonly [string, string])[], keep: boolean, body: () => Sys<number>): Sys<number> {
  if (local.length === 0) return yield* body();
  const before: (readonly [string, Variable | undefined])[] = [];
  for (const [name, value] of local) {
    if (shell.vars.isReadOnly(name)) yield* readOnlyProblem(shell, name);
    before.push([name, shell.vars.get(name)]);
    shell.set(name, value);
    if (!keep) shell.vars.mark(name, { exported: true });
  }
  try {
    return yield* body();
  } finally {
    if (!keep) {
      for (const [name, variable] of before) {
        shell.vars.unset(name);
        if (variable?.value !== undefined) shell.set(name, variable.value);
        if (variable !== undefined) shell.vars.mark(name, variable);
      }
    }
  }
}

function* readOnlyProblem(shell: Shell, name: string): Sys<never> {
  shell.command = undefined;
  return yield* shell.fail(`${name}: ${shell.dialect === "bash" ? "readonly variable" : "is read only"}`);
}

/** "x=1", "x+=1", "a[2]=x", "a=(1 2)". */
export function* assign(shell: Shell, assignment: Assignment): Sys<void> {
  const { name, value, append, index } = assignment;
  if (shell.vars.isReadOnly(name)) yield* readOnlyProblem(shell, name);
  if (value.type === "ArrayValue") {
    yield* assignArray(shell, assignment);
    return;
  }
  let text = yield* expandText(shell, value);
  const variable = shell.vars.get(name);
  if (variable?.integer === true) text = String(yield* evaluateArithmeticText(shell, text));
  if (index !== undefined) {
    const key = variable?.assoc !== undefined ? yield* expandText(shell, index) : Number(yield* evaluateArithmeticText(shell, yield* expandText(shell, index)));
    const old = typeof key === "string" ? variable?.assoc?.get(key) : (variable?.array?.get(key) ?? (key === 0 ? variable?.value : undefined));
    shell.vars.setElement(name, key, append === true ? (old ?? "") + text : text);
  } else if (append === true && variable?.integer === true) shell.set(name, String(BigInt(variable.value || "0") + BigInt(text)));
  else shell.set(name, append === true ? (variable?.value ?? "") + text : text);
  if (shell.options.xtrace) yield* trace(shell, `${name}=${traceQuote(shell, text)}`);
}

function* assignArray(shell: Shell, assignment: Assignment): Sys<void> {
  const { name, value, append } = assignment;
  if (value.type !== "ArrayValue") return;
  const old = shell.vars.get(name);
  if (old?.assoc !== undefined) {
    const assoc = new Map(append === true ? old.assoc : []);
    for (const element of value.elements) {
      const match = /^\[(.+?)\]=(.*)$/s.exec(yield* expandText(shell, element));
      if (match !== null) assoc.set(match[1] ?? "", match[2] ?? "");
    }
    shell.vars.setAssoc(name, assoc);
    return;
  }
  const array = new Map<number, string>(append === true ? (old?.array ?? (old?.value === undefined ? [] : [[0, old.value]])) : []);
  let next = array.size === 0 ? 0 : Math.max(...array.keys()) + 1;
  for (const element of value.elements) {
    const keyed = /^\[(\d+)\]=/.exec(element.text);
    if (keyed !== null) {
      next = Number(keyed[1]);
      array.set(next++, (yield* expandText(shell, element)).replace(/^\[\d+\]=/, ""));
    } else for (const text of yield* expandWords(shell, [element])) array.set(next++, text);
  }
  shell.vars.setArray(name, array);
}

const isDeclaration = (name: string | undefined): boolean => name === "export" || name === "local" || name === "readonly" || name === "declare" || name === "typeset";
const isSpecial = (shell: Shell, name: string): boolean => findBuiltin(name, shell.dialect)?.special === true;

function* trace(shell: Shell, text: string): Sys<void> {
  yield* shell.process.errOut(`${shell.get("PS4") ?? "+ "}${text}\n`);
}

/** dash traces words as they are, the others so that they could be typed. */
function traceQuote(shell: Shell, text: string): string {
  if (shell.dialect === "dash") return text;
  return text !== "" && /^[\w@%+=:,./-]+$/.test(text) ? text : quoteForReuse(text);
}

