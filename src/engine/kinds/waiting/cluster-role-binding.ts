import type { FieldError } from "../../apimachinery/field-error.ts";
import { pathSegmentName } from "../../apimachinery/names.ts";
import { validateObjectMeta } from "../../apimachinery/object-meta.ts";
import type { ClusterRoleBindingObject } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { BINDING_COLUMNS } from "./binding-columns.ts";
import { defaultBinding, RBAC_GROUP, validateBindingContent, validateBindingUpdate } from "./rbac-rules.ts";

/** Source: pkg/apis/rbac/v1/defaults.go, SetDefaults_ClusterRoleBinding; pkg/apis/rbac/validation/validation.go, ValidateClusterRoleBinding. */
export const ClusterRoleBinding = defineKind<ClusterRoleBindingObject>({
  group: RBAC_GROUP, version: "v1", kind: "ClusterRoleBinding", plural: "clusterrolebindings", scope: "Cluster", schemaName: "rbac/v1.ClusterRoleBinding",
  defaults: defaultBinding,
  validate,
  validateUpdate: (binding, stored) => {
    const errors = validate(binding);
    validateBindingUpdate(errors, binding, stored);
    return errors;
  },
  columns: BINDING_COLUMNS,
});

function validate(binding: ClusterRoleBindingObject): FieldError[] {
  const errors = validateObjectMeta(binding.metadata, false, pathSegmentName);
  validateBindingContent(errors, binding, false);
  return errors;
}
