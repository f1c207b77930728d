import type { ComponentContext } from "../client/contracts.ts";
import { assert } from "../kernel/assert.ts";
import type { Cancel } from "../kernel/clock.ts";
import { mix32 } from "../kernel/hash.ts";
import { type Address, cidrOf, ipOf, parseIp } from "./addresses/ip.ts";
import { cardMac } from "./addresses/mac.ts";
import type { NetNamespace, SendRequest, SendSource } from "./contracts.ts";
import { Datapath } from "./datapath/datapath.ts";
import { WAN_US, WIRE_MAX_US, WIRE_MIN_US } from "./datapath/latency.ts";
import { type NetWorld, pairKey } from "./datapath/world.ts";
import { PeerBook } from "./flannel/peer-book.ts";
import { INTERNET_ADDRESSES, RESOLVER, serveInternet } from "./internet.ts";
import { BroadcastDomain, type NetDevice, type Segment } from "./links/device.ts";
import { NetStack } from "./links/net-stack.ts";
import { NodeMachine, type SharedState } from "./machine.ts";
import { RuleCache } from "./proxy/rule-cache.ts";
import { sendRequest } from "./send.ts";
import { Namespace } from "./socket/namespace.ts";
import type { PacketTrace } from "./trace/packet-trace.ts";
import { TraceLog } from "./trace/trace-log.ts";
import { traceText } from "./trace/trace-text.ts";

export interface ClusterNetworkOptions {
  readonly podCIDR: string;
  readonly serviceCIDR: string;
  readonly nodeCIDR: string;
  readonly cni: "flannel" | "calico";
}

export const EXTERNAL_CLIENT = "203.0.113.50";
const OUTSIDE = cidrOf("203.0.113.0/24");
const OUTSIDE_ROUTER = ipOf("203.0.113.1");
const OUTSIDE_INTERNET = ipOf("203.0.113.254");
/** Private addresses have no way over the internet: the router throws them away unless they are on its own segment. */
const PRIVATE_BLOCKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];
const UNDERLAY_MTU = 1500;

/**
 * All networks of one cluster: the machines on their segment, the router, and the world outside.
 * Differs: one segment and one router; the router translates no addresses, so the outside sees node addresses.
 */
export class ClusterNetwork {
  readonly external: NetNamespace;
  readonly world: NetWorld;
  readonly datapath: Datapath;
  readonly shared: SharedState = { peers: new PeerBook(), rules: new RuleCache() };
  private readonly machines = new Map<string, NodeMachine>();
  private readonly announced = new Map<Address, NetDevice>();
  private readonly segment: Segment;
  private readonly outside: Segment;
  private readonly gateway: Address;
  private readonly nodeLength: number;

  constructor(context: ComponentContext, readonly options: ClusterNetworkOptions) {
    if (options.cni !== "flannel") throw new Error("NotImplemented: calico comes later; use flannel");
    const { clock, time, journal } = context;
    this.world = { clock, time, journal, rng: context.rng.fork("network"), traces: new TraceLog(clock), partitions: new Set() };
    this.datapath = new Datapath(this.world);
    const nodes = cidrOf(options.nodeCIDR);
    this.gateway = nodes.network + 1;
    this.nodeLength = nodes.length;
    const seed = this.world.rng.fork("wire").below(0x1_0000_0000);
    this.segment = { name: "segment", domain: new BroadcastDomain(), latencyUs: (from, to) => WIRE_MIN_US + (mix32(seed ^ from.mac ^ to.mac) % (WIRE_MAX_US - WIRE_MIN_US + 1)) };
    this.outside = { name: "internet", domain: new BroadcastDomain(), latencyUs: () => WAN_US };
    this.buildRouter();
    this.buildInternet();
    this.external = this.buildExternal();
  }

  addNode({ name, ip }: { readonly name: string; readonly ip: string }): NodeMachine {
    assert(!this.machines.has(name), `the node ${name} is not there yet`);
    const address = parseIp(ip);
    assert(address !== undefined && this.segment.domain.whoHas(address) === undefined, `${ip} is a free address`);
    const machine = new NodeMachine(this.world, this.datapath, this.shared, name, address, this.nodeLength, this.segment, this.gateway);
    machine.host.resolvConf = { nameservers: [RESOLVER], search: [], ndots: 1 };
    this.machines.set(name, machine);
    return machine;
  }

  /** The machine is switched off and taken off the segment. */
  removeNode(name: string): void {
    const machine = this.machines.get(name);
    if (machine === undefined) return;
    this.machines.delete(name);
    for (const [address, card] of this.announced) if (card === machine.eth0) this.announced.delete(address);
    machine.powerOff();
    this.segment.domain.leave(machine.eth0);
  }

  node(name: string): NodeMachine {
    const machine = this.machines.get(name);
    assert(machine !== undefined, `there is a node ${name}`);
    return machine;
  }

  /** In the order in which they were added. */
  nodes(): readonly NodeMachine[] {
    return [...this.machines.values()];
  }

  /** Sends what a user asks for, and records every packet of it. `lookup` finds a pod's namespace; nodes and the outside are known here. */
  send(request: SendRequest, lookup: (source: SendSource) => NetNamespace | undefined): PacketTrace {
    return sendRequest(this.world, request, this.sourceOf(request.from, lookup));
  }

  /** The latest recorded traces, oldest first. */
  traces(): readonly PacketTrace[] {
    return this.world.traces.all();
  }

  /** Runs when a recorded trace starts, gets a finished walk, or ends. */
  onTrace(listener: (trace: PacketTrace) => void): Cancel {
    return this.world.traces.onTrace(listener);
  }

  /** Records everything, or (the default) only what `send` asked for. */
  recordAll(on: boolean): void {
    this.world.traces.recordAll = on;
  }

  traceText(trace: PacketTrace): string {
    return traceText(trace);
  }

  /** A machine answers ARP for an address that no card has: how a load balancer's address gets to a node. Undefined takes it back. */
  announce(ip: string, nodeName: string | undefined): void {
    const address = ipOf(ip);
    const before = this.announced.get(address);
    if (before !== undefined) this.segment.domain.release(address, before);
    this.announced.delete(address);
    if (nodeName === undefined) return;
    const { eth0 } = this.node(nodeName);
    this.segment.domain.claim(address, eth0);
    this.announced.set(address, eth0);
  }

  /** Two machines stop hearing each other, or hear each other again. */
  partition(a: string, b: string, isCut: boolean): void {
    if (isCut) this.world.partitions.add(pairKey(a, b));
    else this.world.partitions.delete(pairKey(a, b));
  }

  private sourceOf(source: SendSource, lookup: (source: SendSource) => NetNamespace | undefined): NetNamespace | undefined {
    if ("external" in source) return this.external;
    if ("node" in source) return this.machines.get(source.node)?.host;
    return lookup(source);
  }

  private buildRouter(): void {
    const router = new NetStack("router", "host");
    router.ipForward = true;
    router.silent = true;
    const lan = this.plug(router, "lan0", this.gateway, this.nodeLength, this.segment);
    const wan = this.plug(router, "wan0", OUTSIDE_ROUTER, OUTSIDE.length, this.outside);
    for (const block of PRIVATE_BLOCKS.map(cidrOf)) router.routes.add({ ...block, type: "blackhole", device: undefined, scope: "global" });
    router.routes.add({ network: cidrOf(this.options.nodeCIDR).network, length: this.nodeLength, device: lan, scope: "link", protocol: "kernel", src: this.gateway });
    router.routes.add({ network: 0, length: 0, device: wan, via: OUTSIDE_INTERNET });
    void new Namespace("router", router, this.world, this.datapath).sockets;
  }

  private buildInternet(): void {
    const internet = new NetStack("internet", "host");
    internet.silent = true;
    const card = this.plug(internet, "eth0", OUTSIDE_INTERNET, OUTSIDE.length, this.outside);
    for (const address of INTERNET_ADDRESSES) internet.addAddress(card, { address: ipOf(address), length: 32, scope: "global" });
    internet.routes.add({ network: 0, length: 0, device: card, via: OUTSIDE_ROUTER });
    serveInternet(new Namespace("internet", internet, this.world, this.datapath));
  }

  private buildExternal(): NetNamespace {
    const stack = new NetStack("external", "host");
    const card = this.plug(stack, "eth0", ipOf(EXTERNAL_CLIENT), OUTSIDE.length, this.outside);
    stack.routes.add({ network: 0, length: 0, device: card, via: OUTSIDE_ROUTER });
    const namespace = new Namespace("host", stack, this.world, this.datapath);
    namespace.resolvConf = { nameservers: [RESOLVER], search: [], ndots: 1 };
    void namespace.sockets;
    return namespace;
  }

  private plug(stack: NetStack, name: string, address: Address, length: number, segment: Segment): NetDevice {
    const card = stack.addDevice(name, "ethernet", cardMac(address), UNDERLAY_MTU);
    card.segment = segment;
    segment.domain.join(card);
    stack.addAddress(card, { address, length, scope: "global" });
    return card;
  }
}

export const createClusterNetwork = ({ context, options }: { readonly context: ComponentContext; readonly options: ClusterNetworkOptions }): ClusterNetwork => new ClusterNetwork(context, options);
