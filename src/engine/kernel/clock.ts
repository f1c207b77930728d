import { assert } from "./assert.ts";
import { type Cause, CauseLog } from "./causes.ts";
import { EventQueue, type QueuedEvent } from "./event-queue.ts";
import type { SimTimeUs } from "./time.ts";

/** Takes a scheduled event back. Calling it twice, or after the event ran, does nothing. */
export type Cancel = () => void;

/** What engine rooms see of time. */
export interface Clock {
  now(): SimTimeUs;
  /** Runs once, `delayUs` microseconds from now. The running event becomes its cause. */
  after(delayUs: number, label: string, run: () => void): Cancel;
  /**
   * Runs every `periodUs`, first after `firstUs` (default: one period). Its cause stays what started the timer,
   * so that "why?" never answers "because the timer ticked before".
   */
  every(periodUs: number, label: string, run: () => void, firstUs?: number): Cancel;
  /** Id of the running event's cause, 0 outside of any event. Writes and deliveries stamp this. */
  causeId(): number;
  /** Runs `action` now, inside a cause of its own: for inputs from outside and for telling apart two things done in one event. */
  within<T>(label: string, action: () => T, parentId?: number): T;
  readonly causes: CauseLog;
}

/** The clock and the one event queue of a cluster. Only `cluster/` drives it (`step`, `runTo`); all others see `Clock`. */
export class SimClock implements Clock {
  readonly causes = new CauseLog();
  private readonly queue = new EventQueue();
  private nowUs = 0 as SimTimeUs;
  private seq = 0;
  private current = 0;
  private ran = 0;

  now(): SimTimeUs {
    return this.nowUs;
  }

  causeId(): number {
    return this.current;
  }

  /** Events run since the start. */
  get eventCount(): number {
    return this.ran;
  }

  /** Events waiting, cancelled ones included. */
  get pendingCount(): number {
    return this.queue.size;
  }

  after(delayUs: number, label: string, run: () => void): Cancel {
    return this.schedule(delayUs, label, run, this.current);
  }

  every(periodUs: number, label: string, run: () => void, firstUs = periodUs): Cancel {
    assert(periodUs >= 1, "a repeating timer has a period of at least 1 µs");
    const origin = this.current;
    let cancel: Cancel = () => {};
    let stopped = false;
    const tick = (): void => {
      run();
      if (!stopped) cancel = this.schedule(periodUs, label, tick, origin);
    };
    cancel = this.schedule(firstUs, label, tick, origin);
    return () => {
      stopped = true;
      cancel();
    };
  }

  within<T>(label: string, action: () => T, parentId = this.current): T {
    const before = this.current;
    this.current = this.causes.record(this.nowUs, label, parentId).id;
    try {
      return action();
    } finally {
      this.current = before;
    }
  }

  /** When the next event is due, or undefined if nothing is waiting. */
  nextAtUs(): SimTimeUs | undefined {
    return this.queue.peek()?.atUs;
  }

  /** Runs exactly one event and says what it was. */
  step(): Cause | undefined {
    const event = this.queue.pop();
    if (event === undefined) return undefined;
    this.nowUs = event.atUs;
    return this.run(event);
  }

  /** Runs everything due up to and including `targetUs`, then stands at `targetUs`. */
  runTo(targetUs: SimTimeUs): void {
    for (let at = this.nextAtUs(); at !== undefined && at <= targetUs; at = this.nextAtUs()) this.step();
    if (targetUs > this.nowUs) this.nowUs = targetUs;
  }

  private schedule(delayUs: number, label: string, run: () => void, causeId: number): Cancel {
    assert(delayUs >= 0 && Number.isFinite(delayUs), `the delay of "${label}" is a number of µs, not ${delayUs}`);
    const event: QueuedEvent = { atUs: (this.nowUs + Math.round(delayUs)) as SimTimeUs, seq: this.seq++, label, causeId, run };
    this.queue.push(event);
    return () => {
      event.run = undefined;
    };
  }

  private run(event: QueuedEvent): Cause {
    const run = event.run;
    assert(run !== undefined, "a cancelled event is never run");
    event.run = undefined;
    this.ran += 1;
    const cause = this.causes.record(event.atUs, event.label, event.causeId);
    this.current = cause.id;
    try {
      run();
    } finally {
      this.current = 0;
    }
    return cause;
  }
}
