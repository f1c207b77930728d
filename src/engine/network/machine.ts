import { type Address, formatIp } from "./addresses/ip.ts";
import { cardMac } from "./addresses/mac.ts";
import { NodeCni } from "./cni/node-cni.ts";
import { ConntrackTable } from "./conntrack/conntrack-table.ts";
import { conntrackLine } from "./conntrack/conntrack-text.ts";
import type { Ip, NodeNetwork } from "./contracts.ts";
import type { Datapath } from "./datapath/datapath.ts";
import { Hooks } from "./datapath/hooks.ts";
import type { NetWorld } from "./datapath/world.ts";
import type { PeerBook } from "./flannel/peer-book.ts";
import { installKubeletChains } from "./kubelet-chains.ts";
import type { NetDevice, Segment } from "./links/device.ts";
import { NetStack } from "./links/net-stack.ts";
import { routeText } from "./links/route-table.ts";
import { Netfilter } from "./netfilter/netfilter.ts";
import { iptablesSave } from "./netfilter/save-text.ts";
import { ipAddr } from "./print/ip-addr.ts";
import { bridgeFdb, ipNeigh } from "./print/neighbours.ts";
import { socketList } from "./print/sockets.ts";
import type { RuleCache } from "./proxy/rule-cache.ts";
import { Namespace } from "./socket/namespace.ts";

const UNDERLAY_MTU = 1500;

/** What the machines of one cluster keep once instead of each for itself. */
export interface SharedState {
  readonly peers: PeerBook;
  readonly rules: RuleCache;
}

/** One machine of the cluster: its kernel's network state, the CNI runtime on it, and the tools that print it. */
export class NodeMachine implements NodeNetwork {
  readonly stack: NetStack;
  readonly host: Namespace;
  readonly cni: NodeCni;
  readonly netfilter = new Netfilter();
  readonly conntrackTable = new ConntrackTable();
  /** The card on the segment between machines. */
  readonly eth0: NetDevice;

  constructor(
    readonly world: NetWorld,
    readonly datapath: Datapath,
    readonly shared: SharedState,
    readonly nodeName: string,
    readonly address: Address,
    nodeCidrLength: number,
    segment: Segment,
    gateway: Address,
  ) {
    const rng = world.rng.fork(`machine/${nodeName}`);
    const stack = new NetStack(nodeName, "host");
    this.stack = stack;
    stack.ipForward = true;
    stack.bridgeNfCallIptables = true;
    stack.netfilter = this.netfilter;
    stack.conntrack = this.conntrackTable;
    stack.hooks = new Hooks(stack, this.netfilter, rng.fork("netfilter"));
    this.eth0 = stack.addDevice("eth0", "ethernet", cardMac(address), UNDERLAY_MTU);
    this.eth0.segment = segment;
    segment.domain.join(this.eth0);
    stack.addAddress(this.eth0, { address, length: nodeCidrLength, scope: "global" });
    stack.routes.add({ network: 0, length: 0, device: this.eth0, via: gateway });
    this.host = new Namespace("host", stack, world, datapath);
    void this.host.sockets; // a machine answers ping and refuses closed ports from the start
    this.cni = new NodeCni(world, datapath, stack, rng.fork("cni"));
    installKubeletChains(this.netfilter);
  }

  get nodeIp(): Ip {
    return formatIp(this.address);
  }

  /** The machine is switched off or gone: it hears and says nothing any more. */
  powerOff(): void {
    this.stack.alive = false;
    this.stack.sockets?.destroy();
    this.conntrackTable.clear();
  }

  iptablesSave(table?: string): string {
    return iptablesSave(this.netfilter, this.world.clock.now(), this.world.time, table);
  }

  ipRoute(): string {
    return lines(this.stack.routes.list().map(routeText));
  }

  ipAddr(): string {
    return ipAddr(this.stack);
  }

  ipNeigh(): string {
    return ipNeigh(this.stack, this.world.clock.now());
  }

  bridgeFdb(): string {
    return bridgeFdb(this.stack, this.world.clock.now());
  }

  conntrack(): string {
    const now = this.world.clock.now();
    return lines(this.conntrackTable.list(now).map((entry) => conntrackLine(entry, now)));
  }

  /** `ss -lntup` of the machine itself; pods have namespaces of their own. */
  ss(): string {
    return socketList(this.stack);
  }

  /** What `ipvsadm -Ln` prints on a kernel without virtual servers. */
  ipvsadm(): string {
    return lines(["IP Virtual Server version 1.2.1 (size=4096)", "Prot LocalAddress:Port Scheduler Flags", "  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn"]);
  }

  /** What `nft list ruleset` prints where nobody has made tables: the rules of iptables are another program's. */
  nftRuleset(): string {
    return "";
  }
}

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");
