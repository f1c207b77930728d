import { err, ok, type Result } from "../../kernel/result.ts";
import type { SimTimeUs } from "../../kernel/time.ts";
import type { Errno } from "./errno.ts";
import { dirNode, type FileNode, type FileTree, type Inode } from "./node.ts";
import { joinPath } from "./path.ts";

/** Bytes (UTF-16 code units) that one file may hold. Differs: a real disk takes far more; a page's memory does not. */
export const MAX_FILE_CHARS = 4 << 20;
const MAX_LINKS = 40; // Source: include/linux/namei.h, MAXSYMLINKS
const MAX_NAME = 255;
const MAX_PATH = 4096;

/** Who asks: decides what it may read and write. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
}

export interface Mount {
  /** Absolute, normalised. */
  readonly path: string;
  readonly tree: FileTree;
  /** Within `tree`; "" mounts the whole of it. */
  readonly source: string;
  /** For /proc/mounts. */
  readonly device: string;
  readonly type: string;
}

interface Place {
  /** Where the walk ended, links resolved. */
  readonly path: string;
  readonly tree: FileTree;
  readonly rel: string;
  readonly node: FileNode | undefined;
}

/** One container's files: its image with a writable layer, and what is mounted into it. */
export class FileSystem {
  readonly mounts: readonly Mount[];
  private readonly root: FileTree;
  private readonly now: () => SimTimeUs;

  constructor(root: FileTree, mounts: readonly Mount[], now: () => SimTimeUs) {
    this.root = root;
    this.mounts = mounts;
    this.now = now;
  }

  /** `follow`: look through a symbolic link at the end of the path, too. */
  stat(path: string, who: Credentials, follow = true): Result<FileNode, Errno> {
    const place = this.walk(path, who, follow);
    if (!place.ok) return place;
    return place.value.node === undefined ? err("ENOENT") : ok(place.value.node);
  }

  /** The path with every link resolved. */
  realpath(path: string, who: Credentials): Result<string, Errno> {
    const place = this.walk(path, who, true);
    return place.ok ? ok(place.value.path) : place;
  }

  readText(path: string, who: Credentials): Result<string, Errno> {
    const node = this.stat(path, who);
    if (!node.ok) return node;
    switch (node.value.kind) {
      case "dir":
        return err("EISDIR");
      case "generated":
        return ok(node.value.read());
      case "file":
        return mayRead(node.value.inode, who) ? ok(node.value.inode.content) : err("EACCES");
      default:
        return ok("");
    }
  }

  /** Sorted names of a directory. */
  list(path: string, who: Credentials): Result<string[], Errno> {
    const place = this.walk(path, who, true);
    if (!place.ok) return place;
    const { node, tree, rel } = place.value;
    if (node === undefined) return err("ENOENT");
    if (node.kind !== "dir") return err("ENOTDIR");
    if (!allowed(node.mode, node.uid, node.gid, who, 4)) return err("EACCES");
    const names = new Set(tree.names(rel));
    const here = place.value.path === "/" ? "/" : `${place.value.path}/`;
    for (const mount of this.mounts) {
      if (!mount.path.startsWith(here)) continue;
      const rest = mount.path.slice(here.length);
      const slash = rest.indexOf("/");
      if (rest !== "") names.add(slash < 0 ? rest : rest.slice(0, slash));
    }
    return ok([...names].sort());
  }

  /** The inode to write to: made when it is missing (with `mode`), copied up from a read-only layer. Devices come back as nodes. */
  openForWrite(path: string, who: Credentials, mode: number, truncate: boolean): Result<FileNode, Errno> {
    const found = this.walk(path, who, true);
    if (!found.ok) return found;
    const place = found.value;
    if (place.node?.kind === "dir") return err("EISDIR");
    if (place.node?.kind === "device") return ok(place.node);
    if (place.tree.readOnly) return err("EROFS");
    if (place.node === undefined) {
      const parent = this.mayChange(place.path, who);
      if (parent !== undefined) return err(parent);
      const node: FileNode = { kind: "file", inode: { content: "", mode, modifiedUs: this.now(), uid: who.uid, gid: who.gid } };
      const failed = place.tree.put(place.rel, node);
      return failed === undefined ? ok(node) : err(failed);
    }
    const denied = place.node.kind === "file" && !allowed(place.node.inode.mode, place.node.inode.uid ?? 0, place.node.inode.gid ?? 0, who, 2);
    const node = denied ? undefined : place.tree.writable(place.rel);
    if (node?.kind !== "file") return err("EACCES");
    if (truncate && node.inode.content !== "") {
      node.inode.content = "";
      node.inode.modifiedUs = this.now();
    }
    return ok(node);
  }

  /** Adds at the end of an open inode; false when it would grow too large. */
  append(inode: Inode, text: string): boolean {
    if (inode.content.length + text.length > MAX_FILE_CHARS) return false;
    inode.content += text;
    inode.modifiedUs = this.now();
    return true;
  }

  writeText(path: string, text: string, who: Credentials, mode = 0o644): Result<undefined, Errno> {
    const node = this.openForWrite(path, who, mode, true);
    if (!node.ok) return node;
    if (node.value.kind !== "file") return ok(undefined);
    return this.append(node.value.inode, text) ? ok(undefined) : err("ENOSPC");
  }

  mkdir(path: string, who: Credentials, mode = 0o755): Errno | undefined {
    return this.create(path, who, dirNode(mode, who.uid, who.gid, this.now()));
  }

  /** What would keep `who` from making `path`. */
  mayCreate(path: string, who: Credentials): Errno | undefined {
    return this.create(path, who, undefined);
  }

  symlink(target: string, path: string, who: Credentials): Errno | undefined {
    return this.create(path, who, { kind: "link", target });
  }

  /** Removes a file, link or empty directory: unlink and rmdir in one; the caller checks the kind. */
  remove(path: string, who: Credentials): Errno | undefined {
    const found = this.walk(path, who, false);
    if (!found.ok) return found.error;
    const place = found.value;
    if (place.node === undefined) return "ENOENT";
    if (this.isMounted(place.path) || place.path === "/") return "EBUSY";
    if (place.tree.readOnly) return "EROFS";
    if (place.node.kind === "dir") for (const _ of place.tree.names(place.rel)) return "ENOTEMPTY";
    const denied = this.mayChange(place.path, who);
    if (denied !== undefined) return denied;
    place.tree.remove(place.rel);
    return undefined;
  }

  /** rename(2): within one mount only. */
  rename(from: string, to: string, who: Credentials): Errno | undefined {
    const source = this.walk(from, who, false);
    const target = this.walk(to, who, false);
    if (!source.ok) return source.error;
    if (!target.ok) return target.error;
    const a = source.value;
    const b = target.value;
    if (a.node === undefined) return "ENOENT";
    if (this.isMounted(a.path) || this.isMounted(b.path)) return "EBUSY";
    if (a.tree !== b.tree) return "EXDEV";
    if (a.tree.readOnly) return "EROFS";
    if (a.path === b.path) return undefined;
    if (b.path.startsWith(`${a.path}/`)) return "EINVAL";
    if (b.node?.kind === "dir") {
      if (a.node.kind !== "dir") return "EISDIR";
      for (const _ of b.tree.names(b.rel)) return "ENOTEMPTY";
    }
    const denied = this.mayChange(a.path, who) ?? this.mayChange(b.path, who);
    if (denied !== undefined) return denied;
    moveTree(a.tree, a.rel, b.rel);
    return undefined;
  }

  chmod(path: string, mode: number, who: Credentials): Errno | undefined {
    return this.change(path, who, (node) => setMode(node, mode));
  }

  chown(path: string, uid: number | undefined, gid: number | undefined, who: Credentials): Errno | undefined {
    if (who.uid !== 0) return "EPERM";
    return this.change(path, who, (node) => setOwner(node, uid, gid));
  }

  touch(path: string, who: Credentials): Errno | undefined {
    const found = this.walk(path, who, true);
    if (!found.ok) return found.error;
    if (found.value.node?.kind === "dir") return found.value.tree.readOnly ? "EROFS" : undefined;
    const node = this.openForWrite(path, who, 0o644, false);
    if (!node.ok) return node.error;
    if (node.value.kind === "file") node.value.inode.modifiedUs = this.now();
    return undefined;
  }

  /** What the kernel allows: `want` is 4 read, 2 write, 1 execute. */
  access(path: string, want: number, who: Credentials): boolean {
    const found = this.walk(path, who, true);
    if (!found.ok || found.value.node === undefined) return false;
    if (want === 2 && found.value.tree.readOnly && found.value.node.kind !== "device") return false;
    const { mode, uid, gid } = ownership(found.value.node);
    return allowed(mode, uid, gid, who, want);
  }

  /** `node` undefined: only looks whether it could. */
  private create(path: string, who: Credentials, node: FileNode | undefined): Errno | undefined {
    const found = this.walk(path, who, false);
    if (!found.ok) return found.error;
    if (found.value.node !== undefined) return "EEXIST";
    if (found.value.tree.readOnly) return "EROFS";
    return this.mayChange(found.value.path, who) ?? (node === undefined ? undefined : found.value.tree.put(found.value.rel, node));
  }

  private change(path: string, who: Credentials, apply: (node: FileNode) => void): Errno | undefined {
    const found = this.walk(path, who, true);
    if (!found.ok) return found.error;
    if (found.value.node === undefined) return "ENOENT";
    if (found.value.tree.readOnly) return "EROFS";
    const owner = ownership(found.value.node).uid;
    if (who.uid !== 0 && who.uid !== owner) return "EPERM";
    const node = found.value.tree.writable(found.value.rel);
    if (node === undefined) return "EPERM";
    apply(node);
    return found.value.tree.put(found.value.rel, node);
  }

  /** Whether `who` may add to or remove from the directory that holds `path`. */
  private mayChange(path: string, who: Credentials): Errno | undefined {
    const parent = this.walk(path.slice(0, path.lastIndexOf("/")) || "/", who, true);
    if (!parent.ok) return parent.error;
    const node = parent.value.node;
    if (node === undefined) return "ENOENT";
    if (node.kind !== "dir") return "ENOTDIR";
    return allowed(node.mode, node.uid, node.gid, who, 2) ? undefined : "EACCES";
  }

  private walk(path: string, who: Credentials, follow: boolean): Result<Place, Errno> {
    if (path === "") return err("ENOENT");
    if (path.length > MAX_PATH) return err("ENAMETOOLONG");
    const rootMount = this.mountAt("/");
    const start: Place = { path: "/", tree: rootMount?.tree ?? this.root, rel: rootMount?.source ?? "", node: dirNode() };
    let todo = path.split("/").reverse();
    let here: Place = { ...start, node: start.tree.get(start.rel) };
    const above: Place[] = [];
    let links = 0;
    for (let part = todo.pop(); part !== undefined; part = todo.pop()) {
      if (part === "" || part === ".") {
        if (here.node === undefined) return err("ENOENT");
        if (here.node.kind !== "dir") return err("ENOTDIR");
        continue;
      }
      if (here.node === undefined) return err("ENOENT");
      if (here.node.kind !== "dir") return err("ENOTDIR");
      if (part === "..") {
        here = above.pop() ?? here;
        continue;
      }
      if (part.length > MAX_NAME) return err("ENAMETOOLONG");
      const { mode, uid, gid } = here.node;
      if (!allowed(mode, uid, gid, who, 1)) return err("EACCES");
      const next = this.step(here, part);
      if (next.node?.kind === "link" && (follow || todo.some((rest) => rest !== ""))) {
        if (++links > MAX_LINKS) return err("ELOOP");
        const target = next.node.target;
        todo = [...todo, ...target.split("/").reverse()];
        if (target.startsWith("/")) {
          here = { ...start, node: start.tree.get(start.rel) };
          above.length = 0;
        }
        continue;
      }
      above.push(here);
      here = next;
    }
    return ok(here);
  }

  /** There are few mounts, and thousands of containers: no map for each. */
  private mountAt(path: string): Mount | undefined {
    for (const mount of this.mounts) if (mount.path === path) return mount;
    return undefined;
  }

  private isMounted(path: string): boolean {
    return this.mountAt(path) !== undefined;
  }

  private step(here: Place, name: string): Place {
    const path = joinPath(here.path, name);
    const mount = this.mountAt(path);
    if (mount !== undefined) return { path, tree: mount.tree, rel: mount.source, node: mount.tree.get(mount.source) ?? dirNode() };
    const rel = here.rel === "" ? name : `${here.rel}/${name}`;
    const node = here.tree.get(rel);
    if (node === undefined && this.mounts.some((m) => m.path.startsWith(`${path}/`))) return { path, tree: here.tree, rel, node: dirNode() };
    return { path, tree: here.tree, rel, node };
  }
}

/** Everything is allowed to root; others go by the mode bits. */
function allowed(mode: number, uid: number, gid: number, who: Credentials, want: number): boolean {
  if (who.uid === 0) return want !== 1 || (mode & 0o111) !== 0;
  const bits = who.uid === uid ? mode >> 6 : who.gid === gid || who.groups.includes(gid) ? mode >> 3 : mode;
  return (bits & want) === want;
}

const mayRead = (inode: Inode, who: Credentials): boolean => allowed(inode.mode, inode.uid ?? 0, inode.gid ?? 0, who, 4);

/** Mode and owner of any node. */
export function ownership(node: FileNode): { readonly mode: number; readonly uid: number; readonly gid: number } {
  switch (node.kind) {
    case "file":
      return { mode: node.inode.mode, uid: node.inode.uid ?? 0, gid: node.inode.gid ?? 0 };
    case "dir":
      return node;
    case "generated":
      return { mode: node.mode, uid: 0, gid: 0 };
    case "link":
      return { mode: 0o777, uid: 0, gid: 0 };
    case "device":
      return { mode: 0o666, uid: 0, gid: 0 };
  }
}

function setMode(node: FileNode, mode: number): void {
  if (node.kind === "file") node.inode.mode = mode;
  else if (node.kind === "dir") node.mode = mode;
}

function setOwner(node: FileNode, uid: number | undefined, gid: number | undefined): void {
  const target = node.kind === "file" ? node.inode : node.kind === "dir" ? node : undefined;
  if (target === undefined) return;
  if (uid !== undefined) target.uid = uid;
  if (gid !== undefined) target.gid = gid;
}

function moveTree(tree: FileTree, from: string, to: string): void {
  const node = tree.get(from);
  if (node === undefined) return;
  const names = node.kind === "dir" ? [...tree.names(from)].sort() : [];
  tree.put(to, node);
  for (const name of names) moveTree(tree, `${from}/${name}`, `${to}/${name}`);
  tree.remove(from);
}

/** `path` as seen from `cwd`. A trailing slash stays, because it asks for a directory; ".." is left to the walk, because of links. */
export const absolute = (path: string, cwd: string): string => (path.startsWith("/") || path === "" ? path : cwd === "/" ? `/${path}` : `${cwd}/${path}`);
