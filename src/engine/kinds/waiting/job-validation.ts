import { deepEqual } from "../../apimachinery/deep.ts";
import { type FieldError, invalid, notSupported, required, tooLong } from "../../apimachinery/field-error.ts";
import { isDns1123Label, subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { JobObject, JobSpec, PodTemplateSpec } from "../generated/types.ts";
import { matchesLabelSelector } from "../helpers/label-match.ts";
import { validatePodTemplate } from "../pod/validation/pod.ts";
import { checkDomainPrefixedPath, checkNonNegative, IMMUTABLE } from "../shared/checks.ts";
import { goLabelSelector, goStringMap, invalidGo } from "../shared/go-syntax.ts";
import { validateLabelSelector } from "../shared/label-selector-validation.ts";
import { isReadable, labelMismatch } from "../workload/selector-validation.ts";
import { validatePodFailurePolicy, validateSuccessPolicy } from "./job-policies.ts";

/*
 * Source: pkg/apis/batch/validation/validation.go.
 */

const MAX_MANAGED_BY = 63;
const MAX_INDEXED_PARALLELISM = 100_000;
const MAX_FAILED_INDEXES = 100_000;
const MANY_COMPLETIONS = 100_000;
const MANY_PARALLELISM = 10_000;
const MANY_FAILED_INDEXES = 10_000;

/** Source: ValidateJob. */
export function validateJob(job: JobObject): FieldError[] {
  const errors = validateObjectMeta(job.metadata, true, subdomainName);
  validateGeneratedSelector(errors, job);
  validateJobAndSelector(errors, job.spec, "spec");
  const { completionMode, completions = 0 } = job.spec;
  const hostname = `${job.metadata.name}-${completions - 1}`;
  if (completionMode === "Indexed" && completions > 0 && isDns1123Label(hostname).length > 0) {
    errors.push(invalid("metadata.name", job.metadata.name, `will not able to create pod with invalid DNS label: ${hostname}`));
  }
  return errors;
}

/** Source: pkg/registry/batch/job/strategy.go, ValidateUpdate: everything of a new job, then what an update may not do, which looks at the spec again. */
export function validateJobUpdate(job: JobObject, stored: JobObject): FieldError[] {
  const errors = [...validateJob(job), ...validateObjectMetaUpdate(job.metadata, stored.metadata)];
  const [next, before] = [job.spec, stored.spec];
  validateJobAndSelector(errors, next, "spec");
  const immutable = (field: keyof JobSpec, value: unknown, old: unknown): void => {
    if (!deepEqual(value, old)) errors.push(invalid(`spec.${field}`, value, IMMUTABLE));
  };
  if (next.completionMode !== "Indexed") immutable("completions", next.completions, before.completions);
  else if (next.completions !== undefined && next.completions !== before.completions && next.completions !== next.parallelism) {
    errors.push(invalid("spec.completions", next.completions, "can only be modified in tandem with spec.parallelism"));
  }
  if (!deepEqual(next.selector, before.selector)) errors.push(invalidGo("spec.selector", next.selector === undefined ? '"null"' : goLabelSelector(next.selector), IMMUTABLE));
  // A suspended job that never ran may still be told where to run.
  const open = before.suspend === true && stored.status?.startTime === undefined;
  immutable("template", next.template, open ? withPlacement(before.template, next.template) : before.template);
  for (const field of ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] as const) immutable(field, next[field], before[field]);
  return errors;
}

/** The old template with what may change of the new one. Source: validatePodTemplateUpdate. Differs: values are printed as JSON, not in Go syntax. */
function withPlacement(old: PodTemplateSpec, { metadata, spec }: PodTemplateSpec): PodTemplateSpec {
  const affinity = old.spec.affinity === undefined && spec.affinity === undefined ? undefined : { ...old.spec.affinity, nodeAffinity: spec.affinity?.nodeAffinity };
  const { nodeSelector, tolerations, schedulingGates } = spec;
  return {
    ...old,
    metadata: { ...(old.metadata ?? { name: "" }), labels: metadata?.labels, annotations: metadata?.annotations },
    spec: { ...old.spec, affinity: affinity?.nodeAffinity === undefined && old.spec.affinity === undefined ? spec.affinity : affinity, nodeSelector, tolerations, schedulingGates },
  };
}

/** What the server put there must still be there. Source: validateGeneratedSelector. */
function validateGeneratedSelector(errors: FieldError[], { metadata, spec }: JobObject): void {
  if (spec.manualSelector === true || spec.selector === undefined) return;
  const uid = metadata.uid ?? "";
  if (uid === "") errors.push(required("metadata.uid"));
  const expected = { "controller-uid": uid, "job-name": metadata.name, "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": metadata.name };
  const labels = spec.template.metadata?.labels;
  for (const [key, value] of Object.entries(expected)) {
    const at = `spec.template.metadata.labels[${key}]`;
    if (labels?.[key] === undefined) errors.push(required(at, `must be '${value}'`));
    else if (labels[key] !== value) errors.push(invalidGo(at, goStringMap(labels), `must be '${value}'`));
  }
  if (isReadable(spec.selector) && !matchesLabelSelector(spec.selector, expected)) errors.push(invalidGo("spec.selector", goLabelSelector(spec.selector), "`selector` not auto-generated"));
}

/** Source: ValidateJobSpec. */
function validateJobAndSelector(errors: FieldError[], spec: JobSpec, path: string): void {
  validateJobSpec(errors, spec, path);
  if (spec.selector === undefined) errors.push(required(`${path}.selector`));
  else validateLabelSelector(errors, spec.selector, `${path}.selector`);
  if ((spec.selector === undefined || isReadable(spec.selector)) && !matchesLabelSelector(spec.selector, spec.template.metadata?.labels)) errors.push(labelMismatch(spec.template, `${path}.template`));
}

/** The part that job templates share. Source: validateJobSpec. */
export function validateJobSpec(errors: FieldError[], spec: JobSpec, path: string): void {
  for (const field of ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"] as const) checkNonNegative(errors, `${path}.${field}`, spec[field]);
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) errors.push(required(`${path}.backoffLimitPerIndex`, "when maxFailedIndexes is specified"));
  if (spec.managedBy !== undefined) {
    checkDomainPrefixedPath(errors, `${path}.managedBy`, spec.managedBy);
    if (spec.managedBy.length > MAX_MANAGED_BY) errors.push(tooLong(`${path}.managedBy`, MAX_MANAGED_BY));
  }
  const mode = spec.completionMode;
  if (mode !== undefined && mode !== "NonIndexed" && mode !== "Indexed") errors.push(notSupported(`${path}.completionMode`, mode, ["Indexed", "NonIndexed"]));
  if (mode === "Indexed") validateIndexed(errors, spec, path);
  if (mode === undefined || mode === "NonIndexed") {
    for (const field of ["backoffLimitPerIndex", "maxFailedIndexes"] as const) if (spec[field] !== undefined) errors.push(invalid(`${path}.${field}`, spec[field], "requires indexed completion mode"));
  }
  if (spec.podFailurePolicy !== undefined) validatePodFailurePolicy(errors, spec, `${path}.podFailurePolicy`);
  if (spec.successPolicy !== undefined) {
    if (mode === "Indexed") validateSuccessPolicy(errors, spec, `${path}.successPolicy`);
    else errors.push(invalid(`${path}.successPolicy`, spec.successPolicy, "requires indexed completion mode"));
  }
  const replacements = spec.podFailurePolicy === undefined ? ["Failed", "TerminatingOrFailed"] : ["Failed"];
  if (spec.podReplacementPolicy !== undefined && !replacements.includes(spec.podReplacementPolicy)) errors.push(notSupported(`${path}.podReplacementPolicy`, spec.podReplacementPolicy, replacements));
  validatePodTemplate(errors, spec.template, `${path}.template`);
  validateRestartPolicy(errors, spec, `${path}.template.spec.restartPolicy`);
}

/** "Always" may come from the defaults, so it counts as nothing said. */
function validateRestartPolicy(errors: FieldError[], { template, podFailurePolicy }: JobSpec, path: string): void {
  const policy = template.spec.restartPolicy ?? "";
  if (policy === "" || policy === "Always") errors.push(required(path, 'valid values: "OnFailure", "Never"'));
  else if (policy !== "OnFailure" && policy !== "Never") errors.push(notSupported(path, policy, ["Never", "OnFailure"]));
  else if (podFailurePolicy !== undefined && policy !== "Never") errors.push(invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified'));
}

function validateIndexed(errors: FieldError[], { completions, parallelism, maxFailedIndexes, backoffLimitPerIndex }: JobSpec, path: string): void {
  const over = (field: string, value: number | undefined, limit: number, text: string): void => {
    if (value !== undefined && value > limit) errors.push(invalid(`${path}.${field}`, value, text));
  };
  if (completions === undefined) errors.push(required(`${path}.completions`, "when completion mode is Indexed"));
  over("parallelism", parallelism, MAX_INDEXED_PARALLELISM, `must be less than or equal to ${MAX_INDEXED_PARALLELISM} when completion mode is Indexed`);
  if (completions !== undefined) over("maxFailedIndexes", maxFailedIndexes, completions, "must be less than or equal to completions");
  over("maxFailedIndexes", maxFailedIndexes, MAX_FAILED_INDEXES, `must be less than or equal to ${MAX_FAILED_INDEXES}`);
  if (completions === undefined || completions <= MANY_COMPLETIONS || backoffLimitPerIndex === undefined) return;
  const limitText = (limit: number): string => `must be less than or equal to ${limit} when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
  if (maxFailedIndexes === undefined) errors.push(required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${MANY_COMPLETIONS}`));
  over("parallelism", parallelism, MANY_PARALLELISM, limitText(MANY_PARALLELISM));
  over("maxFailedIndexes", maxFailedIndexes, MANY_FAILED_INDEXES, limitText(MANY_FAILED_INDEXES));
}
