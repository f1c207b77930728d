import { type FieldError, forbidden, notSupported, required } from "../../apimachinery/field-error.ts";
import type { LabelSelector, PodTemplateSpec } from "../generated/types.ts";
import { matchesLabelSelector } from "../helpers/label-match.ts";
import { validatePodTemplate } from "../pod/validation/pod.ts";
import { goLabelSelector, goStringMap, invalidGo } from "../shared/go-syntax.ts";
import { validateLabelSelector } from "../shared/label-selector-validation.ts";

const isEmpty = (selector: LabelSelector): boolean => Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions?.length ?? 0) === 0;

/** `kindInText` is what the message calls the kind: ReplicaSets say "deployment" too. */
export function validateWorkloadSelector(errors: FieldError[], selector: LabelSelector | undefined, kindInText: string, path: string): void {
  if (selector === undefined) return void errors.push(required(path));
  validateLabelSelector(errors, selector, path);
  if (isEmpty(selector)) errors.push(emptySelector(selector, kindInText, path));
}

export const emptySelector = (selector: LabelSelector, kindInText: string, path: string): FieldError => invalidGo(path, goLabelSelector(selector), `empty selector is invalid for ${kindInText}`);
export const isEmptySelector = isEmpty;

/** An operator that nobody knows, or one with the wrong number of values: the selector cannot be made. */
export const isReadable = (selector: LabelSelector | undefined): boolean => {
  const errors: FieldError[] = [];
  validateLabelSelector(errors, selector, "");
  return errors.length === 0;
};

/** No selector selects nothing; an empty one is not compared. Source: pkg/apis/apps/validation/validation.go, ValidatePodTemplateSpecForReplicaSet. */
export function validateTemplate(errors: FieldError[], template: PodTemplateSpec, selector: LabelSelector | undefined, kind: string, path: string): void {
  if ((selector === undefined || !isEmpty(selector)) && !matchesLabelSelector(selector, template.metadata?.labels)) errors.push(labelMismatch(template, path));
  validatePodTemplate(errors, template, path);
  validateAlwaysRestarts(errors, template, kind, path);
}

export const labelMismatch = (template: PodTemplateSpec, path: string): FieldError =>
  invalidGo(`${path}.metadata.labels`, goStringMap(template.metadata?.labels), "`selector` does not match template `labels`");

export function validateAlwaysRestarts(errors: FieldError[], template: PodTemplateSpec, kind: string, path: string): void {
  if (template.spec.restartPolicy !== "Always") errors.push(notSupported(`${path}.spec.restartPolicy`, template.spec.restartPolicy ?? "", ["Always"]));
  if (template.spec.activeDeadlineSeconds !== undefined) errors.push(forbidden(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`));
}

/** Source: apps strategies, ValidateUpdate; apimachinery/pkg/api/validation, ValidateImmutableField. */
export function checkImmutableSelector(errors: FieldError[], selector: LabelSelector | undefined, stored: LabelSelector | undefined): void {
  if (selector === stored || JSON.stringify(sorted(selector)) === JSON.stringify(sorted(stored))) return;
  errors.push(invalidGo("spec.selector", selector === undefined ? '"null"' : goLabelSelector(selector), "field is immutable"));
}

const sorted = (selector: LabelSelector | undefined): unknown =>
  selector && { matchLabels: Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)), matchExpressions: selector.matchExpressions ?? [] };
