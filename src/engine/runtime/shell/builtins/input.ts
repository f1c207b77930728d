import { secondsToUs } from "../../../kernel/time.ts";
import { exitCodeOf } from "../../process/signals.ts";
import { isInterrupted, type Sys } from "../../process/wait.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

/** read, mapfile. */
export const inputBuiltins: readonly Builtin[] = [
  { name: "read", special: false, run: runRead },
  { name: "mapfile", special: false, dialects: ["bash"], run: runMapfile },
  { name: "readarray", special: false, dialects: ["bash"], run: runMapfile },
];

interface ReadOptions {
  raw: boolean;
  prompt: string;
  array: string | undefined;
  limit: number | undefined;
  timeoutUs: number | undefined;
  delimiter: string | undefined;
  fd: number;
}

function* runRead(shell: Shell, args: readonly string[]): Sys<number> {
  const options: ReadOptions = { raw: false, prompt: "", array: undefined, limit: undefined, timeoutUs: undefined, delimiter: undefined, fd: 0 };
  const names: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    if (!/^-[a-zA-Z]/.test(arg) || names.length > 0) {
      names.push(arg);
      continue;
    }
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at);
      if (letter === "r") options.raw = true;
      else if (letter === "s" || letter === "e") continue;
      else if ("pantNdu".includes(letter)) {
        const value = arg.slice(at + 1) || (args[++i] ?? "");
        applyOption(options, letter, value);
        break;
      } else return yield* shell.fail(shell.dialect === "dash" ? `Illegal option -${letter}` : `-${letter}: invalid option`, 2);
    }
  }
  if (names.length === 0 && options.array === undefined) {
    if (shell.dialect === "dash") return yield* shell.fail("arg count", 2);
    names.push("REPLY");
  }
  if (options.prompt !== "" && shell.process.files[options.fd]?.isTty === true) yield* shell.process.errOut(options.prompt);
  const line = yield* readLine(shell, options);
  if (typeof line === "number") return line;
  const last = names.at(-1);
  if (options.array !== undefined) {
    shell.vars.setArray(options.array, new Map(splitFields(line.text, shell.get("IFS") ?? " \t\n", undefined).map((value, index) => [index, value])));
  } else if (names.length === 1 && names[0] === "REPLY" && args.length === 0) shell.set("REPLY", line.text);
  else {
    const fields = splitFields(line.text, shell.get("IFS") ?? " \t\n", names.length);
    for (const [index, name] of names.entries()) shell.set(name, fields[index] ?? "");
  }
  if (last !== undefined && shell.vars.isReadOnly(last)) return yield* shell.fail(`${last}: is read only`);
  return line.ended ? 1 : 0;
}

function applyOption(options: ReadOptions, letter: string, value: string): void {
  if (letter === "p") options.prompt = value;
  else if (letter === "a") options.array = value;
  else if (letter === "n" || letter === "N") options.limit = Math.max(0, Number(value) || 0);
  else if (letter === "t") options.timeoutUs = secondsToUs(Math.max(0, Number(value) || 0));
  else if (letter === "d") options.delimiter = value.charAt(0) || "\0";
  else if (letter === "u") options.fd = Number(value) || 0;
}

/** A line without its end, backslashes taken out; or the status when a signal or the time-out came first. */
function* readLine(shell: Shell, options: ReadOptions): Sys<{ readonly text: string; readonly ended: boolean } | number> {
  let text = "";
  const { process } = shell;
  const deadline = options.timeoutUs === undefined ? undefined : process.world.clock.now() + options.timeoutUs;
  for (;;) {
    if (options.limit !== undefined && text.length >= options.limit) return { text, ended: false };
    const chunk = deadline === undefined ? yield* readChunk(shell, options) : yield* readBefore(shell, options, deadline);
    if (typeof chunk === "number") return chunk;
    if (chunk === null) return { text, ended: true };
    if (options.delimiter !== undefined) {
      if (chunk === options.delimiter) return { text, ended: false };
      text += chunk;
      continue;
    }
    const newline = chunk.endsWith("\n");
    const piece = newline ? chunk.slice(0, -1) : chunk;
    if (options.raw) {
      text += piece;
      if (newline) return { text, ended: false };
      continue;
    }
    const backslashes = /\\*$/.exec(piece)?.[0].length ?? 0;
    const continued = newline && backslashes % 2 === 1;
    text += (continued ? piece.slice(0, -1) : piece).replace(/\\(.)/gs, "$1");
    if (newline && !continued) return { text, ended: false };
  }
}

function* readChunk(shell: Shell, options: ReadOptions): Sys<string | null | number> {
  const one = options.limit !== undefined || options.delimiter !== undefined;
  if (one) return yield* shell.process.read(options.fd, { limit: 1 });
  const chunk = yield* shell.process.readInterruptibly(options.fd, true);
  return isInterrupted(chunk) ? exitCodeOf(chunk.interruptedBy) : chunk;
}

/** `read -t`: polls the file until the time is up. */
function* readBefore(shell: Shell, options: ReadOptions, deadlineUs: number): Sys<string | null | number> {
  const { process } = shell;
  const file = process.files[options.fd];
  for (;;) {
    const chunk = file?.read(options.limit === undefined ? 65_536 : 1, true);
    if (chunk !== undefined) return chunk;
    const left = deadlineUs - process.world.clock.now();
    if (left <= 0 || file === undefined) return shell.dialect === "bash" ? 142 : 1;
    const interrupted = yield* process.sleep(Math.min(left, 10_000));
    if (interrupted !== undefined) return exitCodeOf(interrupted);
  }
}

/** Fields for `read a b c`: the last name takes what is left. */
function splitFields(text: string, ifs: string, count: number | undefined): string[] {
  const blank = [...ifs].filter((char) => " \t\n".includes(char)).join("");
  const isBlank = (char: string): boolean => char !== "" && blank.includes(char);
  let end = text.length;
  while (end > 0 && isBlank(text.charAt(end - 1))) end -= 1;
  const fields: string[] = [];
  let at = 0;
  while (at < end && isBlank(text.charAt(at))) at += 1;
  while (at < end) {
    if (count !== undefined && fields.length === count - 1) {
      let rest = text.slice(at, end);
      const closer = rest.slice(-1);
      if (ifs.includes(closer) && !isBlank(closer) && ![...rest.slice(0, -1)].some((char) => ifs.includes(char))) rest = rest.slice(0, -1);
      fields.push(rest);
      return fields;
    }
    let stop = at;
    while (stop < end && !ifs.includes(text.charAt(stop))) stop += 1;
    fields.push(text.slice(at, stop));
    at = stop;
    while (at < end && isBlank(text.charAt(at))) at += 1;
    if (at < end && ifs.includes(text.charAt(at)) && !isBlank(text.charAt(at))) {
      at += 1;
      while (at < end && isBlank(text.charAt(at))) at += 1;
    }
  }
  return fields;
}

function* runMapfile(shell: Shell, args: readonly string[]): Sys<number> {
  const trim = args.includes("-t");
  const name = args.find((arg) => !arg.startsWith("-")) ?? "MAPFILE";
  const lines = (yield* shell.process.readAll(0)).split(/(?<=\n)/);
  shell.vars.setArray(name, new Map(lines.filter((line) => line !== "").map((line, index) => [index, trim ? line.replace(/\n$/, "") : line])));
  return 0;
}
