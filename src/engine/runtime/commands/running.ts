import { secondsToUs } from "../../kernel/time.ts";
import { errnoText } from "../fs/errno.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import { execProgram } from "../process/process-table.ts";
import { parseSignal } from "../process/signals.ts";
import { isInterrupted, type Sys } from "../process/wait.ts";

/** Starts a program and waits for it; 127 and 126 when it cannot be run. */
export function* runChild(call: Invocation, argv: readonly string[], stdin?: "null"): Sys<number> {
  const { process } = call;
  const files = stdin === "null" ? [undefined, ...process.files.slice(1, 3)] : process.files.slice(0, 3);
  const child = process.table.spawn({ argv, env: process.env, cwd: process.cwd, credentials: process.credentials, files, ppid: process.pid });
  if (!child.ok) {
    const { errno } = child.error;
    yield* call.complain(call.isBusybox ? `can't execute '${argv[0] ?? ""}': ${errnoText(errno)}` : call.name === "xargs" ? `${argv[0] ?? ""}: ${errnoText(errno)}` : `failed to run command '${argv[0] ?? ""}': ${errnoText(errno)}`);
    return errno === "ENOENT" ? 127 : 126;
  }
  for (;;) {
    const ended = yield* process.waitChild(child.value.pid);
    if (ended === undefined) return 127;
    if (!isInterrupted(ended)) return ended.code;
  }
}

/** A wrapper that only replaces itself: nohup, nice, setsid, stdbuf, tini, dumb-init, gosu. */
export const wrapper = (name: string, skip: (args: readonly string[]) => readonly string[]): CommandSpec => ({
  name,
  *run(call) {
    const words = skip(call.args);
    const { process } = call;
    if (words.length === 0) return yield* call.usage("missing operand", "PROG ARGS");
    const path = process.table.lookup(words[0] ?? "", process.env.get("PATH"), process.cwd, process.credentials);
    const loaded = path.ok ? process.table.load(path.value, words, process.credentials) : undefined;
    if (loaded?.ok === true) return yield* execProgram(process, loaded.value);
    yield* call.complain(`${words[0] ?? ""}: ${errnoText(path.ok ? "ENOEXEC" : path.error)}`);
    return path.ok ? 126 : 127;
  },
});

const withoutOptions = (args: readonly string[]): readonly string[] => {
  let at = 0;
  while (/^-/.test(args[at] ?? "")) at += /^-[nc]$/.test(args[at] ?? "") ? 2 : 1;
  return args.slice(at);
};

export const nohup = wrapper("nohup", (args) => args);
export const nice = wrapper("nice", withoutOptions);
export const setsid = wrapper("setsid", withoutOptions);

/** Source: GNU coreutils src/timeout.c: 124 when the time ran out. busybox before 1.30 wanted "-t". */
export const timeout: CommandSpec = {
  name: "timeout",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "s:k:t:", { signal: "s", "kill-after": "k", "preserve-status": "p", foreground: "f" }, true);
    if (problem !== undefined) return yield* call.usage(problem, "[-s SIG] SECS PROG ARGS");
    const text = values.get("t") ?? rest[0];
    const words = values.has("t") ? rest : rest.slice(1);
    const match = /^(\d*\.?\d+)([smhd]?)$/.exec(text ?? "");
    if (match === null || words.length === 0) return call.isBusybox ? yield* call.usage("", "[-s SIG] SECS PROG ARGS") : yield* call.fail(match === null ? `invalid time interval '${text ?? ""}'` : "missing operand", 125);
    const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };
    const { process } = call;
    const child = process.table.spawn({ argv: words, env: process.env, cwd: process.cwd, credentials: process.credentials, files: process.files.slice(0, 3), ppid: process.pid });
    if (!child.ok) {
      yield* call.complain(call.isBusybox ? `can't execute '${words[0] ?? ""}': ${errnoText(child.error.errno)}` : `failed to run command '${words[0] ?? ""}': ${errnoText(child.error.errno)}`);
      return child.error.errno === "ENOENT" ? 127 : 126;
    }
    let timedOut = false;
    const signal = parseSignal(values.get("s") ?? "TERM") ?? "TERM";
    const cancel = process.after(secondsToUs(Number(match[1]) * (units[match[2] ?? ""] ?? 1)), "the time is up", () => {
      timedOut = true;
      child.value.signal(signal);
      const kill = values.get("k");
      if (kill !== undefined) process.after(secondsToUs(Number.parseFloat(kill) || 0), "kill after the time is up", () => child.value.signal("KILL"));
    });
    process.onSignal("TERM", () => child.value.signal("TERM"));
    for (;;) {
      const ended = yield* process.waitChild(child.value.pid);
      if (ended !== undefined && isInterrupted(ended)) continue;
      cancel();
      if (timedOut && !call.isBusybox) return 124;
      return timedOut ? 143 : (ended?.code ?? 127);
    }
  },
};

const MAX_RUNS = 10_000;

/** Source: POSIX.1-2017, xargs. */
export const xargs: CommandSpec = {
  name: "xargs",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "n:I:0rtP:L:d:pE:s:x", { null: "0", "max-args": "n", replace: "I", "no-run-if-empty": "r", "max-procs": "P" }, true);
    if (problem !== undefined) return yield* call.usage(problem, "[OPTIONS] [PROG ARGS]");
    const input = yield* call.process.readAll(0);
    const words = rest.length === 0 ? ["echo"] : rest;
    const replace = values.get("I");
    const delimiter = values.get("d");
    const items = values.has("0") ? input.split("\0").filter((item) => item !== "")
      : delimiter !== undefined ? input.replace(/\n$/, "").split(delimiter)
      : replace !== undefined || values.has("L") ? input.split("\n").map((line) => line.trim()).filter((line) => line !== "")
      : splitQuoted(input);
    if (items.length === 0 && (values.has("r") || call.isBusybox || replace !== undefined)) return 0;
    const size = replace !== undefined ? 1 : Math.max(1, Number(values.get("n") ?? values.get("L") ?? 1_000));
    let code = 0;
    for (let at = 0, runs = 0; (at < items.length || at === 0) && runs < MAX_RUNS; at += size, runs++) {
      const batch = items.slice(at, at + size);
      const argv = replace === undefined ? [...words, ...batch] : words.map((word) => word.replaceAll(replace, batch[0] ?? ""));
      if (values.has("t")) yield* call.process.errOut(`${argv.join(" ")}\n`);
      const result = yield* runChild(call, argv, "null");
      if (result === 255) return 124;
      if (result === 126 || result === 127) return result;
      if (result !== 0) code = 123;
      if (items.length === 0) break;
    }
    return code;
  },
};

function splitQuoted(text: string): string[] {
  const items: string[] = [];
  for (const match of text.matchAll(/(?:"([^"\n]*)"|'([^'\n]*)'|\\(.)|[^\s"'\\])+/g)) items.push(match[0].replace(/"([^"\n]*)"|'([^'\n]*)'|\\(.)/g, (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? ""));
  return items;
}

/** Runs a command every two seconds. Differs: no full-screen display; each round is printed. */
export const watch: CommandSpec = {
  name: "watch",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "n:td", { interval: "n", "no-title": "t", differences: "d" }, true);
    if (problem !== undefined || rest.length === 0) return yield* call.usage(problem ?? "missing operand", "[-n SEC] [-t] PROG ARGS");
    const seconds = Number(values.get("n") ?? 2) || 2;
    for (;;) {
      if (!values.has("t")) yield* call.out(`Every ${seconds.toFixed(1)}s: ${rest.join(" ")}\n\n`);
      yield* runChild(call, ["sh", "-c", rest.join(" ")], "null");
      yield* call.process.sleep(secondsToUs(seconds));
    }
  },
};
