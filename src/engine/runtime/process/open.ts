import { err, ok, type Result } from "../../kernel/result.ts";
import type { Errno } from "../fs/errno.ts";
import { absolute } from "../fs/file-system.ts";
import type { DeviceName, FileNode } from "../fs/node.ts";
import { NullFile, OpenDirectory, type OpenFile, RegularFile, SourceFile, TextFile } from "./open-file.ts";
import type { Process } from "./process.ts";

export type OpenMode = "read" | "write" | "append" | "both";

/** open(2) for a process: files, devices, /proc. */
export function openFile(process: Process, path: string, mode: OpenMode): Result<OpenFile, Errno> {
  const { fs } = process.world;
  const full = absolute(path, process.cwd);
  if (mode === "read") {
    const node = fs.stat(full, process.credentials);
    if (!node.ok) return node;
    if (node.value.kind !== "device" && !fs.access(full, 4, process.credentials)) return err("EACCES");
    return openNode(process, full, node.value, mode);
  }
  const node = fs.openForWrite(full, process.credentials, 0o666 & ~process.umask, mode === "write");
  return node.ok ? openNode(process, full, node.value, mode) : node;
}

function openNode(process: Process, path: string, node: FileNode, mode: OpenMode): Result<OpenFile, Errno> {
  switch (node.kind) {
    case "file":
      return ok(new RegularFile(process.world.fs, path, node.inode, mode));
    case "generated":
      return ok(new TextFile(path, node.read()));
    case "device":
      return openDevice(process, node.device);
    case "dir":
      return mode === "read" ? ok(new OpenDirectory(path)) : err("EISDIR");
    case "link":
      return err("ENOENT");
  }
}

function openDevice(process: Process, device: DeviceName): Result<OpenFile, Errno> {
  switch (device) {
    case "null":
      return ok(new NullFile());
    case "zero":
      return ok(new SourceFile("/dev/zero", (limit) => "\0".repeat(limit)));
    case "full":
      return ok(new SourceFile("/dev/full", (limit) => "\0".repeat(limit), "ENOSPC"));
    case "urandom":
      return ok(new SourceFile("/dev/urandom", (limit) => Array.from({ length: limit }, () => String.fromCharCode(process.world.rng.below(256))).join("")));
    case "tty": {
      const tty = process.files.find((file) => file?.isTty === true);
      return tty === undefined ? err("ENOENT") : ok(tty);
    }
    case "stdin":
      return same(process.files[0]);
    case "stdout":
      return same(process.files[1]);
    case "stderr":
      return same(process.files[2]);
    default: {
      const [, pid, fd] = device.split(":");
      return same(process.table.get(Number(pid))?.files[Number(fd)]);
    }
  }
}

const same = (file: OpenFile | undefined): Result<OpenFile, Errno> => (file === undefined ? err("ENOENT") : ok(file));
