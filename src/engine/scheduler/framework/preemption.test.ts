import { describe, expect, test } from "vitest";
import { makeNode, makePod, type PodInput } from "../../testing/make-objects.ts";
import { stillCluster } from "../../testing/scheduling.ts";

const small = (name: string) => makeNode(name, { allocatable: { cpu: "4", memory: "8Gi", pods: "10" } });
const on = (node: string, name: string, priority: number, cpu: string, startTime = "2026-01-01T00:00:00Z", more: PodInput = {}) =>
  makePod(name, { nodeName: node, priority, requests: { cpu }, status: { phase: "Running", startTime }, ...more });

/** Upstream: defaultpreemption/default_preemption_test.go, TestDryRunPreemption, TestSelectBestCandidate and TestPodEligibleToPreemptOthers. */
describe("preemption", () => {
  test.each<{ name: string; nodes: string[]; pods: ReturnType<typeof on>[]; pod: PodInput; result: { node: string; victims: string[] } | string }>([
    { name: "nothing less important there", nodes: ["a"], pods: [on("a", "p", 10, "4")], pod: { priority: 10, requests: { cpu: "1" } }, result: "0/1 nodes are available: 1 No preemption victims found for incoming pod." },
    { name: "not even without the less important ones", nodes: ["a"], pods: [on("a", "p", 10, "3"), on("a", "q", 0, "1")], pod: { priority: 10, requests: { cpu: "2" } }, result: "0/1 nodes are available: 1 Insufficient cpu." },
    { name: "only as many as need be: the less important of two", nodes: ["a"], pods: [on("a", "mid", 5, "2"), on("a", "low", 1, "2")], pod: { priority: 10, requests: { cpu: "2" } }, result: { node: "a", victims: ["low"] } },
    { name: "of equals the one that started last", nodes: ["a"], pods: [on("a", "old", 1, "2", "2026-01-01T00:00:00Z"), on("a", "new", 1, "2", "2026-01-01T01:00:00Z")], pod: { priority: 10, requests: { cpu: "2" } }, result: { node: "a", victims: ["new"] } },
    { name: "both when both are in the way", nodes: ["a"], pods: [on("a", "p", 5, "2"), on("a", "q", 1, "2")], pod: { priority: 10, requests: { cpu: "4" } }, result: { node: "a", victims: ["p", "q"] } },
    { name: "the node whose most important victim matters least", nodes: ["a", "b"], pods: [on("a", "p", 5, "4"), on("b", "q", 1, "4")], pod: { priority: 10, requests: { cpu: "4" } }, result: { node: "b", victims: ["q"] } },
    { name: "then the smallest sum of priorities", nodes: ["a", "b"], pods: [on("a", "p", 5, "2"), on("a", "r", 4, "2"), on("b", "q", 5, "2"), on("b", "s", 1, "2")], pod: { priority: 10, requests: { cpu: "4" } }, result: { node: "b", victims: ["q", "s"] } },
    { name: "fewer victims, since each adds a lot to the sum", nodes: ["a", "b"], pods: [on("a", "p", 5, "2"), on("a", "r", 0, "2"), on("b", "q", 5, "4")], pod: { priority: 10, requests: { cpu: "4" } }, result: { node: "b", victims: ["q"] } },
    { name: "then the victim that started last", nodes: ["a", "b"], pods: [on("a", "p", 5, "4", "2026-01-01T00:00:00Z"), on("b", "q", 5, "4", "2026-01-01T02:00:00Z")], pod: { priority: 10, requests: { cpu: "4" } }, result: { node: "b", victims: ["q"] } },
    { name: "preemptionPolicy Never", nodes: ["a"], pods: [on("a", "p", 5, "4")], pod: { priority: 10, preemptionPolicy: "Never", requests: { cpu: "4" } }, result: "not eligible due to preemptionPolicy=Never." },
    {
      name: "its last victim is still on its way out", nodes: ["a"], pod: { priority: 10, requests: { cpu: "4" }, status: { nominatedNodeName: "a" } }, result: "not eligible due to a terminating pod on the nominated node.",
      pods: [on("a", "p", 5, "4", undefined, { meta: { deletionTimestamp: "2026-01-01T00:00:30Z" }, status: { phase: "Running", conditions: [{ type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler" }] } })],
    },
    { name: "a node that no eviction opens", nodes: ["a"], pods: [on("a", "p", 5, "4")], pod: { priority: 10, nodeSelector: { disk: "ssd" }, requests: { cpu: "4" } }, result: "0/1 nodes are available: 1 Preemption is not helpful for scheduling." },
    {
      name: "whoever keeps the pod away by anti-affinity is a victim", nodes: ["a"], pod: { priority: 10, labels: { app: "web" } }, result: { node: "a", victims: ["shy"] },
      pods: [on("a", "shy", 1, "1", undefined, { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { app: "web" } }, topologyKey: "kubernetes.io/hostname" }] } } }), on("a", "other", 1, "1")],
    },
  ])("$name", ({ nodes, pods, pod, result }) => {
    const cluster = stillCluster({ nodes: nodes.map(small), pods });
    const before = JSON.stringify(cluster.cache.nodes().map(({ requested, pods: there }) => [requested.milliCpu, [...there.keys()].sort()]));
    expect(cluster.preemption(makePod("preemptor", pod))).toEqual(result);
    // Trying out leaves no trace.
    expect(JSON.stringify(cluster.cache.nodes().map(({ requested, pods: there }) => [requested.milliCpu, [...there.keys()].sort()]))).toBe(before);
  });

  test("room that was made for a pod is not given to a less important one", () => {
    const cluster = stillCluster({ nodes: [small("a")] });
    const info = { ...makePod("promised", { priority: 10, requests: { cpu: "3" } }) };
    cluster.cycle.nominated.set("a", new Map([["promised", { pod: info, uid: "promised", key: "default/promised", priority: 10, facts: { requests: { milliCpu: 3000, memory: 0, ephemeralStorage: 0, scalar: undefined }, nonZero: { milliCpu: 3000, memory: 0 }, hostPorts: [], requiredAffinity: [], requiredAntiAffinity: [], preferredAffinity: [], preferredAntiAffinity: [] } }]]));
    expect(cluster.place(makePod("low", { priority: 0, requests: { cpu: "2" } }))).toBeUndefined();
    expect(cluster.place(makePod("high", { priority: 20, requests: { cpu: "2" } }))).toBe("a");
  });
});
