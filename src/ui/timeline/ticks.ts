import type { RowStore } from "../../bridge/session/row-store.ts";

export interface Tick {
  readonly atUs: number;
  readonly kind: "normal" | "warning" | "command" | "trace";
  readonly label: string;
  /** uid of the Event, or the trace's id, to open. */
  readonly event?: string;
  readonly trace?: number;
}

/** Everything that happened in a span, oldest first within each kind. Lists are in time order, so it looks from the end. */
export function ticksIn(rows: RowStore, fromUs: number, toUs: number): Tick[] {
  const ticks: Tick[] = [];
  const events = rows.list("Event");
  for (let i = events.length - 1; i >= 0; i -= 1) {
    const event = events[i];
    if (event === undefined || event.firstUs < fromUs) break;
    if (event.firstUs <= toUs) ticks.push({ atUs: event.firstUs, kind: event.type === "Warning" ? "warning" : "normal", label: `${event.reason} ${event.about.kind.toLowerCase()}/${event.about.name}`, event: event.uid });
  }
  for (const mark of rows.marks) if (mark.atUs >= fromUs && mark.atUs <= toUs && mark.kind !== "send" && !mark.label.startsWith("step:")) ticks.push({ atUs: mark.atUs, kind: "command", label: mark.label });
  for (const trace of rows.traceRows()) {
    if (trace.startedUs < fromUs) break;
    if (trace.startedUs <= toUs && trace.origin === "sent") ticks.push({ atUs: trace.startedUs, kind: "trace", label: `${trace.from} → ${trace.to}`, trace: trace.id });
  }
  return ticks;
}
