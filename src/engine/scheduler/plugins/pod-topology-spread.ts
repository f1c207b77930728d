import { matchesLabels, type Selector } from "../../apimachinery/label-selector.ts";
import type { NodeObject, PodObject, TopologySpreadConstraint } from "../../kinds/generated/types.ts";
import { compileSelector } from "../../kinds/helpers/label-match.ts";
import { matchesRequiredNodeAffinity } from "../../kinds/helpers/node-affinity.ts";
import { firstUntolerated } from "../../kinds/helpers/tolerations.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import { definePlugin, MAX_NODE_SCORE, type SchedulingWorld, SKIP, unresolvable, unschedulable } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";

const MISSING_LABEL = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)");
const SKEWED = unschedulable("node(s) didn't match pod topology spread constraints");
const HOSTNAME = "kubernetes.io/hostname";

/** A constraint, ready to count. */
interface Constraint {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly selector: Selector;
  readonly minDomains: number;
  readonly honorAffinity: boolean;
  readonly honorTaints: boolean;
}

/** The pod's own constraints of one kind. Source: common.go, filterTopologySpreadConstraints. */
function constraintsOf({ spec, metadata }: PodObject, whenUnsatisfiable: string): readonly Constraint[] {
  const wanted = spec.topologySpreadConstraints?.filter((constraint) => constraint.whenUnsatisfiable === whenUnsatisfiable) ?? [];
  return wanted.map((constraint) => ({
    maxSkew: constraint.maxSkew, topologyKey: constraint.topologyKey, selector: selectorOf(constraint, metadata.labels), minDomains: constraint.minDomains ?? 1,
    honorAffinity: (constraint.nodeAffinityPolicy ?? "Honor") === "Honor", honorTaints: constraint.nodeTaintsPolicy === "Honor",
  }));
}

/** `matchLabelKeys` narrow the selector down to pods that share these labels with the incoming one. */
function selectorOf({ labelSelector, matchLabelKeys }: TopologySpreadConstraint, labels: Readonly<Record<string, string>> | undefined): Selector {
  const selector = compileSelector(labelSelector);
  const shared = (matchLabelKeys ?? []).filter((key) => labels?.[key] !== undefined);
  if (shared.length === 0 || selector.nothing) return selector;
  return { nothing: false, requirements: [...selector.requirements, ...shared.map((key) => ({ key, operator: "=" as const, values: [labels?.[key] ?? ""] }))] };
}

const SYSTEM_DEFAULTS: readonly Omit<Constraint, "selector">[] = [
  { maxSkew: 3, topologyKey: HOSTNAME, minDomains: 1, honorAffinity: true, honorTaints: false },
  { maxSkew: 5, topologyKey: "topology.kubernetes.io/zone", minDomains: 1, honorAffinity: true, honorTaints: false },
];

const hasKeys = ({ metadata: { labels } }: NodeObject, constraints: readonly Constraint[]): boolean => constraints.every(({ topologyKey }) => labels?.[topologyKey] !== undefined);

/** Whether the node's pods count for this constraint. Source: common.go, matchNodeInclusionPolicies. */
function includes({ honorAffinity, honorTaints }: Constraint, { spec }: PodObject, { node, hardTaints }: NodeInfo): boolean {
  if (honorAffinity && !matchesRequiredNodeAffinity(spec, node)) return false;
  return !honorTaints || firstUntolerated(hardTaints, spec.tolerations, ["NoSchedule", "NoExecute"]) === undefined;
}

interface Spread {
  readonly constraint: Constraint;
  /** Matching pods by value of the topology key, domains without any included. */
  readonly domains: Map<string, number>;
  /** The smallest count; undefined: to be found again. */
  min: number | undefined;
}

/** Source: filtering.go, minMatchNum. No domain at all counts as a huge minimum. */
function minimum(spread: Spread): number {
  if (spread.domains.size < spread.constraint.minDomains) return 0;
  if (spread.min === undefined) {
    spread.min = 2 ** 31 - 1;
    for (const count of spread.domains.values()) spread.min = Math.min(spread.min, count);
  }
  return spread.min;
}

/** Source: filtering.go, calPreFilterState. */
function countDomains(pod: PodObject, constraints: readonly Constraint[], { cache }: SchedulingWorld): readonly Spread[] {
  const spreads = constraints.map((constraint): Spread => ({ constraint, domains: new Map(), min: undefined }));
  const counts = constraints.map(({ selector }) => cache.matching(pod.metadata.namespace ?? "", selector));
  for (const node of cache.nodes()) {
    if (!hasKeys(node.node, constraints)) continue;
    for (const [i, { constraint, domains }] of spreads.entries()) {
      if (!includes(constraint, pod, node)) continue;
      const value = node.node.metadata.labels?.[constraint.topologyKey] ?? "";
      domains.set(value, (domains.get(value) ?? 0) + (counts[i]?.get(node) ?? 0));
    }
  }
  return spreads;
}

/** Source: filtering.go, updateWithPod. */
function countPod(spreads: readonly Spread[], { pod }: PodInfo, other: PodInfo, node: NodeInfo, by: 1 | -1): void {
  if (other.pod.metadata.namespace !== pod.metadata.namespace || other.pod.metadata.deletionTimestamp !== undefined || !hasKeys(node.node, spreads.map(({ constraint }) => constraint))) return;
  for (const spread of spreads) {
    const { constraint, domains } = spread;
    if (constraint.selector.requirements.length === 0 || !matchesLabels(constraint.selector, other.pod.metadata.labels) || !includes(constraint, pod, node)) continue;
    const value = node.node.metadata.labels?.[constraint.topologyKey] ?? "";
    domains.set(value, (domains.get(value) ?? 0) + by);
    spread.min = undefined;
  }
}

interface ScoreState {
  readonly constraints: readonly Constraint[];
  /** Per constraint: on this node (hostname), or in the domain. */
  readonly counts: readonly (ReadonlyMap<NodeInfo, number> | ReadonlyMap<string, number>)[];
  readonly weights: readonly number[];
  /** Nodes without all topology keys, where the pod's own constraints ask for them. */
  readonly ignored: ReadonlySet<NodeInfo>;
}

/** Soft constraints: the pod's, or the system's for pods of services and controllers. Source: scoring.go, initPreScoreState and PreScore. */
function prepareScores({ pod }: PodInfo, nodes: readonly NodeInfo[], world: SchedulingWorld): ScoreState | undefined {
  const own = (pod.spec.topologySpreadConstraints ?? []).length > 0;
  const constraints = own ? constraintsOf(pod, "ScheduleAnyway") : systemConstraints(pod, world);
  if (constraints.length === 0) return undefined;
  const ignored = new Set(own ? nodes.filter(({ node }) => !hasKeys(node, constraints)) : []);
  const prepared = constraints.map((constraint) => countsFor(constraint, pod, nodes, ignored, world));
  return { constraints, ignored, counts: prepared.map(({ counts }) => counts), weights: prepared.map(({ size }) => Math.log(size + 2)) };
}

function systemConstraints(pod: PodObject, { defaultSelector }: SchedulingWorld): readonly Constraint[] {
  const selector = defaultSelector(pod);
  return selector === undefined || selector.requirements.length === 0 ? [] : SYSTEM_DEFAULTS.map((constraint) => ({ ...constraint, selector }));
}

function countsFor(constraint: Constraint, pod: PodObject, nodes: readonly NodeInfo[], ignored: ReadonlySet<NodeInfo>, { cache }: SchedulingWorld): { counts: ScoreState["counts"][number]; size: number } {
  const { topologyKey, selector } = constraint;
  const perNode = cache.matching(pod.metadata.namespace ?? "", selector);
  if (topologyKey === HOSTNAME) return { counts: perNode, size: nodes.length - ignored.size };
  const domains = new Map<string, number>();
  for (const node of nodes) if (!ignored.has(node)) domains.set(node.node.metadata.labels?.[topologyKey] ?? "", 0);
  for (const [node, count] of perNode) {
    const value = node.node.metadata.labels?.[topologyKey] ?? "";
    const before = domains.get(value);
    if (before !== undefined && includes(constraint, pod, node)) domains.set(value, before + count);
  }
  return { counts: domains, size: domains.size };
}

const selectedBy = (pod: PodInfo, other: PodObject | undefined): boolean =>
  other !== undefined && other.metadata.namespace === pod.pod.metadata.namespace && constraintsOf(pod.pod, "DoNotSchedule").some(({ selector }) => matchesLabels(selector, other.metadata.labels));

/** Pods spread evenly over nodes or zones. Source: pkg/scheduler/framework/plugins/podtopologyspread/{plugin,common,filtering,scoring}.go. */
export const podTopologySpread = definePlugin<readonly Spread[], ScoreState>({
  name: "PodTopologySpread",
  requeueOn: [
    { on: "AssignedPodAdd", when: (pod, { pod: other }) => selectedBy(pod, other) },
    { on: "AssignedPodUpdate", when: (pod, { pod: other, podBefore }) => selectedBy(pod, other) !== selectedBy(pod, podBefore) },
    { on: "AssignedPodDelete", when: (pod, { pod: other }) => selectedBy(pod, other) },
    { on: "PodUpdateLabel" }, { on: "PodUpdateTolerations" }, { on: "NodeAdd" }, { on: "NodeDelete" }, { on: "NodeUpdateLabel" }, { on: "NodeUpdateTaint" },
  ],
  preFilter({ pod }, world) {
    const constraints = constraintsOf(pod, "DoNotSchedule");
    return constraints.length === 0 ? SKIP : { state: countDomains(pod, constraints, world) };
  },
  filter({ pod }, { node }, spreads) {
    for (const spread of spreads) {
      const { constraint, domains } = spread;
      const value = node.metadata.labels?.[constraint.topologyKey];
      if (value === undefined) return MISSING_LABEL;
      const self = matchesLabels(constraint.selector, pod.metadata.labels) ? 1 : 0;
      if ((domains.get(value) ?? 0) + self - minimum(spread) > constraint.maxSkew) return SKEWED;
    }
    return undefined;
  },
  podAdded: (spreads, pod, added, node) => countPod(spreads, pod, added, node, 1),
  podRemoved: (spreads, pod, removed, node) => countPod(spreads, pod, removed, node, -1),
  preScore(pod, nodes, world) {
    const state = prepareScores(pod, nodes, world);
    return state === undefined ? SKIP : { state };
  },
  score(_pod, node, { constraints, counts, weights, ignored }) {
    if (ignored.has(node)) return -1;
    let sum = 0;
    for (const [i, { topologyKey, maxSkew }] of constraints.entries()) {
      const value = node.node.metadata.labels?.[topologyKey];
      if (value === undefined) continue;
      const count = topologyKey === HOSTNAME ? (counts[i] as ReadonlyMap<NodeInfo, number>).get(node) : (counts[i] as ReadonlyMap<string, number>).get(value);
      sum += (count ?? 0) * (weights[i] ?? 0) + (maxSkew - 1);
    }
    return Math.round(sum);
  },
  normalize(scores, count) {
    let [min, max] = [Infinity, 0];
    for (let i = 0; i < count; i++) {
      const score = scores[i] ?? -1;
      if (score < 0) continue;
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
    for (let i = 0; i < count; i++) {
      const score = scores[i] ?? -1;
      scores[i] = score < 0 ? 0 : max === 0 ? MAX_NODE_SCORE : Math.trunc((MAX_NODE_SCORE * (max + min - score)) / max);
    }
  },
});
