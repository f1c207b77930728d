import { type FieldError, required } from "../../apimachinery/field-error.ts";
import { pathSegmentName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { ClusterRoleObject } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { DEFAULT_COLUMNS } from "../shared/columns.ts";
import { validateLabelSelector } from "../shared/label-selector-validation.ts";
import { isReadable } from "../workload/selector-validation.ts";
import { RBAC_GROUP, unreadableSelector, validateRules } from "./rbac-rules.ts";

/** Source: pkg/apis/rbac/validation/validation.go, ValidateClusterRole. */
export const ClusterRole = defineKind<ClusterRoleObject>({
  group: RBAC_GROUP, version: "v1", kind: "ClusterRole", plural: "clusterroles", scope: "Cluster", schemaName: "rbac/v1.ClusterRole",
  validate: validateClusterRole,
  validateUpdate: (role, stored) => [...validateClusterRole(role), ...validateObjectMetaUpdate(role.metadata, stored.metadata)],
  columns: DEFAULT_COLUMNS,
});

function validateClusterRole(role: ClusterRoleObject): FieldError[] {
  const errors = validateObjectMeta(role.metadata, false, pathSegmentName);
  validateRules(errors, role.rules, false);
  if (role.aggregationRule === undefined) return errors;
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) errors.push(required("aggregationRule.clusterRoleSelectors", "at least one clusterRoleSelector required if aggregationRule is non-nil"));
  selectors.forEach((selector, index) => {
    const at = `aggregationRule.clusterRoleSelectors[${index}]`;
    // Upstream gives the whole list's path to the selector's own errors.
    validateLabelSelector(errors, selector, "aggregationRule.clusterRoleSelectors");
    if (!isReadable(selector)) errors.push(unreadableSelector(at));
  });
  return errors;
}
