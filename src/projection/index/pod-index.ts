import type { PodObject } from "../../engine/kinds/generated/types.ts";
import { podRequests } from "../rows/pod-row.ts";
import { Slots } from "./slots.ts";

/** What one machine (or, under "", the waiting lane) holds. */
export interface PlaceSummary {
  readonly uids: ReadonlySet<string>;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly slotCount: number;
}

interface Place {
  readonly uids: Set<string>;
  readonly slots: Slots;
  cpuMilli: number;
  memoryBytes: number;
}

interface Seat {
  readonly node: string;
  /** -1 for pods that are drawn as machinery and need no slot. */
  readonly slot: number;
  readonly cpuMilli: number;
  readonly memoryBytes: number;
}

const EMPTY: PlaceSummary = { uids: new Set(), cpuMilli: 0, memoryBytes: 0, slotCount: 0 };
const isOver = (pod: PodObject): boolean => pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";

/** Which pods are where, in which slot, and what they ask for; follows changes, never scans. */
export class PodIndex {
  private readonly places = new Map<string, Place>();
  private readonly seats = new Map<string, Seat>();

  /** Takes in a pod as it is now. Gives the places whose summaries changed. */
  set(uid: string, pod: PodObject, needsSlot: boolean): readonly string[] {
    const node = pod.spec.nodeName ?? "";
    const before = this.seats.get(uid);
    const requests = isOver(pod) ? { cpuMilli: 0, memoryBytes: 0 } : podRequests(pod);
    if (before !== undefined && before.node === node && (before.slot >= 0) === needsSlot) {
      if (before.cpuMilli === requests.cpuMilli && before.memoryBytes === requests.memoryBytes) return [];
      const place = this.place(node);
      place.cpuMilli += requests.cpuMilli - before.cpuMilli;
      place.memoryBytes += requests.memoryBytes - before.memoryBytes;
      this.seats.set(uid, { ...before, ...requests });
      return [node];
    }
    const touched = before === undefined ? [node] : [before.node, node];
    if (before !== undefined) this.leave(uid, before);
    const place = this.place(node);
    place.uids.add(uid);
    place.cpuMilli += requests.cpuMilli;
    place.memoryBytes += requests.memoryBytes;
    this.seats.set(uid, { node, slot: needsSlot ? place.slots.take() : -1, ...requests });
    return touched;
  }

  remove(uid: string): readonly string[] {
    const seat = this.seats.get(uid);
    if (seat === undefined) return [];
    this.leave(uid, seat);
    this.seats.delete(uid);
    return [seat.node];
  }

  slot(uid: string): number {
    return this.seats.get(uid)?.slot ?? -1;
  }

  /** A live view, cheap to take; "" is the waiting lane. */
  summary(node: string): PlaceSummary {
    const place = this.places.get(node);
    return place === undefined ? EMPTY : { uids: place.uids, cpuMilli: place.cpuMilli, memoryBytes: place.memoryBytes, slotCount: place.slots.count };
  }

  private place(node: string): Place {
    let place = this.places.get(node);
    if (place === undefined) {
      place = { uids: new Set(), slots: new Slots(), cpuMilli: 0, memoryBytes: 0 };
      this.places.set(node, place);
    }
    return place;
  }

  private leave(uid: string, seat: Seat): void {
    const place = this.place(seat.node);
    place.uids.delete(uid);
    place.cpuMilli -= seat.cpuMilli;
    place.memoryBytes -= seat.memoryBytes;
    if (seat.slot >= 0) place.slots.free(seat.slot);
    if (place.uids.size === 0) this.places.delete(seat.node);
  }
}
