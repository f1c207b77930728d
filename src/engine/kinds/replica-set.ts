import type { FieldError } from "../apimachinery/field-error.ts";
import { subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { ReplicaSetObject, ReplicaSetSpec } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { defaultPodTemplate } from "./pod/defaults.ts";
import { checkNonNegative } from "./shared/checks.ts";
import { ageColumn, nameColumn, selectorCell, templateColumns } from "./shared/columns.ts";
import { goLabelSelector, invalidGo } from "./shared/go-syntax.ts";
import { withFields } from "./shared/ordered.ts";
import { freshStatus, keepSpec, keepStatus } from "./shared/strategy.ts";
import { checkImmutableSelector, isReadable, validateTemplate, validateWorkloadSelector } from "./workload/selector-validation.ts";
import { checkCounters, checkParts } from "./workload/status-validation.ts";
import { workloadWarnings } from "./workload/warnings.ts";

/** Source: pkg/apis/apps/v1/defaults.go, SetDefaults_ReplicaSet; pkg/registry/apps/replicaset/strategy.go; pkg/printers/internalversion/printers.go, printReplicaSet. */
export const ReplicaSet = defineKind<ReplicaSetObject>({
  group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets", shortNames: ["rs"], categories: ["all"], scope: "Namespaced", schemaName: "apps/v1.ReplicaSet",
  tracksGeneration: true,
  subresources: [
    { name: "scale", verbs: ["get", "patch", "update"], responseKind: { group: "autoscaling", version: "v1", kind: "Scale" } },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  defaults: (rs) => ({ ...rs, spec: defaultSpec(rs.spec) }),
  prepareForCreate: freshStatus<ReplicaSetObject>({ replicas: 0 }),
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate: keepSpec,
  validate: validateReplicaSet,
  validateUpdate: (rs, stored) => {
    const errors = [...validateReplicaSet(rs), ...validateObjectMetaUpdate(rs.metadata, stored.metadata), ...validateSpec(rs.spec)];
    checkImmutableSelector(errors, rs.spec.selector, stored.spec.selector);
    return errors;
  },
  validateStatusUpdate: (rs, stored) => {
    const errors = validateObjectMetaUpdate(rs.metadata, stored.metadata);
    checkCounters(errors, rs.status, ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"]);
    checkParts(errors, rs.status, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"]);
    return errors;
  },
  warnings: (rs) => (rs.spec.template === undefined ? [] : workloadWarnings(rs.metadata, rs.spec.template)),
  columns: [
    nameColumn,
    { name: "Desired", type: "integer", cell: ({ spec }) => spec.replicas ?? 0 },
    { name: "Current", type: "integer", cell: ({ status }) => status?.replicas ?? 0 },
    { name: "Ready", type: "integer", cell: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...templateColumns<ReplicaSetObject>(({ spec }) => spec.template),
    { name: "Selector", type: "string", priority: 1, cell: ({ spec }) => selectorCell(spec.selector) },
  ],
});

function defaultSpec(spec: ReplicaSetSpec): ReplicaSetSpec {
  return withFields("apps/v1.ReplicaSetSpec", spec, { replicas: spec.replicas ?? 1, template: spec.template && defaultPodTemplate(spec.template) });
}

function validateReplicaSet(rs: ReplicaSetObject): FieldError[] {
  return [...validateObjectMeta(rs.metadata, true, subdomainName), ...validateSpec(rs.spec)];
}

/** Source: pkg/apis/apps/validation/validation.go, ValidateReplicaSetSpec. */
function validateSpec(spec: ReplicaSetSpec): FieldError[] {
  const errors: FieldError[] = [];
  checkNonNegative(errors, "spec.replicas", spec.replicas);
  checkNonNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  validateWorkloadSelector(errors, spec.selector, "deployment", "spec.selector");
  if (spec.selector !== undefined && !isReadable(spec.selector)) errors.push(invalidGo("spec.selector", goLabelSelector(spec.selector), "invalid label selector"));
  else if (spec.template !== undefined) validateTemplate(errors, spec.template, spec.selector, "ReplicaSet", "spec.template");
  return errors;
}
