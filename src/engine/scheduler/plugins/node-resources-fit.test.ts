import { describe, expect, test } from "vitest";
import type { PodSpec } from "../../kinds/generated/types.ts";
import { makeNode, makePod } from "../../testing/make-objects.ts";
import { stillCluster } from "../../testing/scheduling.ts";
import { nodeResourcesBalancedAllocation, nodeResourcesFit } from "./node-resources-fit.ts";

type Requests = Readonly<Record<string, string>>;
const req = (cpu: number, memory: number, more: Requests = {}): Requests => ({ cpu: `${cpu}m`, memory: String(memory), ...more });
const container = (requests: Requests, extra: object = {}) => ({ name: "c", image: "i", resources: { requests }, ...extra });
const AAA = "example.com/aaa";
const BBB = "example.com/bbb";
const HUGE = "hugepages-2Mi";

interface Case {
  readonly name: string;
  readonly pod: Partial<PodSpec>;
  readonly existing: Requests;
  readonly reasons: readonly string[];
}
const init = (...requests: Requests[]) => ({ initContainers: requests.map((each) => container(each)) });
const main = (...requests: Requests[]) => ({ containers: requests.map((each) => container(each)) });

/** Upstream: noderesources/fit_test.go, TestEnoughRequests; the node has 10m CPU, 20 bytes of memory, 32 pods, 5 of aaa, 20 bytes of storage. */
const ENOUGH: readonly Case[] = [
  { name: "no resources requested always fits", pod: main({}), existing: req(10, 20), reasons: [] },
  { name: "too many resources fails", pod: main(req(1, 1)), existing: req(10, 20), reasons: ["Insufficient cpu", "Insufficient memory"] },
  { name: "too many resources fails due to init container cpu", pod: { ...main(req(1, 1)), ...init(req(3, 1)) }, existing: req(8, 19), reasons: ["Insufficient cpu"] },
  { name: "too many resources fails due to highest init container cpu", pod: { ...main(req(1, 1)), ...init(req(3, 1), req(2, 1)) }, existing: req(8, 19), reasons: ["Insufficient cpu"] },
  { name: "too many resources fails due to init container memory", pod: { ...main(req(1, 1)), ...init(req(1, 3)) }, existing: req(9, 19), reasons: ["Insufficient memory"] },
  { name: "init container fits because it's the max, not sum, of containers and init containers", pod: { ...main(req(1, 1)), ...init(req(1, 1)) }, existing: req(9, 19), reasons: [] },
  { name: "multiple init containers fit because it's the max, not sum", pod: { ...main(req(1, 1)), ...init(req(1, 1), req(1, 1)) }, existing: req(9, 19), reasons: [] },
  { name: "both resources fit", pod: main(req(1, 1)), existing: req(5, 5), reasons: [] },
  { name: "one resource memory fits", pod: main(req(2, 1)), existing: req(9, 5), reasons: ["Insufficient cpu"] },
  { name: "one resource cpu fits", pod: main(req(1, 2)), existing: req(5, 19), reasons: ["Insufficient memory"] },
  { name: "equal edge case", pod: main(req(5, 1)), existing: req(5, 19), reasons: [] },
  { name: "equal edge case for init container", pod: { ...main(req(4, 1)), ...init(req(5, 1)) }, existing: req(5, 19), reasons: [] },
  { name: "extended resource fits", pod: main({ [AAA]: "1" }), existing: {}, reasons: [] },
  { name: "extended resource capacity enforced", pod: main(req(1, 1, { [AAA]: "10" })), existing: {}, reasons: [`Insufficient ${AAA}`] },
  { name: "extended resource allocatable enforced", pod: main(req(1, 1, { [AAA]: "1" })), existing: { [AAA]: "5" }, reasons: [`Insufficient ${AAA}`] },
  { name: "extended resource allocatable enforced for multiple containers", pod: main(req(1, 1, { [AAA]: "3" }), req(1, 1, { [AAA]: "3" })), existing: { [AAA]: "2" }, reasons: [`Insufficient ${AAA}`] },
  { name: "extended resource allocatable admits multiple init containers", pod: { ...main({}), ...init(req(1, 1, { [AAA]: "3" }), req(1, 1, { [AAA]: "3" })) }, existing: { [AAA]: "2" }, reasons: [] },
  { name: "extended resource allocatable enforced for unknown resource", pod: main(req(1, 1, { [BBB]: "1" })), existing: {}, reasons: [`Insufficient ${BBB}`] },
  { name: "hugepages resource allocatable enforced", pod: main(req(1, 1, { [HUGE]: "10" })), existing: {}, reasons: [`Insufficient ${HUGE}`] },
  { name: "ephemeral local storage", pod: main({ "ephemeral-storage": "25" }), existing: {}, reasons: ["Insufficient ephemeral-storage"] },
  { name: "requests + overhead does not fit for memory", pod: { ...main(req(1, 1)), overhead: { cpu: "1m", memory: "15" } }, existing: req(5, 5), reasons: ["Insufficient memory"] },
  { name: "requests + overhead fits", pod: { ...main(req(1, 1)), overhead: { cpu: "3m", memory: "13" } }, existing: req(5, 5), reasons: [] },
  { name: "sidecar adds to the containers", pod: { ...main(req(4, 1)), initContainers: [container(req(2, 1), { restartPolicy: "Always" })] }, existing: req(5, 5), reasons: ["Insufficient cpu"] },
  { name: "an init container after a sidecar runs beside it", pod: { ...main(req(1, 1)), initContainers: [container(req(2, 1), { restartPolicy: "Always" }), container(req(4, 1))] }, existing: req(5, 5), reasons: ["Insufficient cpu"] },
  { name: "an init container before a sidecar runs alone", pod: { ...main(req(1, 1)), initContainers: [container(req(5, 1)), container(req(2, 1), { restartPolicy: "Always" })] }, existing: req(5, 5), reasons: [] },
];

describe("TestEnoughRequests", () => {
  test.each(ENOUGH)("$name", ({ pod, existing, reasons }) => {
    const node = makeNode("node", { allocatable: { cpu: "10m", memory: "20", pods: "32", "ephemeral-storage": "20", [AAA]: "5", [HUGE]: "5" } });
    const cluster = stillCluster({ nodes: [node], pods: [makePod("existing", { nodeName: "node", requests: existing })], plugins: [nodeResourcesFit] });
    expect(cluster.verdicts(makePod("pod", pod))).toEqual({ node: reasons });
  });
});

test.each([
  { name: "even without specified resources, predicate fails when there's no space for additional pod", requests: {}, used: req(10, 20), reasons: ["Too many pods"] },
  { name: "even if both resources fit, predicate fails when there's no space for additional pod", requests: req(1, 1), used: req(5, 5), reasons: ["Too many pods"] },
  { name: "all reasons are kept", requests: req(6, 16), used: req(5, 5), reasons: ["Too many pods", "Insufficient cpu", "Insufficient memory"] },
])("TestNotEnoughRequests: $name", ({ requests, used, reasons }) => {
  const node = makeNode("node", { allocatable: { cpu: "10m", memory: "20", pods: "1" } });
  const cluster = stillCluster({ nodes: [node], pods: [makePod("existing", { nodeName: "node", requests: used })], plugins: [nodeResourcesFit] });
  expect(cluster.verdicts(makePod("pod", { requests }))).toEqual({ node: reasons });
});

const sized = (name: string, cpu: number, memory: number) => makeNode(name, { allocatable: { cpu: `${cpu}m`, memory: String(memory) } });
const cpuAndMemory = main(req(1000, 2000), req(2000, 3000));
const cpuOnly = main(req(1000, 0), req(2000, 0));
const none = { containers: [] };

/** Upstream: noderesources/least_allocated_test.go and balanced_allocation_test.go, with the formulas' results worked out. */
const SCORES = [
  { name: "nothing scheduled, nothing requested", pod: none, nodes: [[4000, 10000], [4000, 10000]], pods: [], fit: [100, 100], balanced: undefined },
  { name: "nothing scheduled, resources requested, differently sized nodes", pod: cpuAndMemory, nodes: [[4000, 10000], [6000, 10000]], pods: [], fit: [37, 50], balanced: [87, 100] },
  { name: "no resources requested, pods scheduled with resources", pod: none, nodes: [[10000, 20000], [10000, 20000]], pods: [[cpuOnly, 0], [cpuOnly, 0], [cpuOnly, 1], [cpuAndMemory, 1]], fit: [70, 57], balanced: undefined },
  { name: "resources requested, pods scheduled with resources", pod: cpuAndMemory, nodes: [[10000, 20000], [10000, 20000]], pods: [[cpuOnly, 0], [cpuAndMemory, 1]], fit: [57, 45], balanced: [82, 95] },
  { name: "resources requested, pods scheduled with resources, differently sized nodes", pod: cpuAndMemory, nodes: [[10000, 20000], [10000, 50000]], pods: [[cpuOnly, 0], [cpuAndMemory, 1]], fit: [57, 60], balanced: [82, 80] },
] as const;

describe("TestNodeResourcesFitScore, TestNodeResourcesBalancedAllocation", () => {
  test.each(SCORES)("$name", ({ pod, nodes, pods, fit, balanced }) => {
    const cluster = stillCluster({
      nodes: nodes.map(([cpu, memory], i) => sized(`node${i}`, cpu, memory)),
      pods: pods.map(([spec, on], i) => makePod(`p${i}`, { ...spec, nodeName: `node${on}` })),
      plugins: [nodeResourcesFit, nodeResourcesBalancedAllocation],
    });
    const named = (scores: readonly number[] | undefined) => (scores === undefined ? {} : Object.fromEntries(scores.map((score, i) => [`node${i}`, score])));
    expect(cluster.scores(makePod("pod", pod), "NodeResourcesFit")).toEqual(named(fit));
    expect(cluster.scores(makePod("pod", pod), "NodeResourcesBalancedAllocation")).toEqual(named(balanced));
  });

  test("a container that asks for nothing counts as 100m and 200Mi", () => {
    const cluster = stillCluster({ nodes: [makeNode("a", { allocatable: { cpu: "1", memory: "2000Mi" } }), makeNode("b", { allocatable: { cpu: "1", memory: "2000Mi" } })], plugins: [nodeResourcesFit] });
    expect(cluster.scores(makePod("pod"), "NodeResourcesFit")).toEqual({ a: 90, b: 90 });
  });
});
