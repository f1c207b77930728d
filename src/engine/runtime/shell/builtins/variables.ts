import type { Sys } from "../../process/wait.ts";
import { evaluateArithmeticText } from "../arithmetic.ts";
import { quoteForReuse } from "../expand.ts";
import type { Shell } from "../shell.ts";
import { elements, isName } from "../variables.ts";
import type { Builtin } from "./builtin.ts";

/** export, readonly, local, declare, unset, set, shift, let. */
export const variableBuiltins: readonly Builtin[] = [
  { name: "export", special: true, run: (shell, args) => markVariables(shell, args, "exported") },
  { name: "readonly", special: true, run: (shell, args) => markVariables(shell, args, "readOnly") },
  { name: "local", special: false, run: runLocal },
  { name: "declare", special: false, dialects: ["bash"], run: runDeclare },
  { name: "typeset", special: false, dialects: ["bash"], run: runDeclare },
  { name: "unset", special: true, run: runUnset },
  { name: "set", special: true, run: runSet },
  {
    name: "shift",
    special: true,
    *run(shell, args) {
      const count = args[0] === undefined ? 1 : Number(args[0]);
      if (!Number.isInteger(count) || count < 0) return yield* shell.fail(shell.dialect === "bash" ? `${args[0]}: numeric argument required` : `Illegal number: ${args[0]}`);
      if (count > shell.positional.length) {
        if (shell.dialect === "dash") yield* shell.fail("can't shift that many");
        return 1;
      }
      shell.positional = shell.positional.slice(count);
      return 0;
    },
  },
  {
    name: "let",
    special: false,
    dialects: ["bash", "ash"],
    *run(shell, args) {
      if (args.length === 0) return yield* shell.fail("expression expected", shell.dialect === "bash" ? 1 : 2);
      let value = 0n;
      for (const arg of args) value = yield* evaluateArithmeticText(shell, arg);
      return value !== 0n ? 0 : 1;
    },
  },
];

function* markVariables(shell: Shell, args: readonly string[], mark: "exported" | "readOnly"): Sys<number> {
  const names: string[] = [];
  let takeBack = false;
  for (const arg of args) {
    if (arg === "-p" || arg === "-f" || arg === "--") continue;
    if (arg === "-n") takeBack = true;
    else names.push(arg);
  }
  if (names.length === 0) {
    const word = mark === "exported" ? (shell.dialect === "bash" ? "declare -x" : "export") : shell.dialect === "bash" ? "declare -r" : "readonly";
    for (const name of shell.vars.names()) {
      const variable = shell.vars.get(name);
      if (variable?.[mark] === true) yield* shell.process.out(`${word} ${name}${variable.value === undefined ? "" : `=${reusable(shell, variable.value)}`}\n`);
    }
    return 0;
  }
  let code = 0;
  for (const arg of names) {
    const equals = arg.indexOf("=");
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (!isName(name)) {
      code = yield* badName(shell, name, arg);
      continue;
    }
    if (equals >= 0) {
      if (shell.vars.isReadOnly(name)) yield* shell.fail(`${name}: ${shell.dialect === "bash" ? "readonly variable" : "is read only"}`);
      shell.set(name, arg.slice(equals + 1));
    }
    shell.vars.mark(name, { [mark]: !takeBack });
  }
  return code;
}

const reusable = (shell: Shell, value: string): string => (shell.dialect === "bash" ? `"${value.replace(/[$"\\`]/g, "\\$&")}"` : quoteForReuse(value));

function* badName(shell: Shell, name: string, arg: string): Sys<number> {
  if (shell.dialect !== "bash") yield* shell.fail(`${name}: bad variable name`);
  yield* shell.complain(`\`${arg}': not a valid identifier`);
  return 1;
}

function* runLocal(shell: Shell, args: readonly string[]): Sys<number> {
  for (const arg of args) {
    if (/^-[a-zA-Z]+$/.test(arg)) continue;
    const equals = arg.indexOf("=");
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (!isName(name)) return yield* badName(shell, name, arg);
    if (!shell.vars.makeLocal(name, shell.dialect !== "bash")) return yield* shell.fail(shell.dialect === "bash" ? "can only be used in a function" : "not in a function", shell.dialect === "bash" ? 1 : 2);
    if (equals >= 0) shell.set(name, arg.slice(equals + 1));
  }
  if (shell.functionDepth === 0) return yield* shell.fail(shell.dialect === "bash" ? "can only be used in a function" : "not in a function", shell.dialect === "bash" ? 1 : 2);
  return 0;
}

function* runDeclare(shell: Shell, args: readonly string[]): Sys<number> {
  let flags = "";
  const names: string[] = [];
  for (const arg of args) {
    if (/^[-+][a-zA-Z]+$/.test(arg)) flags += arg.slice(1);
    else names.push(arg);
  }
  if (names.length === 0 || flags.includes("p")) {
    for (const name of names.length === 0 ? shell.vars.names() : names) {
      const variable = shell.vars.get(name);
      if (variable === undefined) {
        yield* shell.complain(`${name}: not found`);
        return 1;
      }
      const kind = variable.array !== undefined ? "-a" : variable.assoc !== undefined ? "-A" : variable.exported ? "-x" : variable.integer ? "-i" : variable.readOnly ? "-r" : "--";
      const body = variable.array === undefined && variable.assoc === undefined ? reusable(shell, variable.value ?? "") : `(${[...(variable.array ?? variable.assoc ?? [])].map(([key, value]) => `[${key}]=${reusable(shell, value)}`).join(" ")})`;
      yield* shell.process.out(`declare ${kind} ${name}=${body}\n`);
    }
    return 0;
  }
  for (const arg of names) {
    const equals = arg.indexOf("=");
    const name = equals < 0 ? arg : arg.slice(0, equals);
    if (!isName(name)) return yield* badName(shell, name, arg);
    if (shell.functionDepth > 0 && !flags.includes("g") && shell.vars.get(name)?.array === undefined) shell.vars.makeLocal(name, equals < 0);
    if (flags.includes("i")) shell.vars.mark(name, { integer: true });
    if (flags.includes("A") && shell.vars.get(name)?.assoc === undefined) shell.vars.setAssoc(name, new Map());
    if (flags.includes("a") && shell.vars.get(name)?.array === undefined && equals < 0) shell.vars.setArray(name, new Map(elements(shell.vars.get(name)).map((value, index) => [index, value])));
    if (equals >= 0) shell.set(name, flags.includes("i") ? String(yield* evaluateArithmeticText(shell, arg.slice(equals + 1))) : arg.slice(equals + 1));
    if (flags.includes("x")) shell.vars.mark(name, { exported: true });
    if (flags.includes("r")) shell.vars.mark(name, { readOnly: true });
  }
  return 0;
}

function* runUnset(shell: Shell, args: readonly string[]): Sys<number> {
  const [flag] = args;
  const names = flag === "-v" || flag === "-f" ? args.slice(1) : args;
  let code = 0;
  for (const name of names) {
    if (flag === "-f") {
      shell.functions.delete(name);
      continue;
    }
    const element = /^([A-Za-z_]\w*)\[(.+)\]$/.exec(name);
    if (element !== null && shell.dialect === "bash") {
      const target = element[1] ?? "";
      const key = element[2] ?? "";
      shell.vars.unsetElement(target, shell.vars.get(target)?.assoc === undefined ? Number(yield* evaluateArithmeticText(shell, key)) : key);
      continue;
    }
    if (!isName(name)) {
      if (shell.dialect !== "bash") yield* shell.fail(`${name}: bad variable name`);
      continue;
    }
    if (shell.vars.isReadOnly(name)) {
      yield* shell.complain(shell.dialect === "bash" ? `${name}: cannot unset: readonly variable` : `${name}: is read only`);
      if (shell.dialect !== "bash") yield* shell.fail(`${name}: is read only`);
      code = 1;
      continue;
    }
    if (shell.vars.get(name) === undefined && flag !== "-v") shell.functions.delete(name);
    shell.vars.unset(name);
  }
  return code;
}

const LETTERS: Readonly<Record<string, "errexit" | "nounset" | "xtrace" | "noglob" | "noexec">> = { e: "errexit", u: "nounset", x: "xtrace", f: "noglob", n: "noexec" };
const IGNORED_LETTERS = "bhmvBCEHPTkpt";
const LONG_NAMES = new Set(["errexit", "nounset", "xtrace", "noglob", "noexec", "pipefail", "allexport", "verbose", "monitor", "notify", "ignoreeof", "vi", "emacs", "posix", "noclobber", "nolog"]);

function* runSet(shell: Shell, args: readonly string[]): Sys<number> {
  if (args.length === 0) {
    for (const name of shell.vars.names()) {
      const { value } = shell.vars.get(name) ?? {};
      if (value !== undefined) yield* shell.process.out(`${name}=${/^[\w@%+=:,./-]+$/.test(value) && shell.dialect === "bash" ? value : quoteForReuse(value)}\n`);
    }
    return 0;
  }
  let at = 0;
  for (; at < args.length; at++) {
    const arg = args[at] ?? "";
    if (arg === "--" || arg === "-") {
      at += 1;
      if (arg === "--" || at < args.length) shell.positional = args.slice(at);
      return 0;
    }
    if (!/^[-+]./.test(arg)) break;
    for (const letter of arg.slice(1)) {
      if (letter === "o") {
        const name = args[at + 1];
        if (name === undefined) return yield* listOptions(shell);
        at += 1;
        const code = yield* setOption(shell, name, arg.startsWith("-"));
        if (code !== 0) return code;
      } else if (letter === "a") shell.vars.exportAll = arg.startsWith("-");
      else if (LETTERS[letter] !== undefined) shell.options[LETTERS[letter]] = arg.startsWith("-");
      else if (!IGNORED_LETTERS.includes(letter)) return yield* shell.fail(shell.dialect === "bash" ? `${arg}: invalid option` : shell.dialect === "dash" ? `Illegal option ${arg}` : `illegal option ${arg}`, 2);
    }
  }
  if (at < args.length) shell.positional = args.slice(at);
  return 0;
}

/** For `set -o` and the shell's own command line. */
export function* setOption(shell: Shell, name: string, on: boolean): Sys<number> {
  if (!LONG_NAMES.has(name) || (name === "pipefail" && shell.dialect === "dash")) {
    if (shell.dialect === "dash") yield* shell.fail(`Illegal option -o ${name}`);
    yield* shell.complain(shell.dialect === "bash" ? `${name}: invalid option name` : `illegal option -o ${name}`);
    return shell.dialect === "bash" ? 2 : 1;
  }
  if (name === "allexport") shell.vars.exportAll = on;
  else if (name in shell.options) shell.options[name as keyof typeof shell.options] = on;
  return 0;
}

function* listOptions(shell: Shell): Sys<number> {
  for (const name of [...LONG_NAMES].sort()) {
    const on = name === "allexport" ? shell.vars.exportAll : name in shell.options && shell.options[name as keyof typeof shell.options];
    yield* shell.process.out(`${name.padEnd(15)}\t${on ? "on" : "off"}\n`);
  }
  return 0;
}
