import { CircleCheck, CircleX, Send, Split } from "lucide-react";
import { useState } from "react";
import type { ServiceRow } from "../../projection/rows/rows.ts";
import { useList, useNow, useSession } from "../app/session-hooks.ts";
import { useAnswer } from "../app/use-answer.ts";
import { useUi } from "../app/ui-store.ts";
import { CodeText } from "./code-text.tsx";
import { EventsOf } from "./events-of.tsx";
import { Facts, Head, RefLink, Section, Since, Tabs } from "./parts.tsx";
import { YamlView } from "./yaml-view.tsx";

export function ServiceInspector({ service }: { readonly service: ServiceRow }) {
  const [tab, setTab] = useState("overview");
  const ref = { kind: "Service", namespace: service.namespace, name: service.name };
  const port = service.ports[0]?.port ?? 80;
  const host = `${service.name}${service.namespace === "default" ? "" : `.${service.namespace}`}`;
  const ready = service.endpoints.filter((e) => e.ready).length;
  return (
    <>
      <Head icon={<Split size={20} aria-hidden />} kind={`Service in ${service.namespace}`} name={service.name} meaning={ready > 0 ? "ready" : "pending"}>
        <span className="badge">{service.type}</span><span className="badge mono">{service.clusterIP}</span>
      </Head>
      <div className="inspector-actions"><button type="button" className="button" onClick={() => useUi.getState().openSend({ to: `http://${host}${port === 80 ? "" : `:${port}`}` })}><Send size={13} aria-hidden />Send to it</button></div>
      <Tabs label="Service" active={tab} onChange={setTab} tabs={[{ id: "overview", label: "Endpoints", count: service.endpoints.length }, { id: "rules", label: "Rules" }, { id: "events", label: "Events" }, { id: "yaml", label: "YAML" }]}>
        {tab === "overview" && <Overview service={service} />}
        {tab === "rules" && <Rules service={service} />}
        {tab === "events" && <EventsOf refTo={ref} />}
        {tab === "yaml" && <YamlView refTo={ref} />}
      </Tabs>
    </>
  );
}

function Overview({ service }: { readonly service: ServiceRow }) {
  const selector = Object.entries(service.selector).map(([k, v]) => `${k}=${v}`);
  return (
    <>
      <Section title="Who answers">
        {service.endpoints.length === 0
          ? <p className="none">{selector.length === 0 ? "It has no selector: somebody else writes its EndpointSlices." : `No pod with ${selector.join(",")} has an IP. Requests are refused.`}</p>
          : (
            <table className="table">
              <thead><tr><th scope="col">Address</th><th scope="col">Pod</th><th scope="col">Node</th><th scope="col">Ready</th></tr></thead>
              <tbody>
                {service.endpoints.map((e) => {
                  const [namespace = "", name = ""] = e.pod.split("/");
                  return (
                    <tr key={e.ip + e.pod} data-meaning={e.ready ? "ready" : e.terminating ? "terminating" : "pending"}>
                      <td className="mono">{e.ip}</td><td>{e.pod === "" ? "" : <RefLink to={{ kind: "Pod", namespace, name }} />}</td><td className="nowrap">{e.node}</td>
                      <td className="endpoint-ready">{e.ready ? <CircleCheck size={14} aria-label="ready" /> : <CircleX size={14} aria-label={e.terminating ? "terminating" : "not ready"} />}</td>
                    </tr>
                  );
                })}
              </tbody>
            </table>
          )}
      </Section>
      <Section title="Ports">
        <table className="table">
          <thead><tr><th scope="col">Name</th><th scope="col">Port</th><th scope="col">Target</th><th scope="col">Node port</th></tr></thead>
          <tbody>{service.ports.map((p) => <tr key={`${p.protocol}${p.port}`}><td>{p.name === "" ? "—" : p.name}</td><td className="mono">{p.port}/{p.protocol}</td><td className="mono">{p.targetPort}</td><td className="mono">{p.nodePort ?? "—"}</td></tr>)}</tbody>
        </table>
      </Section>
      <Section title="Facts">
        <Facts facts={[
          ["Selector", selector.length === 0 ? "none" : <span key="s" className="labels">{selector.map((s) => <code key={s}>{s}</code>)}</span>],
          ["DNS name", <code key="d">{service.name}.{service.namespace}.svc.cluster.local</code>],
          ["Age", <Since key="a" us={service.createdUs} />],
        ]} />
      </Section>
    </>
  );
}

/** A Service is no place: it is these lines on every node. */
function Rules({ service }: { readonly service: ServiceRow }) {
  const session = useSession();
  const nodes = useList("Node");
  const [node, setNode] = useState(nodes.find((n) => !n.controlPlane)?.name ?? nodes[0]?.name ?? "");
  // Written anew when its endpoints change; kube-proxy follows a moment later, so ask each second.
  const second = useNow(1_000_000);
  const { value = "", error } = useAnswer(`${node} ${second}`, () => session.call("node-text", { node, text: "iptables-save" }));
  const mine = new RegExp(`"${service.namespace}/${service.name}[ :"]`);
  const text = error === "" ? value.split("\n").filter((line) => mine.test(line)).join("\n") : error;
  return (
    <>
      <div className="logs-head"><label>On <select className="input" value={node} onChange={(event) => setNode(event.target.value)}>{nodes.map((n) => <option key={n.uid}>{n.name}</option>)}</select></label></div>
      {text === "" ? <p className="none">kube-proxy on {node} has written no rule for it.</p> : <CodeText text={text} language="iptables" label={`iptables-save on ${node}, lines of this Service`} />}
    </>
  );
}
