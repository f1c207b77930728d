import type { Labels } from "../../apimachinery/label-selector.ts";
import type { PodObject } from "../../kinds/generated/types.ts";
import type { PlacedPod } from "../framework/cache.ts";
import type { NodeInfo } from "../framework/node-info.ts";
import { definePlugin, MAX_NODE_SCORE, type SchedulingWorld, SKIP, unresolvable, unschedulable } from "../framework/plugin.ts";
import { type AffinityTerm, type PodInfo, podInfo, termSelects } from "../framework/pod-info.ts";

const NO_AFFINITY = unresolvable("node(s) didn't match pod affinity rules");
const OWN_ANTI_AFFINITY = unschedulable("node(s) didn't match pod anti-affinity rules");
const THEIR_ANTI_AFFINITY = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules");
const HARD_AFFINITY_WEIGHT = 1;

/** Matching pods by topology: "key=value" → how many. */
class TopologyCounts {
  readonly counts = new Map<string, number>();

  add({ node }: NodeInfo, key: string, by: number): void {
    const value = node.metadata.labels?.[key];
    if (value === undefined) return;
    const pair = `${key}=${value}`;
    const next = (this.counts.get(pair) ?? 0) + by;
    if (next === 0) this.counts.delete(pair);
    else this.counts.set(pair, next);
  }

  at(key: string, value: string): number {
    return this.counts.get(`${key}=${value}`) ?? 0;
  }

  get isEmpty(): boolean {
    return this.counts.size === 0;
  }
}

interface FilterState {
  /** Terms of pods that are there against the incoming one. */
  readonly theirAnti: TopologyCounts;
  readonly affinity: TopologyCounts;
  readonly ownAnti: TopologyCounts;
  readonly world: SchedulingWorld;
}

const labelsOf = (world: SchedulingWorld, pod: PodObject): Labels => world.namespaceLabels(pod.metadata.namespace ?? "");
const selectsAll = (terms: readonly AffinityTerm[], pod: PodObject, world: SchedulingWorld): boolean => terms.length > 0 && terms.every((term) => termSelects(term, pod, labelsOf(world, pod)));

/** Pods of all namespaces that the terms look into. */
function* podsInReach(terms: readonly AffinityTerm[], { cache }: SchedulingWorld): Generator<PlacedPod> {
  const everywhere = terms.some(({ namespaceSelector }) => namespaceSelector !== undefined);
  const names = everywhere ? new Set(cache.namespaces()) : new Set(terms.flatMap(({ namespaces }) => [...namespaces]));
  for (const name of names) yield* cache.podsIn(name).values();
}

/** One pod that is there, counted in (1) or out (-1). Source: filtering.go, updateWithPod. */
function countPod(state: FilterState, { pod, facts }: PodInfo, existing: PodInfo, node: NodeInfo, by: 1 | -1): void {
  const { world } = state;
  for (const term of existing.facts.requiredAntiAffinity) if (termSelects(term, pod, labelsOf(world, pod))) state.theirAnti.add(node, term.topologyKey, by);
  if (selectsAll(facts.requiredAffinity, existing.pod, world)) for (const term of facts.requiredAffinity) state.affinity.add(node, term.topologyKey, by);
  for (const term of facts.requiredAntiAffinity) if (termSelects(term, existing.pod, labelsOf(world, existing.pod))) state.ownAnti.add(node, term.topologyKey, by);
}

/** Every term needs a matching pod in the node's topology; the first of a group that wants to be together may go anywhere. */
function satisfiesAffinity(pod: PodInfo, { node }: NodeInfo, { affinity, world }: FilterState): boolean {
  const terms = pod.facts.requiredAffinity;
  let found = true;
  for (const { topologyKey } of terms) {
    const value = node.metadata.labels?.[topologyKey];
    if (value === undefined) return false;
    if (affinity.at(topologyKey, value) <= 0) found = false;
  }
  return found || (affinity.isEmpty && selectsAll(terms, pod.pod, world));
}

/** Topology key → value → score. */
type TopologyScores = Map<string, Map<string, number>>;

function addScore(scores: TopologyScores, term: AffinityTerm, pod: PodObject, { node }: NodeInfo, weight: number, world: SchedulingWorld): void {
  const value = node.metadata.labels?.[term.topologyKey];
  if (value === undefined || !termSelects(term, pod, labelsOf(world, pod))) return;
  let values = scores.get(term.topologyKey);
  if (values === undefined) scores.set(term.topologyKey, (values = new Map()));
  values.set(value, (values.get(value) ?? 0) + weight);
}

/** Source: scoring.go, processExistingPod. */
function scorePod(scores: TopologyScores, { pod, facts }: PodInfo, existing: PodInfo, node: NodeInfo, world: SchedulingWorld): void {
  for (const term of facts.preferredAffinity) addScore(scores, term, existing.pod, node, term.weight, world);
  for (const term of facts.preferredAntiAffinity) addScore(scores, term, existing.pod, node, -term.weight, world);
  for (const term of existing.facts.requiredAffinity) addScore(scores, term, pod, node, HARD_AFFINITY_WEIGHT, world);
  for (const term of existing.facts.preferredAffinity) addScore(scores, term, pod, node, term.weight, world);
  for (const term of existing.facts.preferredAntiAffinity) addScore(scores, term, pod, node, -term.weight, world);
}

const selectsChanged = (pod: PodInfo, other: PodObject | undefined): boolean => {
  if (other === undefined) return false;
  // Namespace selectors are taken as matching: an attempt too many does no harm.
  const matches = (term: AffinityTerm): boolean => termSelects({ ...term, ...(term.namespaceSelector === undefined ? {} : { namespaceSelector: { requirements: [], nothing: false } }) }, other, {});
  return pod.facts.requiredAffinity.some(matches) || pod.facts.requiredAntiAffinity.some(matches);
};
const hasTerms = ({ facts }: PodInfo): boolean => facts.requiredAffinity.length > 0 || facts.requiredAntiAffinity.length > 0;
const repels = (pod: PodInfo, other: PodObject | undefined): boolean => other !== undefined && podInfo(other).facts.requiredAntiAffinity.some((term) => termSelects(term, pod.pod, {}));

/** Pods that want to be with, or apart from, other pods. Source: pkg/scheduler/framework/plugins/interpodaffinity/{plugin,filtering,scoring}.go. */
export const interPodAffinity = definePlugin<FilterState, TopologyScores>({
  name: "InterPodAffinity",
  requeueOn: [
    { on: "AssignedPodAdd", when: (pod, { pod: other }) => selectsChanged(pod, other) },
    { on: "AssignedPodUpdate", when: (pod, { pod: other, podBefore }) => selectsChanged(pod, other) || selectsChanged(pod, podBefore) },
    { on: "AssignedPodDelete", when: (pod, { pod: other }) => selectsChanged(pod, other) || repels(pod, other) },
    { on: "PodUpdateLabel" },
    { on: "NodeAdd", when: (pod) => hasTerms(pod) },
    { on: "NodeUpdateLabel" },
    { on: "NamespaceUpdate" },
  ],
  preFilter(pod, world) {
    const state: FilterState = { theirAnti: new TopologyCounts(), affinity: new TopologyCounts(), ownAnti: new TopologyCounts(), world };
    const { requiredAffinity, requiredAntiAffinity } = pod.facts;
    const podLabels = labelsOf(world, pod.pod);
    for (const node of world.cache.nodesWithAffinity) {
      for (const existing of node.podsWithAffinity.values()) {
        for (const term of existing.facts.requiredAntiAffinity) if (termSelects(term, pod.pod, podLabels)) state.theirAnti.add(node, term.topologyKey, 1);
      }
    }
    if (requiredAffinity.length === 0 && requiredAntiAffinity.length === 0) return state.theirAnti.isEmpty ? SKIP : { state };
    for (const { info, node } of podsInReach([...requiredAffinity, ...requiredAntiAffinity], world)) {
      if (selectsAll(requiredAffinity, info.pod, world)) for (const term of requiredAffinity) state.affinity.add(node, term.topologyKey, 1);
      for (const term of requiredAntiAffinity) if (termSelects(term, info.pod, labelsOf(world, info.pod))) state.ownAnti.add(node, term.topologyKey, 1);
    }
    return { state };
  },
  filter(pod, node, state) {
    const { labels = {} } = node.node.metadata;
    if (pod.facts.requiredAffinity.length > 0 && !satisfiesAffinity(pod, node, state)) return NO_AFFINITY;
    if (!state.ownAnti.isEmpty) {
      for (const { topologyKey } of pod.facts.requiredAntiAffinity) {
        const value = labels[topologyKey];
        if (value !== undefined && state.ownAnti.at(topologyKey, value) > 0) return OWN_ANTI_AFFINITY;
      }
    }
    if (!state.theirAnti.isEmpty) for (const key in labels) if (state.theirAnti.at(key, labels[key] ?? "") > 0) return THEIR_ANTI_AFFINITY;
    return undefined;
  },
  podAdded: (state, pod, added, node) => countPod(state, pod, added, node, 1),
  podRemoved: (state, pod, removed, node) => countPod(state, pod, removed, node, -1),
  preScore(pod, _nodes, world) {
    const scores: TopologyScores = new Map();
    const { preferredAffinity, preferredAntiAffinity } = pod.facts;
    const own = preferredAffinity.length + preferredAntiAffinity.length > 0;
    if (own) for (const { info, node } of podsInReach([...preferredAffinity, ...preferredAntiAffinity], world)) if (!node.podsWithAffinity.has(info.uid)) scorePod(scores, pod, info, node, world);
    for (const node of world.cache.nodesWithAffinity) for (const existing of node.podsWithAffinity.values()) scorePod(scores, pod, existing, node, world);
    return scores.size === 0 ? SKIP : { state: scores };
  },
  score(_pod, { node }, scores) {
    let sum = 0;
    for (const [key, values] of scores) {
      const value = node.metadata.labels?.[key];
      if (value !== undefined) sum += values.get(value) ?? 0;
    }
    return sum;
  },
  normalize(scores, count) {
    let [min, max] = [Infinity, -Infinity];
    for (let i = 0; i < count; i++) {
      min = Math.min(min, scores[i] ?? 0);
      max = Math.max(max, scores[i] ?? 0);
    }
    for (let i = 0; i < count; i++) scores[i] = max > min ? Math.trunc((MAX_NODE_SCORE * ((scores[i] ?? 0) - min)) / (max - min)) : 0;
  },
});
