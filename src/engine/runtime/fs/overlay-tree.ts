import type { SimTimeUs } from "../../kernel/time.ts";
import { dirNode, type FileNode, type FileTree } from "./node.ts";

/** The files of an image, by path without the leading slash. Shared by every container of the image; never changed. */
export class ImageTree {
  readonly nodes: ReadonlyMap<string, FileNode>;
  private index: Map<string, string[]> | undefined;

  /** `files` names no directories that only hold others: they are there because something is in them. */
  constructor(files: ReadonlyMap<string, FileNode>) {
    const nodes = new Map<string, FileNode>([["", dirNode()]]);
    for (const [path, node] of files) {
      for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
        const parent = path.slice(0, slash);
        if (!nodes.has(parent)) nodes.set(parent, files.get(parent) ?? dirNode());
      }
      nodes.set(path, node);
    }
    this.nodes = nodes;
  }

  names(path: string): readonly string[] {
    this.index ??= childIndex(this.nodes.keys());
    return this.index.get(path) ?? [];
  }
}

function childIndex(paths: Iterable<string>): Map<string, string[]> {
  const index = new Map<string, string[]>();
  for (const path of paths) {
    if (path === "") continue;
    const slash = path.lastIndexOf("/");
    const parent = slash < 0 ? "" : path.slice(0, slash);
    const names = index.get(parent);
    if (names === undefined) index.set(parent, [path.slice(slash + 1)]);
    else names.push(path.slice(slash + 1));
  }
  return index;
}

const MAX_UPPER_FILES = 20_000;
const WHITEOUT = Symbol("whiteout");

/** overlayfs: an image below, a writable layer above. The layer exists only once something was written. */
export class OverlayTree implements FileTree {
  private upper: Map<string, FileNode | typeof WHITEOUT> | undefined;
  private upperNames: Map<string, Set<string>> | undefined;
  /** Directories of the image that were removed once: what was in them stays gone when they are made again. */
  private removedLower: Set<string> | undefined;
  private readonly lower: ImageTree;
  readonly readOnly: boolean;

  constructor(lower: ImageTree, readOnly: boolean) {
    this.lower = lower;
    this.readOnly = readOnly;
  }

  get(path: string): FileNode | undefined {
    if (this.upper === undefined) return this.lower.nodes.get(path);
    const above = this.upper.get(path);
    if (above !== undefined) return above === WHITEOUT ? undefined : above;
    return this.isHidden(path) ? undefined : this.lower.nodes.get(path);
  }

  *names(path: string): Iterable<string> {
    const above = this.upperNames?.get(path);
    if (above !== undefined) for (const name of above) if (this.upper?.get(under(path, name)) !== WHITEOUT) yield name;
    if (this.isHidden(path) || this.removedLower?.has(path) === true) return;
    for (const name of this.lower.names(path)) if (above?.has(name) !== true) yield name;
  }

  writable(path: string): FileNode | undefined {
    const above = this.upper?.get(path);
    if (above !== undefined) return above === WHITEOUT ? undefined : above;
    const copy = copyOf(this.get(path));
    return copy === undefined || this.put(path, copy) !== undefined ? undefined : copy;
  }

  put(path: string, node: FileNode): "ENOSPC" | undefined {
    this.upper ??= new Map();
    if (this.upper.size >= MAX_UPPER_FILES && !this.upper.has(path)) return "ENOSPC";
    this.note(path);
    this.upper.set(path, node);
    return undefined;
  }

  remove(path: string): void {
    this.upper ??= new Map();
    if (this.lower.nodes.has(path)) {
      this.removedLower ??= new Set();
      this.removedLower.add(path);
      this.note(path);
      this.upper.set(path, WHITEOUT);
    } else {
      this.upper.delete(path);
      const slash = path.lastIndexOf("/");
      this.upperNames?.get(slash < 0 ? "" : path.slice(0, slash))?.delete(path.slice(slash + 1));
    }
  }

  private isHidden(path: string): boolean {
    const removed = this.removedLower;
    if (removed === undefined) return false;
    for (let slash = path.lastIndexOf("/"); slash > 0; slash = path.lastIndexOf("/", slash - 1)) {
      if (removed.has(path.slice(0, slash))) return true;
    }
    return false;
  }

  private note(path: string): void {
    const slash = path.lastIndexOf("/");
    const parent = slash < 0 ? "" : path.slice(0, slash);
    this.upperNames ??= new Map();
    const names = this.upperNames.get(parent);
    if (names === undefined) this.upperNames.set(parent, new Set([path.slice(slash + 1)]));
    else names.add(path.slice(slash + 1));
  }
}

const under = (path: string, name: string): string => (path === "" ? name : `${path}/${name}`);

function copyOf(node: FileNode | undefined): FileNode | undefined {
  if (node?.kind === "file") return { kind: "file", inode: { ...node.inode } };
  if (node?.kind === "dir") return { ...node };
  if (node?.kind === "generated") return { kind: "file", inode: { content: node.read(), mode: node.mode, modifiedUs: 0 as SimTimeUs } };
  return undefined;
}
