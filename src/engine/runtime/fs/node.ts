import type { SimTimeUs } from "../../kernel/time.ts";

/** A regular file's inode. `VolumeFile` has the same shape, so that an open file is the same object wherever it lies. */
export interface Inode {
  content: string;
  mode: number;
  modifiedUs: SimTimeUs;
  uid?: number;
  gid?: number;
}

export type FileNode =
  | { readonly kind: "file"; readonly inode: Inode }
  | { readonly kind: "dir"; mode: number; uid: number; gid: number; modifiedUs: SimTimeUs }
  | { readonly kind: "link"; readonly target: string }
  | { readonly kind: "device"; readonly device: DeviceName }
  /** Made up when it is read: /proc, /etc/hosts. */
  | { readonly kind: "generated"; readonly read: () => string; readonly mode: number };

export type DeviceName = "null" | "zero" | "full" | "urandom" | "tty" | "stdin" | "stdout" | "stderr" | `fd:${number}:${number}`;

const ZERO_US = 0 as SimTimeUs;

export const fileNode = (content: string, mode = 0o644, uid = 0, gid = 0): FileNode => ({ kind: "file", inode: { content, mode, modifiedUs: ZERO_US, uid, gid } });
export const dirNode = (mode = 0o755, uid = 0, gid = 0, modifiedUs: SimTimeUs = ZERO_US): FileNode => ({ kind: "dir", mode, uid, gid, modifiedUs });
export const linkNode = (target: string): FileNode => ({ kind: "link", target });
export const deviceNode = (device: DeviceName): FileNode => ({ kind: "device", device });
export const generatedNode = (read: () => string, mode = 0o644): FileNode => ({ kind: "generated", read, mode });

/** One mounted tree: an overlay root, a volume, or /proc. Paths are relative to it, "" is its root. */
export interface FileTree {
  readonly readOnly: boolean;
  get(path: string): FileNode | undefined;
  /** Names right under a directory, unsorted. */
  names(path: string): Iterable<string>;
  /** The node in a layer that may be changed, copied up if need be; undefined for what cannot be written. */
  writable(path: string): FileNode | undefined;
  /** Undefined when it could be stored. The parent is there. */
  put(path: string, node: FileNode): "ENOSPC" | "EPERM" | undefined;
  remove(path: string): void;
}
