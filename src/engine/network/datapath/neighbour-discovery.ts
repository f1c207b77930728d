import { formatIp, type Address } from "../addresses/ip.ts";
import { formatMac, type Mac } from "../addresses/mac.ts";
import { type NetDevice, VxlanDevice } from "../links/device.ts";
import { DELAY_US, neighbourState } from "../links/neighbour-table.ts";
import type { NetStack } from "../links/net-stack.ts";
import { BRIDGE_US, VETH_US } from "./latency.ts";
import { pairKey, type NetWorld } from "./world.ts";

/** Defaults of retrans_time and mcast_solicit. Source: net/ipv4/arp.c, arp_tbl. */
export const ASK_EVERY_US = 1_000_000;
export const ASK_TIMES = 3;

export interface FoundNeighbour {
  /** Undefined when nobody answers. */
  readonly mac: Mac | undefined;
  readonly cached: boolean;
  /** "REACHABLE", "PERMANENT"; "" after asking. */
  readonly state: string;
  readonly tookUs: number;
}

export const NOBODY: FoundNeighbour = { mac: undefined, cached: false, state: "", tookUs: 0 };

/** "10.42.1.1 is at b2:24:6a:9d:2d:b2 REACHABLE". */
export function answerText(nextHop: Address, found: FoundNeighbour): string {
  if (found.mac === undefined) return "nobody answers";
  return `${formatIp(nextHop)} is at ${formatMac(found.mac)}${found.state === "" ? "" : ` ${found.state}`}`;
}

/**
 * The MAC address of the next hop: from the neighbour table, or by asking on the link. Asking teaches both ends, and the bridge in between.
 * Source: net/ipv4/arp.c. Differs: the exchange is one step with its time; request and reply are not packets of their own.
 */
export function findNeighbour(world: NetWorld, stack: NetStack, device: NetDevice, nextHop: Address, atUs: number): FoundNeighbour {
  if (device instanceof VxlanDevice) {
    const mac = device.peers.macOf(nextHop);
    return mac === undefined ? NOBODY : { mac, cached: true, state: "PERMANENT", tookUs: 0 };
  }
  const known = stack.neighbours.get(nextHop, device);
  if (known !== undefined && !known.failed) {
    const state = neighbourState(known, atUs);
    const isDue = state === "STALE" && known.delayedUs !== undefined && atUs - known.delayedUs > DELAY_US;
    if (state === "STALE" && known.delayedUs === undefined) known.delayedUs = atUs;
    if (!isDue) return { mac: known.mac, cached: true, state: neighbourState(known, atUs), tookUs: 0 };
  }
  return ask(world, stack, device, nextHop, atUs);
}

function ask(world: NetWorld, stack: NetStack, device: NetDevice, nextHop: Address, atUs: number): FoundNeighbour {
  const target = device.domain?.whoHas(nextHop);
  if (target === undefined || !isReachable(world, device, target)) return NOBODY;
  stack.neighbours.learn(nextHop, device, target.mac, atUs);
  const own = device.primary;
  if (own !== undefined) target.stack.neighbours.learn(own, target, device.mac, atUs);
  teachBridge(device, target, atUs);
  return { mac: target.mac, cached: false, state: "", tookUs: 2 * oneWayUs(device, target) };
}

function isReachable(world: NetWorld, device: NetDevice, target: NetDevice): boolean {
  if (!target.up || !target.stack.alive) return false;
  return device.segment === undefined || !world.partitions.has(pairKey(device.stack.nodeName, target.stack.nodeName));
}

/** A bridge learns where both ends are from the frames of the exchange. */
function teachBridge(device: NetDevice, target: NetDevice, atUs: number): void {
  for (const end of [device, target]) end.peer?.master?.learn(end.mac, end.peer, atUs);
}

const oneWayUs = (device: NetDevice, target: NetDevice): number => device.segment?.latencyUs(device, target) ?? VETH_US + BRIDGE_US;
