import type { Cancel } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { SocketError, SocketErrorCode, SocketOwner, TcpConnection } from "../contracts.ts";
import { type Address, formatIp } from "../addresses/ip.ts";
import { ACK, byteLength, FIN, type Packet, PSH, RST, SYN, tcpPacket } from "../datapath/packet.ts";
import type { Trace } from "../trace/trace.ts";
import { socketError } from "./errors.ts";
import type { SocketTable } from "./socket-table.ts";

/** Timers of Linux, µs. Source: include/net/tcp.h; sysctl defaults tcp_syn_retries 6, tcp_synack_retries 5, tcp_retries2 15, orphans 8. */
const FIRST_SYN_TIMEOUT_US = 1_000_000;
const FIRST_DATA_TIMEOUT_US = 200_000;
const MAX_TIMEOUT_US = 120_000_000;
const DELAYED_ACK_US = 40_000;
const SYN_RETRIES = 6;
const SYN_ACK_RETRIES = 5;
const DATA_RETRIES = 15;
const ORPHAN_RETRIES = 8;

export type TcpState = "SYN_SENT" | "SYN_RECV" | "ESTABLISHED" | "FIN_WAIT" | "CLOSE_WAIT" | "LAST_ACK" | "CLOSED";

interface Segment {
  readonly seq: number;
  readonly bytes: number;
  readonly flags: number;
  readonly payload: string;
}

/**
 * One end of a TCP connection. Source: RFC 9293; net/ipv4/tcp_input.c.
 * Differs: numbers start at 0, no windows and no congestion control, out-of-order segments are sent again, TIME_WAIT is not kept.
 */
export class TcpSocket implements TcpConnection {
  state: TcpState = "CLOSED";
  private nextSeq = 0;
  private nextExpected = 0;
  private unacked: Segment[] = [];
  private waiting: string[] = [];
  private retries = 0;
  private timer: Cancel | undefined = undefined;
  private ackTimer: Cancel | undefined = undefined;
  private deadline: Cancel | undefined = undefined;
  private ackOwed = false;
  private closing = false;
  private received: string[] = [];
  private receiver: ((payload: string) => void) | undefined = undefined;
  private closedListener: ((error: SocketError | undefined) => void) | undefined = undefined;
  private ended: { readonly error: SocketError | undefined } | undefined = undefined;
  private opened: ((result: Result<TcpConnection, SocketError>) => void) | undefined = undefined;
  private accept: ((connection: TcpConnection) => void) | undefined = undefined;

  constructor(
    private readonly table: SocketTable,
    readonly localAddress: Address,
    readonly localPort: number,
    readonly remoteAddress: Address,
    readonly remotePort: number,
    readonly owner: SocketOwner,
    readonly trace: Trace | undefined,
  ) {}

  get local(): { readonly ip: string; readonly port: number } {
    return { ip: formatIp(this.localAddress), port: this.localPort };
  }

  get remote(): { readonly ip: string; readonly port: number } {
    return { ip: formatIp(this.remoteAddress), port: this.remotePort };
  }

  /** Active open. `done` runs once. */
  connect(timeoutUs: number, done: (result: Result<TcpConnection, SocketError>) => void): void {
    this.opened = done;
    this.state = "SYN_SENT";
    this.deadline = this.table.after(timeoutUs, "connect timed out", () => this.fail("ETIMEDOUT"));
    this.transmit({ seq: this.take(1), bytes: 1, flags: SYN, payload: "" });
  }

  /** Passive open, on a SYN. */
  answer(syn: Packet, accept: (connection: TcpConnection) => void): void {
    this.accept = accept;
    this.state = "SYN_RECV";
    this.nextExpected = syn.seq + 1;
    this.transmit({ seq: this.take(1), bytes: 1, flags: SYN | ACK, payload: "" });
  }

  send(payload: string): void {
    if (payload === "" || this.closing) return;
    if (this.state === "SYN_SENT" || this.state === "SYN_RECV") {
      this.waiting.push(payload);
      return;
    }
    if (this.state !== "ESTABLISHED" && this.state !== "CLOSE_WAIT") return;
    const bytes = byteLength(payload);
    this.transmit({ seq: this.take(bytes), bytes, flags: PSH | ACK, payload });
  }

  onData(receive: (payload: string) => void): void {
    this.receiver = receive;
    for (const payload of this.received.splice(0)) receive(payload);
  }

  onClose(closed: (error: SocketError | undefined) => void): void {
    this.closedListener = closed;
    if (this.ended !== undefined) closed(this.ended.error);
  }

  close(): void {
    if (this.closing) return;
    this.closing = true;
    if (this.state === "SYN_SENT") {
      this.release();
      return;
    }
    if (this.state === "ESTABLISHED" || this.state === "SYN_RECV") this.state = "FIN_WAIT";
    else if (this.state === "CLOSE_WAIT") this.state = "LAST_ACK";
    else return;
    this.transmit({ seq: this.take(1), bytes: 1, flags: FIN | ACK, payload: "" });
  }

  /** The process or its namespace is gone: no farewell. */
  abandon(): void {
    this.opened = undefined;
    this.closedListener = undefined;
    this.release();
  }

  /** The kernel learned from ICMP that the other side cannot be reached. Errors of an open connection are soft: retransmission goes on. */
  unreachable(code: SocketErrorCode): void {
    if (this.state === "SYN_SENT" || this.state === "SYN_RECV") this.fail(code);
  }

  receive(packet: Packet): void {
    if ((packet.flags & RST) !== 0) {
      this.fail(this.state === "SYN_SENT" ? "ECONNREFUSED" : "ECONNRESET");
      return;
    }
    if ((packet.flags & SYN) !== 0) this.receiveSyn(packet);
    else {
      this.receiveAck(packet);
      this.receiveData(packet);
    }
    if (this.ackOwed && this.state !== "CLOSED") this.scheduleAck((packet.flags & (FIN | SYN)) !== 0);
  }

  private receiveSyn(packet: Packet): void {
    if (this.state === "SYN_RECV" && (packet.flags & ACK) === 0) {
      this.resend(); // our SYN+ACK was lost
      return;
    }
    if (this.state !== "SYN_SENT" || (packet.flags & ACK) === 0) {
      this.ackOwed = true;
      return;
    }
    this.nextExpected = packet.seq + 1;
    this.acknowledged(packet.ack);
    this.state = "ESTABLISHED";
    this.deadline?.();
    this.sendAck();
    const opened = this.opened;
    this.opened = undefined;
    this.sendWaiting();
    opened?.(ok(this));
  }

  private receiveAck(packet: Packet): void {
    if ((packet.flags & ACK) === 0) return;
    this.acknowledged(packet.ack);
    if (this.state === "SYN_RECV" && packet.ack >= 1) {
      this.state = "ESTABLISHED";
      const accept = this.accept;
      this.accept = undefined;
      this.sendWaiting();
      accept?.(this);
    }
    if (this.unacked.length > 0) return;
    if (this.state === "LAST_ACK" || (this.state === "FIN_WAIT" && this.ended !== undefined)) this.release();
  }

  private receiveData(packet: Packet): void {
    const bytes = packet.payloadBytes;
    const isFin = (packet.flags & FIN) !== 0;
    if (bytes === 0 && !isFin) return;
    this.ackOwed = true;
    if (packet.seq !== this.nextExpected) return; // seen before, or too early: the acknowledgement says what is missing
    this.nextExpected += bytes + (isFin ? 1 : 0);
    if (bytes > 0) {
      if (this.receiver === undefined) this.received.push(packet.payload);
      else this.receiver(packet.payload);
    }
    if (isFin) this.otherSideClosed();
  }

  private otherSideClosed(): void {
    if (this.state === "ESTABLISHED" || this.state === "SYN_RECV") this.state = "CLOSE_WAIT";
    this.ended = { error: undefined };
    this.closedListener?.(undefined);
    if (this.state !== "FIN_WAIT") return;
    this.sendAck();
    if (this.unacked.length === 0) this.release();
  }

  private acknowledged(ack: number): void {
    const before = this.unacked.length;
    while (this.unacked[0] !== undefined && this.unacked[0].seq + this.unacked[0].bytes <= ack) this.unacked.shift();
    if (this.unacked.length === before) return;
    this.retries = 0;
    this.timer?.();
    this.timer = undefined;
    if (this.unacked.length > 0) this.startTimer();
  }

  private take(bytes: number): number {
    const seq = this.nextSeq;
    this.nextSeq += bytes;
    return seq;
  }

  private sendWaiting(): void {
    for (const payload of this.waiting.splice(0)) this.send(payload);
  }

  private transmit(segment: Segment): void {
    this.unacked.push(segment);
    this.emit(segment);
    if (this.timer === undefined && this.state !== "CLOSED") this.startTimer();
  }

  private emit(segment: Segment): void {
    const packet = tcpPacket(this.localAddress, this.remoteAddress, this.localPort, this.remotePort, segment.flags, segment.payload, segment.payload === "" ? 0 : segment.bytes);
    packet.seq = segment.seq;
    packet.ack = (segment.flags & ACK) === 0 ? 0 : this.nextExpected;
    if ((segment.flags & ACK) !== 0) this.ackSent();
    const error = this.table.send(packet, this.trace, this.owner);
    if (error !== undefined && this.state === "SYN_SENT") this.table.after(0, "connect failed", () => this.fail(error));
  }

  private sendAck(): void {
    this.emit({ seq: this.nextSeq, bytes: 0, flags: ACK, payload: "" });
  }

  private ackSent(): void {
    this.ackOwed = false;
    this.ackTimer?.();
    this.ackTimer = undefined;
  }

  /** Data is acknowledged with the answer, or a little later without one; a FIN at once. */
  private scheduleAck(atOnce: boolean): void {
    if (atOnce) this.sendAck();
    else this.ackTimer ??= this.table.after(DELAYED_ACK_US, "delayed acknowledgement", () => this.sendAck());
  }

  private startTimer(): void {
    const first = this.state === "SYN_SENT" || this.state === "SYN_RECV" ? FIRST_SYN_TIMEOUT_US : FIRST_DATA_TIMEOUT_US;
    this.timer = this.table.after(Math.min(first * 2 ** this.retries, MAX_TIMEOUT_US), "retransmission", () => {
      this.timer = undefined;
      this.retries += 1;
      if (this.retries > this.maxRetries()) this.fail("ETIMEDOUT");
      else this.resend();
    });
  }

  private maxRetries(): number {
    if (this.state === "SYN_SENT") return SYN_RETRIES;
    if (this.state === "SYN_RECV") return SYN_ACK_RETRIES;
    return this.closing ? ORPHAN_RETRIES : DATA_RETRIES;
  }

  private resend(): void {
    for (const segment of this.unacked) this.emit(segment);
    if (this.timer === undefined && this.state !== "CLOSED") this.startTimer();
  }

  private fail(code: SocketErrorCode): void {
    const { opened } = this;
    this.opened = undefined;
    const isFirst = this.ended === undefined;
    this.release();
    const error = socketError(code);
    opened?.(err(error));
    if (!isFirst) return;
    this.ended = { error };
    this.closedListener?.(error);
  }

  private release(): void {
    this.state = "CLOSED";
    this.unacked = [];
    for (const cancel of [this.timer, this.ackTimer, this.deadline]) cancel?.();
    this.timer = undefined;
    this.ackTimer = undefined;
    this.table.forget(this);
  }
}
