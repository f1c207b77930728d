import type { Cancel } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { secondsToUs, usOf } from "../../kernel/time.ts";
import { formatIp, LOOPBACK, parseIp } from "../addresses/ip.ts";
import type {
  ConnectOptions, Datagram, DnsAnswer, HttpRequest, HttpResponse, Ip, Listener, NetNamespace, ResolvConf, SocketError, SocketOwner, TcpConnection,
} from "../contracts.ts";
import type { Datapath } from "../datapath/datapath.ts";
import { ECHO_REQUEST, echoPacket, type Packet, udpPacket } from "../datapath/packet.ts";
import type { NetWorld } from "../datapath/world.ts";
import { lookUp, type ResolverTransport } from "../dns/resolver.ts";
import { formatRequest, reasonPhrase, ResponseReader } from "../http/message.ts";
import { connectTls } from "../http/tls.ts";
import { parseUrl } from "../http/url.ts";
import type { NetStack } from "../links/net-stack.ts";
import type { PacketTrace } from "../trace/packet-trace.ts";
import { Trace } from "../trace/trace.ts";
import { socketError } from "./errors.ts";
import { SocketTable } from "./socket-table.ts";

const ANYBODY: SocketOwner = { pod: "", container: "", process: "process", pid: 0 };
const NO_RESOLV_CONF: ResolvConf = { nameservers: [], search: [], ndots: 1 };
const CLOSED: Listener = { close: () => {} };

const TCP_DNS_TIMEOUT_US = secondsToUs(5);

/** The trace that a call writes to, and whether it began it. */
type OwnTrace = { readonly trace: Trace; readonly isOwn: boolean };

/** The contract's view of one network namespace: sockets for processes. The kernel state behind it is `stack`. */
export class Namespace implements NetNamespace {
  resolvConf: ResolvConf = NO_RESOLV_CONF;
  hosts: NetNamespace["hosts"] = [];

  constructor(
    readonly name: string,
    readonly stack: NetStack,
    private readonly world: NetWorld,
    private readonly datapath: Datapath,
  ) {
    stack.openSockets = () => this.sockets;
  }

  get ip(): Ip | undefined {
    const first = this.stack.firstAddress;
    return first === undefined ? undefined : formatIp(first);
  }

  /** The sockets, made on first use. A kernel answers a ping and refuses a closed port even where no process ever opened a socket, so a packet is a use as well. */
  get sockets(): SocketTable {
    this.stack.sockets ??= new SocketTable(this.world, this.datapath, this.stack, this.world.rng.fork(`sockets/${this.stack.nodeName}/${this.name}`));
    return this.stack.sockets;
  }

  listenTcp(port: number, ip: Ip, owner: SocketOwner, accept: (connection: TcpConnection) => void): Result<Listener, SocketError> {
    const address = this.bindAddress(ip);
    return address === undefined ? err(socketError("EADDRNOTAVAIL")) : this.sockets.listenTcp({ port, address, owner, accept });
  }

  listenUdp(port: number, ip: Ip, owner: SocketOwner, receive: (datagram: Datagram) => void): Result<Listener, SocketError> {
    const address = this.bindAddress(ip);
    if (address === undefined) return err(socketError("EADDRNOTAVAIL"));
    return this.sockets.bindUdp({
      port, address, owner, peer: undefined, failed: () => {},
      receive: (packet) => receive(this.datagram(packet, owner)),
    });
  }

  /** 0 for all addresses; undefined for one that is not ours. */
  private bindAddress(ip: Ip): number | undefined {
    const address = ip === "" || ip === "::" || ip === "*" ? 0 : ip === "::1" ? LOOPBACK : parseIp(ip);
    return address === undefined || address === 0 || this.stack.isLocal(address) ? address : undefined;
  }

  private datagram(packet: Packet, owner: SocketOwner): Datagram {
    const trace = packet.walk?.trace;
    return {
      from: { ip: formatIp(packet.src), port: packet.srcPort }, payload: packet.payload, trace,
      reply: (payload) => void this.sockets.send(udpPacket(packet.dst, packet.src, packet.dstPort, packet.srcPort, payload), trace, owner),
    };
  }

  connectTcp(to: { ip: Ip; port: number }, options: ConnectOptions, done: (result: Result<TcpConnection, SocketError>) => void): PacketTrace {
    const { trace, isOwn } = this.traceFor(`${to.ip}:${to.port}/tcp`, options);
    const finish = (result: Result<TcpConnection, SocketError>): void => {
      if (isOwn) trace.conclude(result.ok ? { status: "done", outcome: served("connected to", trace) } : { status: "failed", outcome: failureText(result.error, trace) });
      done(result);
    };
    const address = parseIp(to.ip);
    const opened = address === undefined ? err(socketError("ENETUNREACH")) : this.sockets.open(address, to.port, options.owner ?? ANYBODY, trace);
    if (opened.ok) opened.value.connect(options.timeoutUs, finish);
    else this.world.clock.after(0, "connect failed", () => finish(opened));
    return trace;
  }

  sendUdp(to: { ip: Ip; port: number }, payload: string, options: ConnectOptions, reply: (result: Result<string, SocketError>) => void): PacketTrace {
    const { trace, isOwn } = this.traceFor(`${to.ip}:${to.port}/udp`, options);
    let over = false;
    const finish = (result: Result<string, SocketError>): void => {
      if (over) return;
      over = true;
      stop();
      close();
      if (isOwn) trace.conclude(result.ok ? { status: "done", outcome: served("reply from", trace), answeredBy: trace.server } : { status: "failed", outcome: failureText(result.error, trace) });
      reply(result);
    };
    const stop = this.world.clock.after(options.timeoutUs, "UDP reply timed out", () => finish(err(socketError("ETIMEDOUT"))));
    const close = this.exchange(to, [payload], options.owner ?? ANYBODY, trace, (answer) => finish(ok(answer)), (error) => this.world.clock.after(0, "UDP send failed", () => finish(err(error))));
    return trace;
  }

  ping(to: Ip, options: ConnectOptions, done: (result: Result<{ rttUs: number; ttl: number }, SocketError>) => void): PacketTrace {
    const { trace, isOwn } = this.traceFor(`icmp://${to}`, options);
    const sentUs = this.world.clock.now();
    let over = false;
    const finish = (result: Result<{ rttUs: number; ttl: number }, SocketError>): void => {
      if (over) return;
      over = true;
      stop();
      echo.cancel();
      if (isOwn) trace.conclude(result.ok ? { status: "done", outcome: `reply in ${result.value.rttUs} µs, ttl ${result.value.ttl}`, answeredBy: trace.server } : { status: "failed", outcome: failureText(result.error, trace) });
      done(result);
    };
    const stop = this.world.clock.after(options.timeoutUs, "ping timed out", () => finish(err(socketError("ETIMEDOUT"))));
    const echo = this.sockets.awaitEcho((answer) => finish(answer.icmp?.quoted === undefined ? ok({ rttUs: answer.atUs - sentUs, ttl: answer.ttl }) : err(socketError("EHOSTUNREACH"))));
    const address = parseIp(to);
    const src = address === undefined ? undefined : this.stack.route(address)?.src;
    if (address === undefined || src === undefined) this.world.clock.after(0, "ping failed", () => finish(err(socketError("ENETUNREACH"))));
    else {
      const error = this.sockets.send(echoPacket(src, address, ECHO_REQUEST, echo.id, 1), trace, options.owner ?? ANYBODY);
      if (error !== undefined) this.world.clock.after(0, "ping failed", () => finish(err(socketError(error))));
    }
    return trace;
  }

  resolve(name: string, options: ConnectOptions & { readonly type?: "A" | "AAAA" | "SRV" | "PTR" | "CNAME" }, done: (answer: DnsAnswer) => void): Cancel {
    const known = options.type === undefined || options.type === "A" ? this.fromHosts(name) : undefined;
    if (known !== undefined) return this.world.clock.after(0, "name found in /etc/hosts", () => done({ rcode: "NOERROR", name, records: [{ name, type: "A", ttl: 0, data: known }], server: "" }));
    const { trace, isOwn } = this.traceFor(`dns://${name}`, options);
    const release = trace.hold();
    let stopLookUp: Cancel = () => {};
    let over = false;
    const finish = (answer: DnsAnswer): void => {
      if (over) return;
      over = true;
      stopTimer();
      if (isOwn) trace.conclude({ status: answer.rcode === "NOERROR" ? "done" : "failed", outcome: answer.rcode === "NOERROR" ? answer.records.map((record) => record.data).join(", ") || "no data" : answer.rcode });
      release();
      done(answer);
    };
    const stopTimer = this.world.clock.after(options.timeoutUs, "name look-up timed out", () => {
      stopLookUp();
      finish({ rcode: "TIMEOUT", name });
    });
    stopLookUp = lookUp(this.transport(options.owner ?? ANYBODY, trace), this.resolvConf, options.resolver ?? "glibc", name, options.type, finish);
    return () => {
      over = true;
      stopTimer();
      stopLookUp();
      release();
    };
  }

  http(request: HttpRequest, options: ConnectOptions, done: (result: Result<HttpResponse, SocketError>) => void): PacketTrace {
    const { trace, isOwn } = this.traceFor(request.url, options);
    const deadlineUs = this.world.clock.now() + options.timeoutUs;
    const finish = (result: Result<HttpResponse, SocketError>): void => {
      if (isOwn) trace.conclude(httpOutcome(result, trace));
      done(result);
    };
    const url = parseUrl(request.url);
    if (url === undefined) {
      this.world.clock.after(0, "bad URL", () => finish(err({ code: "ENXDOMAIN", message: `malformed URL ${JSON.stringify(request.url.slice(0, 200))}` })));
      return trace;
    }
    const connect = (ip: Ip): void => {
      const timeoutUs = Math.max(1, deadlineUs - this.world.clock.now());
      this.connectTcp({ ip, port: url.port }, { ...options, timeoutUs, trace }, (connected) => {
        const exchange = (connection: TcpConnection): void =>
          this.exchangeHttp(connection, formatRequest(request.method, url.target, url.authority, { ...defaultHeaders(request), ...request.headers }, request.body ?? ""), request.method === "HEAD", deadlineUs, finish);
        if (!connected.ok) finish(connected);
        else if (url.scheme === "https") connectTls(connected.value, url.host, (secured) => (secured.ok ? exchange(secured.value) : finish(secured)));
        else exchange(connected.value);
      });
    };
    if (parseIp(url.host) !== undefined) connect(url.host);
    else {
      this.resolve(url.host, { ...options, trace }, (answer) => {
        const ip = answer.rcode === "NOERROR" ? answer.records.find((record) => record.type === "A")?.data : undefined;
        if (ip === undefined) finish(err(resolveError(answer)));
        else connect(ip);
      });
    }
    return trace;
  }

  private exchangeHttp(connection: TcpConnection, text: string, isHead: boolean, deadlineUs: number, done: (result: Result<HttpResponse, SocketError>) => void): void {
    const reader = new ResponseReader(isHead);
    let over = false;
    const finish = (result: Result<HttpResponse, SocketError>): void => {
      if (over) return;
      over = true;
      stop();
      connection.close(); // before the caller hears of it: its trace goes on until the connection is closed
      done(result);
    };
    const look = (closed: boolean, error: SocketError | undefined): void => {
      if (closed) reader.close();
      const parsed = reader.next();
      if (parsed.type === "message") finish(ok(parsed.message));
      else if (error !== undefined) finish(err(error));
      else if (parsed.type === "bad") finish(err({ code: "EPIPE", message: parsed.reason }));
    };
    const stop = this.world.clock.after(Math.max(1, deadlineUs - this.world.clock.now()), "HTTP response timed out", () => finish(err(socketError("ETIMEDOUT"))));
    connection.onData((data) => {
      reader.push(data);
      look(false, undefined);
    });
    connection.onClose((error) => look(true, error));
    connection.send(text);
  }

  private fromHosts(name: string): Ip | undefined {
    if (parseIp(name) !== undefined) return name;
    if (name === "localhost") return formatIp(LOOPBACK);
    return this.hosts.find((line) => line.names.includes(name))?.ip;
  }

  /** One connected UDP socket for one or more datagrams; returns its closing. */
  private exchange(to: { ip: Ip; port: number }, payloads: readonly string[], owner: SocketOwner, trace: Trace, receive: (payload: string) => void, failed: (error: SocketError) => void): Cancel {
    const address = parseIp(to.ip);
    const src = address === undefined ? undefined : this.stack.route(address)?.src;
    const port = this.sockets.freeUdpPort();
    if (address === undefined || src === undefined || port === undefined) {
      failed(socketError("ENETUNREACH"));
      return () => {};
    }
    const bound = this.sockets.bindUdp({
      port, address: src, owner, peer: { address, port: to.port },
      receive: (packet) => receive(packet.payload), failed: (code) => failed(socketError(code)),
    });
    for (const payload of payloads) {
      const error = this.sockets.send(udpPacket(src, address, port, to.port, payload), trace, owner);
      if (error !== undefined) failed(socketError(error));
    }
    const socket = bound.ok ? bound.value : CLOSED;
    return () => socket.close();
  }

  /** One DNS message over TCP, with its length in front. */
  private exchangeTcp(server: Ip, payload: string, owner: SocketOwner, trace: Trace, receive: (payload: string) => void, failed: () => void): Cancel {
    let open: TcpConnection | undefined;
    let over = false;
    this.connectTcp({ ip: server, port: 53 }, { timeoutUs: TCP_DNS_TIMEOUT_US, trace, owner }, (connected) => {
      if (!connected.ok || over) {
        if (connected.ok) connected.value.close();
        else if (!over) failed();
        return;
      }
      open = connected.value;
      open.onData((data) => receive(data.slice(2)));
      open.onClose(() => open?.close());
      open.send(String.fromCharCode((payload.length >>> 8) & 255, payload.length & 255) + payload);
    });
    return () => {
      over = true;
      open?.close();
    };
  }

  private transport(owner: SocketOwner, trace: Trace): ResolverTransport {
    return {
      exchange: (server, payloads, receive, failed) => this.exchange({ ip: server, port: 53 }, payloads, owner, trace, receive, failed),
      exchangeTcp: (server, payload, receive, failed) => this.exchangeTcp(server, payload, owner, trace, receive, failed),
      after: (delayUs, label, run) => this.world.clock.after(delayUs, label, run),
      nextId: () => this.sockets.nextQueryId(),
    };
  }

  private traceFor(to: string, options: ConnectOptions): OwnTrace {
    if (options.trace instanceof Trace) return { trace: options.trace, isOwn: false };
    return { trace: this.world.traces.start(this.fromText(options.owner), to, false), isOwn: true };
  }

  private fromText(owner: SocketOwner | undefined): string {
    if (owner !== undefined && owner.pod !== "") return `pod ${owner.pod}`;
    if (this.stack.label !== "host") return `pod ${this.stack.label}`;
    return this.stack.nodeName === "external" ? "external" : `node ${this.stack.nodeName}`;
  }
}

const served = (words: string, trace: Trace): string => (trace.server === "" ? words.replace(/ (to|from)$/, "") : `${words} ${trace.server}`);
const defaultHeaders = (request: HttpRequest): Record<string, string> => {
  const names = new Set(Object.keys(request.headers ?? {}).map((name) => name.toLowerCase()));
  return { ...(names.has("user-agent") ? {} : { "User-Agent": "curl/8.5.0" }), ...(names.has("accept") ? {} : { Accept: "*/*" }) };
};

/** How programs report a look-up that found nothing. */
function resolveError(answer: DnsAnswer): SocketError {
  if (answer.rcode === "TIMEOUT" || answer.rcode === "SERVFAIL" || answer.rcode === "REFUSED") return socketError("EAI_AGAIN");
  return socketError("ENXDOMAIN");
}

/** "connection refused (REJECT by KUBE-SERVICES, service default/empty has no endpoints)", "timed out". */
export function failureText(error: SocketError, trace: Trace): string {
  const words = error.code === "ETIMEDOUT" ? "timed out" : error.message;
  return trace.lossReason === undefined ? words : `${words} (${trace.lossReason})`;
}

function httpOutcome(result: Result<HttpResponse, SocketError>, trace: Trace): Parameters<Trace["conclude"]>[0] {
  if (!result.ok) return { status: "failed", outcome: failureText(result.error, trace) };
  const { status } = result.value;
  return { status: "done", outcome: served(`${`${status} ${reasonPhrase(status)}`.trim()} from`, trace), answeredBy: trace.server, response: result.value };
}

/** Time-outs of `send` and other callers that do not say. */
export const DEFAULT_TIMEOUT_US = usOf(secondsToUs(30));
