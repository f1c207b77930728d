/**
 * Where things stand on the stage, in world units (CSS pixels at zoom 1). Pure arithmetic over identities: a machine's place follows from its
 * cell, a pod's from its slot, so nothing jumps when others come and go, and the canvas finds what is under the pointer by calculation.
 */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const MACHINE_WIDTH = 388;
export const MACHINE_HEIGHT = 278;
export const MACHINE_GAP_X = 36;
/** Between rows of machines runs the wire. */
export const ROW_GAP = 44;
export const HEADER_HEIGHT = 40;
export const FOOTER_HEIGHT = 50;
const PADDING = 12;

const SERVICE_WIDTH = 178;
const SERVICE_HEIGHT = 52;
const SERVICE_GAP = 14;
const STRIP_GAP = 30;
/** The vertical wire that joins the rows, left of all machines. */
const TRUNK_X = -26;

/** How many machines stand side by side. Grows rarely, because growing moves machines. */
export function columnsFor(machineCount: number): number {
  if (machineCount <= 1) return 1;
  if (machineCount <= 4) return 2;
  if (machineCount <= 9) return 3;
  if (machineCount <= 16) return 4;
  return Math.ceil(Math.sqrt(machineCount * 1.25));
}

export function machineBox(cell: number, columns: number): Box {
  const row = Math.floor(cell / columns);
  const column = cell % columns;
  return { x: column * (MACHINE_WIDTH + MACHINE_GAP_X), y: row * (MACHINE_HEIGHT + ROW_GAP), w: MACHINE_WIDTH, h: MACHINE_HEIGHT };
}

export const gridWidth = (columns: number): number => columns * (MACHINE_WIDTH + MACHINE_GAP_X) - MACHINE_GAP_X;

/** The Services stand in rows above the machines, the outside world first; new rows go on top. */
export function serviceBox(slot: number, columns: number): Box {
  return stripBox(slot + 1, columns);
}

export const outsideBox = (columns: number): Box => stripBox(0, columns);

const perStripRow = (columns: number): number => Math.max(2, Math.floor((gridWidth(columns) + SERVICE_GAP) / (SERVICE_WIDTH + SERVICE_GAP)));

function stripBox(place: number, columns: number): Box {
  const perRow = perStripRow(columns);
  const row = Math.floor(place / perRow);
  // Spread over the whole width, so that the strip lines up with the machines below.
  const gap = (gridWidth(columns) - perRow * SERVICE_WIDTH) / Math.max(1, perRow - 1);
  const x = (place % perRow) * (SERVICE_WIDTH + Math.max(SERVICE_GAP, gap));
  return { x, y: -(STRIP_GAP + SERVICE_HEIGHT) - row * (SERVICE_HEIGHT + SERVICE_GAP), w: SERVICE_WIDTH, h: SERVICE_HEIGHT };
}

/** Everything that is drawn, for "fit". */
export function worldBounds(machineCount: number, serviceSlots: number): Box {
  const columns = columnsFor(machineCount);
  const rows = Math.max(1, Math.ceil(machineCount / columns));
  const top = serviceBox(Math.max(0, serviceSlots - 1), columns).y;
  return { x: TRUNK_X - 14, y: top, w: gridWidth(columns) - TRUNK_X + 14, h: rows * (MACHINE_HEIGHT + ROW_GAP) - ROW_GAP / 2 + 10 - top };
}

// ── inside a machine ────────────────────────────────────────────────────────────────────────────

/** The component block of the control plane's card: four organs in a row. */
export const ORGAN_ROW_HEIGHT = 58;
export const LANE_HEIGHT = 66;

/** Where a machine's ordinary pods stand. */
export function podArea(machine: Box, controlPlane: boolean): Box {
  const top = machine.y + HEADER_HEIGHT + (controlPlane ? ORGAN_ROW_HEIGHT + 8 : 4);
  const bottom = machine.y + machine.h - FOOTER_HEIGHT - 10 - (controlPlane ? LANE_HEIGHT + 6 : 0);
  return { x: machine.x + PADDING, y: top, w: machine.w - 2 * PADDING, h: bottom - top };
}

/** Where pods without a node wait: on the control plane's card, below the scheduler. */
export function laneArea(controlPlane: Box): Box {
  const bottom = controlPlane.y + controlPlane.h - FOOTER_HEIGHT - 10;
  return { x: controlPlane.x + PADDING, y: bottom - LANE_HEIGHT, w: controlPlane.w - 2 * PADDING, h: LANE_HEIGHT };
}

/** Inside the lane, right of its caption. */
export function laneSlots(controlPlane: Box): Box {
  const lane = laneArea(controlPlane);
  return { x: lane.x + 78, y: lane.y + 7, w: lane.w - 85, h: lane.h - 14 };
}

export type PodTier = "card" | "chip" | "tag" | "cell";

interface Tier {
  readonly tier: PodTier;
  readonly minWidth: number;
  readonly height: number;
  readonly gap: number;
}

const TIERS: readonly Tier[] = [
  { tier: "card", minWidth: 170, height: 80, gap: 10 },
  { tier: "chip", minWidth: 112, height: 50, gap: 8 },
  { tier: "tag", minWidth: 82, height: 30, gap: 6 },
  { tier: "cell", minWidth: 30, height: 30, gap: 6 },
  { tier: "cell", minWidth: 25, height: 25, gap: 5 },
  { tier: "cell", minWidth: 20, height: 20, gap: 4 },
  { tier: "cell", minWidth: 16, height: 16, gap: 3 },
  { tier: "cell", minWidth: 11, height: 11, gap: 2 },
];

export interface SlotGrid {
  readonly tier: PodTier;
  readonly columns: number;
  readonly rows: number;
  readonly w: number;
  readonly h: number;
  readonly gap: number;
}

/** The largest look at which `slotCount` pods fit into the area; cells when nothing else fits. */
export function slotGrid(area: Box, slotCount: number): SlotGrid {
  let last: SlotGrid | undefined;
  for (const { tier, minWidth, height, gap } of TIERS) {
    const columns = Math.max(1, Math.floor((area.w + gap) / (minWidth + gap)));
    const rows = Math.floor((area.h + gap) / (height + gap));
    last = { tier, columns, rows, w: (area.w + gap) / columns - gap, h: height, gap };
    if (columns * rows >= slotCount) return last;
  }
  if (last === undefined) throw new Error("Kubarium bug: expected that there is a tier");
  return last;
}

/** The box of one slot; undefined when the area is full before it (the card says "+12 more"). */
export function slotBox(area: Box, grid: SlotGrid, slot: number): Box | undefined {
  if (slot >= grid.columns * grid.rows) return undefined;
  const column = slot % grid.columns;
  const row = Math.floor(slot / grid.columns);
  return { x: area.x + column * (grid.w + grid.gap), y: area.y + row * (grid.h + grid.gap), w: grid.w, h: grid.h };
}

/** Which slot is under a point; undefined between slots. */
export function slotAt(area: Box, grid: SlotGrid, point: Point): number | undefined {
  const column = Math.floor((point.x - area.x) / (grid.w + grid.gap));
  const row = Math.floor((point.y - area.y) / (grid.h + grid.gap));
  if (column < 0 || row < 0 || column >= grid.columns || row >= grid.rows) return undefined;
  const slot = row * grid.columns + column;
  const box = slotBox(area, grid, slot);
  return box !== undefined && contains(box, point) ? slot : undefined;
}

export const contains = (box: Box, p: Point): boolean => p.x >= box.x && p.x < box.x + box.w && p.y >= box.y && p.y < box.y + box.h;
export const centre = (box: Box): Point => ({ x: box.x + box.w / 2, y: box.y + box.h / 2 });

export type FooterPart = "kubelet" | "kube-proxy" | "cni" | "vtep" | "nic";

const FOOTER_PARTS: Readonly<Record<FooterPart, { x: number; w: number }>> = {
  kubelet: { x: 12, w: 68 }, "kube-proxy": { x: 86, w: 86 }, cni: { x: 178, w: 68 }, vtep: { x: 256, w: 66 }, nic: { x: 332, w: 44 },
};

/** The machinery along a machine's lower edge. */
export function footerBox(machine: Box, part: FooterPart): Box {
  const { x, w } = FOOTER_PARTS[part];
  return { x: machine.x + x, y: machine.y + machine.h - FOOTER_HEIGHT + 14, w, h: 26 };
}

/** The bridge: a pipe over the footer that every pod of the machine hangs on. */
export const bridgeY = (machine: Box): number => machine.y + machine.h - FOOTER_HEIGHT;

export type ControlPlaneOrgan = "apiserver" | "etcd" | "scheduler" | "controller-manager";
const ORGAN_ORDER: readonly ControlPlaneOrgan[] = ["etcd", "apiserver", "scheduler", "controller-manager"];

export function organBox(controlPlane: Box, organ: ControlPlaneOrgan): Box {
  const gap = 8;
  const w = (controlPlane.w - 2 * PADDING - 3 * gap) / 4;
  return { x: controlPlane.x + PADDING + ORGAN_ORDER.indexOf(organ) * (w + gap), y: controlPlane.y + HEADER_HEIGHT + 2, w, h: ORGAN_ROW_HEIGHT - 4 };
}

// ── wires ───────────────────────────────────────────────────────────────────────────────────────

export const wireY = (row: number): number => row * (MACHINE_HEIGHT + ROW_GAP) + MACHINE_HEIGHT + ROW_GAP / 2;
export const trunkX = TRUNK_X;

export function nicPoint(machine: Box): Point {
  const nic = footerBox(machine, "nic");
  return { x: nic.x + nic.w / 2, y: machine.y + machine.h };
}

const rowOf = (machine: Box): number => Math.round(machine.y / (MACHINE_HEIGHT + ROW_GAP));

/** Corners of the way from one machine's eth0 to another's, both ends included. */
export function wirePath(from: Box, to: Box): Point[] {
  const a = nicPoint(from);
  const b = nicPoint(to);
  const [rowA, rowB] = [rowOf(from), rowOf(to)];
  const first = wireY(rowA);
  if (rowA === rowB) return [a, { x: a.x, y: first }, { x: b.x, y: first }, b];
  const second = wireY(rowB);
  return [a, { x: a.x, y: first }, { x: TRUNK_X, y: first }, { x: TRUNK_X, y: second }, { x: b.x, y: second }, b];
}

/** Corners of the way from the outside world to a machine's eth0. */
export function outsidePath(columns: number, to: Box): Point[] {
  const outside = outsideBox(columns);
  const b = nicPoint(to);
  const y = wireY(rowOf(to));
  return [{ x: outside.x, y: outside.y + outside.h / 2 }, { x: TRUNK_X, y: outside.y + outside.h / 2 }, { x: TRUNK_X, y }, { x: b.x, y }, b];
}

/** Corners of the veth from a pod to its machine's bridge: out of its left side, down the gutter. */
export function vethPath(pod: Box, machine: Box): Point[] {
  const gutter = pod.x - 4;
  return [{ x: pod.x, y: pod.y + pod.h / 2 }, { x: gutter, y: pod.y + pod.h / 2 }, { x: gutter, y: bridgeY(machine) }];
}
