import { useState } from "react";
import { useCalmList, useTopic, useTraces } from "../app/session-hooks.ts";
import { EventLine } from "./events-of.tsx";
import { PodList } from "./pod-list.tsx";
import { Tabs } from "./parts.tsx";
import { TraceList } from "./trace-list.tsx";
import { WorkloadList } from "./workload-list.tsx";

/** Newest Events shown; the timeline has them all. */
const EVENTS_MAX = 80;

/** What has been going on: Events, packets, pods and workloads as lists. */
export function Activity() {
  const [tab, setTab] = useState("events");
  const events = useTopic("list:Event", (rows) => rows.list("Event").length);
  const traces = useTraces();
  const pods = useTopic("list:Pod", (rows) => rows.podCount());
  return (
    <div className="inspector">
      <h2 className="visually-hidden">Activity</h2>
      <Tabs label="Activity" active={tab} onChange={setTab} tabs={[{ id: "events", label: "Events", count: events }, { id: "packets", label: "Packets", count: traces.length }, { id: "pods", label: "Pods", count: pods }, { id: "workloads", label: "Workloads" }]}>
        {tab === "events" && <Events />}
        {tab === "packets" && <TraceList />}
        {tab === "pods" && <AllPods />}
        {tab === "workloads" && <WorkloadList />}
      </Tabs>
    </div>
  );
}

function Events() {
  const events = useCalmList("Event");
  const [only, setOnly] = useState(false);
  const shown = only ? events.filter((e) => e.type === "Warning") : events;
  return (
    <>
      <label className="check list-filter"><input type="checkbox" checked={only} onChange={(event) => setOnly(event.target.checked)} />Warnings only</label>
      {shown.length === 0 ? <p className="none">{only ? "No warnings. Good." : "Nothing has happened yet."}</p> : <ol className="events">{shown.slice(-EVENTS_MAX).reverse().map((e) => <EventLine key={e.uid} event={e} about />)}</ol>}
    </>
  );
}

function AllPods() {
  const ids = useTopic("list:Pod", (rows) => rows.list("Pod").map((p) => p.uid).join(" "));
  const [find, setFind] = useState("");
  const shown = useTopic("list:Pod", (rows) => (find === "" ? ids : rows.list("Pod").filter((p) => `${p.namespace}/${p.name} ${p.ip} ${p.node} ${Object.entries(p.labels).map(([k, v]) => `${k}=${v}`).join(" ")}`.includes(find)).map((p) => p.uid).join(" ")));
  return (
    <>
      <input className="input list-filter" placeholder="Name, IP, node or label" aria-label="Find pods by name, IP, node or label" value={find} onChange={(event) => setFind(event.target.value)} />
      <PodList ids={shown === "" ? [] : shown.split(" ")} />
    </>
  );
}
