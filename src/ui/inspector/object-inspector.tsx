import { Box } from "lucide-react";
import { useState } from "react";
import type { ObjectRef } from "../../projection/rows/refs.ts";
import { useFocusDetail, useTopic } from "../app/session-hooks.ts";
import { Facts, Head, Tabs } from "./parts.tsx";
import { NodeInspector } from "./node-inspector.tsx";
import { PodInspector } from "./pod-inspector.tsx";
import { ServiceInspector } from "./service-inspector.tsx";
import { WorkloadInspector } from "./workload-inspector.tsx";
import { YamlView } from "./yaml-view.tsx";

/** The inspector of one object, by its kind. An object that is gone says so and keeps what was known. */
export function ObjectInspector({ refTo, view }: { readonly refTo: ObjectRef; readonly view?: string | undefined }) {
  const row = useTopic("batch", (rows) => rows.find(refTo));
  switch (row?.kind) {
    case "Pod": return <PodInspector pod={row} />;
    case "Node": return <NodeInspector node={row} view={view} />;
    case "Service": return <ServiceInspector service={row} />;
    case "Deployment": case "ReplicaSet": case "DaemonSet": return <WorkloadInspector workload={row} />;
    default: return <PlainInspector refTo={refTo} />;
  }
}

/** Kinds without a view of their own show their YAML. */
function PlainInspector({ refTo }: { readonly refTo: ObjectRef }) {
  const [tab, setTab] = useState("yaml");
  const focus = useFocusDetail();
  const known = focus !== undefined && focus.ref.name === refTo.name && focus.ref.kind === refTo.kind && focus.object !== undefined;
  return (
    <>
      <Head icon={<Box size={20} aria-hidden />} kind={refTo.kind} name={refTo.name}>{!known && <span className="badge">not there (any more)</span>}</Head>
      <Facts facts={[["Namespace", refTo.namespace]]} />
      {known && <Tabs label="Object" tabs={[{ id: "yaml", label: "YAML" }]} active={tab} onChange={setTab}><YamlView refTo={refTo} /></Tabs>}
    </>
  );
}
