import type { OpenFile } from "./open-file.ts";

const CAPACITY = 65_536; // characters; Linux' default pipe size in bytes

/** A pipe: two ends, each counted. Reading gives null once every writer is gone; writing gives EPIPE once every reader is. */
export function createPipe(name: string, isTty = false): { readonly reader: OpenFile; readonly writer: OpenFile } {
  let buffer = "";
  let readers = 0;
  let writers = 0;
  let writersSeen = false;
  const readWaiters = new Set<() => void>();
  const writeWaiters = new Set<() => void>();
  const wakeAll = (waiters: Set<() => void>): void => {
    const waiting = [...waiters];
    waiters.clear();
    for (const wake of waiting) wake();
  };
  const wait = (waiters: Set<() => void>) => (wake: () => void): (() => void) => {
    waiters.add(wake);
    return () => void waiters.delete(wake);
  };
  const base = { isTty, name, onReadable: wait(readWaiters), onWritable: wait(writeWaiters) };
  const reader: OpenFile = {
    ...base,
    read: (limit, line) => {
      if (buffer === "") return writersSeen && writers === 0 ? null : undefined;
      const newline = line ? buffer.indexOf("\n") : -1;
      if (line && newline < 0 && buffer.length < limit && writers > 0) return undefined;
      const end = Math.min(limit, newline < 0 ? buffer.length : newline + 1);
      const chunk = buffer.slice(0, end);
      buffer = buffer.slice(end);
      wakeAll(writeWaiters);
      return chunk;
    },
    write: () => "EBADF",
    retain: () => void (readers += 1),
    release: () => {
      if (--readers === 0) wakeAll(writeWaiters);
    },
  };
  const writer: OpenFile = {
    ...base,
    read: () => null,
    write: (text) => {
      if (readers === 0) return "EPIPE";
      if (buffer.length >= CAPACITY) return "full";
      buffer += text;
      wakeAll(readWaiters);
      return "done";
    },
    retain: () => {
      writers += 1;
      writersSeen = true;
    },
    release: () => {
      if (--writers === 0) wakeAll(readWaiters);
    },
  };
  return { reader, writer };
}
