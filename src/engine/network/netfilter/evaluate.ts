import type { Rng } from "../../kernel/rng.ts";
import { CT_DNAT, CT_SNAT } from "../conntrack/track.ts";
import { type Packet, TCP, UDP } from "../datapath/packet.ts";
import type { Chain } from "./chain.ts";
import { type Hits, NO_DRAW } from "./hits.ts";
import type { Netfilter, Table } from "./netfilter.ts";
import type { AddressMatch, InterfaceMatch, Match, PortRange, Rule, Target } from "./rule.ts";

/** What a rule can ask about besides the packet itself. */
export interface MatchContext {
  readonly netfilter: Netfilter;
  readonly rng: Rng;
  /** Interface names; "" where there is none at this hook. */
  readonly inDevice: string;
  readonly outDevice: string;
  /** Bridge ports, for bridged frames. */
  readonly physIn: string;
  readonly physOut: string;
  /** Is this one of the machine's own addresses? */
  isLocal(address: number): boolean;
}

/** How the walk through a table ended, and the rule that ended it; without a rule it was the chain's policy. */
export interface TableVerdict {
  readonly type: "ACCEPT" | "DROP" | "REJECT" | "DNAT" | "SNAT" | "MASQUERADE";
  readonly rule?: Rule;
  readonly target?: Target;
}

const ACCEPT: TableVerdict = { type: "ACCEPT" };
const DROP_BY_POLICY: TableVerdict = { type: "DROP" };
const MAX_DEPTH = 32; // jumps; a loop of chains cannot hang the engine

/**
 * Walks a packet through one built-in chain and everything that it jumps to. MARK changes the packet on the way; rewriting is left to the caller.
 * `hits` gets every rule that matched. `linear` ignores the indexes: slower, the same answer.
 * Source: net/ipv4/netfilter/ip_tables.c, ipt_do_table.
 */
export function evaluateTable(table: Table, hook: string, packet: Packet, context: MatchContext, hits?: Hits, linear = false): TableVerdict {
  const chain = table.chains.get(hook);
  if (chain === undefined) return ACCEPT;
  const verdict = chain.rules.length === 0 ? undefined : walkChain(table, chain, packet, context, hits, linear, 0);
  if (verdict !== undefined) return verdict;
  chain.packets += 1;
  chain.bytes += packet.length;
  return chain.policy === "DROP" ? DROP_BY_POLICY : ACCEPT;
}

/** Undefined: the end of the chain, or RETURN. */
function walkChain(table: Table, chain: Chain, packet: Packet, context: MatchContext, hits: Hits | undefined, linear: boolean, depth: number): TableVerdict | undefined {
  const rules = chain.rules;
  const candidates = linear ? undefined : chain.body.index?.candidates(packet.dst, packet.proto, packet.dstPort);
  const count = candidates === undefined ? rules.length : candidates.length;
  for (let i = 0; i < count; i++) {
    const position = candidates === undefined ? i : (candidates[i] as number);
    const rule = rules[position] as Rule;
    const draw = matches(rule, packet, context);
    if (draw === undefined) continue;
    chain.count(position, packet.length);
    hits?.add(rule, position, draw);
    const target = rule.target;
    if (target === undefined) continue;
    switch (target.type) {
      case "RETURN": return undefined;
      case "ACCEPT": return ACCEPT;
      case "MARK":
        packet.mark = ((packet.mark & ~target.mask) ^ target.value) >>> 0;
        packet.changed();
        break;
      case "jump": case "goto": {
        const next = table.chains.get(target.chain);
        if (next === undefined || depth >= MAX_DEPTH) break;
        const verdict = walkChain(table, next, packet, context, hits, linear, depth + 1);
        if (verdict !== undefined || target.type === "goto") return verdict;
        break;
      }
      default: return { type: target.type, rule, target };
    }
  }
  return undefined;
}

/** Undefined when the rule does not match; the draw of its `statistic` match, or NO_DRAW, when it does. */
function matches(rule: Rule, packet: Packet, context: MatchContext): number | undefined {
  if (rule.destination !== undefined && !inBlock(rule.destination, packet.dst)) return undefined;
  if (rule.source !== undefined && !inBlock(rule.source, packet.src)) return undefined;
  if (rule.protocol !== 0 && (rule.protocol === packet.proto) === rule.protocolNot) return undefined;
  if (rule.inInterface !== undefined && !isInterface(rule.inInterface, context.inDevice)) return undefined;
  if (rule.outInterface !== undefined && !isInterface(rule.outInterface, context.outDevice)) return undefined;
  if (rule.ports !== undefined && !matchHolds(rule.ports, packet, context)) return undefined;
  let draw = NO_DRAW;
  for (const match of rule.matches) {
    if (match === rule.ports) continue;
    if (match.type === "statistic") {
      draw = context.rng.unit();
      if (draw * 2 ** 31 >= match.threshold) return undefined;
    } else if (!matchHolds(match, packet, context)) return undefined;
  }
  return draw;
}

const inBlock = (match: AddressMatch, address: number): boolean => ((address & match.mask) >>> 0 === match.network) !== match.not;
const isInterface = (match: InterfaceMatch, name: string): boolean => (match.isPrefix ? name.startsWith(match.name) : name === match.name) !== match.not;
const inRange = (range: PortRange, port: number): boolean => port >= range.low && port <= range.high;

function matchHolds(match: Exclude<Match, { type: "statistic" }>, packet: Packet, context: MatchContext): boolean {
  switch (match.type) {
    case "comment": case "nfacct": return true;
    case "ports":
      if (packet.proto !== (match.protocol === "tcp" ? TCP : UDP)) return false;
      return (match.dst === undefined || inRange(match.dst, packet.dstPort) !== match.dstNot) && (match.src === undefined || inRange(match.src, packet.srcPort) !== match.srcNot);
    case "mark": return (((packet.mark & match.mask) >>> 0) === match.value) !== match.not;
    case "conntrack": return ((stateBits(packet) & match.states) !== 0) !== match.not;
    case "addrtype":
      return (match.dst === undefined || (addressType(packet.dst, context) === match.dst) !== match.dstNot) && (match.src === undefined || (addressType(packet.src, context) === match.src) !== match.srcNot);
    case "multiport":
      return (packet.proto === TCP || packet.proto === UDP) && match.ports.some((range) => (match.side !== "src" && inRange(range, packet.dstPort)) || (match.side !== "dst" && inRange(range, packet.srcPort))) !== match.not;
    case "recent": return recentHolds(match, packet, context) !== match.not;
    case "physdev":
      return (match.in === undefined || isInterface(match.in, context.physIn)) && (match.out === undefined || isInterface(match.out, context.physOut)) && (!match.isBridged || (context.physIn !== "" && context.physOut !== ""));
  }
}

function stateBits(packet: Packet): number {
  const entry = packet.entry;
  if (entry === undefined) return packet.ctState;
  return packet.ctState | (entry.snat ? CT_SNAT : 0) | (entry.dnat ? CT_DNAT : 0);
}

function addressType(address: number, context: MatchContext): string {
  if (context.isLocal(address)) return "LOCAL";
  if (address === 0xffffffff) return "BROADCAST";
  return address >>> 28 === 14 ? "MULTICAST" : "UNICAST";
}

function recentHolds(match: Extract<Match, { type: "recent" }>, packet: Packet, context: MatchContext): boolean {
  if (match.mode === "rcheck") return context.netfilter.recent.check(match.list, packet.src, match.seconds, match.reap, packet.atUs);
  context.netfilter.recent.set(match.list, packet.src, packet.atUs);
  return true;
}
