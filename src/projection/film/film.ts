import type { PacketHop } from "../../engine/network/trace/packet-hop.ts";
import type { PacketRole, PacketTrace, PacketWalk } from "../../engine/network/trace/packet-trace.ts";

/** A place on the stage that a packet passes. */
export type Place =
  | { readonly part: "pod"; readonly node: string; readonly pod: string }
  | { readonly part: "bridge" | "rules" | "vtep" | "nic" | "process"; readonly node: string }
  | { readonly part: "outside" };

/** A packet stands somewhere from `atUs` on. */
export interface FilmStop {
  readonly atUs: number;
  /** Index of the walk's first hop here. */
  readonly hop: number;
  readonly place: Place;
  /** Inside an outer packet from here on. */
  readonly wrapped: boolean;
}

/** One packet's way as the canvas plays it. */
export interface WalkFilm {
  readonly index: number;
  readonly role: PacketRole;
  readonly summary: string;
  readonly end: PacketWalk["end"];
  /** Why it ended badly; "" otherwise. */
  readonly reason: string;
  readonly startUs: number;
  readonly endUs: number;
  readonly hopCount: number;
  readonly stops: readonly FilmStop[];
}

export type TraceOrigin = "sent" | "pod" | "system";

/** What the page holds of every trace. The hops themselves are fetched when somebody looks. */
export interface TraceRow {
  readonly id: number;
  readonly origin: TraceOrigin;
  readonly from: string;
  readonly to: string;
  readonly startedUs: number;
  readonly endedUs: number | undefined;
  readonly status: PacketTrace["status"];
  readonly outcome: string;
  readonly answeredBy: string;
  readonly httpStatus: number | undefined;
  readonly walkCount: number;
  readonly hopCount: number;
  /** Empty for traffic that is only counted. */
  readonly films: readonly WalkFilm[];
}

/** Where a hop happens; undefined for hops that are a way between two places (veth, wire). */
export function placeOf(hop: PacketHop): Place | undefined {
  if (hop.node === "external") return { part: "outside" };
  if (hop.node === "wire" || hop.type === "wire" || hop.type === "veth") return undefined;
  if (hop.netns !== "host" && hop.netns !== "") return { part: "pod", node: hop.node, pod: hop.netns };
  if (hop.type === "encapsulate" || hop.type === "decapsulate") return { part: "vtep", node: hop.node };
  if (hop.type === "bridge") return { part: "bridge", node: hop.node };
  if (hop.type === "socket") return { part: "process", node: hop.node };
  if (hop.type === "arp") return { part: hop.device.startsWith("eth") ? "nic" : "bridge", node: hop.node };
  return { part: "rules", node: hop.node };
}

const samePlace = (a: Place, b: Place): boolean =>
  a.part === b.part && (a.part === "outside" || b.part === "outside" || a.node === b.node) && (a.part !== "pod" || b.part !== "pod" || a.pod === b.pod);

/** Stops of a walk: one per place in a row, with the ways along wires spelled out as eth0 stops. */
export function stopsOf(hops: readonly PacketHop[]): FilmStop[] {
  const stops: FilmStop[] = [];
  const push = (stop: FilmStop): void => {
    const last = stops.at(-1);
    if (last === undefined || !samePlace(last.place, stop.place) || last.wrapped !== stop.wrapped) stops.push(stop);
  };
  for (const [hop, each] of hops.entries()) {
    const wrapped = each.after.outer !== undefined;
    if (each.type === "wire") {
      if (each.node !== "external" && each.node !== "wire") push({ atUs: each.atUs, hop, place: { part: "nic", node: each.node }, wrapped });
      const arrived = each.atUs + each.latencyUs;
      push({ atUs: arrived, hop, place: each.toNode === "external" ? { part: "outside" } : { part: "nic", node: each.toNode }, wrapped });
      continue;
    }
    const place = placeOf(each);
    if (place !== undefined) push({ atUs: each.atUs, hop, place, wrapped: place.part === "vtep" ? each.type === "encapsulate" : wrapped });
  }
  return stops;
}

export function walkFilm(walk: PacketWalk): WalkFilm {
  const last = walk.hops.at(-1);
  const first = walk.hops[0];
  return {
    index: walk.index,
    role: walk.role,
    summary: walk.summary,
    end: walk.end,
    reason: last !== undefined && (last.type === "drop" || last.type === "refuse") ? last.reason : "",
    startUs: first?.atUs ?? 0,
    endUs: last === undefined ? 0 : last.type === "wire" ? last.atUs + last.latencyUs : last.atUs,
    hopCount: walk.hops.length,
    stops: stopsOf(walk.hops),
  };
}

export function traceRow(trace: PacketTrace, origin: TraceOrigin, filmed: boolean): TraceRow {
  return {
    id: trace.id,
    origin,
    from: trace.from,
    to: trace.to,
    startedUs: trace.startedUs,
    endedUs: trace.endedUs,
    status: trace.status,
    outcome: trace.outcome,
    answeredBy: trace.answeredBy ?? "",
    httpStatus: trace.response?.status,
    walkCount: trace.walks.length,
    hopCount: trace.walks.reduce((sum, walk) => sum + walk.hops.length, 0),
    films: filmed ? trace.walks.map(walkFilm) : [],
  };
}
