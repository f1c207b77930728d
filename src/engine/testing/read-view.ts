import { keyOf, keyText, type KubeObject } from "../apimachinery/object.ts";
import { createTimeText } from "../apimachinery/time-text.ts";
import { anyKind } from "../controllers/actions.ts";
import { CONTROLLER_INDEX, controllerIndexValues } from "../controllers/informer-view.ts";
import type { Action, ActionOutcome, Plan, ReadView } from "../controllers/plan.ts";
import { usOf } from "../kernel/time.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";

export interface ViewInput {
  readonly objects: readonly KubeObject[];
  /** Simulated seconds since 2026-01-01T00:00:00Z; 60. */
  readonly nowSeconds?: number;
  /** Further indexes by name. */
  readonly indexes?: Readonly<Record<string, (object: KubeObject) => readonly string[]>>;
}

/** A snapshot made of these objects. */
export function viewOf({ objects, nowSeconds = 60, indexes = {} }: ViewInput): ReadView {
  const time = createTimeText("2026-01-01T00:00:00Z");
  const nowUs = usOf(nowSeconds * 1e6);
  const all: Readonly<Record<string, (object: KubeObject) => readonly string[]>> = { [CONTROLLER_INDEX]: controllerIndexValues, ...indexes };
  const of = <T extends KubeObject>(kind: KindDefinition<T>): T[] =>
    objects.filter((object) => object.kind === kind.kind).toSorted((a, b) => (keyText(keyOf(a)) < keyText(keyOf(b)) ? -1 : 1)) as T[];
  const byIndex = <T extends KubeObject>(kind: KindDefinition<T>, index: string, value: string): T[] => of(kind).filter((object) => all[index]?.(object).includes(value));
  return {
    get: (kind, key) => of(kind).find((object) => keyText(keyOf(object)) === keyText(key)),
    list: (kind, namespace) => of(kind).filter((object) => namespace === undefined || object.metadata.namespace === namespace),
    ownedBy: (kind, owner) => byIndex(kind, CONTROLLER_INDEX, owner.metadata.uid ?? ""),
    byIndex, nowUs: () => nowUs, nowText: () => time.seconds(nowUs), parseTime: (text) => time.parse(text),
  };
}

export interface PlanRun {
  /** Everything that was asked for, in order. */
  readonly actions: readonly Action[];
  readonly failed?: unknown;
  readonly requeueAfterUs?: number;
}

/** Runs a plan to its end. `answer` plays the API server; left out, every write succeeds with the object as sent. */
export function runPlan(first: Plan, answer: (action: Action) => ActionOutcome = succeed): PlanRun {
  const actions: Action[] = [];
  let requeueAfterUs: number | undefined;
  for (let plan = first; ; ) {
    actions.push(...plan.actions);
    requeueAfterUs = plan.requeueAfterUs ?? requeueAfterUs;
    const outcomes = plan.actions.map(answer);
    if (plan.failed !== undefined || plan.after === undefined) {
      const failed = plan.failed ?? outcomes.find(({ error }) => error !== undefined)?.error;
      return { actions, ...(failed === undefined ? {} : { failed }), ...(requeueAfterUs === undefined ? {} : { requeueAfterUs }) };
    }
    plan = plan.after(outcomes);
  }
}

function succeed(action: Action): ActionOutcome {
  return "object" in action && action.type !== "event" ? { objects: [action.object] } : { objects: [] };
}

/** Actions in short: "create Pod ×3", "delete Pod web-1", "event Warning FailedCreate: …". */
export const shortActions = ({ actions }: PlanRun): readonly string[] =>
  actions.map((action) => {
    if (action.type === "event") return `event ${action.eventType} ${action.reason}: ${action.message}`;
    if (action.type === "create") return `create ${anyKind(action.kind).kind} ×${action.objects?.length ?? action.count ?? 1}`;
    if (action.type === "list") return `list ${action.kind.kind}`;
    return `${action.type} ${action.kind.kind} ${"key" in action ? action.key.name : action.object.metadata.name}`;
  });
