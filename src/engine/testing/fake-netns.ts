import type { Clock } from "../kernel/clock.ts";
import { err, ok, type Result } from "../kernel/result.ts";
import type {
  CniRuntime, ConnectOptions, DnsAnswer, HttpRequest, HttpResponse, Ip, Listener, NetNamespace, ResolvConf, SocketError, SocketErrorCode, SocketOwner, TcpConnection,
} from "../network/contracts.ts";
import { formatRequest, ResponseReader } from "../network/http/message.ts";
import type { PacketTrace } from "../network/trace/packet-trace.ts";

const MESSAGES: Readonly<Partial<Record<SocketErrorCode, string>>> = { EADDRINUSE: "bind: address already in use", ECONNREFUSED: "connection refused", ETIMEDOUT: "i/o timeout", ENXDOMAIN: "no such host" };
const problem = (code: SocketErrorCode): SocketError => ({ code, message: MESSAGES[code] ?? code });
const HOP_US = 100;

/** A little wire: namespaces by address, names by table. For tests of what runs above the network. */
export class FakeNetwork {
  readonly clock: Clock;
  readonly namespaces = new Map<Ip, FakeNetNamespace>();
  /** Names that resolve: "web" or "web.default.svc.cluster.local" → address. */
  readonly names = new Map<string, Ip>();
  /** Addresses from which nothing ever comes back. */
  readonly blackHoles = new Set<Ip>();
  private nextTrace = 1;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  namespace(name: string, ip: Ip): FakeNetNamespace {
    const namespace = new FakeNetNamespace(this, name, ip);
    this.namespaces.set(ip, namespace);
    return namespace;
  }

  trace(from: string, to: string): PacketTrace {
    return { id: this.nextTrace++, startedUs: this.clock.now(), causeId: 0, from, to, walks: [], status: "running", outcome: "" };
  }

  after(us: number, run: () => void): void {
    this.clock.after(us, "wire", run);
  }
}

interface Bound {
  readonly ip: Ip;
  readonly port: number;
  readonly accept: (connection: TcpConnection) => void;
}

/** One end of a connection; `peer` is the other. */
class FakeConnection implements TcpConnection {
  peer: FakeConnection | undefined;
  private receive: ((payload: string) => void) | undefined;
  private closed: ((error: SocketError | undefined) => void) | undefined;
  private waiting = "";
  private isClosed = false;
  private remoteClosed = false;

  constructor(private readonly network: FakeNetwork, readonly local: TcpConnection["local"], readonly remote: TcpConnection["remote"]) {}

  send(payload: string): void {
    if (this.isClosed) return;
    this.network.after(HOP_US, () => this.peer?.arrive(payload));
  }

  onData(receive: (payload: string) => void): void {
    this.receive = receive;
    const { waiting } = this;
    this.waiting = "";
    if (waiting !== "") receive(waiting);
  }

  onClose(closed: (error: SocketError | undefined) => void): void {
    this.closed = closed;
    if (this.remoteClosed) closed(undefined);
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.network.after(HOP_US, () => this.peer?.finish());
  }

  private arrive(payload: string): void {
    if (this.isClosed) return;
    if (this.receive === undefined) this.waiting += payload;
    else this.receive(payload);
  }

  private finish(): void {
    if (this.remoteClosed) return;
    this.remoteClosed = true;
    this.closed?.(undefined);
  }
}

export class FakeNetNamespace implements NetNamespace {
  resolvConf: ResolvConf = { nameservers: ["10.96.0.10"], search: ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"], ndots: 5 };
  hosts: NetNamespace["hosts"] = [];
  private readonly bound: Bound[] = [];
  private nextPort = 40_000;

  constructor(private readonly network: FakeNetwork, readonly name: string, readonly ip: Ip) {}

  listenTcp(port: number, ip: Ip, _owner: SocketOwner, accept: (connection: TcpConnection) => void): Result<Listener, SocketError> {
    if (this.bound.some((other) => other.port === port && (other.ip === ip || other.ip === "0.0.0.0" || ip === "0.0.0.0"))) return err(problem("EADDRINUSE"));
    const bound: Bound = { ip, port, accept };
    this.bound.push(bound);
    return ok({ close: () => { const index = this.bound.indexOf(bound); if (index >= 0) this.bound.splice(index, 1); } });
  }

  listenUdp(): Result<Listener, SocketError> {
    return ok({ close: () => {} });
  }

  connectTcp(to: { ip: Ip; port: number }, options: ConnectOptions, done: (result: Result<TcpConnection, SocketError>) => void): PacketTrace {
    const trace = this.network.trace(this.name, `${to.ip}:${to.port}`);
    const target = to.ip.startsWith("127.") || to.ip === this.ip ? this : this.network.namespaces.get(to.ip);
    if (target === undefined || this.network.blackHoles.has(to.ip)) {
      this.network.after(options.timeoutUs, () => done(err(problem("ETIMEDOUT"))));
      return trace;
    }
    this.network.after(2 * HOP_US, () => {
      const listener = target.bound.find((bound) => bound.port === to.port && (bound.ip === "0.0.0.0" || bound.ip === to.ip));
      if (listener === undefined) {
        done(err(problem("ECONNREFUSED")));
        return;
      }
      const mine = { ip: target === this ? to.ip : this.ip, port: this.nextPort++ };
      const client = new FakeConnection(this.network, mine, to);
      const server = new FakeConnection(this.network, to, mine);
      client.peer = server;
      server.peer = client;
      listener.accept(server);
      done(ok(client));
    });
    return trace;
  }

  sendUdp(to: { ip: Ip; port: number }, _payload: string, options: ConnectOptions, reply: (result: Result<string, SocketError>) => void): PacketTrace {
    this.network.after(options.timeoutUs, () => reply(err(problem("ETIMEDOUT"))));
    return this.network.trace(this.name, to.ip);
  }

  ping(to: Ip, options: ConnectOptions, done: (result: Result<{ rttUs: number; ttl: number }, SocketError>) => void): PacketTrace {
    const there = to === "127.0.0.1" || this.network.namespaces.has(to);
    this.network.after(there ? 2 * HOP_US : options.timeoutUs, () => done(there ? ok({ rttUs: 2 * HOP_US, ttl: 64 }) : err(problem("ETIMEDOUT"))));
    return this.network.trace(this.name, to);
  }

  resolve(name: string, options: ConnectOptions & { readonly type?: "A" | "AAAA" | "SRV" | "PTR" | "CNAME" }, done: (answer: DnsAnswer) => void): () => void {
    const server = this.resolvConf.nameservers[0] ?? "";
    const isFull = name.endsWith(".");
    const wanted = name.replace(/\.$/, "");
    const candidates = isFull ? [wanted] : [wanted, ...this.resolvConf.search.map((domain) => `${wanted}.${domain}`)];
    const found = wanted === "localhost" ? "localhost" : (candidates.find((candidate) => this.network.names.has(candidate)) ?? this.hosts.find((line) => line.names.includes(wanted))?.names[0]);
    const address = found === "localhost" ? "127.0.0.1" : (this.network.names.get(found ?? "") ?? this.hosts.find((line) => line.names.includes(wanted))?.ip);
    let cancelled = false;
    this.network.after(4 * HOP_US, () => {
      if (cancelled) return;
      if (found === undefined || address === undefined) done({ rcode: "NXDOMAIN", name: wanted, server });
      else done({ rcode: "NOERROR", name: found, server, records: options.type === undefined || options.type === "A" ? [{ name: found, type: "A", ttl: 30, data: address }] : [] });
    });
    return () => (cancelled = true);
  }

  http(request: HttpRequest, options: ConnectOptions, done: (result: Result<HttpResponse, SocketError>) => void): PacketTrace {
    const match = /^https?:\/\/([^/:?#]+)(?::(\d+))?([^#]*)/.exec(request.url);
    const host = match?.[1] ?? "";
    const port = Number(match?.[2] ?? 80);
    const send = (ip: Ip): void => {
      this.connectTcp({ ip, port }, options, (connected) => {
        if (!connected.ok) {
          done(connected);
          return;
        }
        const reader = new ResponseReader(request.method === "HEAD");
        let over = false;
        const look = (): void => {
          const parsed = reader.next();
          if (over || parsed.type === "more") return;
          over = true;
          connected.value.close();
          done(parsed.type === "message" ? ok(parsed.message) : err(problem("EPIPE")));
        };
        connected.value.onData((text) => { reader.push(text); look(); });
        connected.value.onClose(() => { reader.close(); look(); });
        this.network.after(options.timeoutUs, () => { if (!over) { over = true; done(err(problem("ETIMEDOUT"))); } });
        connected.value.send(formatRequest(request.method, match?.[3] || "/", port === 80 ? host : `${host}:${port}`, request.headers ?? {}, request.body ?? ""));
      });
    };
    if (/^[\d.]+$/.test(host)) send(host);
    else this.resolve(host, options, (answer) => (answer.rcode === "NOERROR" && answer.records[0] !== undefined ? send(answer.records[0].data) : done(err(problem("ENXDOMAIN")))));
    return this.network.trace(this.name, request.url);
  }
}

/** Addresses 10.42.1.2, .3, … on the fake wire. */
export function fakeCni(network: FakeNetwork): CniRuntime {
  let next = 2;
  return {
    initialized: true,
    createNetns: (containerId) => network.namespace(`/var/run/netns/cni-${containerId.slice(0, 8)}`, `10.42.1.${next++}`),
    deleteNetns: () => {},
    add: (request, done) => network.after(20_000, () => done(ok({ ip: request.netns.ip ?? "", result: {} }))),
    del: (_request, done) => network.after(5_000, () => done(ok(undefined))),
  };
}

