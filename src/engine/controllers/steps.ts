import type { Status } from "../apimachinery/api.ts";
import type { Action, ActionOutcome, Plan } from "./plan.ts";

/** How a sync ended, if there is more to say than "well". */
export interface SyncEnd {
  readonly failed?: Status | string;
  readonly requeueAfterUs?: number;
  readonly enqueue?: readonly string[];
}

/** One step: actions whose failure ends the sync as failed, or attempts whose answers the sync wants to see either way. */
export type Step = Action | readonly Action[] | { readonly attempt: Action } | { readonly attemptAll: readonly Action[] };

/**
 * A sync that needs the answers to its writes, written top to bottom: `const [answer] = yield update(…)`.
 * It still acts on nothing: it only says what it wants next.
 */
export type Steps<R = SyncEnd | undefined> = Generator<Step, R, readonly ActionOutcome[]>;

/** Turns the steps into a plan whose `after` runs the next step. */
export function planOf(steps: Steps): Plan {
  const advance = (outcomes: readonly ActionOutcome[]): Plan => {
    const next = steps.next(outcomes);
    if (next.done) return { actions: [], ...next.value };
    const step = next.value;
    if ("attempt" in step) return { actions: [step.attempt], after: advance };
    if ("attemptAll" in step) return { actions: step.attemptAll, after: advance };
    const actions = "type" in step ? [step] : step;
    return {
      actions,
      after: (answers) => {
        const error = answers.find((answer) => answer.error !== undefined)?.error;
        return error === undefined ? advance(answers) : { actions: [], failed: error };
      },
    };
  };
  return advance([]);
}
