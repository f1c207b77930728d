import { parseIp } from "./addresses/ip.ts";
import type { NetNamespace, SendRequest, SendSource } from "./contracts.ts";
import type { NetWorld } from "./datapath/world.ts";
import { parseUrl } from "./http/url.ts";
import { reasonPhrase } from "./http/message.ts";
import { DEFAULT_TIMEOUT_US, failureText } from "./socket/namespace.ts";
import type { PacketTrace } from "./trace/packet-trace.ts";
import type { Trace } from "./trace/trace.ts";

const OWNER = { pod: "", container: "", process: "curl", pid: 0 };

/** What a `send` names: "http://name[:port]/path", "ip:port/tcp", "ip:port/udp", "icmp://name". */
type SendTarget =
  | { readonly type: "http"; readonly url: string }
  | { readonly type: "tcp" | "udp"; readonly host: string; readonly port: number }
  | { readonly type: "icmp"; readonly host: string };

export function parseTarget(to: string): SendTarget | undefined {
  const icmp = /^icmp:\/\/([A-Za-z0-9._-]+)\/?$/.exec(to);
  if (icmp !== null) return { type: "icmp", host: icmp[1] ?? "" };
  const port = /^([A-Za-z0-9._-]+):(\d{1,5})\/(tcp|udp)$/.exec(to);
  if (port !== null) {
    const number = Number(port[2]);
    return number >= 1 && number <= 65_535 ? { type: port[3] as "tcp" | "udp", host: port[1] ?? "", port: number } : undefined;
  }
  return parseUrl(to) === undefined ? undefined : { type: "http", url: to };
}

function sourceText(source: SendSource): string {
  if ("external" in source) return "external";
  return "node" in source ? `node ${source.node}` : `pod ${source.pod}`;
}

/** One user-made packet exchange with its trace: name look-up, then what the scheme asks for. */
export function sendRequest(world: NetWorld, request: SendRequest, namespace: NetNamespace | undefined): PacketTrace {
  const trace = world.traces.start(sourceText(request.from), request.to, true);
  const target = parseTarget(request.to);
  const fail = (outcome: string): PacketTrace => {
    world.clock.after(0, "send failed", () => trace.conclude({ status: "failed", outcome }));
    return trace;
  };
  if (namespace === undefined) return fail(`no such source: ${sourceText(request.from)}`);
  if (target === undefined) return fail(`cannot send to ${JSON.stringify(request.to.slice(0, 200))}: use http://name[:port]/path, host:port/tcp, host:port/udp or icmp://host`);
  const pod = "pod" in request.from ? request.from.pod : "";
  const options = { timeoutUs: DEFAULT_TIMEOUT_US, trace, owner: { ...OWNER, pod, process: target.type === "icmp" ? "ping" : target.type === "http" ? "curl" : "nc" } };
  if (target.type === "http") {
    namespace.http({ method: request.method ?? "GET", url: target.url, headers: request.headers ?? {}, body: request.body ?? "" }, options, (result) => {
      if (!result.ok) trace.conclude({ status: "failed", outcome: failureText(result.error, trace) });
      else trace.conclude({ status: "done", outcome: withServer(`${result.value.status} ${reasonPhrase(result.value.status)}`.trim(), trace), answeredBy: trace.server, response: result.value });
    });
    return trace;
  }
  const go = (ip: string): void => {
    if (target.type === "icmp") {
      namespace.ping(ip, options, (result) =>
        trace.conclude(result.ok ? { status: "done", outcome: withServer(`reply in ${result.value.rttUs} µs, ttl ${result.value.ttl},`, trace), answeredBy: trace.server } : { status: "failed", outcome: failureText(result.error, trace) }));
    } else if (target.type === "tcp") {
      namespace.connectTcp({ ip, port: target.port }, options, (result) => {
        if (!result.ok) trace.conclude({ status: "failed", outcome: failureText(result.error, trace) });
        else {
          trace.conclude({ status: "done", outcome: trace.server === "" ? "connected" : `connected to ${trace.server}`, answeredBy: trace.server });
          if (request.body !== undefined) result.value.send(request.body);
          result.value.close();
        }
      });
    } else {
      namespace.sendUdp({ ip, port: target.port }, request.body ?? "", options, (result) =>
        trace.conclude(result.ok ? { status: "done", outcome: withServer("reply", trace), answeredBy: trace.server, response: { status: 0, headers: {}, body: result.value } } : { status: "failed", outcome: failureText(result.error, trace) }));
    }
  };
  if (parseIp(target.host) !== undefined) go(target.host);
  else {
    namespace.resolve(target.host, options, (answer) => {
      const ip = answer.rcode === "NOERROR" ? answer.records.find((record) => record.type === "A")?.data : undefined;
      if (ip === undefined) trace.conclude({ status: "failed", outcome: answer.rcode === "NOERROR" || answer.rcode === "NXDOMAIN" ? "no such host" : `name look-up failed: ${answer.rcode}` });
      else go(ip);
    });
  }
  return trace;
}

const withServer = (words: string, trace: Trace): string => (trace.server === "" ? words.replace(/,$/, "") : `${words} from ${trace.server}`);
