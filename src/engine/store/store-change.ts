import type { KubeObject } from "../apimachinery/object.ts";

/** One committed write. */
export interface StoreChange {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** "ns/name", or "name". */
  readonly key: string;
  /** What is stored now; for DELETED the last state, carrying the revision of the deletion. */
  readonly object: KubeObject;
  readonly before: KubeObject | undefined;
  readonly revision: number;
  readonly atUs: number;
  readonly causeId: number;
}

/** Which objects of a collection a watch is about; the narrowest one given counts. */
export interface WatchScope {
  /** "ns/" */
  readonly prefix?: string;
  /** "ns/name" */
  readonly key?: string;
  /** One value of a declared index, now or before the change. */
  readonly index?: { readonly name: string; readonly value: string };
}
