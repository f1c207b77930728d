import { describe, expect, test } from "vitest";
import { fieldErrorText } from "../../apimachinery/status.ts";
import type { KindDefinition } from "../kind-definition.ts";
import { ago, cellsOf, columnsOf, context, make, problemsOf, updateProblems } from "../testdata/make.ts";
import { CronJob } from "./cron-job.ts";
import { HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { Job } from "./job.ts";
import { countIndexes } from "./job-policies.ts";

const any = (definition: unknown): KindDefinition => definition as KindDefinition;
const pod = (extra: object = {}): object => ({ spec: { restartPolicy: "Never", containers: [{ name: "c", image: "x" }], ...extra } });
const job = (spec: object = {}): object => ({ spec: { template: pod(), ...spec } });
const cron = (spec: object = {}): object => ({ spec: { schedule: "* * * * *", jobTemplate: { spec: { template: pod() } }, ...spec } });
const autoscaler = (spec: object = {}): object => ({ spec: { scaleTargetRef: { kind: "Deployment", name: "d" }, maxReplicas: 5, ...spec } });
const metric = (value: object): object => autoscaler({ metrics: [value] });
const uid = { uid: "u1" };

// Cases of upstream's TestValidateJob, TestValidateCronJob, TestValidateHPA.
describe("create", () => {
  test.each<[string, KindDefinition, object, string[]]>([
    ["job", any(Job), job(), []],
    ["job: own selector", any(Job), job({ manualSelector: true, selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "c" } }, ...pod() } }), ['spec.template.metadata.labels: Invalid value: map[string]string{"a":"c"}: `selector` does not match template `labels`']],
    ["job: a label of the server's", any(Job), job({ template: { metadata: { labels: { "controller-uid": "me" } }, ...pod() } }), [
      'spec.template.metadata.labels[controller-uid]: Invalid value: map[string]string{"batch.kubernetes.io/controller-uid":"u1", "batch.kubernetes.io/job-name":"x", "controller-uid":"me", "job-name":"x"}: must be \'u1\'',
    ]],
    ["job: numbers", any(Job), job({ parallelism: -1, completions: -2, backoffLimit: -3 }), ["spec.parallelism: Invalid value: -1", "spec.completions: Invalid value: -2", "spec.backoffLimit: Invalid value: -3"].map((text) => `${text}: must be greater than or equal to 0`)],
    ["job: limits per index", any(Job), job({ maxFailedIndexes: 1 }), ["spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified", "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode"]],
    ["job: indexed without completions", any(Job), job({ completionMode: "Indexed", parallelism: 100_001 }), ["spec.completions: Required value: when completion mode is Indexed", "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed"]],
    ["job: failure policy", any(Job), job({ podFailurePolicy: { rules: [{ action: "Stop" }, { action: "FailIndex", onPodConditions: [{ type: "Ready", status: "yes" }], onExitCodes: { operator: "", containerName: "z", values: [2, 1, 1] } }] } }), [
      'spec.podFailurePolicy.rules[0].action: Unsupported value: "Stop": supported values: "Count", "FailIndex", "FailJob", "Ignore"', "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required",
      'spec.podFailurePolicy.rules[1].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set', 'spec.podFailurePolicy.rules[1].onExitCodes.operator: Required value: valid values: ["In" "NotIn"]',
      'spec.podFailurePolicy.rules[1].onExitCodes.containerName: Invalid value: "z": must be one of the container or initContainer names in the pod template', "spec.podFailurePolicy.rules[1].onExitCodes.values[2]: Duplicate value: 1",
      "spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: []int32{2, 1, 1}: must be ordered", 'spec.podFailurePolicy.rules[1].onPodConditions[0].status: Unsupported value: "yes": supported values: "False", "True", "Unknown"',
      "spec.podFailurePolicy.rules[1]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported",
    ]],
    ["job: replacement under a failure policy", any(Job), job({ podReplacementPolicy: "TerminatingOrFailed", podFailurePolicy: { rules: [] } }), ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"']],
    ["job: success policy", any(Job), job({ completionMode: "Indexed", completions: 3, successPolicy: { rules: [{}, { succeededIndexes: "0-1", succeededCount: 3 }, { succeededIndexes: "2,1" }] } }), [
      "spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified", "spec.successPolicy.rules[1].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)",
      'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "2,1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1',
    ]],
    ["job: managed by", any(Job), job({ managedBy: "me" }), ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")']],
    ["job: pods", any(Job), job({ template: pod({ restartPolicy: "Sometimes", containers: [] }) }), ["spec.template.spec.containers: Required value", 'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"', 'spec.template.spec.restartPolicy: Unsupported value: "Sometimes"']],
    ["cron job", any(CronJob), cron(), []],
    ["cron job: words", any(CronJob), cron({ schedule: "daily" }), ['spec.schedule: Invalid value: "daily": expected exactly 5 fields, found 1: [daily]']],
    ["cron job: zone in the schedule", any(CronJob), cron({ schedule: "TZ=UTC 0 * * * *", timeZone: "Local" }), ["cannot use TZ or CRON_TZ in schedule, use timeZone field instead", "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"]],
    ["cron job: policy and history", any(CronJob), cron({ concurrencyPolicy: "Maybe", successfulJobsHistoryLimit: -1 }), ['spec.concurrencyPolicy: Unsupported value: "Maybe": supported values: "Allow", "Forbid", "Replace"', "spec.successfulJobsHistoryLimit: Invalid value: -1"]],
    ["cron job: selector", any(CronJob), cron({ jobTemplate: { spec: { template: pod(), selector: {}, manualSelector: true } } }), ["`selector` will be auto-generated", 'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"']],
    ["cron job: nothing inside", any(CronJob), { spec: { schedule: "" } }, ["spec.schedule: Required value", "spec.jobTemplate.spec.template.spec.containers: Required value", "spec.jobTemplate.spec.template.spec.restartPolicy: Required value"]],
    ["autoscaler", any(HorizontalPodAutoscaler), autoscaler(), []],
    ["autoscaler: target", any(HorizontalPodAutoscaler), { spec: { maxReplicas: 0, scaleTargetRef: { kind: "a/b" } } }, ["spec.maxReplicas: Invalid value: 0: must be greater than 0", "must be greater than or equal to `minReplicas`", "spec.scaleTargetRef.kind: Invalid value: \"a/b\": may not contain '/'", "spec.scaleTargetRef.name: Required value"]],
    ["autoscaler: no type", any(HorizontalPodAutoscaler), metric({}), ["spec.metrics[0].type: Required value: must specify a metric source type", 'spec.metrics[0].type: Unsupported value: "": supported values: "ContainerResource", "External", "Object", "Pods", "Resource"']],
    ["autoscaler: strange type", any(HorizontalPodAutoscaler), metric({ type: "constructor" }), ['spec.metrics[0].type: Unsupported value: "constructor"']],
    ["autoscaler: two sources", any(HorizontalPodAutoscaler), metric({ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 5 } }, pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "1" } } }), ["spec.metrics[0].pods: Forbidden: must populate the given metric source only"]],
    ["autoscaler: usage", any(HorizontalPodAutoscaler), metric({ type: "Resource", resource: { name: "", target: { type: "Much", averageUtilization: 0, averageValue: "0" } } }), [
      "spec.metrics[0].resource.name: Required value: must specify a resource name", 'spec.metrics[0].resource.target.type: Invalid value: "Much": must be either Utilization, Value, or AverageValue', "spec.metrics[0].resource.target.averageValue: Invalid value: resource.Quantity{",
      "spec.metrics[0].resource.target.averageUtilization: Invalid value: 0: must be greater than 0", "spec.metrics[0].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization",
    ]],
    ["autoscaler: behavior", any(HorizontalPodAutoscaler), autoscaler({ behavior: { scaleUp: { stabilizationWindowSeconds: 3601, selectPolicy: "Best", policies: [{ type: "Nodes", value: 0, periodSeconds: 1801 }] } } }), [
      "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600", 'spec.behavior.scaleUp.selectPolicy: Unsupported value: "Best": supported values: "Disabled", "Max", "Min"', 'spec.behavior.scaleUp.policies[0].type: Unsupported value: "Nodes": supported values: "Percent", "Pods"',
      "spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero", "spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800",
    ]],
  ])("%s", (_name, definition, object, expected) => {
    const actual = problemsOf(definition, object, uid);
    expect(actual.map((text, index) => (expected[index] !== undefined && text.includes(expected[index]) ? expected[index] : text))).toEqual(expected);
  });
});

// Cases of upstream's TestValidateJobUpdate, TestValidateCronJobUpdate, TestValidateHPAUpdate.
describe("update", () => {
  test.each<[string, KindDefinition, object, object, string[]]>([
    ["parallelism", any(Job), job({ parallelism: 1 }), job({ parallelism: 3, completions: 1 }), ["spec.completions: Invalid value: 1: field is immutable"]],
    ["suspend", any(Job), job(), job({ suspend: true, backoffLimit: 1, ttlSecondsAfterFinished: 5 }), []],
    ["elastic indexed job", any(Job), job({ completionMode: "Indexed", completions: 2, parallelism: 2 }), job({ completionMode: "Indexed", completions: 4, parallelism: 4 }), []],
    ["completions alone", any(Job), job({ completionMode: "Indexed", completions: 2, parallelism: 2 }), job({ completionMode: "Indexed", completions: 4, parallelism: 2 }), ["spec.completions: Invalid value: 4: can only be modified in tandem with spec.parallelism"]],
    ["image", any(Job), job(), job({ template: pod({ containers: [{ name: "c", image: "y" }] }) }), ["spec.template: Invalid value: {"]],
    ["placement while suspended", any(Job), job({ suspend: true }), job({ suspend: true, template: pod({ nodeSelector: { a: "b" } }) }), []],
    ["placement while running", any(Job), job(), job({ template: pod({ nodeSelector: { a: "b" } }) }), ["spec.template: Invalid value: {"]],
    ["schedule", any(CronJob), cron(), cron({ schedule: "@hourly", suspend: true }), []],
    ["a schedule that names a zone may stay", any(CronJob), cron({ schedule: "TZ=UTC 0 * * * *" }), cron({ schedule: "TZ=UTC 1 * * * *" }), []],
    ["autoscaler", any(HorizontalPodAutoscaler), autoscaler(), autoscaler({ minReplicas: 7 }), ["must be greater than or equal to `minReplicas`"]],
  ])("%s", (_name, definition, before, after, expected) => {
    const actual = updateProblems(definition, before, after).filter((text) => !text.startsWith("metadata.uid"));
    expect(actual.map((text, index) => (expected[index] !== undefined && text.includes(expected[index]) ? expected[index] : text))).toEqual(expected);
  });

  test("a job that is over stays over", () => {
    const stored = { ...make(Job, job(), uid), status: { conditions: [{ type: "Failed", status: "True" }] } };
    const errors = (status: object): string[] => Job.validateStatusUpdate({ ...stored, status }, stored).map(fieldErrorText);
    expect(errors({ conditions: [{ type: "Failed", status: "True" }, { type: "Complete", status: "True" }], active: 1 })).toEqual([
      expect.stringContaining("cannot set Complete=True and Failed=true conditions"), "status.active: Invalid value: 1: active>0 is invalid for finished job",
    ]);
    expect(errors({})).toEqual([expect.stringContaining("cannot disable the terminal Failed=True condition")]);
  });
});

test("labels of a job's pods show on a job without labels, and only there", () => {
  const labels = { app: "a" };
  expect(Object.keys(make(Job, job({ template: { metadata: { labels }, ...pod() } }), uid).metadata.labels ?? {})).toEqual(["app", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"].sort());
  expect(make(Job, job({ template: { metadata: { labels }, ...pod() } }), { ...uid, labels }).metadata.labels).toEqual(labels);
});

test.each<[string, ReturnType<typeof countIndexes>]>([
  ["", { ok: true, value: 0 }],
  ["0,2-4,6", { ok: true, value: 5 }],
  ["1-2-3", { ok: false, error: 'the fragment "1-2-3" violates the requirement that an index interval can have at most two parts separated by \'-\'' }],
  ["a", { ok: false, error: 'cannot convert string to integer for index: "a"' }],
  ["9", { ok: false, error: 'too large index: "9"' }],
  ["3-3", { ok: false, error: "non-increasing order, previous: 3, current: 3" }],
])("indexes %s", (text, expected) => {
  expect(countIndexes(text, 9)).toEqual(expected);
});

test("columns", () => {
  expect(columnsOf(Job)).toBe("Name Status Completions Duration Age (Containers) (Images) (Selector)");
  expect(columnsOf(CronJob)).toBe("Name Schedule Timezone Suspend Active Last Schedule Age (Containers) (Images) (Selector)");
  expect(columnsOf(HorizontalPodAutoscaler)).toBe("Name Reference Targets MinPods MaxPods Replicas Age");
});

// Cases of upstream's TestPrintJob, TestPrintCronJob, TestPrintHPA.
test("jobs", () => {
  const made = make(Job, job({ completions: 4 }), { ...uid, creationTimestamp: ago(600) });
  expect(cellsOf(Job, made)).toEqual(["x", "Running", "0/4", "", "10m", "c", "x", "batch.kubernetes.io/controller-uid=u1"]);
  const status = (value: object, spec: object = {}): unknown[] => cellsOf(Job, { ...made, spec: { ...made.spec, completions: undefined, ...spec }, status: value }).slice(1, 4);
  expect(status({ succeeded: 2, startTime: ago(125) }, { parallelism: 3 })).toEqual(["Running", "2/1 of 3", "2m5s"]);
  expect(status({ startTime: ago(500), completionTime: ago(400), conditions: [{ type: "Complete", status: "True" }] })).toEqual(["Complete", "0/1", "100s"]);
  for (const type of ["Failed", "Suspended", "FailureTarget"]) expect(status({ conditions: [{ type, status: "True" }] })[0]).toBe(type);
});

test("cron jobs", () => {
  const made = make(CronJob, cron({ timeZone: "Etc/UTC" }), { creationTimestamp: ago(600) });
  expect(cellsOf(CronJob, made)).toEqual(["x", "* * * * *", "Etc/UTC", "False", 0, "<none>", "10m", "c", "x", "<none>"]);
  expect(cellsOf(CronJob, { ...made, status: { active: [{}], lastScheduleTime: ago(30) } }).slice(4, 6)).toEqual([1, "30s"]);
});

test("autoscalers", () => {
  const target = (type: string, of: object): object => ({ type, ...of });
  const made = make(HorizontalPodAutoscaler, autoscaler({ metrics: [
    { type: "Resource", resource: { name: "cpu", target: target("Utilization", { averageUtilization: 50 }) } },
    { type: "Pods", pods: { metric: { name: "m" }, target: target("AverageValue", { averageValue: "10" }) } },
    { type: "External", external: { metric: { name: "m" }, target: target("Value", { value: "3" }) } },
  ] }), { creationTimestamp: ago(60) });
  expect(cellsOf(HorizontalPodAutoscaler, made)).toEqual(["x", "Deployment/d", "cpu: <unknown>/50%, <unknown>/10 + 1 more...", "1", 5, 0, "60s"]);
  const measured = { ...made, status: { desiredReplicas: 3, currentReplicas: 2, currentMetrics: [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 20 } } }, { type: "Pods", pods: { metric: { name: "m" }, current: { averageValue: "500m" } } }] } };
  expect(cellsOf(HorizontalPodAutoscaler, measured).slice(2, 6)).toEqual(["cpu: 20%/50%, 500m/10 + 1 more...", "1", 5, 2]);
  expect(cellsOf(HorizontalPodAutoscaler, make(HorizontalPodAutoscaler, autoscaler()))[2]).toBe("cpu: <unknown>/80%");
});

test("warnings", () => {
  expect(Job.warnings(make(Job, job({ completionMode: "Indexed", completions: 100_001, parallelism: 10_001 }), uid))).toEqual([expect.stringContaining("In Indexed Jobs with a number of completions higher than 10^5")]);
  expect(CronJob.warnings(make(CronJob, cron({ jobTemplate: { spec: { template: pod({ nodeSelector: { "beta.kubernetes.io/os": "linux" } }) } } })))).toEqual([expect.stringContaining("spec.jobTemplate.spec.template.spec.nodeSelector[beta.kubernetes.io/os]")]);
  expect(Job.selectableFields["status.successful"]?.(make(Job, job(), { ...uid, now: context.now }))).toBe("0");
});
