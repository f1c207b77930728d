import { invalid } from "./field-error.ts";
import { isLabelValue, isQualifiedName } from "./names.ts";
import { aggregateText, fieldErrorText } from "./status.ts";
import type { LabelSelector } from "../kinds/generated/types.ts";
import { err, ok, type Result } from "../kernel/result.ts";

export type Labels = Readonly<Record<string, string>> | undefined;

export type SelectorOperator = "in" | "notin" | "=" | "==" | "!=" | "exists" | "!" | "gt" | "lt";

/** One term of a label selector. `values` are sorted. */
export interface Requirement {
  readonly key: string;
  readonly operator: SelectorOperator;
  readonly values: readonly string[];
}

/**
 * A label selector ready to match. Source: apimachinery/pkg/labels/selector.go.
 * An empty list of requirements matches everything; `NOTHING_SELECTOR` matches nothing.
 */
export interface Selector {
  readonly requirements: readonly Requirement[];
  readonly nothing: boolean;
}

export const EVERYTHING: Selector = { requirements: [], nothing: false };
export const NOTHING_SELECTOR: Selector = { requirements: [], nothing: true };

/** Source: labels.Requirement.Matches. `!=` and `notin` also match labels without the key. */
export function matchesLabels(selector: Selector, labels: Labels): boolean {
  if (selector.nothing) return false;
  for (const requirement of selector.requirements) if (!matchesRequirement(requirement, labels?.[requirement.key])) return false;
  return true;
}

function matchesRequirement({ operator, values }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case "in": case "=": case "==": return value !== undefined && values.includes(value);
    case "notin": case "!=": return value === undefined || !values.includes(value);
    case "exists": return value !== undefined;
    case "!": return value === undefined;
    default: {
      if (value === undefined || !/^[+-]?\d+$/.test(value)) return false;
      const limit = BigInt(values[0] ?? "0");
      return operator === "gt" ? BigInt(value) > limit : BigInt(value) < limit;
    }
  }
}

/** The selector as text, as `kubectl` and the scale subresource show it. Source: internalSelector.String. */
export const selectorText = (selector: Selector): string => selector.requirements.map(requirementText).join(",");

function requirementText({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "exists": return key;
    case "!": return `!${key}`;
    case "in": case "notin": return `${key} ${operator} (${values.join(",")})`;
    case "gt": return `${key}>${values[0] ?? ""}`;
    case "lt": return `${key}<${values[0] ?? ""}`;
    default: return `${key}${operator}${values[0] ?? ""}`;
  }
}

const byKey = (requirements: Requirement[]): Requirement[] => requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

/** A plain map, as Services and ReplicationControllers select: every pair must be there. An empty map matches everything. */
export function selectorFromMap(map: Labels): Selector {
  const keys = Object.keys(map ?? {}).sort();
  return { nothing: false, requirements: keys.map((key) => ({ key, operator: "=", values: [map?.[key] ?? ""] })) };
}

const OBJECT_OPERATORS: Readonly<Record<string, SelectorOperator>> = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" };

/**
 * A LabelSelector object ready to match: none selects nothing, an empty one everything.
 * Source: apimachinery/pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector. The error is Go's text.
 */
export function selectorFromObject(object: LabelSelector | undefined): Result<Selector, string> {
  if (object === undefined) return ok(NOTHING_SELECTOR);
  const requirements: Requirement[] = [];
  for (const key of Object.keys(object.matchLabels ?? {}).sort()) {
    const made = newRequirement(key, "=", [object.matchLabels?.[key] ?? ""]);
    if (!made.ok) return made;
    requirements.push(made.value);
  }
  for (const { key, operator, values } of object.matchExpressions ?? []) {
    const op = OBJECT_OPERATORS[operator];
    if (op === undefined) return err(`${JSON.stringify(operator)} is not a valid label selector operator`);
    const made = newRequirement(key, op, values ?? []);
    if (!made.ok) return made;
    requirements.push(made.value);
  }
  return ok({ nothing: false, requirements: byKey(requirements) });
}

/** "a=b,c in (d,e)", "<none>" when empty, "<error>" when it cannot be read. Source: FormatLabelSelector. */
export function labelSelectorText(object: LabelSelector | undefined): string {
  const selector = selectorFromObject(object);
  if (!selector.ok) return "<error>";
  return selectorText(selector.value) || "<none>";
}

const int64 = (text: string): boolean => /^[+-]?\d+$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);

/** Source: labels.NewRequirement. */
export function newRequirement(key: string, operator: SelectorOperator, values: readonly string[]): Result<Requirement, string> {
  const errors: string[] = [];
  const keyErrors = isQualifiedName(key);
  const bad = (field: string, value: unknown, detail: string): void => { errors.push(fieldErrorText(invalid(field, value, detail))); };
  if (keyErrors.length > 0) bad("key", key, keyErrors.join("; "));
  if ((operator === "in" || operator === "notin") && values.length === 0) bad("values", values, "for 'in', 'notin' operators, values set can't be empty");
  if ((operator === "=" || operator === "==" || operator === "!=") && values.length !== 1) bad("values", values, "exact-match compatibility requires one single value");
  if ((operator === "exists" || operator === "!") && values.length !== 0) bad("values", values, "values set must be empty for exists and does not exist");
  if (operator === "gt" || operator === "lt") {
    if (values.length !== 1) bad("values", values, "for 'Gt', 'Lt' operators, exactly one value is required");
    values.forEach((v, i) => { if (!int64(v)) bad(`values[${i}]`, v, "for 'Gt', 'Lt' operators, the value must be an integer"); });
  }
  values.forEach((v, i) => {
    const valueErrors = isLabelValue(v);
    if (valueErrors.length > 0) bad(`values[${i}][${key}]`, v, valueErrors.join("; "));
  });
  if (errors.length > 0) return err(aggregateText(errors));
  return ok({ key, operator, values: [...new Set(values)].sort() });
}

const compiled = new WeakMap<LabelSelector, Selector>();

/** Whether a LabelSelector object selects these labels. One that cannot be read selects nothing. Reading is done once per (frozen) object. */
export function matchesLabelSelector(object: LabelSelector | undefined, labels: Labels): boolean {
  if (object === undefined) return false;
  let selector = compiled.get(object);
  if (selector === undefined) {
    const made = selectorFromObject(object);
    compiled.set(object, (selector = made.ok ? made.value : NOTHING_SELECTOR));
  }
  return matchesLabels(selector, labels);
}
