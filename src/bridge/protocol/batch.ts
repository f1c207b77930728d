import type { Cause } from "../../engine/kernel/causes.ts";
import type { KubeObject } from "../../engine/apimachinery/object.ts";
import type { SchedulingAttempt } from "../../engine/scheduler/verdict.ts";
import type { Delta } from "../../projection/delta.ts";
import type { LifecycleStep } from "../../projection/lifecycle/step-ids.ts";
import type { ObjectRef } from "../../projection/rows/refs.ts";

/** What the clock is doing. */
export interface ClockState {
  readonly playing: boolean;
  /** Simulated seconds per real second that were asked for; Infinity: as fast as possible. */
  readonly speed: number;
  /** What it comes to; lower than `speed` when the engine has more to do than there is time. */
  readonly actualSpeed: number;
  /** Set while the clock runs until something happens. */
  readonly goal: RunGoal | undefined;
  /** Clock actions that this state knows of: the page shows its own wishes until they have arrived. */
  readonly actions: number;
  /** How the last goal ended. */
  readonly goalOutcome: "reached" | "given-up" | undefined;
}

export type RunGoal =
  | { readonly kind: "event" }
  | { readonly kind: "warning" }
  | { readonly kind: "ready"; readonly namespace: string; readonly pod: string }
  | { readonly kind: "rollout"; readonly namespace: string; readonly deployment: string }
  | { readonly kind: "time"; readonly untilMs: number };

/** The object that the inspector shows, whole, as long as it is in focus. */
export interface FocusDetail {
  readonly ref: ObjectRef;
  /** Undefined when there is no such object (any more). */
  readonly object: KubeObject | undefined;
  readonly steps: readonly LifecycleStep[];
  /** Newest last. */
  readonly scheduling: readonly SchedulingAttempt[];
  /** From the last write back to what began it. */
  readonly causes: readonly Cause[];
}

/** One per frame at most, and the next only after the page has acknowledged this one: between two, changes are squashed per uid. */
export interface Batch extends Delta {
  /** Counts from 1. */
  readonly number: number;
  readonly nowUs: number;
  readonly revision: number;
  readonly clock: ClockState;
  readonly eventCount: number;
  /** Set when the focused object or its steps changed. */
  readonly focus: FocusDetail | undefined;
}
