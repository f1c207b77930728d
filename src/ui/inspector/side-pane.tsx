import "./inspector.css";
import { ArrowLeft, X } from "lucide-react";
import { lazy, memo, Suspense, useEffect } from "react";
import { ErrorBoundary } from "../app/error-boundary.tsx";
import type { Selection } from "../app/selection.ts";
import { useSession } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { Activity } from "./activity.tsx";
import { EventInspector } from "./event-inspector.tsx";
import { ObjectInspector } from "./object-inspector.tsx";

const TraceInspector = lazy(() => import("./trace-inspector.tsx").then((m) => ({ default: m.TraceInspector })));

/** The right pane: what is selected, or else what has been going on. */
export const SidePane = memo(function SidePane() {
  const session = useSession();
  const selection = useUi((s) => s.selection);
  const back = useUi((s) => s.history.length > 0);
  const ref = selection?.type === "object" ? selection.ref : undefined;
  useEffect(() => session.focus(ref), [session, ref]);
  if (selection === undefined) return <Activity />;
  return (
    <div className="inspector">
      <div className="inspector-tools">
        {back && <button type="button" className="button" data-quiet data-icon aria-label="Back" title="Back" onClick={() => useUi.getState().back()}><ArrowLeft size={15} aria-hidden /></button>}
        <button type="button" className="button" data-quiet data-icon aria-label="Close the inspector" title="Close (Esc)" onClick={() => useUi.getState().select(undefined)}><X size={16} aria-hidden /></button>
      </div>
      <ErrorBoundary key={keyOf(selection)} what="The inspector">
        <Suspense fallback={<div className="pane-loading" />}><Inspected selection={selection} /></Suspense>
      </ErrorBoundary>
    </div>
  );
});

const keyOf = (selection: Selection): string =>
  selection.type === "object" ? `${selection.ref.kind}/${selection.ref.namespace}/${selection.ref.name} ${selection.view ?? ""}` : selection.type === "event" ? selection.uid : `trace ${selection.id}`;

function Inspected({ selection }: { readonly selection: Selection }) {
  switch (selection.type) {
    case "object": return <ObjectInspector refTo={selection.ref} view={selection.view} />;
    case "event": return <EventInspector uid={selection.uid} />;
    case "trace": return <TraceInspector {...selection} />;
  }
}
