import { type Address, formatIp, networkOf } from "../addresses/ip.ts";
import type { NetDevice } from "./device.ts";

/** One row of a routing table. */
export interface Route {
  readonly network: Address;
  readonly length: number;
  readonly type: "unicast" | "blackhole";
  readonly device: NetDevice | undefined;
  /** The next router; undefined when the destination is on the link. */
  readonly via: Address | undefined;
  readonly scope: "global" | "link";
  readonly protocol: "boot" | "kernel" | "static";
  /** Preferred source address. */
  readonly src: Address | undefined;
  /** The next router is on the link, even where no address of the device says so. */
  readonly onlink: boolean;
}

/** Many routes that somebody keeps for us, for example one per node of the cluster. */
export interface RouteBlock {
  /** The longest matching route of the block. */
  lookup(destination: Address): Route | undefined;
  list(): readonly Route[];
}

/** The main routing table of a namespace. Longest prefix wins. Small for pods: there may be 150,000 of them. */
export class RouteTable {
  /** Networks, longest prefix first. */
  private readonly networks: Route[] = [];
  /** Single addresses, of which there may be many. */
  private hosts: Map<Address, Route> | undefined = undefined;
  private blocks: RouteBlock[] | undefined = undefined;

  add(route: Partial<Route> & Pick<Route, "network" | "length">): void {
    const full: Route = { type: "unicast", device: undefined, via: undefined, scope: route.via === undefined ? "link" : "global", protocol: "boot", src: undefined, onlink: false, ...route };
    this.remove(full.network, full.length);
    if (full.length === 32) {
      this.hosts ??= new Map();
      this.hosts.set(full.network, full);
      return;
    }
    const at = this.networks.findIndex((other) => other.length < full.length);
    this.networks.splice(at < 0 ? this.networks.length : at, 0, full);
  }

  remove(network: Address, length: number): boolean {
    if (length === 32) return this.hosts?.delete(network) ?? false;
    const at = this.networks.findIndex((route) => route.network === network && route.length === length);
    if (at >= 0) this.networks.splice(at, 1);
    return at >= 0;
  }

  removeDevice(device: NetDevice): void {
    for (const route of this.own()) if (route.device === device) this.remove(route.network, route.length);
  }

  attach(block: RouteBlock): void {
    this.blocks ??= [];
    if (!this.blocks.includes(block)) this.blocks.push(block);
  }

  detach(block: RouteBlock): void {
    this.blocks = this.blocks?.filter((other) => other !== block);
  }

  lookup(destination: Address): Route | undefined {
    let best = this.hosts?.get(destination);
    if (best !== undefined) return best;
    for (const route of this.networks) {
      if (networkOf(destination, route.length) !== route.network) continue;
      best = route;
      break;
    }
    if (this.blocks !== undefined) {
      for (const block of this.blocks) {
        const found = block.lookup(destination);
        if (found !== undefined && (best === undefined || found.length > best.length)) best = found;
      }
    }
    return best;
  }

  /** As `ip route` lists them: the default first, then by network. */
  list(): readonly Route[] {
    const all = this.own();
    for (const block of this.blocks ?? []) all.push(...block.list());
    return all.sort((a, b) => (a.length === 0 ? -1 : b.length === 0 ? 1 : a.network - b.network || a.length - b.length));
  }

  private own(): Route[] {
    return [...this.networks, ...(this.hosts?.values() ?? [])];
  }
}

/** One line of `ip route`. */
export function routeText(route: Route): string {
  const to = route.length === 0 ? "default" : route.length === 32 ? formatIp(route.network) : `${formatIp(route.network)}/${route.length}`;
  const parts = [route.type === "blackhole" ? `blackhole ${to}` : to];
  if (route.via !== undefined) parts.push(`via ${formatIp(route.via)}`);
  if (route.device !== undefined) parts.push(`dev ${route.device.name}`);
  if (route.protocol !== "boot") parts.push(`proto ${route.protocol}`);
  if (route.scope === "link" && route.type === "unicast") parts.push("scope link");
  if (route.src !== undefined) parts.push(`src ${formatIp(route.src)}`);
  if (route.onlink) parts.push("onlink");
  return parts.join(" ");
}
