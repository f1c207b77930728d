import type { NodeObject, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from "../generated/types.ts";

const INTEGER = /^[+-]?\d+$/;

/** Whole-number comparison of label texts; anything else never matches. Source: apimachinery/pkg/labels/selector.go, Requirement.Matches. */
function compareIntegers(actual: string | undefined, wanted: string | undefined, holds: (a: bigint, b: bigint) => boolean): boolean {
  if (actual === undefined || wanted === undefined || !INTEGER.test(actual) || !INTEGER.test(wanted)) return false;
  return holds(BigInt(actual), BigInt(wanted));
}

/** One expression against the value that a node has for its key. */
export function requirementMatches(requirement: NodeSelectorRequirement, actual: string | undefined): boolean {
  const values = requirement.values ?? [];
  switch (requirement.operator) {
    case "In": return actual !== undefined && values.includes(actual);
    case "NotIn": return actual === undefined || !values.includes(actual);
    case "Exists": return actual !== undefined;
    case "DoesNotExist": return actual === undefined;
    case "Gt": return compareIntegers(actual, values[0], (a, b) => a > b);
    case "Lt": return compareIntegers(actual, values[0], (a, b) => a < b);
    default: return false;
  }
}

/** Only `metadata.name` is a field here, with In or NotIn and exactly one value. Source: component-helpers/scheduling/corev1/nodeaffinity/nodeaffinity.go. */
function fieldMatches(requirement: NodeSelectorRequirement, node: NodeObject): boolean {
  if (requirement.key !== "metadata.name" || requirement.values?.length !== 1) return false;
  if (requirement.operator !== "In" && requirement.operator !== "NotIn") return false;
  return requirementMatches(requirement, node.metadata.name);
}

/** All expressions and fields of a term; a term without any matches nothing. */
export function termMatches(term: NodeSelectorTerm, node: NodeObject): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  return expressions.every((requirement) => requirementMatches(requirement, node.metadata.labels?.[requirement.key])) && fields.every((requirement) => fieldMatches(requirement, node));
}

/** nodeSelector and required terms. Source: component-helpers/scheduling/corev1/nodeaffinity, RequiredNodeAffinity.Match. */
export function matchesRequiredNodeAffinity(spec: PodSpec, node: NodeObject): boolean {
  for (const key in spec.nodeSelector) if (node.metadata.labels?.[key] !== spec.nodeSelector[key]) return false;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required === undefined || required.nodeSelectorTerms.some((term) => termMatches(term, node));
}
