import { Handle, type NodeProps, Position } from "@xyflow/react";
import { Globe, Split } from "lucide-react";
import { memo } from "react";
import { selectsObject } from "../app/selection.ts";
import { useRow } from "../app/session-hooks.ts";
import { useUi } from "../app/ui-store.ts";

/** A Service: an address that is a rule on every node, drawn as a capsule above the machines. */
export const ServiceNode = memo(function ServiceNode({ data }: NodeProps) {
  const { uid } = data as { uid: string };
  const row = useRow(uid);
  const selected = useUi((s) => row !== undefined && selectsObject(s.selection, { kind: "Service", namespace: row.namespace, name: row.name }));
  if (row?.kind !== "Service") return null;
  const ready = row.endpoints.filter((e) => e.ready).length;
  const ports = row.ports.map((p) => p.nodePort === undefined ? p.port : `${p.port}:${p.nodePort}`).join(",");
  const Icon = row.type === "NodePort" || row.type === "LoadBalancer" ? Globe : Split;
  return (
    <>
      <button
        type="button" className="service" data-selected={selected || undefined} data-empty={ready === 0 || undefined} data-system={row.namespace.startsWith("kube-") || row.name === "kubernetes" || undefined}
        onClick={() => useUi.getState().select({ type: "object", ref: { kind: "Service", namespace: row.namespace, name: row.name } })}
        onPointerEnter={() => useUi.getState().hover(uid)} onPointerLeave={() => useUi.getState().hover(undefined)}
        onFocus={() => useUi.getState().hover(uid)} onBlur={() => useUi.getState().hover(undefined)}
        aria-label={`Service ${row.namespace}/${row.name}, ${row.type} ${row.clusterIP}, ${ready} of ${row.endpoints.length} endpoints ready`}
      >
        <Icon size={16} aria-hidden />
        <span className="service-text">
          <span className="service-name">{row.name}{row.namespace === "default" ? "" : <small> {row.namespace}</small>}</span>
          <span className="service-ip mono">{row.clusterIP}{ports === "" ? "" : `:${ports}`}</span>
        </span>
        <span className="service-count" title="ready endpoints">{ready}/{row.endpoints.length}</span>
      </button>
      <Handle type="source" position={Position.Bottom} className="anchor" />
    </>
  );
});
