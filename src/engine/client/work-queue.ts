import type { Cancel, Clock } from "../kernel/clock.ts";
import type { WorkQueue } from "./contracts.ts";

const BASE_DELAY_US = 5_000;
const MAX_DELAY_US = 1_000_000_000;
const TURN_US = 100; // from being added to being taken by a worker, and between two keys

/**
 * Keys wait in order, each at most once; a key that is added while it is processed comes again afterwards.
 * Each key is taken in an event of its own, so that its cause is what added it.
 * Source: k8s.io/client-go/util/workqueue (queue.go, delaying_queue.go, default_rate_limiters.go).
 * Differs: processing takes no simulated time, so more workers would change nothing; the overall limit of 10 retries a second is left out.
 */
export function createWorkQueue(clock: Clock, name: string, process: (key: string) => void): WorkQueue {
  const waiting = new Set<string>();
  const delayed = new Map<string, { readonly dueUs: number; readonly cancel: Cancel }>();
  const failures = new Map<string, number>();
  let processing: string | undefined;
  let again = false;
  let lastTurnUs = 0;
  let stopped = false;

  const take = (key: string): void => {
    waiting.delete(key);
    if (stopped) return;
    processing = key;
    again = false;
    try {
      process(key);
    } finally {
      processing = undefined;
    }
    if (again) add(key);
  };
  const add = (key: string): void => {
    if (stopped || waiting.has(key)) return;
    if (processing === key) {
      again = true;
      return;
    }
    waiting.add(key);
    lastTurnUs = Math.max(clock.now(), lastTurnUs) + TURN_US;
    clock.after(lastTurnUs - clock.now(), `${name}: sync ${key}`, () => take(key));
  };
  const addAfter = (key: string, delayUs: number): void => {
    if (stopped) return;
    if (delayUs <= 0) return add(key);
    const dueUs = clock.now() + delayUs;
    const known = delayed.get(key);
    if (known !== undefined && known.dueUs <= dueUs) return;
    known?.cancel();
    const cancel = clock.after(delayUs, `${name}: retry ${key}`, () => {
      delayed.delete(key);
      add(key);
    });
    delayed.set(key, { dueUs, cancel });
  };
  return {
    add,
    addAfter,
    addRateLimited: (key) => {
      const count = failures.get(key) ?? 0;
      failures.set(key, count + 1);
      addAfter(key, Math.min(BASE_DELAY_US * 2 ** count, MAX_DELAY_US));
    },
    forget: (key) => {
      failures.delete(key);
    },
    get length() {
      return waiting.size;
    },
    stop: () => {
      stopped = true;
      waiting.clear();
      for (const { cancel } of delayed.values()) cancel();
      delayed.clear();
    },
  };
}
