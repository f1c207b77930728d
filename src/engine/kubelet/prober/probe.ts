import type { Clock } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { Container, HTTPGetAction, Probe } from "../../kinds/generated/types.ts";
import type { HttpResponse, NetNamespace, SocketError } from "../../network/contracts.ts";
import type { ContainerRuntime } from "../../runtime/contracts.ts";
import { expandStatic } from "../env/environment.ts";
import { rpcErrorText } from "../../runtime/images/registry-model.ts";
import { type Task, until, within } from "../task.ts";

/** One look at a container. */
export interface ProbeOutcome {
  readonly result: "Success" | "Warning" | "Failure";
  readonly output: string;
}

export interface ProbeTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
  /** Probes leave from the node itself. */
  readonly host: NetNamespace;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
}

const USER_AGENT = "kube-probe/1.33";
const MAX_REDIRECTS = 10;
const MAX_OUTPUT = 10 * 1_024;

const success = (output = ""): Result<ProbeOutcome, string> => ok({ result: "Success", output });
const failure = (output: string): Result<ProbeOutcome, string> => ok({ result: "Failure", output });

/** Runs one probe. The error is for what could not even be tried. Source: pkg/kubelet/prober/prober.go, runProbe. */
export function* runProbe(probe: Probe, target: ProbeTarget): Task<Result<ProbeOutcome, string>> {
  const timeoutUs = secondsToUs(probe.timeoutSeconds ?? 1);
  if (probe.exec !== undefined) return yield* execProbe(expandStatic(probe.exec.command, target.container.env), target, probe.timeoutSeconds ?? 1);
  if (probe.httpGet !== undefined) {
    const request = httpRequestOf(probe.httpGet, target.container, target.podIp);
    if (!request.ok) return request;
    return yield* httpProbe(target.host, request.value, timeoutUs);
  }
  if (probe.tcpSocket !== undefined) {
    const port = resolvePort(probe.tcpSocket.port, target.container);
    if (!port.ok) return port;
    return yield* tcpProbe(target.host, probe.tcpSocket.host === undefined || probe.tcpSocket.host === "" ? target.podIp : probe.tcpSocket.host, port.value, timeoutUs);
  }
  if (probe.grpc !== undefined) return yield* grpcProbe(target.host, target.podIp, probe.grpc.port, probe.grpc.service ?? "", probe.timeoutSeconds ?? 1);
  return err(`missing probe handler for ${target.container.name}`);
}

/** Source: pkg/probe/util.go, ResolveContainerPort. */
export function resolvePort(port: number | string, container: Container): Result<number, string> {
  if (typeof port === "number" || /^\d+$/.test(port)) {
    const number = Number(port);
    return number > 0 && number < 65_536 ? ok(number) : err(`invalid port number: ${number}`);
  }
  const named = container.ports?.find(({ name }) => name === port);
  return named === undefined ? err(`couldn't find port: ${JSON.stringify(port)} in container ${container.name}`) : ok(named.containerPort);
}

export interface OutgoingRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Source: pkg/probe/http/request.go, NewRequestForHTTPGetAction. */
export function httpRequestOf(action: HTTPGetAction, container: Container, podIp: string, userAgent = USER_AGENT): Result<OutgoingRequest, string> {
  const port = resolvePort(action.port, container);
  if (!port.ok) return port;
  const scheme = action.scheme === undefined || action.scheme === "" ? "http" : action.scheme.toLowerCase();
  const host = action.host === undefined || action.host === "" ? podIp : action.host;
  const path = action.path === undefined || action.path === "" || action.path.startsWith("/") ? (action.path ?? "") : `/${action.path}`;
  const headers: Record<string, string> = {};
  for (const { name, value } of action.httpHeaders ?? []) headers[name.toLowerCase()] = value;
  headers["user-agent"] ??= userAgent;
  headers["accept"] ??= "*/*";
  headers["connection"] = "close";
  return ok({ url: `${scheme}://${host}:${port.value}${path}`, headers });
}

/** Source: pkg/probe/http/http.go, DoHTTPProbe. Redirects within the host are followed. */
function* httpProbe(host: NetNamespace, request: OutgoingRequest, timeoutUs: number): Task<Result<ProbeOutcome, string>> {
  let url = request.url;
  for (let hops = 0; ; hops++) {
    const answer = yield* httpGet(host, { ...request, url }, timeoutUs);
    if (!answer.ok) return failure(`Get ${JSON.stringify(url)}: ${httpErrorText(url, answer.error)}`);
    const { status, headers, body } = answer.value;
    const location = headers["location"];
    if (status >= 300 && status < 400 && location !== undefined) {
      const next = redirectTarget(url, location);
      if (next === undefined) return ok({ result: "Warning", output: `Probe terminated redirects, Response body: ${body.slice(0, MAX_OUTPUT)}` });
      if (hops + 1 >= MAX_REDIRECTS) return failure(`Get ${JSON.stringify(next)}: stopped after ${MAX_REDIRECTS} redirects`);
      url = next;
    } else if (status >= 200 && status < 400) return success(body.slice(0, MAX_OUTPUT));
    else return failure(`HTTP probe failed with statuscode: ${status}`);
  }
}

export const httpGet = (host: NetNamespace, request: OutgoingRequest, timeoutUs: number): Task<Result<HttpResponse, SocketError>> =>
  until((done) => {
    host.http({ method: "GET", url: request.url, headers: request.headers }, { timeoutUs }, done);
    return () => {};
  });

/** Undefined when it leads to another host. */
function redirectTarget(url: string, location: string): string | undefined {
  const base = /^(https?:\/\/)([^/?#]*)/.exec(url);
  if (base === null) return undefined;
  const absolute = /^https?:\/\/([^/?#]*)/.exec(location);
  if (absolute === null) return `${base[1]}${base[2]}${location.startsWith("/") ? "" : "/"}${location}`;
  return hostnameOf(absolute[1] ?? "") === hostnameOf(base[2] ?? "") ? location : undefined;
}

const hostnameOf = (authority: string): string => authority.replace(/:\d+$/, "");

const authorityOf = (url: string): string => {
  const [, scheme = "http", authority = ""] = /^(\w+):\/\/([^/?#]*)/.exec(url) ?? [];
  return /:\d+$/.test(authority) ? authority : `${authority}:${scheme === "https" ? 443 : 80}`;
};

/** What Go's http client says after `Get "…": `. Source: go/src/net/http/client.go, setRequestCancel; go/src/net/net.go, OpError. */
export function httpErrorText(url: string, error: SocketError): string {
  switch (error.code) {
    case "ETIMEDOUT": return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
    case "ECONNRESET": return `read tcp ${authorityOf(url)}: read: connection reset by peer`;
    case "EPIPE": return "EOF";
    case "ENXDOMAIN": case "EAI_AGAIN": return `dial tcp: lookup ${hostnameOf(authorityOf(url))}: ${error.code === "ENXDOMAIN" ? "no such host" : "Temporary failure in name resolution"}`;
    default: return dialErrorText(authorityOf(url), error);
  }
}

/** Source: go/src/net/net.go, OpError.Error. */
function dialErrorText(authority: string, error: SocketError): string {
  const what: Partial<Record<SocketError["code"], string>> = {
    ECONNREFUSED: "connect: connection refused", EHOSTUNREACH: "connect: no route to host", ENETUNREACH: "connect: network is unreachable",
    ETIMEDOUT: "i/o timeout", ECONNRESET: "connect: connection reset by peer",
  };
  return `dial tcp ${authority}: ${what[error.code] ?? error.message}`;
}

/** Source: pkg/probe/tcp/tcp.go, DoTCPProbe. */
function* tcpProbe(host: NetNamespace, ip: string, port: number, timeoutUs: number): Task<Result<ProbeOutcome, string>> {
  const connection = yield* until<Parameters<Parameters<NetNamespace["connectTcp"]>[2]>[0]>((done) => {
    let isGivenUp = false;
    host.connectTcp({ ip, port }, { timeoutUs }, (result) => {
      if (isGivenUp && result.ok) result.value.close();
      done(result);
    });
    return () => { isGivenUp = true; };
  });
  if (!connection.ok) return failure(dialErrorText(`${ip}:${port}`, connection.error));
  connection.value.close();
  return success();
}

/** Source: pkg/probe/exec/exec.go, Probe; pkg/kubelet/prober/prober.go, execInContainer. */
function* execProbe(argv: readonly string[], target: ProbeTarget, timeoutSeconds: number): Task<Result<ProbeOutcome, string>> {
  const run = execInContainer(target.runtime, target.containerId, argv);
  const ended = yield* within(target.clock, secondsToUs(timeoutSeconds), "kubelet: exec probe takes too long", run);
  if (ended === undefined) return failure(`command timed out: ${JSON.stringify(argv.join(" "))} timed out after ${timeoutSeconds}s`);
  const answer = ended.value;
  if (!answer.ok) return answer;
  const output = answer.value.output.slice(0, MAX_OUTPUT);
  return answer.value.code === 0 ? success(output) : failure(output);
}

export interface ExecAnswer {
  readonly code: number;
  readonly output: string;
}

/** Runs a command to its end and gathers what it prints, stdout before stderr as upstream does. */
export function* execInContainer(runtime: ContainerRuntime, containerId: string, argv: readonly string[]): Task<Result<ExecAnswer, string>> {
  return yield* until<Result<ExecAnswer, string>>((done) => {
    let stdout = "";
    let stderr = "";
    const session = runtime.exec(containerId, argv, {
      tty: false, stdin: false,
      stdout: (text) => { if (stdout.length < MAX_OUTPUT) stdout += text; },
      stderr: (text) => { if (stderr.length < MAX_OUTPUT) stderr += text; },
      exit: (code) => done(ok({ code, output: stdout + stderr })),
    });
    if (!session.ok) {
      done(err(rpcErrorText(session.error)));
      return undefined;
    }
    return () => session.value.kill();
  });
}

const GRPC_PATH = "/grpc.health.v1.Health/Check";

/**
 * Source: pkg/probe/grpc/grpc.go, Probe.
 * Differs: the call is an HTTP request with the service's name as body; a health server answers with content-type application/grpc and
 * the serving status ("SERVING") as body.
 */
function* grpcProbe(host: NetNamespace, ip: string, port: number, service: string, timeoutSeconds: number): Task<Result<ProbeOutcome, string>> {
  const url = `http://${ip}:${port}${GRPC_PATH}`;
  const answer = yield* until<Result<HttpResponse, SocketError>>((done) => {
    host.http({ method: "POST", url, headers: { "content-type": "application/grpc", "user-agent": `${USER_AGENT} grpc-go/1.68.1` }, body: service }, { timeoutUs: secondsToUs(timeoutSeconds) }, done);
    return () => {};
  });
  const limit = `${timeoutSeconds}s`;
  if (!answer.ok) return failure(`timeout: failed to connect service ${JSON.stringify(`${ip}:${port}`)} within ${limit}: context deadline exceeded`);
  const { status, headers, body } = answer.value;
  if (!(headers["content-type"] ?? "").startsWith("application/grpc")) {
    const why = status === 404 ? "rpc error: code = Unimplemented desc = unexpected HTTP status code received from server: 404 (Not Found)" : `rpc error: code = Unavailable desc = connection error: unexpected HTTP status code received from server: ${status}`;
    return failure(`error: health rpc probe failed: ${why}`);
  }
  if (headers["grpc-status"] === "12") return failure("error: this server does not implement the grpc health protocol (grpc.health.v1.Health): rpc error: code = Unimplemented desc = unknown service grpc.health.v1.Health");
  return body === "SERVING" ? success() : failure(`service unhealthy (responded with ${JSON.stringify(body)})`);
}
