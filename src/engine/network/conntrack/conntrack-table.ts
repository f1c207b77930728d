import { type FlowTuple, ICMP, TCP } from "../datapath/packet.ts";
import { type ConntrackEntry, invert, sameFlow } from "./entry.ts";

const SWEEP_EVERY = 256; // confirmed entries between two sweeps for expired ones, or half of the table where it is large
/** nf_conntrack_max as kube-proxy sets it on a small machine: max(cores × 32768, 131072). */
const MAX_ENTRIES = 131_072;

interface Slot {
  readonly entry: ConntrackEntry;
  readonly isReply: boolean;
  next: Slot | undefined;
}

export interface Found {
  readonly entry: ConntrackEntry;
  readonly isReply: boolean;
}

/** Mixes a tuple into 32 bits. Source: the finaliser of MurmurHash3 (Appleby). */
export function tupleHash(tuple: FlowTuple): number {
  let h = Math.imul(tuple.src, 0x85ebca6b) ^ Math.imul(tuple.dst, 0xc2b2ae35) ^ Math.imul((tuple.srcPort << 16) | tuple.dstPort, 0x27d4eb2f) ^ tuple.proto;
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The connections that a machine knows, findable by either direction. Expired ones are never found, and leave at the next sweep:
 * no timer per connection. Source: net/netfilter/nf_conntrack_core.c.
 */
export class ConntrackTable {
  private readonly slots = new Map<number, Slot>();
  /** In the order of confirmation. */
  private readonly entries = new Set<ConntrackEntry>();
  private untilSweep = SWEEP_EVERY;

  find(tuple: FlowTuple, nowUs: number): Found | undefined {
    for (let slot = this.slots.get(tupleHash(tuple)); slot !== undefined; slot = slot.next) {
      if (!sameFlow(slot.isReply ? slot.entry.reply : slot.entry.original, tuple)) continue;
      if (slot.entry.expiresUs > nowUs) return slot;
      this.remove(slot.entry);
      return undefined;
    }
    return undefined;
  }

  /** An entry that is not in the table yet: it gets there when its first packet has passed all hooks. */
  create(tuple: FlowTuple, nowUs: number): ConntrackEntry {
    const original: FlowTuple = { src: tuple.src, dst: tuple.dst, proto: tuple.proto, srcPort: tuple.srcPort, dstPort: tuple.dstPort };
    return {
      original, reply: invert(original), tcpState: "NONE", seenReply: false, assured: false, confirmed: false,
      dnatAsked: false, snatAsked: false, dnat: false, snat: false, mark: 0, createdUs: nowUs, expiresUs: nowUs, finFromReply: false,
    };
  }

  /** False when the table is full: the packet has to be dropped. */
  confirm(entry: ConntrackEntry, nowUs: number): boolean {
    if (--this.untilSweep <= 0 || this.entries.size >= MAX_ENTRIES) this.sweep(nowUs);
    if (this.entries.size >= MAX_ENTRIES) return false;
    entry.confirmed = true;
    this.entries.add(entry);
    this.insert(entry.original, { entry, isReply: false, next: undefined });
    if (!sameFlow(entry.original, entry.reply)) this.insert(entry.reply, { entry, isReply: true, next: undefined });
    return true;
  }

  /** True when another connection already expects replies that look like this. */
  isTaken(reply: FlowTuple, nowUs: number, except: ConntrackEntry): boolean {
    const found = this.find(reply, nowUs);
    return found !== undefined && found.entry !== except;
  }

  remove(entry: ConntrackEntry): void {
    if (!this.entries.delete(entry)) return;
    this.unlink(entry.original, entry);
    this.unlink(entry.reply, entry);
    entry.confirmed = false;
  }

  /** Live entries, oldest first. */
  list(nowUs: number): ConntrackEntry[] {
    return [...this.entries].filter((entry) => entry.expiresUs > nowUs);
  }

  clear(): void {
    this.slots.clear();
    this.entries.clear();
  }

  private sweep(nowUs: number): void {
    this.untilSweep = Math.max(SWEEP_EVERY, this.entries.size >> 1);
    for (const entry of this.entries) if (entry.expiresUs <= nowUs) this.remove(entry);
  }

  private insert(tuple: FlowTuple, slot: Slot): void {
    const hash = tupleHash(tuple);
    slot.next = this.slots.get(hash);
    this.slots.set(hash, slot);
  }

  private unlink(tuple: FlowTuple, entry: ConntrackEntry): void {
    const hash = tupleHash(tuple);
    let kept: Slot | undefined;
    for (let slot = this.slots.get(hash); slot !== undefined; slot = slot.next) if (slot.entry !== entry) kept = { entry: slot.entry, isReply: slot.isReply, next: kept };
    if (kept === undefined) this.slots.delete(hash);
    else this.slots.set(hash, kept);
  }
}

/** "tcp", "udp", "icmp", as tools print it. */
export const protocolName = (proto: number): string => (proto === TCP ? "tcp" : proto === ICMP ? "icmp" : proto === 17 ? "udp" : String(proto));
