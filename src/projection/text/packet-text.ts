import type { OwnerObject, PacketHop } from "../../engine/network/trace/packet-hop.ts";
import type { PacketTrace, PacketWalk } from "../../engine/network/trace/packet-trace.ts";
import { flowText, headerDiff } from "./header-diff.ts";

/** What a hop is called and says, for the ladder and for copied text. */
export interface HopText {
  readonly title: string;
  readonly says: string;
  /** Text that the system itself would print: rules, a route, a conntrack line. */
  readonly lines: readonly HopLine[];
}

export interface HopLine {
  readonly text: string;
  /** The line that decided. */
  readonly decisive: boolean;
  readonly note: string;
  readonly owner: OwnerObject | undefined;
}

type Of<T extends PacketHop["type"]> = Extract<PacketHop, { readonly type: T }>;
const plain = (text: string): HopLine => ({ text, decisive: true, note: "", owner: undefined });
const only = (title: string, says: string, ...lines: string[]): HopText => ({ title, says, lines: lines.filter((l) => l !== "").map(plain) });

const TEXTS: { readonly [T in PacketHop["type"]]: (hop: Of<T>) => HopText } = {
  socket: (hop) => only(hop.action === "send" ? "Sent" : "Delivered", `${hop.process} ${hop.action === "send" ? "sends" : "receives"}: ${hop.summary}`),
  route: (hop) => only("Route", `The routing table "${hop.table}" decides the next hop.`, hop.route),
  netfilter: (hop) => ({
    title: `${hop.table}/${hop.hook}`,
    says: hop.hits.length === 0 ? `No rule matches: ${hop.verdict}.` : `${hop.hits.length} ${hop.hits.length === 1 ? "rule matches" : "rules match"}: ${hop.verdict}.`,
    lines: hop.hits.map((hit, index) => ({
      text: hit.rule, decisive: index === hop.hits.length - 1, owner: hit.owner,
      note: `${hit.chain} #${hit.position}${hit.draw === undefined ? "" : `, drew ${hit.draw.toFixed(4)}`}`,
    })),
  }),
  conntrack: (hop) => only("Connection tracking", CONNTRACK[hop.action](hop), hop.entry),
  arp: (hop) => only("ARP", `${hop.question} ${hop.answer}${hop.cached ? " (already known)" : ""}`),
  bridge: (hop) => only(`Bridge ${hop.bridge}`, `Passes the frame to port ${hop.toPort}.`),
  veth: (hop) => only("veth pair", `In at ${hop.from}, out at ${hop.to}.`),
  encapsulate: (hop) => only("Wrapped in VXLAN", `The whole frame becomes the payload of a UDP packet between nodes, VNI ${hop.vni}.`, hop.fdb),
  decapsulate: (hop) => only("Unwrapped", `The inner frame comes out again, VNI ${hop.vni}.`),
  wire: (hop) => only("On the wire", `To ${hop.toNode} in ${hop.latencyUs} µs.`),
  policy: (hop) => ({ ...only(hop.verdict === "allow" ? "Policy allows" : "Policy denies", hop.reason), lines: hop.owner === undefined ? [] : [{ ...plain(`${hop.owner.kind} ${hop.owner.namespace}/${hop.owner.name}`), owner: hop.owner }] }),
  ingress: (hop) => ({ ...only("Ingress", `${hop.match} goes to ${hop.backend}.`), lines: hop.owner === undefined ? [] : [{ ...plain(`Ingress ${hop.owner.namespace}/${hop.owner.name}`), owner: hop.owner }] }),
  refuse: (hop) => only("Refused", hop.reason),
  drop: (hop) => only("Dropped", hop.reason),
};

const CONNTRACK = {
  lookup: (hop: Of<"conntrack">) => `Known as ${hop.state}.`,
  create: (hop: Of<"conntrack">) => `A ${hop.state} flow gets an entry.`,
  DNAT: () => "The entry rewrites the destination, as the first packet's DNAT rule decided.",
  SNAT: () => "The entry rewrites the source, as the first packet's SNAT rule decided.",
  unDNAT: () => "The answer gets the address back that the client asked for.",
  unSNAT: () => "The answer goes back to the address that really asked.",
} satisfies Record<Of<"conntrack">["action"], (hop: Of<"conntrack">) => string>;

export function hopText(hop: PacketHop): HopText {
  return (TEXTS[hop.type] as (hop: PacketHop) => HopText)(hop);
}

/** The API objects behind a hop, for "show me the YAML", each once; the decisive one last. */
export function hopOwners(hop: PacketHop): OwnerObject[] {
  const owners = hop.type === "netfilter" ? hop.hits.map((hit) => hit.owner) : "owner" in hop ? [hop.owner] : [];
  const distinct = new Map(owners.flatMap((owner) => (owner === undefined ? [] : [[`${owner.kind}/${owner.namespace}/${owner.name}`, owner] as const])));
  return [...distinct.values()];
}

/** "node-1 · veth8f2c1a77", "default/web · eth0". */
export function hopWhere(hop: PacketHop): string {
  const place = hop.netns === "host" || hop.netns === "" ? hop.node : hop.netns;
  return hop.device === "" ? place : `${place} · ${hop.device}`;
}

/** "0.000 ms", "1.204 ms": since the trace began. */
export const sinceText = (atUs: number, startUs: number): string => `${((atUs - startUs) / 1_000).toFixed(3)} ms`;

/** The whole trace as text that can be pasted into an issue. */
export function traceText(trace: PacketTrace): string {
  const lines = [`${trace.from} → ${trace.to}`, `outcome: ${trace.outcome === "" ? trace.status : trace.outcome}`, ""];
  for (const walk of trace.walks) lines.push(...walkText(walk, trace.startedUs), "");
  return lines.join("\n");
}

function walkText(walk: PacketWalk, startUs: number): string[] {
  const lines = [`#${walk.index + 1} ${walk.role}: ${walk.summary} (${walk.end})`];
  for (const hop of walk.hops) {
    const { title, says, lines: detail } = hopText(hop);
    lines.push(`  ${sinceText(hop.atUs, startUs).padStart(11)}  ${hopWhere(hop).padEnd(30)} ${title}: ${says}`);
    for (const line of detail) lines.push(`${" ".repeat(15)}${line.decisive ? ">" : " "} ${line.text}${line.note === "" ? "" : `   (${line.note})`}`);
    for (const field of headerDiff(hop.before, hop.after)) if (field.changed) lines.push(`${" ".repeat(17)}${field.name}: ${field.before ?? "-"} -> ${field.after ?? "-"}`);
  }
  const last = walk.hops.at(-1);
  if (last !== undefined) lines.push(`  header: ${flowText(last.after)} ttl ${last.after.ttl}`);
  return lines;
}
