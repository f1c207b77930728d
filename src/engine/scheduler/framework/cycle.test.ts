import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeNode, makePod } from "../../testing/make-objects.ts";
import { stillCluster } from "../../testing/scheduling.ts";
import { feasibleNodesToFind } from "./cycle.ts";
import { podInfo } from "./pod-info.ts";

/** Upstream: schedule_one_test.go, TestNumFeasibleNodesToFind. */
test.each([
  { nodes: 10, percentage: 0, found: 10 },
  { nodes: 10, percentage: 40, found: 10 },
  { nodes: 1000, percentage: 0, found: 420 },
  { nodes: 1000, percentage: 40, found: 400 },
  { nodes: 6000, percentage: 0, found: 300 },
  { nodes: 6000, percentage: 40, found: 2400 },
  { nodes: 150, percentage: 5, found: 100 },
  { nodes: 5000, percentage: 100, found: 5000 },
])("enough of $nodes nodes at $percentage % are $found", ({ nodes, percentage, found }) => {
  expect(feasibleNodesToFind(nodes, percentage)).toBe(found);
});

describe("the search", () => {
  test("goes round over the zones, and on from where it ended", () => {
    const zone = (name: string, z: string) => makeNode(name, { labels: { "topology.kubernetes.io/zone": z } });
    const { cache } = stillCluster({ nodes: [zone("a1", "a"), zone("a2", "a"), zone("b1", "b"), zone("c1", "c"), zone("c2", "c"), zone("c3", "c")] });
    expect(cache.nodes().map(({ name }) => name)).toEqual(["a1", "b1", "c1", "a2", "c2", "c3"]);
    const large = stillCluster({ nodes: Array.from({ length: 300 }, (_, i) => makeNode(`n${i}`)) });
    large.place(makePod("p"));
    const first = large.cycle.visited.slice(0, large.cycle.visitedCount).map(({ name }) => name);
    large.place(makePod("q"));
    const second = large.cycle.visited.slice(0, large.cycle.visitedCount).map(({ name }) => name);
    expect([first.length, first[0], second[0]]).toEqual([feasibleNodesToFind(300, 0), "n0", `n${first.length}`]);
  });

  test("equal nodes are chosen about equally often, and the same way for the same seed", () => {
    const run = (seed: number): string[] => {
      const { place } = stillCluster({ nodes: ["a", "b", "c", "d"].map((name) => makeNode(name)), seed });
      return Array.from({ length: 400 }, (_, i) => place(makePod(`p${i}`)) ?? "");
    };
    expect(run(5)).toEqual(run(5));
    const counts = ["a", "b", "c", "d"].map((name) => run(5).filter((node) => node === name).length);
    expect(Math.min(...counts)).toBeGreaterThan(60);
  });
});

/** Random clusters and pods: small numbers, so that things collide. */
const cluster = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  nodes: fc.array(fc.record({ cpu: fc.integer({ min: 0, max: 4 }), memory: fc.integer({ min: 0, max: 8 }), pods: fc.integer({ min: 1, max: 6 }), tainted: fc.boolean(), ssd: fc.boolean() }), { minLength: 1, maxLength: 8 }),
  pods: fc.array(fc.record({ cpu: fc.integer({ min: 0, max: 3 }), memory: fc.integer({ min: 0, max: 4 }), tolerates: fc.boolean(), ssd: fc.boolean(), port: fc.option(fc.integer({ min: 1, max: 2 })) }), { maxLength: 40 }),
});

test("never overcommits, and a pod that fits somewhere is placed", () => {
  fc.assert(
    fc.property(cluster, ({ seed, nodes, pods }) => {
      const { place, cache } = stillCluster({
        seed,
        nodes: nodes.map((node, i) => makeNode(`n${i}`, {
          allocatable: { cpu: String(node.cpu), memory: `${node.memory}Gi`, pods: String(node.pods) }, labels: node.ssd ? { disk: "ssd" } : {}, taints: node.tainted ? [{ key: "t", effect: "NoSchedule" }] : [],
        })),
      });
      const used = nodes.map(() => ({ cpu: 0, memory: 0, pods: 0, ports: new Set<number>() }));
      pods.forEach((pod, i) => {
        const made = makePod(`p${i}`, {
          ...(pod.ssd && { nodeSelector: { disk: "ssd" } }), ...(pod.tolerates && { tolerations: [{ operator: "Exists" }] }),
          containers: [{ name: "c", image: "i", resources: { requests: { cpu: String(pod.cpu), memory: `${pod.memory}Gi` } }, ...(pod.port !== null && { ports: [{ containerPort: pod.port, hostPort: pod.port }] }) }],
        });
        const fits = nodes.map((node, n) => {
          const at = used[n]!;
          return at.pods < node.pods && at.cpu + pod.cpu <= node.cpu && at.memory + pod.memory <= node.memory && (!node.tainted || pod.tolerates) && (!pod.ssd || node.ssd) && (pod.port === null || !at.ports.has(pod.port));
        });
        const node = place(made);
        const at = node === undefined ? -1 : Number(node.slice(1));
        expect(at === -1 ? !fits.includes(true) : fits[at], `pod ${i} on ${node}, fits ${fits.join()}`).toBe(true);
        if (node === undefined) return;
        cache.assume(podInfo(made), node);
        const taken = used[at]!;
        taken.cpu += pod.cpu;
        taken.memory += pod.memory;
        taken.pods += 1;
        if (pod.port !== null) taken.ports.add(pod.port);
      });
    }),
    { numRuns: 300 },
  );
});

test("what is summed up over pods that come, move and go equals a fresh count", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ pod: fc.integer({ min: 0, max: 9 }), node: fc.integer({ min: 0, max: 3 }), cpu: fc.integer({ min: 0, max: 900 }), act: fc.constantFrom("set", "assume", "forget", "remove", "node-gone", "node-back") }), { maxLength: 60 }), (steps) => {
      const nodes = [0, 1, 2].map((i) => makeNode(`n${i}`)); // n3 never exists
      const { cache } = stillCluster({ nodes });
      const selector = { nothing: false, requirements: [{ key: "app", operator: "=" as const, values: ["x"] }] };
      cache.matching("default", selector);
      const place = new Map<string, { node: string; cpu: number; assumed: boolean; info: ReturnType<typeof podInfo> }>();
      for (const { pod, node, cpu, act } of steps) {
        const uid = `uid-p${pod}`;
        const info = podInfo(makePod(`p${pod}`, { requests: { cpu: `${cpu}m` }, labels: { app: pod % 2 === 0 ? "x" : "y" }, meta: { uid } }));
        if (act === "set" || act === "assume") {
          if (act === "set") cache.setPod(info, `n${node}`);
          else cache.assume(info, `n${node}`);
          place.set(uid, { node: `n${node}`, cpu, assumed: act === "assume", info });
        } else if (act === "forget") {
          cache.forget(uid);
          if (place.get(uid)?.assumed) place.delete(uid);
        } else if (act === "remove") {
          cache.removePod(uid);
          place.delete(uid);
        } else if (act === "node-gone") cache.removeNode(`n${node}`);
        else if (node < 3) cache.setNode(nodes[node]!);
      }
      for (const info of cache.nodes()) {
        const here = [...place.values()].filter((each) => each.node === info.name);
        expect([info.pods.size, info.requested.milliCpu]).toEqual([here.length, here.reduce((sum, { cpu }) => sum + cpu, 0)]);
        const matching = here.filter((each) => each.info.pod.metadata.labels?.["app"] === "x").length;
        expect(cache.matching("default", selector).get(info) ?? 0).toBe(matching);
      }
    }),
    { numRuns: 300 },
  );
});
