import { describe, expect, test } from "vitest";
import type { NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from "../../kinds/generated/types.ts";
import { makeNode, makePod } from "../../testing/make-objects.ts";
import { stillCluster } from "../../testing/scheduling.ts";
import { nodeAffinity } from "./node-affinity.ts";

const NO_MATCH = "node(s) didn't match Pod's node affinity/selector";
const expression = (key: string, operator: string, ...values: string[]): NodeSelectorRequirement => ({ key, operator, values });
const required = (...nodeSelectorTerms: NodeSelectorTerm[]): Partial<PodSpec> => ({ affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } });
const matching = (...matchExpressions: NodeSelectorRequirement[]): NodeSelectorTerm => ({ matchExpressions });
const byField = (...matchFields: NodeSelectorRequirement[]): NodeSelectorTerm => ({ matchFields });

/** Upstream: nodeaffinity/node_affinity_test.go, TestNodeAffinity. */
const CASES: readonly { name: string; pod: Partial<PodSpec>; labels: Record<string, string>; node?: string; reasons: readonly string[]; message?: string }[] = [
  { name: "missing labels", pod: { nodeSelector: { foo: "bar" } }, labels: {}, reasons: [NO_MATCH] },
  { name: "same labels", pod: { nodeSelector: { foo: "bar" } }, labels: { foo: "bar" }, reasons: [] },
  { name: "node labels are superset", pod: { nodeSelector: { foo: "bar" } }, labels: { foo: "bar", baz: "blah" }, reasons: [] },
  { name: "node labels are subset", pod: { nodeSelector: { foo: "bar", baz: "blah" } }, labels: { foo: "bar" }, reasons: [NO_MATCH] },
  { name: "Pod with matchExpressions using In operator that matches the existing node", pod: required(matching(expression("foo", "In", "bar", "value2"))), labels: { foo: "bar" }, reasons: [] },
  { name: "Pod with matchExpressions using Gt operator that matches the existing node", pod: required(matching(expression("kernel-version", "Gt", "0204"))), labels: { "kernel-version": "0206" }, reasons: [] },
  { name: "Gt with something that is not a number", pod: required(matching(expression("kernel-version", "Gt", "0204"))), labels: { "kernel-version": "abc" }, reasons: [NO_MATCH] },
  { name: "Lt", pod: required(matching(expression("n", "Lt", "5"))), labels: { n: "4" }, reasons: [] },
  { name: "Pod with matchExpressions using NotIn operator that matches the existing node", pod: required(matching(expression("mem-type", "NotIn", "DDR", "DDR2"))), labels: { "mem-type": "DDR3" }, reasons: [] },
  { name: "NotIn is satisfied by a missing key", pod: required(matching(expression("mem-type", "NotIn", "DDR"))), labels: {}, reasons: [] },
  { name: "Pod with matchExpressions using Exists operator that matches the existing node", pod: required(matching(expression("GPU", "Exists"))), labels: { GPU: "NVIDIA-GRID-K1" }, reasons: [] },
  { name: "Pod with affinity that don't match node's labels won't schedule onto the node", pod: required(matching(expression("foo", "In", "value1", "value2"))), labels: { foo: "bar" }, reasons: [NO_MATCH] },
  { name: "Pod with empty MatchExpressions is not a valid value will match no objects and won't schedule onto the node", pod: required(matching()), labels: { foo: "bar" }, reasons: [NO_MATCH] },
  { name: "Pod with no Affinity will schedule onto a node", pod: {}, labels: { foo: "bar" }, reasons: [] },
  { name: "Pod with nil NodeSelector in Affinity will schedule onto a node", pod: { affinity: { nodeAffinity: {} } }, labels: { foo: "bar" }, reasons: [] },
  { name: "Pod with multiple matchExpressions ANDed that matches the existing node", pod: required(matching(expression("GPU", "Exists"), expression("GPU", "NotIn", "AMD", "INTER"))), labels: { GPU: "NVIDIA-GRID-K1" }, reasons: [] },
  { name: "Pod with multiple matchExpressions ANDed that doesn't match the existing node", pod: required(matching(expression("GPU", "Exists"), expression("GPU", "In", "AMD", "INTER"))), labels: { GPU: "NVIDIA-GRID-K1" }, reasons: [NO_MATCH] },
  { name: "Pod with multiple NodeSelectorTerms ORed in affinity, matches the node's labels", pod: required(matching(expression("foo", "In", "bar")), matching(expression("diffkey", "In", "wrong"))), labels: { foo: "bar" }, reasons: [] },
  { name: "Pod with an Affinity and a PodSpec.NodeSelector; both satisfied", pod: { nodeSelector: { foo: "bar" }, ...required(matching(expression("foo", "Exists"))) }, labels: { foo: "bar" }, reasons: [] },
  { name: "Pod with an Affinity matches node's labels but the PodSpec.NodeSelector is not satisfied", pod: { nodeSelector: { foo: "bar" }, ...required(matching(expression("foo", "Exists"))) }, labels: { foo: "barrrrrr" }, reasons: [NO_MATCH] },
  { name: "Pod with matchFields using In operator that matches the existing node", pod: required(byField(expression("metadata.name", "In", "node1"))), labels: {}, reasons: [] },
  { name: "matchFields and matchExpressions of one term are ANDed", pod: required({ ...byField(expression("metadata.name", "In", "node1")), ...matching(expression("foo", "In", "bar")) }), labels: { foo: "no" }, reasons: [NO_MATCH] },
  { name: "matchFields of one term or matchExpressions of another", pod: required(byField(expression("metadata.name", "In", "node2")), matching(expression("foo", "In", "bar"))), labels: { foo: "bar" }, reasons: [] },
];

describe("TestNodeAffinity", () => {
  test.each(CASES)("$name", ({ pod, labels, reasons }) => {
    const cluster = stillCluster({ nodes: [makeNode("node1", { labels })], plugins: [nodeAffinity] });
    expect(cluster.verdicts(makePod("p", pod))).toEqual({ node1: reasons });
  });

  test("a node name in matchFields leaves the other nodes alone", () => {
    const nodes = ["node1", "node2", "node3"].map((name) => makeNode(name));
    const cluster = stillCluster({ nodes, plugins: [nodeAffinity] });
    expect(cluster.verdicts(makePod("p", required(byField(expression("metadata.name", "In", "node2")))))).toEqual({ node2: [] });
    expect(cluster.failure(makePod("p", required(byField(expression("metadata.name", "In", "gone")))))).toBe(
      "0/3 nodes are available: 3 node(s) didn't satisfy plugin(s) [NodeAffinity]. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
    );
  });

  test("terms that name different nodes conflict", () => {
    const cluster = stillCluster({ nodes: [makeNode("node1"), makeNode("node2")], plugins: [nodeAffinity] });
    const pod = makePod("p", required(byField(expression("metadata.name", "In", "node1"), expression("metadata.name", "In", "node2"))));
    expect(cluster.failure(pod)).toBe("0/2 nodes are available: pod affinity terms conflict. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.");
  });
});

/** Upstream: node_affinity_test.go, TestNodeAffinityPriority. */
describe("TestNodeAffinityPriority", () => {
  const preferred = (...terms: [number, ...NodeSelectorRequirement[]][]): Partial<PodSpec> => ({
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: terms.map(([weight, ...matchExpressions]) => ({ weight, preference: { matchExpressions } })) } },
  });
  const nodes = (): ReturnType<typeof makeNode>[] => [makeNode("node1", { labels: { foo: "bar" } }), makeNode("node2", { labels: { key: "value" } }), makeNode("node5", { labels: { foo: "bar", key: "value", az: "az1" } })];
  test.each([
    { name: "no preference: scoring is skipped", pod: {}, scores: {} },
    { name: "no node matches", pod: preferred([4, expression("x", "Exists")]), scores: { node1: 0, node2: 0, node5: 0 } },
    { name: "one term", pod: preferred([2, expression("foo", "In", "bar")]), scores: { node1: 100, node2: 0, node5: 100 } },
    { name: "weights add up", pod: preferred([2, expression("foo", "In", "bar")], [4, expression("key", "In", "value")], [5, expression("az", "In", "az1")]), scores: { node1: 18, node2: 36, node5: 100 } },
  ])("$name", ({ pod, scores }) => {
    expect(stillCluster({ nodes: nodes(), plugins: [nodeAffinity] }).scores(makePod("p", pod), "NodeAffinity")).toEqual(scores);
  });
});
