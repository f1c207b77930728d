import { humanDuration } from "../../apimachinery/duration-text.ts";
import type { JobObject, JobSpec, PodTemplateSpec } from "../generated/types.ts";
import { type CellContext, defineKind } from "../kind-definition.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";
import { MAX_INT32 } from "../shared/checks.ts";
import { ageColumn, nameColumn, selectorText, templateColumns } from "../shared/columns.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";
import { freshStatus, keepSpec, keepStatus } from "../shared/strategy.ts";
import { workloadWarnings } from "../workload/warnings.ts";
import { validateJob, validateJobUpdate } from "./job-validation.ts";
import { validateJobStatusUpdate } from "./job-status-validation.ts";

const DEFAULT_BACKOFF = 6;

/** Source: pkg/apis/batch/v1/defaults.go, SetDefaults_Job; pkg/registry/batch/job/strategy.go; printers.go, printJob. */
export const Job = defineKind<JobObject>({
  group: "batch", version: "v1", kind: "Job", plural: "jobs", categories: ["all"], scope: "Namespaced", schemaName: "batch/v1.Job",
  tracksGeneration: true,
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  selectableFields: { "status.successful": ({ status }) => String(status?.succeeded ?? 0) },
  defaults: defaultJob,
  prepareForCreate: (job) => freshStatus<JobObject>({})(withSelector(job)),
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate: keepSpec,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatusUpdate,
  warnings: jobWarnings,
  columns: [
    nameColumn,
    { name: "Status", type: "string", cell: statusCell },
    { name: "Completions", type: "string", cell: completionsCell },
    { name: "Duration", type: "string", cell: durationCell },
    ageColumn,
    ...templateColumns<JobObject>(({ spec }) => spec.template),
    { name: "Selector", type: "string", priority: 1, cell: ({ spec }) => selectorText(spec.selector) },
  ],
});

function defaultJob(job: JobObject): JobObject {
  const spec = defaultSpec(job.spec);
  const labels = spec.template.metadata?.labels;
  // The very same map, not a copy: what the selector adds to the template's labels then shows on the job too.
  const metadata = labels !== undefined && Object.keys(job.metadata.labels ?? {}).length === 0 ? withFields("meta/v1.ObjectMeta", job.metadata, { labels }) : job.metadata;
  return { ...job, metadata, spec };
}

function defaultSpec(spec: JobSpec): JobSpec {
  const neither = spec.completions === undefined && spec.parallelism === undefined;
  const policy = spec.podFailurePolicy;
  const rules = policy && mapChanged(policy.rules, (rule) => withFields("batch/v1.PodFailurePolicyRule", rule, {
    onPodConditions: mapChanged(rule.onPodConditions, (pattern) => (pattern.status === "" ? { ...pattern, status: "True" } : pattern)),
  }));
  return withFields("batch/v1.JobSpec", spec, {
    completions: neither ? 1 : spec.completions,
    parallelism: spec.parallelism ?? 1,
    backoffLimit: spec.backoffLimit ?? (spec.backoffLimitPerIndex === undefined ? DEFAULT_BACKOFF : MAX_INT32),
    template: defaultPodTemplate(spec.template),
    completionMode: spec.completionMode ?? "NonIndexed",
    suspend: spec.suspend ?? false,
    podFailurePolicy: policy && rules !== undefined && rules !== policy.rules ? { ...policy, rules } : policy,
    manualSelector: spec.manualSelector ?? false,
    podReplacementPolicy: spec.podReplacementPolicy ?? (policy === undefined ? "TerminatingOrFailed" : "Failed"),
  });
}

/** Labels that tie pods to this job alone, and a selector on them. Source: pkg/registry/batch/job/strategy.go, generateSelector. */
function withSelector(job: JobObject): JobObject {
  const { spec, metadata } = job;
  const uid = metadata.uid ?? "";
  const given = spec.template.metadata?.labels;
  let next = spec;
  if (spec.manualSelector !== true) {
    const own = { "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": metadata.name, "controller-uid": uid, "job-name": metadata.name };
    const template: PodTemplateSpec = { ...spec.template, metadata: withFields("meta/v1.ObjectMeta", spec.template.metadata ?? { name: "" }, { labels: sorted({ ...own, ...given }) }) };
    const matchLabels = { "batch.kubernetes.io/controller-uid": uid, ...spec.selector?.matchLabels };
    next = withFields("batch/v1.JobSpec", spec, { template, selector: { ...spec.selector, matchLabels: sorted(matchLabels) } });
  }
  const shared = metadata.labels === given || Object.keys(metadata.labels ?? {}).length === 0;
  const labels = next.template.metadata?.labels;
  return { ...job, metadata: shared && labels !== undefined ? withFields("meta/v1.ObjectMeta", metadata, { labels }) : metadata, spec: next };
}

const sorted = (labels: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));

const MANY_COMPLETIONS = 100_000;
const MUCH_PARALLELISM = 10_000;

function jobWarnings(job: JobObject): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = job.spec;
  const warnings = workloadWarnings(job.metadata, template);
  if (completionMode === "Indexed" && completions > MANY_COMPLETIONS && parallelism > MUCH_PARALLELISM) {
    warnings.push("In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail");
  }
  return warnings;
}

function statusCell({ metadata, status }: JobObject): string {
  const has = (type: string): boolean => status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;
  if (has("Complete")) return "Complete";
  if (has("Failed")) return "Failed";
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  return has("Suspended") ? "Suspended" : has("FailureTarget") ? "FailureTarget" : "Running";
}

function completionsCell({ spec, status }: JobObject): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function durationCell({ status }: JobObject, { now, time }: CellContext): string {
  const start = status?.startTime === undefined ? undefined : time.parse(status.startTime);
  if (start === undefined) return "";
  const end = status?.completionTime === undefined ? now : time.parse(status.completionTime);
  return end === undefined ? "" : humanDuration(end - start);
}
