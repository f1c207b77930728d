import { subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { HorizontalPodAutoscalerBehavior, HorizontalPodAutoscalerObject, HorizontalPodAutoscalerSpec, HPAScalingRules, MetricSpec } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { checkNonNegative } from "../shared/checks.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";
import { withFields } from "../shared/ordered.ts";
import { keepSpec, keepStatusOnly } from "../shared/strategy.ts";
import { metricsCell } from "./autoscaler-cells.ts";
import { validateAutoscalerSpec } from "./autoscaler-validation.ts";

const DEFAULT_UTILIZATION = 80;

/** Source: pkg/apis/autoscaling/v2/defaults.go; pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go; printers.go, printHorizontalPodAutoscaler. Differs: autoscaling/v1 is not there. */
export const HorizontalPodAutoscaler = defineKind<HorizontalPodAutoscalerObject>({
  group: "autoscaling", version: "v2", kind: "HorizontalPodAutoscaler", plural: "horizontalpodautoscalers", shortNames: ["hpa"], categories: ["all"], scope: "Namespaced", schemaName: "autoscaling/v2.HorizontalPodAutoscaler",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  defaults: (autoscaler) => ({ ...autoscaler, spec: defaultSpec(autoscaler.spec) }),
  prepareForCreate: (autoscaler) => ({ ...autoscaler, status: { desiredReplicas: 0, currentMetrics: [] } }),
  prepareForUpdate: keepStatusOnly,
  prepareForStatusUpdate: keepSpec,
  validate: (autoscaler) => [...validateObjectMeta(autoscaler.metadata, true, subdomainName), ...validateAutoscalerSpec(autoscaler.spec)],
  validateUpdate: (autoscaler, stored) => [...validateObjectMetaUpdate(autoscaler.metadata, stored.metadata), ...validateAutoscalerSpec(autoscaler.spec)],
  validateStatusUpdate: (autoscaler, stored) => {
    const errors = validateObjectMetaUpdate(autoscaler.metadata, stored.metadata);
    checkNonNegative(errors, "status.currentReplicas", autoscaler.status?.currentReplicas);
    checkNonNegative(errors, "status.desiredReplicas", autoscaler.status?.desiredReplicas);
    return errors;
  },
  columns: [
    nameColumn,
    { name: "Reference", type: "string", cell: ({ spec }) => `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}` },
    { name: "Targets", type: "string", cell: metricsCell },
    { name: "MinPods", type: "string", cell: ({ spec }) => String(spec.minReplicas ?? "<unset>") },
    { name: "MaxPods", type: "string", cell: ({ spec }) => spec.maxReplicas },
    { name: "Replicas", type: "string", cell: ({ status }) => status?.currentReplicas ?? 0 },
    ageColumn,
  ],
});

function defaultSpec(spec: HorizontalPodAutoscalerSpec): HorizontalPodAutoscalerSpec {
  const cpu: MetricSpec = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: DEFAULT_UTILIZATION } } };
  return withFields("autoscaling/v2.HorizontalPodAutoscalerSpec", spec, {
    minReplicas: spec.minReplicas ?? 1,
    metrics: (spec.metrics?.length ?? 0) === 0 ? [cpu] : spec.metrics,
    behavior: spec.behavior && defaultBehavior(spec.behavior),
  });
}

/** Up by four pods or double each fifteen seconds, down to whatever is wanted. Source: GenerateHPAScaleUpRules, GenerateHPAScaleDownRules. */
function defaultBehavior({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): HorizontalPodAutoscalerBehavior {
  const double = { type: "Percent", value: 100, periodSeconds: 15 } as const;
  return {
    scaleUp: withRules({ stabilizationWindowSeconds: 0, selectPolicy: "Max", policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, double] }, scaleUp),
    scaleDown: withRules({ selectPolicy: "Max", policies: [double] }, scaleDown),
  };
}

const withRules = (defaults: HPAScalingRules, given: HPAScalingRules | undefined): HPAScalingRules => withFields("autoscaling/v2.HPAScalingRules", defaults, given ?? {});
