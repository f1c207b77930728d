import { commandName } from "../process/process-table.ts";
import type { Process } from "../process/process.ts";
import type { Program } from "../process/program.ts";
import type { Sys } from "../process/wait.ts";
import { errnoText } from "../fs/errno.ts";
import type { Dialect } from "./dialect.ts";
import { setOption } from "./builtins/variables.ts";
import { runInteractive } from "./interactive.ts";
import { parseScript } from "./parse-script.ts";
import { exitCodeFrom, runExitTrap, runLast, runNode, runPendingTraps, runScript } from "./run.ts";
import { Shell } from "./shell.ts";
import type { ParsedScript } from "unbash";

const MEMORY: { readonly [D in Dialect]: number } = { ash: 900 << 10, dash: 800 << 10, bash: 3_400 << 10 };

/** /bin/sh of busybox and Debian, and bash: -c, a script file, standard input, or somebody at a terminal. */
export const shellProgram = (name: string, dialect: Dialect): Program => ({
  name,
  memoryBytes: MEMORY[dialect],
  run: (process) => runShell(process, dialect, process.argv.slice(1)),
});

/** `args` without the shell's own name. */
export function* runShell(process: Process, dialect: Dialect, args: readonly string[]): Sys<number> {
  const shell = new Shell(process, dialect, process.argv[0] ?? commandName(process));
  prepare(shell);
  let code: number;
  try {
    code = yield* start(shell, args);
  } catch (control) {
    code = exitCodeFrom(control, shell);
  }
  return yield* runExitTrap(shell, code);
}

function prepare(shell: Shell): void {
  const { process } = shell;
  shell.set("IFS", " \t\n");
  shell.set("PWD", process.cwd);
  shell.vars.mark("PWD", { exported: true });
  if (shell.dialect !== "dash") {
    shell.set("SHLVL", String((Number(shell.get("SHLVL") ?? 0) || 0) + 1));
    shell.vars.mark("SHLVL", { exported: true });
  }
  if (shell.get("PATH") === undefined) shell.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  shell.set("OPTIND", "1");
  shell.set("PS4", "+ ");
}

function* start(shell: Shell, args: readonly string[]): Sys<number> {
  let at = 0;
  let command = false;
  let interactive = false;
  let standardInput = false;
  for (; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--" || arg === "-") {
      at += 1;
      break;
    }
    if (arg.startsWith("--")) {
      if (arg === "--version" && shell.dialect === "bash") {
        yield* shell.process.out(`GNU bash, version ${shell.process.binary.version || "5.2.37"}(1)-release (x86_64-pc-linux-gnu)\n`);
        return 0;
      }
      if (/^--(login|norc|noprofile|posix|noediting)$/.test(arg)) continue;
      return yield* badOption(shell, arg);
    }
    if (!/^[-+]./.test(arg)) break;
    for (const letter of arg.slice(1)) {
      if (letter === "c") command = true;
      else if (letter === "i") interactive = true;
      else if (letter === "s") standardInput = true;
      else if (letter === "l") continue;
      else if (letter === "o") {
        const failed = yield* setOption(shell, args[++at] ?? "", arg.startsWith("-"));
        if (failed !== 0) return 2;
      } else if (letter === "e") shell.options.errexit = arg.startsWith("-");
      else if (letter === "u") shell.options.nounset = arg.startsWith("-");
      else if (letter === "x") shell.options.xtrace = arg.startsWith("-");
      else if (letter === "f") shell.options.noglob = arg.startsWith("-");
      else if (letter === "n") shell.options.noexec = arg.startsWith("-");
      else if (letter === "a") shell.vars.exportAll = true;
      else if (!"bhmvBp".includes(letter)) return yield* badOption(shell, `-${letter}`);
    }
  }
  const operands = args.slice(at);
  if (command) {
    const [text, arg0, ...positional] = operands;
    if (text === undefined) {
      yield* shell.process.errOut(shell.dialect === "dash" ? `${shell.arg0}: 0: -c requires an argument\n` : shell.dialect === "bash" ? `${shell.arg0}: -c: option requires an argument\n` : `${shell.arg0}: -c requires an argument\n`);
      return 2;
    }
    if (arg0 !== undefined) shell.arg0 = arg0;
    shell.positional = positional;
    return yield* runText(shell, text, "-c: ");
  }
  const [script, ...positional] = operands;
  if (script !== undefined && !standardInput) return yield* runFile(shell, script, positional);
  shell.positional = operands;
  if (interactive || shell.process.files[0]?.isTty === true) return yield* runInteractive(shell);
  return yield* runText(shell, yield* shell.process.readAll(0), "");
}

function* badOption(shell: Shell, option: string): Sys<number> {
  yield* shell.process.errOut(shell.dialect === "dash" ? `${shell.arg0}: 0: Illegal option ${option}\n` : shell.dialect === "bash" ? `${shell.arg0}: ${option}: invalid option\n` : `${shell.arg0}: unrecognized option: ${option.replace(/^-+/, "")}\n`);
  return 2;
}

function* runFile(shell: Shell, path: string, positional: readonly string[]): Sys<number> {
  const { fs } = shell.process.world;
  const text = fs.readText(shell.path(path), shell.process.credentials);
  if (!text.ok) {
    const reason = text.error === "ENOENT" ? (shell.dialect === "dash" ? "No such file" : "No such file or directory") : errnoText(text.error);
    if (shell.dialect === "dash") yield* shell.process.errOut(`${shell.arg0}: 0: cannot open ${path}: ${reason}\n`);
    else if (shell.dialect === "bash") yield* shell.process.errOut(`${shell.arg0}: ${path}: ${reason}\n`);
    else yield* shell.process.errOut(`${shell.arg0}: can't open '${path}': ${reason}\n`);
    return shell.dialect === "bash" ? (text.error === "ENOENT" ? 127 : 126) : 2;
  }
  shell.arg0 = path;
  shell.inFile = true;
  shell.positional = positional;
  return yield* runText(shell, text.value, "");
}

function* runText(shell: Shell, text: string, where: string): Sys<number> {
  const parsed = parseScript(text, shell.dialect);
  if (parsed.ok) return yield* runTop(shell, parsed.script.ast, text);
  const { line, lines } = parsed.problem;
  for (const message of lines) {
    const prefix = shell.dialect === "dash" ? `${shell.arg0}: ${line}: ` : shell.dialect === "bash" ? `${shell.arg0}: ${where}line ${line}: ` : `${shell.arg0}: ${shell.inFile ? `line ${line}: ` : ""}`;
    yield* shell.process.errOut(`${prefix}${message}\n`);
  }
  return 2;
}

/** The last command takes over the process when it is a plain program: `sh -c "sleep 3600"` is one process. */
function* runTop(shell: Shell, ast: ParsedScript, text: string): Sys<number> {
  const last = ast.commands.at(-1);
  if (last === undefined || last.background === true || last.command.type !== "Command" || (shell.dialect === "bash" && ast.commands.length > 1)) return yield* runScript(shell, ast, text);
  shell.source = text;
  const before = { ...ast, commands: ast.commands.slice(0, -1) };
  if (before.commands.length > 0) shell.status = yield* runScript(shell, before, text);
  shell.source = text;
  yield* runPendingTraps(shell);
  if (shell.traps.size === 0 && shell.jobs.every((job) => job.status !== undefined)) return yield* runLast(shell, last.command);
  shell.status = yield* runNode(shell, last.command);
  yield* runPendingTraps(shell);
  return shell.status;
}
