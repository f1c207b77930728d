import type { Cancel, Clock } from "../kernel/clock.ts";
import { US_PER_MS, US_PER_SECOND } from "../kernel/time.ts";
import type { WorkQueue } from "./contracts.ts";

const BASE_DELAY_US = 5 * US_PER_MS;
const MAX_DELAY_US = 1_000 * US_PER_SECOND;
/** What a worker needs to take the next key; two keys never run in one event, so each has its own cause. */
const TAKE_US = 20;

export function createWorkQueue(clock: Clock, name: string, process: (key: string) => void): WorkQueue {
  return new SimWorkQueue(name, clock, process);
}

/**
 * FIFO without duplicates, with per-key exponential back-off.
 * Source: staging/src/k8s.io/client-go/util/workqueue/{queue,delaying_queue,default_rate_limiters}.go. Differs: the overall bucket of 10 per second is left out.
 */
class SimWorkQueue implements WorkQueue {
  private readonly ready = new Map<string, number>();
  private readonly delayed = new Map<string, { readonly atUs: number; readonly cancel: Cancel }>();
  private readonly failures = new Map<string, number>();
  private planned = false;
  private stopped = false;

  constructor(
    private readonly name: string,
    private readonly clock: Clock,
    private readonly process: (key: string) => void,
  ) {}

  get length(): number {
    return this.ready.size;
  }

  add(key: string): void {
    if (this.stopped || this.ready.has(key)) return;
    this.ready.set(key, this.clock.causeId());
    this.plan();
  }

  addAfter(key: string, delayUs: number): void {
    if (this.stopped) return;
    if (delayUs <= 0) return this.add(key);
    const atUs = this.clock.now() + delayUs;
    const known = this.delayed.get(key);
    if (known !== undefined && known.atUs <= atUs) return;
    known?.cancel();
    const cancel = this.clock.after(delayUs, `${this.name}: ${key} again`, () => {
      this.delayed.delete(key);
      this.add(key);
    });
    this.delayed.set(key, { atUs, cancel });
  }

  addRateLimited(key: string): void {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    this.addAfter(key, Math.min(MAX_DELAY_US, BASE_DELAY_US * 2 ** Math.min(failures, 40)));
  }

  forget(key: string): void {
    this.failures.delete(key);
  }

  stop(): void {
    this.stopped = true;
    this.ready.clear();
    for (const { cancel } of this.delayed.values()) cancel();
    this.delayed.clear();
  }

  private plan(): void {
    if (this.planned) return;
    this.planned = true;
    this.clock.after(TAKE_US, `${this.name}: next`, () => {
      this.planned = false;
      this.takeOne();
      if (this.ready.size > 0) this.plan();
    });
  }

  private takeOne(): void {
    const next = this.ready.entries().next();
    if (this.stopped || next.done === true) return;
    const [key, causeId] = next.value;
    this.ready.delete(key);
    this.clock.within(`${this.name}: ${key}`, () => this.process(key), causeId);
  }
}
