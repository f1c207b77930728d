import { deepEqual } from "../apimachinery/deep.ts";
import { type FieldError, forbidden, invalid, required } from "../apimachinery/field-error.ts";
import { subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { DeploymentObject, DeploymentSpec, DeploymentStrategy } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { defaultPodTemplate } from "./pod/defaults.ts";
import { checkNonNegative } from "./shared/checks.ts";
import { ageColumn, nameColumn, selectorText, templateColumns } from "./shared/columns.ts";
import { goIntOrString, goLabelSelector, invalidGo } from "./shared/go-syntax.ts";
import { withFields } from "./shared/ordered.ts";
import { bumpGeneration, freshStatus, keepSpecAndLabels, keepStatusOnly } from "./shared/strategy.ts";
import { checkAtMost100Percent, checkIntOrPercent, isZero } from "./workload/int-or-percent.ts";
import { checkImmutableSelector, isReadable, validateTemplate, validateWorkloadSelector } from "./workload/selector-validation.ts";
import { checkCollisionCount, checkCounters, checkParts } from "./workload/status-validation.ts";
import { workloadWarnings } from "./workload/warnings.ts";

const DEFAULT_REVISIONS = 10;
const DEFAULT_DEADLINE_SECONDS = 600;

/** Source: pkg/apis/apps/v1/defaults.go, SetDefaults_Deployment; pkg/registry/apps/deployment/strategy.go; pkg/printers/internalversion/printers.go, printDeployment. */
export const Deployment = defineKind<DeploymentObject>({
  group: "apps", version: "v1", kind: "Deployment", plural: "deployments", shortNames: ["deploy"], categories: ["all"], scope: "Namespaced", schemaName: "apps/v1.Deployment",
  tracksGeneration: true,
  subresources: [
    { name: "scale", verbs: ["get", "patch", "update"], responseKind: { group: "autoscaling", version: "v1", kind: "Scale" } },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  defaults: (deployment) => ({ ...deployment, spec: defaultSpec(deployment.spec) }),
  prepareForCreate: freshStatus<DeploymentObject>({}),
  prepareForUpdate: (deployment, stored) => {
    // Annotations count: they are copied to the ReplicaSets.
    const changed = !deepEqual(deployment.spec, stored.spec) || !deepEqual(deployment.metadata.annotations ?? {}, stored.metadata.annotations ?? {});
    return bumpGeneration(keepStatusOnly(deployment, stored), stored, changed);
  },
  prepareForStatusUpdate: keepSpecAndLabels,
  validate: (deployment) => [...validateObjectMeta(deployment.metadata, true, subdomainName), ...validateSpec(deployment.spec)],
  validateUpdate: (deployment, stored) => {
    const errors = [...validateObjectMetaUpdate(deployment.metadata, stored.metadata), ...validateSpec(deployment.spec)];
    checkImmutableSelector(errors, deployment.spec.selector, stored.spec.selector);
    return errors;
  },
  validateStatusUpdate: (deployment, stored) => {
    const errors = validateObjectMetaUpdate(deployment.metadata, stored.metadata);
    checkCounters(errors, deployment.status, ["observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas", "unavailableReplicas", "collisionCount"]);
    checkParts(errors, deployment.status, ["updatedReplicas", "readyReplicas", "availableReplicas"]);
    checkCollisionCount(errors, deployment.status?.collisionCount, stored.status?.collisionCount);
    return errors;
  },
  warnings: (deployment) => workloadWarnings(deployment.metadata, deployment.spec.template),
  columns: [
    nameColumn,
    { name: "Ready", type: "string", cell: ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}` },
    { name: "Up-to-date", type: "string", cell: ({ status }) => status?.updatedReplicas ?? 0 },
    { name: "Available", type: "string", cell: ({ status }) => status?.availableReplicas ?? 0 },
    ageColumn,
    ...templateColumns<DeploymentObject>(({ spec }) => spec.template),
    { name: "Selector", type: "string", priority: 1, cell: ({ spec }) => selectorText(spec.selector) },
  ],
});

function defaultSpec(spec: DeploymentSpec): DeploymentSpec {
  return withFields("apps/v1.DeploymentSpec", spec, {
    replicas: spec.replicas ?? 1,
    template: defaultPodTemplate(spec.template),
    strategy: defaultStrategy(spec.strategy ?? {}),
    revisionHistoryLimit: spec.revisionHistoryLimit ?? DEFAULT_REVISIONS,
    progressDeadlineSeconds: spec.progressDeadlineSeconds ?? DEFAULT_DEADLINE_SECONDS,
  });
}

function defaultStrategy(strategy: DeploymentStrategy): DeploymentStrategy {
  const type = strategy.type || "RollingUpdate";
  if (type !== "RollingUpdate") return strategy;
  const rolling = strategy.rollingUpdate ?? {};
  return withFields("apps/v1.DeploymentStrategy", strategy, {
    type, rollingUpdate: withFields("apps/v1.RollingUpdateDeployment", rolling, { maxUnavailable: rolling.maxUnavailable ?? "25%", maxSurge: rolling.maxSurge ?? "25%" }),
  });
}

/** Source: pkg/apis/apps/validation/validation.go, ValidateDeploymentSpec. */
function validateSpec(spec: DeploymentSpec): FieldError[] {
  const errors: FieldError[] = [];
  checkNonNegative(errors, "spec.replicas", spec.replicas);
  validateWorkloadSelector(errors, spec.selector, "deployment", "spec.selector");
  if (spec.selector !== undefined && !isReadable(spec.selector)) errors.push(invalidGo("spec.selector", goLabelSelector(spec.selector), "invalid label selector"));
  else validateTemplate(errors, spec.template, spec.selector, "ReplicaSet", "spec.template");
  validateStrategy(errors, spec.strategy ?? {});
  checkNonNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  checkNonNegative(errors, "spec.revisionHistoryLimit", spec.revisionHistoryLimit);
  checkNonNegative(errors, "spec.progressDeadlineSeconds", spec.progressDeadlineSeconds);
  const deadline = spec.progressDeadlineSeconds;
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0)) errors.push(invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds"));
  return errors;
}

/** Source: ValidateDeploymentStrategy, ValidateRollingUpdateDeployment. */
function validateStrategy(errors: FieldError[], { type = "", rollingUpdate }: DeploymentStrategy): void {
  const at = "spec.strategy.rollingUpdate";
  if (type === "Recreate") {
    if (rollingUpdate !== undefined) errors.push(forbidden(at, "may not be specified when strategy `type` is 'Recreate'"));
    return;
  }
  if (type !== "RollingUpdate") {
    const value = `apps.DeploymentStrategy{Type:${JSON.stringify(type)}, RollingUpdate:(*apps.RollingUpdateDeployment)(nil)}`;
    return void errors.push({ type: "FieldValueNotSupported", field: "spec.strategy", body: `Unsupported value: ${value}: supported values: "Recreate", "RollingUpdate"` });
  }
  if (rollingUpdate === undefined) return void errors.push(required(at, "this should be defaulted and never be nil"));
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  checkIntOrPercent(errors, `${at}.maxUnavailable`, maxUnavailable);
  checkIntOrPercent(errors, `${at}.maxSurge`, maxSurge);
  if (isZero(maxUnavailable) && isZero(maxSurge)) errors.push(invalidGo(`${at}.maxUnavailable`, goIntOrString(maxUnavailable), "may not be 0 when `maxSurge` is 0"));
  checkAtMost100Percent(errors, `${at}.maxUnavailable`, maxUnavailable);
}
