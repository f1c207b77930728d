import { err, ok, type Result } from "../../kernel/result.ts";
import { type Address, type Cidr, formatCidr, formatIp } from "../addresses/ip.ts";
import type { CniError } from "../contracts.ts";

const MAX_LENGTH = 30; // smaller subnets have no room for a gateway and a pod

/**
 * Address allocation of one node: one subnet, round robin, remembered by container.
 * Source: plugins/ipam/host-local/backend/allocator/{allocator,range}.go in containernetworking/plugins.
 */
export class HostLocal {
  readonly gateway: Address;
  private readonly first: Address;
  private readonly last: Address;
  private lastReserved: Address | undefined = undefined;
  private readonly byAddress = new Map<Address, string>();
  private readonly byContainer = new Map<string, Address>();

  constructor(readonly subnet: Cidr) {
    this.gateway = subnet.network + 1;
    this.first = subnet.network + 1;
    this.last = subnet.network + 2 ** (32 - subnet.length) - 2;
  }

  /** The next free address after the one given last. */
  allocate(containerId: string): Result<Address, CniError> {
    if (this.subnet.length > MAX_LENGTH) return err(failure(`Network ${formatCidr(this.subnet)} too small to allocate from`));
    const held = this.byContainer.get(containerId);
    if (held !== undefined) return err(failure(`${formatIp(held)} has been allocated to ${containerId}, duplicate allocation is not allowed`));
    const start = this.after(this.lastReserved ?? this.last);
    let address = start;
    do {
      if (address !== this.gateway && !this.byAddress.has(address)) {
        this.byAddress.set(address, containerId);
        this.byContainer.set(containerId, address);
        this.lastReserved = address;
        return ok(address);
      }
      address = this.after(address);
    } while (address !== start);
    return err(failure(`no IP addresses available in range set: ${formatIp(this.first)}-${formatIp(this.last)}`));
  }

  /** Nothing happens when the container holds none. */
  release(containerId: string): void {
    const address = this.byContainer.get(containerId);
    if (address === undefined) return;
    this.byContainer.delete(containerId);
    this.byAddress.delete(address);
  }

  /** Files of /var/lib/cni/networks/<network>, by name. */
  files(): ReadonlyMap<string, string> {
    const files = new Map<string, string>();
    for (const [address, containerId] of [...this.byAddress].sort(([a], [b]) => a - b)) files.set(formatIp(address), `${containerId}\r\neth0`);
    if (this.lastReserved !== undefined) files.set("last_reserved_ip.0", formatIp(this.lastReserved));
    return files;
  }

  private after(address: Address): Address {
    return address >= this.last ? this.first : address + 1;
  }
}

/** Plugins' own errors. Source: pkg/types in containernetworking/cni: 999 wraps what a plugin returns without a code of its own. */
const failure = (msg: string): CniError => ({ code: 999, msg });
