import type { Rng } from "../../kernel/rng.ts";
import type { Address } from "../addresses/ip.ts";
import { ICMP, type Packet } from "../datapath/packet.ts";
import type { ConntrackTable } from "./conntrack-table.ts";
import type { ConntrackEntry } from "./entry.ts";

const FIRST_NAT_PORT = 1024;
const PORTS = 65_536 - FIRST_NAT_PORT;
const MAX_TRIES = 128; // as the kernel: then the packet goes out with a clash

/** Source: net/netfilter/nf_nat_core.c, nf_nat_setup_info with NF_NAT_MANIP_DST. */
export function setDestination(entry: ConntrackEntry, address: Address, port: number | undefined): void {
  entry.reply.src = address;
  if (port !== undefined && entry.reply.proto !== ICMP) entry.reply.srcPort = port;
  entry.dnat = entry.reply.src !== entry.original.dst || entry.reply.srcPort !== destinationPort(entry);
  entry.dnatAsked = true;
}

/** The same with NF_NAT_MANIP_SRC. The port is kept unless it is taken or `random` asks for another. */
export function setSource(table: ConntrackTable, entry: ConntrackEntry, address: Address, random: boolean, nowUs: number, rng: Rng): void {
  entry.reply.dst = address;
  pickPort(table, entry, random, nowUs, rng);
  entry.snat = true;
  entry.snatAsked = true;
}

/**
 * No rule rewrites the source, but two connections may still look the same to the server: then the later one gets another port.
 * Source: net/netfilter/nf_nat_core.c, nf_nat_alloc_null_binding.
 */
export function keepSource(table: ConntrackTable, entry: ConntrackEntry, nowUs: number, rng: Rng): void {
  entry.snatAsked = true;
  if (!table.isTaken(entry.reply, nowUs, entry)) return;
  pickPort(table, entry, false, nowUs, rng);
  entry.snat = true;
}

const destinationPort = (entry: ConntrackEntry): number => (entry.original.proto === ICMP ? entry.original.srcPort : entry.original.dstPort);
const replyPort = (entry: ConntrackEntry): "srcPort" | "dstPort" => (entry.original.proto === ICMP ? "srcPort" : "dstPort");

function pickPort(table: ConntrackTable, entry: ConntrackEntry, random: boolean, nowUs: number, rng: Rng): void {
  if (!random && !table.isTaken(entry.reply, nowUs, entry)) return;
  const field = replyPort(entry);
  const start = rng.below(PORTS);
  for (let i = 0; i < MAX_TRIES; i++) {
    entry.reply[field] = FIRST_NAT_PORT + ((start + i) % PORTS);
    if (!table.isTaken(entry.reply, nowUs, entry)) return;
  }
}

/**
 * Rewrites a packet's destination at PREROUTING and OUTPUT, or its source at INPUT and POSTROUTING, as its connection says. True when something changed.
 * Source: net/netfilter/nf_nat_core.c, nf_nat_packet; nf_nat_proto.c, nf_nat_icmp_reply_translation.
 */
export function rewrite(packet: Packet, part: "dst" | "src"): boolean {
  const entry = packet.entry;
  if (entry === undefined) return false;
  const isWanted = (part === "dst") === packet.isReply ? entry.snat : entry.dnat;
  if (!isWanted) return false;
  const other = packet.isReply ? entry.original : entry.reply;
  const address = part === "dst" ? other.src : other.dst;
  const isError = packet.icmp?.quoted !== undefined;
  const port = entry.original.proto === ICMP ? other.srcPort : part === "dst" ? other.srcPort : other.dstPort;
  if (isError) rewriteQuoted(packet, part, address, port);
  if (part === "dst") {
    packet.dst = address;
    if (!isError) packet[packet.proto === ICMP ? "srcPort" : "dstPort"] = port;
  } else {
    packet.src = address;
    if (!isError) packet.srcPort = port;
  }
  packet.changed();
  return true;
}

/** The quoted packet went the other way: what is a destination outside is a source inside. */
function rewriteQuoted(packet: Packet, part: "dst" | "src", address: Address, port: number): void {
  const quoted = packet.icmp?.quoted;
  if (quoted === undefined) return;
  if (part === "dst") {
    quoted.src = address;
    quoted.srcPort = port;
  } else {
    quoted.dst = address;
    if (quoted.proto !== ICMP) quoted.dstPort = port;
  }
}
