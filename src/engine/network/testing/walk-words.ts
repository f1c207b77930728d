import type { PacketHeader, PacketHop } from "../trace/packet-hop.ts";
import type { PacketTrace, PacketWalk } from "../trace/packet-trace.ts";

/** The first walk of a role. */
export function walkOf(trace: PacketTrace, role: PacketWalk["role"]): PacketWalk {
  const walk = trace.walks.find((candidate) => candidate.role === role);
  if (walk === undefined) throw new Error(`no ${role} in ${trace.walks.map((candidate) => candidate.role).join(", ")}`);
  return walk;
}

const end = (ip: string, port: number | undefined): string => (port === undefined ? ip : `${ip}:${port >= 1024 && port !== 8080 && port < 30_000 ? "nat" : port >= 32_768 ? "eph" : port}`);

export const headerText = (header: PacketHeader): string => `${end(header.ipSrc, header.srcPort)} → ${end(header.ipDst, header.dstPort)} ttl ${header.ttl}`;

/** One line per step that decides or changes something: place, kind, header after. Chosen ports read "eph" (ephemeral) and "nat". */
export function steps(walk: PacketWalk): string[] {
  return walk.hops.filter((hop) => isTelling(hop)).map((hop) => `${hop.node} ${hop.netns} ${kind(hop)}: ${hop.after.outer === undefined ? "" : `[${hop.after.outer.ipSrc} → ${hop.after.outer.ipDst}] `}${headerText(hop.after)}`);
}

function isTelling(hop: PacketHop): boolean {
  if (hop.type === "conntrack") return hop.action.startsWith("un") || hop.action === "DNAT" || hop.action === "SNAT";
  if (hop.type === "netfilter") return hop.table === "nat" ? hop.verdict !== "ACCEPT" : hop.verdict !== "ACCEPT" || hop.hook === "FORWARD";
  return hop.type !== "arp" && hop.type !== "socket";
}

function kind(hop: PacketHop): string {
  switch (hop.type) {
    case "netfilter": return `${hop.table}/${hop.hook} ${hop.verdict}`;
    case "conntrack": return hop.action;
    case "route": return `route ${hop.route.split(" proto")[0] ?? ""}`;
    case "veth": return "veth";
    case "bridge": return `bridge to ${hop.toPort === hop.bridge ? "itself" : "port"}`;
    case "wire": return `to ${hop.toNode}`;
    case "drop": case "refuse": return `${hop.type} (${hop.reason})`;
    default: return hop.type;
  }
}

/** Chains whose rules matched, in order, at one table and hook of one node. */
export function chainsAt(walk: PacketWalk, node: string, table: string, hook: string): string[] {
  return walk.hops.flatMap((hop) => (hop.type === "netfilter" && hop.node === node && hop.table === table && hop.hook === hook && hop.after.outer === undefined ? hop.hits.map((hit) => hit.chain.replace(/-[A-Z0-9]{16}$/, "")) : []));
}

/** Headers at the moment of delivery. */
export function deliveredHeader(walk: PacketWalk): PacketHeader {
  const hop = walk.hops.findLast((candidate) => candidate.type === "socket" && candidate.action === "deliver");
  if (hop === undefined) throw new Error(`not delivered: ${walk.summary} ${walk.end}`);
  return hop.after;
}
