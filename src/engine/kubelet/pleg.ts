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
  private timer: Cancel | undefined;
  private readonly phaseUs: number;

  constructor(private readonly context: NodeContext, private readonly relisted: (uid: string) => void) {
    this.phaseUs = context.rng.fork("pleg").below(RELIST_US);
  }

  podChanged(uid: string): void {
    this.changed.add(uid);
    if (this.timer !== undefined) return;
    const { clock, node } = this.context;
    const sinceTickUs = (clock.now() + RELIST_US - this.phaseUs) % RELIST_US;
    this.timer = clock.after(RELIST_US - sinceTickUs, `kubelet ${node.name}: relist containers`, () => {
      this.timer = undefined;
      const uids = [...this.changed];
      this.changed.clear();
      for (const one of uids) this.relisted(one);
    });
  }

  stop(): void {
    this.timer?.();
    this.changed.clear();
  }
}
