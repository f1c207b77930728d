import type { RowStore } from "../../bridge/session/row-store.ts";
import { type Box, bridgeY, laneSlots, podArea, slotBox, slotGrid, vethPath } from "../../projection/layout/geometry.ts";
import type { PodRow } from "../../projection/rows/rows.ts";
import type { Layers } from "../app/ui-store.ts";
import type { Selection } from "../app/selection.ts";
import { podMeanings } from "../theme/meanings.ts";
import { canvasColors, type Colors } from "./canvas-colors.ts";
import { elementPlaces, machinesInView, type View } from "./places-in-view.ts";
import { worldContext } from "./size-canvas.ts";

interface UiPart {
  readonly hiddenNamespaces: ReadonlySet<string>;
  readonly selection: Selection | undefined;
  readonly layers: Layers;
}

/** Draws every pod that is no element, and the veth lines of those near. */
export function drawCells(canvas: HTMLCanvasElement, rows: RowStore, view: View, ui: UiPart, cards: { has(uid: string): boolean }): void {
  const context = worldContext(canvas, view);
  if (context === null) return;
  const colors = canvasColors();
  const elements = elementPlaces(rows, view);
  const zoom = view.transform[2];
  const draw = (place: string, area: Box, slotCount: number): void => {
    const grid = slotGrid(area, slotCount);
    let hiddenCount = 0;
    for (const [index, uid] of rows.podIdsOn(place).entries()) {
      const pod = rows.pod(uid);
      if (pod === undefined || pod.organ !== undefined || ui.hiddenNamespaces.has(pod.namespace)) continue;
      // The lane is a queue; on machines everybody keeps their place.
      const box = slotBox(area, grid, place === "" ? index : pod.slot);
      if (box === undefined) hiddenCount += 1;
      else if (!cards.has(uid)) drawPod(context, colors, pod, box, { zoom, cell: grid.tier === "cell", selected: isSelected(ui.selection, pod) });
    }
    if (hiddenCount > 0) caption(context, colors, `+${hiddenCount} more`, area.x + area.w, area.y + area.h - 2);
  };
  for (const { node, box } of machinesInView(rows, view)) {
    const area = podArea(box, node.controlPlane);
    const near = elements.has(node.name);
    if (near && ui.layers.links) drawLinks(context, colors, rows, node.name, area, node.slotCount, box, ui.hiddenNamespaces);
    draw(node.name, area, node.slotCount);
    if (node.controlPlane) draw("", laneSlots(box), rows.podIdsOn("").length);
  }
}

const isSelected = (selection: Selection | undefined, pod: PodRow): boolean =>
  selection?.type === "object" && selection.ref.kind === "Pod" && selection.ref.name === pod.name && selection.ref.namespace === pod.namespace;

function caption(context: CanvasRenderingContext2D, colors: Colors, text: string, right: number, baseline: number): void {
  context.font = "600 12px 'Inter Variable', sans-serif";
  context.textAlign = "right";
  context.fillStyle = colors["ink-2"];
  context.fillText(text, right, baseline);
}

function drawLinks(context: CanvasRenderingContext2D, colors: Colors, rows: RowStore, node: string, area: Box, slotCount: number, machine: Box, hidden: ReadonlySet<string>): void {
  const grid = slotGrid(area, slotCount);
  context.lineWidth = 1.4;
  context.strokeStyle = colors.wire;
  context.fillStyle = colors.wire;
  context.beginPath();
  const ends: number[] = [];
  for (const uid of rows.podIdsOn(node)) {
    const pod = rows.pod(uid);
    if (pod === undefined || pod.organ !== undefined || pod.ip === "" || pod.hostNetwork || hidden.has(pod.namespace)) continue;
    const box = slotBox(area, grid, pod.slot);
    if (box === undefined) continue;
    const [a, b, c] = vethPath(box, machine) as [{ x: number; y: number }, { x: number; y: number }, { x: number; y: number }];
    context.moveTo(a.x, a.y);
    context.arcTo(b.x, b.y, c.x, c.y, 3);
    context.lineTo(c.x, c.y);
    ends.push(c.x);
  }
  context.stroke();
  for (const x of ends) {
    context.beginPath();
    context.arc(x, bridgeY(machine), 2.6, 0, 7);
    context.fill();
  }
}

interface Look {
  readonly zoom: number;
  readonly cell: boolean;
  readonly selected: boolean;
}

function drawPod(context: CanvasRenderingContext2D, colors: Colors, pod: PodRow, box: Box, { zoom, cell, selected }: Look): void {
  const color = colors[pod.meaning];
  if (!cell) {
    context.beginPath();
    context.roundRect(box.x, box.y, box.w, box.h, 7);
    context.globalAlpha = 0.16;
    context.fillStyle = color;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = selected ? 3 : 1.3;
    context.strokeStyle = selected ? colors.focus : color;
    context.stroke();
    const size = Math.min(box.h * 0.5, 22);
    shape(context, color, pod.meaning, box.x + 8 + size / 2, box.y + box.h / 2, size * 0.42);
    if (zoom < 0.3 || box.w < 70) return;
    context.font = `600 ${Math.min(18, box.h * 0.42)}px 'Inter Variable', sans-serif`;
    context.fillStyle = colors.ink;
    context.textAlign = "left";
    context.save();
    context.beginPath();
    context.rect(box.x, box.y, box.w - 4, box.h);
    context.clip();
    context.fillText(pod.name, box.x + 16 + size, box.y + box.h / 2 + Math.min(6, box.h * 0.15));
    context.restore();
    return;
  }
  const radius = Math.min(box.w, box.h) / 2;
  if (selected) {
    context.beginPath();
    context.arc(box.x + box.w / 2, box.y + box.h / 2, radius + 1.5, 0, 7);
    context.lineWidth = 2.5;
    context.strokeStyle = colors.focus;
    context.stroke();
  }
  shape(context, color, pod.meaning, box.x + box.w / 2, box.y + box.h / 2, radius * 0.86);
  if (pod.progress !== undefined && pod.step === "pull") {
    context.beginPath();
    context.arc(box.x + box.w / 2, box.y + box.h / 2, radius * 0.86, -Math.PI / 2, -Math.PI / 2 + pod.progress * Math.PI * 2);
    context.lineWidth = 3;
    context.strokeStyle = colors.ink;
    context.stroke();
  }
}

/** The meaning as a shape: colour is never the only sign. */
function shape(context: CanvasRenderingContext2D, color: string, meaning: PodRow["meaning"], x: number, y: number, r: number): void {
  context.fillStyle = color;
  context.strokeStyle = color;
  context.lineWidth = Math.max(1.6, r * 0.28);
  context.beginPath();
  switch (podMeanings[meaning].shape) {
    case "disc":
      context.arc(x, y, r, 0, 7);
      context.fill();
      return;
    case "ring":
      context.arc(x, y, r * 0.8, -Math.PI / 2, Math.PI);
      context.stroke();
      return;
    case "hollow":
      context.setLineDash([r * 0.6, r * 0.45]);
      context.arc(x, y, r * 0.8, 0, 7);
      context.stroke();
      context.setLineDash([]);
      return;
    case "triangle":
      context.moveTo(x, y - r);
      context.lineTo(x + r * 0.95, y + r * 0.75);
      context.lineTo(x - r * 0.95, y + r * 0.75);
      context.closePath();
      context.fill();
      return;
    case "cross":
      context.moveTo(x - r * 0.7, y - r * 0.7);
      context.lineTo(x + r * 0.7, y + r * 0.7);
      context.moveTo(x + r * 0.7, y - r * 0.7);
      context.lineTo(x - r * 0.7, y + r * 0.7);
      context.stroke();
      return;
    default:
      context.rect(x - r * 0.75, y - r * 0.75, r * 1.5, r * 1.5);
      context.fill();
  }
}
