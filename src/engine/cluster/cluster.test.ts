import { beforeAll, describe, expect, test } from "vitest";
import type { EventObject, NodeObject, PodObject } from "../kinds/generated/types.ts";
import type { Cluster } from "./contracts.ts";
import { createCluster, replay } from "../index.ts";

const JSON_BODY = { "content-type": "application/json" };
const NGINX = { apiVersion: "v1", kind: "Pod", metadata: { name: "my-nginx-pod", labels: { app: "nginx" } }, spec: { containers: [{ name: "nginx-container", image: "nginx:latest", ports: [{ containerPort: 80 }] }] } };

function booted(options: Parameters<typeof createCluster>[0] = {}): Cluster {
  const cluster = createCluster(options);
  if (!cluster.runUntil(() => cluster.ready(), { limitMs: 120_000 })) throw new Error("not ready after two simulated minutes");
  return cluster;
}

const get = <T>(cluster: Cluster, path: string): T => cluster.request({ method: "GET", path }).body as T;
const list = <T>(cluster: Cluster, path: string): readonly T[] => get<{ items: readonly T[] }>(cluster, path).items;

function post(cluster: Cluster, path: string, body: unknown): void {
  const answer = cluster.request({ method: "POST", path, headers: JSON_BODY, body });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
}

const deployment = (name: string, replicas: number, image = "nginx:1.27"): unknown => ({
  apiVersion: "apps/v1", kind: "Deployment", metadata: { name },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image, ports: [{ containerPort: 80 }] }] } } },
});
const service = (name: string): unknown => ({ apiVersion: "v1", kind: "Service", metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80 }] } });

describe("boot", () => {
  let cluster: Cluster;
  beforeAll(() => {
    cluster = booted();
  });

  test("machines, and what runs on them", () => {
    expect(list<NodeObject>(cluster, "/api/v1/nodes").map(({ metadata, spec }) => [metadata.name, spec.podCIDR?.slice(0, 6), spec.taints?.map((taint) => taint.key) ?? []])).toEqual([
      ["control-plane", "10.42.", ["node-role.kubernetes.io/control-plane"]], ["node-1", "10.42.", []], ["node-2", "10.42.", []], ["node-3", "10.42.", []],
    ]);
    const owners = list<PodObject>(cluster, "/api/v1/pods").map(({ metadata }) => `${metadata.namespace}/${metadata.ownerReferences?.[0]?.kind}`);
    const counts = Object.fromEntries([...new Set(owners)].map((owner) => [owner, owners.filter((other) => other === owner).length]));
    expect(counts).toEqual({ "kube-flannel/DaemonSet": 4, "kube-system/ReplicaSet": 2, "kube-system/Node": 4, "kube-system/DaemonSet": 4 });
  });

  test("nothing warned on the way but what must", () => {
    const warnings = list<EventObject>(cluster, "/api/v1/events").filter(({ type }) => type === "Warning").map(({ reason }) => reason);
    // coredns waits for the first node whose network is ready; the disk is measured after the kubelet's first look.
    expect([...new Set(warnings)].toSorted()).toEqual(["FailedScheduling", "InvalidDiskCapacity"]);
  });

  test("the nginx Pod comes alive, with upstream's events in order", () => {
    post(cluster, "/api/v1/namespaces/default/pods", NGINX);
    const ready = (): boolean => get<PodObject>(cluster, "/api/v1/namespaces/default/pods/my-nginx-pod").status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";
    expect(cluster.runUntil(ready, { limitMs: 60_000 })).toBe(true);
    cluster.runFor(1_000);
    const events = cluster.request({ method: "GET", path: "/api/v1/namespaces/default/events", query: { fieldSelector: "involvedObject.name=my-nginx-pod" } }).body as { items: EventObject[] };
    const inOrder = events.items.toSorted((a, b) => ((a.firstTimestamp ?? a.eventTime ?? "") < (b.firstTimestamp ?? b.eventTime ?? "") ? -1 : 1)).map(({ reason }) => reason);
    expect(inOrder).toEqual(["Scheduled", "Pulling", "Pulled", "Created", "Started"]);
  });

  test("explain: the verdict of every node, and the chain back to the request", () => {
    const { scheduling, causes } = cluster.explain("pod/default/my-nginx-pod");
    expect(scheduling.at(-1)).toMatchObject({ pod: "default/my-nginx-pod", result: "scheduled" });
    expect(scheduling.at(-1)?.verdicts.find(({ node }) => node === "control-plane")).toMatchObject({ plugin: "TaintToleration" });
    expect(causes.at(-1)?.label).toMatch(/POST \/api\/v1\/namespaces\/default\/pods/);
  });

  test("a container that is killed is started again", () => {
    expect(cluster.fault({ kind: "kill-container", pod: "default/my-nginx-pod", container: "nginx-container" })).toEqual({ ok: true, value: undefined });
    cluster.runFor(10_000);
    expect(get<PodObject>(cluster, "/api/v1/namespaces/default/pods/my-nginx-pod").status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true, lastState: { terminated: { exitCode: 137, reason: "Error" } } });
  });

  test("faults and nodes that are not there are named", () => {
    expect(cluster.fault({ kind: "kill-container", pod: "default/nosuch", container: "c" })).toMatchObject({ ok: false, error: expect.stringContaining("nosuch") });
    expect(cluster.fault({ kind: "kubelet-stopped", node: "node-9" })).toMatchObject({ ok: false, error: expect.stringContaining("node-9") });
    expect(() => cluster.node("node-9")).toThrow(/there is no node "node-9"/);
  });
});

describe("the control plane is made of its pods", () => {
  test("without the scheduler nothing is scheduled, and it catches up", () => {
    const cluster = booted({ nodes: 1, seed: 4 });
    cluster.fault({ kind: "kubelet-stopped", node: "control-plane" }); // nobody brings the scheduler back
    cluster.fault({ kind: "kill-container", pod: "kube-system/kube-scheduler-control-plane", container: "kube-scheduler" });
    post(cluster, "/api/v1/namespaces/default/pods", NGINX);
    cluster.runFor(20_000);
    const pod = (): PodObject => get<PodObject>(cluster, "/api/v1/namespaces/default/pods/my-nginx-pod");
    expect([pod().spec.nodeName, pod().status?.phase]).toEqual([undefined, "Pending"]);
    cluster.fault({ kind: "kubelet-started", node: "control-plane" });
    expect(cluster.runUntil(() => pod().status?.phase === "Running", { limitMs: 120_000 })).toBe(true);
  });

  test("somebody else's etcd is not the cluster's", () => {
    const cluster = booted({ nodes: 1, seed: 6 });
    post(cluster, "/api/v1/namespaces/default/pods", { apiVersion: "v1", kind: "Pod", metadata: { name: "etcd" }, spec: { restartPolicy: "Never", containers: [{ name: "etcd", image: "registry.k8s.io/etcd:3.5.21-0" }] } });
    cluster.runFor(30_000);
    expect(cluster.fault({ kind: "kill-container", pod: "default/etcd", container: "etcd" }).ok).toBe(true);
    cluster.runFor(5_000);
    expect(cluster.request({ method: "GET", path: "/api/v1/nodes" }).status).toBe(200);
  });

  test("without the API server requests are refused, and everything goes on afterwards", () => {
    const cluster = booted({ nodes: 1, seed: 5 });
    cluster.fault({ kind: "kill-container", pod: "kube-system/kube-apiserver-control-plane", container: "kube-apiserver" });
    cluster.runFor(200);
    expect(cluster.request({ method: "GET", path: "/api/v1/nodes" }).status).toBe(503);
    cluster.runFor(60_000);
    post(cluster, "/apis/apps/v1/namespaces/default/deployments", deployment("web", 2));
    cluster.runFor(30_000);
    expect(get<{ status: { readyReplicas: number } }>(cluster, "/apis/apps/v1/namespaces/default/deployments/web").status.readyReplicas).toBe(2);
  });
});

/** The same five minutes of work, with time passing in steps of one size. */
function fiveMinutes(seed: number, stepMs: number): Cluster {
  const cluster = createCluster({ seed, nodes: 2 });
  const run = (ms: number): void => {
    for (let done = 0; done < ms; done += stepMs) cluster.runFor(Math.min(stepMs, ms - done));
  };
  run(40_000);
  post(cluster, "/apis/apps/v1/namespaces/default/deployments", deployment("web", 3));
  post(cluster, "/api/v1/namespaces/default/services", service("web"));
  run(20_000);
  const pod = `default/${list<PodObject>(cluster, "/api/v1/namespaces/default/pods")[0]?.metadata.name}`;
  cluster.send({ from: { pod }, to: "http://web/" });
  cluster.send({ from: { external: true }, to: "icmp://10.0.0.11" });
  run(10_000);
  cluster.request({ method: "PATCH", path: "/apis/apps/v1/namespaces/default/deployments/web", headers: { "content-type": "application/merge-patch+json" }, body: { spec: { template: { spec: { containers: [{ name: "web", image: "nginx:1.28" }] } } } } });
  run(30_000);
  cluster.request({ method: "DELETE", path: "/api/v1/namespaces/default/services/web" });
  cluster.fault({ kind: "kubelet-stopped", node: "node-2" });
  run(300_000 - cluster.now());
  return cluster;
}

describe("determinism", () => {
  test("the step size has no part in a run, the seed has", () => {
    const hash = fiveMinutes(7, 300_000).stateHash();
    expect(fiveMinutes(7, 977).stateHash()).toBe(hash);
    expect(fiveMinutes(8, 300_000).stateHash()).not.toBe(hash);
  });

  test("the command log makes the run again", () => {
    const cluster = fiveMinutes(9, 5_000);
    expect(cluster.commandLog().map(({ type }) => type)).toEqual(["request", "request", "send", "send", "request", "request", "fault"]);
    const again = replay(cluster.options, cluster.commandLog(), cluster.now());
    expect(again.now()).toBe(cluster.now());
    expect(again.stateHash()).toBe(cluster.stateHash());
  });

  test("looking changes nothing: lists, watches and observers leave the run as it is", () => {
    const plain = booted({ nodes: 1, seed: 3 });
    plain.runFor(60_000);
    const watched = createCluster({ nodes: 1, seed: 3 });
    const stop = watched.observe({ store: () => {}, journal: () => {}, trace: () => {} });
    watched.runUntil(() => watched.ready(), { limitMs: 120_000 });
    const watch = watched.request({ method: "GET", path: "/api/v1/pods", query: { watch: "true" } });
    watch.stream?.listen({ chunk: () => {}, end: () => {} });
    watched.request({ method: "GET", path: "/api/v1/pods" });
    watched.runFor(60_000);
    stop();
    expect(watched.now()).toBe(plain.now());
    expect(watched.stateHash()).toBe(plain.stateHash());
  });
});

describe("options that make no sense are named", () => {
  test.each([
    [{ nodes: -1 }, /nodes must be a whole number from 0 to 5000, not -1/],
    [{ nodes: 5_001 }, /nodes must be/],
    [{ nodes: 300 }, /301 pod ranges of a \/24 each; 10\.42\.0\.0\/16 has 256/],
    [{ podCIDR: "nonsense" }, /podCIDR must be an IPv4 range like 10\.42\.0\.0\/16/],
    [{ cni: "calico" as const }, /calico.* is not built yet/],
    [{ proxyMode: "ipvs" as const }, /proxyMode "ipvs" is not built yet/],
    [{ epoch: "soon" }, /epoch must be an RFC 3339 time/],
    [{ seed: 1.5 }, /seed must be a whole number/],
  ])("%j", (options, message) => {
    expect(() => createCluster(options)).toThrow(message);
  });
});
