import { type Labels, matchesLabels, NOTHING_SELECTOR, type Selector, selectorFromObject } from "../../apimachinery/label-selector.ts";
import type { LabelSelector } from "../generated/types.ts";

const compiled = new WeakMap<LabelSelector, Selector>();

/** A stored selector is compiled once; it never changes. One that cannot be read selects nothing. */
export function compileSelector(selector: LabelSelector | undefined): Selector {
  if (selector === undefined) return NOTHING_SELECTOR;
  let found = compiled.get(selector);
  if (found === undefined) {
    const made = selectorFromObject(selector);
    compiled.set(selector, (found = made.ok ? made.value : NOTHING_SELECTOR));
  }
  return found;
}

/** Whether labels satisfy a selector: none selects nothing, an empty one everything. */
export const matchesLabelSelector = (selector: LabelSelector | undefined, labels: Labels): boolean => matchesLabels(compileSelector(selector), labels);

/** Every wanted pair is there; wanting none is always satisfied. */
export function hasLabels(labels: Labels, wanted: Labels): boolean {
  for (const key in wanted) if (labels?.[key] !== wanted[key]) return false;
  return true;
}

/** `{}`: neither labels nor expressions, so it selects everything. */
export const selectsEverything = (selector: LabelSelector): boolean =>
  Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions?.length ?? 0) === 0;
