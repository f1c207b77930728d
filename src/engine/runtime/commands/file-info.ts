import { utf8Length } from "../../network/http/message.ts";
import { ownership } from "../fs/file-system.ts";
import type { FileNode } from "../fs/node.ts";
import type { Process } from "../process/process.ts";
import { groups, users } from "../process/users.ts";

/** "-rw-r--r--" */
export function modeText(node: FileNode): string {
  const kind = { file: "-", dir: "d", link: "l", device: "c", generated: "-" }[node.kind];
  const { mode } = ownership(node);
  const bits = (shift: number, special: boolean, letter: string): string => {
    const execute = ((mode >> shift) & 1) !== 0;
    return `${(mode >> shift) & 4 ? "r" : "-"}${(mode >> shift) & 2 ? "w" : "-"}${special ? (execute ? letter : letter.toUpperCase()) : execute ? "x" : "-"}`;
  };
  return `${kind}${bits(6, (mode & 0o4000) !== 0, "s")}${bits(3, (mode & 0o2000) !== 0, "s")}${bits(0, (mode & 0o1000) !== 0, "t")}`;
}

/** Bytes, as stat(2) says. */
export function sizeOf(node: FileNode): number {
  switch (node.kind) {
    case "file":
      return utf8Length(node.inode.content);
    case "dir":
      return 4096;
    case "link":
      return node.target.length;
    default:
      return 0;
  }
}

export const modifiedUs = (node: FileNode): number => (node.kind === "file" ? node.inode.modifiedUs : node.kind === "dir" ? node.modifiedUs : 0);

/** Names for numbers, from the container's own /etc/passwd and /etc/group. */
export function nameTables(process: Process): { user(uid: number): string; group(gid: number): string } {
  const byUid = new Map(users(process.world.fs).map((user) => [user.uid, user.name]));
  const byGid = new Map([...groups(process.world.fs)].map(([name, gid]) => [gid, name]));
  return { user: (uid) => byUid.get(uid) ?? String(uid), group: (gid) => byGid.get(gid) ?? String(gid) };
}

/** "1.5K", as `ls -h` and `du -h` print. */
export function humanSize(bytes: number): string {
  let value = bytes;
  for (const unit of ["", "K", "M", "G", "T"]) {
    if (value < 1024 || unit === "T") return unit === "" ? String(Math.round(value)) : value < 10 ? `${(Math.ceil(value * 10) / 10).toFixed(1)}${unit}` : `${Math.ceil(value)}${unit}`;
    value /= 1024;
  }
  return String(bytes);
}
