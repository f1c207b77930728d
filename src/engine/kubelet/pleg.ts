import type { Cancel } from "../kernel/clock.ts";
import { secondsToUs } from "../kernel/time.ts";
import type { NodeContext } from "./node-context.ts";

const RELIST_US = secondsToUs(1);

/**
 * Tells which pods changed in the runtime, at the ticks at which upstream relists; no tick happens while nothing changes.
 * Source: pkg/kubelet/pleg/generic.go.
 */
export class Pleg {
  private readonly changed = new Set<string>();
  private readonly waiting = new Set<() => void>();
  private timer: Cancel | undefined;
  private readonly phaseUs: number;

  constructor(private readonly context: NodeContext, private readonly relisted: (uid: string) => void) {
    this.phaseUs = context.rng.fork("pleg").below(RELIST_US);
  }

  podChanged(uid: string): void {
    this.changed.add(uid);
    this.schedule();
  }

  /** Whether there was a tick after `us`: only then is what is known of the pod newer than that. Source: pkg/kubelet/container/cache.go, GetNewerThan. */
  hasTickedSince(us: number): boolean {
    return this.tickOf(this.context.clock.now()) > this.tickOf(us);
  }

  /** Runs at the next tick. */
  atNextTick(run: () => void): Cancel {
    this.waiting.add(run);
    this.schedule();
    return () => { this.waiting.delete(run); };
  }

  stop(): void {
    this.timer?.();
    this.changed.clear();
    this.waiting.clear();
  }

  private tickOf(us: number): number {
    return Math.floor((us - this.phaseUs) / RELIST_US);
  }

  private schedule(): void {
    if (this.timer !== undefined) return;
    const { clock, node } = this.context;
    const nextUs = (this.tickOf(clock.now()) + 1) * RELIST_US + this.phaseUs;
    this.timer = clock.after(nextUs - clock.now(), `kubelet ${node.name}: relist containers`, () => {
      this.timer = undefined;
      const uids = [...this.changed];
      const waiting = [...this.waiting];
      this.changed.clear();
      this.waiting.clear();
      for (const run of waiting) run();
      for (const uid of uids) this.relisted(uid);
    });
  }
}
