import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { machineBox, nicPoint, outsideBox, ROW_GAP, trunkX, wireY } from "../../projection/layout/geometry.ts";
import { useTopic } from "../app/session-hooks.ts";

/** The network between machines: a wire below each row, joined on the left, up to the outside world. */
export const WireNode = memo(function WireNode({ data }: NodeProps) {
  const { columns, rows } = data as { columns: number; rows: number };
  const cells = useTopic("list:Node", (store) => store.list("Node").map((n) => n.cell).join(","));
  const outside = outsideBox(columns);
  const left = trunkX - 10;
  const y0 = outside.y;
  const at = (x: number, y: number): string => `${x - left} ${y - y0}`;
  const machines = cells === "" ? [] : cells.split(",").map((cell) => nicPoint(machineBox(Number(cell), columns)));
  const trunk = `M ${at(outside.x, outside.y + outside.h / 2)} H ${trunkX + 12 - left} Q ${at(trunkX, outside.y + outside.h / 2)} ${at(trunkX, outside.y + outside.h / 2 + 12)} V ${wireY(rows - 1) - y0 - 12}`;
  const lines = Array.from({ length: rows }, (_, row) => {
    const ends = machines.filter((m) => wireY(row) > m.y && wireY(row) - m.y < 60);
    const right = Math.max(trunkX, ...ends.map((m) => m.x));
    return `M ${at(trunkX, wireY(row) - 12)} Q ${at(trunkX, wireY(row))} ${at(trunkX + 12, wireY(row))} H ${right - left}`;
  });
  const drops = machines.map((m) => `M ${at(m.x, m.y)} V ${m.y + ROW_GAP / 2 - y0}`);
  return (
    <svg className="wires" width="100%" height="100%" aria-hidden>
      <path d={[trunk, ...lines, ...drops].join(" ")} />
      {machines.map((m) => <circle key={`${m.x} ${m.y}`} cx={m.x - left} cy={m.y + ROW_GAP / 2 - y0} r="3.2" />)}
    </svg>
  );
});
