import { type FieldError, required } from "../../apimachinery/field-error.ts";
import { subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { ReplicationControllerObject, ReplicationControllerSpec } from "../generated/types.ts";
import { hasLabels } from "../helpers/label-match.ts";
import { defineKind } from "../kind-definition.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";
import { validatePodTemplate } from "../pod/validation/pod.ts";
import { checkNonNegative } from "../shared/checks.ts";
import { ageColumn, labelsCell, nameColumn, templateColumns } from "../shared/columns.ts";
import { withFields } from "../shared/ordered.ts";
import { freshStatus, keepSpec, keepStatus } from "../shared/strategy.ts";
import { labelMismatch, validateAlwaysRestarts } from "../workload/selector-validation.ts";
import { checkCounters, checkParts } from "../workload/status-validation.ts";
import { workloadWarnings } from "../workload/warnings.ts";

const isEmpty = (map: object | undefined): boolean => Object.keys(map ?? {}).length === 0;

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_ReplicationController; pkg/registry/core/replicationcontroller/strategy.go; printers.go, printReplicationController. */
export const ReplicationController = defineKind<ReplicationControllerObject>({
  group: "", version: "v1", kind: "ReplicationController", plural: "replicationcontrollers", shortNames: ["rc"], categories: ["all"], scope: "Namespaced", schemaName: "core/v1.ReplicationController",
  storagePrefix: "controllers", tracksGeneration: true,
  subresources: [
    { name: "scale", verbs: ["get", "patch", "update"], responseKind: { group: "autoscaling", version: "v1", kind: "Scale" } },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  selectableFields: { "status.replicas": ({ status }) => String(status?.replicas ?? 0) },
  defaults: (rc) => {
    const labels = rc.spec.template?.metadata?.labels;
    const template = rc.spec.template && defaultPodTemplate(rc.spec.template);
    const spec = withFields("core/v1.ReplicationControllerSpec", rc.spec, { replicas: rc.spec.replicas ?? 1, selector: isEmpty(rc.spec.selector) ? labels : rc.spec.selector, template });
    const metadata = isEmpty(rc.metadata.labels) && labels !== undefined ? withFields("meta/v1.ObjectMeta", rc.metadata, { labels }) : rc.metadata;
    return { ...rc, metadata, spec };
  },
  prepareForCreate: freshStatus<ReplicationControllerObject>({ replicas: 0 }),
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate: keepSpec,
  validate: (rc) => [...validateObjectMeta(rc.metadata, true, subdomainName), ...validateSpec(rc.spec)],
  validateUpdate: (rc, stored) => [...validateObjectMeta(rc.metadata, true, subdomainName), ...validateSpec(rc.spec), ...validateObjectMetaUpdate(rc.metadata, stored.metadata)],
  validateStatusUpdate: (rc, stored) => {
    const errors = validateObjectMetaUpdate(rc.metadata, stored.metadata);
    checkCounters(errors, rc.status, ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"]);
    checkParts(errors, rc.status, ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"]);
    return errors;
  },
  warnings: (rc) => (rc.spec.template === undefined ? [] : workloadWarnings(rc.metadata, rc.spec.template)),
  columns: [
    nameColumn,
    { name: "Desired", type: "integer", cell: ({ spec }) => spec.replicas ?? 0 },
    { name: "Current", type: "integer", cell: ({ status }) => status?.replicas ?? 0 },
    { name: "Ready", type: "integer", cell: ({ status }) => status?.readyReplicas ?? 0 },
    ageColumn,
    ...templateColumns<ReplicationControllerObject>(({ spec }) => spec.template),
    { name: "Selector", type: "string", priority: 1, cell: ({ spec }) => labelsCell(spec.selector) },
  ],
});

/** Source: pkg/apis/core/validation/validation.go, ValidateReplicationControllerSpec. */
function validateSpec(spec: ReplicationControllerSpec): FieldError[] {
  const errors: FieldError[] = [];
  checkNonNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  if (isEmpty(spec.selector)) errors.push(required("spec.selector"));
  checkNonNegative(errors, "spec.replicas", spec.replicas);
  if (spec.template === undefined) return [...errors, required("spec.template")];
  if (!isEmpty(spec.selector) && !hasLabels(spec.template.metadata?.labels, spec.selector)) errors.push(labelMismatch(spec.template, "spec.template"));
  validatePodTemplate(errors, spec.template, "spec.template");
  validateAlwaysRestarts(errors, spec.template, "ReplicationController", "spec.template");
  return errors;
}
