import { Workflow } from "lucide-react";
import { useState } from "react";
import type { PodRow, WorkloadRow } from "../../projection/rows/rows.ts";
import { useTopic } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";
import { EventsOf, useEventsOf } from "./events-of.tsx";
import { Conditions, Facts, Head, RefLink, Section, Since, Tabs } from "./parts.tsx";
import { PodLine } from "./pod-list.tsx";
import { YamlView } from "./yaml-view.tsx";

const PODS_MAX = 200;

const isOf = (pod: PodRow, w: WorkloadRow): boolean =>
  [pod.owner, pod.top].some((o) => o !== undefined && o.kind === w.kind && o.name === w.name && o.namespace === w.namespace);

export function WorkloadInspector({ workload }: { readonly workload: WorkloadRow }) {
  const [tab, setTab] = useState("overview");
  const ref = { kind: workload.kind, namespace: workload.namespace, name: workload.name };
  const events = useEventsOf(ref);
  const done = workload.ready >= workload.desired;
  return (
    <>
      <Head icon={<Workflow size={20} aria-hidden />} kind={`${workload.kind} in ${workload.namespace}`} name={workload.name} meaning={done ? "ready" : "starting"}>
        <span className="badge" data-meaning={done ? "ready" : "starting"}>{workload.ready}/{workload.desired} ready</span>
      </Head>
      <Tabs label={workload.kind} active={tab} onChange={setTab} tabs={[{ id: "overview", label: "Overview" }, { id: "pods", label: "Pods" }, { id: "events", label: "Events", count: events.length }, { id: "yaml", label: "YAML" }]}>
        {tab === "overview" && <Overview workload={workload} />}
        {tab === "pods" && <PodsOf workload={workload} />}
        {tab === "events" && <EventsOf refTo={ref} />}
        {tab === "yaml" && <YamlView refTo={ref} />}
      </Tabs>
    </>
  );
}

function Overview({ workload: w }: { readonly workload: WorkloadRow }) {
  return (
    <>
      <Section title="Replicas">
        {([["Desired", w.desired], ["Created", w.current], ...(w.kind === "ReplicaSet" ? [] : [["Up to date", w.updated] as const]), ["Ready", w.ready], ["Available", w.available]] as const).map(([label, count]) => (
          <div className="meter" key={label}>
            <span>{label}</span><span className="bar"><i style={{ width: `${w.desired === 0 ? 0 : Math.min(100, (count / Math.max(w.desired, w.current)) * 100)}%` }} /></span><span className="mono">{count}</span>
          </div>
        ))}
      </Section>
      {w.kind === "Deployment" && <Section title="ReplicaSets"><ReplicaSets of={w} /></Section>}
      {w.conditions.length > 0 && <Section title="Conditions"><Conditions conditions={w.conditions} /></Section>}
      <Section title="Facts">
        <Facts facts={[
          ["Owner", w.owner === undefined ? undefined : <RefLink key="o" to={w.owner} />],
          ["Selector", <code key="s">{w.selector}</code>],
          ["Images", <span key="i" className="labels">{w.images.map((i) => <code key={i}>{i}</code>)}</span>],
          ["Strategy", w.strategy],
          ["Age", <Since key="a" us={w.createdUs} />],
        ]} />
      </Section>
    </>
  );
}

function ReplicaSets({ of }: { readonly of: WorkloadRow }) {
  const names = useTopic("list:ReplicaSet", (rows) => rows.list("ReplicaSet").filter((rs) => rs.owner?.name === of.name && rs.namespace === of.namespace).map((rs) => `${rs.name} ${rs.ready}/${rs.desired}`).join("\n"));
  if (names === "") return <p className="none">None yet.</p>;
  return (
    <ul className="pod-list">
      {names.split("\n").map((line) => {
        const [name = "", counts = ""] = line.split(" ");
        return <li key={name}><button type="button" onClick={() => useUi.getState().select({ type: "object", ref: { kind: "ReplicaSet", namespace: of.namespace, name } })}><Workflow size={14} aria-hidden /><span className="line-name">{name}</span><span className="line-state">{counts}</span></button></li>;
      })}
    </ul>
  );
}

function PodsOf({ workload }: { readonly workload: WorkloadRow }) {
  const ids = useTopic("list:Pod", (rows) => rows.list("Pod").filter((p) => isOf(p, workload)).map((p) => p.uid).join(" "));
  if (ids === "") return <p className="none">No pods.</p>;
  const all = ids.split(" ");
  return <ul className="pod-list">{all.slice(0, PODS_MAX).map((uid) => <PodLine key={uid} uid={uid} />)}{all.length > PODS_MAX && <li className="none">… and {all.length - PODS_MAX} more</li>}</ul>;
}
