import type { Socket } from "node:net";

/** Wall-clock ms without progress, after which a slow reader is cut off. Progress shows per system write, and a big first burst is one. */
const STALL_MS = 60_000;
/** Bytes waiting for a reader before anybody looks at whether it still reads. */
const WATCHED_BYTES = 1024 * 1024;
/** Bytes that may wait for one reader at all: a first burst of every pod of a big cluster fits. */
export const MAX_WAITING_BYTES = 512 * 1024 * 1024;

/** What the guard needs to know of a connection. */
export interface Outflow {
  /** Bytes handed over and not yet taken by the system. */
  waitingBytes(): number;
  /** Bytes taken so far. */
  takenBytes(): number;
  /** Ends the connection at once. */
  cutOff(): void;
}

export function outflowOf(socket: Socket, cutOff: () => void): Outflow {
  // `bytesWritten` counts what still waits, too.
  return { waitingBytes: () => socket.writableLength, takenBytes: () => socket.bytesWritten - socket.writableLength, cutOff };
}

/**
 * The engine does not wait for slow readers; so a connection whose reader stands still is cut off, as the API server cuts off a slow watcher.
 * `afterWrite` after each write, `done` when the connection has ended.
 */
export class OutflowGuard {
  private timer: ReturnType<typeof setInterval> | undefined;
  private takenBefore = 0;

  constructor(
    private readonly flow: Outflow,
    private readonly stallMs = STALL_MS,
    private readonly maxWaitingBytes = MAX_WAITING_BYTES,
  ) {}

  afterWrite(): void {
    const waiting = this.flow.waitingBytes();
    if (waiting > this.maxWaitingBytes) this.end();
    else if (waiting > WATCHED_BYTES && this.timer === undefined) {
      this.takenBefore = this.flow.takenBytes();
      this.timer = setInterval(() => this.look(), this.stallMs);
      this.timer.unref();
    }
  }

  done(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private look(): void {
    const taken = this.flow.takenBytes();
    if (this.flow.waitingBytes() === 0) this.done();
    else if (taken === this.takenBefore) this.end();
    this.takenBefore = taken;
  }

  private end(): void {
    this.done();
    this.flow.cutOff();
  }
}
