import { usOf } from "../../kernel/time.ts";
import type { NetStack } from "../links/net-stack.ts";
import type { OwnerObject } from "../trace/packet-hop.ts";
import type { HeaderSnapshot, HopDetail } from "../trace/walk.ts";
import type { Packet } from "./packet.ts";

/** The header before a step, or undefined when nobody traces this packet. */
export const beforeStep = (packet: Packet): HeaderSnapshot | undefined => (packet.walk === undefined ? undefined : packet.snapshot());

/** Notes one step of a traced packet. A detail that needs texts is a function over values that do not change: texts cost time, and few are read. */
export function addHop(packet: Packet, stack: NetStack, device: string, before: HeaderSnapshot | undefined, detail: HopDetail | (() => HopDetail)): void {
  const after = packet.snapshot();
  packet.walk?.add({ atUs: usOf(packet.atUs), node: stack.nodeName, netns: stack.label, device, before: before ?? after, after, detail });
}

/** The packet is lost here. */
export function dropPacket(packet: Packet, stack: NetStack, device: string, reason: string, owner?: OwnerObject): void {
  if (packet.walk === undefined) return;
  addHop(packet, stack, device, undefined, owner === undefined ? { type: "drop", reason } : { type: "drop", reason, owner });
  packet.walk.finish("dropped", reason);
}

/** The packet is turned away here, and its sender is told. */
export function refusePacket(packet: Packet, stack: NetStack, device: string, reason: string, owner?: OwnerObject): void {
  if (packet.walk === undefined) return;
  addHop(packet, stack, device, undefined, owner === undefined ? { type: "refuse", reason } : { type: "refuse", reason, owner });
  packet.walk.finish("refused", reason);
}
