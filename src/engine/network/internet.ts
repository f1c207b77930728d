import { decodeDns, type DnsMessage, encodeDns, type ResourceRecord } from "./dns/message.ts";
import { serveHttp } from "./http/serve.ts";
import type { Namespace } from "./socket/namespace.ts";
import type { SocketOwner } from "./contracts.ts";

/** The resolver that nodes are given by their provider. */
export const RESOLVER = "203.0.113.53";

/** The few names that exist outside. The addresses are this world's own. */
const NAMES: Readonly<Record<string, string>> = {
  "example.com.": "203.0.113.10",
  "www.example.com.": "203.0.113.10",
  "example.org.": "203.0.113.11",
  "kubernetes.io.": "203.0.113.20",
  "www.kubernetes.io.": "203.0.113.20",
  "info.cern.ch.": "203.0.113.21",
  "google.com.": "203.0.113.30",
  "www.google.com.": "203.0.113.30",
  "github.com.": "203.0.113.31",
  "api.github.com.": "203.0.113.31",
  "registry.k8s.io.": "203.0.113.40",
  "registry-1.docker.io.": "203.0.113.41",
  "auth.docker.io.": "203.0.113.41",
  "docker.io.": "203.0.113.41",
  "quay.io.": "203.0.113.42",
  "ghcr.io.": "203.0.113.43",
  "dl-cdn.alpinelinux.org.": "203.0.113.44",
  "deb.debian.org.": "203.0.113.45",
  "pypi.org.": "203.0.113.46",
};
const TTL_SECONDS = 300;
const SERVER: SocketOwner = { pod: "", container: "", process: "web", pid: 1 };
const DNS_SERVER: SocketOwner = { pod: "", container: "", process: "named", pid: 2 };

export const INTERNET_ADDRESSES: readonly string[] = [RESOLVER, ...new Set(Object.values(NAMES))];

/** Answers a query as the outside world's resolver does: known names have an A record, all others do not exist. */
export function answerOutside(query: DnsMessage): DnsMessage {
  const { name, type } = query.question;
  const address = NAMES[name.toLowerCase()];
  const answers: ResourceRecord[] = address !== undefined && type === "A" ? [{ name, type, ttl: TTL_SECONDS, data: address }] : [];
  return { ...query, isResponse: true, recursionAvailable: true, rcode: address === undefined ? "NXDOMAIN" : "NOERROR", answers, authority: [], additional: [] };
}

/** A web server behind every known address, and the resolver. */
export function serveInternet(namespace: Namespace): void {
  namespace.listenUdp(53, RESOLVER, DNS_SERVER, (datagram) => {
    const query = decodeDns(datagram.payload);
    if (query !== undefined && !query.isResponse) datagram.reply(encodeDns(answerOutside(query)));
  });
  namespace.listenTcp(80, "0.0.0.0", SERVER, (connection) => {
    serveHttp(connection, (request, respond) => {
      const host = (request.headers["host"] ?? "").replace(/:\d+$/, "");
      respond({ status: 200, headers: { Server: "web", "Content-Type": "text/html; charset=utf-8" }, body: `<!doctype html><title>${host}</title><h1>${host}</h1><p>This is the small world outside of the cluster.</p>\n` });
    });
  });
}
