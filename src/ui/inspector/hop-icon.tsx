import { ArrowLeftRight, Ban, Boxes, Cable, CircleHelp, DoorOpen, type LucideIcon, PackageOpen, PackagePlus, Route, ScrollText, Shield, Spline, Split, Unplug } from "lucide-react";
import type { PacketHop } from "../../engine/network/trace/packet-hop.ts";

const ICONS = {
  socket: DoorOpen, route: Route, netfilter: ScrollText, conntrack: ArrowLeftRight, arp: CircleHelp, bridge: Boxes, veth: Spline, encapsulate: PackagePlus, decapsulate: PackageOpen,
  wire: Cable, policy: Shield, ingress: Split, refuse: Unplug, drop: Ban,
} satisfies { [T in PacketHop["type"]]: LucideIcon };

/** One icon per type of hop; a type without one does not compile. */
export function HopIcon({ type }: { readonly type: PacketHop["type"] }) {
  const Icon = ICONS[type];
  return <Icon size={14} aria-hidden />;
}
