import { secondsToUs } from "../../kernel/time.ts";
import { ACK, ECHO_REQUEST, FIN, type FlowTuple, ICMP, type Packet, RST, SYN, TCP, UDP } from "../datapath/packet.ts";
import type { ConntrackTable } from "./conntrack-table.ts";
import { type ConntrackEntry, invert, type TcpTrackState } from "./entry.ts";

/** Bits of a packet's state, as `--ctstate` tests them. */
export const CT_NEW = 1;
export const CT_ESTABLISHED = 2;
export const CT_RELATED = 4;
export const CT_INVALID = 8;
export const CT_SNAT = 16;
export const CT_DNAT = 32;

/** Seconds. Source: net/netfilter/nf_conntrack_proto_tcp.c, with kube-proxy's two overrides (established, close_wait). */
const TCP_TIMEOUTS: Readonly<Record<TcpTrackState, number>> = {
  NONE: 120, SYN_SENT: 120, SYN_RECV: 60, ESTABLISHED: 86_400, FIN_WAIT: 120, CLOSE_WAIT: 3_600, LAST_ACK: 30, TIME_WAIT: 120, CLOSE: 10,
};
const UDP_TIMEOUT = 30;
const UDP_STREAM_TIMEOUT = 120;
const UDP_STREAM_AFTER_US = secondsToUs(2);
const ICMP_TIMEOUT = 30;

/**
 * Finds or creates the connection of a packet and says its state. A new connection is not in the table before `confirm`.
 * Source: net/netfilter/nf_conntrack_core.c, nf_conntrack_in.
 */
export function trackPacket(table: ConntrackTable, packet: Packet): void {
  if (packet.entry !== undefined) return; // seen before: it came back over the loopback, or a REJECT made it
  const nowUs = packet.atUs;
  const quoted = packet.icmp?.quoted;
  if (quoted !== undefined) {
    trackError(table, packet, quoted);
    return;
  }
  const found = table.find(packet, nowUs);
  if (found !== undefined && isReopened(found.entry, packet, found.isReply)) table.remove(found.entry);
  if (found === undefined || !found.entry.confirmed) {
    trackFirst(table, packet);
    return;
  }
  const wasRefused = !found.entry.seenReply && found.isReply && packet.proto === TCP && (packet.flags & RST) !== 0;
  packet.entry = found.entry;
  packet.isReply = found.isReply;
  advance(found.entry, packet);
  packet.ctState = found.isReply || found.entry.seenReply ? CT_ESTABLISHED : CT_NEW;
  if (wasRefused) table.remove(found.entry); // nothing was ever established; the packet itself is still un-NATed
}

/** A SYN on the ports of a connection that is over begins a new one. */
const isReopened = (entry: ConntrackEntry, packet: Packet, isReply: boolean): boolean =>
  !isReply && packet.proto === TCP && (packet.flags & (SYN | ACK)) === SYN && (entry.tcpState === "TIME_WAIT" || entry.tcpState === "CLOSE" || entry.tcpState === "LAST_ACK");

/** An ICMP error belongs to the flow that it quotes. The one who sent it saw the flow as its replies would look from here. */
function trackError(table: ConntrackTable, packet: Packet, quoted: FlowTuple): void {
  const found = table.find(invert(quoted), packet.atUs);
  packet.entry = found?.entry;
  packet.isReply = found?.isReply ?? false;
  packet.ctState = found === undefined ? CT_INVALID : CT_RELATED;
}

function trackFirst(table: ConntrackTable, packet: Packet): void {
  const startsFlow = packet.proto === TCP ? startsConnection(packet.flags) : packet.proto !== ICMP || packet.icmp?.type === ECHO_REQUEST;
  if (!startsFlow) {
    packet.ctState = CT_INVALID;
    return;
  }
  const entry = table.create(packet, packet.atUs);
  packet.entry = entry;
  packet.isReply = false;
  packet.ctState = CT_NEW;
  advance(entry, packet);
}

/** tcp_loose=1: a packet from the middle of a connection is taken as its beginning; SYN+ACK, FIN and RST are not. */
const startsConnection = (flags: number): boolean => (flags & RST) === 0 && (flags & FIN) === 0 && (flags & (SYN | ACK)) !== (SYN | ACK);

/** Moves the entry's state and timeout along. */
function advance(entry: ConntrackEntry, packet: Packet): void {
  if (packet.isReply) entry.seenReply = true;
  if (packet.proto === TCP) {
    entry.tcpState = nextTcpState(entry, packet);
    if (entry.tcpState === "ESTABLISHED" && entry.seenReply) entry.assured = true;
    entry.expiresUs = packet.atUs + secondsToUs(TCP_TIMEOUTS[entry.tcpState]);
    return;
  }
  if (packet.proto === UDP) {
    const isStream = entry.seenReply && packet.atUs - entry.createdUs > UDP_STREAM_AFTER_US;
    if (isStream && packet.isReply) entry.assured = true;
    entry.expiresUs = packet.atUs + secondsToUs(isStream ? UDP_STREAM_TIMEOUT : UDP_TIMEOUT);
    return;
  }
  entry.expiresUs = packet.atUs + secondsToUs(ICMP_TIMEOUT);
}

/** Source: net/netfilter/nf_conntrack_proto_tcp.c, tcp_conntracks. Differs: sequence windows are not checked (be_liberal). */
function nextTcpState(entry: ConntrackEntry, packet: Packet): TcpTrackState {
  const { flags, isReply } = packet;
  const state = entry.tcpState;
  if ((flags & RST) !== 0) return "CLOSE";
  if ((flags & SYN) !== 0) {
    if ((flags & ACK) !== 0) return isReply && state === "SYN_SENT" ? "SYN_RECV" : state;
    return state === "NONE" ? "SYN_SENT" : state;
  }
  if ((flags & FIN) !== 0) {
    if (state === "FIN_WAIT" || state === "CLOSE_WAIT") return entry.finFromReply === isReply ? state : "LAST_ACK";
    if (state !== "SYN_RECV" && state !== "ESTABLISHED") return state;
    entry.finFromReply = isReply;
    return "FIN_WAIT";
  }
  if (state === "NONE" || state === "SYN_RECV") return state === "SYN_RECV" && isReply ? state : "ESTABLISHED";
  if (state === "FIN_WAIT") return "CLOSE_WAIT";
  return state === "LAST_ACK" ? "TIME_WAIT" : state;
}

