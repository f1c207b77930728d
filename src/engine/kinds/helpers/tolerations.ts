import type { Taint, Toleration } from "../generated/types.ts";

/** Source: staging/src/k8s.io/component-helpers/scheduling/corev1/helpers.go; staging/src/k8s.io/api/core/v1/toleration.go, ToleratesTaint. */
export function toleratesTaint(toleration: Toleration, taint: Taint): boolean {
  const { effect, key, operator, value } = toleration;
  if (effect !== undefined && effect !== "" && effect !== taint.effect) return false;
  if (key !== undefined && key !== "" && key !== taint.key) return false;
  if (operator === "Exists") return true;
  if (operator !== undefined && operator !== "" && operator !== "Equal") return false;
  // Upstream's `Equal` with an empty key compares the values only; validation keeps such tolerations out.
  return (value ?? "") === (taint.value ?? "");
}

export const toleratesAny = (tolerations: readonly Toleration[] | undefined, taint: Taint): boolean => tolerations?.some((toleration) => toleratesTaint(toleration, taint)) ?? false;

/** The first taint with one of these effects that no toleration covers. Source: corev1/helpers.go, FindMatchingUntoleratedTaint. */
export function firstUntolerated(taints: readonly Taint[] | undefined, tolerations: readonly Toleration[] | undefined, effects: readonly string[]): Taint | undefined {
  return taints?.find((taint) => effects.includes(taint.effect) && !toleratesAny(tolerations, taint));
}
