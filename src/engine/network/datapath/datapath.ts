import type { SocketErrorCode } from "../contracts.ts";
import { type Address, formatCidr, formatIp, isLoopback } from "../addresses/ip.ts";
import { CT_RELATED } from "../conntrack/track.ts";
import { BridgeDevice, type NetDevice, VxlanDevice } from "../links/device.ts";
import type { NetStack, RouteDecision } from "../links/net-stack.ts";
import type { HookName } from "../netfilter/rule.ts";
import { addHop, beforeStep, dropPacket, refusePacket } from "./hop.ts";
import type { HookDevices } from "./hooks.ts";
import { BRIDGE_US, LOOPBACK_US, SOCKET_US, STACK_US, VETH_US, VXLAN_US } from "./latency.ts";
import { arpDetail, bridgeDetail, decapsulateDetail, encapsulateDetail, localDetail, routeDetail, vethDetail, wireDetail } from "./hop-details.ts";
import { ASK_EVERY_US, ASK_TIMES, findNeighbour, NOBODY } from "./neighbour-discovery.ts";
import {
  HOST_UNREACHABLE, ICMP, icmpErrorPacket, isIcmpError, NET_UNREACHABLE, type Packet, PORT_UNREACHABLE, TIME_EXCEEDED, UDP, udpPacket, UNREACHABLE, VXLAN_PORT,
} from "./packet.ts";
import { pairKey, type NetWorld } from "./world.ts";

const VXLAN_OVERHEAD = 50; // inner Ethernet 14, VXLAN 8, UDP 8, outer IPv4 20
const FIRST_SOURCE_PORT = 32_768; // of VXLAN's outer header: a hash of the inner flow within the ephemeral range
const SOURCE_PORTS = 28_232;

/**
 * Moves packets: through the stack of a namespace, over veth pairs and bridges, into and out of VXLAN, across the wire.
 * Inside one machine a packet is walked at once, its own time running ahead; the wire and the delivery to a socket are events of the clock.
 * Source: net/ipv4/{ip_input,ip_output,ip_forward}.c, net/bridge/{br_input,br_forward,br_netfilter_hooks}.c, drivers/net/{veth,vxlan}.c.
 */
export class Datapath {
  /** Packets that wait for the MAC address of their next hop. */
  private readonly unresolved = new Map<NetDevice, Map<Address, Packet[]>>();

  constructor(private readonly world: NetWorld) {}

  /** A packet made by this namespace. The error is what the system call says at once. */
  output(stack: NetStack, packet: Packet): SocketErrorCode | undefined {
    if (!stack.alive) {
      dropPacket(packet, stack, "lo", "the network namespace is gone");
      return "ENETUNREACH";
    }
    const decision = stack.route(packet.dst);
    if (decision === undefined || decision.route.type === "blackhole") {
      dropPacket(packet, stack, "lo", `no route to ${formatIp(packet.dst)}`);
      return "ENETUNREACH";
    }
    this.traceRoute(packet, stack, decision);
    packet.atUs += STACK_US;
    const chosen = stack.hooks === undefined ? decision : this.outputHook(stack, packet, decision);
    if (chosen !== undefined) this.postrouting(stack, packet, { out: chosen.device }, chosen);
    return undefined;
  }

  /** Tells the sender of a packet that it cannot go on. Errors are never about errors. */
  icmpError(stack: NetStack, about: Packet, type: number, code: number): void {
    if (isIcmpError(about) || stack.silent) return;
    const back = stack.route(about.src);
    if (back === undefined || back.route.type === "blackhole") return;
    const packet = icmpErrorPacket(back.local ? about.src : back.src, about, type, code);
    packet.atUs = about.atUs;
    packet.entry = about.entry;
    packet.isReply = !about.isReply;
    packet.ctState = about.entry === undefined ? 0 : CT_RELATED;
    packet.walk = about.walk?.trace.begin("icmp-error", `ICMP ${type === TIME_EXCEEDED ? "time exceeded" : "destination unreachable"} → ${formatIp(about.src)}`);
    this.output(stack, packet);
  }

  private outputHook(stack: NetStack, packet: Packet, decision: RouteDecision): RouteDecision | undefined {
    const { dst, mark } = packet;
    if (this.isStopped(stack, "OUTPUT", packet, { out: decision.device })) return undefined;
    if (packet.dst === dst && packet.mark === mark) return decision;
    const rerouted = stack.route(packet.dst); // ip_route_me_harder: takes effect after the filter table has seen the old way out
    if (rerouted === undefined || rerouted.route.type === "blackhole") {
      dropPacket(packet, stack, decision.device.name, `no route to ${formatIp(packet.dst)}`);
      return undefined;
    }
    this.traceRoute(packet, stack, rerouted);
    return rerouted;
  }

  private postrouting(stack: NetStack, packet: Packet, devices: HookDevices, decision: RouteDecision): void {
    if (this.isStopped(stack, "POSTROUTING", packet, devices)) return;
    this.transmit(stack, packet, decision);
  }

  private transmit(stack: NetStack, packet: Packet, decision: RouteDecision): void {
    const { device, nextHop } = decision;
    if (device.kind === "loopback") {
      packet.atUs += LOOPBACK_US;
      this.receiveIp(stack, device, packet, undefined, false);
      return;
    }
    const before = beforeStep(packet);
    const found = findNeighbour(this.world, stack, device, nextHop, packet.atUs);
    if (found.mac === undefined) {
      this.waitForNeighbour(stack, decision, packet);
      return;
    }
    packet.atUs += found.tookUs;
    packet.ethSrc = device.mac;
    packet.ethDst = found.mac;
    if (before !== undefined) {
      packet.changed();
      addHop(packet, stack, device.name, before, arpDetail, nextHop, device.primary, found);
    }
    this.sendFrame(device, packet);
  }

  /**
   * Nobody answers for the next hop yet. Packets wait while the kernel asks three times, a second apart; then their senders are told.
   * Source: net/core/neighbour.c, neigh_timer_handler.
   */
  private waitForNeighbour(stack: NetStack, decision: RouteDecision, packet: Packet): void {
    const { device, nextHop } = decision;
    const waiting = this.unresolved.get(device)?.get(nextHop);
    if (waiting !== undefined) {
      waiting.push(packet);
      return;
    }
    const packets = [packet];
    const byHop = this.unresolved.get(device) ?? new Map<Address, Packet[]>();
    this.unresolved.set(device, byHop.set(nextHop, packets));
    this.askAgain(stack, decision, packets, 1);
  }

  private askAgain(stack: NetStack, decision: RouteDecision, packets: readonly Packet[], asked: number): void {
    const { clock } = this.world;
    const { device, nextHop } = decision;
    clock.after(ASK_EVERY_US, `no answer to ARP for ${formatIp(nextHop)}`, () => {
      const found = stack.alive ? findNeighbour(this.world, stack, device, nextHop, clock.now()) : undefined;
      if (found?.mac === undefined && asked < ASK_TIMES && stack.alive) {
        this.askAgain(stack, decision, packets, asked + 1);
        return;
      }
      this.unresolved.get(device)?.delete(nextHop);
      for (const packet of packets) {
        packet.atUs = clock.now();
        if (found?.mac === undefined) this.giveUp(stack, decision, packet);
        else this.transmit(stack, packet, decision);
        packet.walk?.trace.settle();
      }
    });
  }

  private giveUp(stack: NetStack, { device, nextHop }: RouteDecision, packet: Packet): void {
    stack.neighbours.fail(nextHop, device, packet.atUs);
    addHop(packet, stack, device.name, undefined, arpDetail, nextHop, device.primary, NOBODY);
    dropPacket(packet, stack, device.name, `no answer to ARP for ${formatIp(nextHop)}`);
    this.icmpError(stack, packet, UNREACHABLE, HOST_UNREACHABLE);
  }

  /** A frame with its addresses set leaves through an interface. */
  private sendFrame(device: NetDevice, packet: Packet): void {
    if (!device.up) {
      dropPacket(packet, device.stack, device.name, `${device.name} is down`);
      return;
    }
    if (device instanceof BridgeDevice) this.bridgeForward(device, undefined, packet);
    else if (device instanceof VxlanDevice) this.encapsulate(device, packet);
    else if (device.peer !== undefined) this.overVeth(device, device.peer, packet);
    else this.overWire(device, packet);
  }

  private overVeth(device: NetDevice, peer: NetDevice, packet: Packet): void {
    packet.atUs += VETH_US;
    addHop(packet, device.stack, device.name, undefined, vethDetail, device.name, peer.name, undefined);
    if (!peer.up || !peer.stack.alive) {
      dropPacket(packet, device.stack, device.name, "the other end of the veth pair is gone");
      return;
    }
    packet.leaveNamespace();
    this.receiveFrame(peer, packet);
  }

  private overWire(device: NetDevice, packet: Packet): void {
    const { clock, partitions } = this.world;
    const segment = device.segment;
    const target = segment?.domain.device(packet.ethDst);
    if (segment === undefined || target === undefined) {
      dropPacket(packet, device.stack, device.name, "no card on the segment has this MAC address");
      return;
    }
    const latencyUs = segment.latencyUs(device, target);
    packet.leaveNamespace();
    if (packet.walk !== undefined) {
      const header = packet.snapshot();
      packet.walk.note(packet.atUs, WIRE, segment.name, header, header, wireDetail, target.stack.nodeName, latencyUs, undefined);
    }
    packet.atUs += latencyUs;
    const isCut = partitions.size > 0 && partitions.has(pairKey(device.stack.nodeName, target.stack.nodeName));
    clock.after(Math.max(0, packet.atUs - clock.now()), "packet on the wire", () => {
      if (isCut) dropPacket(packet, device.stack, segment.name, `network partition between ${device.stack.nodeName} and ${target.stack.nodeName}`);
      else if (!target.stack.alive || !target.up) dropPacket(packet, target.stack, target.name, `${target.stack.nodeName} does not answer`);
      else this.receiveFrame(target, packet);
      packet.walk?.trace.settle();
    });
  }

  private receiveFrame(device: NetDevice, packet: Packet): void {
    if (device.master !== undefined) this.bridgeInput(device.master, device, packet);
    else if (packet.ethDst === device.mac) this.receiveIp(device.stack, device, packet, undefined, false);
    else dropPacket(packet, device.stack, device.name, "the frame is for another MAC address");
  }

  /**
   * A frame comes in at a bridge port. With bridge-nf-call-iptables the IP hooks run here already; if they turn the destination into one behind
   * the same bridge, the frame is bridged to it: only its destination MAC changes, and no TTL is taken.
   */
  private bridgeInput(bridge: BridgeDevice, port: NetDevice, packet: Packet): void {
    const stack = bridge.stack;
    bridge.learn(packet.ethSrc, port, packet.atUs);
    const isFiltered = stack.bridgeNfCallIptables && stack.hooks !== undefined;
    if (isFiltered) {
      const dst = packet.dst;
      packet.atUs += STACK_US;
      if (this.isStopped(stack, "PREROUTING", packet, { in: bridge, physIn: port })) return;
      if (packet.dst !== dst) this.bridgedDnat(bridge, packet);
    }
    if (packet.ethDst === bridge.mac) {
      addHop(packet, stack, port.name, undefined, bridgeDetail, bridge.name, bridge.name, undefined);
      this.receiveIp(stack, bridge, packet, port, isFiltered);
      return;
    }
    if (isFiltered) {
      const devices = { in: bridge, out: bridge, physIn: port, physOut: bridge.portOf(packet.ethDst, packet.atUs) };
      if (this.isStopped(stack, "FORWARD", packet, devices) || this.isStopped(stack, "POSTROUTING", packet, devices)) return;
    }
    this.bridgeForward(bridge, port, packet);
  }

  /** Source: net/bridge/br_netfilter_hooks.c, br_nf_pre_routing_finish. */
  private bridgedDnat(bridge: BridgeDevice, packet: Packet): void {
    const stack = bridge.stack;
    const decision = stack.route(packet.dst);
    const found = decision?.device === bridge && !decision.local ? findNeighbour(this.world, stack, bridge, decision.nextHop, packet.atUs) : undefined;
    const before = beforeStep(packet);
    packet.ethDst = found?.mac ?? bridge.mac; // routed in the ordinary way if it leaves by another interface
    packet.atUs += found?.tookUs ?? 0;
    packet.changed();
    if (before === undefined || found === undefined || decision === undefined) return;
    addHop(packet, stack, bridge.name, before, arpDetail, decision.nextHop, bridge.primary, found);
  }

  private bridgeForward(bridge: BridgeDevice, from: NetDevice | undefined, packet: Packet): void {
    packet.atUs += BRIDGE_US;
    // An address that the bridge has not seen is flooded to all ports; only its owner takes the frame.
    const port = bridge.portOf(packet.ethDst, packet.atUs) ?? bridge.domain.device(packet.ethDst)?.peer;
    if (port?.master !== bridge) {
      dropPacket(packet, bridge.stack, bridge.name, "flooded to all ports of the bridge; nobody has this MAC address");
      return;
    }
    addHop(packet, bridge.stack, bridge.name, undefined, bridgeDetail, bridge.name, port.name, undefined);
    if (port === from && !port.hairpin) {
      dropPacket(packet, bridge.stack, port.name, "hairpin mode is off: a frame does not leave by the port that it came in on");
      return;
    }
    this.sendFrame(port, packet);
  }

  private encapsulate(device: VxlanDevice, inner: Packet): void {
    const stack = device.stack;
    const remote = device.peers.remoteOf(inner.ethDst);
    if (remote === undefined) {
      dropPacket(inner, stack, device.name, `no forwarding entry of ${device.name} for this MAC address`);
      return;
    }
    const before = beforeStep(inner);
    const outer = udpPacket(device.local, remote, FIRST_SOURCE_PORT + (flowHash(inner) % SOURCE_PORTS), VXLAN_PORT, "");
    outer.inner = inner;
    outer.vni = device.vni;
    outer.length = inner.length + VXLAN_OVERHEAD;
    outer.atUs = inner.atUs + VXLAN_US;
    outer.walk = inner.walk;
    inner.leaveNamespace();
    if (before !== undefined) addHop(outer, stack, device.name, before, encapsulateDetail, inner.ethDst, remote, device.vni);
    this.output(stack, outer);
  }

  private decapsulate(device: VxlanDevice, outer: Packet, inner: Packet): void {
    const before = beforeStep(outer);
    inner.atUs = outer.atUs + VXLAN_US;
    if (before !== undefined) addHop(inner, device.stack, device.name, before, decapsulateDetail, device.vni, undefined, undefined);
    if (inner.ethDst === device.mac) this.receiveIp(device.stack, device, inner, undefined, false);
    else dropPacket(inner, device.stack, device.name, "the inner frame is for another MAC address");
  }

  private receiveIp(stack: NetStack, device: NetDevice, packet: Packet, physIn: NetDevice | undefined, isFiltered: boolean): void {
    if (!isFiltered) {
      packet.atUs += STACK_US;
      if (this.isStopped(stack, "PREROUTING", packet, { in: device, physIn })) return;
    }
    if (device.kind !== "loopback" && (isLoopback(packet.src) || (isLoopback(packet.dst) && !stack.routeLocalnet))) {
      dropPacket(packet, stack, device.name, "martian: a loopback address from outside");
      return;
    }
    const decision = stack.route(packet.dst);
    if (decision?.local === true) this.input(stack, device, packet);
    else this.forward(stack, device, packet, decision, physIn);
  }

  private input(stack: NetStack, device: NetDevice, packet: Packet): void {
    if (stack.hooks !== undefined) {
      addHop(packet, stack, device.name, undefined, localDetail, packet.dst, undefined, undefined);
      if (this.isStopped(stack, "INPUT", packet, { in: device })) return;
    }
    const inner = packet.inner;
    if (inner !== undefined && packet.proto === UDP && packet.dstPort === VXLAN_PORT) {
      const tunnel = stack.devices.find((candidate) => candidate instanceof VxlanDevice && candidate.vni === packet.vni);
      if (tunnel instanceof VxlanDevice) {
        this.decapsulate(tunnel, packet, inner);
        return;
      }
    }
    const { clock } = this.world;
    packet.atUs += SOCKET_US;
    clock.after(Math.max(0, packet.atUs - clock.now()), packet.proto === ICMP ? "ICMP delivered" : packet.proto === UDP ? "datagram delivered" : "segment delivered", () => {
      if (!stack.alive) dropPacket(packet, stack, device.name, "the network namespace is gone");
      else {
        const sockets = stack.sockets ?? stack.openSockets?.();
        if (sockets !== undefined) sockets.receive(packet);
        else dropPacket(packet, stack, device.name, "nothing here takes packets");
      }
      packet.walk?.trace.settle();
    });
  }

  private forward(stack: NetStack, device: NetDevice, packet: Packet, decision: RouteDecision | undefined, physIn: NetDevice | undefined): void {
    if (!stack.ipForward) {
      dropPacket(packet, stack, device.name, `not for ${stack.label}, and IP forwarding is off`);
      return;
    }
    if (decision === undefined || decision.route.type === "blackhole") {
      dropPacket(packet, stack, device.name, decision === undefined ? `no route to ${formatIp(packet.dst)}` : `no route to ${formatIp(packet.dst)} (blackhole ${formatCidr(decision.route)})`);
      if (decision === undefined) this.icmpError(stack, packet, UNREACHABLE, NET_UNREACHABLE);
      return;
    }
    if (packet.ttl <= 1) {
      dropPacket(packet, stack, device.name, "time to live exceeded");
      this.icmpError(stack, packet, TIME_EXCEEDED, 0);
      return;
    }
    const before = beforeStep(packet);
    packet.ttl -= 1;
    packet.changed();
    packet.atUs += STACK_US;
    if (before !== undefined) addHop(packet, stack, decision.device.name, before, routeDetail, decision, packet.dst, undefined);
    if (this.isStopped(stack, "FORWARD", packet, { in: device, out: decision.device, physIn })) return;
    this.postrouting(stack, packet, { in: undefined, out: decision.device }, decision);
  }

  /** Runs a hook; a packet that it stops ends here, and a rejected one is answered. */
  private isStopped(stack: NetStack, hook: HookName, packet: Packet, devices: HookDevices): boolean {
    const stopped = stack.hooks?.run(hook, packet, devices);
    if (stopped === undefined) return false;
    const device = (devices.in ?? devices.out)?.name ?? hook;
    if (stopped.type === "DROP") dropPacket(packet, stack, device, stopped.reason, stopped.owner);
    else {
      refusePacket(packet, stack, device, stopped.reason, stopped.owner);
      this.icmpError(stack, packet, UNREACHABLE, PORT_UNREACHABLE);
    }
    return true;
  }

  private traceRoute(packet: Packet, stack: NetStack, decision: RouteDecision): void {
    addHop(packet, stack, decision.device.name, undefined, routeDetail, decision, packet.dst, undefined);
  }
}

/** The place of hops between machines. */
const WIRE = { nodeName: "wire", label: "" };

/** Spreads flows over source ports, so that routers between nodes can balance them. */
function flowHash(packet: Packet): number {
  let h = Math.imul(packet.src, 0x9e3779b1) ^ Math.imul(packet.dst, 0x85ebca6b) ^ Math.imul((packet.srcPort << 16) | packet.dstPort, 0xc2b2ae35) ^ packet.proto;
  h = Math.imul(h ^ (h >>> 15), 0x27d4eb2f);
  return (h ^ (h >>> 13)) >>> 0;
}
