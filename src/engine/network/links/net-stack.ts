import { type Address, isLoopback, LOOPBACK, networkOf } from "../addresses/ip.ts";
import { type Mac, NO_MAC } from "../addresses/mac.ts";
import type { ConntrackTable } from "../conntrack/conntrack-table.ts";
import type { Hooks } from "../datapath/hooks.ts";
import type { Netfilter } from "../netfilter/netfilter.ts";
import type { SocketTable } from "../socket/socket-table.ts";
import { BridgeDevice, type InterfaceAddress, NetDevice, VxlanDevice } from "./device.ts";
import { NeighbourTable } from "./neighbour-table.ts";
import { type Route, RouteTable } from "./route-table.ts";

const LOOPBACK_MTU = 65_536;

/** Where a packet goes next. */
export interface RouteDecision {
  readonly route: Route;
  readonly device: NetDevice;
  readonly nextHop: Address;
  /** Source address for packets that have none yet. */
  readonly src: Address;
  readonly local: boolean;
}

/**
 * The kernel state of one network namespace: interfaces, addresses, routes, neighbours, and (on machines) netfilter and connection tracking.
 * It decides nothing about packets; see datapath/.
 */
export class NetStack {
  readonly devices: NetDevice[] = [];
  readonly routes = new RouteTable();
  readonly neighbours = new NeighbourTable();
  readonly loopback: NetDevice;
  /** Machines only: pods' namespaces have no rules and track nothing. */
  netfilter: Netfilter | undefined = undefined;
  conntrack: ConntrackTable | undefined = undefined;
  hooks: Hooks | undefined = undefined;
  /** Made with the first socket, or for the first packet: most pods of a big cluster never need one. */
  sockets: SocketTable | undefined = undefined;
  /** Makes `sockets`; undefined in a stack that no namespace stands for. */
  openSockets: (() => SocketTable) | undefined = undefined;
  /** net.ipv4.ip_forward */
  ipForward = false;
  /** net.bridge.bridge-nf-call-iptables */
  bridgeNfCallIptables = false;
  /** net.ipv4.conf.all.route_localnet */
  routeLocalnet = false;
  /** A router that does not tell senders about packets it cannot forward. */
  silent = false;
  /** False when the machine is off or the namespace is gone: nothing is received or sent. */
  alive = true;
  private readonly local = new Map<Address, NetDevice>();
  private readonly localRoutes = new Map<Address, RouteDecision>();
  private lastIndex = 0;

  constructor(
    readonly nodeName: string,
    /** "host", or "default/web" in a pod: what traces call it. */
    public label: string,
  ) {
    this.loopback = new NetDevice(this, "lo", ++this.lastIndex, "loopback", NO_MAC, LOOPBACK_MTU);
    this.devices.push(this.loopback);
    this.addAddress(this.loopback, { address: LOOPBACK, length: 8, scope: "host" });
  }

  addDevice(name: string, kind: "ethernet" | "veth", mac: Mac, mtu: number): NetDevice {
    const device = new NetDevice(this, name, ++this.lastIndex, kind, mac, mtu);
    this.devices.push(device);
    return device;
  }

  addBridge(name: string, mac: Mac, mtu: number): BridgeDevice {
    const bridge = new BridgeDevice(this, name, ++this.lastIndex, mac, mtu);
    this.devices.push(bridge);
    return bridge;
  }

  addVxlan(name: string, mac: Mac, mtu: number, vni: number, local: Address, underlay: NetDevice): VxlanDevice {
    const device = new VxlanDevice(this, name, ++this.lastIndex, mac, mtu, vni, local, underlay);
    this.devices.push(device);
    return device;
  }

  device(name: string): NetDevice | undefined {
    return this.devices.find((device) => device.name === name);
  }

  /** Assigns an address; as the kernel does, a prefix shorter than /32 brings its route along. */
  addAddress(device: NetDevice, address: InterfaceAddress): void {
    device.addresses.push(address);
    this.local.set(address.address, device);
    this.localRoutes.clear();
    device.domain?.claim(address.address, device);
    if (device.kind !== "loopback" && address.length < 32) {
      this.routes.add({ network: networkOf(address.address, address.length), length: address.length, device, scope: "link", protocol: "kernel", src: address.address });
    }
  }

  removeDevice(device: NetDevice): void {
    const at = this.devices.indexOf(device);
    if (at < 0) return;
    this.devices.splice(at, 1);
    device.up = false;
    device.master?.removePort(device);
    device.domain?.leave(device);
    for (const { address } of device.addresses) if (this.local.get(address) === device) this.local.delete(address);
    this.localRoutes.clear();
    this.routes.removeDevice(device);
    this.neighbours.forgetDevice(device);
  }

  /** One of our own addresses: the "local" routing table, and what `-m addrtype` calls LOCAL. */
  isLocal(address: Address): boolean {
    return this.local.has(address) || isLoopback(address);
  }

  /** First address that is not loopback. */
  get firstAddress(): Address | undefined {
    for (const device of this.devices) if (device !== this.loopback && device.primary !== undefined) return device.primary;
    return undefined;
  }

  /** Undefined when no route matches; a blackhole route is returned as it is, with the loopback as its device. */
  route(destination: Address): RouteDecision | undefined {
    if (this.isLocal(destination)) return this.localRoute(destination);
    const route = this.routes.lookup(destination);
    if (route === undefined) return undefined;
    const device = route.device ?? this.loopback;
    return { route, device, nextHop: route.via ?? destination, src: route.src ?? device.primary ?? this.firstAddress ?? LOOPBACK, local: false };
  }

  private localRoute(destination: Address): RouteDecision {
    let decision = this.localRoutes.get(destination);
    if (decision === undefined) {
      const route: Route = { network: destination, length: 32, type: "unicast", device: this.loopback, via: undefined, scope: "link", protocol: "kernel", src: destination, onlink: false };
      decision = { route, device: this.loopback, nextHop: destination, src: destination, local: true };
      this.localRoutes.set(destination, decision);
    }
    return decision;
  }
}
