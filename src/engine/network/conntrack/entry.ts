import { type FlowTuple, ICMP } from "../datapath/packet.ts";

/** TCP's state as connection tracking sees it from outside. Source: net/netfilter/nf_conntrack_proto_tcp.c. */
export type TcpTrackState = "NONE" | "SYN_SENT" | "SYN_RECV" | "ESTABLISHED" | "FIN_WAIT" | "CLOSE_WAIT" | "LAST_ACK" | "TIME_WAIT" | "CLOSE";

/** One tracked flow: how its first packet looked, and how replies will look. They differ where NAT is in play. */
export interface ConntrackEntry {
  readonly original: FlowTuple;
  /** Expected reply, as it arrives here. Changes while NAT is being set up, fixed once confirmed. */
  readonly reply: FlowTuple;
  tcpState: TcpTrackState;
  seenReply: boolean;
  assured: boolean;
  confirmed: boolean;
  /** The nat tables have been asked; later packets are rewritten without asking again. */
  dnatAsked: boolean;
  snatAsked: boolean;
  dnat: boolean;
  snat: boolean;
  mark: number;
  createdUs: number;
  expiresUs: number;
  /** Which side sent the first FIN: an aid to follow the closing. */
  finFromReply: boolean;
}

export const invert = (tuple: FlowTuple): FlowTuple =>
  tuple.proto === ICMP
    ? { src: tuple.dst, dst: tuple.src, proto: tuple.proto, srcPort: tuple.srcPort, dstPort: tuple.dstPort }
    : { src: tuple.dst, dst: tuple.src, proto: tuple.proto, srcPort: tuple.dstPort, dstPort: tuple.srcPort };

export const sameFlow = (a: FlowTuple, b: FlowTuple): boolean =>
  a.src === b.src && a.dst === b.dst && a.srcPort === b.srcPort && a.dstPort === b.dstPort && a.proto === b.proto;
