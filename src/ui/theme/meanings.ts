import { CircleCheck, CircleSlash, Flag, Hourglass, LoaderCircle, type LucideIcon, TriangleAlert } from "lucide-react";
import type { PacketMeaning, PodMeaning } from "../../projection/rows/meaning.ts";
import type { PacketRole } from "../../engine/network/trace/packet-trace.ts";

/** How each meaning looks besides its colour (`data-meaning` sets that): an icon for DOM, a shape for canvas cells, and a word. */
export const podMeanings = {
  pending: { label: "Pending", icon: Hourglass, shape: "hollow" },
  starting: { label: "Starting", icon: LoaderCircle, shape: "ring" },
  ready: { label: "Ready", icon: CircleCheck, shape: "disc" },
  failing: { label: "Failing", icon: TriangleAlert, shape: "triangle" },
  terminating: { label: "Terminating", icon: CircleSlash, shape: "cross" },
  done: { label: "Done", icon: Flag, shape: "square" },
} satisfies { [M in PodMeaning]: { label: string; icon: LucideIcon; shape: string } };

export const POD_MEANINGS = Object.keys(podMeanings) as PodMeaning[];

/** What a packet of each role looks like: a meaning (colour), a glyph on the canvas, and a name. */
export const packetRoles = {
  "dns-query": { meaning: "dns", glyph: "diamond", label: "DNS query" },
  "dns-reply": { meaning: "dns", glyph: "diamond-hollow", label: "DNS reply" },
  syn: { meaning: "handshake", glyph: "tick", label: "SYN" },
  "syn-ack": { meaning: "handshake", glyph: "tick-hollow", label: "SYN-ACK" },
  ack: { meaning: "handshake", glyph: "tick", label: "ACK" },
  request: { meaning: "request", glyph: "disc", label: "Request" },
  reply: { meaning: "reply", glyph: "ring", label: "Reply" },
  data: { meaning: "request", glyph: "disc", label: "Data" },
  fin: { meaning: "handshake", glyph: "tick-hollow", label: "FIN" },
  rst: { meaning: "dropped", glyph: "cross", label: "RST" },
  "icmp-request": { meaning: "request", glyph: "disc", label: "ICMP echo" },
  "icmp-reply": { meaning: "reply", glyph: "ring", label: "ICMP reply" },
  "icmp-error": { meaning: "dropped", glyph: "cross", label: "ICMP error" },
  udp: { meaning: "request", glyph: "disc", label: "UDP" },
  "udp-reply": { meaning: "reply", glyph: "ring", label: "UDP reply" },
} satisfies { [R in PacketRole]: { meaning: PacketMeaning; glyph: Glyph; label: string } };

export type Glyph = "diamond" | "diamond-hollow" | "tick" | "tick-hollow" | "disc" | "ring" | "cross";
