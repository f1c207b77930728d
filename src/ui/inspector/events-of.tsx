import { Info, TriangleAlert } from "lucide-react";
import { memo, useMemo } from "react";
import type { ObjectRef } from "../../projection/rows/refs.ts";
import type { EventRow } from "../../projection/rows/rows.ts";
import { useCalmList } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { Since } from "./parts.tsx";

/** Events about an object, newest first. */
export function useEventsOf(ref: ObjectRef): readonly EventRow[] {
  const events = useCalmList("Event");
  const { kind, namespace, name } = ref;
  return useMemo(() => events.filter((e) => e.about.kind === kind && e.about.name === name && e.about.namespace === namespace).reverse(), [events, kind, namespace, name]);
}

export function EventsOf({ refTo }: { readonly refTo: ObjectRef }) {
  const events = useEventsOf(refTo);
  return events.length === 0 ? <p className="none">No Events about it.</p> : <ol className="events">{events.map((e) => <EventLine key={e.uid} event={e} about={false} />)}</ol>;
}

/** One Event as a line that opens it. */
export const EventLine = memo(function EventLine({ event, about }: { readonly event: EventRow; readonly about: boolean }) {
  const warning = event.type === "Warning";
  const Icon = warning ? TriangleAlert : Info;
  return (
    <li data-meaning={warning ? "failing" : "done"}>
      <button type="button" onClick={() => useUi.getState().select({ type: "event", uid: event.uid })}>
        <Icon size={14} aria-label={event.type} />
        <span className="event-head"><b>{event.reason}</b>{about && <span className="event-about">{event.about.kind.toLowerCase()}/{event.about.name}</span>}{event.count > 1 && <span className="event-count">×{event.count}</span>}<Since us={event.lastUs} /></span>
        <span className="event-message">{event.message}</span>
      </button>
    </li>
  );
});
