import type { Cancel } from "../kernel/clock.ts";
import type { Result } from "../kernel/result.ts";
import type { PacketTrace } from "./trace/packet-trace.ts";

/** Dotted IPv4 text, for example "10.42.1.2". */
export type Ip = string;

/** Why a socket call failed, as the kernel names it. */
export type SocketErrorCode = "EADDRINUSE" | "EADDRNOTAVAIL" | "ECONNREFUSED" | "ETIMEDOUT" | "ENETUNREACH" | "EHOSTUNREACH" | "ECONNRESET" | "EPIPE" | "ENXDOMAIN" | "EAI_AGAIN";

export interface SocketError {
  readonly code: SocketErrorCode;
  /** As a program would print it: "connection refused", "i/o timeout", "bind: address already in use". */
  readonly message: string;
}

/** A network namespace as a process inside it sees it: the only way for containers, probes and clients to use the network. */
export interface NetNamespace {
  /** "host" on a node, else the pod's netns path: "/var/run/netns/cni-6f0c…". */
  readonly name: string;
  /** The first non-loopback address, if any. */
  readonly ip: Ip | undefined;
  /** Text of /etc/resolv.conf for name look-ups from here. Set by the kubelet's dnsPolicy. */
  resolvConf: ResolvConf;
  /** Extra lines of /etc/hosts; localhost and the own host name are always there. */
  hosts: readonly { readonly ip: Ip; readonly names: readonly string[] }[];

  listenTcp(port: number, ip: Ip, owner: SocketOwner, accept: (connection: TcpConnection) => void): Result<Listener, SocketError>;
  listenUdp(port: number, ip: Ip, owner: SocketOwner, receive: (datagram: Datagram) => void): Result<Listener, SocketError>;
  /** A TCP connection by address. `done` runs in simulated time, after the handshake, a refusal (RST/ICMP) or a time-out. */
  connectTcp(to: { ip: Ip; port: number }, options: ConnectOptions, done: (result: Result<TcpConnection, SocketError>) => void): PacketTrace;
  sendUdp(to: { ip: Ip; port: number }, payload: string, options: ConnectOptions, reply: (result: Result<string, SocketError>) => void): PacketTrace;
  ping(to: Ip, options: ConnectOptions, done: (result: Result<{ rttUs: number; ttl: number }, SocketError>) => void): PacketTrace;
  /** Walks /etc/hosts, then the search list over real DNS packets. */
  resolve(name: string, options: ConnectOptions & { readonly type?: "A" | "AAAA" | "SRV" | "PTR" | "CNAME" }, done: (answer: DnsAnswer) => void): Cancel;
  /** resolve, connect, one HTTP/1.1 request, read the answer, close. The trace covers every packet of it. */
  http(request: HttpRequest, options: ConnectOptions, done: (result: Result<HttpResponse, SocketError>) => void): PacketTrace;
}

/** Who holds a socket: `ss -lntp` prints it, traces say "delivered to". */
export interface SocketOwner {
  /** "default/web" for a pod, "" for a node's own process. */
  readonly pod: string;
  readonly container: string;
  readonly process: string;
  readonly pid: number;
}

export interface Listener {
  close(): void;
}

export interface TcpConnection {
  /** Of the connection's first packet, when it is recorded: pass it on to what the request sets off (a proxy's own connection). */
  readonly trace?: PacketTrace | undefined;
  readonly local: { readonly ip: Ip; readonly port: number };
  readonly remote: { readonly ip: Ip; readonly port: number };
  send(payload: string): void;
  /** Data in order. Data that arrived before is delivered at once. */
  onData(receive: (payload: string) => void): void;
  /** FIN from the other side, or an error (RST, time-out). */
  onClose(closed: (error: SocketError | undefined) => void): void;
  close(): void;
}

export interface Datagram {
  readonly from: { readonly ip: Ip; readonly port: number };
  readonly payload: string;
  readonly trace?: PacketTrace | undefined;
  reply(payload: string): void;
}

export interface ConnectOptions {
  /** µs until ETIMEDOUT. */
  readonly timeoutUs: number;
  /** Continue a trace instead of starting one: DNS look-up, handshake and request belong together. */
  readonly trace?: PacketTrace;
  /** Who asks, for the trace's "from". */
  readonly owner?: SocketOwner;
  /** Whose rules a name look-up follows; "glibc". Alpine images have musl. */
  readonly resolver?: ResolverStyle;
}

/** C libraries (and Go's own resolver) walk the search list differently. */
export type ResolverStyle = "glibc" | "musl" | "go";

export interface ResolvConf {
  readonly nameservers: readonly Ip[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** The other options, as they stand in the file ("edns0", "timeout:2"). Differs: they are shown, and have no effect. */
  readonly options?: readonly string[];
}

export type DnsAnswer =
  | { readonly rcode: "NOERROR"; readonly name: string; readonly records: readonly DnsRecord[]; readonly server: Ip }
  | { readonly rcode: "NXDOMAIN" | "SERVFAIL" | "REFUSED"; readonly name: string; readonly server: Ip }
  | { readonly rcode: "TIMEOUT"; readonly name: string };

export interface DnsRecord {
  readonly name: string;
  readonly type: "A" | "AAAA" | "CNAME" | "SRV" | "PTR";
  readonly ttl: number;
  /** "10.96.0.10", a host name, or "0 100 80 web.default.svc.cluster.local." for SRV. */
  readonly data: string;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The node's side of pod networking: what a container runtime calls. Source: containernetworking/cni SPEC.md. */
export interface CniRuntime {
  /** False until the agent has written its configuration: the node is NotReady with "cni plugin not initialized". */
  readonly initialized: boolean;
  createNetns(containerId: string): NetNamespace;
  deleteNetns(containerId: string): void;
  /** Takes simulated time; each plugin's stdin, environment and result are kept for the inspector. */
  add(request: CniRequest, done: (result: Result<CniResult, CniError>) => void): void;
  del(request: CniRequest, done: (result: Result<undefined, CniError>) => void): void;
}

export interface CniRequest {
  readonly containerId: string;
  readonly netns: NetNamespace;
  readonly podNamespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly portMappings: readonly { readonly hostPort: number; readonly containerPort: number; readonly protocol: string; readonly hostIP?: string }[];
}

export interface CniResult {
  readonly ip: Ip;
  /** The CNI result JSON (spec 1.1.0). */
  readonly result: Readonly<Record<string, unknown>>;
}

export interface CniError {
  readonly code: number;
  readonly msg: string;
  readonly details?: string;
}

/** One machine's network. */
export interface NodeNetwork {
  readonly nodeName: string;
  readonly nodeIp: Ip;
  readonly host: NetNamespace;
  readonly cni: CniRuntime;
  iptablesSave(): string;
  ipRoute(): string;
  ipAddr(): string;
  ipNeigh(): string;
  bridgeFdb(): string;
  conntrack(): string;
  ipvsadm(): string;
  nftRuleset(): string;
  /** `ss -lntup` of the machine's own namespace. */
  ss?(): string;
}

export type SendSource = { readonly pod: string; readonly container?: string } | { readonly node: string } | { readonly external: true };

export interface SendRequest {
  readonly from: SendSource;
  /** "http://name[:port]/path", "ip:port/tcp", "ip:port/udp", or "icmp://name". */
  readonly to: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
