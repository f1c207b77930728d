import type { TraceRow } from "./film/film.ts";
import type { Row } from "./rows/rows.ts";

/** An API call or a watch delivery, as a pulse between two components. */
export interface ApiPulse {
  readonly atUs: number;
  /** Journal component names: "kube-scheduler", "kubelet/node-1". */
  readonly from: string;
  readonly to: string;
  readonly verb: string;
  readonly subject: string;
}

/** A mark on the timeline that is no Kubernetes Event: something from outside. */
export interface TimeMark {
  readonly atUs: number;
  readonly kind: "command" | "send" | "fault";
  readonly label: string;
}

/** What changed since the last one. Each uid appears once, with its newest state: that is how back-pressure squashes. */
export interface Delta {
  readonly rows: readonly Row[];
  /** uids. */
  readonly removed: readonly string[];
  readonly traces: readonly TraceRow[];
  readonly pulses: readonly ApiPulse[];
  readonly marks: readonly TimeMark[];
  /** Honest counters of what was not sent because there was too much of it. */
  readonly skippedPulses: number;
  readonly skippedTraces: number;
}
