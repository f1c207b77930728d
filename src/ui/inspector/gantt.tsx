import { stepInfo, type LifecycleStep } from "../../projection/lifecycle/step-ids.ts";
import { useFocusDetail, useNow } from "../app/session-hooks.ts";
import { spanText } from "./parts.tsx";

/** The steps of the focused pod as bars over simulated time. */
export function Gantt() {
  const steps = useFocusDetail()?.steps ?? [];
  const now = useNow(50_000);
  const first = steps[0];
  if (first === undefined) return <p className="none">It was there before the stage looked.</p>;
  const end = Math.max(...steps.map((s) => s.endUs ?? now));
  const span = Math.max(1, end - first.startUs);
  return (
    <ol className="gantt" aria-label={`${steps.length} steps in ${spanText(span)}`}>
      {steps.map((step) => <Bar key={`${step.id} ${step.of} ${step.startUs}`} step={step} fromUs={first.startUs} spanUs={span} nowUs={now} />)}
      <li className="gantt-scale" aria-hidden><span /><span className="gantt-track"><i>0</i><i>{spanText(span / 2)}</i><i>{spanText(span)}</i></span><span /></li>
    </ol>
  );
}

function Bar({ step, fromUs, spanUs, nowUs }: { readonly step: LifecycleStep; readonly fromUs: number; readonly spanUs: number; readonly nowUs: number }) {
  const end = step.endUs ?? Math.max(nowUs, step.startUs);
  const left = ((step.startUs - fromUs) / spanUs) * 100;
  const width = ((end - step.startUs) / spanUs) * 100;
  const title = [stepInfo(step.id).label, step.of, step.note].filter((t) => t !== "").join(" · ");
  const meaning = step.failed || step.id === "backoff" ? "failing" : step.id === "stop" ? "terminating" : step.id === "schedule" || step.id === "admit" || step.id === "bind" ? "pending" : step.id === "ready" ? "ready" : "starting";
  return (
    <li data-meaning={meaning} data-open={step.endUs === undefined || undefined} title={`${title}${step.component === "" ? "" : `\n${step.component}`}`}>
      <span className="gantt-label">{stepInfo(step.id).label}{step.of === "" ? "" : <small> {step.of}</small>}</span>
      <span className="gantt-track"><i style={{ left: `${left}%`, width: `max(3px, ${width}%)` }}>{step.progress !== undefined && step.endUs === undefined && <b style={{ width: `${step.progress * 100}%` }} />}</i></span>
      <span className="gantt-span">{spanText(end - step.startUs)}</span>
      {step.note !== "" && <span className="gantt-note">{step.note}</span>}
    </li>
  );
}
