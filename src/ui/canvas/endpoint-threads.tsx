import { type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { type Point, serviceBox } from "../../projection/layout/geometry.ts";
import { useNodeNamed, useRow, useSession } from "../app/session-hooks.ts";
import { StageMap } from "./stage-map.ts";

/** Threads to one machine; more become a ribbon. */
const THREADS_MAX = 12;

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
  const here = service.endpoints.filter((e) => e.node === node);
  const machine = map.machine(node);
  if (here.length > THREADS_MAX && machine !== undefined) return <Ribbon from={{ x, y }} to={{ x: machine.x + machine.w / 2, y: machine.y }} count={here.length} chosen={chosen} />;
  return (
    <g className="threads" data-chosen={chosen || undefined}>
      {here.map((endpoint) => {
        const pod = rows.pod(endpoint.podUid);
        const box = pod && map.pod(pod)?.box;
        if (box === undefined) return null;
        const [px, py] = [box.x + box.w / 2, box.y + 1];
        return (
          <g key={endpoint.podUid} data-ready={endpoint.ready || undefined}>
            <path d={curve({ x, y }, { x: px, y: py })} />
            <circle cx={px} cy={py} r="3" />
          </g>
        );
      })}
    </g>
  );
});

function curve(a: Point, b: Point): string {
  const bend = Math.max(36, (b.y - a.y) * 0.45);
  return `M ${a.x} ${a.y} C ${a.x} ${a.y + bend}, ${b.x} ${b.y - bend}, ${b.x} ${b.y}`;
}

/** Many threads to one machine, as one that is as thick as they are many. */
function Ribbon({ from, to, count, chosen }: { readonly from: Point; readonly to: Point; readonly count: number; readonly chosen: boolean }) {
  return (
    <g className="threads" data-chosen={chosen || undefined}>
      <path className="ribbon" d={curve(from, to)} style={{ strokeWidth: 2 + Math.log2(count) * 1.4 }} />
      <text x={to.x} y={to.y - 8}>{count} endpoints</text>
    </g>
  );
}
