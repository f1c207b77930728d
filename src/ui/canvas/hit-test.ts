import type { RowStore } from "../../bridge/session/row-store.ts";
import { contains, laneSlots, machineBox, podArea, type Point, slotAt, slotGrid } from "../../projection/layout/geometry.ts";
import type { PodRow } from "../../projection/rows/rows.ts";
import { StageMap } from "./stage-map.ts";

/** The pod under a point of the world, found by arithmetic: pods that are drawn as cells have no element to click. */
export function podAt(rows: RowStore, point: Point): PodRow | undefined {
  const map = new StageMap(rows);
  const columns = map.columns;
  const node = rows.list("Node").find((n) => contains(machineBox(n.cell, columns), point));
  if (node === undefined) return undefined;
  const machine = machineBox(node.cell, columns);
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
