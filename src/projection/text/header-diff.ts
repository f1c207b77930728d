import type { PacketHeader } from "../../engine/network/trace/packet-hop.ts";

/** One line of a packet's header at a hop. */
export interface HeaderField {
  readonly layer: "outer" | "link" | "ip" | "transport" | "meta";
  readonly name: string;
  /** undefined: not there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly changed: boolean;
}

const text = (value: string | number | undefined): string | undefined => (value === undefined ? undefined : String(value));
const hex = (mark: number | undefined): string | undefined => (mark === undefined || mark === 0 ? undefined : `0x${mark.toString(16)}`);

/** Every field that is set before or after a hop, outermost layer first; changed ones are marked. */
export function headerDiff(before: PacketHeader, after: PacketHeader): HeaderField[] {
  const fields: HeaderField[] = [];
  const add = (layer: HeaderField["layer"], name: string, read: (header: PacketHeader) => string | undefined): void => {
    const [b, a] = [read(before), read(after)];
    if (b !== undefined || a !== undefined) fields.push({ layer, name, before: b, after: a, changed: b !== a });
  };
  add("outer", "outer src MAC", (h) => text(h.outer?.ethSrc));
  add("outer", "outer dst MAC", (h) => text(h.outer?.ethDst));
  add("outer", "outer src IP", (h) => text(h.outer?.ipSrc));
  add("outer", "outer dst IP", (h) => text(h.outer?.ipDst));
  add("outer", "outer TTL", (h) => text(h.outer?.ttl));
  add("outer", "UDP ports", (h) => h.outer && `${h.outer.srcPort} → ${h.outer.dstPort}`);
  add("outer", "VNI", (h) => text(h.outer?.vni));
  add("link", "src MAC", (h) => text(h.ethSrc));
  add("link", "dst MAC", (h) => text(h.ethDst));
  add("ip", "src IP", (h) => text(h.ipSrc));
  add("ip", "dst IP", (h) => text(h.ipDst));
  add("ip", "TTL", (h) => text(h.ttl));
  add("transport", "protocol", (h) => text(h.protocol));
  add("transport", "src port", (h) => text(h.srcPort));
  add("transport", "dst port", (h) => text(h.dstPort));
  add("transport", "TCP flags", (h) => text(h.tcpFlags));
  add("transport", "ICMP", (h) => h.icmp && `type ${h.icmp.type} code ${h.icmp.code} (${h.icmp.text})`);
  add("meta", "mark", (h) => hex(h.mark));
  add("meta", "length", (h) => `${h.length} B`);
  return fields;
}

/** "10.42.1.5:41820 → 10.96.4.7:80". */
export function flowText(header: PacketHeader): string {
  const end = (ip: string, port: number | undefined): string => (port === undefined ? ip : `${ip}:${port}`);
  return `${end(header.ipSrc, header.srcPort)} → ${end(header.ipDst, header.dstPort)}`;
}
