import { formatIp } from "../addresses/ip.ts";
import { formatMac, NO_MAC } from "../addresses/mac.ts";
import type { PacketHeader } from "../trace/packet-hop.ts";
import type { HeaderSnapshot } from "../trace/walk.ts";
import type { IcmpMessage, Packet } from "./packet.ts";

const TCP = 6;
const UDP = 17;
const FLAGS: readonly (readonly [number, string])[] = [[2, "SYN"], [1, "FIN"], [4, "RST"], [8, "PSH"], [16, "ACK"]];
/** "SYN,ACK" by flag byte. */
const FLAG_TEXTS = Array.from({ length: 32 }, (_, flags) => FLAGS.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name).join(","));

/** A packet's header at one moment: a few numbers. Inside VXLAN it is the inner header, with the outer one beside it. */
export class PacketSnapshot implements HeaderSnapshot {
  private readonly ethSrc: number;
  private readonly ethDst: number;
  private readonly src: number;
  private readonly dst: number;
  private readonly proto: number;
  private readonly srcPort: number;
  private readonly dstPort: number;
  private readonly ttl: number;
  private readonly mark: number;
  private readonly flags: number;
  private readonly length: number;
  private readonly icmp: IcmpMessage | undefined;
  private readonly inner: PacketSnapshot | undefined;
  private readonly vni: number;
  private header: PacketHeader | undefined = undefined;

  constructor(packet: Packet) {
    this.ethSrc = packet.ethSrc;
    this.ethDst = packet.ethDst;
    this.src = packet.src;
    this.dst = packet.dst;
    this.proto = packet.proto;
    this.srcPort = packet.srcPort;
    this.dstPort = packet.dstPort;
    this.ttl = packet.ttl;
    this.mark = packet.mark;
    this.flags = packet.flags;
    this.length = packet.length;
    this.icmp = packet.icmp;
    this.inner = packet.inner?.snapshot();
    this.vni = packet.vni;
  }

  toHeader(): PacketHeader {
    this.header ??= this.inner === undefined ? this.plainHeader() : { ...this.inner.plainHeader(), length: this.length, outer: this.outerHeader() };
    return this.header;
  }

  private plainHeader(): PacketHeader {
    return {
      ethSrc: macText(this.ethSrc), ethDst: macText(this.ethDst), ipSrc: formatIp(this.src), ipDst: formatIp(this.dst), ttl: this.ttl,
      protocol: this.proto === TCP ? "tcp" : this.proto === UDP ? "udp" : "icmp",
      ...(this.proto === TCP || this.proto === UDP ? { srcPort: this.srcPort, dstPort: this.dstPort } : {}),
      ...(this.proto === TCP ? { tcpFlags: FLAG_TEXTS[this.flags] ?? "" } : {}),
      ...(this.icmp === undefined ? {} : { icmp: { type: this.icmp.type, code: this.icmp.code, text: icmpText(this.icmp) } }),
      ...(this.mark === 0 ? {} : { mark: this.mark }),
      length: this.length,
    };
  }

  private outerHeader(): NonNullable<PacketHeader["outer"]> {
    return {
      ethSrc: macText(this.ethSrc), ethDst: macText(this.ethDst), ipSrc: formatIp(this.src), ipDst: formatIp(this.dst),
      srcPort: this.srcPort, dstPort: this.dstPort, vni: this.vni, ttl: this.ttl,
    };
  }
}

const macText = (mac: number): string => (mac === NO_MAC ? "" : formatMac(mac));

/** Source: RFC 792. */
function icmpText(icmp: IcmpMessage): string {
  if (icmp.type === 8) return `echo request seq ${icmp.sequence}`;
  if (icmp.type === 0) return `echo reply seq ${icmp.sequence}`;
  if (icmp.type === 11) return "time to live exceeded";
  return `${["net", "host", "protocol", "port"][icmp.code] ?? `code ${icmp.code}:`} unreachable`;
}
