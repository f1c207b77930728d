import { performance } from "node:perf_hooks";
import { createCluster, replay, type Cluster } from "../src/engine/index.ts";

/** One measured line: what, how much, in which unit, and the budget it is held against. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly budget?: string;
}

function timed(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function booted(nodes: number, seed = 1, podCIDR?: string): Cluster {
  const cluster = createCluster({ nodes, seed, ...(podCIDR === undefined ? {} : { podCIDR }) });
  if (!cluster.runUntil(() => cluster.ready(), { limitMs: 600_000 })) throw new Error(`a cluster with ${nodes} nodes is not ready after ten simulated minutes`);
  return cluster;
}

function post(cluster: Cluster, path: string, body: unknown): void {
  const { status, body: answer } = cluster.request({ method: "POST", path, headers: { "content-type": "application/json" }, body });
  if (status !== 201) throw new Error(`POST ${path}: ${JSON.stringify(answer)}`);
}

const deployment = (name: string, replicas: number): unknown => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "web", image: "nginx:1.27", resources: { requests: { cpu: "10m", memory: "16Mi" } } }] } } },
});

const readyReplicas = (cluster: Cluster, name: string): number => {
  const { body } = cluster.request({ method: "GET", path: `/apis/apps/v1/namespaces/default/deployments/${name}` });
  return (body as { status?: { readyReplicas?: number } }).status?.readyReplicas ?? 0;
};

function untilReady(cluster: Cluster, name: string, replicas: number): void {
  for (let i = 0; i < 3_600 && readyReplicas(cluster, name) < replicas; i++) cluster.runFor(1_000);
  if (readyReplicas(cluster, name) < replicas) throw new Error(`${name}: ${readyReplicas(cluster, name)} of ${replicas} ready after an hour`);
}

const BENCHES: Readonly<Record<string, () => Measurement[]>> = {
  boot() {
    for (let i = 0; i < 3; i++) booted(3);
    return [{ name: "3-node cluster, all system pods Ready, wall", value: median(Array.from({ length: 7 }, () => timed(() => booted(3)))), unit: "ms", budget: "≤ 50" }];
  },
  rollout() {
    const cluster = booted(100);
    const wall = timed(() => {
      post(cluster, "/apis/apps/v1/namespaces/default/deployments", deployment("web", 1_000));
      untilReady(cluster, "web", 1_000);
    });
    return [{ name: "1,000-replica Deployment on 100 nodes until all Ready, wall", value: wall, unit: "ms", budget: "≤ 1000" }];
  },
  reads() {
    const cluster = booted(100);
    post(cluster, "/apis/apps/v1/namespaces/default/deployments", deployment("web", 1_000));
    untilReady(cluster, "web", 1_000);
    const get = { method: "GET", path: "/api/v1/namespaces/kube-system/services/kube-dns" } as const;
    const rounds = 20_000;
    const getWall = timed(() => {
      for (let i = 0; i < rounds; i++) cluster.request(get);
    });
    const table = { method: "GET", path: "/api/v1/namespaces/default/pods", headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" } } as const;
    const listWall = median(Array.from({ length: 15 }, () => timed(() => void cluster.request(table))));
    return [
      { name: "GET of one object", value: (getWall / rounds) * 1_000, unit: "µs", budget: "≤ 20" },
      { name: "list of 1,000 pods as Table", value: listWall, unit: "ms", budget: "≤ 10" },
    ];
  },
  traces() {
    const cluster = booted(3);
    post(cluster, "/apis/apps/v1/namespaces/default/deployments", deployment("web", 3));
    post(cluster, "/api/v1/namespaces/default/services", { apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } });
    untilReady(cluster, "web", 3);
    const { body } = cluster.request({ method: "GET", path: "/api/v1/namespaces/default/pods" });
    const from = { pod: `default/${(body as { items: { metadata: { name: string } }[] }).items[0]?.metadata.name ?? ""}` };
    const service = cluster.request({ method: "GET", path: "/api/v1/namespaces/default/services/web" }).body as { spec: { clusterIP: string } };
    const count = 500;
    const wall = timed(() => {
      for (let i = 0; i < count; i++) {
        const trace = cluster.send({ from, to: `http://${service.spec.clusterIP}/` });
        cluster.runUntil(() => trace.status !== "running", { limitMs: 60_000 });
        if (trace.response?.status !== 200) throw new Error(`trace ${i}: ${trace.outcome}`);
      }
    });
    return [{ name: "recorded HTTP traces, pod → ClusterIP → pod, 3 Services", value: (count / wall) * 1_000, unit: "per s" }];
  },
  replay() {
    const cluster = booted(3);
    post(cluster, "/apis/apps/v1/namespaces/default/deployments", deployment("web", 50));
    cluster.runFor(600_000);
    const log = cluster.commandLog();
    const untilMs = cluster.now();
    let hash = "";
    const wall = timed(() => (hash = replay(cluster.options, log, untilMs).stateHash()));
    if (hash !== cluster.stateHash()) throw new Error("the replay is another run");
    return [{ name: "replay of 10 simulated minutes, 3 nodes, 50 pods", value: wall, unit: "ms", budget: "≤ 150" }];
  },
};

const wanted = process.argv.slice(2);
const results = Object.entries(BENCHES)
  .filter(([name]) => wanted.length === 0 || wanted.includes(name))
  .flatMap(([, run]) => run());
process.stdout.write(`${JSON.stringify(results)}\n`);
