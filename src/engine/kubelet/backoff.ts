import type { Clock } from "../kernel/clock.ts";

/**
 * Waits that double per key. Times are simulated µs.
 * Source: staging/src/k8s.io/client-go/util/flowcontrol/backoff.go, Backoff.
 */
export class Backoff {
  private readonly entries = new Map<string, { delayUs: number; updatedUs: number }>();

  constructor(private readonly clock: Clock, private readonly initialUs: number, private readonly maxUs: number) {}

  /** The present wait of a key; 0 when it has none. */
  get(key: string): number {
    return this.entries.get(key)?.delayUs ?? 0;
  }

  /** Begins with the initial wait, then doubles; begins anew when the last change lies more than twice the maximum before `eventUs`. */
  next(key: string, eventUs: number): void {
    const entry = this.entries.get(key);
    const delayUs = entry === undefined || this.hasExpired(eventUs, entry.updatedUs) ? this.initialUs : Math.min(entry.delayUs * 2, this.maxUs);
    this.entries.set(key, { delayUs, updatedUs: this.clock.now() });
  }

  /** Whether the wait, counted from `eventUs` to now, is still going on. */
  isInBackOffSince(key: string, eventUs: number): boolean {
    const entry = this.entries.get(key);
    return entry !== undefined && !this.hasExpired(eventUs, entry.updatedUs) && this.clock.now() - eventUs < entry.delayUs;
  }

  /** Whether the wait, counted from the key's last change to `eventUs`, is still going on. */
  isInBackOffSinceUpdate(key: string, eventUs: number): boolean {
    const entry = this.entries.get(key);
    return entry !== undefined && !this.hasExpired(eventUs, entry.updatedUs) && eventUs - entry.updatedUs < entry.delayUs;
  }

  /** Forgets all keys of a pod. */
  forget(prefix: string): void {
    for (const key of this.entries.keys()) if (key.startsWith(prefix)) this.entries.delete(key);
  }

  private hasExpired(eventUs: number, updatedUs: number): boolean {
    return eventUs - updatedUs > this.maxUs * 2;
  }
}
