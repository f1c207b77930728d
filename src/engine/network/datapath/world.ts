import type { TimeText } from "../../apimachinery/time-text.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Journal } from "../../kernel/journal.ts";
import type { Rng } from "../../kernel/rng.ts";
import type { TraceLog } from "../trace/trace-log.ts";

/** What all parts of one cluster's network share. */
export interface NetWorld {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly time: TimeText;
  readonly journal: Journal;
  readonly traces: TraceLog;
  /** Machines that cannot hear each other now: "node-1|node-2", the lesser name first. */
  readonly partitions: Set<string>;
}

export const pairKey = (a: string, b: string): string => (a < b ? `${a}|${b}` : `${b}|${a}`);
