import { type FieldError, invalid } from "../../apimachinery/field-error.ts";
import { pathSegmentName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { PodDisruptionBudgetObject, PodDisruptionBudgetSpec } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { checkNonNegative, checkOptionalOneOf } from "../shared/checks.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";
import { validateLabelSelector } from "../shared/label-selector-validation.ts";
import { freshStatus, keepSpec, keepStatus } from "../shared/strategy.ts";
import { checkAtMost100Percent, checkIntOrPercent } from "../workload/int-or-percent.ts";

/** Source: pkg/apis/policy/validation/validation.go, ValidatePodDisruptionBudgetSpec; pkg/registry/policy/poddisruptionbudget/strategy.go; printers.go, printPodDisruptionBudget. */
export const PodDisruptionBudget = defineKind<PodDisruptionBudgetObject>({
  group: "policy", version: "v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets", shortNames: ["pdb"], scope: "Namespaced", schemaName: "policy/v1.PodDisruptionBudget",
  tracksGeneration: true,
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  prepareForCreate: freshStatus<PodDisruptionBudgetObject>({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 }),
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate: keepSpec,
  // The kind itself has no rule for names: only what holds for every object, and that is looked at last.
  validate: (budget) => {
    const errors = validateSpec(budget.spec);
    return errors.length > 0 ? errors : validateObjectMeta(budget.metadata, true, pathSegmentName);
  },
  validateUpdate: (budget, stored) => [...validateObjectMetaUpdate(budget.metadata, stored.metadata), ...validateSpec(budget.spec)],
  validateStatusUpdate: (budget, stored) => {
    const errors = validateObjectMetaUpdate(budget.metadata, stored.metadata);
    for (const name of ["disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods"] as const) checkNonNegative(errors, `status.${name}`, budget.status?.[name]);
    return errors;
  },
  columns: [
    nameColumn,
    { name: "Min Available", type: "string", cell: ({ spec }) => String(spec?.minAvailable ?? "N/A") },
    { name: "Max Unavailable", type: "string", cell: ({ spec }) => String(spec?.maxUnavailable ?? "N/A") },
    { name: "Allowed Disruptions", type: "integer", cell: ({ status }) => status?.disruptionsAllowed ?? 0 },
    ageColumn,
  ],
});

/** Differs: the spec with both numbers is printed as JSON; Go prints the addresses of its pointers. */
function validateSpec(spec: PodDisruptionBudgetSpec = {}): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.minAvailable !== undefined && spec.maxUnavailable !== undefined) errors.push(invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set"));
  for (const name of ["minAvailable", "maxUnavailable"] as const) {
    const value = spec[name];
    if (value === undefined) continue;
    checkIntOrPercent(errors, `spec.${name}`, value);
    checkAtMost100Percent(errors, `spec.${name}`, value);
  }
  validateLabelSelector(errors, spec.selector, "spec.selector");
  checkOptionalOneOf(errors, "spec.unhealthyPodEvictionPolicy", spec.unhealthyPodEvictionPolicy, ["AlwaysAllow", "IfHealthyBudget"]);
  return errors;
}
