import { Workflow } from "lucide-react";
import type { WorkloadRow } from "../../projection/rows/rows.ts";
import { useList } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";

/** Deployments and DaemonSets with their counts. */
export function WorkloadList() {
  const rows: readonly WorkloadRow[] = [...useList("Deployment"), ...useList("DaemonSet")];
  if (rows.length === 0) return <p className="none">No workloads yet. Apply <code>web.yml</code> to get one.</p>;
  return (
    <ul className="pod-list">
      {rows.map((w) => (
        <li key={w.uid} data-meaning={w.ready >= w.desired ? "ready" : "starting"}>
          <button type="button" onClick={() => useUi.getState().select({ type: "object", ref: { kind: w.kind, namespace: w.namespace, name: w.name } })}>
            <Workflow size={14} aria-hidden />
            <span className="line-name">{w.namespace === "default" ? "" : <small>{w.namespace}/</small>}{w.name}</span>
            <span className="line-state">{w.ready}/{w.desired}</span>
            <span className="line-ip">{w.kind}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
