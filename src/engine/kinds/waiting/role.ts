import type { FieldError } from "../../apimachinery/field-error.ts";
import { pathSegmentName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { RoleObject } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { DEFAULT_COLUMNS } from "../shared/columns.ts";
import { RBAC_GROUP, validateRules } from "./rbac-rules.ts";

/** Source: pkg/apis/rbac/validation/validation.go, ValidateRole. */
export const Role = defineKind<RoleObject>({
  group: RBAC_GROUP, version: "v1", kind: "Role", plural: "roles", scope: "Namespaced", schemaName: "rbac/v1.Role",
  validate: validateRole,
  validateUpdate: (role, stored) => [...validateRole(role), ...validateObjectMetaUpdate(role.metadata, stored.metadata)],
  columns: DEFAULT_COLUMNS,
});

function validateRole(role: RoleObject): FieldError[] {
  const errors = validateObjectMeta(role.metadata, true, pathSegmentName);
  validateRules(errors, role.rules, true);
  return errors;
}
