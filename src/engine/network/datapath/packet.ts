import type { Address } from "../addresses/ip.ts";
import { type Mac, NO_MAC } from "../addresses/mac.ts";
import type { ConntrackEntry } from "../conntrack/entry.ts";
import type { Walk } from "../trace/walk.ts";
import { PacketSnapshot } from "./packet-snapshot.ts";

export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const VXLAN_PORT = 8472;

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

/** ICMP types and codes. Source: RFC 792. */
export const ECHO_REPLY = 0;
export const UNREACHABLE = 3;
export const ECHO_REQUEST = 8;
export const TIME_EXCEEDED = 11;
export const NET_UNREACHABLE = 0;
export const HOST_UNREACHABLE = 1;
export const PORT_UNREACHABLE = 3;

/** Source, destination and ports of a flow, one way. For ICMP echo: the identifier in `srcPort`, 0 in `dstPort`. */
export interface FlowTuple {
  src: Address;
  dst: Address;
  proto: number;
  srcPort: number;
  dstPort: number;
}

/** The head of the packet that an ICMP error is about. NAT rewrites it on the way back, as it does with the packet itself. */
export interface QuotedPacket extends FlowTuple {
  ttl: number;
}

export interface IcmpMessage {
  readonly type: number;
  readonly code: number;
  readonly sequence: number;
  readonly quoted?: QuotedPacket;
}

const IP_HEADER = 20;
const TCP_HEADER = 20;
const TCP_SYN_OPTIONS = 20;
const TCP_TIMESTAMPS = 12;
const UDP_HEADER = 8;
const ICMP_ECHO_BYTES = 64; // header and 56 bytes of data, as `ping` sends
const ICMP_ERROR_BYTES = 68; // header, quoted IP header with options room, as the kernel sends for a SYN

/**
 * One packet on its way. Mutable: each step rewrites it in place, as the kernel does with its socket buffer.
 * `atUs` is where it stands in simulated time; it runs ahead of the clock while one machine works on it.
 * Differs: data larger than a segment travels as one packet, as it does through a card with segmentation offload.
 */
export class Packet implements FlowTuple {
  ethSrc: Mac = NO_MAC;
  ethDst: Mac = NO_MAC;
  ttl = 64;
  mark = 0;
  flags = 0;
  seq = 0;
  ack = 0;
  payload = "";
  payloadBytes = 0;
  length = 0;
  atUs = 0;
  icmp: IcmpMessage | undefined = undefined;
  /** What VXLAN carries. */
  inner: Packet | undefined = undefined;
  vni = 0;
  /** Connection tracking of the namespace that the packet is in. */
  entry: ConntrackEntry | undefined = undefined;
  isReply = false;
  ctState = 0;
  /** Where its steps are written; undefined when nobody traces. */
  walk: Walk | undefined = undefined;
  private header: PacketSnapshot | undefined = undefined;

  constructor(
    public proto: number,
    public src: Address,
    public dst: Address,
    public srcPort: number,
    public dstPort: number,
  ) {}

  /** The header as traces show it: the same object until `changed` is called. */
  snapshot(): PacketSnapshot {
    this.header ??= new PacketSnapshot(this);
    return this.header;
  }

  /** To be called after every rewriting of a packet that is traced. */
  changed(): void {
    this.header = undefined;
  }

  /** The packet leaves a namespace: what the kernel knew about it there is forgotten. */
  leaveNamespace(): void {
    this.entry = undefined;
    this.isReply = false;
    this.ctState = 0;
    if (this.mark !== 0) {
      this.mark = 0;
      this.header = undefined;
    }
  }
}

/** Bytes of a text on the wire: a text of bytes (DNS) counts one each, everything else as UTF-8. */
export function byteLength(text: string): number {
  let bytes = text.length;
  let wide = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) wide = true;
    if (unit > 0x7f) bytes += 1;
    if (unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff)) bytes += 1;
  }
  return wide ? bytes : text.length;
}

export function tcpPacket(src: Address, dst: Address, srcPort: number, dstPort: number, flags: number, payload: string, payloadBytes: number): Packet {
  const packet = new Packet(TCP, src, dst, srcPort, dstPort);
  packet.flags = flags;
  packet.payload = payload;
  packet.payloadBytes = payloadBytes;
  packet.length = IP_HEADER + TCP_HEADER + ((flags & SYN) === 0 ? TCP_TIMESTAMPS : TCP_SYN_OPTIONS) + payloadBytes;
  return packet;
}

export function udpPacket(src: Address, dst: Address, srcPort: number, dstPort: number, payload: string): Packet {
  const packet = new Packet(UDP, src, dst, srcPort, dstPort);
  packet.payload = payload;
  packet.payloadBytes = byteLength(payload);
  packet.length = IP_HEADER + UDP_HEADER + packet.payloadBytes;
  return packet;
}

export function echoPacket(src: Address, dst: Address, type: number, id: number, sequence: number): Packet {
  const packet = new Packet(ICMP, src, dst, id, 0);
  packet.icmp = { type, code: 0, sequence };
  packet.length = IP_HEADER + ICMP_ECHO_BYTES;
  return packet;
}

/** An ICMP error about a packet, to its sender. */
export function icmpErrorPacket(src: Address, about: Packet, type: number, code: number): Packet {
  const packet = new Packet(ICMP, src, about.src, 0, 0);
  packet.icmp = { type, code, sequence: 0, quoted: { src: about.src, dst: about.dst, proto: about.proto, srcPort: about.srcPort, dstPort: about.dstPort, ttl: about.ttl } };
  packet.length = IP_HEADER + ICMP_ERROR_BYTES;
  return packet;
}

export const isIcmpError = (packet: Packet): boolean => packet.icmp?.quoted !== undefined;

/** The start line of an HTTP message, "" for anything else. */
export function firstLine(payload: string): string {
  const end = payload.indexOf("\r\n");
  const line = end < 0 ? "" : payload.slice(0, end);
  return /^(HTTP\/1\.[01] |[A-Z]+ .* HTTP\/1\.[01]$)/.test(line) ? line : "";
}
