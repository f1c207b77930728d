import type { RedisReply } from "./store.ts";

/** RESP2. Source: redis.io/docs/reference/protocol-spec. Lengths count UTF-16 units on both sides here. */
export function encodeReply(reply: RedisReply): string {
  if (reply === null) return "$-1\r\n";
  if (typeof reply === "number") return `:${reply}\r\n`;
  if (typeof reply === "string") return `$${reply.length}\r\n${reply}\r\n`;
  if ("error" in reply) return `-${reply.error}\r\n`;
  if ("status" in reply) return `+${reply.status}\r\n`;
  return `*${reply.length}\r\n${reply.map(encodeReply).join("")}`;
}

export const encodeCommand = (words: readonly string[]): string => `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join("")}`;

const MAX_BUFFER = 1 << 20;

/** Collects text and hands out whole commands: RESP arrays, or plain lines as typed into nc. */
export class CommandReader {
  private buffer = "";

  push(text: string): void {
    this.buffer = (this.buffer + text).slice(-MAX_BUFFER);
  }

  next(): readonly string[] | undefined {
    if (!this.buffer.startsWith("*")) {
      const end = this.buffer.indexOf("\n");
      if (end < 0) return undefined;
      const line = this.buffer.slice(0, end).replace(/\r$/, "");
      this.buffer = this.buffer.slice(end + 1);
      return splitWords(line);
    }
    const parsed = parseReply(this.buffer, 0);
    if (parsed === undefined) return undefined;
    this.buffer = this.buffer.slice(parsed.end);
    return Array.isArray(parsed.value) ? parsed.value.map(String) : [];
  }
}

/** One value of a reply; undefined when it is not whole yet. */
export function parseReply(text: string, at: number): { readonly value: RedisReply; readonly end: number } | undefined {
  const end = text.indexOf("\r\n", at);
  if (end < 0) return undefined;
  const line = text.slice(at + 1, end);
  const after = end + 2;
  switch (text.charAt(at)) {
    case "+": return { value: { status: line }, end: after };
    case "-": return { value: { error: line }, end: after };
    case ":": return { value: Number(line), end: after };
    case "$": {
      const length = Number(line);
      if (length < 0) return { value: null, end: after };
      return text.length < after + length + 2 ? undefined : { value: text.slice(after, after + length), end: after + length + 2 };
    }
    case "*": {
      const items: RedisReply[] = [];
      let next = after;
      for (let i = 0; i < Math.min(Number(line), 100_000); i++) {
        const item = parseReply(text, next);
        if (item === undefined) return undefined;
        items.push(item.value);
        next = item.end;
      }
      return { value: items, end: next };
    }
    default: return { value: { error: "ERR protocol error" }, end: after };
  }
}

/** Words of a line with quotes, as redis-cli reads it. */
export function splitWords(line: string): string[] {
  const words: string[] = [];
  for (const match of line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)) words.push(match[1]?.replace(/\\(.)/g, (_, char: string) => ({ n: "\n", t: "\t" })[char] ?? char) ?? match[2] ?? match[3] ?? "");
  return words;
}

/** What redis-cli shows: decorated at a terminal, raw in a pipe. */
export function showReply(reply: RedisReply, raw: boolean, indent = ""): string {
  if (reply === null) return raw ? "" : "(nil)";
  if (typeof reply === "number") return raw ? String(reply) : `(integer) ${reply}`;
  if (typeof reply === "string") return raw ? reply : `"${reply.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
  if ("error" in reply) return raw ? reply.error : `(error) ${reply.error}`;
  if ("status" in reply) return reply.status;
  if (reply.length === 0) return raw ? "" : "(empty array)";
  const width = String(reply.length).length;
  return reply.map((item, index) => (raw ? showReply(item, true) : `${index === 0 ? "" : indent}${String(index + 1).padStart(width)}) ${showReply(item, false, `${indent}${" ".repeat(width + 2)}`)}`)).join("\n");
}
