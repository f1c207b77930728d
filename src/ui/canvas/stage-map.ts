import type { RowStore } from "../../bridge/session/row-store.ts";
import type { Place } from "../../projection/film/film.ts";
import {
  type Box, bridgeY, centre, columnsFor, footerBox, laneSlots, machineBox, nicPoint, organBox, outsideBox, outsidePath, podArea, type Point, type PodTier, serviceBox, slotBox,
  slotGrid, vethPath, wirePath,
} from "../../projection/layout/geometry.ts";
import type { NodeRow, PodRow } from "../../projection/rows/rows.ts";

export interface PodPlace {
  readonly box: Box;
  readonly tier: PodTier;
}

/** Looks up where rows stand in the world. Holds nothing but the row store: a place is a calculation. */
export class StageMap {
  private readonly rows: RowStore;

  constructor(rows: RowStore) {
    this.rows = rows;
  }

  get columns(): number {
    return columnsFor(this.rows.list("Node").length);
  }

  node(name: string): NodeRow | undefined {
    const row = this.rows.find({ kind: "Node", namespace: "", name });
    return row?.kind === "Node" ? row : undefined;
  }

  machine(name: string): Box | undefined {
    const node = this.node(name);
    return node && machineBox(node.cell, this.columns);
  }

  controlPlane(): NodeRow | undefined {
    return this.rows.list("Node").find((n) => n.controlPlane) ?? this.rows.list("Node")[0];
  }

  service(slot: number): Box {
    return serviceBox(slot, this.columns);
  }

  outside(): Box {
    return outsideBox(this.columns);
  }

  /** Where a pod stands; undefined when there is no room for it or its node is not known. */
  pod(pod: PodRow): PodPlace | undefined {
    if (pod.node === "") return this.waiting(pod);
    const node = this.node(pod.node);
    if (node === undefined) return undefined;
    const machine = machineBox(node.cell, this.columns);
    if (pod.organ !== undefined) return { box: organPlace(pod, machine, node), tier: "cell" };
    const area = podArea(machine, node.controlPlane);
    const grid = slotGrid(area, node.slotCount);
    const box = slotBox(area, grid, pod.slot);
    return box && { box, tier: grid.tier };
  }

  /** The lane is a queue: whoever waits moves up when others leave. */
  private waiting(pod: PodRow): PodPlace | undefined {
    const node = this.controlPlane();
    if (node === undefined) return undefined;
    const area = laneSlots(machineBox(node.cell, this.columns));
    const queue = this.rows.podIdsOn("");
    const grid = slotGrid(area, queue.length);
    const box = slotBox(area, grid, Math.max(0, queue.indexOf(pod.uid)));
    return box && { box, tier: grid.tier };
  }

  podNamed(key: string): PodRow | undefined {
    const [namespace = "", name = ""] = key.split("/");
    const row = this.rows.find({ kind: "Pod", namespace, name });
    return row?.kind === "Pod" ? row : undefined;
  }

  /** The point that stands for a place of a film. */
  point(place: Place): Point | undefined {
    if (place.part === "outside") {
      const box = this.outside();
      return { x: box.x, y: box.y + box.h / 2 };
    }
    const machine = this.machine(place.node);
    if (machine === undefined) return undefined;
    switch (place.part) {
      case "pod": {
        const pod = this.podNamed(place.pod);
        const at = pod && this.pod(pod);
        return at === undefined ? { x: machine.x + machine.w / 2, y: machine.y + machine.h / 2 } : port(at.box);
      }
      case "bridge": return { x: footerBox(machine, "cni").x + 30, y: bridgeY(machine) };
      case "rules": return centre(footerBox(machine, "kube-proxy"));
      case "vtep": return centre(footerBox(machine, "vtep"));
      case "nic": return nicPoint(machine);
      case "process": return centre(footerBox(machine, "kubelet"));
    }
  }

  /** Corners of the way between two places, along the drawn links, both ends included. */
  path(from: Place, to: Place): Point[] {
    const a = this.point(from);
    const b = this.point(to);
    if (a === undefined || b === undefined) return [];
    if (from.part === "outside" && to.part !== "outside") {
      const machine = this.machine(to.node);
      return machine === undefined ? [a, b] : outsidePath(this.columns, machine);
    }
    if (to.part === "outside" && from.part !== "outside") {
      const machine = this.machine(from.node);
      return machine === undefined ? [a, b] : outsidePath(this.columns, machine).reverse();
    }
    if (from.part === "nic" && to.part === "nic") return this.between(from.node, to.node) ?? [a, b];
    if (from.part === "pod") return [...this.veth(from.pod), ...alongBridge(this.veth(from.pod).at(-1), b, this.machine(from.node)), b];
    if (to.part === "pod") return [a, ...alongBridge(this.veth(to.pod).at(-1), a, this.machine(to.node)).reverse(), ...this.veth(to.pod).reverse()];
    return elbow(a, b, this.machine(from.part === "outside" ? "" : from.node));
  }

  private between(from: string, to: string): Point[] | undefined {
    const [a, b] = [this.machine(from), this.machine(to)];
    return a && b && (from === to ? undefined : wirePath(a, b));
  }

  /** From a pod's eth0 to its machine's bridge. */
  private veth(key: string): Point[] {
    const pod = this.podNamed(key);
    const place = pod && this.pod(pod);
    const machine = pod && this.machine(pod.node);
    if (place === undefined || machine === undefined) return [];
    return vethPath(place.box, machine);
  }

  /** Where a component named in the journal stands. */
  component(name: string): Point | undefined {
    const controlPlane = this.controlPlane();
    const home = controlPlane && machineBox(controlPlane.cell, this.columns);
    if (home === undefined) return undefined;
    const [kind = "", node = ""] = name.split("/");
    if (kind === "kube-apiserver") return centre(organBox(home, "apiserver"));
    if (kind === "etcd") return centre(organBox(home, "etcd"));
    if (kind === "outside") {
      const outside = this.outside();
      return { x: outside.x + outside.w / 2, y: outside.y + outside.h };
    }
    if (kind.includes("scheduler")) return centre(organBox(home, "scheduler"));
    const machine = node === "" ? undefined : this.machine(node);
    if (machine !== undefined) return centre(footerBox(machine, kind.includes("proxy") ? "kube-proxy" : kind.includes("kubelet") ? "kubelet" : "cni"));
    const pod = this.podNamed(`kube-system/${node}`) ?? this.rows.list("Pod").find((p) => p.namespace === "kube-system" && p.name.startsWith(`${kind}-`));
    const at = pod && this.pod(pod);
    // Controllers go by many names; they all live in one pod.
    return centre(at?.box ?? organBox(home, "controller-manager"));
  }
}

/** A pod's eth0: on its left side, where the veth begins. */
const port = (box: Box): Point => ({ x: box.x, y: box.y + box.h / 2 });

function organPlace(pod: PodRow, machine: Box, node: NodeRow): Box {
  switch (pod.organ) {
    case "kube-proxy": case "cni": return footerBox(machine, pod.organ);
    case "etcd": case "apiserver": case "scheduler": case "controller-manager": return node.controlPlane ? organBox(machine, pod.organ) : footerBox(machine, "kubelet");
    case undefined: return machine;
  }
}

/** From a veth's end along the bridge to above the other point. */
function alongBridge(from: Point | undefined, to: Point, machine: Box | undefined): Point[] {
  return from === undefined || machine === undefined ? [] : [{ x: to.x, y: bridgeY(machine) }];
}

/** Inside a machine's footer: along the bridge's height rather than across the chips. */
function elbow(a: Point, b: Point, machine: Box | undefined): Point[] {
  if (machine === undefined || a.x === b.x || a.y === b.y) return [a, b];
  const y = bridgeY(machine) + 7;
  return [a, { x: a.x, y }, { x: b.x, y }, b];
}
