import { usOf } from "../../kernel/time.ts";
import type { NetStack } from "../links/net-stack.ts";
import type { OwnerObject, PacketHeader, PacketHop } from "../trace/packet-hop.ts";
import type { Packet } from "./packet.ts";

type Place = "atUs" | "node" | "netns" | "device" | "before" | "after";
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** What is particular to a hop's type. */
export type HopDetail = Without<PacketHop, Place>;

/** The header before a step, or undefined when nobody traces this packet. */
export const beforeStep = (packet: Packet): PacketHeader | undefined => (packet.walk === undefined ? undefined : packet.snapshot());

/** Writes one step of a traced packet. Callers make the detail only after asking `packet.walk`: texts cost time. */
export function addHop(packet: Packet, stack: NetStack, device: string, before: PacketHeader | undefined, detail: HopDetail): void {
  packet.walk?.add({ atUs: usOf(packet.atUs), node: stack.nodeName, netns: stack.label, device, before: before ?? packet.snapshot(), after: packet.snapshot(), ...detail } as PacketHop);
}

/** The packet is lost here. */
export function dropPacket(packet: Packet, stack: NetStack, device: string, reason: string, owner?: OwnerObject): void {
  if (packet.walk === undefined) return;
  addHop(packet, stack, device, undefined, owner === undefined ? { type: "drop", reason } : { type: "drop", reason, owner });
  packet.walk.finish("dropped");
}

/** The packet is turned away here, and its sender is told. */
export function refusePacket(packet: Packet, stack: NetStack, device: string, reason: string, owner?: OwnerObject): void {
  if (packet.walk === undefined) return;
  addHop(packet, stack, device, undefined, owner === undefined ? { type: "refuse", reason } : { type: "refuse", reason, owner });
  packet.walk.finish("refused");
}
