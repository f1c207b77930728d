import { type FieldError, invalid } from "../../apimachinery/field-error.ts";
import { validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { JobObject, JobStatus } from "../generated/types.ts";
import { checkCounters } from "../workload/status-validation.ts";

const TERMINAL = ["Complete", "Failed"] as const;
const isTrue = (status: JobStatus | undefined, type: string): boolean => status?.conditions?.some((condition) => condition.type === type && condition.status === "True") ?? false;

/**
 * Source: pkg/apis/batch/validation/validation.go, ValidateJobUpdateStatus.
 * Differs: of the transitions only those are refused that no later write could mend: contradicting and withdrawn ends.
 */
export function validateJobStatusUpdate(job: JobObject, stored: JobObject): FieldError[] {
  const errors = validateObjectMetaUpdate(job.metadata, stored.metadata);
  const { status } = job;
  checkCounters(errors, status, ["active", "succeeded", "failed", "ready", "terminating"]);
  const conditions = status?.conditions ?? [];
  if (isTrue(status, "Complete") && isTrue(status, "Failed")) errors.push(invalid("status.conditions", conditions, "cannot set Complete=True and Failed=true conditions"));
  if (isTrue(status, "Complete") && isTrue(status, "FailureTarget")) errors.push(invalid("status.conditions", conditions, "cannot set Complete=True and FailureTarget=true conditions"));
  if (TERMINAL.some((type) => isTrue(status, type)) && (status?.active ?? 0) > 0) errors.push(invalid("status.active", status?.active, "active>0 is invalid for finished job"));
  for (const type of TERMINAL) if (isTrue(stored.status, type) && !isTrue(status, type)) errors.push(invalid("status.conditions", conditions, `cannot disable the terminal ${type}=True condition`));
  return errors;
}
