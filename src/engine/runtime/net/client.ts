import { err, type Result } from "../../kernel/result.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { ConnectOptions, DnsAnswer, HttpRequest, HttpResponse, Ip, NetNamespace, SocketError, SocketErrorCode, TcpConnection } from "../../network/contracts.ts";
import type { PacketTrace } from "../../network/trace/packet-trace.ts";
import type { Process } from "../process/process.ts";
import type { Sys } from "../process/wait.ts";

/** Source: net.ipv4.tcp_syn_retries = 6: the kernel gives up a connection after about 127 s. */
export const KERNEL_TIMEOUT_US = secondsToUs(127);

/** perror(3) texts. */
const REASONS: Readonly<Record<SocketErrorCode, string>> = {
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address",
  ECONNREFUSED: "Connection refused",
  ETIMEDOUT: "Connection timed out",
  ENETUNREACH: "Network is unreachable",
  EHOSTUNREACH: "No route to host",
  ECONNRESET: "Connection reset by peer",
  EPIPE: "Broken pipe",
  ENXDOMAIN: "Name does not resolve",
  EAI_AGAIN: "Try again",
};

/** musl words two of them otherwise. */
export const reasonText = (process: Process, code: SocketErrorCode): string => {
  if (process.world.image.resolver === "musl" && code === "EHOSTUNREACH") return "Host is unreachable";
  if (process.world.image.resolver === "musl" && code === "ETIMEDOUT") return "Operation timed out";
  return REASONS[code];
};

export const optionsOf = (process: Process, timeoutUs: number): ConnectOptions => ({ timeoutUs, owner: process.owner, resolver: process.world.image.resolver });

export const isAddress = (text: string): boolean => /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.test(text) && text.split(".").every((part) => Number(part) < 256);

/** One look-up, by the container's own resolv.conf or by `server`. */
export function resolve(process: Process, name: string, type?: "A" | "AAAA" | "SRV" | "PTR" | "CNAME", server?: Ip): Sys<DnsAnswer> {
  let { netns } = process.world;
  if (server !== undefined) {
    const view = Object.create(netns) as NetNamespace;
    view.resolvConf = { ...netns.resolvConf, nameservers: [server] };
    netns = view;
  }
  return process.call<DnsAnswer>(`look up ${name}`, (resume) => netns.resolve(name, { ...optionsOf(process, secondsToUs(30)), ...(type === undefined ? {} : { type }) }, resume));
}

/** The first IPv4 address of a name; an address stands for itself. */
export function* addressOf(process: Process, name: string): Sys<Result<Ip, "not found" | "try again">> {
  if (isAddress(name)) return { ok: true, value: name };
  const answer = yield* resolve(process, name);
  if (answer.rcode === "NOERROR") {
    const record = answer.records.find((one) => one.type === "A");
    return record === undefined ? err("not found") : { ok: true, value: record.data };
  }
  return err(answer.rcode === "NXDOMAIN" ? "not found" : "try again");
}

export function connect(process: Process, ip: Ip, port: number, timeoutUs: number): Sys<Result<TcpConnection, SocketError>> {
  return process.call(`connect to ${ip}:${port}`, (resume) => {
    process.world.netns.connectTcp({ ip, port }, optionsOf(process, timeoutUs), resume);
    return undefined;
  });
}

export interface HttpOutcome {
  readonly result: Result<HttpResponse, SocketError>;
  /** Where it went, as far as it got; undefined when the name was not found. */
  readonly ip: Ip | undefined;
}

/** One request with everything that belongs to it in one trace: look-up, connection, exchange. */
export function* http(process: Process, request: HttpRequest, timeoutUs: number): Sys<HttpOutcome> {
  const host = /^https?:\/\/([^/:?#]+)/i.exec(request.url)?.[1] ?? "";
  let trace: PacketTrace | undefined;
  const result = yield* process.call<Result<HttpResponse, SocketError>>(`${request.method} ${request.url}`, (resume) => {
    trace = process.world.netns.http(request, optionsOf(process, timeoutUs), resume);
    return undefined;
  });
  if (isAddress(host)) return { result, ip: host };
  if (!result.ok && (result.error.code === "ENXDOMAIN" || result.error.code === "EAI_AGAIN")) return { result, ip: undefined };
  const seen = addressInTrace(trace);
  if (seen !== undefined) return { result, ip: seen };
  const address = yield* addressOf(process, host);
  return { result, ip: address.ok ? address.value : undefined };
}

function addressInTrace(trace: PacketTrace | undefined): Ip | undefined {
  return trace?.walks.find((walk) => walk.role === "syn")?.hops[0]?.before.ipDst;
}

/** "content-type" → "Content-Type": how servers write their headers. */
export function headerCase(name: string): string {
  if (name === "etag") return "ETag";
  if (name === "www-authenticate") return "WWW-Authenticate";
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}
