import type { Address } from "../addresses/ip.ts";
import type { Mac } from "../addresses/mac.ts";
import type { NetDevice } from "./device.ts";

export type NeighbourState = "PERMANENT" | "REACHABLE" | "STALE" | "DELAY" | "FAILED";

export interface Neighbour {
  readonly address: Address;
  readonly device: NetDevice;
  mac: Mac;
  /** When it last proved to be there. */
  confirmedUs: number;
  /** When it was used after it had gone stale; the kernel asks again five seconds later. */
  delayedUs: number | undefined;
  failed: boolean;
  permanent: boolean;
}

/** Source: net/core/neighbour.c. The kernel draws 15–45 s for each device; 30 s is the mean. Differs: always 30 s. */
const REACHABLE_US = 30_000_000;
export const DELAY_US = 5_000_000;

/** What a namespace knows of its neighbours' MAC addresses. */
export class NeighbourTable {
  private entries: Map<Address, Neighbour> | undefined = undefined;

  get(address: Address, device: NetDevice): Neighbour | undefined {
    const entry = this.entries?.get(address);
    return entry?.device === device ? entry : undefined;
  }

  /** An ARP packet told us. */
  learn(address: Address, device: NetDevice, mac: Mac, atUs: number): Neighbour {
    const known = this.get(address, device);
    if (known !== undefined) {
      if (!known.permanent) known.mac = mac;
      known.confirmedUs = atUs;
      known.delayedUs = undefined;
      known.failed = false;
      return known;
    }
    const entry: Neighbour = { address, device, mac, confirmedUs: atUs, delayedUs: undefined, failed: false, permanent: false };
    this.entries ??= new Map();
    this.entries.set(address, entry);
    return entry;
  }

  fail(address: Address, device: NetDevice, atUs: number): void {
    this.learn(address, device, 0, atUs).failed = true;
  }

  forgetDevice(device: NetDevice): void {
    for (const [address, entry] of this.entries ?? []) if (entry.device === device) this.entries?.delete(address);
  }

  /** In the order in which they were learned. */
  list(): readonly Neighbour[] {
    return [...(this.entries?.values() ?? [])];
  }
}

export function neighbourState(entry: Neighbour, nowUs: number): NeighbourState {
  if (entry.permanent) return "PERMANENT";
  if (entry.failed) return "FAILED";
  if (nowUs - entry.confirmedUs <= REACHABLE_US) return "REACHABLE";
  return entry.delayedUs !== undefined && nowUs - entry.delayedUs <= DELAY_US ? "DELAY" : "STALE";
}
