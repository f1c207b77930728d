import { RotateCw, Send, SendToBack, Trash2 } from "lucide-react";
import { useState } from "react";
import type { ContainerRow, PodRow } from "../../projection/rows/rows.ts";
import { useSession } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { podMeanings } from "../theme/meanings.ts";
import { EventsOf, useEventsOf } from "./events-of.tsx";
import { Gantt } from "./gantt.tsx";
import { LogsView } from "./logs-view.tsx";
import { bytesText, Conditions, cpuText, Facts, Head, RefLink, Section, Since, Tabs } from "./parts.tsx";
import { WhyPanel } from "./why-panel.tsx";
import { YamlView } from "./yaml-view.tsx";

const PHASES = ["Pending", "Running", "Succeeded", "Failed"] as const;

export function PodInspector({ pod }: { readonly pod: PodRow }) {
  const [tab, setTab] = useState("overview");
  const session = useSession();
  const ref = { kind: "Pod", namespace: pod.namespace, name: pod.name };
  const events = useEventsOf(ref);
  const { icon: Icon, label } = podMeanings[pod.meaning];
  const remove = async (): Promise<void> => {
    const answer = await session.request({ method: "DELETE", path: `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}` });
    useUi.getState().toast(answer.status < 300 ? "plain" : "bad", answer.status < 300 ? `kubectl delete pod ${pod.name}${pod.namespace === "default" ? "" : ` -n ${pod.namespace}`}` : `delete failed: ${answer.status}`);
  };
  return (
    <>
      <Head icon={<Icon size={20} aria-hidden />} kind={`Pod in ${pod.namespace}`} name={pod.name} meaning={pod.meaning}>
        <span className="badge" data-meaning={pod.meaning}>{pod.status}</span>
        {pod.status !== label && <span className="badge" data-meaning={pod.meaning}>{label}</span>}
        {pod.ip !== "" && <span className="badge mono">{pod.ip}</span>}
      </Head>
      <div className="inspector-actions">
        <button type="button" className="button" disabled={pod.ip === ""} onClick={() => useUi.getState().openSend({ from: { pod: `${pod.namespace}/${pod.name}` } })}><Send size={13} aria-hidden />Send from</button>
        <button type="button" className="button" disabled={pod.ip === ""} onClick={() => useUi.getState().openSend({ to: `http://${pod.ip}` })}><SendToBack size={13} aria-hidden />Send to</button>
        <button type="button" className="button" data-danger disabled={pod.meaning === "terminating"} onClick={() => void remove()}><Trash2 size={13} aria-hidden />Delete</button>
      </div>
      <Tabs
        label="Pod" active={tab} onChange={setTab}
        tabs={[{ id: "overview", label: "Life" }, { id: "events", label: "Events", count: events.length }, { id: "why", label: "Why" }, { id: "logs", label: "Logs" }, { id: "yaml", label: "YAML" }]}
      >
        {tab === "overview" && <Overview pod={pod} />}
        {tab === "events" && <EventsOf refTo={ref} />}
        {tab === "why" && <WhyPanel refTo={ref} />}
        {tab === "logs" && <LogsView pod={pod} />}
        {tab === "yaml" && <YamlView refTo={ref} />}
      </Tabs>
    </>
  );
}

function Overview({ pod }: { readonly pod: PodRow }) {
  return (
    <>
      <Section title="Steps of its life"><Gantt /></Section>
      <Section title="Phase">
        <ol className="phases" aria-label={`Phase: ${pod.phase}`}>
          {PHASES.map((phase) => <li key={phase} data-now={phase === pod.phase || undefined} aria-current={phase === pod.phase ? "step" : undefined}>{phase}</li>)}
        </ol>
      </Section>
      <Section title="Containers"><ul className="containers">{pod.containers.map((c) => <Container key={c.name} container={c} />)}</ul></Section>
      <Section title="Conditions"><Conditions conditions={pod.conditions} /></Section>
      <Section title="Facts">
        <Facts facts={[
          ["Node", pod.node === "" ? "none yet" : <RefLink key="n" to={{ kind: "Node", namespace: "", name: pod.node }} />],
          ["IP", <span key="ip" className="mono">{pod.ip === "" ? "none yet" : pod.ip}{pod.hostNetwork ? " (the node's)" : ""}</span>],
          ["Owner", pod.owner === undefined ? "none: a bare pod" : <span key="o"><RefLink to={pod.owner} />{pod.top !== undefined && pod.top.name !== pod.owner.name && <> of <RefLink to={pod.top} /></>}</span>],
          ["Age", <Since key="a" us={pod.createdUs} />],
          ["Requests", `cpu ${cpuText(pod.cpuMilli)}, memory ${bytesText(pod.memoryBytes)}`],
          ["Labels", Object.keys(pod.labels).length === 0 ? "none" : <span key="l" className="labels">{Object.entries(pod.labels).map(([k, v]) => <code key={k}>{k}={v}</code>)}</span>],
        ]} />
      </Section>
    </>
  );
}

function Container({ container: c }: { readonly container: ContainerRow }) {
  const look = c.state === "running" ? (c.ready ? "ready" : "starting") : c.state === "terminated" ? (c.exitCode === 0 ? "done" : "failing") : /Back|Err|Invalid/.test(c.reason) ? "failing" : "pending";
  return (
    <li data-meaning={look}>
      <div className="container-line">
        <i className="container-dot" data-state={c.state} data-type={c.type} data-meaning={look} />
        <b>{c.name}</b>
        {c.type !== "app" && <span className="badge">{c.type}</span>}
        <span className="container-state">{c.state}{c.reason === "" ? "" : `: ${c.reason}`}{c.exitCode === undefined ? "" : ` (exit ${c.exitCode})`}</span>
        {c.restarts > 0 && <span className="badge" data-meaning="pending"><RotateCw size={10} aria-hidden />{c.restarts} {c.restarts === 1 ? "restart" : "restarts"}</span>}
      </div>
      <p className="mono container-image">{c.image}</p>
      {c.message !== "" && <p className="container-message">{c.message}</p>}
      {c.last !== undefined && <p className="container-message">Last run: {c.last.reason} (exit {c.last.exitCode})</p>}
      {c.probes.length > 0 && <p className="container-probes">{c.probes.map((probe) => <span key={probe} className="badge" data-meaning={probe === "readiness" ? (c.ready ? "ready" : "pending") : c.started ? "ready" : "pending"}>{probe} probe</span>)}</p>}
    </li>
  );
}
