import type { Rejection } from "./plugin.ts";

export const NO_NODES = "no nodes available to schedule pods";
const EVENT_LIMIT = 1024; // characters of an event's note
const SUFFIX = " ...";

/** Counts reasons over nodes. */
export class ReasonCounts {
  private readonly counts = new Map<string, number>();

  add(rejection: Rejection, nodes = 1): void {
    for (const reason of rejection.reasons) this.counts.set(reason, (this.counts.get(reason) ?? 0) + nodes);
  }

  /** "1 Insufficient cpu, 2 node(s) …": sorted as texts, numbers included. Empty when nothing was counted. */
  text(): string {
    const parts = Array.from(this.counts, ([reason, count]) => `${count} ${reason}`);
    return parts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join(", ");
  }
}

/** Source: pkg/scheduler/framework/types.go, FitError.Error. */
export function fitErrorText(nodeCount: number, preFilterMessage: string | undefined, counts: ReasonCounts | undefined, postFilterMessage: string | undefined): string {
  let text = `0/${nodeCount} nodes are available:`;
  if (preFilterMessage !== undefined) text += ` ${preFilterMessage}.`;
  const counted = counts?.text() ?? "";
  if (counted !== "") text += ` ${counted}.`;
  if (postFilterMessage !== undefined && postFilterMessage !== "") text += ` ${postFilterMessage}`;
  return text;
}

/** Source: pkg/scheduler/schedule_one.go, truncateMessage. */
export const truncateMessage = (message: string): string => (message.length <= EVENT_LIMIT ? message : message.slice(0, EVENT_LIMIT - SUFFIX.length) + SUFFIX);
