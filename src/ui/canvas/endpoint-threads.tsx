import { type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { serviceBox } from "../../projection/layout/geometry.ts";
import { useNodeNamed, useRow, useSession } from "../app/session-hooks.ts";
import { StageMap } from "./stage-map.ts";

/** Threads from one Service to its endpoints on one machine. Ready ones are whole, the others dashed. */
export const EndpointThreads = memo(function EndpointThreads({ data }: EdgeProps) {
  const { service: uid, node, chosen } = data as { service: string; node: string; chosen: boolean };
  const { rows } = useSession();
  const service = useRow(uid);
  useNodeNamed(node); // pods move when their machine's cards shrink
  if (service?.kind !== "Service") return null;
  const map = new StageMap(rows);
  const from = serviceBox(service.slot, map.columns);
  const x = from.x + from.w / 2;
  const y = from.y + from.h;
  return (
    <g className="threads" data-chosen={chosen || undefined}>
      {service.endpoints.filter((e) => e.node === node).map((endpoint) => {
        const pod = rows.pod(endpoint.podUid);
        const box = pod && map.pod(pod)?.box;
        if (box === undefined) return null;
        const [px, py] = [box.x + box.w / 2, box.y + 1];
        const bend = Math.max(36, (py - y) * 0.45);
        return (
          <g key={endpoint.podUid} data-ready={endpoint.ready || undefined}>
            <path d={`M ${x} ${y} C ${x} ${y + bend}, ${px} ${py - bend}, ${px} ${py}`} />
            <circle cx={px} cy={py} r="3" />
          </g>
        );
      })}
    </g>
  );
});
