import type { RowStore } from "../../bridge/session/row-store.ts";
import { type Box, columnsFor, machineBox, podArea, slotGrid } from "../../projection/layout/geometry.ts";
import type { NodeRow } from "../../projection/rows/rows.ts";
import { POD_ZOOM } from "./use-zoom.ts";

/** Elements at once; more pods than this are cells even when close. */
const CARDS_MAX = 300;
/** More pods than this in the lane are cells. */
const LANE_CARDS_MAX = 2;

export interface View {
  readonly transform: readonly [x: number, y: number, zoom: number];
  readonly width: number;
  readonly height: number;
}

export interface MachineInView {
  readonly node: NodeRow;
  readonly box: Box;
}

/** Machines that are at least partly in view. */
export function machinesInView(rows: RowStore, { transform: [tx, ty, zoom], width, height }: View): MachineInView[] {
  const machines = rows.list("Node");
  const columns = columnsFor(machines.length);
  const [left, top, right, bottom] = [-tx / zoom, -ty / zoom, (width - tx) / zoom, (height - ty) / zoom];
  const seen: MachineInView[] = [];
  for (const node of machines) {
    const box = machineBox(node.cell, columns);
    if (box.x <= right && box.x + box.w >= left && box.y <= bottom && box.y + box.h >= top) seen.push({ node, box });
  }
  return seen;
}

/** Node names (and "" for the lane) whose pods are elements now; all others are cells on the canvas. */
export function elementPlaces(rows: RowStore, view: View): ReadonlySet<string> {
  const places = new Set<string>();
  if (view.transform[2] < POD_ZOOM) return places;
  let cards = 0;
  for (const { node, box } of machinesInView(rows, view)) {
    if (node.controlPlane && rows.podIdsOn("").length <= LANE_CARDS_MAX) places.add("");
    if (slotGrid(podArea(box, node.controlPlane), node.slotCount).tier === "cell") continue;
    cards += rows.podIdsOn(node.name).length;
    places.add(node.name);
  }
  return cards > CARDS_MAX ? new Set() : places;
}
