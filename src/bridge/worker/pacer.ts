/** Real ms of engine work in one go. The worker then looks at its messages. */
export const SLICE_MS = 8;
/** Real ms that the simulation may lag behind before the lag is forgotten: it then runs slower than asked, and says so. */
const LAG_MAX_MS = 120;

/** Turns real time into a simulated target. Pure arithmetic: the host hands in what its own clock says. */
export class Pacer {
  private lastRealMs: number | undefined;
  private target = 0;
  private speedValue = 1;
  private measuredRealMs = 0;
  private measuredSimMs = 0;
  private actual = 0;

  constructor(nowSimMs: number) {
    this.target = nowSimMs;
  }

  get speed(): number {
    return this.speedValue;
  }

  /** Simulated ms per real ms, over the last second or so. */
  get actualSpeed(): number {
    return this.actual;
  }

  setSpeed(speed: number): void {
    this.speedValue = speed;
  }

  /** The clock stands still, or jumps to `nowSimMs`: no lag is carried over. */
  rest(nowSimMs: number): void {
    this.lastRealMs = undefined;
    this.target = nowSimMs;
    this.actual = 0;
    this.measuredRealMs = 0;
    this.measuredSimMs = 0;
  }

  /** Where the simulation should be at this real moment; Infinity when it runs as fast as possible. */
  targetMs(realMs: number, nowSimMs: number): number {
    const passed = this.lastRealMs === undefined ? 0 : Math.max(0, realMs - this.lastRealMs);
    this.lastRealMs = realMs;
    if (!Number.isFinite(this.speedValue)) return Number.POSITIVE_INFINITY;
    this.target = Math.min(this.target + passed * this.speedValue, nowSimMs + LAG_MAX_MS * this.speedValue);
    return this.target;
  }

  /** Tells what a slice achieved. */
  ran(realMs: number, simMs: number): void {
    this.measuredRealMs += realMs;
    this.measuredSimMs += simMs;
    if (this.measuredRealMs < 500) return;
    this.actual = this.measuredSimMs / this.measuredRealMs;
    this.measuredRealMs = 0;
    this.measuredSimMs = 0;
  }
}
