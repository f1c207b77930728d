import { type FieldError, forbidden, invalid, required } from "../../../apimachinery/field-error.ts";
import { isLabelValue, labelName, subdomainName } from "../../../apimachinery/names.ts";
import type { Affinity, LabelSelector, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodAffinity, PodAffinityTerm } from "../../generated/types.ts";
import { addInvalid, checkQualifiedName } from "../../shared/checks.ts";
import { validateLabelSelector } from "../../shared/label-selector-validation.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const badWeight = (weight: number): boolean => weight <= 0 || weight > 100;

/** Source: pkg/apis/core/validation/validation.go, validateAffinity. */
export function validateAffinity(errors: FieldError[], affinity: Affinity | undefined, path: string): void {
  const node = affinity?.nodeAffinity;
  if (node?.requiredDuringSchedulingIgnoredDuringExecution !== undefined) validateNodeSelector(errors, node.requiredDuringSchedulingIgnoredDuringExecution, `${path}.nodeAffinity.${REQUIRED}`);
  node?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, preference }, index) => {
    const at = `${path}.nodeAffinity.${PREFERRED}[${index}]`;
    if (badWeight(weight)) errors.push(invalid(`${at}.weight`, weight, "must be in the range 1-100"));
    validateNodeSelectorTerm(errors, preference, `${at}.preference`);
  });
  validatePodAffinity(errors, affinity?.podAffinity, `${path}.podAffinity`);
  validatePodAffinity(errors, affinity?.podAntiAffinity, `${path}.podAntiAffinity`);
}

/** Source: ValidateNodeSelector. */
export function validateNodeSelector(errors: FieldError[], selector: NodeSelector, path: string): void {
  if ((selector.nodeSelectorTerms?.length ?? 0) === 0) return void errors.push(required(`${path}.nodeSelectorTerms`, "must have at least one node selector term"));
  selector.nodeSelectorTerms.forEach((term, index) => validateNodeSelectorTerm(errors, term, `${path}.nodeSelectorTerms[${index}]`));
}

/** Source: ValidateNodeSelectorTerm. */
function validateNodeSelectorTerm(errors: FieldError[], term: NodeSelectorTerm, path: string): void {
  term.matchExpressions?.forEach((requirement, index) => validateRequirement(errors, requirement, `${path}.matchExpressions[${index}]`));
  term.matchFields?.forEach((requirement, index) => validateFieldRequirement(errors, requirement, `${path}.matchFields[${index}]`));
}

/** Source: ValidateNodeSelectorRequirement. */
function validateRequirement(errors: FieldError[], { key, operator, values }: NodeSelectorRequirement, path: string): void {
  const count = values?.length ?? 0;
  if (operator === "In" || operator === "NotIn") {
    if (count === 0) errors.push(required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    if (count > 0) errors.push(forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
  } else if (operator === "Gt" || operator === "Lt") {
    if (count !== 1) errors.push(required(`${path}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
  } else errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  checkQualifiedName(errors, `${path}.key`, key);
  values?.forEach((value, index) => addInvalid(errors, `${path}.values[${index}]`, value, isLabelValue(value)));
}

/** Source: ValidateNodeFieldSelectorRequirement: only metadata.name is a field. */
function validateFieldRequirement(errors: FieldError[], { key, operator, values }: NodeSelectorRequirement, path: string): void {
  if (operator === "In" || operator === "NotIn") {
    if ((values?.length ?? 0) !== 1) errors.push(required(`${path}.values`, "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"));
  } else errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  if (key === "metadata.name") values?.forEach((value, index) => addInvalid(errors, `${path}.values[${index}]`, value, subdomainName(value, false)));
  else errors.push(invalid(`${path}.key`, key, "not a valid field selector key"));
}

/** Source: validatePodAffinity, validatePodAntiAffinity, validateWeightedPodAffinityTerms. */
function validatePodAffinity(errors: FieldError[], affinity: PodAffinity | undefined, path: string): void {
  affinity?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, index) => validateTerm(errors, term, `${path}.${REQUIRED}[${index}]`));
  affinity?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, podAffinityTerm }, index) => {
    const at = `${path}.${PREFERRED}[${index}]`;
    if (badWeight(weight)) errors.push(invalid(`${at}.weight`, weight, "must be in the range 1-100"));
    validateTerm(errors, podAffinityTerm, `${at}.podAffinityTerm`);
  });
}

/** Source: validatePodAffinityTerm. */
function validateTerm(errors: FieldError[], term: PodAffinityTerm, path: string): void {
  validateLabelSelector(errors, term.labelSelector, `${path}.labelSelector`);
  validateLabelSelector(errors, term.namespaceSelector, `${path}.namespaceSelector`);
  for (const name of term.namespaces ?? []) addInvalid(errors, `${path}.namespace`, name, labelName(name, false));
  validateMatchLabelKeys(errors, term, path);
  if (term.topologyKey === "") errors.push(required(`${path}.topologyKey`, "can not be empty"));
  checkQualifiedName(errors, `${path}.topologyKey`, term.topologyKey);
}

/** Source: validateMatchLabelKeysAndMismatchLabelKeys. */
function validateMatchLabelKeys(errors: FieldError[], { matchLabelKeys = [], mismatchLabelKeys = [], labelSelector }: PodAffinityTerm, path: string): void {
  checkLabelKeys(errors, matchLabelKeys, labelSelector, `${path}.matchLabelKeys`);
  checkLabelKeys(errors, mismatchLabelKeys, labelSelector, `${path}.mismatchLabelKeys`);
  const seen = new Set(Object.keys(labelSelector?.matchLabels ?? {}));
  for (const { key } of labelSelector?.matchExpressions ?? []) {
    const index = matchLabelKeys.indexOf(key);
    if (index >= 0 && seen.has(key)) errors.push(invalid(`${path}[${index}]`, key, "exists in both matchLabelKeys and labelSelector"));
    seen.add(key);
  }
  matchLabelKeys.forEach((key, index) => {
    if (mismatchLabelKeys.includes(key)) errors.push(invalid(`${path}.matchLabelKeys[${index}]`, key, "exists in both matchLabelKeys and mismatchLabelKeys"));
  });
}

function checkLabelKeys(errors: FieldError[], keys: readonly string[], selector: LabelSelector | undefined, path: string): void {
  if (keys.length === 0) return;
  if (selector === undefined) return void errors.push(forbidden(path, "must not be specified when labelSelector is not set"));
  keys.forEach((key, index) => checkQualifiedName(errors, `${path}[${index}]`, key));
}
