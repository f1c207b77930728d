import { type FieldError, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { isPathSegment, subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { ObjectMeta, PolicyRule, RoleRef, Subject } from "../generated/types.ts";
import { addInvalid } from "../shared/checks.ts";
import { goStrings, invalidGo } from "../shared/go-syntax.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";

/*
 * What roles and bindings share.
 * Source: pkg/apis/rbac/validation/validation.go; pkg/apis/rbac/v1/defaults.go.
 */

export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** Source: ValidatePolicyRule. */
export function validateRules(errors: FieldError[], rules: readonly PolicyRule[] | undefined, namespaced: boolean): void {
  rules?.forEach((rule, index) => {
    const at = `rules[${index}]`;
    const count = (list: readonly string[] | undefined): number => list?.length ?? 0;
    if (count(rule.verbs) === 0) errors.push(required(`${at}.verbs`, "verbs must contain at least one value"));
    if (count(rule.nonResourceURLs) > 0) {
      const urls = goStrings(rule.nonResourceURLs);
      if (namespaced) errors.push(invalidGo(`${at}.nonResourceURLs`, urls, "namespaced rules cannot apply to non-resource URLs"));
      if (count(rule.apiGroups) + count(rule.resources) + count(rule.resourceNames) > 0) errors.push(invalidGo(`${at}.nonResourceURLs`, urls, "rules cannot apply to both regular resources and non-resource URLs"));
      return;
    }
    if (count(rule.apiGroups) === 0) errors.push(required(`${at}.apiGroups`, "resource rules must supply at least one api group"));
    if (count(rule.resources) === 0) errors.push(required(`${at}.resources`, "resource rules must supply at least one resource"));
  });
}

interface Binding {
  readonly metadata: ObjectMeta;
  readonly subjects?: readonly Subject[];
  readonly roleRef: RoleRef;
}

/** Source: SetDefaults_RoleBinding, SetDefaults_Subject. */
export function defaultBinding<T extends Binding>(binding: T): T {
  const roleRef = withFields("rbac/v1.RoleRef", binding.roleRef, { apiGroup: binding.roleRef.apiGroup || RBAC_GROUP });
  const subjects = mapChanged(binding.subjects, (subject) =>
    (subject.apiGroup ?? "") === "" && (subject.kind === "User" || subject.kind === "Group") ? withFields("rbac/v1.Subject", subject, { apiGroup: RBAC_GROUP }) : subject);
  return { ...binding, ...(subjects === undefined ? {} : { subjects }), roleRef };
}

/** Source: ValidateRoleBinding, ValidateClusterRoleBinding. */
export function validateBindingContent(errors: FieldError[], { roleRef, subjects }: Binding, namespaced: boolean): void {
  if (roleRef.apiGroup !== RBAC_GROUP) errors.push(notSupported("roleRef.apiGroup", roleRef.apiGroup, [RBAC_GROUP]));
  const kinds = namespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  if (!kinds.includes(roleRef.kind)) errors.push(notSupported("roleRef.kind", roleRef.kind, kinds));
  if (roleRef.name === "") errors.push(required("roleRef.name"));
  else addInvalid(errors, "roleRef.name", roleRef.name, isPathSegment(roleRef.name));
  subjects?.forEach((subject, index) => validateSubject(errors, subject, namespaced, `subjects[${index}]`));
}

/** Source: ValidateRoleBindingSubject. */
function validateSubject(errors: FieldError[], { kind, name, namespace = "", apiGroup = "" }: Subject, namespaced: boolean, path: string): void {
  if (name === "") errors.push(required(`${path}.name`));
  if (kind === "ServiceAccount") {
    if (name !== "") addInvalid(errors, `${path}.name`, name, subdomainName(name, false));
    if (apiGroup !== "") errors.push(notSupported(`${path}.apiGroup`, apiGroup, [""]));
    if (!namespaced && namespace === "") errors.push(required(`${path}.namespace`));
  } else if (kind === "User" || kind === "Group") {
    if (apiGroup !== RBAC_GROUP) errors.push(notSupported(`${path}.apiGroup`, apiGroup, [RBAC_GROUP]));
  } else errors.push(notSupported(`${path}.kind`, kind, ["ServiceAccount", "User", "Group"]));
}

/** What may not change after creation. Source: ValidateRoleBindingUpdate. */
export function validateBindingUpdate(errors: FieldError[], binding: Binding, stored: Binding): void {
  errors.push(...validateObjectMetaUpdate(binding.metadata, stored.metadata));
  const [{ apiGroup, kind, name }, before] = [binding.roleRef, stored.roleRef];
  if (apiGroup === before.apiGroup && kind === before.kind && name === before.name) return;
  const text = `rbac.RoleRef{APIGroup:${JSON.stringify(apiGroup)}, Kind:${JSON.stringify(kind)}, Name:${JSON.stringify(name)}}`;
  errors.push(invalidGo("roleRef", text, "cannot change roleRef"));
}

/** An aggregation rule's selectors that cannot be read. */
export const unreadableSelector = (path: string): FieldError => invalid(path, null, "invalid label selector.");
