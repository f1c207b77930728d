import type { NodeSelectorTerm, PodSpec, PreferredSchedulingTerm } from "../../kinds/generated/types.ts";
import { matchesRequiredNodeAffinity, termMatches } from "../../kinds/helpers/node-affinity.ts";
import { intersection } from "../framework/cycle.ts";
import { definePlugin, normalizeToMax, SKIP, unresolvable } from "../framework/plugin.ts";

const REJECTED = unresolvable("node(s) didn't match Pod's node affinity/selector");
const CONFLICT = unresolvable("pod affinity terms conflict");

const requiredTerms = (spec: PodSpec): readonly NodeSelectorTerm[] | undefined => spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;

/** Node names that a term allows by its fields; undefined: any. */
function namedBy(term: NodeSelectorTerm): Set<string> | undefined {
  let names: Set<string> | undefined;
  for (const { key, operator, values } of term.matchFields ?? []) {
    if (key !== "metadata.name" || operator !== "In") continue;
    const these = new Set(values);
    names = names === undefined ? these : intersection(names, these);
  }
  return names;
}

/** Source: pkg/scheduler/framework/plugins/nodeaffinity/node_affinity.go. */
export const nodeAffinity = definePlugin<PodSpec, readonly PreferredSchedulingTerm[]>({
  name: "NodeAffinity",
  requeueOn: [
    { on: "NodeAdd", when: ({ pod }, { node }) => node !== undefined && matchesRequiredNodeAffinity(pod.spec, node) },
    {
      on: "NodeUpdateLabel",
      when: ({ pod }, { node, nodeBefore }) => node !== undefined && matchesRequiredNodeAffinity(pod.spec, node) && (nodeBefore === undefined || !matchesRequiredNodeAffinity(pod.spec, nodeBefore)),
    },
  ],
  preFilter({ pod: { spec } }) {
    const terms = requiredTerms(spec);
    if (terms === undefined && Object.keys(spec.nodeSelector ?? {}).length === 0) return SKIP;
    // Terms are alternatives: the pod may go to the nodes that any of them names, and if one names none, anywhere.
    let names: Set<string> | undefined;
    for (const term of terms ?? []) {
      const these = namedBy(term);
      if (these === undefined) return { state: spec };
      names = new Set([...(names ?? []), ...these]);
    }
    if (names === undefined) return { state: spec };
    return names.size === 0 ? { rejected: CONFLICT } : { state: spec, nodes: names };
  },
  filter: (_pod, { node }, spec) => (matchesRequiredNodeAffinity(spec, node) ? undefined : REJECTED),
  preScore({ pod }) {
    const preferred = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
    return preferred.length === 0 ? SKIP : { state: preferred };
  },
  score(_pod, { node }, preferred) {
    let sum = 0;
    for (const { weight, preference } of preferred) if (weight !== 0 && (isEmpty(preference) || termMatches(preference, node))) sum += weight;
    return sum;
  },
  normalize: (scores, count) => normalizeToMax(scores, count, false),
});

/** A preferred term without expressions matches every node, unlike a required one. Source: nodeaffinity.go, PreferredSchedulingTerms.Score. */
const isEmpty = ({ matchExpressions, matchFields }: NodeSelectorTerm): boolean => (matchExpressions ?? []).length === 0 && (matchFields ?? []).length === 0;
