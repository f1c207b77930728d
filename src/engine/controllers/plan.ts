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
  | { readonly type: "create"; readonly kind: KindDefinition; readonly object: KubeObject; readonly count?: number; readonly policy?: "slowStart" }
  | { readonly type: "update"; readonly kind: KindDefinition; readonly object: KubeObject }
  | { readonly type: "updateStatus"; readonly kind: KindDefinition; readonly object: KubeObject }
  | { readonly type: "patch"; readonly kind: KindDefinition; readonly key: ObjectKey; readonly patch: PatchRequest }
  | { readonly type: "delete"; readonly kind: KindDefinition; readonly key: ObjectKey; readonly options: DeleteOptionsInput }
  | { readonly type: "event"; readonly object: KubeObject; readonly eventType: "Normal" | "Warning"; readonly reason: string; readonly message: string };

/** What a reconciler wants done. It reads a snapshot and acts on nothing. */
export interface Plan {
  readonly actions: readonly Action[];
  /** Look again after this long, whatever happens. */
  readonly requeueAfterUs?: number;
}

export const NOTHING: Plan = { actions: [] };
