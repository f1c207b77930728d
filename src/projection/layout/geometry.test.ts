import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Box, bridgeY, centre, columnsFor, contains, footerBox, laneSlots, machineBox, nicPoint, organBox, outsideBox, outsidePath, podArea, serviceBox, slotAt, slotBox, slotGrid, vethPath,
  wirePath, worldBounds,
} from "./geometry.ts";

const inside = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x - 0.01 && inner.y >= outer.y - 0.01 && inner.x + inner.w <= outer.x + outer.w + 0.01 && inner.y + inner.h <= outer.y + outer.h + 0.01;
const apart = (a: Box, b: Box): boolean => a.x + a.w <= b.x + 0.01 || b.x + b.w <= a.x + 0.01 || a.y + a.h <= b.y + 0.01 || b.y + b.h <= a.y + 0.01;
const allApart = (boxes: readonly Box[]): boolean => boxes.every((a, i) => boxes.slice(i + 1).every((b) => apart(a, b)));

describe("places", () => {
  test("machines, Services and the outside never overlap, and all lie within the world", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 30 }), (machines, services) => {
      const columns = columnsFor(machines);
      const boxes = [outsideBox(columns), ...Array.from({ length: machines }, (_, i) => machineBox(i, columns)), ...Array.from({ length: services }, (_, i) => serviceBox(i, columns))];
      expect(allApart(boxes)).toBe(true);
      const world = worldBounds(machines, services);
      for (const box of boxes) expect(inside(box, world)).toBe(true);
    }), { numRuns: 40 });
  });

  test("what a machine holds lies inside it and apart: organs, lane, pods, machinery", () => {
    const machine = machineBox(3, 2);
    for (const controlPlane of [false, true]) {
      const parts = [
        podArea(machine, controlPlane), ...(["kubelet", "kube-proxy", "cni", "vtep", "nic"] as const).map((p) => footerBox(machine, p)),
        ...(controlPlane ? [laneSlots(machine), ...(["etcd", "apiserver", "scheduler", "controller-manager"] as const).map((o) => organBox(machine, o))] : []),
      ];
      for (const part of parts) expect(inside(part, machine)).toBe(true);
      expect(allApart(parts)).toBe(true);
    }
  });

  test("every slot of a grid lies in its area, apart from the others, and is found again by its middle", () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 300 }), fc.boolean(), (count, controlPlane) => {
      const area = podArea(machineBox(0, 2), controlPlane);
      const grid = slotGrid(area, count);
      const boxes = Array.from({ length: count }, (_, slot) => slotBox(area, grid, slot));
      const shown = boxes.filter((b): b is Box => b !== undefined);
      expect(shown.length).toBe(Math.min(count, grid.columns * grid.rows));
      expect(shown.length).toBeGreaterThan(0);
      for (const [slot, box] of shown.entries()) {
        expect(inside(box, area)).toBe(true);
        expect(slotAt(area, grid, centre(box))).toBe(slot);
      }
      expect(allApart(shown.slice(0, 60))).toBe(true);
    }), { numRuns: 60 });
  });

  test("a full machine of 110 pods is drawn whole, and cards only shrink as it fills", () => {
    const area = podArea(machineBox(0, 2), false);
    let before = Number.POSITIVE_INFINITY;
    for (let count = 1; count <= 110; count += 1) {
      const grid = slotGrid(area, count);
      expect(grid.columns * grid.rows).toBeGreaterThanOrEqual(count);
      expect(grid.w * grid.h).toBeLessThanOrEqual(before + 0.01);
      before = grid.w * grid.h;
    }
  });
});

describe("links", () => {
  test("wires run square from eth0 to eth0, in both directions alike", () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 60 }), fc.nat(59), fc.nat(59), (machines, a, b) => {
      const columns = columnsFor(machines);
      const [from, to] = [machineBox(a % machines, columns), machineBox(b % machines, columns)];
      const path = wirePath(from, to);
      expect(path[0]).toEqual(nicPoint(from));
      expect(path.at(-1)).toEqual(nicPoint(to));
      expect(wirePath(to, from)).toEqual([...path].reverse());
      for (const points of [path, outsidePath(columns, to)]) for (let i = 1; i < points.length; i += 1) expect(points[i]?.x === points[i - 1]?.x || points[i]?.y === points[i - 1]?.y).toBe(true);
    }));
  });

  test("a veth goes from its pod to its machine's bridge", () => {
    const machine = machineBox(1, 2);
    const area = podArea(machine, false);
    const pod = slotBox(area, slotGrid(area, 4), 3)!;
    const path = vethPath(pod, machine);
    expect(path.at(-1)?.y).toBe(bridgeY(machine));
    expect(contains(machine, path.at(-1)!)).toBe(true);
  });
});
