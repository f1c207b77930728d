import type { Cancel, Clock } from "../../kernel/clock.ts";
import { TokenBucket } from "../../client/token-bucket.ts";

const SHORTEST_WAIT_US = 1_000; // the bucket may lack a whisker of a token when its time has come

/**
 * Runs something when asked, at most `burst` times at once and then once per minimum interval, and at least once per maximum interval.
 * Source: staging/src/k8s.io/kubernetes/pkg/util/async/bounded_frequency_runner.go, BoundedFrequencyRunner.
 */
export class BoundedRunner {
  private readonly bucket: TokenBucket;
  private timer: Cancel | undefined = undefined;
  private dueUs = Infinity;
  private lastRunUs = 0;
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    private readonly label: string,
    private readonly minIntervalUs: number,
    private readonly maxIntervalUs: number,
    burst: number,
    private readonly work: () => void,
  ) {
    this.bucket = new TokenBucket(clock, 1e6 / minIntervalUs, burst);
  }

  run(): void {
    if (this.stopped) return;
    if (this.bucket.tryTake()) {
      this.lastRunUs = this.clock.now();
      this.schedule(this.maxIntervalUs);
      this.work();
      return;
    }
    const possibleUs = Math.max(SHORTEST_WAIT_US, this.minIntervalUs - (this.clock.now() - this.lastRunUs));
    if (this.clock.now() + possibleUs < this.dueUs) this.schedule(possibleUs);
  }

  /** After a failure: again within this time. */
  retryAfter(delayUs: number): void {
    if (!this.stopped && this.clock.now() + delayUs < this.dueUs) this.schedule(delayUs);
  }

  stop(): void {
    this.stopped = true;
    this.timer?.();
  }

  private schedule(delayUs: number): void {
    this.timer?.();
    this.dueUs = this.clock.now() + delayUs;
    this.timer = this.clock.after(delayUs, this.label, () => {
      this.dueUs = Infinity;
      this.run();
    });
  }
}
