import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from "../../../apimachinery/field-error.ts";
import { isLabelValue } from "../../../apimachinery/names.ts";
import type { PodSchedulingGate, Toleration, TopologySpreadConstraint } from "../../generated/types.ts";
import { checkOptionalOneOf, checkPositive, checkQualifiedName } from "../../shared/checks.ts";
import { validateLabelSelector } from "../../shared/label-selector-validation.ts";

const TAINT_EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"] as const;

/** Source: pkg/apis/core/validation/validation.go, validateTaintEffect. */
export function checkTaintEffect(errors: FieldError[], field: string, effect: string): void {
  if (!(TAINT_EFFECTS as readonly string[]).includes(effect)) errors.push(notSupported(field, effect, TAINT_EFFECTS));
}

/** Source: ValidateTolerations. */
export function validateTolerations(errors: FieldError[], tolerations: readonly Toleration[] | undefined, path: string): void {
  tolerations?.forEach(({ key = "", operator = "", value = "", effect = "", tolerationSeconds }, index) => {
    const at = `${path}[${index}]`;
    if (key !== "") checkQualifiedName(errors, `${at}.key`, key);
    else if (operator !== "Exists") errors.push(invalid(`${at}.operator`, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"'));
    if (tolerationSeconds !== undefined && effect !== "NoExecute") errors.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    if (operator === "Equal" || operator === "") {
      const messages = isLabelValue(value);
      if (messages.length > 0) errors.push(invalid(`${at}.operator`, value, messages.join(";")));
    } else if (operator === "Exists") {
      if (value !== "") errors.push(invalid(`${at}.operator`, value, "value must be empty when `operator` is 'Exists'"));
    } else errors.push(notSupported(`${at}.operator`, operator, ["Equal", "Exists"]));
    if (effect !== "") checkTaintEffect(errors, `${at}.effect`, effect);
  });
}

/** Source: validateSchedulingGates. */
export function validateSchedulingGates(errors: FieldError[], gates: readonly PodSchedulingGate[] | undefined, path: string): void {
  const seen = new Set<string>();
  gates?.forEach(({ name }, index) => {
    checkQualifiedName(errors, `${path}[${index}]`, name);
    if (seen.has(name)) errors.push(duplicate(`${path}[${index}]`, name));
    seen.add(name);
  });
}

/** Source: validateTopologySpreadConstraints. */
export function validateTopologySpread(errors: FieldError[], constraints: readonly TopologySpreadConstraint[] | undefined, path: string): void {
  constraints?.forEach((constraint, index) => {
    const at = `${path}[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable: action, minDomains } = constraint;
    checkPositive(errors, `${at}.maxSkew`, maxSkew);
    if (topologyKey === "") errors.push(required(`${at}.topologyKey`, "can not be empty"));
    if (action !== "DoNotSchedule" && action !== "ScheduleAnyway") errors.push(notSupported(`${at}.whenUnsatisfiable`, action, ["DoNotSchedule", "ScheduleAnyway"]));
    if (constraints.slice(index + 1).some((later) => later.topologyKey === topologyKey && later.whenUnsatisfiable === action)) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`));
    if (minDomains !== undefined) {
      checkPositive(errors, `${at}.minDomains`, minDomains);
      if (action !== "DoNotSchedule") errors.push(invalid(`${at}.minDomains`, minDomains, `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${action}`));
    }
    checkOptionalOneOf(errors, `${at}.nodeAffinityPolicy`, constraint.nodeAffinityPolicy, ["Honor", "Ignore"]);
    checkOptionalOneOf(errors, `${at}.nodeTaintsPolicy`, constraint.nodeTaintsPolicy, ["Honor", "Ignore"]);
    validateSpreadLabelKeys(errors, constraint, `${at}.matchLabelKeys`);
    validateLabelSelector(errors, constraint.labelSelector, `${at}.labelSelector`);
  });
}

/** Source: validateMatchLabelKeysInTopologySpread. */
function validateSpreadLabelKeys(errors: FieldError[], { matchLabelKeys = [], labelSelector }: TopologySpreadConstraint, path: string): void {
  if (matchLabelKeys.length === 0) return;
  if (labelSelector === undefined) errors.push(forbidden(path, "must not be specified when labelSelector is not set"));
  const selected = new Set([...Object.keys(labelSelector?.matchLabels ?? {}), ...(labelSelector?.matchExpressions ?? []).map((expression) => expression.key)]);
  matchLabelKeys.forEach((key, index) => {
    checkQualifiedName(errors, `${path}[${index}]`, key);
    if (selected.has(key)) errors.push(invalid(`${path}[${index}]`, key, "exists in both matchLabelKeys and labelSelector"));
  });
}
