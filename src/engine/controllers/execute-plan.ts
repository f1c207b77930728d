import type { Status } from "../apimachinery/api.ts";
import type { KubeObject } from "../apimachinery/object.ts";
import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import type { Result } from "../kernel/result.ts";
import type { Expectations } from "./expectations.ts";
import type { Action, ActionOutcome, CreateAction, DeleteAction, Plan } from "./plan.ts";

export interface ExecutionContext {
  readonly client: ApiClient;
  readonly recorder: EventRecorder;
  readonly nowUs: () => number;
  /** False when the manager has stopped: answers that still come in lead nowhere. */
  readonly alive: () => boolean;
  /** Expectations of this key, for controllers that keep them. */
  readonly expectations: { readonly key: string; readonly ledger: Expectations; readonly kind: string } | undefined;
}

/** How a whole sync ended. */
export interface SyncResult {
  readonly failed: Status | string | undefined;
  readonly requeueAfterUs: number | undefined;
  readonly enqueue: readonly string[];
}

const NO_OBJECTS: readonly KubeObject[] = [];
const DONE: ActionOutcome = { objects: NO_OBJECTS };

/** Namespace deletion makes creates fail for ever; upstream neither reports nor retries that. */
export const isNamespaceTerminating = (error: Status): boolean => error.details?.causes?.some((cause) => cause.reason === "NamespaceTerminating") ?? false;

/** Sends a plan's actions, then those of the next step, until the sync is over. */
export function executePlan(plan: Plan, context: ExecutionContext, done: (result: SyncResult) => void): void {
  let requeueAfterUs = plan.requeueAfterUs;
  const enqueue: string[] = [];
  const run = (step: Plan): void => {
    if (step.requeueAfterUs !== undefined) requeueAfterUs = step.requeueAfterUs;
    if (step.enqueue !== undefined) enqueue.push(...step.enqueue);
    const outcomes = step.actions.map(() => DONE);
    let waiting = step.actions.length;
    const finish = (): void => {
      if (!context.alive()) return;
      if (step.failed !== undefined) return done({ failed: step.failed, requeueAfterUs, enqueue });
      if (step.after !== undefined) return run(step.after(outcomes));
      done({ failed: outcomes.find((outcome) => outcome.error !== undefined)?.error, requeueAfterUs, enqueue });
    };
    if (waiting === 0) return finish();
    step.actions.forEach((action, index) =>
      executeAction(action, context, (outcome) => {
        outcomes[index] = outcome;
        waiting -= 1;
        if (waiting === 0) finish();
      }),
    );
  };
  run(plan);
}

function executeAction(action: Action, context: ExecutionContext, done: (outcome: ActionOutcome) => void): void {
  const { client } = context;
  const answer = (result: Result<KubeObject, Status>): void => done(result.ok ? { objects: [result.value] } : { objects: NO_OBJECTS, error: result.error });
  switch (action.type) {
    case "create": return executeCreate(action, context, done);
    case "delete": return executeDelete(action, context, done);
    case "update": return client.update(action.kind, action.object, answer);
    case "updateStatus": return client.updateStatus(action.kind, action.object, answer);
    case "updateSubresource": return client.updateSubresource(action.kind, action.object, action.subresource, answer);
    case "patch": return client.patch(action.kind, action.key, action.patch, answer);
    case "get": return client.get(action.kind, action.key, answer);
    case "list": return client.list(action.kind, action.namespace, (result) => done(result.ok ? { objects: result.value } : { objects: NO_OBJECTS, error: result.error }));
    case "event":
      context.recorder.event({ object: action.object }, action.eventType, action.reason, action.message);
      return done(DONE);
  }
}

/**
 * Source: pkg/controller/replicaset/replica_set.go, slowStartBatch; pkg/controller/controller_utils.go, createPods.
 * A batch is as large as all successes before it together, beginning with 1; what was not tried is not expected.
 */
function executeCreate(action: CreateAction, context: ExecutionContext, done: (outcome: ActionOutcome) => void): void {
  const { client, recorder, expectations } = context;
  const count = action.objects?.length ?? action.count ?? 1;
  const expecting = expectations !== undefined && expectations.kind === action.kind.kind ? expectations : undefined;
  expecting?.ledger.expectCreations(expecting.key, count, context.nowUs());
  const objects: KubeObject[] = [];
  let error: Status | undefined;
  let left = count;
  const batch = (size: number): void => {
    const first = count - left;
    left -= size;
    let waiting = size;
    for (let i = 0; i < size; i++) {
      client.create(action.kind, action.objects?.[first + i] ?? action.object, (result) => {
        waiting -= 1;
        if (result.ok) {
          objects.push(result.value);
          if (action.reportTo !== undefined && context.alive()) recorder.event({ object: action.reportTo }, "Normal", "SuccessfulCreate", `Created pod: ${result.value.metadata.name}`);
        } else {
          expecting?.ledger.creationObserved(expecting.key);
          if (!isNamespaceTerminating(result.error)) {
            error ??= result.error;
            if (action.reportTo !== undefined && context.alive()) recorder.event({ object: action.reportTo }, "Warning", "FailedCreate", `Error creating: ${result.error.message ?? ""}`);
          }
        }
        if (waiting > 0) return;
        if (error === undefined && left > 0) return batch(Math.min(2 * size, left));
        if (left > 0) expecting?.ledger.creationObserved(expecting.key, left);
        done(error === undefined ? { objects } : { objects, error });
      });
    }
  };
  if (count === 0) return done(DONE);
  batch(action.policy === "slowStart" ? 1 : count);
}

/** Source: pkg/controller/controller_utils.go, DeletePod. Something that is gone already counts as deleted, without an event. */
function executeDelete(action: DeleteAction, context: ExecutionContext, done: (outcome: ActionOutcome) => void): void {
  const { client, recorder, expectations } = context;
  const expecting = action.uid !== undefined && expectations !== undefined && expectations.kind === action.kind.kind ? { ...expectations, uid: action.uid } : undefined;
  expecting?.ledger.expectDeletion(expecting.key, expecting.uid, context.nowUs());
  client.delete(action.kind, action.key, action.options, (result) => {
    if (!result.ok) expecting?.ledger.deletionObserved(expecting.key, expecting.uid);
    if (action.reportTo !== undefined && context.alive()) {
      if (result.ok) recorder.event({ object: action.reportTo }, "Normal", "SuccessfulDelete", `Deleted pod: ${action.key.name}`);
      else if (result.error.reason !== "NotFound") recorder.event({ object: action.reportTo }, "Warning", "FailedDelete", `Error deleting: ${result.error.message ?? ""}`);
    }
    done(result.ok || result.error.reason === "NotFound" ? DONE : { objects: NO_OBJECTS, error: result.error });
  });
}
