import type { Clock } from "../kernel/clock.ts";

/**
 * A client-side rate limit. `reserve` takes a token and says how long to wait for it, µs.
 * Source: k8s.io/client-go/util/flowcontrol/throttle.go; golang.org/x/time/rate.
 */
export class TokenBucket {
  private tokens: number;
  private atUs: number;

  constructor(private readonly clock: Clock, private readonly perSecond: number, private readonly burst: number) {
    this.tokens = burst;
    this.atUs = clock.now();
  }

  reserve(): number {
    this.refill();
    this.tokens -= 1;
    return this.tokens >= 0 ? 0 : Math.ceil((-this.tokens / this.perSecond) * 1e6);
  }

  /** Takes a token only when there is one. */
  tryTake(): boolean {
    this.refill();
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  private refill(): void {
    const now = this.clock.now();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.atUs) / 1e6) * this.perSecond);
    this.atUs = now;
  }
}
