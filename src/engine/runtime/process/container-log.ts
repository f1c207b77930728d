import type { Cancel } from "../../kernel/clock.ts";
import type { SimTimeUs } from "../../kernel/time.ts";
import type { ContainerLog, LogLine } from "../contracts.ts";

/** Source: containerd internal/cri/io/logger.go, defaultBufSize: longer lines are cut into entries of this size. */
const MAX_LINE = 16_384;

/** Characters kept per container. Differs: the kubelet rotates at containerLogMaxSize (10Mi) and keeps five files. */
const LIMIT_CHARS = 1 << 20;

/** Lines that a program prints at its start, made when somebody looks: 150,000 servers need not hold them all. */
interface LazyLines {
  readonly atUs: SimTimeUs;
  readonly make: (atUs: SimTimeUs) => readonly LogLine[];
}

/** What a container printed. A limit drops the oldest lines. */
export class BoundedLog implements ContainerLog {
  private kept: (LogLine | LazyLines)[] = [];
  private first = 0;
  private chars = 0;
  private listeners: Set<(line: LogLine) => void> | undefined;
  private partial: { stdout: string; stderr: string } | undefined;

  lines(): readonly LogLine[] {
    const lines: LogLine[] = [];
    for (let i = this.first; i < this.kept.length; i++) {
      const entry = this.kept[i];
      if (entry === undefined) continue;
      if ("make" in entry) lines.push(...entry.make(entry.atUs));
      else lines.push(entry);
    }
    return lines;
  }

  follow(listener: (line: LogLine) => void): Cancel {
    this.listeners ??= new Set();
    this.listeners.add(listener);
    return () => void this.listeners?.delete(listener);
  }

  /** Text as a process wrote it; lines are kept once they are whole. */
  write(stream: "stdout" | "stderr", text: string, atUs: SimTimeUs): void {
    const whole = this.partial === undefined ? text : this.partial[stream] + text;
    let start = 0;
    for (let newline = whole.indexOf("\n"); newline >= 0; newline = whole.indexOf("\n", start)) {
      this.addLong({ atUs, stream, text: whole.slice(start, newline) });
      start = newline + 1;
    }
    let rest = whole.slice(start);
    while (rest.length >= MAX_LINE) {
      this.add({ atUs, stream, text: rest.slice(0, MAX_LINE) });
      rest = rest.slice(MAX_LINE);
    }
    if (rest === "" && this.partial === undefined) return;
    this.partial ??= { stdout: "", stderr: "" };
    this.partial[stream] = rest;
  }

  /** Several lines with one time, made on demand. `follow` listeners get them now. */
  writeLazily(atUs: SimTimeUs, make: (atUs: SimTimeUs) => readonly LogLine[]): void {
    this.kept.push({ atUs, make });
    if (this.listeners === undefined || this.listeners.size === 0) return;
    for (const line of make(atUs)) for (const listener of [...this.listeners]) listener(line);
  }

  /** The streams end: what had no newline yet becomes a line. */
  end(atUs: SimTimeUs): void {
    const rest = this.partial;
    this.partial = undefined;
    if (rest === undefined) return;
    for (const stream of ["stdout", "stderr"] as const) if (rest[stream] !== "") this.add({ atUs, stream, text: rest[stream] });
  }

  private addLong(line: LogLine): void {
    let { text } = line;
    while (text.length > MAX_LINE) {
      this.add({ ...line, text: text.slice(0, MAX_LINE) });
      text = text.slice(MAX_LINE);
    }
    this.add({ ...line, text });
  }

  private add(line: LogLine): void {
    this.kept.push(line);
    this.chars += line.text.length + 1;
    while (this.chars > LIMIT_CHARS) {
      const dropped = this.kept[this.first];
      this.kept[this.first++] = line;
      if (dropped !== undefined && "text" in dropped) this.chars -= dropped.text.length + 1;
    }
    if (this.first > 1_024 && this.first * 2 > this.kept.length) {
      this.kept = this.kept.slice(this.first);
      this.first = 0;
    }
    if (this.listeners !== undefined) for (const listener of [...this.listeners]) listener(line);
  }
}
