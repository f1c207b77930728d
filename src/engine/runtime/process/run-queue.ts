import type { Process } from "./process.ts";

/**
 * Processes that may go on. They run one after the other, never inside each other: a write that wakes a reader does not run it on the writer's stack.
 * One queue per runtime; it is empty whenever an event of the clock ends.
 */
export class RunQueue {
  private waiting: { readonly process: Process; readonly value: unknown }[] = [];
  private running = false;

  add(process: Process, value: unknown): void {
    this.waiting.push({ process, value });
    if (!this.running) this.drain();
  }

  /** Holds everything back until `action` is over. */
  batch<T>(action: () => T): T {
    if (this.running) return action();
    this.running = true;
    let result: T;
    try {
      result = action();
    } finally {
      this.running = false;
    }
    this.drain();
    return result;
  }

  private drain(): void {
    this.running = true;
    try {
      while (this.waiting.length > 0) {
        const batch = this.waiting;
        this.waiting = [];
        for (const { process, value } of batch) process.step(value);
      }
    } finally {
      this.running = false;
    }
  }
}
