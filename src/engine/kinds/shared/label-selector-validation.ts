import { type FieldError, forbidden, invalid, required } from "../../apimachinery/field-error.ts";
import { isLabelValue } from "../../apimachinery/names.ts";
import { validateLabels } from "../../apimachinery/object-meta.ts";
import type { LabelSelector } from "../generated/types.ts";
import { addInvalid, checkQualifiedName } from "./checks.ts";

/** Source: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/validation/validation.go, ValidateLabelSelector and ValidateLabelSelectorRequirement. */
export function validateLabelSelector(errors: FieldError[], selector: LabelSelector | undefined, path: string): void {
  if (selector === undefined) return;
  errors.push(...validateLabels(selector.matchLabels, `${path}.matchLabels`));
  selector.matchExpressions?.forEach(({ key, operator, values }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const count = values?.length ?? 0;
    if (operator === "In" || operator === "NotIn") {
      if (count === 0) errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (count > 0) errors.push(forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else errors.push(invalid(`${at}.operator`, operator, "not a valid selector operator"));
    checkQualifiedName(errors, `${at}.key`, key);
    values?.forEach((value, i) => addInvalid(errors, `${at}.values[${i}]`, value, isLabelValue(value)));
  });
}
