import type { Status } from "../apimachinery/api.ts";
import type { DeleteOptionsInput, PatchRequest } from "../client/contracts.ts";
import type { KubeObject, ObjectKey } from "../apimachinery/object.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";

/** What a reconciler reads: listers only, as of the deliveries so far. */
export interface ReadView {
  get<T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey): T | undefined;
  list<T extends KubeObject>(kind: KindDefinition<T>, namespace?: string): readonly T[];
  /** Objects whose controlling owner is `owner` (by uid). */
  ownedBy<T extends KubeObject>(kind: KindDefinition<T>, owner: KubeObject): readonly T[];
  byIndex<T extends KubeObject>(kind: KindDefinition<T>, index: string, value: string): readonly T[];
  /** RFC 3339 seconds of now, and simulated µs of an RFC 3339 text. */
  nowText(): string;
  nowUs(): number;
  parseTime(text: string): number | undefined;
}

/** One write that a reconciler wants done. The runner executes, retries, and keeps expectations. */
export type Action =
  | CreateAction
  | { readonly type: "update"; readonly kind: KindDefinition; readonly object: KubeObject }
  | { readonly type: "updateStatus"; readonly kind: KindDefinition; readonly object: KubeObject }
  | { readonly type: "updateSubresource"; readonly kind: KindDefinition; readonly object: KubeObject; readonly subresource: string }
  | { readonly type: "patch"; readonly kind: KindDefinition; readonly key: ObjectKey; readonly patch: PatchRequest }
  | DeleteAction
  /** A fresh read from the API server, past the cache: for adoption and for owners that the cache does not show. */
  | { readonly type: "get"; readonly kind: KindDefinition; readonly key: ObjectKey }
  /** A fresh list of one namespace. */
  | { readonly type: "list"; readonly kind: KindDefinition; readonly namespace: string }
  | EventAction;

export interface CreateAction {
  readonly type: "create";
  readonly kind: KindDefinition;
  readonly object: KubeObject;
  /** How many of it (with `generateName`); 1. */
  readonly count?: number;
  /** Instead of `object`, `count` times: these, which differ from each other (daemon pods name their nodes). */
  readonly objects?: readonly KubeObject[];
  /** 1, 2, 4, … at a time, until the first error. Without it: all at once. */
  readonly policy?: "slowStart";
  /** Gets `SuccessfulCreate`/`FailedCreate` events, one for each object. Source: pkg/controller/controller_utils.go, RealPodControl. */
  readonly reportTo?: KubeObject;
}

export interface DeleteAction {
  readonly type: "delete";
  readonly kind: KindDefinition;
  readonly key: ObjectKey;
  readonly options: DeleteOptionsInput;
  /** Gets a `SuccessfulDelete`/`FailedDelete` event. */
  readonly reportTo?: KubeObject;
  /** The uid whose disappearance the controller's next syncs wait for (expectations). */
  readonly uid?: string;
}

export interface EventAction {
  readonly type: "event";
  readonly object: KubeObject;
  readonly eventType: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** What the API server answered to one action. */
export interface ActionOutcome {
  /** The stored objects that came back; empty after deletes, events and failures. */
  readonly objects: readonly KubeObject[];
  /** The first failure. */
  readonly error?: Status;
}

/** What a reconciler wants done. It reads a snapshot and acts on nothing. */
export interface Plan {
  /** All are sent without waiting for each other; what has to wait for an answer goes into `after`. */
  readonly actions: readonly Action[];
  /** Look again after this long, whatever happens. */
  readonly requeueAfterUs?: number;
  /** Other keys of this controller to look at. */
  readonly enqueue?: readonly string[];
  /** The sync failed: look again with back-off. Set by a plan whose own actions went well, too. */
  readonly failed?: Status | string;
  /** The next step of the same sync, from the answers (same order as `actions`). Without it a failed action fails the sync. */
  readonly after?: (outcomes: readonly ActionOutcome[]) => Plan;
}

export const NOTHING: Plan = { actions: [] };
