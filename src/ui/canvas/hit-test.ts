import type { RowStore } from "../../bridge/session/row-store.ts";
import { type Box, contains, laneSlots, machineBox, podArea, type Point, slotAt, slotGrid } from "../../projection/layout/geometry.ts";
import type { ObjectRef } from "../../projection/rows/refs.ts";
import { type NodeRow, type PodRow, rowRef } from "../../projection/rows/rows.ts";
import { StageMap } from "./stage-map.ts";

/** What is under a point of the world: a pod, else the machine around it. Found by arithmetic: pods that are drawn as cells have no element to click. */
export function objectAt(rows: RowStore, point: Point): ObjectRef | undefined {
  const columns = new StageMap(rows).columns;
  const node = rows.list("Node").find((n) => contains(machineBox(n.cell, columns), point));
  if (node === undefined) return undefined;
  return rowRef(podIn(rows, node, machineBox(node.cell, columns), point) ?? node);
}

function podIn(rows: RowStore, node: NodeRow, machine: Box, point: Point): PodRow | undefined {
  const bySlot = (name: string, slot: number | undefined): PodRow | undefined =>
    slot === undefined ? undefined : rows.podIdsOn(name).map((uid) => rows.pod(uid)).find((pod) => pod?.slot === slot);
  if (node.controlPlane) {
    const area = laneSlots(machine);
    const queue = rows.podIdsOn("");
    const pod = rows.pod(queue[slotAt(area, slotGrid(area, queue.length), point) ?? -1] ?? "");
    if (pod !== undefined) return pod;
  }
  const area = podArea(machine, node.controlPlane);
  return bySlot(node.name, slotAt(area, slotGrid(area, node.slotCount), point));
}
