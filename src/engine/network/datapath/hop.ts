import type { NetStack } from "../links/net-stack.ts";
import type { OwnerObject } from "../trace/packet-hop.ts";
import type { DetailMaker, HeaderSnapshot } from "../trace/walk.ts";
import type { Packet } from "./packet.ts";

/** The header before a step, or undefined when nobody traces this packet. */
export const beforeStep = (packet: Packet): HeaderSnapshot | undefined => (packet.walk === undefined ? undefined : packet.snapshot());

/** Notes one step of a packet, if it is traced. `make` gets the three values when somebody reads the walk: they must not change until then. */
export function addHop<A, B, C>(packet: Packet, stack: NetStack, device: string, before: HeaderSnapshot | undefined, make: DetailMaker<A, B, C>, a: A, b: B, c: C): void {
  if (packet.walk === undefined) return;
  const after = packet.snapshot();
  packet.walk.note(packet.atUs, stack, device, before ?? after, after, make, a, b, c);
}

const dropDetail: DetailMaker<string, OwnerObject | undefined, undefined> = (reason, owner) => (owner === undefined ? { type: "drop", reason } : { type: "drop", reason, owner });
const refuseDetail: DetailMaker<string, OwnerObject | undefined, undefined> = (reason, owner) => (owner === undefined ? { type: "refuse", reason } : { type: "refuse", reason, owner });

/** The packet is lost here. */
export function dropPacket(packet: Packet, stack: NetStack, device: string, reason: string, owner?: OwnerObject): void {
  if (packet.walk === undefined) return;
  addHop(packet, stack, device, undefined, dropDetail, reason, owner, undefined);
  packet.walk.finish("dropped", reason);
}

/** The packet is turned away here, and its sender is told. */
export function refusePacket(packet: Packet, stack: NetStack, device: string, reason: string, owner?: OwnerObject): void {
  if (packet.walk === undefined) return;
  addHop(packet, stack, device, undefined, refuseDetail, reason, owner, undefined);
  packet.walk.finish("refused", reason);
}
