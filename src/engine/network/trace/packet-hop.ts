import type { SimTimeUs } from "../../kernel/time.ts";

/** Everything of a packet that can change on its way. */
export interface PacketHeader {
  readonly ethSrc: string;
  readonly ethDst: string;
  readonly ipSrc: string;
  readonly ipDst: string;
  readonly ttl: number;
  readonly protocol: "tcp" | "udp" | "icmp" | "arp";
  readonly srcPort?: number;
  readonly dstPort?: number;
  /** "SYN", "SYN,ACK", "PSH,ACK", "FIN,ACK", "RST". */
  readonly tcpFlags?: string;
  readonly icmp?: { readonly type: number; readonly code: number; readonly text: string };
  /** skb mark, which rules set and test. */
  readonly mark?: number;
  readonly length: number;
  /** Set while the packet travels inside VXLAN or IP-in-IP. */
  readonly outer?: { readonly ethSrc: string; readonly ethDst: string; readonly ipSrc: string; readonly ipDst: string; readonly srcPort: number; readonly dstPort: number; readonly vni: number; readonly ttl: number };
}

/** The API object that a rule or route comes from, so that the UI can jump to its YAML. */
export interface OwnerObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** One rule that was looked at and matched: the very text that `iptables-save` prints. */
export interface RuleHit {
  readonly table: "raw" | "mangle" | "nat" | "filter";
  readonly chain: string;
  /** 1-based position in the chain, as `iptables -L --line-numbers` counts. */
  readonly position: number;
  readonly rule: string;
  readonly verdict: string;
  /** The draw of a `statistic` match, in [0, 1). */
  readonly draw?: number;
  readonly owner?: OwnerObject;
}

/**
 * One step of one packet. A discriminated union: leaving a case out of a table over `type` does not compile.
 * `device` is the interface or, for rules and sockets, the place: "eth0", "cni0", "veth1a2b3c4d", "flannel.1", "nat/PREROUTING".
 */
export type PacketHop = {
  readonly atUs: SimTimeUs;
  /** Node name; "external" for the outside world and "wire" for the segment between machines. */
  readonly node: string;
  /** "host", or "default/web" inside a pod's namespace. */
  readonly netns: string;
  readonly device: string;
  readonly before: PacketHeader;
  readonly after: PacketHeader;
} & (
  | { readonly type: "socket"; readonly action: "send" | "deliver"; readonly process: string; readonly summary: string }
  | { readonly type: "route"; readonly route: string; readonly table: string }
  | { readonly type: "netfilter"; readonly hook: "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING"; readonly table: RuleHit["table"]; readonly hits: readonly RuleHit[]; readonly verdict: string }
  | { readonly type: "conntrack"; readonly state: "NEW" | "ESTABLISHED" | "RELATED" | "INVALID"; readonly entry: string; readonly action: "lookup" | "create" | "DNAT" | "SNAT" | "unDNAT" | "unSNAT" }
  | { readonly type: "arp"; readonly question: string; readonly answer: string; readonly cached: boolean }
  | { readonly type: "bridge"; readonly bridge: string; readonly toPort: string }
  | { readonly type: "veth"; readonly from: string; readonly to: string }
  | { readonly type: "encapsulate"; readonly fdb: string; readonly vni: number }
  | { readonly type: "decapsulate"; readonly vni: number }
  | { readonly type: "wire"; readonly toNode: string; readonly latencyUs: number }
  | { readonly type: "policy"; readonly verdict: "allow" | "deny"; readonly reason: string; readonly owner?: OwnerObject }
  | { readonly type: "ingress"; readonly match: string; readonly backend: string; readonly owner?: OwnerObject }
  | { readonly type: "refuse"; readonly reason: string; readonly owner?: OwnerObject }
  | { readonly type: "drop"; readonly reason: string; readonly owner?: OwnerObject }
);
