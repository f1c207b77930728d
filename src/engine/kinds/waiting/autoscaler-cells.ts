import type { HorizontalPodAutoscalerObject, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../generated/types.ts";

const UNKNOWN = "<unknown>";
const SHOWN = 2;

/** What is measured and what is wanted, one entry per metric. Source: pkg/printers/internalversion/printers.go, formatHPAMetrics. */
export function metricsCell({ spec, status }: HorizontalPodAutoscalerObject): string {
  const metrics = spec.metrics ?? [];
  if (metrics.length === 0) return "<none>";
  const shown = metrics.slice(0, SHOWN).map((metric, index) => metricText(metric, status?.currentMetrics?.[index])).join(", ");
  return metrics.length > SHOWN ? `${shown} + ${metrics.length - SHOWN} more...` : shown;
}

/** The status at the same place may be of another type; then the current value is unknown. */
function metricText(metric: MetricSpec, status: MetricStatus | undefined): string {
  switch (metric.type) {
    case "External": return metric.external === undefined ? UNKNOWN : amounts(metric.external.target, status?.external?.current);
    case "Object": return metric.object === undefined ? UNKNOWN : amounts(metric.object.target, status?.object?.current);
    case "Pods": return `${status?.pods?.current.averageValue ?? UNKNOWN}/${metric.pods?.target.averageValue ?? UNKNOWN}`;
    case "Resource": return metric.resource === undefined ? UNKNOWN : usage(metric.resource.name, metric.resource.target, status?.resource?.current);
    case "ContainerResource": return metric.containerResource === undefined ? UNKNOWN : usage(metric.containerResource.name, metric.containerResource.target, status?.containerResource?.current);
    default: return "<unknown type>";
  }
}

const amounts = (target: MetricTarget, current: MetricValueStatus | undefined): string =>
  target.averageValue === undefined ? `${current?.value ?? UNKNOWN}/${target.value ?? UNKNOWN}` : `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`;

function usage(name: string, target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined) return `${name}: ${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const percent = (value: number | undefined, none: string): string => (value === undefined ? none : `${value}%`);
  return `${name}: ${percent(current?.averageUtilization, UNKNOWN)}/${percent(target.averageUtilization, "<auto>")}`;
}
