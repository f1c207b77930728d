import { Copy, FileSearch, Play, Repeat } from "lucide-react";
import { useEffect, useMemo, useRef } from "react";
import type { PacketHop } from "../../engine/network/trace/packet-hop.ts";
import type { PacketTrace, PacketWalk } from "../../engine/network/trace/packet-trace.ts";
import { flowText, headerDiff } from "../../projection/text/header-diff.ts";
import { type HopLine, hopOwners, hopText, hopWhere, sinceText, traceText } from "../../projection/text/packet-text.ts";
import { useSession, useTraceRow } from "../app/session-hooks.ts";
import { useAnswer } from "../app/use-answer.ts";
import { useUi } from "../app/ui-store.ts";
import { requestReplay } from "../canvas/packets/replay-requests.ts";
import { packetRoles } from "../theme/meanings.ts";
import { paintRule } from "./code-text.tsx";
import { HopIcon } from "./hop-icon.tsx";
import { Head, RefLink } from "./parts.tsx";
import { traceLook } from "./trace-list.tsx";

/** Follows a trace: fetched whole, and again whenever its row grew. */
function useTrace(id: number): PacketTrace | undefined {
  const session = useSession();
  const row = useTraceRow(id);
  return useAnswer(`${id} ${row?.hopCount ?? 0} ${row?.status ?? ""}`, () => session.call("trace", { id })).value;
}

/** The ladder of a trace: its packets in order, the hops of the open one, and everything about the chosen hop. */
export function TraceInspector({ id, walk, hop }: { readonly id: number; readonly walk: number; readonly hop: number }) {
  const trace = useTrace(id);
  const row = useTraceRow(id);
  const body = useRef<HTMLDivElement>(null);
  const walks = trace?.walks;
  useEffect(() => {
    if (walks === undefined) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLElement && event.target.closest("input, textarea, select, [role=tablist], [role=slider], [role=separator], .monaco-editor, .xterm, .react-flow") !== null) return;
      const step = event.key === "ArrowRight" || event.key === "ArrowDown" ? 1 : event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 0;
      if (step === 0 || event.ctrlKey || event.metaKey || event.altKey) return;
      const next = neighbour(walks, walk, hop, step);
      if (next === undefined) return;
      event.preventDefault();
      useUi.getState().select({ type: "trace", id, ...next });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [walks, id, walk, hop]);
  useEffect(() => {
    body.current?.querySelector("[aria-current=step]")?.scrollIntoView({ block: "nearest" });
  }, [walk, hop, trace]);
  if (trace === undefined || row === undefined) return <p className="none">This trace is no longer kept.</p>;
  const { meaning, icon: Icon } = traceLook(row);
  return (
    <>
      <Head icon={<Icon size={20} aria-hidden />} kind={`From ${trace.from}`} name={trace.to} meaning={meaning}>
        <span className="badge" data-meaning={meaning}>{trace.outcome === "" ? trace.status : trace.outcome}</span>
        {trace.endedUs !== undefined && <span className="badge mono">{sinceText(trace.endedUs, trace.startedUs)}</span>}
      </Head>
      <div className="inspector-actions">
        <button type="button" className="button" onClick={() => { useUi.getState().select({ type: "trace", id, walk: 0, hop: 0, follow: true }); requestReplay(id, 0); }}><Play size={13} aria-hidden />Replay</button>
        <button type="button" className="button" onClick={() => useUi.getState().openSend({ to: trace.to })}><Repeat size={13} aria-hidden />Send again</button>
        <button type="button" className="button" onClick={() => void navigator.clipboard.writeText(traceText(trace)).then(() => useUi.getState().toast("plain", "Trace copied as text"))}><Copy size={13} aria-hidden />Copy</button>
      </div>
      <div className="inspector-body ladder" ref={body}>
        {trace.walks.map((each) => <Walk key={each.index} trace={trace} walk={each} open={each.index === walk} hop={hop} />)}
        {trace.response !== undefined && <Response response={trace.response} />}
      </div>
      <p className="ladder-help"><kbd>←</kbd> <kbd>→</kbd> previous and next hop</p>
    </>
  );
}

/** One hop on or back, across packets. */
function neighbour(walks: readonly PacketWalk[], walk: number, hop: number, step: 1 | -1): { walk: number; hop: number } | undefined {
  const at = walks.findIndex((w) => w.index === walk);
  const here = walks[at];
  if (here === undefined) return undefined;
  if (hop + step >= 0 && hop + step < here.hops.length) return { walk, hop: hop + step };
  const other = walks[at + step];
  return other && { walk: other.index, hop: step === 1 ? 0 : Math.max(0, other.hops.length - 1) };
}

function Walk({ trace, walk, open, hop }: { readonly trace: PacketTrace; readonly walk: PacketWalk; readonly open: boolean; readonly hop: number }) {
  const role = packetRoles[walk.role];
  const bad = walk.end === "dropped" || walk.end === "refused";
  const first = walk.hops[0];
  return (
    <section className="walk" data-meaning={bad ? "dropped" : role.meaning} data-open={open || undefined}>
      <button type="button" className="walk-head" aria-expanded={open} onClick={() => useUi.getState().select({ type: "trace", id: trace.id, walk: walk.index, hop: 0 })}>
        <span className="walk-role">{role.label}</span>
        <span className="walk-summary mono">{walk.summary}</span>
        <span className="since mono">{first === undefined ? "" : `+${sinceText(first.atUs, trace.startedUs)}`}</span>
        {bad && <span className="badge" data-meaning="dropped">{walk.end}</span>}
      </button>
      {open && <ol className="hops">{walk.hops.map((each, index) => <Hop key={index} trace={trace} walk={walk.index} hop={each} index={index} chosen={index === hop} />)}</ol>}
    </section>
  );
}

function Hop({ trace, walk, hop, index, chosen }: { readonly trace: PacketTrace; readonly walk: number; readonly hop: PacketHop; readonly index: number; readonly chosen: boolean }) {
  const text = useMemo(() => hopText(hop), [hop]);
  const changed = useMemo(() => headerDiff(hop.before, hop.after).filter((f) => f.changed), [hop]);
  return (
    <li className="hop" data-type={hop.type} data-chosen={chosen || undefined} aria-current={chosen ? "step" : undefined}>
      <button type="button" className="hop-line" onClick={() => useUi.getState().select({ type: "trace", id: trace.id, walk, hop: index })}>
        <HopIcon type={hop.type} />
        <span className="hop-title">{text.title}</span>
        <span className="hop-where mono">{hopWhere(hop)}</span>
        {changed.length > 0 && <span className="hop-changes" title={`changes ${changed.map((f) => f.name).join(", ")}`}>Δ {changed.length}</span>}
      </button>
      {chosen && (
        <div className="hop-detail">
          <p>{text.says}</p>
          {text.lines.length > 0 && <ul className="rules">{text.lines.map((line) => <RuleLine key={line.text} line={line} />)}</ul>}
          <OwnerLink hop={hop} />
          <HeaderTable hop={hop} />
          <p className="since mono">{sinceText(hop.atUs, trace.startedUs)} after it began</p>
        </div>
      )}
    </li>
  );
}

function RuleLine({ line }: { readonly line: HopLine }) {
  return (
    <li data-decisive={line.decisive || undefined}>
      {line.note !== "" && <span className="rule-note">{line.note}</span>}
      <code>{paintRule(line.text)}</code>
    </li>
  );
}

/** To the objects that the rules were made from. */
function OwnerLink({ hop }: { readonly hop: PacketHop }) {
  const owners = hopOwners(hop);
  if (owners.length === 0) return null;
  return (
    <p className="owner">
      <FileSearch size={13} aria-hidden />Made from
      {owners.map((owner) => <RefLink key={owner.kind + owner.name} to={owner}>{owner.kind} {owner.namespace === "" ? "" : `${owner.namespace}/`}{owner.name}</RefLink>)}
    </p>
  );
}

function HeaderTable({ hop }: { readonly hop: PacketHop }) {
  const all = headerDiff(hop.before, hop.after);
  // What changed comes first: it is why one looks.
  const fields = [...all.filter((f) => f.changed), ...all.filter((f) => !f.changed)];
  const changes = fields.some((f) => f.changed);
  return (
    <table className="table header-table">
      <caption className="mono">{flowText(hop.after)}</caption>
      <thead><tr><th scope="col">Field</th>{changes && <th scope="col">Before</th>}<th scope="col">{changes ? "After" : "Value"}</th></tr></thead>
      <tbody>
        {fields.map((f) => (
          <tr key={f.name} data-layer={f.layer} data-changed={f.changed || undefined}>
            <th scope="row">{f.changed && <span aria-label="changed">▸ </span>}{f.name}</th>
            {changes && <td className="mono">{f.before ?? "—"}</td>}
            <td className="mono">{f.changed ? <mark>{f.after ?? "—"}</mark> : (f.after ?? "—")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Response({ response }: { readonly response: NonNullable<PacketTrace["response"]> }) {
  return (
    <section className="section">
      <div className="section-head"><h3>What came back</h3></div>
      <pre className="code" tabIndex={0} aria-label="HTTP response">{`HTTP/1.1 ${response.status}\n${Object.entries(response.headers).map(([k, v]) => `${k}: ${v}`).join("\n")}\n\n${response.body.slice(0, 4_000)}`}</pre>
    </section>
  );
}
