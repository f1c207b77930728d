import type { FieldError } from "../../apimachinery/field-error.ts";
import { pathSegmentName } from "../../apimachinery/names.ts";
import { validateObjectMeta } from "../../apimachinery/object-meta.ts";
import type { RoleBindingObject } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { BINDING_COLUMNS } from "./binding-columns.ts";
import { defaultBinding, RBAC_GROUP, validateBindingContent, validateBindingUpdate } from "./rbac-rules.ts";

/** Source: pkg/apis/rbac/v1/defaults.go, SetDefaults_RoleBinding; pkg/apis/rbac/validation/validation.go, ValidateRoleBinding. */
export const RoleBinding = defineKind<RoleBindingObject>({
  group: RBAC_GROUP, version: "v1", kind: "RoleBinding", plural: "rolebindings", scope: "Namespaced", schemaName: "rbac/v1.RoleBinding",
  defaults: defaultBinding,
  validate,
  validateUpdate: (binding, stored) => {
    const errors = validate(binding);
    validateBindingUpdate(errors, binding, stored);
    return errors;
  },
  columns: BINDING_COLUMNS,
});

function validate(binding: RoleBindingObject): FieldError[] {
  const errors = validateObjectMeta(binding.metadata, true, pathSegmentName);
  validateBindingContent(errors, binding, true);
  return errors;
}
