import { type FieldError, forbidden, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { isPathSegment } from "../../apimachinery/names.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import type {
  ContainerResourceMetricSource, CrossVersionObjectReference, ExternalMetricSource, HorizontalPodAutoscalerSpec, HPAScalingRules, MetricIdentifier, MetricSpec, MetricTarget, ObjectMetricSource, PodsMetricSource, ResourceMetricSource,
} from "../generated/types.ts";
import { addInvalid, checkOptionalOneOf, POSITIVE } from "../shared/checks.ts";
import { goQuantity, invalidGo } from "../shared/go-syntax.ts";
import { own } from "../shared/own.ts";

/*
 * Source: pkg/apis/autoscaling/validation/validation.go.
 */

const MAX_STABILIZATION_SECONDS = 3600;
const MAX_PERIOD_SECONDS = 1800;
/** The feature that scales to nothing is off. */
const LOWEST_MIN = 1;

/** Source: validateHorizontalPodAutoscalerSpec. */
export function validateAutoscalerSpec({ minReplicas, maxReplicas, scaleTargetRef, metrics = [], behavior }: HorizontalPodAutoscalerSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (minReplicas !== undefined && minReplicas < LOWEST_MIN) errors.push(invalid("spec.minReplicas", minReplicas, `must be greater than or equal to ${LOWEST_MIN}`));
  if (maxReplicas < 1) errors.push(invalid("spec.maxReplicas", maxReplicas, "must be greater than 0"));
  if (minReplicas !== undefined && maxReplicas < minReplicas) errors.push(invalid("spec.maxReplicas", maxReplicas, "must be greater than or equal to `minReplicas`"));
  validateReference(errors, scaleTargetRef, "spec.scaleTargetRef");
  metrics.forEach((metric, index) => validateMetric(errors, metric, `spec.metrics[${index}]`));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === "Object" || type === "External")) {
    errors.push(forbidden("spec.metrics", "must specify at least one Object or External metric to support scaling to zero replicas"));
  }
  validateRules(errors, behavior?.scaleUp, "spec.behavior.scaleUp");
  validateRules(errors, behavior?.scaleDown, "spec.behavior.scaleDown");
  return errors;
}

/** Source: ValidateCrossVersionObjectReference. */
function validateReference(errors: FieldError[], { kind, name }: CrossVersionObjectReference, path: string): void {
  if (kind === "") errors.push(required(`${path}.kind`));
  else addInvalid(errors, `${path}.kind`, kind, isPathSegment(kind));
  if (name === "") errors.push(required(`${path}.name`));
  else addInvalid(errors, `${path}.name`, name, isPathSegment(name));
}

/** Source: validateScalingRules, validateScalingPolicy. */
function validateRules(errors: FieldError[], rules: HPAScalingRules | undefined, path: string): void {
  if (rules === undefined) return;
  const { stabilizationWindowSeconds: seconds, selectPolicy, policies = [] } = rules;
  if (seconds !== undefined && seconds < 0) errors.push(invalid(`${path}.stabilizationWindowSeconds`, seconds, "must be greater than or equal to zero"));
  if (seconds !== undefined && seconds > MAX_STABILIZATION_SECONDS) errors.push(invalid(`${path}.stabilizationWindowSeconds`, seconds, `must be less than or equal to ${MAX_STABILIZATION_SECONDS}`));
  checkOptionalOneOf(errors, `${path}.selectPolicy`, selectPolicy, ["Disabled", "Max", "Min"]);
  if (policies.length === 0) errors.push(required(`${path}.policies`, "must specify at least one Policy"));
  policies.forEach(({ type, value, periodSeconds }, index) => {
    const at = `${path}.policies[${index}]`;
    if (type !== "Pods" && type !== "Percent") errors.push(notSupported(`${at}.type`, type, ["Percent", "Pods"]));
    if (value <= 0) errors.push(invalid(`${at}.value`, value, POSITIVE));
    if (periodSeconds <= 0) errors.push(invalid(`${at}.periodSeconds`, periodSeconds, POSITIVE));
    if (periodSeconds > MAX_PERIOD_SECONDS) errors.push(invalid(`${at}.periodSeconds`, periodSeconds, `must be less than or equal to ${MAX_PERIOD_SECONDS}`));
  });
}

type Source = "object" | "external" | "pods" | "resource" | "containerResource";
const SOURCE_OF: Readonly<Record<string, Source>> = { Object: "object", External: "external", Pods: "pods", Resource: "resource", ContainerResource: "containerResource" };

/** Exactly the source of the given type; only the first one found is looked into. Source: validateMetricSpec. */
function validateMetric(errors: FieldError[], metric: MetricSpec, path: string): void {
  if (metric.type === "") errors.push(required(`${path}.type`, "must specify a metric source type"));
  const expected = own(SOURCE_OF, metric.type);
  if (expected === undefined) errors.push(notSupported(`${path}.type`, metric.type, Object.keys(SOURCE_OF).sort()));
  const present = (["object", "external", "pods", "resource", "containerResource"] as const).filter((name) => metric[name] !== undefined);
  validateSource(errors, metric, present[0], path);
  if (expected !== undefined && metric[expected] === undefined) errors.push(required(`${path}.${expected}`, "must populate information for the given metric source"));
  if (present.length < 2) return;
  for (const name of present) if (name !== expected) errors.push(forbidden(`${path}.${name}`, "must populate the given metric source only"));
}

function validateSource(errors: FieldError[], { object, external, pods, resource, containerResource }: MetricSpec, name: Source | undefined, path: string): void {
  const at = `${path}.${name ?? ""}`;
  if (name === "object" && object !== undefined) validateObjectSource(errors, object, at);
  if (name === "external" && external !== undefined) validateExternalSource(errors, external, at);
  if (name === "pods" && pods !== undefined) validatePodsSource(errors, pods, at);
  if (name === "resource" && resource !== undefined) validateResourceSource(errors, resource, at);
  if (name === "containerResource" && containerResource !== undefined) validateContainerSource(errors, containerResource, at);
}

function validateObjectSource(errors: FieldError[], { describedObject, metric, target }: ObjectMetricSource, path: string): void {
  validateReference(errors, describedObject, `${path}.describedObject`);
  validateIdentifier(errors, metric, `${path}.metric`);
  validateTarget(errors, target, `${path}.target`);
  if (target.value === undefined && target.averageValue === undefined) errors.push(required(`${path}.target.averageValue`, "must set either a target value or averageValue"));
}

function validateExternalSource(errors: FieldError[], { metric, target }: ExternalMetricSource, path: string): void {
  validateIdentifier(errors, metric, `${path}.metric`);
  validateTarget(errors, target, `${path}.target`);
  if (target.value === undefined && target.averageValue === undefined) errors.push(required(`${path}.target.averageValue`, "must set either a target value for metric or a per-pod target"));
  if (target.value !== undefined && target.averageValue !== undefined) errors.push(forbidden(`${path}.target.value`, "may not set both a target value for metric and a per-pod target"));
}

function validatePodsSource(errors: FieldError[], { metric, target }: PodsMetricSource, path: string): void {
  validateIdentifier(errors, metric, `${path}.metric`);
  validateTarget(errors, target, `${path}.target`);
  if (target.averageValue === undefined || !isPositive(target.averageValue)) errors.push(required(`${path}.target.averageValue`, "must specify a positive target averageValue"));
}

function validateContainerSource(errors: FieldError[], { name, container, target }: ContainerResourceMetricSource, path: string): void {
  if (name === "") errors.push(required(`${path}.name`, "must specify a resource name"));
  if (container === "") errors.push(required(`${path}.container`, "must specify a container"));
  validateUsage(errors, target, path);
}

function validateResourceSource(errors: FieldError[], { name, target }: ResourceMetricSource, path: string): void {
  if (name === "") errors.push(required(`${path}.name`, "must specify a resource name"));
  validateUsage(errors, target, path);
}

function validateUsage(errors: FieldError[], target: MetricTarget, path: string): void {
  validateTarget(errors, target, `${path}.target`);
  if (target.averageUtilization === undefined && target.averageValue === undefined) errors.push(required(`${path}.target.averageUtilization`, "must set either a target raw value or a target utilization"));
  if (target.averageUtilization !== undefined && target.averageValue !== undefined) errors.push(forbidden(`${path}.target.averageValue`, "may not set both a target raw value and a target utilization"));
}

/** Source: validateMetricTarget. */
function validateTarget(errors: FieldError[], { type, value, averageValue, averageUtilization }: MetricTarget, path: string): void {
  if (type === "") errors.push(required(`${path}.type`, "must specify a metric target type"));
  if (type !== "Utilization" && type !== "Value" && type !== "AverageValue") errors.push(invalid(`${path}.type`, type, "must be either Utilization, Value, or AverageValue"));
  if (value !== undefined && !isPositive(value)) errors.push(invalidGo(`${path}.value`, goQuantity(value), "must be positive"));
  if (averageValue !== undefined && !isPositive(averageValue)) errors.push(invalidGo(`${path}.averageValue`, goQuantity(averageValue), "must be positive"));
  if (averageUtilization !== undefined && averageUtilization < 1) errors.push(invalid(`${path}.averageUtilization`, averageUtilization, "must be greater than 0"));
}

/** Source: validateMetricIdentifier. */
function validateIdentifier(errors: FieldError[], { name }: MetricIdentifier, path: string): void {
  if (name === "") errors.push(required(`${path}.name`, "must specify a metric name"));
  else addInvalid(errors, `${path}.name`, name, isPathSegment(name));
}

function isPositive(text: string): boolean {
  const parsed = parseQuantity(text);
  return parsed.ok && parsed.value.nanos > 0n;
}
