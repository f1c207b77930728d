import { duplicate, type FieldError, invalid, notSupported, required, tooLong, tooMany } from "../../apimachinery/field-error.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule, SuccessPolicyRule } from "../generated/types.ts";
import { checkNonNegative, checkQualifiedName } from "../shared/checks.ts";
import { invalidGo } from "../shared/go-syntax.ts";

const ACTIONS = ["Count", "FailIndex", "FailJob", "Ignore"] as const;
const STATUSES = ["False", "True", "Unknown"] as const;
const OPERATORS = ["In", "NotIn"] as const;
const MAX_RULES = 20;
const MAX_PATTERNS = 20;
const MAX_EXIT_CODES = 255;
const MAX_INDEXES_BYTES = 64 * 1024;

/** Go's %q of a list: ["a" "b"]. */
const goList = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(" ")}]`;
/** An Invalid that does not repeat the value. */
const invalidAsAWhole = (field: string, detail: string): FieldError => ({ type: "FieldValueInvalid", field, body: `Invalid value: ${detail}` });

/** Required when empty, else one of the list. */
function checkChoice(errors: FieldError[], field: string, value: string, choices: readonly string[]): void {
  if (value === "") errors.push(required(field, `valid values: ${goList(choices)}`));
  else if (!choices.includes(value)) errors.push(notSupported(field, value, choices));
}

/** Source: pkg/apis/batch/validation/validation.go, validatePodFailurePolicy. */
export function validatePodFailurePolicy(errors: FieldError[], spec: JobSpec, path: string): void {
  const rules = spec.podFailurePolicy?.rules ?? [];
  if (rules.length > MAX_RULES) errors.push(tooMany(`${path}.rules`, rules.length, MAX_RULES));
  const podSpec = spec.template.spec;
  const names = new Set([...podSpec.containers, ...(podSpec.initContainers ?? [])].map(({ name }) => name));
  rules.forEach((rule, index) => validateFailureRule(errors, spec, rule, names, `${path}.rules[${index}]`));
}

function validateFailureRule(errors: FieldError[], spec: JobSpec, rule: PodFailurePolicyRule, names: ReadonlySet<string>, at: string): void {
  if (rule.action === "FailIndex") {
    if (spec.backoffLimitPerIndex === undefined) errors.push(invalid(`${at}.action`, rule.action, "requires the backoffLimitPerIndex to be set"));
  } else checkChoice(errors, `${at}.action`, rule.action, ACTIONS);
  if (rule.onExitCodes !== undefined) validateExitCodes(errors, rule.onExitCodes, names, `${at}.onExitCodes`);
  const patterns = rule.onPodConditions ?? [];
  if (patterns.length > MAX_PATTERNS) errors.push(tooMany(`${at}.onPodConditions`, patterns.length, MAX_PATTERNS));
  patterns.forEach(({ type, status }, index) => {
    checkQualifiedName(errors, `${at}.onPodConditions[${index}].type`, type);
    checkChoice(errors, `${at}.onPodConditions[${index}].status`, status, STATUSES);
  });
  if (rule.onExitCodes !== undefined && patterns.length > 0) errors.push(invalidAsAWhole(at, "specifying both OnExitCodes and OnPodConditions is not supported"));
  if (rule.onExitCodes === undefined && patterns.length === 0) errors.push(invalidAsAWhole(at, "specifying one of OnExitCodes and OnPodConditions is required"));
}

/** Source: validatePodFailurePolicyRuleOnExitCodes. */
function validateExitCodes(errors: FieldError[], { operator, containerName, values = [] }: PodFailurePolicyOnExitCodesRequirement, names: ReadonlySet<string>, at: string): void {
  checkChoice(errors, `${at}.operator`, operator, OPERATORS);
  if (containerName !== undefined && !names.has(containerName)) errors.push(invalid(`${at}.containerName`, containerName, "must be one of the container or initContainer names in the pod template"));
  const list = `[]int32{${values.join(", ")}}`;
  if (values.length === 0) errors.push(invalidGo(`${at}.values`, list, "at least one value is required"));
  else if (values.length > MAX_EXIT_CODES) errors.push(tooMany(`${at}.values`, values.length, MAX_EXIT_CODES));
  const seen = new Set<number>();
  values.forEach((value, index) => {
    if (operator === "In" && value === 0) errors.push(invalid(`${at}.values[${index}]`, value, "must not be 0 for the In operator"));
    if (seen.has(value)) errors.push(duplicate(`${at}.values[${index}]`, value));
    seen.add(value);
  });
  if (values.some((value, index) => index > 0 && (values[index - 1] ?? 0) > value)) errors.push(invalidGo(`${at}.values`, list, "must be ordered"));
}

/** Source: validateSuccessPolicy. */
export function validateSuccessPolicy(errors: FieldError[], spec: JobSpec, path: string): void {
  const rules = spec.successPolicy?.rules ?? [];
  if (rules.length === 0) errors.push(required(`${path}.rules`, "at least one rules must be specified when the successPolicy is specified"));
  if (rules.length > MAX_RULES) errors.push(tooMany(`${path}.rules`, rules.length, MAX_RULES));
  rules.forEach((rule, index) => validateSuccessRule(errors, rule, spec.completions ?? 0, `${path}.rules[${index}]`));
}

function validateSuccessRule(errors: FieldError[], { succeededIndexes, succeededCount }: SuccessPolicyRule, completions: number, at: string): void {
  if (succeededCount === undefined && succeededIndexes === undefined) errors.push(required(at, "at least one of succeededCount or succeededIndexes must be specified"));
  let total = 0;
  if (succeededIndexes !== undefined) {
    if (succeededIndexes.length > MAX_INDEXES_BYTES) errors.push(tooLong(`${at}.succeededIndexes`, MAX_INDEXES_BYTES));
    const counted = countIndexes(succeededIndexes, completions);
    if (counted.ok) total = counted.value;
    else errors.push(invalid(`${at}.succeededIndexes`, succeededIndexes, `error parsing succeededIndexes: ${counted.error}`));
  }
  if (succeededCount === undefined) return;
  checkNonNegative(errors, `${at}.succeededCount`, succeededCount);
  if (succeededCount > completions) errors.push(invalid(`${at}.succeededCount`, succeededCount, `must be less than or equal to ${completions} (the number of specified completions)`));
  if (succeededIndexes !== undefined && succeededCount > total) {
    errors.push(invalid(`${at}.succeededCount`, succeededCount, `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`));
  }
}

/** How many indexes "1,3-5" names. Source: validateIndexesFormat, parseIndexInterval. */
export function countIndexes(text: string, completions: number): Result<number, string> {
  if (text === "") return ok(0);
  let total = 0;
  let last: number | undefined;
  for (const interval of text.split(",")) {
    const parts = interval.split("-");
    if (parts.length > 2) return err(`the fragment ${JSON.stringify(interval)} violates the requirement that an index interval can have at most two parts separated by '-'`);
    const ends: number[] = [];
    for (const part of parts) {
      if (!/^\+?\d+$/.test(part)) return err(`cannot convert string to integer for index: ${JSON.stringify(part)}`);
      if (Number(part) >= completions) return err(`too large index: ${JSON.stringify(part)}`);
      ends.push(Number(part));
    }
    const [low = 0, high] = ends;
    if (high !== undefined && low >= high) return err(`non-increasing order, previous: ${low}, current: ${high}`);
    if (last !== undefined && last >= low) return err(`non-increasing order, previous: ${last}, current: ${low}`);
    last = high ?? low;
    total += last - low + 1;
  }
  return ok(total);
}
