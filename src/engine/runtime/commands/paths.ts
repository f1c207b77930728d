import { errnoText } from "../fs/errno.ts";
import { ownership } from "../fs/file-system.ts";
import { basename as lastPart, dirname as parentOf, normalizePath } from "../fs/path.ts";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { strftime } from "../text/calendar.ts";
import { modeText, modifiedUs, nameTables, sizeOf } from "./file-info.ts";
import { calendarAt } from "./now.ts";

export const basename: CommandSpec = {
  name: "basename",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "as:", { multiple: "a", suffix: "s" });
    const [path] = rest;
    if (problem !== undefined || path === undefined) return yield* call.usage(problem ?? "missing operand", "FILE [SUFFIX]");
    const suffix = values.get("s") ?? (values.has("a") ? undefined : rest[1]);
    for (const name of values.has("a") || values.has("s") ? rest : [path]) {
      const base = lastPart(name) || "/";
      yield* call.out(`${suffix !== undefined && base !== suffix && base.endsWith(suffix) ? base.slice(0, -suffix.length) : base}\n`);
    }
    return 0;
  },
};

export const dirname: CommandSpec = {
  name: "dirname",
  *run(call) {
    if (call.args.length === 0) return yield* call.usage("missing operand", "FILENAME");
    for (const name of call.args) {
      const trimmed = name.length > 1 ? name.replace(/\/+$/, "") : name;
      yield* call.out(`${trimmed.includes("/") ? parentOf(trimmed) : "."}\n`);
    }
    return 0;
  },
};

export const readlink: CommandSpec = {
  name: "readlink",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "fnvemqs", { canonicalize: "f" });
    if (problem !== undefined || rest.length === 0) return yield* call.usage(problem ?? "missing operand", "[-fnv] FILE");
    let code = 0;
    for (const name of rest) {
      if (values.has("f") || values.has("e") || values.has("m") || call.name === "realpath") {
        const real = call.fs.realpath(normalizePath(name, call.process.cwd), call.who);
        const exists = call.stat(name);
        if (real.ok && (exists.ok || values.has("m") || call.fs.stat(parentOf(real.value), call.who).ok) && !(call.name === "realpath" && !exists.ok && call.isBusybox)) yield* call.out(`${real.value}${values.has("n") ? "" : "\n"}`);
        else {
          if (call.name === "realpath") yield* call.complain(`${name}: ${errnoText("ENOENT")}`);
          code = 1;
        }
        continue;
      }
      const node = call.stat(name, false);
      if (node.ok && node.value.kind === "link") yield* call.out(`${node.value.target}${values.has("n") ? "" : "\n"}`);
      else code = 1;
    }
    return code;
  },
};

/** Source: GNU coreutils src/stat.c; busybox coreutils/stat.c. */
export const stat: CommandSpec = {
  name: "stat",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "c:fLt", { format: "c", printf: "p", dereference: "L", "file-system": "f" });
    if (problem !== undefined || rest.length === 0) return yield* call.usage(problem ?? "missing operand", "[-ltf] [-c FMT] FILE...");
    let code = 0;
    for (const name of rest) {
      const node = call.stat(name, values.has("L"));
      if (!node.ok) {
        yield* call.complain(call.isBusybox ? `can't stat '${name}': ${errnoText(node.error)}` : `cannot stat '${name}': ${errnoText(node.error)}`);
        code = 1;
        continue;
      }
      const { mode, uid, gid } = ownership(node.value);
      const names = nameTables(call.process);
      const time = calendarAt(call.process, modifiedUs(node.value));
      const size = sizeOf(node.value);
      const kind = { file: size === 0 ? "regular empty file" : "regular file", dir: "directory", link: "symbolic link", device: "character special file", generated: "regular empty file" }[node.value.kind];
      const stamp = strftime("%Y-%m-%d %H:%M:%S.%N +0000", time);
      const octal = (mode & 0o7777).toString(8);
      const format = values.get("c");
      if (format !== undefined) {
        const letters: Readonly<Record<string, string>> = { n: name, N: `'${name}'`, s: String(size), a: octal, A: modeText(node.value), u: String(uid), g: String(gid), U: names.user(uid), G: names.group(gid), F: kind, y: stamp, Y: String(time.unix), x: stamp, X: String(time.unix), z: stamp, Z: String(time.unix), h: "1", i: "1", b: String(Math.ceil(size / 512)), B: "512", "%": "%" };
        yield* call.out(`${format.replace(/%([a-zA-Z%])/g, (whole, letter: string) => letters[letter] ?? whole)}\n`);
        continue;
      }
      yield* call.out(`  File: ${name}\n  Size: ${String(size).padEnd(10)}\tBlocks: ${String(Math.ceil(size / 512)).padEnd(10)} IO Block: 4096   ${kind}\nDevice: 0,50\tInode: 1           Links: 1\nAccess: (${octal.padStart(4, "0")}/${modeText(node.value)})  Uid: (${String(uid).padStart(5)}/${names.user(uid).padStart(8)})   Gid: (${String(gid).padStart(5)}/${names.group(gid).padStart(8)})\nAccess: ${stamp}\nModify: ${stamp}\nChange: ${stamp}\n`);
    }
    return code;
  },
};

export const mktemp: CommandSpec = {
  name: "mktemp",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "dqup:t", { directory: "d", tmpdir: "p" });
    if (problem !== undefined) return yield* call.usage(problem, "[-dt] [-p DIR] [TEMPLATE]");
    const template = rest[0] ?? `${values.get("p") ?? call.process.env.get("TMPDIR") ?? "/tmp"}/tmp.XXXXXX${call.isBusybox ? "" : "XXXX"}`;
    const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    const path = template.replace(/X{3,}$/, (run) => Array.from({ length: run.length }, () => letters.charAt(call.process.world.rng.below(letters.length))).join(""));
    const full = normalizePath(path, call.process.cwd);
    const errno = values.has("d") ? call.fs.mkdir(full, call.who, 0o700) : (() => { const written = call.fs.writeText(full, "", call.who, 0o600); return written.ok ? undefined : written.error; })();
    if (errno !== undefined) return yield* call.fail(call.isBusybox ? `${path}: ${errnoText(errno)}` : `failed to create ${values.has("d") ? "directory" : "file"} via template '${template}': ${errnoText(errno)}`);
    yield* call.out(`${path}\n`);
    return 0;
  },
};

export const which: CommandSpec = {
  name: "which",
  *run(call) {
    let code = 0;
    for (const name of call.args.filter((arg) => !arg.startsWith("-"))) {
      const path = call.process.table.lookup(name, call.process.env.get("PATH"), call.process.cwd, call.who);
      if (path.ok) yield* call.out(`${path.value}\n`);
      else code = 1;
    }
    return code;
  },
};

export const pwd: CommandSpec = { name: "pwd", *run(call) { yield* call.out(`${call.process.cwd}\n`); return 0; } };
