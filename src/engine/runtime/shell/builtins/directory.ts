import { errnoText } from "../../fs/errno.ts";
import { normalizePath } from "../../fs/path.ts";
import type { Sys } from "../../process/wait.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

/** cd, pwd, umask, ulimit, getopts, pushd, popd, shopt. */
export const directoryBuiltins: readonly Builtin[] = [
  { name: "cd", special: false, run: runCd },
  {
    name: "pwd",
    special: false,
    *run(shell, args) {
      const real = args.includes("-P") ? shell.process.world.fs.realpath(shell.process.cwd, shell.process.credentials) : undefined;
      yield* shell.process.out(`${real?.ok === true ? real.value : shell.process.cwd}\n`);
      return 0;
    },
  },
  {
    name: "umask",
    special: false,
    *run(shell, args) {
      const [mask] = args;
      if (mask === undefined) yield* shell.process.out(`${shell.process.umask.toString(8).padStart(4, "0")}\n`);
      else if (/^[0-7]{1,4}$/.test(mask)) shell.process.umask = Number.parseInt(mask, 8) & 0o777;
      else return yield* shell.fail(shell.dialect === "bash" ? `${mask}: octal number out of range` : `Illegal mode: ${mask}`);
      return 0;
    },
  },
  {
    name: "ulimit",
    special: false,
    *run(shell, args) {
      if (args.some((arg) => arg.includes("a"))) {
        yield* shell.process.out("core file size (blocks)         (-c) unlimited\nmax user processes              (-u) unlimited\nopen files                      (-n) 1048576\nstack size (kb)                 (-s) 8192\n");
        return 0;
      }
      if (args.some((arg) => /^\d+$|^unlimited$/.test(arg))) return 0;
      const flag = args.find((arg) => arg.startsWith("-")) ?? "-f";
      yield* shell.process.out(`${flag.includes("n") ? "1048576" : flag.includes("s") ? "8192" : "unlimited"}\n`);
      return 0;
    },
  },
  { name: "getopts", special: false, run: runGetopts },
  { name: "shopt", special: false, dialects: ["bash"], *run() { return 0; } },
];

function* runCd(shell: Shell, args: readonly string[]): Sys<number> {
  const operands = args.filter((arg) => arg !== "-L" && arg !== "-P" && arg !== "--");
  if (operands.length > 1 && shell.dialect === "bash") return yield* shell.fail("too many arguments", 1);
  const home = shell.get("HOME");
  let target = operands[0] ?? home;
  if (target === undefined) {
    if (shell.dialect !== "bash") return 0;
    return yield* shell.fail("HOME not set", 1);
  }
  if (target === "-") {
    const before = shell.get("OLDPWD");
    if (before === undefined) {
      if (shell.dialect !== "bash") return 0;
      return yield* shell.fail("OLDPWD not set", 1);
    }
    target = before;
    yield* shell.process.out(`${target}\n`);
  }
  const { fs } = shell.process.world;
  const who = shell.process.credentials;
  const path = target === "" ? shell.process.cwd : normalizePath(target, shell.process.cwd);
  const node = fs.stat(path, who);
  const errno = !node.ok ? node.error : node.value.kind !== "dir" ? "ENOTDIR" : fs.access(path, 1, who) ? undefined : "EACCES";
  if (errno === undefined) {
    shell.changeDirectory(path);
    return 0;
  }
  if (shell.dialect === "bash") yield* shell.complain(`${target}: ${errnoText(errno)}`);
  else if (shell.dialect === "dash") yield* shell.complain(`can't cd to ${target}`);
  else yield* shell.complain(`can't cd to ${target}: ${errnoText(errno)}`);
  return shell.dialect === "bash" ? 1 : 2;
}

/** Source: POSIX.1-2017, getopts. */
function* runGetopts(shell: Shell, args: readonly string[]): Sys<number> {
  const [spec, name, ...given] = args;
  if (spec === undefined || name === undefined) {
    yield* shell.process.errOut("getopts: usage: getopts optstring name [arg ...]\n");
    return 2;
  }
  const words = given.length > 0 ? given : shell.positional;
  if (shell.get("OPTIND") === "1" || shell.get("OPTIND") === undefined) {
    if (shell.optionIndex !== 1 || shell.optionOffset === 0) shell.optionOffset = 0;
    shell.optionIndex = Number(shell.get("OPTIND") ?? "1");
  }
  const word = words[shell.optionIndex - 1];
  if (word === undefined || !/^-./.test(word) || word === "--") {
    if (word === "--") shell.optionIndex += 1;
    shell.set("OPTIND", String(shell.optionIndex));
    shell.set(name, "?");
    return 1;
  }
  shell.optionOffset = Math.max(1, shell.optionOffset);
  const letter = word.charAt(shell.optionOffset);
  const silent = spec.startsWith(":");
  const at = spec.indexOf(letter, silent ? 1 : 0);
  const advance = (): void => {
    shell.optionOffset += 1;
    if (shell.optionOffset < word.length) return;
    shell.optionIndex += 1;
    shell.optionOffset = 0;
  };
  shell.vars.unset("OPTARG");
  if (at < 0 || letter === ":") {
    advance();
    shell.set("OPTIND", String(shell.optionIndex));
    shell.set(name, "?");
    if (silent) shell.set("OPTARG", letter);
    else {
      shell.command = undefined;
      yield* shell.process.errOut(shell.dialect === "dash" ? `Illegal option -${letter}\n` : `${shell.arg0}: illegal option -- ${letter}\n`);
    }
    return 0;
  }
  if (spec.charAt(at + 1) !== ":") {
    advance();
    shell.set("OPTIND", String(shell.optionIndex));
    shell.set(name, letter);
    return 0;
  }
  const attached = word.slice(shell.optionOffset + 1);
  const next = words[shell.optionIndex];
  shell.optionOffset = 0;
  shell.optionIndex += attached !== "" ? 1 : 2;
  shell.set("OPTIND", String(shell.optionIndex));
  if (attached === "" && next === undefined) {
    shell.set(name, silent ? ":" : "?");
    if (silent) shell.set("OPTARG", letter);
    else yield* shell.process.errOut(shell.dialect === "dash" ? `No arg for -${letter} option\n` : `${shell.arg0}: option requires an argument -- ${letter}\n`);
    return 0;
  }
  shell.set("OPTARG", attached !== "" ? attached : (next ?? ""));
  shell.set(name, letter);
  return 0;
}
