import type { Cancel } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Rng } from "../../kernel/rng.ts";
import type { Listener, SocketError, SocketErrorCode, SocketOwner, TcpConnection } from "../contracts.ts";
import { type Address, formatIp } from "../addresses/ip.ts";
import type { Datapath } from "../datapath/datapath.ts";
import { addHop, dropPacket, refusePacket } from "../datapath/hop.ts";
import { deliverDetail, sendDetail } from "../datapath/hop-details.ts";
import { SOCKET_US } from "../datapath/latency.ts";
import {
  ACK, ECHO_REPLY, ECHO_REQUEST, echoPacket, HOST_UNREACHABLE, ICMP, isIcmpError, NET_UNREACHABLE, type Packet, PORT_UNREACHABLE, RST, SYN, TCP, tcpPacket, UNREACHABLE,
} from "../datapath/packet.ts";
import type { NetWorld } from "../datapath/world.ts";
import type { NetStack } from "../links/net-stack.ts";
import type { Trace } from "../trace/trace.ts";
import { packetRole, packetSummary } from "../trace/packet-words.ts";
import { socketError } from "./errors.ts";
import { TcpSocket } from "./tcp-socket.ts";

/** net.ipv4.ip_local_port_range */
const FIRST_EPHEMERAL = 32_768;
const LAST_EPHEMERAL = 60_999;

/** A bound port. `address` 0 takes packets for any address of the namespace. */
export interface BoundSocket {
  readonly port: number;
  readonly address: Address;
  readonly owner: SocketOwner;
}

export interface TcpListener extends BoundSocket {
  readonly accept: (connection: TcpConnection) => void;
}

export interface UdpSocket extends BoundSocket {
  /** The only peer that it hears, once connected. */
  readonly peer: { readonly address: Address; readonly port: number } | undefined;
  readonly receive: (packet: Packet) => void;
  readonly failed: (code: SocketErrorCode) => void;
}

export const KERNEL: SocketOwner = { pod: "", container: "", process: "kernel", pid: 0 };

/** The sockets of one network namespace, and what its kernel answers by itself: RST, port unreachable, echo reply. */
export class SocketTable {
  private readonly listeners = new Map<number, TcpListener[]>();
  private readonly udp = new Map<number, UdpSocket[]>();
  private readonly connections = new Map<number, TcpSocket[]>();
  private readonly echoes = new Map<number, (packet: Packet) => void>();
  private nextEchoId: number;

  constructor(
    private readonly world: NetWorld,
    private readonly datapath: Datapath,
    private readonly stack: NetStack,
    private readonly rng: Rng,
  ) {
    this.nextEchoId = rng.below(0x10000);
  }

  after(delayUs: number, label: string, run: () => void): Cancel {
    return this.world.clock.after(delayUs, label, run);
  }

  listenTcp(listener: TcpListener): Result<Listener, SocketError> {
    return bind(this.listeners, listener);
  }

  bindUdp(socket: UdpSocket): Result<Listener, SocketError> {
    return bind(this.udp, socket);
  }

  /** A connecting socket, registered under a free local port; undefined when there is no route or no port. */
  open(address: Address, port: number, owner: SocketOwner, trace: Trace | undefined): Result<TcpSocket, SocketError> {
    const src = this.stack.route(address)?.src;
    if (src === undefined) return err(socketError("ENETUNREACH"));
    const localPort = this.freePort((candidate) => !this.listeners.has(candidate) && this.findConnection(src, candidate, address, port) === undefined);
    if (localPort === undefined) return err(socketError("EADDRINUSE"));
    const socket = new TcpSocket(this, src, localPort, address, port, owner, trace);
    this.register(socket);
    return ok(socket);
  }

  freeUdpPort(): number | undefined {
    return this.freePort((candidate) => !this.udp.has(candidate));
  }

  /** Sends from a socket. The error is what the system call returns at once. */
  send(packet: Packet, trace: Trace | undefined, owner: SocketOwner): SocketErrorCode | undefined {
    packet.atUs = this.world.clock.now() + SOCKET_US;
    if (trace?.recording === true) {
      packet.walk = trace.begin(packetRole(packet), packetSummary(packet));
      if (packet.walk !== undefined) addHop(packet, this.stack, "socket", undefined, sendDetail, processText(owner), packet.walk.summary, undefined);
    }
    return this.datapath.output(this.stack, packet);
  }

  forget(socket: TcpSocket): void {
    const key = connectionKey(socket.remoteAddress, socket.remotePort);
    const left = this.connections.get(key)?.filter((other) => other !== socket);
    if (left === undefined || left.length === 0) this.connections.delete(key);
    else this.connections.set(key, left);
  }

  /** Waits for the answer to one echo request; returns the identifier to send it with. */
  awaitEcho(answered: (packet: Packet) => void): { readonly id: number; readonly cancel: Cancel } {
    const id = this.nextEchoId;
    this.nextEchoId = (this.nextEchoId + 1) & 0xffff;
    this.echoes.set(id, answered);
    return { id, cancel: () => this.echoes.delete(id) };
  }

  /** Identifier of a DNS query. */
  nextQueryId(): number {
    return this.rng.below(0x10000);
  }

  receive(packet: Packet): void {
    if (packet.proto === TCP) this.receiveTcp(packet);
    else if (packet.proto === ICMP) this.receiveIcmp(packet);
    else this.receiveUdp(packet);
  }

  /** Everything that listens, by port: `ss -ln`. */
  bound(): { readonly tcp: readonly TcpListener[]; readonly udp: readonly UdpSocket[] } {
    const flat = <T extends BoundSocket>(map: Map<number, T[]>): T[] => [...map.values()].flat().sort((a, b) => a.port - b.port || a.address - b.address);
    return { tcp: flat(this.listeners), udp: flat(this.udp).filter((socket) => socket.peer === undefined) };
  }

  /** Open connections, in the order of their creation. */
  allConnections(): readonly TcpSocket[] {
    return [...this.connections.values()].flat();
  }

  /** The namespace is gone. */
  destroy(): void {
    for (const socket of this.allConnections()) socket.abandon();
    this.listeners.clear();
    this.udp.clear();
    this.echoes.clear();
  }

  private receiveTcp(packet: Packet): void {
    const socket = this.findConnection(packet.dst, packet.dstPort, packet.src, packet.srcPort);
    if (socket !== undefined) {
      this.delivered(packet, socket.owner);
      socket.receive(packet);
      return;
    }
    const listener = pick(this.listeners.get(packet.dstPort), packet.dst);
    if (listener !== undefined && (packet.flags & (SYN | ACK | RST)) === SYN) {
      const trace = packet.walk?.trace;
      trace?.servedBy(this.serverName(listener.owner));
      this.delivered(packet, listener.owner);
      const accepted = new TcpSocket(this, packet.dst, packet.dstPort, packet.src, packet.srcPort, listener.owner, trace);
      this.register(accepted);
      accepted.answer(packet, listener.accept);
      return;
    }
    if ((packet.flags & RST) !== 0) {
      this.delivered(packet, KERNEL);
      return;
    }
    const reason = listener === undefined ? `nothing listens on ${formatIp(packet.dst)}:${packet.dstPort}/tcp` : `no connection ${formatIp(packet.src)}:${packet.srcPort} → ${formatIp(packet.dst)}:${packet.dstPort}`;
    const trace = packet.walk?.trace;
    refusePacket(packet, this.stack, "socket", reason);
    const reset = tcpPacket(packet.dst, packet.src, packet.dstPort, packet.srcPort, RST | ACK, "", 0);
    reset.seq = packet.ack;
    reset.ack = packet.seq + packet.payloadBytes + ((packet.flags & SYN) === 0 ? 0 : 1);
    this.send(reset, trace, KERNEL);
  }

  private receiveUdp(packet: Packet): void {
    const sockets = this.udp.get(packet.dstPort);
    const connected = sockets?.find((socket) => socket.peer?.address === packet.src && socket.peer.port === packet.srcPort);
    const socket = connected ?? pick(sockets?.filter((candidate) => candidate.peer === undefined), packet.dst);
    if (socket !== undefined) {
      if (socket.peer === undefined) packet.walk?.trace.servedBy(this.serverName(socket.owner));
      this.delivered(packet, socket.owner);
      socket.receive(packet);
      return;
    }
    refusePacket(packet, this.stack, "socket", `nothing listens on ${formatIp(packet.dst)}:${packet.dstPort}/udp`);
    this.datapath.icmpError(this.stack, packet, UNREACHABLE, PORT_UNREACHABLE);
  }

  private receiveIcmp(packet: Packet): void {
    const icmp = packet.icmp;
    if (icmp === undefined) return;
    if (isIcmpError(packet)) {
      this.delivered(packet, KERNEL);
      this.receiveError(packet);
      return;
    }
    if (icmp.type === ECHO_REQUEST) {
      const trace = packet.walk?.trace;
      trace?.servedBy(this.serverName(KERNEL));
      this.delivered(packet, KERNEL);
      const reply = echoPacket(packet.dst, packet.src, ECHO_REPLY, packet.srcPort, icmp.sequence);
      this.send(reply, trace, KERNEL);
      return;
    }
    const waiting = this.echoes.get(packet.srcPort);
    if (waiting === undefined) {
      dropPacket(packet, this.stack, "socket", "an echo reply that nobody waits for");
      return;
    }
    this.delivered(packet, KERNEL);
    this.echoes.delete(packet.srcPort);
    waiting(packet);
  }

  /** Source: net/ipv4/tcp_ipv4.c, tcp_v4_err; net/ipv4/udp.c, __udp4_lib_err. */
  private receiveError(packet: Packet): void {
    const quoted = packet.icmp?.quoted;
    const code = errorOf(packet);
    if (quoted === undefined || code === undefined) return;
    if (quoted.proto === TCP) this.findConnection(quoted.src, quoted.srcPort, quoted.dst, quoted.dstPort)?.unreachable(code);
    else if (quoted.proto === ICMP) this.echoes.get(quoted.srcPort)?.(packet);
    else this.udp.get(quoted.srcPort)?.find((socket) => socket.peer?.address === quoted.dst && socket.peer.port === quoted.dstPort)?.failed(code);
  }

  private delivered(packet: Packet, owner: SocketOwner): void {
    if (packet.walk === undefined) return;
    addHop(packet, this.stack, "socket", undefined, deliverDetail, processText(owner), packet.walk.summary, undefined);
    packet.walk.finish("delivered");
  }

  private serverName(owner: SocketOwner): string {
    if (owner.pod !== "") return owner.pod;
    return this.stack.label === "host" ? `node ${this.stack.nodeName}` : this.stack.label;
  }

  private register(socket: TcpSocket): void {
    const key = connectionKey(socket.remoteAddress, socket.remotePort);
    const others = this.connections.get(key);
    if (others === undefined) this.connections.set(key, [socket]);
    else others.push(socket);
  }

  private findConnection(localAddress: Address, localPort: number, remoteAddress: Address, remotePort: number): TcpSocket | undefined {
    return this.connections.get(connectionKey(remoteAddress, remotePort))?.find((socket) => socket.localPort === localPort && socket.localAddress === localAddress);
  }

  private freePort(isFree: (port: number) => boolean): number | undefined {
    const count = LAST_EPHEMERAL - FIRST_EPHEMERAL + 1;
    const start = this.rng.below(count);
    for (let i = 0; i < count; i++) {
      const port = FIRST_EPHEMERAL + ((start + i) % count);
      if (isFree(port)) return port;
    }
    return undefined;
  }
}

const connectionKey = (address: Address, port: number): number => address * 65_536 + port;

/** "nginx (default/web)". */
const processText = (owner: SocketOwner): string => (owner.pod === "" ? owner.process : `${owner.process} (${owner.pod})`);

/** A socket bound to the very address goes before one bound to all. */
function pick<T extends BoundSocket>(sockets: readonly T[] | undefined, address: Address): T | undefined {
  return sockets?.find((socket) => socket.address === address) ?? sockets?.find((socket) => socket.address === 0);
}

/** Two sockets clash on a port when one of them takes all addresses, or both the same one. Source: net/ipv4/inet_connection_sock.c, inet_csk_bind_conflict. */
function bind<T extends BoundSocket>(map: Map<number, T[]>, socket: T): Result<Listener, SocketError> {
  const others = map.get(socket.port) ?? [];
  if (others.some((other) => other.address === 0 || socket.address === 0 || other.address === socket.address)) return err(socketError("EADDRINUSE"));
  map.set(socket.port, [...others, socket]);
  return ok({
    close: () => {
      const left = map.get(socket.port)?.filter((other) => other !== socket) ?? [];
      if (left.length === 0) map.delete(socket.port);
      else map.set(socket.port, left);
    },
  });
}

function errorOf(packet: Packet): SocketErrorCode | undefined {
  if (packet.icmp?.type !== UNREACHABLE) return undefined;
  if (packet.icmp.code === PORT_UNREACHABLE) return "ECONNREFUSED";
  if (packet.icmp.code === HOST_UNREACHABLE) return "EHOSTUNREACH";
  return packet.icmp.code === NET_UNREACHABLE ? "ENETUNREACH" : "EHOSTUNREACH";
}
