import type { ApiPulse } from "../../../projection/delta.ts";
import type { Point } from "../../../projection/layout/geometry.ts";
import type { Colors } from "../canvas-colors.ts";
import type { StageMap } from "../stage-map.ts";

const TRAVEL_MS = 520;
const PULSES_MAX = 120;

interface Pulse {
  readonly from: Point;
  readonly to: Point;
  readonly write: boolean;
  ms: number;
}

/** API calls and watch deliveries as short-lived pulses between components. */
export class PulsePlayer {
  private pulses: Pulse[] = [];
  private readonly map: StageMap;

  constructor(map: StageMap) {
    this.map = map;
  }

  get active(): boolean {
    return this.pulses.length > 0;
  }

  feed(batch: readonly ApiPulse[]): void {
    for (const [index, pulse] of batch.entries()) {
      if (this.pulses.length >= PULSES_MAX) return;
      const from = this.map.component(pulse.from);
      const to = this.map.component(pulse.to);
      // Spread over a few frames, so that a burst is a stream and not a flash.
      if (from !== undefined && to !== undefined) this.pulses.push({ from, to, write: pulse.verb !== "get" && pulse.verb !== "list" && pulse.verb !== "watch", ms: -index * 12 });
    }
  }

  draw(context: CanvasRenderingContext2D, colors: Colors, passedMs: number): void {
    for (const pulse of this.pulses) {
      pulse.ms += passedMs;
      if (pulse.ms < 0) continue;
      const t = Math.min(1, pulse.ms / TRAVEL_MS);
      const bow = Math.min(60, Math.hypot(pulse.to.x - pulse.from.x, pulse.to.y - pulse.from.y) * 0.16);
      const x = pulse.from.x + (pulse.to.x - pulse.from.x) * t;
      const y = pulse.from.y + (pulse.to.y - pulse.from.y) * t - Math.sin(t * Math.PI) * bow;
      context.globalAlpha = Math.sin(t * Math.PI) * 0.9;
      context.fillStyle = pulse.write ? colors.accent : colors["ink-3"];
      context.beginPath();
      context.arc(x, y, pulse.write ? 3.4 : 2.4, 0, 7);
      context.fill();
    }
    context.globalAlpha = 1;
    this.pulses = this.pulses.filter((pulse) => pulse.ms < TRAVEL_MS);
  }
}
