import { errnoText } from "../../fs/errno.ts";
import type { Sys } from "../../process/wait.ts";
import { parseScript } from "../parse-script.ts";
import { runScript } from "../run.ts";
import { ExitControl, MAX_DEPTH, ReturnControl, type Shell, ShellAbort } from "../shell.ts";
import { explain, runExternal } from "../simple.ts";
import type { Builtin } from "./builtin.ts";
import { builtinNames, findBuiltin } from "./registry.ts";

/** eval, ., source, exec, command, builtin, type, hash, alias, unalias, help. */
export const runningBuiltins: readonly Builtin[] = [
  { name: "eval", special: true, run: (shell, args) => runText(shell, args.join(" ")) },
  { name: ".", special: true, run: runSource },
  { name: "source", special: true, dialects: ["bash", "ash"], run: runSource },
  { name: "exec", special: true, run: runExec },
  { name: "command", special: false, run: runCommandBuiltin },
  {
    name: "builtin",
    special: false,
    dialects: ["bash"],
    *run(shell, args) {
      const builtin = findBuiltin(args[0] ?? "", shell.dialect);
      if (builtin === undefined) return args.length === 0 ? 0 : yield* shell.fail(`${args[0]}: not a shell builtin`, 1);
      return yield* builtin.run(shell, args.slice(1));
    },
  },
  { name: "type", special: false, run: runType },
  { name: "hash", special: false, *run() { return 0; } },
  {
    name: "alias",
    special: false,
    *run(shell, args) {
      for (const arg of args) {
        const equals = arg.indexOf("=");
        if (equals > 0) shell.aliases.set(arg.slice(0, equals), arg.slice(equals + 1));
        else if (shell.aliases.has(arg)) yield* shell.process.out(`${shell.dialect === "bash" ? "alias " : ""}${arg}='${shell.aliases.get(arg)}'\n`);
        else return yield* shell.fail(`${arg}: not found`, 1);
      }
      if (args.length === 0) for (const [name, value] of [...shell.aliases].sort()) yield* shell.process.out(`${shell.dialect === "bash" ? "alias " : ""}${name}='${value}'\n`);
      return 0;
    },
  },
  {
    name: "unalias",
    special: false,
    *run(shell, args) {
      for (const arg of args) {
        if (arg === "-a") shell.aliases.clear();
        else shell.aliases.delete(arg);
      }
      return 0;
    },
  },
  {
    name: "help",
    special: false,
    dialects: ["ash", "bash"],
    *run(shell) {
      yield* shell.process.out(`Built-in commands:\n------------------\n\t${builtinNames(shell.dialect).join(" ")}\n`);
      return 0;
    },
  },
];

function* runText(shell: Shell, text: string): Sys<number> {
  if (text.trim() === "") return 0;
  if (shell.depth >= MAX_DEPTH) throw new ShellAbort(139);
  const parsed = parseScript(text, shell.dialect);
  if (!parsed.ok) {
    const { line, lines } = parsed.problem;
    for (const message of lines) {
      if (shell.dialect === "bash") yield* shell.process.errOut(`${shell.arg0}: ${shell.command ?? "eval"}: line ${line}: ${message}\n`);
      else yield* shell.complain(message);
    }
    if (shell.dialect === "bash") return 2;
    throw new ShellAbort(2);
  }
  shell.command = undefined;
  shell.depth += 1;
  try {
    return yield* runScript(shell, parsed.script.ast, text);
  } finally {
    shell.depth -= 1;
  }
}

function* runSource(shell: Shell, args: readonly string[]): Sys<number> {
  const [name, ...rest] = args;
  if (name === undefined) return yield* shell.fail(shell.dialect === "bash" ? "filename argument required" : "arg count", 2);
  const { fs } = shell.process.world;
  const candidates = name.includes("/") ? [name] : [...(shell.get("PATH") ?? "").split(":").map((directory) => `${directory}/${name}`), ...(shell.dialect === "bash" ? [name] : [])];
  let text = fs.readText(shell.path(candidates[0] ?? name), shell.process.credentials);
  for (const candidate of candidates) if (!text.ok) text = fs.readText(shell.path(candidate), shell.process.credentials);
  if (!text.ok) {
    if (shell.dialect === "bash") {
      shell.command = undefined;
      yield* shell.complain(`${name}: ${errnoText(text.error)}`);
      return 1;
    }
    return yield* shell.fail(shell.dialect === "dash" ? `cannot open ${name}: No such file` : `can't open '${name}': ${errnoText(text.error)}`, 2);
  }
  const { positional } = shell;
  if (rest.length > 0 && shell.dialect !== "dash") shell.positional = rest;
  try {
    return yield* runText(shell, text.value);
  } catch (control) {
    if (control instanceof ReturnControl) return control.code;
    throw control;
  } finally {
    if (rest.length > 0) shell.positional = positional;
  }
}

function* runExec(shell: Shell, args: readonly string[]): Sys<number> {
  let words = args;
  if (words[0] === "-a") words = words.slice(2);
  if (words[0] === "--") words = words.slice(1);
  const { process } = shell;
  const path = process.table.lookup(words[0] ?? "", shell.get("PATH"), process.cwd, process.credentials);
  const loaded = path.ok ? process.table.load(path.value, words, process.credentials) : undefined;
  if (loaded?.ok !== true) {
    const error = path.ok ? (loaded?.ok === false ? loaded.error : { errno: "ENOENT" as const }) : { errno: path.error };
    if (error.errno === "ENOEXEC") throw new ExitControl(yield* runExternal(shell, words, shell.vars.exported(), new Map(), false));
    const code = shell.dialect === "bash" && error.errno === "ENOENT" ? yield* notFoundByExec(shell, words[0] ?? "") : yield* explain(shell, words[0] ?? "", error);
    if (shell.options.interactive) return code;
    throw new ExitControl(code);
  }
  for (const signal of shell.traps.keys()) if (shell.traps.get(signal) !== "") shell.traps.delete(signal);
  // Nothing of the shell is left: its generator only waits for what took its place.
  throw new ExitControl(yield* runExternal(shell, words, shell.vars.exported(), new Map(), true));
}

function* notFoundByExec(shell: Shell, name: string): Sys<number> {
  yield* shell.complain(name.includes("/") ? `${name}: cannot execute: No such file or directory` : `${name}: not found`);
  return 127;
}

function* runCommandBuiltin(shell: Shell, args: readonly string[]): Sys<number> {
  let words = args;
  let describe: "path" | "text" | undefined;
  while (/^-[pvV]+$/.test(words[0] ?? "")) {
    if (words[0]?.includes("v") === true) describe = "path";
    if (words[0]?.includes("V") === true) describe = "text";
    words = words.slice(1);
  }
  if (words[0] === "--") words = words.slice(1);
  const [name] = words;
  if (name === undefined) return 0;
  if (describe === "text") return yield* runType(shell, words);
  if (describe === "path") {
    let code = shell.dialect === "bash" ? 1 : 127;
    for (const word of shell.dialect === "bash" ? words : [name]) {
      const found = whereIs(shell, word);
      if (found === undefined) continue;
      code = 0;
      yield* shell.process.out(`${found}\n`);
    }
    return code;
  }
  const builtin = findBuiltin(name, shell.dialect);
  if (builtin === undefined) {
    shell.command = undefined;
    return yield* runExternal(shell, words, shell.vars.exported(), new Map(), false);
  }
  shell.command = name;
  try {
    return yield* builtin.run(shell, words.slice(1));
  } catch (control) {
    // "command" takes the sting out of special builtins: their errors do not end the script.
    if (control instanceof ShellAbort) return control.code;
    throw control;
  }
}

function whereIs(shell: Shell, name: string): string | undefined {
  if (shell.functions.has(name) || findBuiltin(name, shell.dialect) !== undefined || KEYWORDS.has(name)) return name;
  const path = shell.process.table.lookup(name, shell.get("PATH"), shell.process.cwd, shell.process.credentials);
  return path.ok ? path.value : undefined;
}

const KEYWORDS = new Set(["if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "in", "{", "}", "!"]);

function* runType(shell: Shell, args: readonly string[]): Sys<number> {
  let code = 0;
  const names = args.filter((arg) => !/^-[atp]+$/.test(arg));
  const short = args.includes("-t");
  for (const name of names) {
    let text: string | undefined;
    let kind = "file";
    if (KEYWORDS.has(name)) { text = `${name} is a shell keyword`; kind = "keyword"; }
    else if (shell.functions.has(name)) { text = shell.dialect === "bash" ? `${name} is a function` : `${name} is a shell function`; kind = "function"; }
    else if (findBuiltin(name, shell.dialect) !== undefined) {
      text = `${name} is a ${findBuiltin(name, shell.dialect)?.special === true && shell.dialect !== "bash" ? "special " : ""}shell builtin`;
      kind = "builtin";
    } else {
      const path = whereIs(shell, name);
      if (path !== undefined) text = `${name} is ${path}`;
    }
    if (text !== undefined) yield* shell.process.out(`${short ? kind : text}\n`);
    else {
      code = shell.dialect === "bash" ? 1 : 127;
      if (short) continue;
      if (shell.dialect === "bash") yield* shell.complain(`${name}: not found`);
      else yield* shell.process.out(`${name}: not found\n`);
    }
  }
  return code;
}
