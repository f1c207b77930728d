import { type Address, formatIp } from "../addresses/ip.ts";
import type { Mac } from "../addresses/mac.ts";
import type { NetStack } from "./net-stack.ts";

export interface InterfaceAddress {
  readonly address: Address;
  /** Prefix length: 24. */
  readonly length: number;
  readonly scope: "global" | "host";
}

/**
 * One Ethernet broadcast domain: the segment between machines, or a bridge. Says who answers an ARP request and where a frame can go.
 */
export class BroadcastDomain {
  private readonly byIp = new Map<Address, NetDevice>();
  private readonly byMac = new Map<Mac, NetDevice>();

  /** The card that answers "who has this address?". */
  whoHas(address: Address): NetDevice | undefined {
    return this.byIp.get(address);
  }

  device(mac: Mac): NetDevice | undefined {
    return this.byMac.get(mac);
  }

  join(device: NetDevice): void {
    this.byMac.set(device.mac, device);
    for (const { address } of device.addresses) this.byIp.set(address, device);
  }

  leave(device: NetDevice): void {
    if (this.byMac.get(device.mac) === device) this.byMac.delete(device.mac);
    for (const { address } of device.addresses) this.release(address, device);
  }

  claim(address: Address, device: NetDevice): void {
    this.byIp.set(address, device);
  }

  release(address: Address, device: NetDevice): void {
    if (this.byIp.get(address) === device) this.byIp.delete(address);
  }

  devices(): IterableIterator<NetDevice> {
    return this.byMac.values();
  }
}

/** An interface of a network namespace. */
export class NetDevice {
  readonly addresses: InterfaceAddress[] = [];
  up = true;
  /** Other end of a veth pair. */
  peer: NetDevice | undefined = undefined;
  /** The bridge that this is a port of. */
  master: BridgeDevice | undefined = undefined;
  /** A bridge port that may send a frame back to where it came from. */
  hairpin = false;
  /** What an Ethernet card is plugged into. */
  segment: Segment | undefined = undefined;

  constructor(
    readonly stack: NetStack,
    readonly name: string,
    readonly index: number,
    readonly kind: "loopback" | "ethernet" | "veth" | "bridge" | "vxlan",
    readonly mac: Mac,
    public mtu: number,
  ) {}

  /** Where its ARP requests are heard. */
  get domain(): BroadcastDomain | undefined {
    return this.segment?.domain ?? this.peer?.master?.domain;
  }

  /** The address that packets leave with when nothing better is known. */
  get primary(): Address | undefined {
    return this.addresses[0]?.address;
  }

  get primaryText(): string {
    return this.primary === undefined ? "" : formatIp(this.primary);
  }
}

/** The cable or switch between cards. A frame takes as long as `latencyUs` says; frames between two cards keep their order. */
export interface Segment {
  readonly name: string;
  readonly domain: BroadcastDomain;
  latencyUs(from: NetDevice, to: NetDevice): number;
}

const FDB_AGEING_US = 300_000_000;

/** A learning bridge, which is also an interface of its namespace. */
export class BridgeDevice extends NetDevice {
  readonly ports: NetDevice[] = [];
  private readonly own = new BroadcastDomain();
  private readonly fdb = new Map<Mac, { port: NetDevice; seenUs: number }>();

  constructor(stack: NetStack, name: string, index: number, mac: Mac, mtu: number) {
    super(stack, name, index, "bridge", mac, mtu);
    this.own.join(this);
  }

  override get domain(): BroadcastDomain {
    return this.own;
  }

  addPort(port: NetDevice): void {
    port.master = this;
    this.ports.push(port);
    if (port.peer !== undefined) this.own.join(port.peer);
  }

  removePort(port: NetDevice): void {
    const at = this.ports.indexOf(port);
    if (at >= 0) this.ports.splice(at, 1);
    port.master = undefined;
    if (port.peer !== undefined) this.own.leave(port.peer);
    for (const [mac, entry] of this.fdb) if (entry.port === port) this.fdb.delete(mac);
  }

  learn(mac: Mac, port: NetDevice, atUs: number): void {
    const known = this.fdb.get(mac);
    if (known !== undefined && known.port === port) known.seenUs = atUs;
    else this.fdb.set(mac, { port, seenUs: atUs });
  }

  /** The port behind which the address was seen within the ageing time. */
  portOf(mac: Mac, atUs: number): NetDevice | undefined {
    const known = this.fdb.get(mac);
    return known !== undefined && atUs - known.seenUs <= FDB_AGEING_US ? known.port : undefined;
  }

  learned(atUs: number): { readonly mac: Mac; readonly port: NetDevice }[] {
    return [...this.fdb].filter(([, entry]) => atUs - entry.seenUs <= FDB_AGEING_US).map(([mac, { port }]) => ({ mac, port }));
  }
}

/** Where a VXLAN device sends frames for a MAC, and which MAC an overlay address has. Set by flannel for all peers at once. */
export interface OverlayPeers {
  remoteOf(mac: Mac): Address | undefined;
  macOf(address: Address): Mac | undefined;
  list(): readonly { readonly vtep: Address; readonly mac: Mac; readonly remote: Address }[];
}

const NO_PEERS: OverlayPeers = { remoteOf: () => undefined, macOf: () => undefined, list: () => [] };

/** A VXLAN tunnel end point with learning off: its forwarding and neighbour entries are permanent and come from outside. */
export class VxlanDevice extends NetDevice {
  peers: OverlayPeers = NO_PEERS;

  constructor(
    stack: NetStack,
    name: string,
    index: number,
    mac: Mac,
    mtu: number,
    readonly vni: number,
    readonly local: Address,
    readonly underlay: NetDevice,
  ) {
    super(stack, name, index, "vxlan", mac, mtu);
  }
}
