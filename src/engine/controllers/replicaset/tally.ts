import type { PodObject, ReplicaSetObject } from "../../kinds/generated/types.ts";
import { matchesLabelSelector } from "../../kinds/helpers/label-match.ts";
import { isPodActive, isPodReady } from "../../kinds/helpers/pod-state.ts";
import { controllerOf } from "../actions.ts";
import type { Change } from "../controller.ts";

/** Pods of a replica set that are neither over nor on their way out, and those of them that are ready. */
export interface PodCounts {
  readonly active: number;
  readonly ready: number;
}

interface Entry {
  active: number;
  ready: number;
  /** Pods that may not match the selector any more: they have to be looked at one by one. */
  irregular: number;
}

const NO_PODS: PodCounts = { active: 0, ready: 0 };

/**
 * Counts each replica set's pods along with the watch, so that a sync of a large one does not walk all its pods to find that nothing is missing.
 * It only saves work: `of` answers when every pod of the set is known to match its selector, which in apps/v1 never changes.
 */
export class PodTally {
  private readonly byOwner = new Map<string, Entry>();
  /** Pod uid → owner uid, of irregular pods. */
  private readonly irregular = new Map<string, string>();

  /** `setOf` finds the cached replica set that a pod's owner reference names. */
  apply({ object, before, type }: Change<PodObject>, setOf: (pod: PodObject) => ReplicaSetObject | undefined): void {
    const old = type === "delete" ? object : before;
    if (old !== undefined) this.count(old, -1);
    const { uid = "" } = object.metadata;
    const wasIrregular = this.irregular.get(uid);
    if (wasIrregular !== undefined) {
      this.irregular.delete(uid);
      const entry = this.byOwner.get(wasIrregular);
      if (entry !== undefined) entry.irregular -= 1;
    }
    if (type === "delete") return this.dropEmpty(controllerOf(object)?.uid);
    if (before !== undefined) this.dropEmpty(controllerOf(before)?.uid);
    const owner = this.count(object, 1);
    if (owner === undefined) return;
    const set = setOf(object);
    if (set !== undefined && matchesLabelSelector(set.spec.selector, object.metadata.labels)) return;
    this.irregular.set(uid, owner.uid);
    owner.entry.irregular += 1;
  }

  /** The counts of a set; undefined when its pods have to be looked at. */
  of(set: ReplicaSetObject): PodCounts | undefined {
    const entry = this.byOwner.get(set.metadata.uid ?? "");
    if (entry === undefined) return NO_PODS;
    return entry.irregular > 0 ? undefined : entry;
  }

  /** The set is gone. Pods that it leaves behind are counted no more. */
  forget(set: ReplicaSetObject): void {
    this.byOwner.delete(set.metadata.uid ?? "");
  }

  private dropEmpty(owner: string | undefined): void {
    const entry = owner === undefined ? undefined : this.byOwner.get(owner);
    if (owner !== undefined && entry?.active === 0 && entry.irregular === 0) this.byOwner.delete(owner);
  }

  private count(pod: PodObject, by: 1 | -1): { readonly uid: string; readonly entry: Entry } | undefined {
    const owner = controllerOf(pod);
    if (owner === undefined || owner.kind !== "ReplicaSet") return undefined;
    let entry = this.byOwner.get(owner.uid);
    if (entry === undefined) {
      if (by < 0) return undefined;
      this.byOwner.set(owner.uid, (entry = { active: 0, ready: 0, irregular: 0 }));
    }
    if (isPodActive(pod)) {
      entry.active += by;
      if (isPodReady(pod)) entry.ready += by;
    }
    return { uid: owner.uid, entry };
  }
}
