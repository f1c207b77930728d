import { errnoText } from "../fs/errno.ts";
import { ownership } from "../fs/file-system.ts";
import type { FileNode } from "../fs/node.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import type { Sys } from "../process/wait.ts";
import { strftime } from "../text/calendar.ts";
import { humanSize, modeText, modifiedUs, nameTables, sizeOf } from "./file-info.ts";
import { calendarAt } from "./now.ts";

interface Entry {
  readonly name: string;
  readonly path: string;
  readonly node: FileNode;
}

/** Source: POSIX.1-2017, ls. Differs: one name per line unless -C or a terminal (two blanks between names there); no colours. */
export const ls: CommandSpec = {
  name: "ls",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "1aAlhRrtSdFinCxpogkscLHTw:", { all: "a", "almost-all": "A", "human-readable": "h", recursive: "R", reverse: "r", directory: "d", color: "G", classify: "F", size: "s" });
    if (problem !== undefined) return yield* call.usage(problem, "[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...");
    const files: Entry[] = [];
    const directories: Entry[] = [];
    let code = 0;
    for (const name of rest.length === 0 ? ["."] : [...rest].sort()) {
      const node = call.stat(name, !values.has("l") || values.has("L"));
      const link = call.stat(name, false);
      const shown = node.ok ? node : link;
      if (!shown.ok) {
        yield* call.complain(call.isBusybox ? `${name}: ${errnoText(shown.error)}` : `cannot access '${name}': ${errnoText(shown.error)}`);
        code = call.isBusybox ? 1 : 2;
      } else if (shown.value.kind === "dir" && !values.has("d")) directories.push({ name, path: name, node: shown.value });
      else files.push({ name, path: name, node: shown.value });
    }
    if (files.length > 0) yield* printEntries(call, files, values, false);
    for (const [index, directory] of directories.entries()) {
      if (rest.length > 1 || values.has("R")) yield* call.out(`${index > 0 || files.length > 0 ? "\n" : ""}${directory.name}:\n`);
      code = Math.max(code, yield* listDirectory(call, directory.path, values, 0));
    }
    return code;
  },
};

function* listDirectory(call: Invocation, path: string, values: ReadonlyMap<string, string>, depth: number): Sys<number> {
  const names = call.fs.list(call.path(path), call.who);
  if (!names.ok) {
    yield* call.complain(call.isBusybox ? `can't open '${path}': ${errnoText(names.error)}` : `cannot open directory '${path}': ${errnoText(names.error)}`);
    return call.isBusybox ? 1 : 2;
  }
  const all = values.has("a") ? [".", "..", ...names.value] : values.has("A") ? names.value : names.value.filter((name) => !name.startsWith("."));
  const entries = all.flatMap((name): Entry[] => {
    const child = path === "/" ? `/${name}` : `${path.replace(/\/+$/, "") || "/"}/${name}`;
    const node = call.stat(child, values.has("L"));
    return node.ok ? [{ name, path: child, node: node.value }] : [];
  });
  yield* call.process.compute(10 + entries.length);
  yield* printEntries(call, entries, values, true);
  if (!values.has("R") || depth > 24) return 0;
  let code = 0;
  for (const entry of entries) {
    if (entry.node.kind !== "dir" || entry.name === "." || entry.name === "..") continue;
    yield* call.out(`\n${entry.path}:\n`);
    code = Math.max(code, yield* listDirectory(call, entry.path, values, depth + 1));
  }
  return code;
}

function* printEntries(call: Invocation, entries: Entry[], values: ReadonlyMap<string, string>, inDirectory: boolean): Sys<void> {
  if (values.has("t")) entries.sort((a, b) => modifiedUs(b.node) - modifiedUs(a.node));
  if (values.has("S")) entries.sort((a, b) => sizeOf(b.node) - sizeOf(a.node));
  if (values.has("r")) entries.reverse();
  const mark = (entry: Entry): string => (values.has("F") ? (entry.node.kind === "dir" ? "/" : entry.node.kind === "link" ? "@" : (ownership(entry.node).mode & 0o111) !== 0 && entry.node.kind === "file" ? "*" : "") : values.has("p") && entry.node.kind === "dir" ? "/" : "");
  if (!values.has("l") && !values.has("n") && !values.has("o") && !values.has("g")) {
    const terminal = call.process.files[1]?.isTty === true || values.has("C");
    const names = entries.map((entry) => entry.name + mark(entry));
    if (names.length === 0) return;
    yield* call.out(terminal && !values.has("1") ? `${names.join("  ")}\n` : `${names.join("\n")}\n`);
    return;
  }
  if (inDirectory) yield* call.out(`total ${entries.reduce((sum, { node }) => sum + (node.kind === "file" || node.kind === "dir" ? Math.ceil(sizeOf(node) / 4096) * 4 : 0), 0)}\n`);
  const tables = nameTables(call.process);
  const rows = entries.map((entry) => {
    const { uid, gid } = ownership(entry.node);
    const time = calendarAt(call.process, modifiedUs(entry.node));
    const links = entry.node.kind === "dir" ? String(2 + childDirectories(call, entry)) : "1";
    return {
      entry, mode: modeText(entry.node), links, owner: values.has("n") ? String(uid) : tables.user(uid), group: values.has("n") ? String(gid) : tables.group(gid),
      size: entry.node.kind === "device" ? "1,   3" : values.has("h") ? humanSize(sizeOf(entry.node)) : String(sizeOf(entry.node)), date: strftime("%b %e %H:%M", time),
    };
  });
  const width = (pick: (row: (typeof rows)[number]) => string): number => Math.max(0, ...rows.map((row) => pick(row).length));
  const [links, owner, group, size] = [width((r) => r.links), width((r) => r.owner), width((r) => r.group), width((r) => r.size)];
  for (const row of rows) {
    const target = row.entry.node.kind === "link" ? ` -> ${row.entry.node.target}` : "";
    const middle = call.isBusybox
      ? `${row.mode} ${row.links.padStart(5)} ${row.owner.padEnd(8)} ${row.group.padEnd(8)} ${row.size.padStart(9)} ${row.date}`
      : `${row.mode} ${row.links.padStart(links)} ${values.has("g") ? "" : `${row.owner.padEnd(owner)} `}${values.has("o") ? "" : `${row.group.padEnd(group)} `}${row.size.padStart(size)} ${row.date}`;
    yield* call.out(`${middle} ${row.entry.name}${mark(row.entry)}${target}\n`);
  }
}

function childDirectories(call: Invocation, entry: Entry): number {
  const names = call.fs.list(call.path(entry.path), call.who);
  if (!names.ok || names.value.length > 200) return 0;
  return names.value.filter((name) => { const node = call.stat(`${entry.path}/${name}`, false); return node.ok && node.value.kind === "dir"; }).length;
}
