import type { SimTimeUs } from "../../kernel/time.ts";
import type { Volume } from "../contracts.ts";
import { dirNode, type FileNode, type FileTree } from "./node.ts";

const MAX_FILES = 20_000;

/**
 * A kubelet's volume as a tree. Directories are there because files are in them; an empty one is an entry whose key ends in "/".
 * A symbolic link is an entry whose content starts with LINK_MARK.
 */
export class VolumeTree implements FileTree {
  readonly readOnly: boolean;
  private readonly volume: Volume;
  private readonly prefix: string;

  /** `subPath` "" is the volume's root. */
  constructor(volume: Volume, subPath: string, readOnly: boolean) {
    this.volume = volume;
    this.readOnly = readOnly;
    this.prefix = subPath.split("/").filter((part) => part !== "" && part !== ".").join("/");
  }

  get(path: string): FileNode | undefined {
    const key = this.key(path);
    const inode = this.volume.files.get(key);
    if (inode !== undefined) return inode.content.startsWith(LINK_MARK) ? { kind: "link", target: inode.content.slice(LINK_MARK.length) } : { kind: "file", inode };
    const marker = this.volume.files.get(`${key}/`);
    if (marker !== undefined) return dirNode(marker.mode, marker.uid ?? 0, marker.gid ?? 0, marker.modifiedUs);
    if (path === "" || this.hasUnder(key)) return dirNode(0o777);
    return undefined;
  }

  names(path: string): Iterable<string> {
    const key = this.key(path);
    const start = key === "" ? "" : `${key}/`;
    const names = new Set<string>();
    for (const name of this.volume.files.keys()) {
      if (name.length <= start.length || !name.startsWith(start)) continue;
      const rest = name.slice(start.length);
      const slash = rest.indexOf("/");
      names.add(slash < 0 ? rest : rest.slice(0, slash));
    }
    return names;
  }

  writable(path: string): FileNode | undefined {
    return this.get(path);
  }

  put(path: string, node: FileNode): "ENOSPC" | "EPERM" | undefined {
    const key = this.key(path);
    if (this.volume.files.size >= MAX_FILES && !this.volume.files.has(key)) return "ENOSPC";
    if (node.kind === "file") this.volume.files.set(key, node.inode);
    else if (node.kind === "link") this.volume.files.set(key, { content: LINK_MARK + node.target, mode: 0o777, modifiedUs: 0 as SimTimeUs });
    else if (node.kind === "dir") this.volume.files.set(`${key}/`, { content: "", mode: node.mode, modifiedUs: node.modifiedUs, uid: node.uid, gid: node.gid });
    else return "EPERM";
    return undefined;
  }

  /** The parent stays, as on a disk, even when this was the last thing in it. */
  remove(path: string): void {
    const key = this.key(path);
    const gone = this.volume.files.delete(key) || this.volume.files.delete(`${key}/`);
    const slash = key.lastIndexOf("/");
    if (!gone || slash < 0) return;
    const parent = key.slice(0, slash);
    if (!this.hasUnder(parent)) this.volume.files.set(`${parent}/`, { content: "", mode: 0o777, modifiedUs: 0 as SimTimeUs });
  }

  private key(path: string): string {
    if (this.prefix === "") return path;
    return path === "" ? this.prefix : `${this.prefix}/${path}`;
  }

  private hasUnder(key: string): boolean {
    const start = `${key}/`;
    for (const name of this.volume.files.keys()) if (name.startsWith(start)) return true;
    return false;
  }
}

export const LINK_MARK = "\u0000link:";
