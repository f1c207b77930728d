import { describe, expect, test } from "vitest";
import type { Taint, Toleration } from "../../kinds/generated/types.ts";
import { makeNode, makePod } from "../../testing/make-objects.ts";
import { stillCluster } from "../../testing/scheduling.ts";
import { imageLocality } from "./image-locality.ts";
import { nodeName } from "./node-name.ts";
import { nodePorts } from "./node-ports.ts";
import { nodeUnschedulable } from "./node-unschedulable.ts";
import { taintToleration } from "./taint-toleration.ts";

const taint = (key: string, value: string, effect: string): Taint => ({ key, value, effect });
const tolerate = (key: string, operator: string, value: string, effect: string): Toleration => ({ key, operator, value, effect });

/** Upstream: tainttoleration/taint_toleration_test.go, TestTaintTolerationFilter. */
describe("TestTaintTolerationFilter", () => {
  const cases: readonly { name: string; tolerations: Toleration[]; taints: Taint[]; reasons: string[] }[] = [
    { name: "A pod having no tolerations can't be scheduled onto a node with nonempty taints", tolerations: [], taints: [taint("dedicated", "user1", "NoSchedule")], reasons: ["node(s) had untolerated taint {dedicated: user1}"] },
    { name: "A pod which can be scheduled on a dedicated node assigned to user1 with effect NoSchedule", tolerations: [tolerate("dedicated", "Equal", "user1", "NoSchedule")], taints: [taint("dedicated", "user1", "NoSchedule")], reasons: [] },
    { name: "A pod which can't be scheduled on a dedicated node assigned to user2 with effect NoSchedule", tolerations: [tolerate("dedicated", "Equal", "user2", "NoSchedule")], taints: [taint("dedicated", "user1", "NoSchedule")], reasons: ["node(s) had untolerated taint {dedicated: user1}"] },
    { name: "A pod can be scheduled onto the node, with a toleration uses operator Exists that tolerates the taints on the node", tolerations: [tolerate("foo", "Exists", "", "NoSchedule")], taints: [taint("foo", "bar", "NoSchedule")], reasons: [] },
    { name: "A pod has multiple tolerations, node has multiple taints, all the taints are tolerated", tolerations: [tolerate("dedicated", "Equal", "user2", "NoSchedule"), tolerate("foo", "Exists", "", "NoSchedule")], taints: [taint("dedicated", "user2", "NoSchedule"), taint("foo", "bar", "NoSchedule")], reasons: [] },
    { name: "A pod has a toleration that keys and values match the taint on the node, but (non-empty) effect doesn't match", tolerations: [tolerate("foo", "Equal", "bar", "PreferNoSchedule")], taints: [taint("foo", "bar", "NoSchedule")], reasons: ["node(s) had untolerated taint {foo: bar}"] },
    { name: "The pod has a toleration that keys and values match the taint on the node, the effect of toleration is empty", tolerations: [{ key: "foo", operator: "Equal", value: "bar" }], taints: [taint("foo", "bar", "NoSchedule")], reasons: [] },
    { name: "The pod has a toleration that key and value don't match the taint on the node, but the effect of taint on node is PreferNoSchedule", tolerations: [tolerate("dedicated", "Equal", "user2", "NoSchedule")], taints: [taint("dedicated", "user1", "PreferNoSchedule")], reasons: [] },
    { name: "The pod has no toleration, but the effect of taint on node is PreferNoSchedule", tolerations: [], taints: [taint("dedicated", "user1", "PreferNoSchedule")], reasons: [] },
    { name: "an Exists toleration without a key tolerates everything", tolerations: [{ operator: "Exists" }], taints: [taint("a", "b", "NoExecute"), taint("c", "", "NoSchedule")], reasons: [] },
    { name: "a taint without a value", tolerations: [], taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }], reasons: ["node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }"] },
  ];
  test.each(cases)("$name", ({ tolerations, taints, reasons }) => {
    expect(stillCluster({ nodes: [makeNode("n", { taints })], plugins: [taintToleration] }).verdicts(makePod("p", { tolerations }))).toEqual({ n: reasons });
  });
});

/** Upstream: TestTaintTolerationScore. */
describe("TestTaintTolerationScore", () => {
  const soft = (...values: string[]): Taint[] => values.map((value, i) => taint(`k${i}`, value, "PreferNoSchedule"));
  const tolerates = (...values: string[]): Toleration[] => values.map((value, i) => tolerate(`k${i}`, "Equal", value, "PreferNoSchedule"));
  test.each([
    { name: "node with taints tolerated by the pod, gets a higher score than those node with intolerable taints", tolerations: tolerates("foo"), taints: [soft("foo"), soft("blah")], scores: [100, 0] },
    { name: "the nodes that all of their taints are tolerated by the pod, get the same score, no matter how many tolerable taints a node has", tolerations: tolerates("foo", "bar"), taints: [[], soft("foo"), soft("foo", "bar")], scores: [100, 100, 100] },
    { name: "the more intolerable taints a node has, the lower score it gets.", tolerations: tolerates("foo"), taints: [[], soft("x"), soft("x", "y")], scores: [100, 50, 0] },
    { name: "only taints and tolerations that have effect PreferNoSchedule are checked by taints-tolerations priority function", tolerations: [tolerate("k0", "Equal", "foo", "NoSchedule")], taints: [[], soft("foo")], scores: [100, 0] },
    { name: "Default behaviour No taints and tolerations, lands on node with no taints", tolerations: [], taints: [[], soft("foo")], scores: [100, 0] },
  ])("$name", ({ tolerations, taints, scores }) => {
    const cluster = stillCluster({ nodes: taints.map((each, i) => makeNode(`n${i}`, { taints: each })), plugins: [taintToleration] });
    expect(Object.values(cluster.scores(makePod("p", { tolerations }), "TaintToleration"))).toEqual(scores);
  });
});

/** Upstream: nodeunschedulable and nodename tests. */
test.each([
  { name: "unschedulable node", unschedulable: true, tolerations: [], reasons: ["node(s) were unschedulable"] },
  { name: "normal node", unschedulable: false, tolerations: [], reasons: [] },
  { name: "unschedulable node with toleration", unschedulable: true, tolerations: [tolerate("node.kubernetes.io/unschedulable", "Exists", "", "NoSchedule")], reasons: [] },
])("TestNodeUnschedulable: $name", ({ unschedulable, tolerations, reasons }) => {
  expect(stillCluster({ nodes: [makeNode("n", { unschedulable })], plugins: [nodeUnschedulable] }).verdicts(makePod("p", { tolerations }))).toEqual({ n: reasons });
});

test.each([
  { name: "No host specified", asks: undefined, reasons: [] },
  { name: "Host match", asks: "foo", reasons: [] },
  { name: "Host doesn't match", asks: "bar", reasons: ["node(s) didn't match the requested node name"] },
])("TestNodeName: $name", ({ asks, reasons }) => {
  expect(stillCluster({ nodes: [makeNode("foo")], plugins: [nodeName] }).verdicts(makePod("p", asks === undefined ? {} : { nodeName: asks }))).toEqual({ foo: reasons });
});

/** Upstream: nodeports/node_ports_test.go, TestNodePorts. Ports read protocol/address/number. */
describe("TestNodePorts", () => {
  const ports = (...texts: string[]) => ({
    containers: [{ name: "c", image: "i", ports: texts.map((text) => {
      const [protocol = "", hostIP = "", number] = text.split("/");
      return { protocol, hostIP, hostPort: Number(number), containerPort: Number(number) };
    }) }],
  });
  test.each([
    { name: "skip filter", wants: [], has: ["TCP/127.0.0.1/8080"], free: true },
    { name: "other port", wants: ["UDP/127.0.0.1/8080"], has: ["UDP/127.0.0.1/9090"], free: true },
    { name: "same udp port", wants: ["UDP/127.0.0.1/8080"], has: ["UDP/127.0.0.1/8080"], free: false },
    { name: "same tcp port", wants: ["TCP/127.0.0.1/8080"], has: ["TCP/127.0.0.1/8080"], free: false },
    { name: "different host ip", wants: ["TCP/127.0.0.1/8080"], has: ["TCP/127.0.0.2/8080"], free: true },
    { name: "different protocol", wants: ["UDP/127.0.0.1/8080"], has: ["TCP/127.0.0.1/8080"], free: true },
    { name: "second udp port conflict", wants: ["UDP/127.0.0.1/8000", "UDP/127.0.0.1/8080"], has: ["UDP/127.0.0.1/8080"], free: false },
    { name: "first tcp port conflict due to 0.0.0.0 hostIP", wants: ["TCP/0.0.0.0/8001"], has: ["TCP/127.0.0.1/8001"], free: false },
    { name: "TCP hostPort conflict due to 0.0.0.0 hostIP", wants: ["TCP/10.0.10.10/8001"], has: ["TCP/0.0.0.0/8001"], free: false },
  ])("$name", ({ wants, has, free }) => {
    const cluster = stillCluster({ nodes: [makeNode("m1")], pods: [makePod("there", { nodeName: "m1", ...ports(...has) })], plugins: [nodePorts] });
    expect(cluster.verdicts(makePod("p", ports(...wants)))).toEqual({ m1: free ? [] : ["node(s) didn't have free ports for the requested pod ports"] });
  });
});

/** Upstream: imagelocality/image_locality_test.go, TestImageLocalityPriority. */
describe("TestImageLocalityPriority", () => {
  const MiB = 1024 * 1024;
  const node403002000 = { images: [{ names: ["gcr.io/40:latest", "gcr.io/40:v1"], sizeBytes: 40 * MiB }, { names: ["gcr.io/300:latest", "gcr.io/300:v1"], sizeBytes: 300 * MiB }, { names: ["gcr.io/2000:latest"], sizeBytes: 2000 * MiB }] };
  const node25010 = { images: [{ names: ["gcr.io/250:latest"], sizeBytes: 250 * MiB }, { names: ["gcr.io/10:latest", "gcr.io/10:v1"], sizeBytes: 10 * MiB }] };
  test.each([
    { name: "two images spread on two nodes, prefer the larger image one", images: ["gcr.io/40", "gcr.io/250"], scores: [0, 5] },
    { name: "two images on one node, prefer this node", images: ["gcr.io/40", "gcr.io/300"], scores: [7, 0] },
    { name: "if exceed limit, use limit", images: ["gcr.io/10", "gcr.io/2000"], scores: [49, 0] },
  ])("$name", ({ images, scores }) => {
    const cluster = stillCluster({ nodes: [makeNode("node1", node403002000), makeNode("node2", node25010)], plugins: [imageLocality] });
    const containers = images.map((image, i) => ({ name: `c${i}`, image }));
    expect(Object.values(cluster.scores(makePod("p", { containers }), "ImageLocality"))).toEqual(scores);
  });
});
