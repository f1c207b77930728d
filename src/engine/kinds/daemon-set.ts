import { deepEqual } from "../apimachinery/deep.ts";
import { type FieldError, required } from "../apimachinery/field-error.ts";
import { subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { DaemonSetObject, DaemonSetSpec, DaemonSetUpdateStrategy } from "./generated/types.ts";
import { matchesLabelSelector } from "./helpers/label-match.ts";
import { defineKind } from "./kind-definition.ts";
import { defaultPodTemplate } from "./pod/defaults.ts";
import { validatePodTemplate } from "./pod/validation/pod.ts";
import { checkNonNegative } from "./shared/checks.ts";
import { ageColumn, labelsCell, nameColumn, selectorCell, templateColumns } from "./shared/columns.ts";
import { goIntOrString, invalidGo } from "./shared/go-syntax.ts";
import { validateLabelSelector } from "./shared/label-selector-validation.ts";
import { withFields } from "./shared/ordered.ts";
import { freshStatus, keepSpec, keepStatus } from "./shared/strategy.ts";
import { checkAtMost100Percent, checkIntOrPercent, isZero } from "./workload/int-or-percent.ts";
import { checkImmutableSelector, emptySelector, isEmptySelector, isReadable, labelMismatch, validateAlwaysRestarts } from "./workload/selector-validation.ts";
import { checkCollisionCount, checkCounters } from "./workload/status-validation.ts";
import { workloadWarnings } from "./workload/warnings.ts";

const DEFAULT_REVISIONS = 10;
/** What is left of the internal field templateGeneration. Source: pkg/apis/apps/v1/conversion.go. */
const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

/** Source: pkg/apis/apps/v1/defaults.go, SetDefaults_DaemonSet; pkg/registry/apps/daemonset/strategy.go; pkg/printers/internalversion/printers.go, printDaemonSet. */
export const DaemonSet = defineKind<DaemonSetObject>({
  group: "apps", version: "v1", kind: "DaemonSet", plural: "daemonsets", shortNames: ["ds"], categories: ["all"], scope: "Namespaced", schemaName: "apps/v1.DaemonSet",
  tracksGeneration: true,
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  defaults: (ds) => ({ ...ds, spec: defaultSpec(ds.spec) }),
  prepareForCreate: (ds) => withTemplateGeneration(freshStatus<DaemonSetObject>({ currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 })(ds), Math.max(1, templateGeneration(ds))),
  prepareForUpdate: (ds, stored) => withTemplateGeneration(keepStatus(ds, stored), templateGeneration(stored) + (deepEqual(ds.spec.template, stored.spec.template) ? 0 : 1)),
  prepareForStatusUpdate: keepSpec,
  validate: validateDaemonSet,
  validateUpdate: (ds, stored) => {
    const errors = [...validateDaemonSet(ds), ...validateObjectMetaUpdate(ds.metadata, stored.metadata), ...validateSpec(ds.spec)];
    checkImmutableSelector(errors, ds.spec.selector, stored.spec.selector);
    return errors;
  },
  validateStatusUpdate: (ds, stored) => {
    const errors = validateObjectMetaUpdate(ds.metadata, stored.metadata);
    checkCounters(errors, ds.status, [
      "currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady", "observedGeneration", "updatedNumberScheduled", "numberAvailable", "numberUnavailable", "collisionCount",
    ]);
    checkCollisionCount(errors, ds.status?.collisionCount, stored.status?.collisionCount);
    return errors;
  },
  warnings: (ds) => workloadWarnings(ds.metadata, ds.spec.template),
  columns: [
    nameColumn,
    { name: "Desired", type: "integer", cell: ({ status }) => status?.desiredNumberScheduled ?? 0 },
    { name: "Current", type: "integer", cell: ({ status }) => status?.currentNumberScheduled ?? 0 },
    { name: "Ready", type: "integer", cell: ({ status }) => status?.numberReady ?? 0 },
    { name: "Up-to-date", type: "integer", cell: ({ status }) => status?.updatedNumberScheduled ?? 0 },
    { name: "Available", type: "integer", cell: ({ status }) => status?.numberAvailable ?? 0 },
    { name: "Node Selector", type: "string", cell: ({ spec }) => labelsCell(spec.template.spec.nodeSelector) },
    ageColumn,
    ...templateColumns<DaemonSetObject>(({ spec }) => spec.template),
    { name: "Selector", type: "string", priority: 1, cell: ({ spec }) => selectorCell(spec.selector) },
  ],
});

const templateGeneration = ({ metadata }: DaemonSetObject): number => {
  const text = metadata.annotations?.[TEMPLATE_GENERATION] ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
};

function withTemplateGeneration(ds: DaemonSetObject, generation: number): DaemonSetObject {
  const annotations = Object.fromEntries(Object.entries({ ...ds.metadata.annotations, [TEMPLATE_GENERATION]: String(generation) }).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...ds, metadata: withFields("meta/v1.ObjectMeta", ds.metadata, { annotations }) };
}

function defaultSpec(spec: DaemonSetSpec): DaemonSetSpec {
  return withFields("apps/v1.DaemonSetSpec", spec, {
    template: defaultPodTemplate(spec.template), updateStrategy: defaultStrategy(spec.updateStrategy ?? {}), revisionHistoryLimit: spec.revisionHistoryLimit ?? DEFAULT_REVISIONS,
  });
}

function defaultStrategy(strategy: DaemonSetUpdateStrategy): DaemonSetUpdateStrategy {
  const type = strategy.type || "RollingUpdate";
  if (type !== "RollingUpdate") return strategy;
  const rolling = strategy.rollingUpdate ?? {};
  return withFields("apps/v1.DaemonSetUpdateStrategy", strategy, {
    type, rollingUpdate: withFields("apps/v1.RollingUpdateDaemonSet", rolling, { maxUnavailable: rolling.maxUnavailable ?? 1, maxSurge: rolling.maxSurge ?? 0 }),
  });
}

function validateDaemonSet(ds: DaemonSetObject): FieldError[] {
  return [...validateObjectMeta(ds.metadata, true, subdomainName), ...validateSpec(ds.spec)];
}

/** Source: pkg/apis/apps/validation/validation.go, ValidateDaemonSetSpec. A missing selector shows as labels that do not match. */
function validateSpec(spec: DaemonSetSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { selector, template } = spec;
  validateLabelSelector(errors, selector, "spec.selector");
  const matches = selector !== undefined && (isEmptySelector(selector) || matchesLabelSelector(selector, template.metadata?.labels));
  if (isReadable(selector) && !matches) errors.push(labelMismatch(template, "spec.template"));
  if (selector !== undefined && isEmptySelector(selector)) errors.push(emptySelector(selector, "daemonset", "spec.selector"));
  validatePodTemplate(errors, template, "spec.template");
  validateAlwaysRestarts(errors, template, "DaemonSet", "spec.template");
  checkNonNegative(errors, "spec.minReadySeconds", spec.minReadySeconds);
  validateStrategy(errors, spec.updateStrategy ?? {});
  checkNonNegative(errors, "spec.revisionHistoryLimit", spec.revisionHistoryLimit);
  return errors;
}

/** Source: ValidateDaemonSetUpdateStrategy, ValidateRollingUpdateDaemonSet: one of the two ways, not both and not none. */
function validateStrategy(errors: FieldError[], { type = "", rollingUpdate }: DaemonSetUpdateStrategy): void {
  if (type === "OnDelete") return;
  if (type !== "RollingUpdate") {
    const value = `apps.DaemonSetUpdateStrategy{Type:${JSON.stringify(type)}, RollingUpdate:(*apps.RollingUpdateDaemonSet)(nil)}`;
    return void errors.push({ type: "FieldValueNotSupported", field: "spec.updateStrategy", body: `Unsupported value: ${value}: supported values: "RollingUpdate", "OnDelete"` });
  }
  const at = "spec.updateStrategy.rollingUpdate";
  if (rollingUpdate === undefined) return void errors.push(required(at));
  const { maxUnavailable = 0, maxSurge = 0 } = rollingUpdate;
  checkIntOrPercent(errors, `${at}.maxUnavailable`, maxUnavailable);
  checkIntOrPercent(errors, `${at}.maxSurge`, maxSurge);
  checkAtMost100Percent(errors, `${at}.maxUnavailable`, maxUnavailable);
  checkAtMost100Percent(errors, `${at}.maxSurge`, maxSurge);
  if (!isZero(maxUnavailable) && !isZero(maxSurge)) errors.push(invalidGo(`${at}.maxSurge`, goIntOrString(maxSurge), "may not be set when maxUnavailable is non-zero"));
  if (isZero(maxUnavailable) && isZero(maxSurge)) errors.push(required(`${at}.maxUnavailable`, "cannot be 0 when maxSurge is 0"));
}
