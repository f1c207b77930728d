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

const NEVER: Cancel = () => {};

/** Swallows what is written and has nothing to read: /dev/null, closed input. The base of the other simple files. */
export class NullFile implements OpenFile {
  readonly name: string;
  readonly isTty: boolean;

  constructor(name = "/dev/null", isTty = false) {
    this.name = name;
    this.isTty = isTty;
  }

  read(_limit: number, _line: boolean): string | undefined | null {
    return null;
  }

  write(_text: string): WriteResult {
    return "done";
  }

  onReadable(_wake: () => void): Cancel {
    return NEVER;
  }

  onWritable(_wake: () => void): Cancel {
    return NEVER;
  }

  retain(): void {}
  release(): void {}
}

/** A terminal at which nobody types. */
export class SilentTerminal extends NullFile {
  constructor() {
    super("/dev/pts/0", true);
  }

  override read(): undefined {}
}

/** A directory that was opened like a file. */
export class OpenDirectory extends NullFile {
  override write(): WriteResult {
    return "EBADF";
  }
}

/** /dev/zero, /dev/urandom, /dev/full. */
export class SourceFile extends NullFile {
  private readonly give: (limit: number) => string;
  private readonly result: WriteResult;

  constructor(name: string, give: (limit: number) => string, result: WriteResult = "done") {
    super(name);
    this.give = give;
    this.result = result;
  }

  override read(limit: number): string {
    return this.give(Math.min(limit, 4096));
  }

  override write(): WriteResult {
    return this.result;
  }
}

/** Output that goes to a function: an exec session, a socket. */
export class SinkFile extends NullFile {
  private readonly take: (text: string) => void;

  constructor(name: string, take: (text: string) => void, isTty = false) {
    super(name, isTty);
    this.take = take;
  }

  override write(text: string): WriteResult {
    this.take(text);
    return "done";
  }
}

/** An open regular file. It follows the inode, so that a file that was removed or replaced stays readable. */
export class RegularFile extends NullFile {
  position = 0;
  private readonly fs: FileSystem;
  private readonly inode: Inode;
  private readonly mode: "read" | "write" | "append" | "both";

  constructor(fs: FileSystem, name: string, inode: Inode, mode: "read" | "write" | "append" | "both") {
    super(name);
    this.fs = fs;
    this.inode = inode;
    this.mode = mode;
  }

  override read(limit: number, line: boolean): string | null {
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

  override write(text: string): WriteResult {
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
}

/** A file whose text was made at the moment of opening. */
export class TextFile extends NullFile {
  private rest: string;

  constructor(name: string, text: string) {
    super(name);
    this.rest = text;
  }

  override read(limit: number, line: boolean): string | null {
    if (this.rest === "") return null;
    const newline = line ? this.rest.indexOf("\n") : -1;
    const end = Math.min(limit, newline < 0 ? this.rest.length : newline + 1);
    const chunk = this.rest.slice(0, end);
    this.rest = this.rest.slice(end);
    return chunk;
  }

  override write(): WriteResult {
    return "EACCES";
  }
}
