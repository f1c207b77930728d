import type { Cancel } from "../kernel/clock.ts";
import { secondsToUs } from "../kernel/time.ts";
import type { NodeContext } from "./node-context.ts";

const RELIST_US = secondsToUs(1);

/**
 * Tells which pods changed in the runtime, at the ticks at which upstream relists; no tick happens while nothing changes.
 * Source: pkg/kubelet/pleg/generic.go.
 */
export class Pleg {
  /** What waits for the tick, with its cause: "why?" must not answer with whoever came first. */
  private readonly changed = new Map<string, number>();
  private readonly waiting = new Map<() => void, number>();
  private timer: Cancel | undefined;
  private readonly phaseUs: number;

  constructor(private readonly context: NodeContext, private readonly relisted: (uid: string) => void) {
    this.phaseUs = context.rng.fork("pleg").below(RELIST_US);
  }

  podChanged(uid: string): void {
    this.changed.set(uid, this.context.clock.causeId());
    this.schedule();
  }

  /** Whether there was a tick after `us`: only then is what is known of the pod newer than that. Source: pkg/kubelet/container/cache.go, GetNewerThan. */
  hasTickedSince(us: number): boolean {
    return this.tickOf(this.context.clock.now()) > this.tickOf(us);
  }

  /** Runs at the next tick. */
  atNextTick(run: () => void): Cancel {
    this.waiting.set(run, this.context.clock.causeId());
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
      const changed = [...this.changed];
      const waiting = [...this.waiting];
      this.changed.clear();
      this.waiting.clear();
      for (const [run, cause] of waiting) clock.within(`kubelet ${node.name}: relisted`, run, cause);
      for (const [uid, cause] of changed) clock.within(`kubelet ${node.name}: containers changed`, () => this.relisted(uid), cause);
    });
  }
}
