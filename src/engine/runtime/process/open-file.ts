import type { Cancel } from "../../kernel/clock.ts";
import type { Errno } from "../fs/errno.ts";
import type { FileSystem } from "../fs/file-system.ts";
import type { Inode } from "../fs/node.ts";

/** What a file descriptor stands for. Shared by the processes that inherited it; `retain` and `release` count them. */
export interface OpenFile {
  readonly isTty: boolean;
  /** For /proc/<pid>/fd and the like: "pipe:[12]", "/dev/null", "/tmp/x". */
  readonly name: string;
  /** Up to `limit` characters, and no further than the first newline when `line`. Undefined: nothing yet; null: the end. */
  read(limit: number, line: boolean): string | undefined | null;
  write(text: string): WriteResult;
  /** Calls back once, when a read might give something. */
  onReadable(wake: () => void): Cancel;
  /** Calls back once, when a write might succeed. */
  onWritable(wake: () => void): Cancel;
  retain(): void;
  release(): void;
}

export type WriteResult = "done" | "full" | Errno;

const never = (): Cancel => () => {};

/** One end that only swallows or gives nothing: /dev/null, closed input. */
export function nullFile(name = "/dev/null"): OpenFile {
  return { isTty: false, name, read: () => null, write: () => "done", onReadable: never, onWritable: never, retain() {}, release() {} };
}

/** /dev/zero, /dev/urandom, /dev/full. */
export function sourceFile(name: string, give: (limit: number) => string, write: WriteResult = "done"): OpenFile {
  return { ...nullFile(name), read: (limit) => give(Math.min(limit, 4096)), write: () => write };
}

/** Output that goes to a function: the container log, an exec session. `end` runs when the last holder lets go. */
export function sinkFile(name: string, write: (text: string) => void, end: () => void = () => {}, isTty = false): OpenFile {
  let holders = 0;
  return {
    ...nullFile(name),
    isTty,
    write: (text) => {
      write(text);
      return "done";
    },
    retain: () => void (holders += 1),
    release: () => {
      if (--holders === 0) end();
    },
  };
}

/** An open regular file. It follows the inode, so that a file that was removed or replaced stays readable. */
export class RegularFile implements OpenFile {
  readonly isTty = false;
  readonly name: string;
  position = 0;
  private readonly fs: FileSystem;
  private readonly inode: Inode;
  private readonly mode: "read" | "write" | "append" | "both";

  constructor(fs: FileSystem, name: string, inode: Inode, mode: "read" | "write" | "append" | "both") {
    this.fs = fs;
    this.name = name;
    this.inode = inode;
    this.mode = mode;
  }

  get length(): number {
    return this.inode.content.length;
  }

  read(limit: number, line: boolean): string | null | Errno {
    if (this.mode === "write" || this.mode === "append") return null;
    const { content } = this.inode;
    if (this.position >= content.length) return null;
    let end = Math.min(content.length, this.position + limit);
    if (line) {
      const newline = content.indexOf("\n", this.position);
      if (newline >= 0 && newline < end) end = newline + 1;
    }
    const text = content.slice(this.position, end);
    this.position = end;
    return text;
  }

  write(text: string): WriteResult {
    if (this.mode === "read") return "EBADF";
    const { content } = this.inode;
    if (this.mode === "append" || this.position === content.length) {
      if (!this.fs.append(this.inode, text)) return "ENOSPC";
    } else if (this.position > content.length) {
      // Somebody truncated it below us: the hole reads as zero bytes.
      if (!this.fs.append(this.inode, "\0".repeat(this.position - content.length) + text)) return "ENOSPC";
    } else {
      this.inode.content = content.slice(0, this.position) + text + content.slice(this.position + text.length);
    }
    this.position = this.mode === "append" ? this.inode.content.length : this.position + text.length;
    return "done";
  }

  onReadable(): Cancel {
    return () => {};
  }

  onWritable(): Cancel {
    return () => {};
  }

  retain(): void {}
  release(): void {}
}

/** A file whose text was made at the moment of opening. */
export function textFile(name: string, text: string): OpenFile {
  let rest = text;
  return {
    ...nullFile(name),
    read: (limit, line) => {
      if (rest === "") return null;
      const newline = line ? rest.indexOf("\n") : -1;
      const end = Math.min(limit, newline < 0 ? rest.length : newline + 1);
      const chunk = rest.slice(0, end);
      rest = rest.slice(end);
      return chunk;
    },
    write: () => "EACCES",
  };
}
