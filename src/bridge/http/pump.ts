import type { Cluster, StoreChange } from "../../engine/cluster/contracts.ts";
import type { Cancel } from "../../engine/kernel/clock.ts";

/** Simulated seconds per second, or "max": see `Pump`. */
export type Speed = number | "max";

export const MAX_SPEED = 1_000;

/** Wall-clock ms of engine work before input and output get their turn. */
const WORK_MS = 8;
/** Wall-clock ms between looks at the clock when the cluster is up to date. */
const IDLE_MS = 5;
const EVENTS_PER_SLICE = 50;
/** Wall-clock ms that the cluster may fall behind and still make up for; beyond (a laptop that slept, a cluster too big for its speed) time is let go. */
const MAX_LAG_MS = 5_000;
/** Simulated ms without a change that end a fast run: longer than the longest restart back-off (5 min). */
const QUIET_MS = 6 * 60_000;
/** Simulated ms of one fast run, for clusters that never become quiet (a crash loop, a CronJob). */
const MAX_FAST_RUN_MS = 60 * 60_000;
/** Written by heartbeats for as long as a cluster lives, or as a by-product of other writes: they do not count as "something is going on". */
const BACKGROUND_KINDS: ReadonlySet<string> = new Set(["Lease", "Event", "Node"]);

export interface PumpOptions {
  readonly cluster: Pick<Cluster, "runSlice" | "now" | "observe">;
  readonly speed: Speed;
  /** Hears of bugs: what an event of the engine threw. The cluster goes on with the next event. */
  readonly onBug?: (error: unknown) => void;
  /** Wall-clock ms, rising. Tests hand in their own. */
  readonly wallMs?: () => number;
  /** Tests hand in their own; 0 means "after pending input and output". */
  readonly later?: (run: () => void, delayMs: number) => Cancel;
}

/**
 * Drives simulated time from the wall clock, in slices short enough that HTTP stays responsive.
 *
 * Speed N: N simulated seconds per second. Speed "max": after every input from outside that may change something, as fast as the machine can (at most
 * 1,000×) until nothing but heartbeats has happened for 6 simulated minutes, one simulated hour at most; then real time until the next
 * input. So an idle cluster does not run away from its events (kept for an hour), and no wait of a pod's life is waited for.
 */
export class Pump {
  private readonly cluster: PumpOptions["cluster"];
  private readonly speed: Speed;
  private readonly wallMs: () => number;
  private readonly later: (run: () => void, delayMs: number) => Cancel;
  private anchorWallMs = 0;
  private anchorSimMs = 0;
  private rate = 1;
  private lastInputMs = -Infinity;
  private lastChangeMs = -Infinity;
  private stopObserving: Cancel = () => {};
  private cancelTick: Cancel | undefined;

  constructor(private readonly options: PumpOptions) {
    this.cluster = options.cluster;
    this.speed = options.speed;
    this.wallMs = options.wallMs ?? (() => performance.now());
    this.later = options.later ?? laterOnTheEventLoop;
  }

  start(): void {
    if (this.cancelTick !== undefined) return;
    if (this.speed === "max") this.stopObserving = this.cluster.observe({ store: (change) => this.noteChange(change) });
    this.rate = this.wantedRate();
    this.anchor();
    this.cancelTick = this.later(() => this.tick(), 0);
  }

  stop(): void {
    this.cancelTick?.();
    this.cancelTick = undefined;
    this.stopObserving();
  }

  /** Brings the cluster to the present simulated time, or as near as one turn of work gets. Call it before each request. */
  catchUp(): void {
    if (this.cancelTick !== undefined) this.work();
  }

  /** Call it after each input that may change something: a write, a command in a container, what is typed to it. */
  noteInput(): void {
    this.lastInputMs = this.cluster.now();
  }

  private noteChange(change: StoreChange): void {
    if (!BACKGROUND_KINDS.has(change.object.kind)) this.lastChangeMs = this.cluster.now();
  }

  private tick(): void {
    const upToDate = this.work();
    this.cancelTick = this.later(() => this.tick(), upToDate ? IDLE_MS : 0);
  }

  /** One turn of work; says whether the cluster is where it should be. */
  private work(): boolean {
    const startMs = this.wallMs();
    const rate = this.wantedRate();
    if (rate !== this.rate) {
      this.rate = rate;
      this.anchor();
    }
    let reached = this.slice(startMs);
    while (!reached && this.wallMs() - startMs < WORK_MS) reached = this.slice(startMs);
    if (!reached && (this.targetMs(startMs) - this.cluster.now()) / this.rate > MAX_LAG_MS) this.anchor();
    return reached && this.rate === this.wantedRate();
  }

  private slice(startMs: number): boolean {
    try {
      return this.cluster.runSlice(this.targetMs(startMs), EVENTS_PER_SLICE);
    } catch (error) {
      if (this.options.onBug === undefined) throw error;
      this.options.onBug(error);
      return false;
    }
  }

  private anchor(): void {
    this.anchorWallMs = this.wallMs();
    this.anchorSimMs = this.cluster.now();
  }

  /** Where simulated time should be; never behind where it is. */
  private targetMs(wallMs: number): number {
    const target = this.anchorSimMs + (wallMs - this.anchorWallMs) * this.rate;
    const limit = this.speed === "max" && this.rate !== 1 ? this.fastUntilMs() : Infinity;
    return Math.max(this.cluster.now(), Math.min(target, limit));
  }

  private wantedRate(): number {
    if (this.speed !== "max") return this.speed;
    return this.cluster.now() < this.fastUntilMs() ? MAX_SPEED : 1;
  }

  private fastUntilMs(): number {
    return Math.min(this.lastInputMs + MAX_FAST_RUN_MS, Math.max(this.lastInputMs, this.lastChangeMs) + QUIET_MS);
  }
}

function laterOnTheEventLoop(run: () => void, delayMs: number): Cancel {
  if (delayMs === 0) {
    const immediate = setImmediate(run);
    return () => clearImmediate(immediate);
  }
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
