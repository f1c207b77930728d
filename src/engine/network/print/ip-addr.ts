import { formatIp } from "../addresses/ip.ts";
import { formatMac } from "../addresses/mac.ts";
import type { NetDevice } from "../links/device.ts";
import type { NetStack } from "../links/net-stack.ts";

/** `ip addr`. Source: iproute2 6.1, ip/ipaddress.c, as recorded. */
export const ipAddr = (stack: NetStack, only?: string): string => stack.devices.filter((device) => only === undefined || device.name === only).map(deviceText).join("");

function deviceText(device: NetDevice): string {
  const isLoopback = device.kind === "loopback";
  const flags = isLoopback ? "LOOPBACK,UP,LOWER_UP" : device.up ? "BROADCAST,MULTICAST,UP,LOWER_UP" : "BROADCAST,MULTICAST";
  const state = isLoopback || device.kind === "vxlan" ? "UNKNOWN" : device.up ? "UP" : "DOWN";
  const peer = device.kind === "veth" ? `@if${device.peer?.index ?? 0}` : "";
  const master = device.master === undefined ? "" : ` master ${device.master.name}`;
  const qdisc = device.kind === "ethernet" ? "fq_codel" : "noqueue";
  const link = isLoopback ? "link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00" : `link/ether ${formatMac(device.mac)} brd ff:ff:ff:ff:ff:ff`;
  const netns = device.kind === "veth" ? ` link-netnsid ${linkNetnsId(device)}` : "";
  const lines = [`${device.index}: ${device.name}${peer}: <${flags}> mtu ${device.mtu} qdisc ${qdisc}${master} state ${state} group default qlen 1000`, `    ${link}${netns}`];
  for (const { address, length, scope } of device.addresses) {
    const broadcast = device.kind === "loopback" || device.kind === "vxlan" || length === 32 ? "" : ` brd ${formatIp((address | (2 ** (32 - length) - 1)) >>> 0)}`;
    lines.push(`    inet ${formatIp(address)}/${length}${broadcast} scope ${scope} ${device.name}`, "       valid_lft forever preferred_lft forever");
  }
  return lines.map((line) => `${line}\n`).join("");
}

/** The number under which this namespace knows the other end's; a pod knows only its machine. */
function linkNetnsId(device: NetDevice): number {
  const veths = device.stack.devices.filter((other) => other.kind === "veth");
  return Math.max(0, veths.indexOf(device));
}
