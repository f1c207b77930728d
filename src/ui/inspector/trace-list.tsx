import { ArrowRight, CircleCheck, CircleX, LoaderCircle, Send } from "lucide-react";
import { memo, useState } from "react";
import type { TraceRow } from "../../projection/film/film.ts";
import { useTopic, useTraces } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { clockText } from "../timeline/clock-text.ts";

const TRACES_MAX = 120;

/** Packets that were sent, newest first. */
export function TraceList() {
  const traces = useTraces();
  const [find, setFind] = useState("");
  const skipped = useTopic("traces", (rows) => rows.skippedTraces);
  if (traces.length === 0) {
    return <div className="pane-empty"><Send size={22} aria-hidden /><p>No packets yet.</p><button type="button" className="button" data-primary onClick={() => useUi.getState().openSend({})}>Send one</button></div>;
  }
  const shown = traces.filter((t) => `${t.from} ${t.to} ${t.outcome}`.includes(find)).slice(0, TRACES_MAX);
  return (
    <>
      <input className="input list-filter" placeholder="From, to or outcome" aria-label="Find packets by from, to or outcome" value={find} onChange={(event) => setFind(event.target.value)} />
      {skipped > 0 && <p className="none">{skipped} more were not filmed: too many at once.</p>}
      <ol className="events">{shown.map((t) => <TraceLine key={t.id} trace={t} />)}</ol>
    </>
  );
}

export const traceLook = (trace: TraceRow): { readonly meaning: string; readonly icon: typeof CircleCheck } =>
  trace.status === "running" ? { meaning: "starting", icon: LoaderCircle } : trace.status === "done" ? { meaning: "ready", icon: CircleCheck } : { meaning: "failing", icon: CircleX };

const TraceLine = memo(function TraceLine({ trace }: { readonly trace: TraceRow }) {
  const { meaning, icon: Icon } = traceLook(trace);
  return (
    <li data-meaning={meaning}>
      <button type="button" onClick={() => useUi.getState().select({ type: "trace", id: trace.id, walk: 0, hop: 0 })}>
        <Icon size={14} aria-label={trace.status} />
        <span className="event-head"><b>{trace.from.replace(/^pod (default\/)?/, "")}</b><ArrowRight size={11} aria-label="to" /><b>{trace.to}</b><time className="since mono">{clockText(trace.startedUs)}</time></span>
        <span className="event-message">{trace.outcome === "" ? "on its way" : trace.outcome} · {trace.walkCount} packets, {trace.hopCount} hops</span>
      </button>
    </li>
  );
});
