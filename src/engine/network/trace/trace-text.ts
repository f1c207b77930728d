import type { PacketHeader, PacketHop } from "./packet-hop.ts";
import type { PacketTrace } from "./packet-trace.ts";

/** A trace as text: stable, for tests, copying and screen readers. Times are µs since the trace began. */
export function traceText(trace: PacketTrace): string {
  const lines = [`trace ${trace.id}: ${trace.from} → ${trace.to}: ${trace.status === "running" ? "running" : trace.outcome}`];
  for (const walk of trace.walks) {
    lines.push(`${walk.index + 1}. ${walk.summary} [${walk.role}] ${walk.end}`);
    for (const hop of walk.hops) {
      const place = [hop.node, hop.netns, hop.device].filter((part) => part !== "").join(" ");
      lines.push(`   +${hop.atUs - trace.startedUs} ${place}: ${hopText(hop)}${changeText(hop.before, hop.after)}`);
      if (hop.type === "netfilter") for (const hit of hop.hits) lines.push(`        ${hit.chain} ${hit.position}: ${hit.rule}${hit.draw === undefined ? "" : ` (drew ${hit.draw.toFixed(4)})`}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** What one step was. */
export function hopText(hop: PacketHop): string {
  switch (hop.type) {
    case "socket": return `${hop.action === "send" ? "sent by" : "delivered to"} ${hop.process}`;
    case "route": return hop.table === "local" ? `route ${hop.route} (local table)` : `route ${hop.route}`;
    case "netfilter": return `${hop.table} ${hop.hook} → ${hop.verdict}`;
    case "conntrack": return `conntrack ${hop.action} ${hop.state}${hop.entry === "" ? "" : `: ${hop.entry}`}`;
    case "arp": return hop.cached ? `neighbour ${hop.answer}` : `ARP ${hop.question} ${hop.answer}`;
    case "bridge": return `bridge ${hop.bridge} → ${hop.toPort}`;
    case "veth": return `veth ${hop.from} → ${hop.to}`;
    case "encapsulate": return `VXLAN ${hop.vni} encapsulate, ${hop.fdb}`;
    case "decapsulate": return `VXLAN ${hop.vni} decapsulate`;
    case "wire": return `wire to ${hop.toNode}, ${hop.latencyUs} µs`;
    case "policy": return `policy ${hop.verdict}: ${hop.reason}`;
    case "ingress": return `ingress ${hop.match} → ${hop.backend}`;
    case "refuse": return `REFUSED: ${hop.reason}`;
    case "drop": return `DROPPED: ${hop.reason}`;
  }
}

/** The fields that a step changed, old → new. */
function changeText(before: PacketHeader, after: PacketHeader): string {
  if (before === after) return "";
  const changes: string[] = [];
  const add = (name: string, a: string | number | undefined, b: string | number | undefined): void => {
    if (a !== b) changes.push(`${name} ${a ?? "-"} → ${b ?? "-"}`);
  };
  add("eth src", before.ethSrc, after.ethSrc);
  add("eth dst", before.ethDst, after.ethDst);
  add("src", end(before.ipSrc, before.srcPort), end(after.ipSrc, after.srcPort));
  add("dst", end(before.ipDst, before.dstPort), end(after.ipDst, after.dstPort));
  add("ttl", before.ttl, after.ttl);
  add("mark", markText(before.mark), markText(after.mark));
  add("length", before.length, after.length);
  add("outer", outerText(before), outerText(after));
  return changes.length === 0 ? "" : ` {${changes.join("; ")}}`;
}

const end = (ip: string, port: number | undefined): string => (port === undefined ? ip : `${ip}:${port}`);
const markText = (mark: number | undefined): string | undefined => (mark === undefined ? undefined : `0x${mark.toString(16)}`);
const outerText = ({ outer }: PacketHeader): string | undefined => (outer === undefined ? undefined : `${outer.ipSrc}:${outer.srcPort} → ${outer.ipDst}:${outer.dstPort} vni ${outer.vni} ttl ${outer.ttl}`);
