import { CircleCheck, CircleX } from "lucide-react";
import type { SchedulingAttempt } from "../../engine/scheduler/verdict.ts";
import type { ObjectRef } from "../../projection/rows/refs.ts";
import { useFocusDetail } from "../app/session-hooks.ts";
import { clockText } from "../timeline/clock-text.ts";
import { Causes } from "./cause-chain.tsx";
import { RefLink, Section } from "./parts.tsx";

/** Nodes listed; the rest is summed up. */
const NODES_MAX = 60;

/** Why is it where it is, or nowhere: the scheduler's own verdicts, and what led to the last change. */
export function WhyPanel({ refTo }: { readonly refTo: ObjectRef }) {
  const focus = useFocusDetail();
  if (focus === undefined || focus.ref.name !== refTo.name) return null;
  const last = focus.scheduling.at(-1);
  return (
    <>
      {refTo.kind === "Pod" && (
        <Section title="The scheduler's verdict" aside={focus.scheduling.length > 1 && <span className="since">attempt {focus.scheduling.length}</span>}>
          {last === undefined ? <p className="none">The scheduler has not looked at it: static pods are started by the kubelet, and DaemonSet pods name their node.</p> : <Verdict attempt={last} />}
        </Section>
      )}
      <Section title="What led to its last change"><Causes causes={focus.causes} /></Section>
    </>
  );
}

function Verdict({ attempt }: { readonly attempt: SchedulingAttempt }) {
  const passed = attempt.verdicts.filter((v) => v.plugin === undefined).sort((a, b) => b.total - a.total);
  const turnedAway = attempt.verdicts.filter((v) => v.plugin !== undefined);
  const plugins = [...new Set(passed.flatMap((v) => Object.keys(v.scores)))];
  return (
    <>
      <p className="quote" data-meaning={attempt.result === "scheduled" ? "ready" : "failing"}>{attempt.message}<span className="mono since"> at {clockText(attempt.atUs, 3)}</span></p>
      {turnedAway.length > 0 && (
        <table className="table verdicts">
          <caption>Turned away</caption>
          <thead><tr><th scope="col">Node</th><th scope="col">Plugin</th><th scope="col">Reason</th></tr></thead>
          <tbody>
            {turnedAway.slice(0, NODES_MAX).map((v) => (
              <tr key={v.node} data-meaning="failing">
                <td><CircleX size={12} aria-hidden /> <RefLink to={{ kind: "Node", namespace: "", name: v.node }} /></td><td>{v.plugin}</td><td>{v.reasons.join("; ")}</td>
              </tr>
            ))}
            {turnedAway.length > NODES_MAX && <tr><td colSpan={3}>… and {turnedAway.length - NODES_MAX} more</td></tr>}
          </tbody>
        </table>
      )}
      {passed.length > 0 && (
        <table className="table verdicts">
          <caption>Scores of those that passed</caption>
          <thead><tr><th scope="col">Node</th>{plugins.map((p) => <th scope="col" key={p} className="number" title={p}><span>{shortPlugin(p)}</span></th>)}<th scope="col" className="number">Total</th></tr></thead>
          <tbody>
            {passed.slice(0, NODES_MAX).map((v) => (
              <tr key={v.node} data-chosen={v.node === attempt.node || undefined} data-meaning="ready">
                <td>{v.node === attempt.node && <CircleCheck size={12} aria-label="chosen" />} <RefLink to={{ kind: "Node", namespace: "", name: v.node }} /></td>
                {plugins.map((p) => <td key={p} className="number">{v.scores[p] ?? 0}</td>)}<td className="number"><b>{v.total}</b></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

/** "NodeResourcesBalancedAllocation" is wider than the pane. */
const shortPlugin = (name: string): string => name.replace("NodeResources", "").replace("Allocation", "").replace("Toleration", "");
