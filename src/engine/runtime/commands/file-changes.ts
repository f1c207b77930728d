import { errnoText } from "../fs/errno.ts";
import type { Errno } from "../fs/errno.ts";
import { ownership } from "../fs/file-system.ts";
import { basename, normalizePath } from "../fs/path.ts";
import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import { groups, users } from "../process/users.ts";
import type { Sys } from "../process/wait.ts";

const MAX_DEPTH = 64;
const isDirectory = (call: Invocation, path: string): boolean => { const node = call.stat(path); return node.ok && node.value.kind === "dir"; };

/** "can't create 'x': …" in busybox' words, "cannot create x 'x': …" in GNU's. */
function* cannot(call: Invocation, busybox: string, gnu: string, path: string, errno: Errno): Sys<number> {
  return yield* call.fail(call.isBusybox ? `can't ${busybox} '${path}': ${errnoText(errno)}` : `cannot ${gnu} '${path}': ${errnoText(errno)}`);
}

export const touch: CommandSpec = {
  name: "touch",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "acmhd:t:r:", { "no-create": "c", date: "d", reference: "r" });
    if (problem !== undefined) return yield* call.usage(problem, "[-cham] [-d DATE] [-t DATE] [-r FILE] FILE...");
    if (rest.length === 0) return call.isBusybox ? yield* call.usage("", "[-cham] FILE...") : yield* call.usage("missing file operand");
    let code = 0;
    for (const name of rest) {
      if (values.has("c") && !call.stat(name).ok) continue;
      const errno = call.fs.touch(call.path(name), call.who);
      if (errno === undefined) continue;
      yield* call.complain(call.isBusybox ? `${name}: ${errnoText(errno)}` : `cannot touch '${name}': ${errnoText(errno)}`);
      code = 1;
    }
    return code;
  },
};

export const mkdir: CommandSpec = {
  name: "mkdir",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "pm:v", { parents: "p", mode: "m", verbose: "v" });
    if (problem !== undefined) return yield* call.usage(problem, "[-m MODE] [-p] DIRECTORY...");
    if (rest.length === 0) return call.isBusybox ? yield* call.usage("", "[-m MODE] [-p] DIRECTORY...") : yield* call.usage("missing operand");
    const mode = /^[0-7]{3,4}$/.test(values.get("m") ?? "") ? Number.parseInt(values.get("m") ?? "755", 8) : 0o777 & ~call.process.umask;
    let code = 0;
    for (const name of rest) {
      const path = normalizePath(name, call.process.cwd);
      const errno = values.has("p") ? makeParents(call, path, mode) : call.fs.mkdir(path, call.who, mode);
      if (errno !== undefined) code = yield* cannot(call, "create directory", "create directory", name, errno);
      else if (values.has("v")) yield* call.out(call.isBusybox ? `created directory: '${name}'\n` : `mkdir: created directory '${name}'\n`);
    }
    return code;
  },
};

function makeParents(call: Invocation, path: string, mode: number): Errno | undefined {
  for (let at = path.indexOf("/", 1); ; at = path.indexOf("/", at + 1)) {
    const part = at < 0 ? path : path.slice(0, at);
    if (!isDirectory(call, part)) {
      const errno = call.fs.mkdir(part, call.who, mode);
      if (errno !== undefined) return errno;
    }
    if (at < 0) return undefined;
  }
}

export const rmdir: CommandSpec = {
  name: "rmdir",
  *run(call) {
    let code = 0;
    for (const name of call.args.filter((arg) => !arg.startsWith("-"))) {
      const node = call.stat(name, false);
      const errno = !node.ok ? node.error : node.value.kind !== "dir" ? "ENOTDIR" : call.fs.remove(normalizePath(name, call.process.cwd), call.who);
      if (errno !== undefined) code = yield* call.fail(call.isBusybox ? `'${name}': ${errnoText(errno)}` : `failed to remove '${name}': ${errnoText(errno)}`);
    }
    return code;
  },
};

export const rm: CommandSpec = {
  name: "rm",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "rRfivd", { recursive: "r", force: "f", verbose: "v", dir: "d" });
    if (problem !== undefined) return yield* call.usage(problem, "[-irf] FILE...");
    if (rest.length === 0 && !values.has("f")) return call.isBusybox ? yield* call.usage("", "[-irf] FILE...") : yield* call.usage("missing operand");
    const recursive = values.has("r") || values.has("R");
    let code = 0;
    for (const name of rest) {
      if (/^(.*\/)?\.\.?\/*$/.test(name)) {
        code = yield* call.fail(call.isBusybox ? "can't remove '.' or '..'" : `refusing to remove '.' or '..' directory: skipping '${name}'`);
        continue;
      }
      if (normalizePath(name, call.process.cwd) === "/" && recursive && !call.isBusybox) {
        code = yield* call.fail("it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe");
        continue;
      }
      code = Math.max(code, yield* removeOne(call, name, { recursive, force: values.has("f"), verbose: values.has("v") }, 0));
    }
    return code;
  },
};

function* removeOne(call: Invocation, name: string, options: { readonly recursive: boolean; readonly force: boolean; readonly verbose: boolean }, depth: number): Sys<number> {
  const node = call.stat(name, false);
  if (!node.ok) {
    if (options.force && (node.error === "ENOENT" || node.error === "ENOTDIR")) return 0;
    return yield* cannot(call, "remove", "remove", name, node.error);
  }
  let code = 0;
  if (node.value.kind === "dir") {
    if (!options.recursive) return yield* call.fail(call.isBusybox ? `'${name}' is a directory` : `cannot remove '${name}': Is a directory`);
    const names = depth > MAX_DEPTH ? undefined : call.fs.list(call.path(name), call.who);
    if (names?.ok === true) for (const child of names.value) code = Math.max(code, yield* removeOne(call, `${name.replace(/\/$/, "")}/${child}`, options, depth + 1));
    if (code !== 0) return code;
  }
  yield* call.process.compute(5);
  const errno = call.fs.remove(normalizePath(name, call.process.cwd), call.who);
  if (errno !== undefined) return yield* cannot(call, "remove", "remove", name, errno);
  if (options.verbose) yield* call.out(`removed '${name}'\n`);
  return 0;
}

export const ln: CommandSpec = {
  name: "ln",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "sfnvT", { symbolic: "s", force: "f", "no-dereference": "n" });
    if (problem !== undefined || rest.length === 0) return yield* call.usage(problem ?? "missing file operand", "[-sfnbtv] [-S SUF] TARGET... LINK|DIR");
    const [target = "", last] = rest;
    const destination = last === undefined ? basename(target) : isDirectory(call, last) && !values.has("n") ? `${last}/${basename(target)}` : last;
    const path = normalizePath(destination, call.process.cwd);
    if (values.has("f") && call.stat(destination, false).ok) call.fs.remove(path, call.who);
    if (values.has("s")) {
      const errno = call.fs.symlink(target, path, call.who);
      return errno === undefined ? 0 : yield* call.fail(call.isBusybox ? `${destination}: ${errnoText(errno)}` : `failed to create symbolic link '${destination}': ${errnoText(errno)}`);
    }
    // Differs: a hard link is a copy here.
    const content = call.fs.readText(call.path(target), call.who);
    const written = content.ok ? call.fs.writeText(path, content.value, call.who) : content;
    return written.ok ? 0 : yield* call.fail(call.isBusybox ? `${destination}: ${errnoText(written.error)}` : `failed to access '${target}': ${errnoText(written.error)}`);
  },
};

export const cp: CommandSpec = {
  name: "cp",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "rRafpdvLPnuTtilHx", { recursive: "r", archive: "a", force: "f", verbose: "v", "no-clobber": "n", update: "u", preserve: "p", "no-target-directory": "T" });
    if (problem !== undefined) return yield* call.usage(problem, "[-arPLHpfinlsTu] SOURCE DEST");
    if (rest.length < 2) return call.isBusybox ? yield* call.usage("", "[-arPLHpfinlsTu] SOURCE DEST") : yield* call.usage(rest.length === 0 ? "missing file operand" : `missing destination file operand after '${rest[0] ?? ""}'`);
    const target = rest.at(-1) ?? "";
    const into = isDirectory(call, target) && !values.has("T");
    if (rest.length > 2 && !into && !call.isBusybox) return yield* call.fail(`target '${target}': No such file or directory`);
    let code = 0;
    for (const source of rest.slice(0, -1)) code = Math.max(code, yield* copyOne(call, source, into || rest.length > 2 ? `${target.replace(/\/$/, "")}/${basename(source) === "." ? "" : basename(source)}`.replace(/\/$/, "") || "/" : target, values, 0));
    return code;
  },
};

function* copyOne(call: Invocation, source: string, target: string, values: ReadonlyMap<string, string>, depth: number): Sys<number> {
  const keepLinks = values.has("a") || values.has("d") || values.has("P");
  const node = call.stat(source, !keepLinks);
  if (!node.ok) return yield* call.fail(call.isBusybox ? `can't stat '${source}': ${errnoText(node.error)}` : `cannot stat '${source}': ${errnoText(node.error)}`);
  const path = normalizePath(target, call.process.cwd);
  const recursive = values.has("r") || values.has("R") || values.has("a");
  if (node.value.kind === "dir") {
    if (!recursive) return yield* call.fail(call.isBusybox ? `omitting directory '${source}'` : `-r not specified; omitting directory '${source}'`);
    if (path.startsWith(`${normalizePath(source, call.process.cwd)}/`) || depth > MAX_DEPTH) return yield* call.fail(`cannot copy a directory, '${source}', into itself, '${target}'`);
    if (!isDirectory(call, target)) {
      const errno = call.fs.mkdir(path, call.who, node.value.mode);
      if (errno !== undefined) return yield* cannot(call, "create directory", "create directory", target, errno);
    }
    const names = call.fs.list(call.path(source), call.who);
    let code = 0;
    for (const child of names.ok ? names.value : []) code = Math.max(code, yield* copyOne(call, `${source.replace(/\/$/, "")}/${child}`, `${target.replace(/\/$/, "")}/${child}`, values, depth + 1));
    return code;
  }
  if (values.has("n") && call.stat(target).ok) return 0;
  if (node.value.kind === "link") {
    const errno = call.fs.symlink(node.value.target, path, call.who);
    return errno === undefined ? 0 : yield* cannot(call, "create symlink", "create symbolic link", target, errno);
  }
  const content = call.fs.readText(call.path(source), call.who);
  if (!content.ok) return yield* call.fail(call.isBusybox ? `can't open '${source}': ${errnoText(content.error)}` : `cannot open '${source}' for reading: ${errnoText(content.error)}`);
  yield* call.process.compute(Math.min(100_000, 20 + content.value.length / 500));
  const opened = call.fs.openForWrite(path, call.who, ownership(node.value).mode & 0o777, true);
  if (!opened.ok) return yield* call.fail(call.isBusybox ? `can't create '${target}': ${errnoText(opened.error)}` : `cannot create regular file '${target}': ${errnoText(opened.error)}`);
  if (opened.value.kind === "file" && !call.fs.append(opened.value.inode, content.value)) return yield* call.fail(call.isBusybox ? "write error: No space left on device" : `error writing '${target}': No space left on device`);
  if (values.has("v")) yield* call.out(`'${source}' -> '${target}'\n`);
  return 0;
}

export const mv: CommandSpec = {
  name: "mv",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "finvTu", { force: "f", verbose: "v", "no-clobber": "n", "no-target-directory": "T" });
    if (problem !== undefined) return yield* call.usage(problem, "[-finT] SOURCE DEST");
    if (rest.length < 2) return call.isBusybox ? yield* call.usage("", "[-finT] SOURCE DEST") : yield* call.usage(rest.length === 0 ? "missing file operand" : `missing destination file operand after '${rest[0] ?? ""}'`);
    const target = rest.at(-1) ?? "";
    const into = isDirectory(call, target) && !values.has("T");
    let code = 0;
    for (const source of rest.slice(0, -1)) {
      const destination = into ? `${target.replace(/\/$/, "")}/${basename(source)}` : target;
      if (values.has("n") && call.stat(destination).ok) continue;
      const errno = call.fs.rename(normalizePath(source, call.process.cwd), normalizePath(destination, call.process.cwd), call.who);
      if (errno === "EXDEV") {
        const copied = yield* copyOne(call, source, destination, new Map([["a", ""]]), 0);
        code = Math.max(code, copied === 0 ? yield* removeOne(call, source, { recursive: true, force: false, verbose: false }, 0) : copied);
      } else if (errno !== undefined) code = yield* call.fail(call.isBusybox ? `can't rename '${source}': ${errnoText(errno)}` : errno === "ENOENT" ? `cannot stat '${source}': ${errnoText(errno)}` : `cannot move '${source}' to '${destination}': ${errnoText(errno)}`);
    }
    return code;
  },
};

export const chmod: CommandSpec = {
  name: "chmod",
  *run(call) {
    const [flags, rest] = [call.args.filter((arg) => /^-[Rvcf]+$/.test(arg) || arg.startsWith("--")), call.args.filter((arg) => !/^-[Rvcf]+$/.test(arg) && !arg.startsWith("--"))];
    const [mode, ...names] = rest;
    if (mode === undefined || names.length === 0) return yield* call.usage("missing operand", "[-Rcvf] MODE[,MODE]... FILE...");
    return yield* eachFile(call, names, flags.some((flag) => flag.includes("R")), function* (name) {
      const node = call.stat(name);
      const next = node.ok ? newMode(mode, ownership(node.value).mode, node.value.kind === "dir") : undefined;
      if (node.ok && next === undefined) return yield* call.fail(call.isBusybox ? `invalid mode '${mode}'` : `invalid mode: '${mode}'`);
      const errno = node.ok ? call.fs.chmod(call.path(name), next ?? 0, call.who) : node.error;
      if (errno === undefined) return 0;
      return yield* call.fail(call.isBusybox ? `${name}: ${errnoText(errno)}` : errno === "ENOENT" ? `cannot access '${name}': ${errnoText(errno)}` : `changing permissions of '${name}': ${errnoText(errno)}`);
    });
  },
};

export const chown: CommandSpec = {
  name: "chown",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "RhLHPcvf", { recursive: "R" });
    const [owner, ...names] = rest;
    if (problem !== undefined || owner === undefined || names.length === 0) return yield* call.usage(problem ?? "missing operand", "[-RhLHPcvf]... USER[:[GRP]] FILE...");
    const [user = "", group] = call.name === "chgrp" ? ["", owner] : owner.split(/[:.]/);
    const uid = user === "" ? undefined : /^\d+$/.test(user) ? Number(user) : users(call.fs).find((entry) => entry.name === user)?.uid;
    const gid = group === undefined || group === "" ? undefined : /^\d+$/.test(group) ? Number(group) : groups(call.fs).get(group);
    if ((user !== "" && uid === undefined) || (group !== undefined && group !== "" && gid === undefined)) return yield* call.fail(call.isBusybox ? `unknown user${uid === undefined ? "" : "/group"} ${owner}` : `invalid ${uid === undefined ? "user" : "group"}: '${owner}'`);
    return yield* eachFile(call, names, values.has("R"), function* (name) {
      const errno = call.fs.chown(call.path(name), uid, gid, call.who);
      if (errno === undefined) return 0;
      return yield* call.fail(call.isBusybox ? `${name}: ${errnoText(errno)}` : errno === "ENOENT" ? `cannot access '${name}': ${errnoText(errno)}` : `changing ownership of '${name}': ${errnoText(errno)}`);
    });
  },
};

function* eachFile(call: Invocation, names: readonly string[], recursive: boolean, change: (name: string) => Sys<number>, depth = 0): Sys<number> {
  let code = 0;
  for (const name of names) {
    code = Math.max(code, yield* change(name));
    if (!recursive || depth > MAX_DEPTH || !isDirectory(call, name)) continue;
    const children = call.fs.list(call.path(name), call.who);
    if (children.ok) code = Math.max(code, yield* eachFile(call, children.value.map((child) => `${name.replace(/\/$/, "")}/${child}`), true, change, depth + 1));
  }
  return code;
}

/** "755", "u+x,go-w", "a=rX". */
function newMode(text: string, old: number, directory: boolean): number | undefined {
  if (/^[0-7]{1,4}$/.test(text)) return Number.parseInt(text, 8);
  let mode = old;
  for (const clause of text.split(",")) {
    const match = /^([ugoa]*)([-+=])([rwxXst]*)$/.exec(clause);
    if (match === null) return undefined;
    const [, who = "", operator = "+", letters = ""] = match;
    let bits = 0;
    for (const letter of letters) bits |= letter === "r" ? 0o444 : letter === "w" ? 0o222 : letter === "x" || (letter === "X" && (directory || (old & 0o111) !== 0)) ? 0o111 : 0;
    const mask = who === "" || who.includes("a") ? 0o777 : (who.includes("u") ? 0o700 : 0) | (who.includes("g") ? 0o070 : 0) | (who.includes("o") ? 0o007 : 0);
    const special = (letters.includes("s") ? (who.includes("g") ? 0o2000 : 0) | (who === "" || who.includes("u") ? 0o4000 : 0) : 0) | (letters.includes("t") ? 0o1000 : 0);
    if (operator === "+") mode |= (bits & mask) | special;
    else if (operator === "-") mode &= ~((bits & mask) | special);
    else mode = (mode & ~mask) | (bits & mask) | special;
  }
  return mode;
}
