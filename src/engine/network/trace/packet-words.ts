import { formatIp } from "../addresses/ip.ts";
import { ACK, ECHO_REQUEST, FIN, firstLine, ICMP, isIcmpError, type Packet, RST, SYN, TCP } from "../datapath/packet.ts";
import { dnsSummary } from "../dns/dns-words.ts";
import type { PacketRole } from "./packet-trace.ts";

const DNS_PORT = 53;
/** Record type and major version of a TLS handshake. */
const TLS_HANDSHAKE = "\u0016\u0003";

/** What a packet is for, from its content. */
export function packetRole(packet: Packet): PacketRole {
  if (packet.proto === TCP) return tcpRole(packet);
  if (packet.proto === ICMP) return isIcmpError(packet) ? "icmp-error" : packet.icmp?.type === ECHO_REQUEST ? "icmp-request" : "icmp-reply";
  if (packet.dstPort === DNS_PORT) return "dns-query";
  if (packet.srcPort === DNS_PORT) return "dns-reply";
  return packet.srcPort < packet.dstPort && packet.srcPort < 32_768 ? "udp-reply" : "udp";
}

function tcpRole(packet: Packet): PacketRole {
  if ((packet.flags & RST) !== 0) return "rst";
  if ((packet.flags & SYN) !== 0) return (packet.flags & ACK) === 0 ? "syn" : "syn-ack";
  if ((packet.flags & FIN) !== 0) return "fin";
  if (packet.payload === "") return "ack";
  const line = firstLine(packet.payload);
  if (line === "") return "data";
  return line.startsWith("HTTP/") ? "reply" : "request";
}

const ends = (packet: Packet): string => `${formatIp(packet.src)}:${packet.srcPort} → ${formatIp(packet.dst)}:${packet.dstPort}`;

/** One line about a packet: "SYN 10.42.1.2:40000 → 10.96.0.20:80", "GET /healthz", "A? api.prod.svc.cluster.local.". */
export function packetSummary(packet: Packet): string {
  const role = packetRole(packet);
  switch (role) {
    case "request": return firstLine(packet.payload).replace(/ HTTP\/1\.[01]$/, "");
    case "reply": return firstLine(packet.payload).replace(/^HTTP\/1\.[01] /, "");
    case "data": return packet.payload.startsWith(TLS_HANDSHAKE) ? `TLS ${/(Client|Server)Hello/.exec(packet.payload)?.[0] ?? "handshake"}` : `${packet.payloadBytes} bytes ${ends(packet)}`;
    case "dns-query": case "dns-reply": return dnsSummary(packet.payload) ?? `UDP ${ends(packet)}`;
    case "udp": case "udp-reply": return `UDP ${ends(packet)}, ${packet.payloadBytes} bytes`;
    case "icmp-request": return `ping ${formatIp(packet.dst)}`;
    case "icmp-reply": return `pong from ${formatIp(packet.src)}`;
    case "icmp-error": return `ICMP error → ${formatIp(packet.dst)}`;
    default: return `${role === "syn-ack" ? "SYN+ACK" : role.toUpperCase()} ${ends(packet)}`;
  }
}
