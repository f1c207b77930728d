import type { Cluster } from "../../engine/cluster/contracts.ts";
import type { LifecycleStep } from "../../projection/lifecycle/step-ids.ts";
import type { Projector } from "../../projection/projector.ts";
import { type ObjectRef, subjectOf } from "../../projection/rows/refs.ts";
import type { FocusDetail } from "../protocol/batch.ts";

/** Follows the one object that the inspector shows, and notices when there is something new to say about it. */
export class Focus {
  private ref: ObjectRef | undefined;
  private lastObject: unknown = null;
  private lastSteps = "";

  set(ref: ObjectRef | undefined): void {
    this.ref = ref;
    this.lastObject = null;
    this.lastSteps = "";
  }

  /** The whole object when it changed since the last call; undefined otherwise. */
  take(cluster: Cluster, projector: Projector): FocusDetail | undefined {
    const ref = this.ref;
    if (ref === undefined) return undefined;
    const object = projector.object(ref);
    const steps = projector.steps(ref);
    const signature = stepsSignature(steps);
    if (object === this.lastObject && signature === this.lastSteps) return undefined;
    this.lastObject = object;
    this.lastSteps = signature;
    const { scheduling, causes } = cluster.explain(subjectOf(ref));
    // Steps grow in place inside the projector: copy them, for hosts that share memory with the page.
    return { ref, object, steps: steps.map((step) => ({ ...step })), scheduling, causes };
  }
}

const stepsSignature = (steps: readonly LifecycleStep[]): string => {
  const last = steps.at(-1);
  return `${steps.length} ${steps.filter((s) => s.endUs === undefined).length} ${last?.progress ?? ""} ${last?.endUs ?? ""}`;
};
