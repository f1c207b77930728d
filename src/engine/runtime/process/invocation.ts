import type { Result } from "../../kernel/result.ts";
import { type Errno, errnoText } from "../fs/errno.ts";
import { absolute, type Credentials, type FileSystem } from "../fs/file-system.ts";
import type { FileNode } from "../fs/node.ts";
import { commandName } from "./process-table.ts";
import type { Process } from "./process.ts";
import type { Flavour, Program } from "./program.ts";
import type { Sys } from "./wait.ts";

/** A command as it was called: its arguments, and how its family words things. */
export class Invocation {
  readonly process: Process;
  readonly name: string;
  readonly args: readonly string[];
  readonly flavour: Flavour;
  /** In front of its messages: "cat: ", or the shell's "sh: 1: kill: " for a builtin. */
  readonly prefix: string;

  constructor(process: Process, name: string, args: readonly string[], prefix = `${name}: `, flavour = process.binary.flavour) {
    this.process = process;
    this.name = name;
    this.args = args;
    this.prefix = prefix;
    this.flavour = flavour;
  }

  get fs(): FileSystem {
    return this.process.world.fs;
  }

  get who(): Credentials {
    return this.process.credentials;
  }

  get isBusybox(): boolean {
    return this.flavour === "busybox";
  }

  path(name: string): string {
    return absolute(name, this.process.cwd);
  }

  stat(name: string, follow = true): Result<FileNode, Errno> {
    return this.fs.stat(this.path(name), this.who, follow);
  }

  out(text: string): Sys<boolean> {
    return this.process.out(text);
  }

  /** To standard error, with the prefix and a newline. */
  *complain(message: string): Sys<void> {
    yield* this.process.errOut(`${this.prefix}${message}\n`);
  }

  /** Complains and gives an exit code. */
  *fail(message: string, code = 1): Sys<number> {
    yield* this.complain(message);
    return code;
  }

  /** "can't open 'x': No such file or directory" in busybox' words, "x: No such file or directory" in GNU's. */
  *complainAbout(path: string, errno: Errno, busyboxVerb = "can't open"): Sys<void> {
    yield* this.complain(this.isBusybox ? `${busyboxVerb} '${path}': ${errnoText(errno)}` : `${path}: ${errnoText(errno)}`);
  }

  /** All of a file; "-" is standard input. */
  *readFile(name: string): Sys<Result<string, Errno>> {
    if (name === "-") return { ok: true, value: yield* this.process.readAll(0) };
    return this.fs.readText(this.path(name), this.who);
  }

  /** Bad option: busybox prints its usage, GNU a hint. */
  *usage(problem: string, usage = ""): Sys<number> {
    if (this.isBusybox) {
      yield* this.process.errOut(`${problem === "" ? "" : `${this.prefix}${problem}\n`}BusyBox v${this.process.binary.version || "1.37.0"} multi-call binary.\n\nUsage: ${this.name}${usage === "" ? "" : ` ${usage}`}\n`);
      return 1;
    }
    yield* this.process.errOut(`${this.prefix}${problem}\nTry '${this.name} --help' for more information.\n`);
    return this.name === "ls" || this.name === "grep" || this.name === "sort" ? 2 : 1;
  }
}

/** One command of a family's tool box. */
export interface CommandSpec {
  readonly name: string;
  readonly run: (call: Invocation) => Sys<number>;
  readonly memoryBytes?: number;
  readonly startUs?: number;
}

/** A command as a program of its own. */
export const commandProgram = (spec: CommandSpec): Program => ({
  name: spec.name,
  run: (process) => spec.run(new Invocation(process, spec.name, process.argv.slice(1), `${commandName(process)}: `)),
  ...(spec.memoryBytes === undefined ? {} : { memoryBytes: spec.memoryBytes }),
  ...(spec.startUs === undefined ? {} : { startUs: spec.startUs }),
});

export interface ParsedOptions {
  /** By letter or long name: the value, or "" for a flag. */
  readonly values: ReadonlyMap<string, string>;
  /** Every value of an option that may come more than once. */
  readonly lists: ReadonlyMap<string, readonly string[]>;
  readonly rest: readonly string[];
  /** "invalid option -- 'x'" and the like. */
  readonly problem: string | undefined;
}

/**
 * getopt: `spec` is like "ab:c" (b takes a value), `long` maps long names to letters.
 * `stopAtFirst`: the first operand ends the options, as in `env` or `xargs`.
 */
export function parseOptions(args: readonly string[], spec: string, long: Readonly<Record<string, string>> = {}, stopAtFirst = false): ParsedOptions {
  const values = new Map<string, string>();
  const lists = new Map<string, string[]>();
  const rest: string[] = [];
  const takesValue = (letter: string): boolean => spec.charAt(spec.indexOf(letter) + 1) === ":";
  const put = (letter: string, value: string): void => {
    values.set(letter, value);
    const list = lists.get(letter);
    if (list === undefined) lists.set(letter, [value]);
    else list.push(value);
  };
  const give = (problem: string | undefined): ParsedOptions => ({ values, lists, rest, problem });
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (arg === "--") {
      rest.push(...args.slice(i + 1));
      break;
    }
    if (arg.startsWith("--")) {
      const equals = arg.indexOf("=");
      const name = equals < 0 ? arg.slice(2) : arg.slice(2, equals);
      const letter = Object.hasOwn(long, name) ? long[name] : undefined;
      if (letter === undefined) return give(`unrecognized option '${equals < 0 ? arg : `--${name}`}'`);
      if (!takesValue(letter)) put(letter, equals < 0 ? "" : arg.slice(equals + 1));
      else if (equals >= 0) put(letter, arg.slice(equals + 1));
      else if (i + 1 < args.length) put(letter, args[++i] ?? "");
      else return give(`option '--${name}' requires an argument`);
      continue;
    }
    if (!arg.startsWith("-") || arg === "-") {
      rest.push(arg);
      if (!stopAtFirst) continue;
      rest.push(...args.slice(i + 1));
      break;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at);
      if (letter === ":" || !spec.includes(letter)) return give(`invalid option -- '${letter}'`);
      if (!takesValue(letter)) {
        put(letter, "");
        continue;
      }
      const attached = arg.slice(at + 1);
      if (attached !== "") put(letter, attached);
      else if (i + 1 < args.length) put(letter, args[++i] ?? "");
      else return give(`option requires an argument -- '${letter}'`);
      break;
    }
  }
  return give(undefined);
}
