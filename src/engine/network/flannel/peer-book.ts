import { type Address, type Cidr, contains, formatCidr, networkOf } from "../addresses/ip.ts";
import type { Mac } from "../addresses/mac.ts";
import type { NetDevice, OverlayPeers, VxlanDevice } from "../links/device.ts";
import type { Route, RouteBlock } from "../links/route-table.ts";

/** What flannel knows of one node: its lease. */
export interface Peer {
  readonly nodeName: string;
  readonly subnet: Cidr;
  readonly vtepMac: Mac;
  readonly publicIp: Address;
}

interface Version {
  /** Holds for agents that have seen the cluster up to here … */
  readonly from: number;
  readonly peer: Peer | undefined;
}

/**
 * The peers of all flannel agents of a cluster, kept once. Each agent sees it as of the revision of the Nodes that its own watch has delivered:
 * 5,000 agents with 5,000 peers each would otherwise be 25 million routes. What an agent's kernel prints and routes by is the same as if it kept its own.
 */
export class PeerBook {
  private readonly versions = new Map<string, Version[]>();
  /** Latest revision of each node that anybody has heard of. */
  private readonly heard = new Map<string, number>();
  private readonly bySubnet = new Map<Address, Set<string>>();
  private readonly byMac = new Map<Mac, string>();
  /** Prefix lengths in use: one, as a rule. */
  private readonly lengths = new Set<number>();

  /** An agent has heard of a node; the first to hear reads it and writes it down. `revision` rises with the cluster's writes. */
  record(nodeName: string, revision: number, read: () => Peer | undefined): void {
    if (revision <= (this.heard.get(nodeName) ?? -1)) return;
    this.heard.set(nodeName, revision);
    const peer = read();
    const versions = this.versions.get(nodeName) ?? [];
    const last = versions.at(-1);
    if (last !== undefined && samePeer(last.peer, peer)) return;
    if (last === undefined && peer === undefined) return;
    versions.push({ from: revision, peer });
    this.versions.set(nodeName, versions);
    if (peer === undefined) return;
    this.lengths.add(peer.subnet.length);
    this.byMac.set(peer.vtepMac, nodeName);
    const names = this.bySubnet.get(peer.subnet.network);
    if (names === undefined) this.bySubnet.set(peer.subnet.network, new Set([nodeName]));
    else names.add(nodeName);
  }

  at(nodeName: string, revision: number): Peer | undefined {
    return this.versions.get(nodeName)?.findLast((version) => version.from <= revision)?.peer;
  }

  byAddress(address: Address, revision: number): Peer | undefined {
    for (const length of this.lengths) {
      for (const name of this.bySubnet.get(networkOf(address, length)) ?? []) {
        const peer = this.at(name, revision);
        if (peer !== undefined && contains(peer.subnet, address)) return peer;
      }
    }
    return undefined;
  }

  byVtepMac(mac: Mac, revision: number): Peer | undefined {
    const name = this.byMac.get(mac);
    return name === undefined ? undefined : this.at(name, revision);
  }

  all(revision: number): Peer[] {
    return [...this.versions.keys()].map((name) => this.at(name, revision)).filter((peer) => peer !== undefined).sort((a, b) => a.subnet.network - b.subnet.network);
  }
}

const samePeer = (a: Peer | undefined, b: Peer | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a.vtepMac === b.vtepMac && a.publicIp === b.publicIp && formatCidr(a.subnet) === formatCidr(b.subnet));

/** The overlay as one node has set it up: routes, neighbours and forwarding entries for all others. */
export class OverlayView implements OverlayPeers, RouteBlock {
  revision = 0;
  private readonly routes = new Map<Address, Route>();

  constructor(
    private readonly book: PeerBook,
    private readonly self: string,
    private readonly device: VxlanDevice | NetDevice,
  ) {}

  remoteOf(mac: Mac): Address | undefined {
    return this.other(this.book.byVtepMac(mac, this.revision))?.publicIp;
  }

  /** flannel gives each VTEP the first address of its subnet: 10.42.2.0. */
  macOf(address: Address): Mac | undefined {
    const peer = this.other(this.book.byAddress(address, this.revision));
    return peer?.subnet.network === address ? peer.vtepMac : undefined;
  }

  lookup(destination: Address): Route | undefined {
    const peer = this.other(this.book.byAddress(destination, this.revision));
    return peer === undefined ? undefined : this.routeTo(peer);
  }

  list(): (Route & { readonly vtep: Address; readonly mac: Mac; readonly remote: Address })[] {
    return this.book.all(this.revision).filter((peer) => peer.nodeName !== this.self).map((peer) => ({ ...this.routeTo(peer), vtep: peer.subnet.network, mac: peer.vtepMac, remote: peer.publicIp }));
  }

  private other(peer: Peer | undefined): Peer | undefined {
    return peer?.nodeName === this.self ? undefined : peer;
  }

  private routeTo(peer: Peer): Route {
    const { network, length } = peer.subnet;
    let route = this.routes.get(network);
    if (route === undefined) {
      route = { network, length, type: "unicast", device: this.device, via: network, scope: "global", protocol: "boot", src: undefined, onlink: true };
      this.routes.set(network, route);
    }
    return route;
  }
}
