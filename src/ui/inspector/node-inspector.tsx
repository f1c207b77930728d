import { Server, Send } from "lucide-react";
import { useState } from "react";
import { NODE_TEXTS, type NodeText } from "../../bridge/protocol/calls.ts";
import type { NodeRow } from "../../projection/rows/rows.ts";
import { usePodIdsOn, useSession } from "../app/session-hooks.ts";
import { useAnswer } from "../app/use-answer.ts";
import { useUi } from "../app/ui-store.ts";
import { CodeText } from "./code-text.tsx";
import { EventsOf, useEventsOf } from "./events-of.tsx";
import { bytesText, Conditions, cpuText, Facts, Head, Section, Since, Tabs } from "./parts.tsx";
import { PodList } from "./pod-list.tsx";
import { YamlView } from "./yaml-view.tsx";

export function NodeInspector({ node, view }: { readonly node: NodeRow; readonly view?: string | undefined }) {
  const first = NODE_TEXTS.find((text) => text === view);
  const [tab, setTab] = useState(first === undefined ? "overview" : "network");
  const ref = { kind: "Node", namespace: "", name: node.name };
  const ids = usePodIdsOn(node.name);
  const events = useEventsOf(ref);
  return (
    <>
      <Head icon={<Server size={20} aria-hidden />} kind={node.controlPlane ? "Control-plane node" : "Node"} name={node.name} meaning={node.ready ? "ready" : "failing"}>
        <span className="badge" data-meaning={node.ready ? "ready" : "failing"}>{node.ready ? "Ready" : "NotReady"}{node.unschedulable ? ",SchedulingDisabled" : ""}</span>
        <span className="badge mono">{node.ip}</span>
      </Head>
      <div className="inspector-actions"><button type="button" className="button" onClick={() => useUi.getState().openSend({ from: { node: node.name } })}><Send size={13} aria-hidden />Send from</button></div>
      <Tabs label="Node" active={tab} onChange={setTab} tabs={[{ id: "overview", label: "Overview" }, { id: "pods", label: "Pods", count: ids.length }, { id: "network", label: "Network" }, { id: "events", label: "Events", count: events.length }, { id: "yaml", label: "YAML" }]}>
        {tab === "overview" && <Overview node={node} />}
        {tab === "pods" && <PodList ids={ids} />}
        {tab === "network" && <NodeTexts node={node.name} first={first ?? "ip route"} />}
        {tab === "events" && <EventsOf refTo={ref} />}
        {tab === "yaml" && <YamlView refTo={ref} />}
      </Tabs>
    </>
  );
}

function Overview({ node }: { readonly node: NodeRow }) {
  return (
    <>
      <Section title="Requested of what it has">
        <Meter label="CPU" value={node.requested.cpuMilli} of={node.allocatable.cpuMilli} text={cpuText} />
        <Meter label="Memory" value={node.requested.memoryBytes} of={node.allocatable.memoryBytes} text={bytesText} />
        <Meter label="Pods" value={node.podCount} of={node.allocatable.pods} text={String} />
      </Section>
      <Section title="Conditions"><Conditions conditions={node.conditions} goodIsFalse={(type) => type !== "Ready"} /></Section>
      <Section title="Facts">
        <Facts facts={[
          ["Pod network", <span key="c" className="mono">{node.podCIDR}</span>],
          ["Zone", node.zone],
          ["Taints", node.taints.length === 0 ? "none" : <span key="t" className="labels">{node.taints.map((t) => <code key={t.key + t.effect}>{t.key}{t.value === "" ? "" : `=${t.value}`}:{t.effect}</code>)}</span>],
          ["Kubelet", node.kubeletVersion],
          ["Age", <Since key="a" us={node.createdUs} />],
        ]} />
      </Section>
    </>
  );
}

function Meter({ label, value, of, text }: { readonly label: string; readonly value: number; readonly of: number; readonly text: (n: number) => string }) {
  const share = of === 0 ? 0 : value / of;
  return (
    <div className="meter">
      <span>{label}</span>
      <span className="bar" role="meter" aria-label={`${label} requested`} aria-valuemin={0} aria-valuemax={of} aria-valuenow={value} aria-valuetext={`${text(value)} of ${text(of)}`} data-full={share > 0.9 || undefined}><i style={{ width: `${Math.min(100, share * 100)}%` }} /></span>
      <span className="mono">{text(value)} / {text(of)}</span>
    </div>
  );
}

/** What the node's own tools print: the very tables that packets meet. */
function NodeTexts({ node, first }: { readonly node: string; readonly first: NodeText }) {
  const session = useSession();
  const [which, setWhich] = useState<NodeText>(first);
  const [asked, setAsked] = useState(0);
  const [find, setFind] = useState("");
  const { value = "", error } = useAnswer(`${node} ${which} ${asked}`, () => session.call("node-text", { node, text: which }));
  const text = error === "" ? value : error;
  const shown = find === "" ? text : text.split("\n").filter((line) => line.includes(find)).join("\n");
  return (
    <>
      <div className="chips" role="group" aria-label="Which table">{NODE_TEXTS.map((t) => <button key={t} type="button" className="button mono" aria-pressed={t === which} onClick={() => setWhich(t)}>{t}</button>)}</div>
      <div className="logs-head">
        <input className="input" placeholder="Only lines with …" aria-label="Only lines with" value={find} onChange={(event) => setFind(event.target.value)} />
        <button type="button" className="button" onClick={() => setAsked(asked + 1)}>Refresh</button>
      </div>
      <CodeText text={shown === "" ? "(empty)" : shown} language={which === "iptables-save" ? "iptables" : "plain"} label={`${which} on ${node}`} />
    </>
  );
}
