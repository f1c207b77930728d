import { normalizePath } from "../fs/path.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import type { Sys } from "../process/wait.ts";
import { compileRegex, type Regex } from "../text/regex.ts";

/** Source: POSIX.1-2017, grep; GNU grep; busybox findutils/grep.c. egrep and fgrep by name. */
export const grep: CommandSpec = {
  name: "grep",
  *run(call) {
    const { values, lists, rest, problem } = parseOptions(call.args, "EFGPivncloqshHLwxre:f:m:A:B:C:Ra", {
      "extended-regexp": "E", "fixed-strings": "F", "basic-regexp": "G", "perl-regexp": "P", "ignore-case": "i", "invert-match": "v", "line-number": "n", count: "c", "files-with-matches": "l",
      "only-matching": "o", quiet: "q", silent: "q", "no-messages": "s", "no-filename": "h", "with-filename": "H", "word-regexp": "w", "line-regexp": "x", recursive: "r", regexp: "e", "max-count": "m",
      "after-context": "A", "before-context": "B", context: "C", color: "a", colour: "a", "line-buffered": "a", text: "a",
    });
    if (problem !== undefined) return yield* usage(call, problem);
    const operands = [...rest];
    const patterns = [...(lists.get("e") ?? [])];
    const patternFile = values.get("f");
    if (patternFile !== undefined) {
      const text = yield* call.readFile(patternFile);
      if (!text.ok) return yield* call.fail(`${patternFile}: No such file or directory`, 2);
      patterns.push(...text.value.replace(/\n$/, "").split("\n"));
    }
    if (patterns.length === 0) {
      const first = operands.shift();
      if (first === undefined) return yield* usage(call, undefined);
      patterns.push(...first.split("\n"));
    }
    const regexes: Regex[] = [];
    for (const pattern of patterns) {
      const extended = values.has("E") || values.has("P") || call.name === "egrep";
      const fixed = values.has("F") || call.name === "fgrep";
      let source = fixed ? pattern.replace(/[\\^$.[\]*]/g, "\\$&") : values.has("P") ? pattern.replaceAll("\\d", "[0-9]").replaceAll("(?:", "(") : pattern;
      const group = extended && !fixed ? ["(", ")"] : ["\\(", "\\)"];
      if (values.has("x")) source = `^${group[0]}${source}${group[1]}$`;
      else if (values.has("w")) source = `\\b${group[0]}${source}${group[1]}\\b`;
      const regex = compileRegex(source, extended && !fixed ? "extended" : "basic", values.has("i"));
      if (!regex.ok) return yield* call.fail(call.isBusybox ? `bad regex '${pattern}': ${regex.error}` : regex.error, 2);
      regexes.push(regex.value);
    }
    const recursive = values.has("r") || values.has("R");
    const names = operands.length === 0 ? [recursive ? "." : "-"] : operands;
    const files = recursive ? names.flatMap((name) => walk(call, name)) : names;
    const search: Search = { call, values, regexes, titled: (files.length > 1 || recursive || values.has("H")) && !values.has("h"), found: false, failed: false };
    for (const name of files) {
      yield* searchFile(search, name);
      if (search.found && values.has("q")) return 0;
    }
    return search.failed && !search.found ? 2 : search.found ? 0 : 1;
  },
};

function* usage(call: Invocation, problem: string | undefined): Sys<number> {
  if (call.isBusybox) {
    yield* call.usage(problem ?? "", "[-HhnlLoqvsrRiwFE] [-m N] [-A|B|C N] { PATTERN | -e PATTERN... | -f FILE... } [FILE]...");
    return 2;
  }
  yield* call.process.errOut(`${problem === undefined ? "" : `${call.prefix}${problem}\n`}Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n`);
  return 2;
}

interface Search {
  readonly call: Invocation;
  readonly values: ReadonlyMap<string, string>;
  readonly regexes: readonly Regex[];
  readonly titled: boolean;
  found: boolean;
  failed: boolean;
}

function* searchFile(search: Search, name: string): Sys<void> {
  const { call, values } = search;
  const title = search.titled ? `${name === "-" ? "(standard input)" : name}:` : "";
  const limit = values.has("m") ? Number(values.get("m")) : values.has("q") || values.has("l") ? 1 : Infinity;
  const before = Number(values.get("B") ?? values.get("C") ?? 0);
  const after = Number(values.get("A") ?? values.get("C") ?? 0);
  const lines = name === "-" ? undefined : call.fs.readText(call.path(name), call.who);
  if (lines?.ok === false) {
    search.failed = true;
    if (values.has("s")) return;
    if (lines.error === "EISDIR" && call.isBusybox) yield* call.complain(`${name}: Is a directory`);
    else if (lines.error === "EISDIR") yield* call.complain(`${name}: Is a directory`);
    else yield* call.complain(`${name}: ${lines.error === "EACCES" ? "Permission denied" : "No such file or directory"}`);
    return;
  }
  const queue = lines === undefined ? undefined : splitLines(lines.value);
  let number = 0;
  let count = 0;
  let printed = 0;
  let trailing = 0;
  const recent: string[] = [];
  for (;;) {
    const line = queue === undefined ? yield* nextLine(call) : queue[number];
    if (line === undefined || count >= limit) break;
    number += 1;
    if (number % 64 === 0) yield* call.process.compute(20);
    if (search.regexes.some((regex) => regex.test(line)) === values.has("v")) {
      if (trailing > 0) {
        trailing -= 1;
        printed = number;
        yield* call.out(`${title.replace(/:$/, "-")}${values.has("n") ? `${number}-` : ""}${line}\n`);
      } else if (before > 0) {
        recent.push(line);
        if (recent.length > before) recent.shift();
      }
      continue;
    }
    count += 1;
    search.found = true;
    if (values.has("q") || values.has("l") || values.has("c") || values.has("L")) continue;
    if (printed > 0 && before + after > 0 && number - recent.length > printed + 1) yield* call.out("--\n");
    for (const [index, earlier] of recent.entries()) yield* call.out(`${title.replace(/:$/, "-")}${values.has("n") ? `${number - recent.length + index}-` : ""}${earlier}\n`);
    recent.length = 0;
    const prefix = `${title}${values.has("n") ? `${number}:` : ""}`;
    if (values.has("o")) yield* printMatches(search, prefix, line);
    else if (!(yield* call.out(`${prefix}${line}\n`))) return;
    printed = number;
    trailing = after;
  }
  if (values.has("c") && !values.has("q")) yield* call.out(`${title}${count}\n`);
  if (values.has("l") && count > 0) yield* call.out(`${name === "-" ? "(standard input)" : name}\n`);
  if (values.has("L") && count === 0) yield* call.out(`${name}\n`);
}

function* printMatches(search: Search, prefix: string, line: string): Sys<void> {
  for (let at = 0; at <= line.length; ) {
    let best: { start: number; end: number } | undefined;
    for (const regex of search.regexes) {
      const match = regex.match(line, at);
      if (match !== undefined && (best === undefined || match.start < best.start || (match.start === best.start && match.end > best.end))) best = match;
    }
    if (best === undefined) return;
    if (best.end > best.start) yield* search.call.out(`${prefix}${line.slice(best.start, best.end)}\n`);
    at = best.end > best.start ? best.end : best.end + 1;
  }
}

function* nextLine(call: Invocation): Sys<string | undefined> {
  const line = yield* call.process.read(0, { line: true });
  return line === null ? undefined : line.replace(/\n$/, "");
}

const splitLines = (text: string): readonly string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** Files under a path, as `grep -r` visits them. */
function walk(call: Invocation, name: string, depth = 0): string[] {
  const node = call.stat(name, depth === 0);
  if (!node.ok || node.value.kind !== "dir") return node.ok && node.value.kind !== "file" && depth > 0 ? [] : [name];
  if (depth > 32 || /^\/(proc|sys|dev)$/.test(normalizePath(name, call.process.cwd))) return [];
  const names = call.fs.list(call.path(name), call.who);
  return names.ok ? names.value.flatMap((child) => walk(call, name.endsWith("/") ? `${name}${child}` : `${name}/${child}`, depth + 1)) : [];
}
