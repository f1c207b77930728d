import { deepEqual } from "../../apimachinery/deep.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { labelName } from "../../apimachinery/names.ts";
import { validateAnnotations, validateLabels, validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { PersistentVolumeClaimObject, StatefulSetObject, StatefulSetSpec, StatefulSetUpdateStrategy } from "../generated/types.ts";
import { matchesLabelSelector } from "../helpers/label-match.ts";
import { defineKind } from "../kind-definition.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";
import { validatePodAnnotations } from "../pod/validation/pod.ts";
import { checkNonNegative } from "../shared/checks.ts";
import { ageColumn, nameColumn, templateColumns } from "../shared/columns.ts";
import { goLabelSelector, invalidGo } from "../shared/go-syntax.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";
import { freshStatus, keepSpec, keepStatus } from "../shared/strategy.ts";
import { isEmptySelector, isReadable, labelMismatch, validateAlwaysRestarts, validateWorkloadSelector } from "../workload/selector-validation.ts";
import { checkCollisionCount, checkCounters, checkParts } from "../workload/status-validation.ts";
import { workloadWarnings } from "../workload/warnings.ts";
import { defaultClaim } from "./persistent-volume-claim.ts";

const DEFAULT_REVISIONS = 10;
const UPDATABLE = ["replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy", "minReadySeconds"] as const;
const UPDATE_TEXT = "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/** Source: pkg/apis/apps/v1/defaults.go, SetDefaults_StatefulSet; pkg/registry/apps/statefulset/strategy.go; printers.go, printStatefulSet. */
export const StatefulSet = defineKind<StatefulSetObject>({
  group: "apps", version: "v1", kind: "StatefulSet", plural: "statefulsets", shortNames: ["sts"], categories: ["all"], scope: "Namespaced", schemaName: "apps/v1.StatefulSet",
  tracksGeneration: true,
  subresources: [
    { name: "scale", verbs: ["get", "patch", "update"], responseKind: { group: "autoscaling", version: "v1", kind: "Scale" } },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  defaults: (sts) => ({ ...sts, spec: defaultSpec(sts.spec) }),
  prepareForCreate: freshStatus<StatefulSetObject>({ replicas: 0, availableReplicas: 0 }),
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate: keepSpec,
  validate: validateStatefulSet,
  validateUpdate: (sts, stored) => {
    const errors = validateObjectMetaUpdate(sts.metadata, stored.metadata);
    const undone = { ...sts.spec, ...Object.fromEntries(UPDATABLE.map((name) => [name, stored.spec[name]])) };
    if (!deepEqual(undone, stored.spec)) errors.push(forbidden("spec", UPDATE_TEXT));
    return [...errors, ...validateSpec(sts.spec)];
  },
  validateStatusUpdate: (sts, stored) => {
    const errors = validateObjectMetaUpdate(sts.metadata, stored.metadata);
    checkCounters(errors, sts.status, ["replicas", "readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas", "observedGeneration", "collisionCount"]);
    checkParts(errors, sts.status, ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"]);
    checkCollisionCount(errors, sts.status?.collisionCount, stored.status?.collisionCount);
    return errors;
  },
  warnings: (sts) => workloadWarnings(sts.metadata, sts.spec.template, "this is used in Pod names and hostnames"),
  columns: [
    nameColumn,
    { name: "Ready", type: "string", cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}` },
    ageColumn,
    ...templateColumns<StatefulSetObject>(({ spec }) => spec.template),
  ],
});

function defaultSpec(spec: StatefulSetSpec): StatefulSetSpec {
  const policy = spec.persistentVolumeClaimRetentionPolicy ?? {};
  // Whole objects in a list say what they are.
  const claim = (of: PersistentVolumeClaimObject): PersistentVolumeClaimObject => withFields("core/v1.PersistentVolumeClaim", defaultClaim(of), { kind: "PersistentVolumeClaim", apiVersion: "v1" });
  return withFields("apps/v1.StatefulSetSpec", spec, {
    replicas: spec.replicas ?? 1,
    template: defaultPodTemplate(spec.template),
    volumeClaimTemplates: mapChanged(spec.volumeClaimTemplates, claim),
    podManagementPolicy: spec.podManagementPolicy || "OrderedReady",
    updateStrategy: defaultStrategy(spec.updateStrategy ?? {}),
    revisionHistoryLimit: spec.revisionHistoryLimit ?? DEFAULT_REVISIONS,
    persistentVolumeClaimRetentionPolicy: withFields("apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy", policy, { whenDeleted: policy.whenDeleted || "Retain", whenScaled: policy.whenScaled || "Retain" }),
  });
}

/** A type that is written out does not make a `rollingUpdate`. */
function defaultStrategy(strategy: StatefulSetUpdateStrategy): StatefulSetUpdateStrategy {
  const unsaid = (strategy.type ?? "") === "";
  const type = unsaid ? "RollingUpdate" : strategy.type;
  const rolling = strategy.rollingUpdate ?? (unsaid ? {} : undefined);
  if (type !== "RollingUpdate" || rolling === undefined) return strategy;
  return withFields("apps/v1.StatefulSetUpdateStrategy", strategy, { type, rollingUpdate: withFields("apps/v1.RollingUpdateStatefulSetStrategy", rolling, { partition: rolling.partition ?? 0, maxUnavailable: undefined }) });
}

function validateStatefulSet(sts: StatefulSetObject): FieldError[] {
  return [...validateObjectMeta(sts.metadata, true, labelName), ...validateSpec(sts.spec)];
}

/** Source: pkg/apis/apps/validation/validation.go, ValidateStatefulSetSpec. Of the template only its metadata is looked at: its mounts may name claims. */
function validateSpec(spec: StatefulSetSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { podManagementPolicy: policy = "", updateStrategy: strategy = {}, selector, template } = spec;
  if (policy === "") errors.push(required("spec.podManagementPolicy"));
  else if (policy !== "OrderedReady" && policy !== "Parallel") errors.push(invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'"));
  if ((strategy.type ?? "") === "") errors.push(required("spec.updateStrategy"));
  else if (strategy.type === "OnDelete") {
    if (strategy.rollingUpdate !== undefined) errors.push(invalid("spec.updateStrategy.rollingUpdate", strategy.rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'"));
  } else if (strategy.type === "RollingUpdate") checkNonNegative(errors, "spec.updateStrategy.rollingUpdate.partition", strategy.rollingUpdate?.partition);
  else errors.push(invalid("spec.updateStrategy", strategy, "must be 'RollingUpdate' or 'OnDelete'"));
  for (const field of ["whenDeleted", "whenScaled"] as const) {
    const value = spec.persistentVolumeClaimRetentionPolicy?.[field];
    if (value !== undefined && value !== "Retain" && value !== "Delete") errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, value, ["Delete", "Retain"]));
  }
  checkNonNegative(errors, "spec.replicas", spec.replicas);
  checkNonNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  checkNonNegative(errors, "spec.ordinals.start", spec.ordinals?.start);
  validateWorkloadSelector(errors, selector, "statefulset", "spec.selector");
  if (selector !== undefined && !isReadable(selector)) errors.push(invalidGo("spec.selector", goLabelSelector(selector), ""));
  else {
    if ((selector === undefined || !isEmptySelector(selector)) && !matchesLabelSelector(selector, template.metadata?.labels)) errors.push(labelMismatch(template, "spec.template"));
    errors.push(...validateLabels(template.metadata?.labels, "spec.template.labels"), ...validateAnnotations(template.metadata?.annotations, "spec.template.annotations"));
    validatePodAnnotations(errors, template.metadata?.annotations, template.spec, "spec.template.annotations");
  }
  validateAlwaysRestarts(errors, template, "StatefulSet", "spec.template");
  return errors;
}
