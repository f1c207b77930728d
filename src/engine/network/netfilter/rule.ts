import type { OwnerObject } from "../trace/packet-hop.ts";

export type TableName = "raw" | "mangle" | "nat" | "filter";
export type HookName = "PREROUTING" | "INPUT" | "FORWARD" | "OUTPUT" | "POSTROUTING";

/** `[!] -s 10.42.0.0/16`. */
export interface AddressMatch {
  readonly network: number;
  readonly mask: number;
  readonly length: number;
  readonly not: boolean;
}

/** `[!] -i eth0`; a trailing "+" stands for any ending. */
export interface InterfaceMatch {
  readonly name: string;
  readonly isPrefix: boolean;
  readonly not: boolean;
}

export interface PortRange {
  readonly low: number;
  readonly high: number;
}

/** One `-m` module with its options, in the order in which the rule was written. */
export type Match =
  | { readonly type: "comment"; readonly text: string }
  | { readonly type: "ports"; readonly protocol: "tcp" | "udp"; readonly src?: PortRange; readonly dst?: PortRange; readonly srcNot: boolean; readonly dstNot: boolean }
  | { readonly type: "mark"; readonly value: number; readonly mask: number; readonly not: boolean }
  | { readonly type: "conntrack"; readonly states: number; readonly not: boolean }
  | { readonly type: "addrtype"; readonly src?: string; readonly dst?: string; readonly srcNot: boolean; readonly dstNot: boolean }
  /** `threshold` of 2^31: the kernel keeps the probability so. */
  | { readonly type: "statistic"; readonly threshold: number }
  | { readonly type: "multiport"; readonly side: "src" | "dst" | "either"; readonly ports: readonly PortRange[]; readonly not: boolean }
  | { readonly type: "recent"; readonly mode: "set" | "rcheck"; readonly list: string; readonly seconds: number; readonly reap: boolean; readonly not: boolean }
  | { readonly type: "physdev"; readonly in?: InterfaceMatch; readonly out?: InterfaceMatch; readonly isBridged: boolean }
  | { readonly type: "nfacct"; readonly counter: string };

export type Target =
  | { readonly type: "ACCEPT" | "DROP" | "RETURN" | "REJECT" }
  | { readonly type: "DNAT"; readonly address: number; readonly port: number | undefined }
  | { readonly type: "SNAT"; readonly address: number }
  | { readonly type: "MASQUERADE"; readonly randomFully: boolean }
  /** mark = (mark & ~mask) ^ value. */
  | { readonly type: "MARK"; readonly value: number; readonly mask: number }
  | { readonly type: "jump" | "goto"; readonly chain: string };

/** What a rule says. A rule without target only counts. */
export interface RuleSpec {
  readonly source?: AddressMatch;
  readonly destination?: AddressMatch;
  readonly inInterface?: InterfaceMatch;
  readonly outInterface?: InterfaceMatch;
  /** IP protocol number; 0 for any. */
  readonly protocol: number;
  readonly protocolNot: boolean;
  readonly matches: readonly Match[];
  readonly target: Target | undefined;
}

/**
 * One rule of one chain: the data that packets are compared with, and that `iptables-save` prints.
 * Frozen in content; the same object stands in the chains of many nodes.
 */
export class Rule implements RuleSpec {
  readonly source: AddressMatch | undefined;
  readonly destination: AddressMatch | undefined;
  readonly inInterface: InterfaceMatch | undefined;
  readonly outInterface: InterfaceMatch | undefined;
  readonly protocol: number;
  readonly protocolNot: boolean;
  readonly matches: readonly Match[];
  readonly target: Target | undefined;
  /** The first match on ports: looked at before all others, so that an index by port leaves no draw of a `statistic` match out. */
  readonly ports: Extract<Match, { type: "ports" }> | undefined;
  /** Its line of `iptables-save`, once somebody has asked. */
  text: string | undefined = undefined;

  constructor(
    readonly chain: string,
    spec: RuleSpec,
    /** As it was written, without "-A CHAIN": what `iptables-restore` was fed. */
    readonly written: string,
    readonly owner: OwnerObject | undefined,
  ) {
    this.source = spec.source;
    this.destination = spec.destination;
    this.inInterface = spec.inInterface;
    this.outInterface = spec.outInterface;
    this.protocol = spec.protocol;
    this.protocolNot = spec.protocolNot;
    this.matches = spec.matches;
    this.target = spec.target;
    this.ports = spec.matches.find((match) => match.type === "ports");
  }
}
