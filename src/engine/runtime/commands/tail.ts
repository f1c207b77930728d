import { secondsToUs } from "../../kernel/time.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import type { Sys } from "../process/wait.ts";

/** How much, and from which end. */
interface Amount {
  readonly count: number;
  readonly unit: "lines" | "bytes";
  readonly fromStart: boolean;
}

/**
 * Source: GNU coreutils src/tail.c; busybox coreutils/tail.c. -f follows the open file, -F the name; both look once a second.
 * Differs: GNU's uses inotify and would see a change at once.
 */
export const tail: CommandSpec = {
  name: "tail",
  *run(call) {
    const args = call.args.map((arg, index) => (index === 0 && /^[-+]\d+$/.test(arg) ? (arg.startsWith("+") ? `-n${arg}` : `-n${arg.slice(1)}`) : arg));
    const { values, rest, problem } = parseOptions(args, "n:c:fFqvs:", { lines: "n", bytes: "c", follow: "f", retry: "F", quiet: "q", silent: "q", verbose: "v", "sleep-interval": "s", pid: "s" });
    if (problem !== undefined) return yield* call.usage(problem, "[OPTIONS] [FILE]...");
    const text = values.get("c") ?? values.get("n") ?? "10";
    if (!/^[-+]?\d+$/.test(text)) return yield* call.fail(call.isBusybox ? `invalid number '${text}'` : `invalid number of ${values.has("c") ? "bytes" : "lines"}: '${text}'`);
    const amount: Amount = { count: Math.abs(Number(text)), unit: values.has("c") ? "bytes" : "lines", fromStart: text.startsWith("+") };
    const follow = values.has("F") ? "name" : values.has("f") ? (values.get("f") === "name" ? "name" : "descriptor") : undefined;
    const names = rest.length === 0 ? ["-"] : rest;
    const titled = (names.length > 1 && !values.has("q")) || values.has("v");
    let code = 0;
    const followed: Followed[] = [];
    for (const [index, name] of names.entries()) {
      const content = yield* call.readFile(name);
      if (!content.ok) {
        if (call.isBusybox) yield* call.complainAbout(name, content.error);
        else yield* call.complain(content.error === "EISDIR" ? `error reading '${name}': Is a directory` : `cannot open '${name}' for reading: ${content.error === "EACCES" ? "Permission denied" : "No such file or directory"}`);
        code = 1;
        if (follow === "name") followed.push({ name, position: 0, missing: true });
        continue;
      }
      if (titled) yield* call.out(`${index > 0 ? "\n" : ""}==> ${name === "-" ? "standard input" : name} <==\n`);
      if (!(yield* call.out(lastPart(content.value, amount)))) return 1;
      if (name !== "-") followed.push({ name, position: content.value.length, missing: false });
    }
    if (follow === undefined) {
      if (call.isBusybox && code !== 0 && followed.length === 0) yield* call.complain("no files");
      return code;
    }
    if (followed.length === 0) return yield* nothingToFollow(call, names, code);
    yield* followFiles(call, followed, titled, secondsToUs(Number(values.get("s") ?? 1) || 1));
    return code;
  },
};

interface Followed {
  readonly name: string;
  position: number;
  missing: boolean;
}

function* nothingToFollow(call: Invocation, names: readonly string[], code: number): Sys<number> {
  if (names.includes("-")) return code;
  yield* call.complain("no files remaining");
  return 1;
}

function* followFiles(call: Invocation, files: readonly Followed[], titled: boolean, intervalUs: number): Sys<void> {
  let last = files.at(-1)?.name;
  if (files.every(({ name }) => isDevice(call, name))) {
    yield* call.process.sleep(Infinity); // tail -f /dev/null: nothing will ever come
    return;
  }
  for (;;) {
    yield* call.process.sleep(intervalUs);
    for (const file of files) {
      const content = call.fs.readText(call.path(file.name), call.who);
      if (!content.ok) {
        if (!file.missing && !call.isBusybox) yield* call.complain(`'${file.name}' has become inaccessible: No such file or directory`);
        file.missing = true;
        file.position = 0;
        continue;
      }
      if (file.missing) {
        if (!call.isBusybox) yield* call.complain(`'${file.name}' has appeared;  following new file`);
        file.missing = false;
      }
      if (content.value.length < file.position) {
        yield* call.complain(`${file.name}: file truncated`);
        file.position = 0;
      }
      if (content.value.length === file.position) continue;
      if (titled && last !== file.name) yield* call.out(`\n==> ${file.name} <==\n`);
      last = file.name;
      if (!(yield* call.out(content.value.slice(file.position)))) return;
      file.position = content.value.length;
    }
  }
}

function isDevice(call: Invocation, name: string): boolean {
  const node = call.stat(name);
  return node.ok && node.value.kind === "device";
}

function lastPart(text: string, amount: Amount): string {
  if (amount.unit === "bytes") return amount.fromStart ? text.slice(Math.max(0, amount.count - 1)) : amount.count === 0 ? "" : text.slice(-amount.count);
  const lines = text.split(/(?<=\n)/);
  if (amount.fromStart) return lines.slice(Math.max(0, amount.count - 1)).join("");
  return amount.count === 0 ? "" : lines.slice(-amount.count).join("");
}
