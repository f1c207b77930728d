import { type FieldError, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { maxLengthText, subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { CronJobObject, CronJobSpec, JobTemplateSpec } from "../generated/types.ts";
import { isTimeZone, parseCronSchedule } from "../helpers/cron-schedule.ts";
import { defineKind } from "../kind-definition.ts";
import { defaultPodTemplate } from "../pod/defaults.ts";
import { checkNonNegative, checkOneOf } from "../shared/checks.ts";
import { ageCell, ageColumn, nameColumn, selectorCell, templateColumns } from "../shared/columns.ts";
import { goLabelSelector, invalidGo } from "../shared/go-syntax.ts";
import { withFields } from "../shared/ordered.ts";
import { freshStatus, keepSpec, keepStatus } from "../shared/strategy.ts";
import { workloadWarnings } from "../workload/warnings.ts";
import { validateJobSpec } from "./job-validation.ts";

const SUCCESSFUL_KEPT = 3;
const FAILED_KEPT = 1;
/** A job's name gets eleven more characters. */
const MAX_NAME = 52;

/** Source: pkg/apis/batch/v1/defaults.go, SetDefaults_CronJob; pkg/registry/batch/cronjob/strategy.go; printers.go, printCronJob. */
export const CronJob = defineKind<CronJobObject>({
  group: "batch", version: "v1", kind: "CronJob", plural: "cronjobs", shortNames: ["cj"], categories: ["all"], scope: "Namespaced", schemaName: "batch/v1.CronJob",
  tracksGeneration: true,
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  defaults: (cron) => ({ ...cron, spec: defaultSpec(cron.spec) }),
  prepareForCreate: freshStatus<CronJobObject>({}),
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate: keepSpec,
  validate: (cron) => {
    const errors = validateObjectMeta(cron.metadata, true, subdomainName);
    validateSpec(errors, cron.spec, undefined);
    const { name = "" } = cron.metadata;
    if (name.length > MAX_NAME) errors.push(invalid("metadata.name", name, maxLengthText(MAX_NAME)));
    return errors;
  },
  validateUpdate: (cron, stored) => {
    const errors = validateObjectMetaUpdate(cron.metadata, stored.metadata);
    validateSpec(errors, cron.spec, stored.spec);
    return errors;
  },
  validateStatusUpdate: (cron, stored) => validateObjectMetaUpdate(cron.metadata, stored.metadata),
  warnings: ({ metadata, spec }) => workloadWarnings(metadata, templateOf(spec), undefined, "spec.jobTemplate.spec.template.spec"),
  columns: [
    nameColumn,
    { name: "Schedule", type: "string", cell: ({ spec }) => spec.schedule },
    { name: "Timezone", type: "string", cell: ({ spec }) => spec.timeZone ?? "<none>" },
    { name: "Suspend", type: "boolean", cell: ({ spec }) => (spec.suspend === undefined ? "<unset>" : spec.suspend ? "True" : "False") },
    { name: "Active", type: "integer", cell: ({ status }) => status?.active?.length ?? 0 },
    { name: "Last Schedule", type: "string", cell: ({ status }, context) => (status?.lastScheduleTime === undefined ? "<none>" : ageCell(status.lastScheduleTime, context)) },
    ageColumn,
    ...templateColumns<CronJobObject>(({ spec }) => templateOf(spec)),
    { name: "Selector", type: "string", priority: 1, cell: ({ spec }) => selectorCell(spec.jobTemplate.spec?.selector) },
  ],
});

type JobSpec = NonNullable<JobTemplateSpec["spec"]>;
const jobOf = ({ jobTemplate }: CronJobSpec): JobSpec => jobTemplate.spec ?? { template: { spec: { containers: [] } } };
const templateOf = (spec: CronJobSpec): JobSpec["template"] => jobOf(spec).template;

/** The job inside gets no defaults of jobs, only its pods' ones. */
function defaultSpec(spec: CronJobSpec): CronJobSpec {
  const job = jobOf(spec);
  const template = defaultPodTemplate(job.template);
  return withFields("batch/v1.CronJobSpec", spec, {
    concurrencyPolicy: spec.concurrencyPolicy || "Allow",
    suspend: spec.suspend ?? false,
    jobTemplate: { ...spec.jobTemplate, spec: template === job.template ? job : { ...job, template } },
    successfulJobsHistoryLimit: spec.successfulJobsHistoryLimit ?? SUCCESSFUL_KEPT,
    failedJobsHistoryLimit: spec.failedJobsHistoryLimit ?? FAILED_KEPT,
  });
}

/** Source: pkg/apis/batch/validation/validation.go, validateCronJobSpec. */
function validateSpec(errors: FieldError[], spec: CronJobSpec, stored: CronJobSpec | undefined): void {
  if (spec.schedule === "") errors.push(required("spec.schedule"));
  else validateSchedule(errors, spec, stored?.schedule.includes("TZ") ?? false);
  checkNonNegative(errors, "spec.startingDeadlineSeconds", spec.startingDeadlineSeconds);
  if (spec.timeZone !== undefined && spec.timeZone !== stored?.timeZone) validateTimeZone(errors, spec.timeZone);
  checkOneOf(errors, "spec.concurrencyPolicy", spec.concurrencyPolicy, ["Allow", "Forbid", "Replace"]);
  validateJobTemplate(errors, jobOf(spec), "spec.jobTemplate.spec");
  checkNonNegative(errors, "spec.successfulJobsHistoryLimit", spec.successfulJobsHistoryLimit);
  checkNonNegative(errors, "spec.failedJobsHistoryLimit", spec.failedJobsHistoryLimit);
}

function validateSchedule(errors: FieldError[], { schedule, timeZone }: CronJobSpec, zoneAllowed: boolean): void {
  const parsed = parseCronSchedule(schedule);
  if (!parsed.ok) errors.push(invalid("spec.schedule", schedule, parsed.error));
  if (!schedule.includes("TZ")) return;
  if (!zoneAllowed) errors.push(invalid("spec.schedule", schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"));
  else if (timeZone !== undefined) errors.push(invalid("spec.schedule", schedule, "cannot use both timeZone field and TZ or CRON_TZ in schedule"));
}

function validateTimeZone(errors: FieldError[], timeZone: string): void {
  if (timeZone === "") return void errors.push(invalid("spec.timeZone", timeZone, "timeZone must be nil or non-empty string"));
  const local = timeZone.toLowerCase() === "local";
  if (local) errors.push(invalid("spec.timeZone", timeZone, "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"));
  if (!local && !isTimeZone(timeZone)) errors.push(invalid("spec.timeZone", timeZone, `unknown time zone ${timeZone}`));
}

/** Source: ValidateJobTemplateSpec. */
function validateJobTemplate(errors: FieldError[], job: JobSpec, path: string): void {
  validateJobSpec(errors, job, path);
  if (job.selector !== undefined) errors.push(invalidGo(`${path}.selector`, goLabelSelector(job.selector), "`selector` will be auto-generated"));
  if (job.manualSelector === true) errors.push(notSupported(`${path}.manualSelector`, true, ["nil", "false"]));
}
