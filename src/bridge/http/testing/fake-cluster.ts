import type { ApiRequest, ApiResponse, StreamListener, WatchEvent } from "../../../engine/apimachinery/api.ts";
import type { Cluster, ClusterObserver } from "../../../engine/cluster/contracts.ts";
import type { ExecOptions } from "../../../engine/runtime/contracts.ts";
import { createHttpBridge, type HttpBridge, type HttpBridgeOptions } from "../server.ts";

/** A stream that the test feeds. */
export class FakeStream {
  listener: StreamListener | undefined;
  closed = 0;
  private readonly before: (WatchEvent | string)[] = [];

  listen(listener: StreamListener): void {
    this.listener = listener;
    for (const chunk of this.before.splice(0)) listener.chunk(chunk);
  }

  push(chunk: WatchEvent | string): void {
    if (this.listener === undefined) this.before.push(chunk);
    else this.listener.chunk(chunk);
  }

  end(): void {
    this.listener?.end();
  }

  close(): void {
    this.closed += 1;
  }
}

/** Events in simulated ms, and answers by the test: no Kubernetes in it, only what the bridge calls. */
export class FakeCluster {
  readonly requests: ApiRequest[] = [];
  readonly typed: string[] = [];
  answer: (request: ApiRequest) => ApiResponse = () => ({ status: 200, headers: { "content-type": "application/json" }, body: {} });
  /** Runs when a command is started; what it returns is the error, if any. */
  onExec: (argv: readonly string[], options: ExecOptions) => string | undefined = () => undefined;
  killed = 0;
  nowMs = 0;
  /** Events: when, and what. Kept in order. */
  events: { atMs: number; run: () => void }[] = [];
  slices = 0;
  private readonly observers = new Set<ClusterObserver>();

  request(request: ApiRequest): ApiResponse {
    this.requests.push(request);
    return this.answer(request);
  }

  now(): number {
    return this.nowMs;
  }

  runSlice(untilMs: number, budgetEvents: number): boolean {
    this.slices += 1;
    for (let ran = 0; ran < budgetEvents; ran++) {
      const next = this.events[0];
      if (next === undefined || next.atMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs);
        return true;
      }
      this.events.shift();
      this.nowMs = next.atMs;
      next.run();
    }
    return false;
  }

  at(atMs: number, run: () => void): void {
    this.events.push({ atMs, run });
    this.events.sort((a, b) => a.atMs - b.atMs);
  }

  observe(observer: ClusterObserver): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  changed(kind: string): void {
    const object = { apiVersion: "v1", kind, metadata: { name: "x" } };
    for (const observer of this.observers) observer.store?.({ type: "MODIFIED", object, before: object, revision: 1, atUs: this.nowMs * 1000, causeId: 0 });
  }

  exec(_pod: string, _container: string | undefined, argv: readonly string[], options: ExecOptions): ReturnType<Cluster["exec"]> {
    const error = this.onExec(argv, options);
    if (error !== undefined) return { ok: false, error };
    return {
      ok: true,
      value: {
        write: (text) => this.typed.push(text),
        endInput: () => this.typed.push("<EOF>"),
        kill: () => (this.killed += 1),
      },
    };
  }

  asCluster(): Cluster {
    return this as unknown as Cluster;
  }
}

export const RUNNING_POD = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "default", uid: "u-1" },
  spec: { nodeName: "node-1", containers: [{ name: "nginx", image: "nginx" }] },
  status: { phase: "Running", podIP: "10.42.1.2", containerStatuses: [{ name: "nginx", state: { running: {} } }] },
};

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): ApiResponse => ({ status, headers: { "content-type": "application/json", ...headers }, body });

/** A bridge in front of a fake cluster on a free port. */
export async function serveFake(options: Partial<HttpBridgeOptions> = {}): Promise<{ cluster: FakeCluster; bridge: HttpBridge; url: string; port: number }> {
  const cluster = new FakeCluster();
  const bridge = createHttpBridge({ cluster: cluster.asCluster(), pump: { catchUp: () => {}, noteInput: () => {} }, ...options });
  const { url, port } = await bridge.listen(0);
  return { cluster, bridge, url, port };
}
