import type { KubeObject, ObjectKey } from "../apimachinery/object.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import type { Plan, ReadView } from "./plan.ts";

/** Something that a watch delivered. */
export interface Change<T extends KubeObject = KubeObject> {
  readonly type: "add" | "update" | "delete";
  readonly object: T;
  readonly before: T | undefined;
}

/** A key to look at, at once or after a while. */
export type KeyRequest = string | { readonly key: string; readonly afterUs: number };

/** Which keys a change of one kind asks to look at. */
export interface Watch {
  readonly kind: KindDefinition;
  readonly keys: (change: Change, view: ReadView) => Iterable<KeyRequest>;
}

export interface IndexDeclaration {
  readonly kind: KindDefinition;
  readonly name: string;
  readonly values: (object: KubeObject) => readonly string[];
}

/** What a reconciler knows besides the snapshot. */
export interface SyncState {
  /** False while creates or deletes of an earlier sync of this key have not shown up in the snapshot yet. */
  readonly settled: boolean;
}

/** One controller as data: what it watches, which keys follow from it, and what it wants for a key. */
export interface Controller {
  /** Event source and client name, as upstream: "deployment-controller". */
  readonly name: string;
  /** Keys in work at the same time; never the same key twice. */
  readonly workers: number;
  readonly watches: readonly Watch[];
  readonly indexes?: readonly IndexDeclaration[];
  /** Creates and deletes of this kind by owners of `ownerKind` are waited for before the next create or delete. */
  readonly expects?: { readonly kind: KindDefinition; readonly ownerKind: string };
  /** Failed syncs of one key in a row before it is given up until the next change; left out: never. */
  readonly maxRetries?: number;
  /** How many times the manager's client-side rate limit it gets; 1. */
  readonly rateFactor?: { readonly qps: number; readonly burst: number };
  /** Keys to look at every so often, whether or not anything changed. */
  readonly periodic?: { readonly everyUs: number; readonly keys: (view: ReadView) => Iterable<KeyRequest> };
  readonly reconcile: (key: string, view: ReadView, state: SyncState) => Plan;
}

/** What every controller may be told by who starts the manager. */
export interface ControllerOptions {
  readonly podCIDR: string;
  /** Bits of a node's share of `podCIDR`; 24. */
  readonly nodeCIDRMaskSize: number;
  readonly serviceCIDR: string;
  /** PEM text for `kube-root-ca.crt`. */
  readonly rootCA: string;
  /** `--kube-api-qps` and `--kube-api-burst`, for each controller's client; 20 and 30. Large clusters are run with more. */
  readonly kubeApiQps: number;
  readonly kubeApiBurst: number;
  /** `--node-monitor-grace-period`; 50. */
  readonly nodeMonitorGraceSeconds: number;
}

/** Makes a controller for one run of the manager. What it remembers beside the snapshot starts empty and ends with that run. */
export type ControllerFactory = (options: ControllerOptions) => Controller;

export const watch = <T extends KubeObject>(kind: KindDefinition<T>, keys: (change: Change<T>, view: ReadView) => Iterable<KeyRequest>): Watch => ({ kind, keys }) as unknown as Watch;

export const index = <T extends KubeObject>(kind: KindDefinition<T>, name: string, values: (object: T) => readonly string[]): IndexDeclaration =>
  ({ kind, name, values }) as unknown as IndexDeclaration;

/** Back from "namespace/name" or "name". */
export function parseKey(key: string): ObjectKey {
  const slash = key.indexOf("/");
  return slash < 0 ? { namespace: "", name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}
