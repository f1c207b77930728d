import type { Rng } from "../../kernel/rng.ts";
import { conntrackLine, type LineFacts, lineFacts } from "../conntrack/conntrack-text.ts";
import { keepSource, rewrite, setDestination, setSource } from "../conntrack/nat.ts";
import { CT_ESTABLISHED, CT_NEW, CT_RELATED, trackPacket } from "../conntrack/track.ts";
import type { NetDevice } from "../links/device.ts";
import type { NetStack } from "../links/net-stack.ts";
import { evaluateTable, type MatchContext, type TableVerdict } from "../netfilter/evaluate.ts";
import type { Netfilter } from "../netfilter/netfilter.ts";
import type { HookName, Rule, TableName } from "../netfilter/rule.ts";
import type { Hits } from "../netfilter/hits.ts";
import type { OwnerObject, PacketHop } from "../trace/packet-hop.ts";
import type { DetailMaker, HeaderSnapshot } from "../trace/walk.ts";
import { addHop } from "./hop.ts";
import type { Packet } from "./packet.ts";

/** Why a hook did not let a packet through. */
export interface Stopped {
  readonly type: "DROP" | "REJECT";
  readonly reason: string;
  readonly owner: OwnerObject | undefined;
}

/** Between which interfaces a packet is at a hook. */
export interface HookDevices {
  readonly in?: NetDevice | undefined;
  readonly out?: NetDevice | undefined;
  readonly physIn?: NetDevice | undefined;
  readonly physOut?: NetDevice | undefined;
}

/** The tables that filter at each hook; nat is asked in between, see `runHook`. */
const FIRST_TABLES: Readonly<Record<HookName, readonly TableName[]>> = {
  PREROUTING: ["raw", "mangle"], OUTPUT: ["raw", "mangle"], INPUT: ["mangle"], FORWARD: ["mangle"], POSTROUTING: ["mangle"],
};

const HOOKS: readonly HookName[] = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];
const placesOf = (table: string): Readonly<Record<HookName, string>> => Object.fromEntries(HOOKS.map((hook) => [hook, `${table}/${hook}`])) as Record<HookName, string>;
/** "nat/PREROUTING": where traces say that a table was asked. */
const PLACES = { raw: placesOf("raw"), mangle: placesOf("mangle"), nat: placesOf("nat"), filter: placesOf("filter"), conntrack: placesOf("conntrack") };

class Context implements MatchContext {
  inDevice = "";
  outDevice = "";
  physIn = "";
  physOut = "";

  constructor(
    readonly netfilter: Netfilter,
    readonly rng: Rng,
    private readonly stack: NetStack,
  ) {}

  isLocal(address: number): boolean {
    return this.stack.isLocal(address);
  }
}

/** The hooks of one machine. */
export class Hooks {
  private readonly context: Context;

  constructor(
    private readonly stack: NetStack,
    private readonly netfilter: Netfilter,
    private readonly rng: Rng,
  ) {
    this.context = new Context(netfilter, rng, stack);
  }

  /**
   * Everything that happens to a packet at one hook, in the kernel's order: raw, connection tracking, mangle, nat for destinations (PREROUTING, OUTPUT),
   * filter, nat for sources (INPUT, POSTROUTING), confirmation. Undefined: the packet goes on.
   * Source: include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities.
   */
  run(hook: HookName, packet: Packet, devices: HookDevices): Stopped | undefined {
    const context = this.context;
    context.inDevice = devices.in?.name ?? "";
    context.outDevice = devices.out?.name ?? "";
    context.physIn = devices.physIn?.name ?? "";
    context.physOut = devices.physOut?.name ?? "";
    const isEntry = hook === "PREROUTING" || hook === "OUTPUT";
    for (const table of FIRST_TABLES[hook]) {
      if (isEntry && table === "mangle") this.track(packet, hook);
      const stopped = this.filter(table, hook, packet);
      if (stopped !== undefined) return stopped;
    }
    if (isEntry) this.nat(hook, "dst", packet, devices);
    if (hook === "INPUT" || hook === "FORWARD" || hook === "OUTPUT") {
      const stopped = this.filter("filter", hook, packet);
      if (stopped !== undefined) return stopped;
    }
    if (hook === "INPUT" || hook === "POSTROUTING") {
      this.nat(hook, "src", packet, devices);
      return this.confirm(packet, hook);
    }
    return undefined;
  }

  private filter(name: TableName, hook: HookName, packet: Packet): Stopped | undefined {
    const table = this.netfilter.get(name);
    if (table === undefined) return undefined;
    const isTraced = packet.walk !== undefined && table.chain(hook).rules.length > 0;
    const before = isTraced ? packet.snapshot() : undefined;
    const hits = isTraced ? packet.walk?.hits : undefined;
    const from = hits?.length ?? 0;
    const verdict = evaluateTable(table, hook, packet, this.context, hits);
    if (before !== undefined && hits !== undefined) this.traceTable(packet, hook, name, before, hits, from, verdict.type);
    if (verdict.type !== "DROP" && verdict.type !== "REJECT") return undefined;
    return { type: verdict.type, reason: stopReason(verdict.type, hook, name, verdict.rule), owner: verdict.rule?.owner };
  }

  /** Only the first packet of a connection asks the rules; for all others the answer stands in the entry. */
  private nat(hook: HookName, part: "dst" | "src", packet: Packet, devices: HookDevices): void {
    const { entry } = packet;
    const conntrack = this.stack.conntrack;
    if (entry === undefined || conntrack === undefined) return;
    const isAsked = part === "dst" ? entry.dnatAsked : entry.snatAsked;
    if (packet.ctState !== CT_NEW || packet.isReply || isAsked) {
      this.rewriteKnown(hook, part, packet);
      return;
    }
    const table = this.netfilter.get("nat");
    const isTraced = packet.walk !== undefined && table !== undefined && table.chain(hook).rules.length > 0;
    const before = isTraced ? packet.snapshot() : undefined;
    const hits = isTraced ? packet.walk?.hits : undefined;
    const from = hits?.length ?? 0;
    const verdict: TableVerdict = table === undefined ? { type: "ACCEPT" } : evaluateTable(table, hook, packet, this.context, hits);
    if (part === "dst") {
      entry.dnatAsked = true;
      if (verdict.target?.type === "DNAT") setDestination(entry, verdict.target.address, verdict.target.port);
    } else if (verdict.target?.type === "MASQUERADE") {
      const address = devices.out?.primary ?? this.stack.firstAddress;
      if (address !== undefined) setSource(conntrack, entry, address, verdict.target.randomFully, packet.atUs, this.rng);
    } else if (verdict.target?.type === "SNAT") setSource(conntrack, entry, verdict.target.address, false, packet.atUs, this.rng);
    else keepSource(conntrack, entry, packet.atUs, this.rng);
    rewrite(packet, part);
    if (before !== undefined && hits !== undefined) this.traceTable(packet, hook, "nat", before, hits, from, verdict.type);
  }

  private rewriteKnown(hook: HookName, part: "dst" | "src", packet: Packet): void {
    const before = packet.walk === undefined ? undefined : packet.snapshot();
    if (!rewrite(packet, part) || before === undefined) return;
    const action = part === "dst" ? (packet.isReply ? "unSNAT" : "DNAT") : packet.isReply ? "unDNAT" : "SNAT";
    this.traceConntrack(packet, hook, before, action);
  }

  private track(packet: Packet, hook: HookName): void {
    if (this.stack.conntrack === undefined) return;
    trackPacket(this.stack.conntrack, packet);
    if (packet.walk !== undefined) this.traceConntrack(packet, hook, packet.snapshot(), "lookup");
  }

  private confirm(packet: Packet, hook: HookName): Stopped | undefined {
    const { entry } = packet;
    const conntrack = this.stack.conntrack;
    if (entry === undefined || entry.confirmed || conntrack === undefined || packet.isReply || packet.ctState !== CT_NEW) return undefined;
    if (!conntrack.confirm(entry, packet.atUs)) return { type: "DROP", reason: "nf_conntrack: table full, dropping packet", owner: undefined };
    if (packet.walk !== undefined) this.traceConntrack(packet, hook, packet.snapshot(), "create");
    return undefined;
  }

  private traceTable(packet: Packet, hook: HookName, table: TableName, before: HeaderSnapshot, hits: Hits, from: number, verdict: TableVerdict["type"]): void {
    const range = (from * MAX_HITS + Math.min(hits.length - from, MAX_HITS - 1)) * VERDICTS.length + VERDICTS.indexOf(verdict);
    addHop(packet, this.stack, PLACES[table][hook], before, netfilterDetail, PLACES[table][hook], hits, range);
  }

  private traceConntrack(packet: Packet, hook: HookName, before: HeaderSnapshot, action: ConntrackAction): void {
    const { entry } = packet;
    addHop(packet, this.stack, PLACES.conntrack[hook], before, conntrackDetail, entry === undefined ? undefined : lineFacts(entry, packet.atUs), packet.ctState, action);
  }
}

type ConntrackAction = Extract<PacketHop, { type: "conntrack" }>["action"];

const VERDICTS: readonly TableVerdict["type"][] = ["ACCEPT", "DROP", "REJECT", "DNAT", "SNAT", "MASQUERADE"];
const MAX_HITS = 4_096; // of one table at one hook

/** `range` packs where the hits begin, how many they are, and the verdict. */
const netfilterDetail: DetailMaker<string, Hits, number> = (place, hits, range) => {
  const [table, hook] = place.split("/") as [TableName, HookName];
  const packed = Math.floor(range / VERDICTS.length);
  const from = Math.floor(packed / MAX_HITS);
  return { type: "netfilter", hook, table, hits: hits.read(table, from, from + (packed % MAX_HITS)), verdict: VERDICTS[range % VERDICTS.length] ?? "ACCEPT" };
};

const conntrackDetail: DetailMaker<LineFacts | undefined, number, ConntrackAction> = (facts, ctState, action) => ({
  type: "conntrack", state: stateName(ctState), entry: facts === undefined ? "" : conntrackLine(facts, facts.atUs), action,
});

function stateName(state: number): "NEW" | "ESTABLISHED" | "RELATED" | "INVALID" {
  if (state === CT_NEW) return "NEW";
  if (state === CT_ESTABLISHED) return "ESTABLISHED";
  return state === CT_RELATED ? "RELATED" : "INVALID";
}

/** "REJECT by KUBE-SERVICES, service default/empty has no endpoints": kube-proxy's comments begin with the service port, then say why. */
function stopReason(verdict: "DROP" | "REJECT", hook: HookName, table: TableName, rule: Rule | undefined): string {
  if (rule === undefined) return `${verdict} by the policy of ${table} ${hook}`;
  const comment = rule.matches.find((match) => match.type === "comment")?.text;
  if (comment === undefined) return `${verdict} by ${rule.chain}`;
  const why = rule.owner === undefined ? comment : `service ${rule.owner.namespace}/${rule.owner.name} ${comment.slice(comment.indexOf(" ") + 1)}`;
  return `${verdict} by ${rule.chain}, ${why}`;
}
