import type { Listener, SocketOwner } from "../contracts.ts";
import { serveHttp } from "../http/serve.ts";
import type { Namespace } from "../socket/namespace.ts";
import type { OwnerObject } from "../trace/packet-hop.ts";
import type { ServiceBlock } from "./rule-cache.ts";

const HEALTHZ_PORT = 10_256;
const METRICS_PORT = 10_249;
const JSON_HEADERS = { "Content-Type": "application/json", "X-Content-Type-Options": "nosniff" };

interface ServiceHealth {
  readonly owner: OwnerObject;
  localEndpoints: number;
  listener: Listener | undefined;
}

/**
 * What kube-proxy answers on a node: its own health, the proxy mode, and the health check node ports of load-balanced Services.
 * Source: pkg/proxy/healthcheck/{proxy_health,service_health}.go.
 */
export class HealthServers {
  private readonly byPort = new Map<number, ServiceHealth>();
  private readonly owner: SocketOwner;
  private readonly own: Listener[] = [];

  constructor(
    private readonly host: Namespace,
    private readonly nodeName: string,
  ) {
    this.owner = { pod: "", container: "kube-proxy", process: "kube-proxy", pid: 1_000 };
  }

  start(): void {
    this.listen(HEALTHZ_PORT, "0.0.0.0", (path) => (path === "/healthz" || path === "/livez" ? { status: 200, headers: JSON_HEADERS, body: '{"status":"healthy"}' } : NOT_FOUND));
    this.listen(METRICS_PORT, "127.0.0.1", (path) => (path === "/proxyMode" ? { status: 200, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: "iptables" } : NOT_FOUND));
  }

  stop(): void {
    for (const listener of this.own.splice(0)) listener.close();
    for (const health of this.byPort.values()) health.listener?.close();
    this.byPort.clear();
  }

  /** Opens and closes health check node ports as the Services say. */
  update(blocks: readonly ServiceBlock[]): void {
    const wanted = new Map<number, { owner: OwnerObject; localEndpoints: number }>();
    for (const block of blocks) {
      for (const { port, endpoints } of block.ports) {
        if (port.healthCheckNodePort === 0) continue;
        const local = new Set(endpoints.filter((endpoint) => endpoint.nodeName === this.nodeName && endpoint.ready).map((endpoint) => endpoint.ip));
        wanted.set(port.healthCheckNodePort, { owner: port.owner, localEndpoints: Math.max(local.size, wanted.get(port.healthCheckNodePort)?.localEndpoints ?? 0) });
      }
    }
    for (const [port, health] of this.byPort) {
      if (wanted.has(port)) continue;
      health.listener?.close();
      this.byPort.delete(port);
    }
    for (const [port, { owner, localEndpoints }] of wanted) {
      const known = this.byPort.get(port);
      if (known !== undefined) known.localEndpoints = localEndpoints;
      else this.open(port, { owner, localEndpoints, listener: undefined });
    }
  }

  private open(port: number, health: ServiceHealth): void {
    const listening = this.host.listenTcp(port, "0.0.0.0", this.owner, (connection) => {
      serveHttp(connection, (_request, respond) => {
        const body = `{\n\t"service": {\n\t\t"namespace": ${JSON.stringify(health.owner.namespace)},\n\t\t"name": ${JSON.stringify(health.owner.name)}\n\t},\n\t"localEndpoints": ${health.localEndpoints},\n\t"serviceProxyHealthy": true\n}`;
        respond({ status: health.localEndpoints > 0 ? 200 : 503, headers: { ...JSON_HEADERS, "X-Load-Balancing-Endpoint-Weight": String(health.localEndpoints) }, body });
      });
    });
    if (listening.ok) health.listener = listening.value;
    this.byPort.set(port, health);
  }

  private listen(port: number, ip: string, answer: (path: string) => { status: number; headers: Readonly<Record<string, string>>; body: string }): void {
    const listening = this.host.listenTcp(port, ip, this.owner, (connection) => serveHttp(connection, (request, respond) => respond(answer(request.target.split("?")[0] ?? ""))));
    if (listening.ok) this.own.push(listening.value);
  }
}

const NOT_FOUND = { status: 404, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: "404 page not found\n" };
