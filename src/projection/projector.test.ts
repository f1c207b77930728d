import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../engine/apimachinery/object.ts";
import { Projector } from "./projector.ts";
import type { PodRow, Row } from "./rows/rows.ts";
import { createFakeCluster, type FakeCluster } from "./testing/fake-cluster.ts";

const EPOCH = "2026-01-01T00:00:00Z";
const pod = (name: string, labels = {}): KubeObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name, labels }, spec: { containers: [{ name: "nginx", image: "nginx:latest" }] } }) as KubeObject;
const post = (cluster: FakeCluster, plural: string, body: KubeObject) => cluster.request({ method: "POST", path: `/${plural === "deployments" ? "apis/apps" : "api"}/v1/namespaces/default/${plural}`, body });

/** What a page would hold: applies deltas by uid. */
class Page {
  readonly rows = new Map<string, Row>();
  take(projector: Projector, limit = 1_000): void {
    const delta = projector.drain(limit);
    for (const uid of delta.removed) this.rows.delete(uid);
    for (const row of delta.rows) this.rows.set(row.uid, row);
  }
  pod(name: string): PodRow | undefined {
    return [...this.rows.values()].find((row): row is PodRow => row.kind === "Pod" && row.name === name);
  }
}

function stage(): { cluster: FakeCluster; projector: Projector; page: Page } {
  const cluster = createFakeCluster({ seed: 3 });
  const projector = new Projector({ epoch: EPOCH });
  cluster.observe(projector.observer);
  return { cluster, projector, page: new Page() };
}

describe("rows follow the cluster", () => {
  test("a pod goes through pending, starting and ready, and its layers with it", () => {
    const { cluster, projector, page } = stage();
    cluster.runFor(10_000);
    post(cluster, "pods", pod("web"));
    const seen: string[] = [];
    for (let i = 0; i < 400; i += 1) {
      cluster.runFor(20);
      page.take(projector);
      const row = page.pod("web");
      const look = `${row?.meaning} ${row?.phase} ${row?.step ?? "-"}`;
      if (seen.at(-1) !== look) seen.push(look);
    }
    expect(seen).toEqual([
      "pending Pending schedule", "starting Pending -", "starting Pending volumes", "starting Pending sandbox", "starting Pending cni", "starting Pending -",
      "starting Pending pull", "starting Pending create", "starting Pending start", "starting Running ready", "ready Running -",
    ]);
    const row = page.pod("web");
    expect(row?.conditions.map((c) => `${c.type}=${c.status}`)).toEqual(["PodScheduled=True", "PodReadyToStartContainers=True", "Initialized=True", "ContainersReady=True", "Ready=True"]);
    expect(row?.containers).toMatchObject([{ name: "nginx", state: "running", ready: true, restarts: 0 }]);
    expect(projector.steps({ kind: "Pod", namespace: "default", name: "web" }).map((s) => s.id)).toEqual(["admit", "schedule", "bind", "volumes", "sandbox", "cni", "pull", "create", "start", "ready"]);
    expect(projector.steps({ kind: "Pod", namespace: "default", name: "web" }).every((s) => s.endUs !== undefined && s.endUs >= s.startUs)).toBe(true);
  });

  test("a broken image is failing, a deleted pod is terminating and then gone", () => {
    const { cluster, projector, page } = stage();
    const broken = pod("broken");
    (broken as unknown as { spec: { containers: { image: string }[] } }).spec.containers[0]!.image = "nginx:nope";
    cluster.runFor(5_000);
    post(cluster, "pods", broken);
    cluster.runFor(5_000);
    page.take(projector);
    expect(page.pod("broken")).toMatchObject({ meaning: "failing", status: "ImagePullBackOff", phase: "Pending" });
    cluster.request({ method: "DELETE", path: "/api/v1/namespaces/default/pods/broken" });
    page.take(projector);
    expect(page.pod("broken")).toMatchObject({ meaning: "terminating", status: "Terminating", step: "stop" });
    cluster.runFor(5_000);
    page.take(projector);
    expect(page.pod("broken")).toBeUndefined();
  });

  test("a pod that came and went between two batches is not spoken of", () => {
    const { cluster, projector, page } = stage();
    cluster.runFor(5_000);
    page.take(projector);
    post(cluster, "pods", pod("mayfly"));
    cluster.request({ method: "DELETE", path: "/api/v1/namespaces/default/pods/mayfly" });
    cluster.runFor(5_000);
    const delta = projector.drain(1_000);
    expect(delta.removed).toEqual([]);
    expect(delta.rows.filter((row) => row.kind === "Pod" && row.name === "mayfly")).toEqual([]);
  });

  test("machinery is told from workloads", () => {
    const { cluster, projector, page } = stage();
    cluster.runFor(10_000);
    page.take(projector);
    const pods = [...page.rows.values()].filter((row): row is PodRow => row.kind === "Pod");
    expect(pods.filter((p) => p.organ !== undefined && p.slot !== -1)).toEqual([]);
    expect(pods.filter((p) => p.organ === undefined).map((p) => p.name.split("-")[0])).toEqual(["coredns", "coredns"]);
    expect(pods.filter((p) => p.organ === "kube-proxy")).toHaveLength(4);
  });

  test("a pod's top owner is its Deployment", () => {
    const { cluster, projector, page } = stage();
    cluster.runFor(5_000);
    post(cluster, "deployments", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 2, template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "nginx:latest" }] } } } } as unknown as KubeObject);
    cluster.runFor(5_000);
    page.take(projector);
    const pods = [...page.rows.values()].filter((row): row is PodRow => row.kind === "Pod" && row.namespace === "default");
    expect(pods).toHaveLength(2);
    expect(pods[0]).toMatchObject({ owner: { kind: "ReplicaSet" }, top: { kind: "Deployment", namespace: "default", name: "web" } });
  });
});

describe("incremental equals rebuilt", () => {
  test("after any mixture of commands, whatever the batch size", () => {
    const command = fc.oneof(
      fc.record({ do: fc.constant("pod" as const), n: fc.nat(8) }),
      fc.record({ do: fc.constant("delete" as const), n: fc.nat(8) }),
      fc.record({ do: fc.constant("deployment" as const), n: fc.nat(2) }),
      fc.record({ do: fc.constant("service" as const), n: fc.nat(2) }),
      fc.record({ do: fc.constant("wait" as const), n: fc.integer({ min: 1, max: 3_000 }) }),
      fc.record({ do: fc.constant("batch" as const), n: fc.integer({ min: 1, max: 30 }) }),
    );
    fc.assert(
      fc.property(fc.array(command, { minLength: 5, maxLength: 60 }), (commands) => {
        const { cluster, projector, page } = stage();
        cluster.runFor(2_000);
        for (const each of commands) {
          if (each.do === "pod") post(cluster, "pods", pod(`p${each.n}`, { app: `s${each.n % 3}` }));
          if (each.do === "delete") cluster.request({ method: "DELETE", path: `/api/v1/namespaces/default/pods/p${each.n}` });
          if (each.do === "deployment") post(cluster, "deployments", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: `d${each.n}` }, spec: { replicas: 3, template: { metadata: { labels: { app: `s${each.n}` } }, spec: { containers: [{ name: "c", image: "busybox:1.36" }] } } } } as unknown as KubeObject);
          if (each.do === "service") post(cluster, "services", { apiVersion: "v1", kind: "Service", metadata: { name: `s${each.n}` }, spec: { selector: { app: `s${each.n}` }, ports: [{ port: 80 }] } } as unknown as KubeObject);
          if (each.do === "wait") cluster.runFor(each.n);
          if (each.do === "batch") page.take(projector, each.n);
        }
        page.take(projector, 100_000);
        const held = [...page.rows.values()].sort((a, b) => (a.uid < b.uid ? -1 : 1));
        expect(held).toEqual(projector.rebuild());
        expectSeatsAreSound(held);
      }),
      { numRuns: 60 },
    );
  });
});

/** No two pods share a slot of one place; a node's count and sums are those of its pods. */
function expectSeatsAreSound(rows: readonly Row[]): void {
  const pods = rows.filter((row): row is PodRow => row.kind === "Pod");
  const seats = pods.filter((p) => p.slot >= 0).map((p) => `${p.node}#${p.slot}`);
  expect(new Set(seats).size).toBe(seats.length);
  for (const node of rows) {
    if (node.kind !== "Node") continue;
    const mine = pods.filter((p) => p.node === node.name);
    expect(node.podCount).toBe(mine.length);
    expect(node.requested.cpuMilli).toBe(mine.reduce((sum, p) => sum + p.cpuMilli, 0));
    expect(node.slotCount).toBe(Math.max(0, ...mine.map((p) => p.slot + 1)));
  }
}
