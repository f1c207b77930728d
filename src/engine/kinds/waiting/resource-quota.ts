import { type FieldError, invalid, required } from "../../apimachinery/field-error.ts";
import { subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { ResourceQuotaObject, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { isQuotaHugePages, validateResourceName, validateResourceQuantity } from "../pod/validation/resources.ts";
import { IMMUTABLE } from "../shared/checks.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";
import { goStrings, invalidGo } from "../shared/go-syntax.ts";
import { withFields } from "../shared/ordered.ts";
import { own } from "../shared/own.ts";
import { defaultResourceList, type ResourceList } from "../shared/resource-list.ts";
import { keepSpec, keepStatusOnly } from "../shared/strategy.ts";

/** Source: pkg/apis/core/validation/validation.go, ValidateResourceQuota; pkg/registry/core/resourcequota/strategy.go; printers.go, printResourceQuota. */
export const ResourceQuota = defineKind<ResourceQuotaObject>({
  group: "", version: "v1", kind: "ResourceQuota", plural: "resourcequotas", shortNames: ["quota"], scope: "Namespaced", schemaName: "core/v1.ResourceQuota",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  defaults: (quota) => ({ ...quota, spec: withFields("core/v1.ResourceQuotaSpec", quota.spec, { hard: defaultResourceList(quota.spec.hard) }) }),
  prepareForCreate: (quota) => ({ ...quota, status: {} }),
  prepareForUpdate: keepStatusOnly,
  prepareForStatusUpdate: keepSpec,
  validate: (quota) => [...validateObjectMeta(quota.metadata, true, subdomainName), ...validateSpec(quota.spec), ...validateStatus(quota)],
  validateUpdate: (quota, stored) => {
    const errors = [...validateObjectMetaUpdate(quota.metadata, stored.metadata), ...validateSpec(quota.spec)];
    const sorted = ({ spec }: ResourceQuotaObject): string => JSON.stringify([...new Set(spec.scopes)].sort());
    if (sorted(quota) !== sorted(stored)) errors.push(invalidGo("spec.scopes", goScopes(quota.spec), IMMUTABLE));
    return errors;
  },
  validateStatusUpdate: (quota, stored) => {
    const errors = validateObjectMetaUpdate(quota.metadata, stored.metadata);
    if ((quota.metadata.resourceVersion ?? "") === "") errors.push(required("resourceVersion"));
    return [...errors, ...validateStatus(quota)];
  },
  columns: [
    nameColumn,
    { name: "Request", type: "string", cell: (quota) => amountsCell(quota, false) },
    { name: "Limit", type: "string", cell: (quota) => amountsCell(quota, true) },
    ageColumn,
  ],
});

function amountsCell({ status }: ResourceQuotaObject, limits: boolean): string {
  const names = Object.keys(status?.hard ?? {}).sort().filter((name) => name.startsWith("limits.") === limits);
  return names.map((name) => `${name}: ${own(status?.used, name) ?? "0"}/${status?.hard?.[name] ?? "0"}`).join(", ");
}

const COMPUTE = ["cpu", "memory", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"] as const;
const OBJECTS = ["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps", "services.nodeports", "services.loadbalancers"] as const;
const QUOTA_RESOURCES: ReadonlySet<string> = new Set([...COMPUTE, ...OBJECTS, "ephemeral-storage", "requests.storage", "requests.ephemeral-storage", "limits.ephemeral-storage"]);
const isQuotaResource = (name: string): boolean => QUOTA_RESOURCES.has(name) || isQuotaHugePages(name);

function checkAmounts(errors: FieldError[], list: ResourceList | undefined, path: string): void {
  for (const name of Object.keys(list ?? {}).sort()) {
    const at = `${path}[${name}]`;
    validateResourceName(errors, name, at);
    if (!name.includes("/") && !isQuotaResource(name)) errors.push(invalidGo(at, name, "must be a standard resource for quota"));
    validateResourceQuantity(errors, name, list?.[name] ?? "0", at);
  }
}

function validateStatus({ status }: ResourceQuotaObject): FieldError[] {
  const errors: FieldError[] = [];
  checkAmounts(errors, status?.hard, "status.hard");
  checkAmounts(errors, status?.used, "status.used");
  return errors;
}

/** Scopes of pods, and what they may bound. Source: pkg/apis/core/helper/helpers.go, IsStandardResourceQuotaScope, IsResourceQuotaScopeValidForResource. */
const SCOPES: Readonly<Record<string, ReadonlySet<string>>> = {
  Terminating: new Set(["pods", ...COMPUTE]), NotTerminating: new Set(["pods", ...COMPUTE]), BestEffort: new Set(["pods"]), NotBestEffort: new Set(["pods", ...COMPUTE]),
  PriorityClass: new Set(["pods", ...COMPUTE]), CrossNamespacePodAffinity: new Set(["pods", ...COMPUTE]),
};
const CONFLICTS = [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]] as const;

/** How often a scope does not fit one of the hard limits. */
function misfits(scope: string, spec: ResourceQuotaSpec): number {
  return Object.keys(spec.hard ?? {}).filter((name) => isQuotaResource(name) && own(SCOPES, scope)?.has(name) === false).length;
}

const conflicts = (scopes: readonly string[]): number => CONFLICTS.filter((pair) => pair.every((scope) => scopes.includes(scope))).length;
const goScopes = ({ scopes }: ResourceQuotaSpec): string => goStrings(scopes, "[]core.ResourceQuotaScope");

function validateSpec(spec: ResourceQuotaSpec): FieldError[] {
  const errors: FieldError[] = [];
  checkAmounts(errors, spec.hard, "spec.hard");
  for (const scope of spec.scopes ?? []) {
    if (!Object.hasOwn(SCOPES, scope)) errors.push(invalidGo("spec.scopes", goScopes(spec), "unsupported scope"));
    for (let count = misfits(scope, spec); count > 0; count -= 1) errors.push(invalidGo("spec.scopes", goScopes(spec), "unsupported scope applied to resource"));
  }
  for (let count = conflicts(spec.scopes ?? []); count > 0; count -= 1) errors.push(invalidGo("spec.scopes", goScopes(spec), "conflicting scopes"));
  if (spec.scopeSelector !== undefined) validateScopeSelector(errors, spec, spec.scopeSelector.matchExpressions ?? []);
  return errors;
}

const EXISTS_ONLY: ReadonlySet<string> = new Set(["BestEffort", "NotBestEffort", "Terminating", "NotTerminating", "CrossNamespacePodAffinity"]);
const EXISTS_TEXT = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

/** Source: validateScopedResourceSelectorRequirement. */
function validateScopeSelector(errors: FieldError[], spec: ResourceQuotaSpec, expressions: readonly ScopedResourceSelectorRequirement[]): void {
  const at = "spec.scopeSelector.matchExpressions";
  for (const { scopeName, operator, values } of expressions) {
    if (!Object.hasOwn(SCOPES, scopeName)) errors.push(invalid(`${at}.scopeName`, scopeName, "unsupported scope"));
    for (let count = misfits(scopeName, spec); count > 0; count -= 1) errors.push(invalidGo(at, goSelector(expressions), "unsupported scope applied to resource"));
    if (EXISTS_ONLY.has(scopeName) && operator !== "Exists") errors.push(invalid(`${at}.operator`, operator, EXISTS_TEXT));
    const count = values?.length ?? 0;
    if (operator === "In" || operator === "NotIn") {
      if (count === 0) errors.push(required(`${at}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"));
    } else if (operator === "Exists" || operator === "DoesNotExist") {
      if (count > 0) errors.push(invalidGo(`${at}.values`, goStrings(values), "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"));
    } else errors.push(invalid(`${at}.operator`, operator, "not a valid selector operator"));
  }
  for (let count = conflicts(expressions.map(({ scopeName }) => scopeName)); count > 0; count -= 1) errors.push(invalidGo(at, goScopes(spec), "conflicting scopes"));
}

function goSelector(expressions: readonly ScopedResourceSelectorRequirement[]): string {
  const list = expressions.map(({ scopeName, operator, values }) => `core.ScopedResourceSelectorRequirement{ScopeName:${JSON.stringify(scopeName)}, Operator:${JSON.stringify(operator)}, Values:${goStrings(values)}}`);
  return `core.ScopeSelector{MatchExpressions:[]core.ScopedResourceSelectorRequirement{${list.join(", ")}}}`;
}
