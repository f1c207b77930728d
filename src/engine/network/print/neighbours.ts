import { formatIp } from "../addresses/ip.ts";
import { formatMac } from "../addresses/mac.ts";
import { BridgeDevice, VxlanDevice } from "../links/device.ts";
import { neighbourState } from "../links/neighbour-table.ts";
import type { NetStack } from "../links/net-stack.ts";

/** `ip neigh`. Source: iproute2 6.1, ip/ipneigh.c, as recorded. */
export function ipNeigh(stack: NetStack, nowUs: number): string {
  const rows: string[] = [];
  for (const entry of stack.neighbours.list()) {
    const state = neighbourState(entry, nowUs);
    rows.push(`${formatIp(entry.address)} dev ${entry.device.name} ${state === "FAILED" ? "" : `lladdr ${formatMac(entry.mac)} `}${state}`);
  }
  for (const device of stack.devices) {
    if (!(device instanceof VxlanDevice)) continue;
    for (const peer of device.peers.list()) rows.push(`${formatIp(peer.vtep)} dev ${device.name} lladdr ${formatMac(peer.mac)} PERMANENT`);
  }
  return rows.map((row) => `${row}\n`).join("");
}

/** `bridge fdb show`: learned addresses of bridges, permanent ones of tunnels. Differs: the permanent entries of multicast groups and own addresses are left out. */
export function bridgeFdb(stack: NetStack, nowUs: number): string {
  const rows: string[] = [];
  for (const device of stack.devices) {
    if (device instanceof VxlanDevice) for (const peer of device.peers.list()) rows.push(`${formatMac(peer.mac)} dev ${device.name} dst ${formatIp(peer.remote)} self permanent`);
    if (device instanceof BridgeDevice) for (const { mac, port } of device.learned(nowUs)) rows.push(`${formatMac(mac)} dev ${port.name} master ${device.name}`);
  }
  return rows.map((row) => `${row}\n`).join("");
}
