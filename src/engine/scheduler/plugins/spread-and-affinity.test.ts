import { describe, expect, test } from "vitest";
import type { PodAffinityTerm, PodSpec, TopologySpreadConstraint } from "../../kinds/generated/types.ts";
import { makeNode, makePod } from "../../testing/make-objects.ts";
import { stillCluster } from "../../testing/scheduling.ts";
import { compileSelector } from "../../kinds/helpers/label-match.ts";
import { interPodAffinity } from "./inter-pod-affinity.ts";
import { podTopologySpread } from "./pod-topology-spread.ts";

/** Four nodes in two zones: a and b in z1, x and y in z2, as in upstream's tables. */
const NODES = [["a", "z1"], ["b", "z1"], ["x", "z2"], ["y", "z2"]].map(([name = "", zone = ""]) => makeNode(`node-${name}`, { labels: { zone, node: `node-${name}` } }));
const FOO = { foo: "" };
const on = (...places: string[]) => places.map((place, i) => makePod(`p${i}`, { nodeName: `node-${place}`, labels: FOO }));
const spread = (...constraints: Partial<TopologySpreadConstraint>[]): Partial<PodSpec> => ({
  topologySpreadConstraints: constraints.map((constraint) => ({ maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchExpressions: [{ key: "foo", operator: "Exists" }] }, ...constraint })),
});
const SKEW = "node(s) didn't match pod topology spread constraints";
const feasible = (verdicts: Record<string, readonly string[]>): string => Object.entries(verdicts).filter(([, reasons]) => reasons.length === 0).map(([name]) => name.slice(5)).sort().join("");

/** Upstream: podtopologyspread/filtering_test.go, TestSingleConstraint and TestMultipleConstraints. */
describe("TestSingleConstraint", () => {
  test.each<{ name: string; constraints: Partial<TopologySpreadConstraint>[]; pods: string[]; fits: string; labels?: object; spec?: Partial<PodSpec> }>([
    { name: "no existing pods", constraints: [{}], pods: [], fits: "abxy" },
    { name: "no existing pods, incoming pod doesn't match itself", constraints: [{}], pods: [], fits: "abxy", labels: {} },
    { name: "pods spread across zones as 3/3, all nodes fit", constraints: [{}], pods: ["a", "a", "b", "y", "y", "y"], fits: "abxy" },
    { name: "pods spread across zones as 1/2 due to absence of label 'zone' does not count", constraints: [{}], pods: ["a", "y", "y"], fits: "ab" },
    { name: "pods spread across nodes as 2/1/0/3, only node-x fits", constraints: [{ topologyKey: "node" }], pods: ["a", "a", "b", "y", "y", "y"], fits: "x" },
    { name: "pods spread across nodes as 2/1/0/3, maxSkew is 2, node-b and node-x fit", constraints: [{ topologyKey: "node", maxSkew: 2 }], pods: ["a", "a", "b", "y", "y", "y"], fits: "bx" },
    { name: "pods spread across nodes as 2/1/0/3, but pod doesn't match itself", constraints: [{ topologyKey: "node" }], pods: ["a", "a", "b", "y", "y", "y"], fits: "bx", labels: {} },
    { name: "incoming pod has nodeAffinity, pods spread as 2/~1~/~0~/3, hence node-a fits", constraints: [{ topologyKey: "node" }], pods: ["a", "a", "b", "y", "y", "y"], fits: "a", spec: { nodeSelector: {}, affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "node", operator: "In", values: ["node-a", "node-y"] }] }] } } } } },
    { name: "minDomains larger than the domains: the minimum counts as 0", constraints: [{ topologyKey: "zone", minDomains: 3, maxSkew: 2 }], pods: ["a", "a", "x"], fits: "xy" },
    { name: "two Constraints on zone and node, spreads = [3/3, 2/1/0/3]", constraints: [{}, { topologyKey: "node" }], pods: ["a", "a", "b", "y", "y", "y"], fits: "x" },
    { name: "two Constraints on zone and node, spreads = [3/4, 2/1/0/4]: none", constraints: [{}, { topologyKey: "node" }], pods: ["a", "a", "b", "y", "y", "y", "y"], fits: "" },
  ])("$name", ({ constraints, pods, fits, labels = FOO, spec = {} }) => {
    const cluster = stillCluster({ nodes: NODES, pods: on(...pods), plugins: [podTopologySpread] });
    const verdicts = cluster.verdicts(makePod("p", { labels: labels as Record<string, string>, ...spec, ...spread(...constraints) }));
    // Node affinity is another plugin's business: only nodes that it lets pass are compared.
    expect(feasible(verdicts).split("").filter((node) => spec.affinity === undefined || "ay".includes(node)).join("")).toBe(fits);
  });

  test("a node without the label is out for good, the others only for now", () => {
    const cluster = stillCluster({ nodes: [...NODES, makeNode("node-n")], pods: on("a"), plugins: [podTopologySpread] });
    const verdicts = cluster.verdicts(makePod("p", { labels: FOO, ...spread({}) }));
    expect([verdicts["node-n"], verdicts["node-a"], verdicts["node-x"]]).toEqual([[`${SKEW} (missing required label)`], [SKEW], []]);
  });

  test("terminating pods and those of other namespaces do not count", () => {
    const pods = [makePod("t", { nodeName: "node-a", labels: FOO, meta: { deletionTimestamp: "2026-01-01T00:00:00Z" } }), makePod("o", { nodeName: "node-a", labels: FOO, namespace: "other" })];
    expect(feasible(stillCluster({ nodes: NODES, pods, plugins: [podTopologySpread] }).verdicts(makePod("p", { labels: FOO, ...spread({}) })))).toBe("abxy");
  });

  test("matchLabelKeys count each version for itself", () => {
    const version = (v: string) => ({ foo: "", v });
    const pods = ["a", "a"].map((node, i) => makePod(`p${i}`, { nodeName: `node-${node}`, labels: version("1") }));
    const cluster = stillCluster({ nodes: NODES, pods, plugins: [podTopologySpread] });
    expect(feasible(cluster.verdicts(makePod("same", { labels: version("1"), ...spread({ matchLabelKeys: ["v"] }) })))).toBe("xy");
    expect(feasible(cluster.verdicts(makePod("next", { labels: version("2"), ...spread({ matchLabelKeys: ["v"] }) })))).toBe("abxy");
  });
});

/** Upstream: podtopologyspread/scoring_test.go, TestPodTopologySpreadScore. */
describe("TestPodTopologySpreadScore", () => {
  const soft = (topologyKey: string, maxSkew = 1): Partial<TopologySpreadConstraint> => ({ topologyKey, maxSkew, whenUnsatisfiable: "ScheduleAnyway" });
  const HOST = "kubernetes.io/hostname";
  const hosts = (...names: string[]) => names.map((name) => makeNode(`node-${name}`, { labels: { zone: "abx".includes(name) && name !== "x" ? "z1" : "z2" } }));
  test.each([
    { name: "one constraint on node, no existing pods", nodes: hosts("a", "b"), pods: on(), constraints: [soft(HOST)], scores: [100, 100] },
    { name: "one constraint on node, all nodes have the same number of matching pods", nodes: hosts("a", "b"), pods: on("a", "b"), constraints: [soft(HOST)], scores: [100, 100] },
    { name: "one constraint on node, all 4 nodes are candidates: 2/1/0/3", nodes: hosts("a", "b", "c", "d"), pods: on("a", "a", "b", "d", "d", "d"), constraints: [soft(HOST)], scores: [20, 60, 100, 0] },
    { name: "maxSkew=2: 2/1/0/3", nodes: hosts("a", "b", "c", "d"), pods: on("a", "a", "b", "d", "d", "d"), constraints: [soft(HOST, 2)], scores: [33, 66, 100, 16] },
    { name: "one constraint on zone: 3/0", nodes: hosts("a", "b", "x"), pods: on("a", "a", "b"), constraints: [soft("zone")], scores: [0, 0, 100] },
  ])("$name", ({ nodes, pods, constraints, scores }) => {
    const cluster = stillCluster({ nodes, pods, plugins: [podTopologySpread] });
    expect(Object.values(cluster.scores(makePod("p", { labels: FOO, ...spread(...constraints) }), "PodTopologySpread"))).toEqual(scores);
  });

  test("pods of a controller are spread over nodes by default, others are not", () => {
    const nodes = hosts("a", "b", "c");
    const selector = compileSelector({ matchLabels: FOO });
    const defaults = stillCluster({ nodes, pods: on("a", "a", "b"), plugins: [podTopologySpread], world: { defaultSelector: () => selector } });
    const scores = defaults.scores(makePod("p", { labels: FOO }), "PodTopologySpread");
    expect(scores["node-a"]! < scores["node-b"]! && scores["node-b"]! < scores["node-c"]!).toBe(true);
    expect(stillCluster({ nodes, pods: on("a"), plugins: [podTopologySpread] }).scores(makePod("p", { labels: FOO }), "PodTopologySpread")).toEqual({});
  });
});

const term = (matchLabels: Record<string, string>, topologyKey = "zone", more: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({ labelSelector: { matchLabels }, topologyKey, ...more });
const affinity = (...terms: PodAffinityTerm[]): Partial<PodSpec> => ({ affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });
const antiAffinity = (...terms: PodAffinityTerm[]): Partial<PodSpec> => ({ affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } });

/** Upstream: interpodaffinity/filtering_test.go, TestRequiredAffinitySingleNode and MultipleNodes. */
describe("TestRequiredAffinity", () => {
  const AFFINITY = ["node(s) didn't match pod affinity rules"];
  const ANTI = ["node(s) didn't match pod anti-affinity rules"];
  const EXISTING = ["node(s) didn't satisfy existing pods anti-affinity rules"];
  const web = { app: "web" };
  test.each<{ name: string; pods: ReturnType<typeof makePod>[]; pod: Partial<PodSpec> & { labels?: Record<string, string>; namespace?: string }; a: readonly string[]; x: readonly string[] }>([
    { name: "no constraints", pods: [], pod: {}, a: [], x: [] },
    { name: "a matching pod in the zone", pods: [makePod("w", { nodeName: "node-b", labels: web })], pod: affinity(term(web)), a: [], x: AFFINITY },
    { name: "none matches", pods: [makePod("w", { nodeName: "node-b", labels: { app: "db" } })], pod: affinity(term(web)), a: AFFINITY, x: AFFINITY },
    { name: "the first of a group may go anywhere", pods: [], pod: { labels: web, ...affinity(term(web)) }, a: [], x: [] },
    { name: "the second has to follow the first", pods: [makePod("w", { nodeName: "node-b", labels: web })], pod: { labels: web, ...affinity(term(web)) }, a: [], x: AFFINITY },
    { name: "one pod has to match all terms", pods: [makePod("w", { nodeName: "node-b", labels: web }), makePod("d", { nodeName: "node-b", labels: { tier: "d" } })], pod: affinity(term(web), term({ tier: "d" })), a: AFFINITY, x: AFFINITY },
    { name: "a pod of another namespace does not count", pods: [makePod("w", { nodeName: "node-b", labels: web, namespace: "other" })], pod: affinity(term(web)), a: AFFINITY, x: AFFINITY },
    { name: "unless the term names it", pods: [makePod("w", { nodeName: "node-b", labels: web, namespace: "other" })], pod: affinity(term(web, "zone", { namespaces: ["other"] })), a: [], x: AFFINITY },
    { name: "or selects it by its labels", pods: [makePod("w", { nodeName: "node-b", labels: web, namespace: "team-a" })], pod: affinity(term(web, "zone", { namespaceSelector: { matchLabels: { team: "a" } } })), a: [], x: AFFINITY },
    { name: "an empty namespace selector means all", pods: [makePod("w", { nodeName: "node-b", labels: web, namespace: "other" })], pod: affinity(term(web, "zone", { namespaceSelector: {} })), a: [], x: AFFINITY },
    { name: "anti-affinity keeps away from the zone", pods: [makePod("w", { nodeName: "node-b", labels: web })], pod: antiAffinity(term(web)), a: ANTI, x: [] },
    { name: "each anti-affinity term counts by itself", pods: [makePod("w", { nodeName: "node-b", labels: web }), makePod("d", { nodeName: "node-y", labels: { tier: "d" } })], pod: antiAffinity(term(web), term({ tier: "d" })), a: ANTI, x: ANTI },
    { name: "a pod that is there keeps the incoming one away", pods: [makePod("w", { nodeName: "node-b", ...antiAffinity(term(web)) })], pod: { labels: web }, a: EXISTING, x: [] },
    { name: "anti-affinity by node leaves the rest of the zone free", pods: [makePod("w", { nodeName: "node-b", labels: web })], pod: antiAffinity(term(web, "node")), a: [], x: [] },
    { name: "a node without the topology key is no place for affinity", pods: [makePod("w", { nodeName: "node-b", labels: web })], pod: affinity(term(web, "rack")), a: AFFINITY, x: AFFINITY },
  ])("$name", ({ pods, pod, a, x }) => {
    const cluster = stillCluster({ nodes: NODES, pods, plugins: [interPodAffinity], world: { namespaceLabels: (name): Record<string, string> => (name === "team-a" ? { team: "a" } : {}) } });
    const verdicts = cluster.verdicts(makePod("p", pod));
    expect([verdicts["node-a"], verdicts["node-x"]]).toEqual([a, x]);
  });
});

/** Upstream: interpodaffinity/scoring_test.go, TestPreferredAffinity. */
describe("TestPreferredAffinity", () => {
  const prefers = (kind: "podAffinity" | "podAntiAffinity", weight: number, ...terms: PodAffinityTerm[]): Partial<PodSpec> => ({
    affinity: { [kind]: { preferredDuringSchedulingIgnoredDuringExecution: terms.map((podAffinityTerm) => ({ weight, podAffinityTerm })) } },
  });
  const s1 = { security: "S1" };
  test.each([
    { name: "all nodes are same priority as Affinity is nil", pods: [], pod: {}, scores: {} },
    { name: "Affinity: pod that matches topology key & pods in nodes will get high score comparing to others", pods: [makePod("w", { nodeName: "node-a", labels: s1 })], pod: prefers("podAffinity", 5, term(s1)), scores: { "node-a": 100, "node-b": 100, "node-x": 0, "node-y": 0 } },
    { name: "Affinity: more matching pods, higher score", pods: [makePod("v", { nodeName: "node-a", labels: s1 }), makePod("w", { nodeName: "node-a", labels: s1 }), makePod("u", { nodeName: "node-x", labels: s1 })], pod: prefers("podAffinity", 5, term(s1)), scores: { "node-a": 100, "node-b": 100, "node-x": 0, "node-y": 0 } },
    { name: "Anti Affinity: pod that does not match existing pod in node will get high score", pods: [makePod("w", { nodeName: "node-a", labels: s1 })], pod: prefers("podAntiAffinity", 5, term(s1)), scores: { "node-a": 0, "node-b": 0, "node-x": 100, "node-y": 100 } },
    { name: "Affinity symmetry: considered only the preferredDuringSchedulingIgnoredDuringExecution in pod affinity symmetry", pods: [makePod("w", { nodeName: "node-a", ...prefers("podAffinity", 8, term(s1)) })], pod: { labels: s1 }, scores: { "node-a": 100, "node-b": 100, "node-x": 0, "node-y": 0 } },
    { name: "Affinity symmetry: considered RequiredDuringSchedulingIgnoredDuringExecution in pod affinity symmetry", pods: [makePod("w", { nodeName: "node-a", labels: s1, ...affinity(term(s1)) })], pod: { labels: s1 }, scores: { "node-a": 100, "node-b": 100, "node-x": 0, "node-y": 0 } },
  ])("$name", ({ pods, pod, scores }) => {
    expect(stillCluster({ nodes: NODES, pods, plugins: [interPodAffinity] }).scores(makePod("p", pod as Partial<PodSpec>), "InterPodAffinity")).toEqual(scores);
  });
});
