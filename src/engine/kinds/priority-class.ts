import { type FieldError, forbidden, invalid } from "../apimachinery/field-error.ts";
import { subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { PriorityClassObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { checkOneOf, IMMUTABLE } from "./shared/checks.ts";
import { ageColumn, nameColumn } from "./shared/columns.ts";
import { withFields } from "./shared/ordered.ts";
import { own } from "./shared/own.ts";
import { firstGeneration } from "./shared/strategy.ts";

const HIGHEST_USER_PRIORITY = 1_000_000_000;
const SYSTEM_PREFIX = "system-";
const SYSTEM_CLASSES: Readonly<Record<string, number>> = { "system-node-critical": 2_000_001_000, "system-cluster-critical": 2_000_000_000 };

/** Source: pkg/apis/scheduling/v1/defaults.go; pkg/apis/scheduling/validation/validation.go; pkg/registry/scheduling/priorityclass/strategy.go; printers.go, printPriorityClass. */
export const PriorityClass = defineKind<PriorityClassObject>({
  group: "scheduling.k8s.io", version: "v1", kind: "PriorityClass", plural: "priorityclasses", shortNames: ["pc"], scope: "Cluster", schemaName: "scheduling/v1.PriorityClass",
  defaults: (pc) => withFields("scheduling/v1.PriorityClass", pc, { preemptionPolicy: pc.preemptionPolicy ?? "PreemptLowerPriority" }),
  prepareForCreate: firstGeneration,
  validate: validatePriorityClass,
  validateUpdate: (pc, stored) => {
    const errors = validateObjectMetaUpdate(pc.metadata, stored.metadata);
    if (pc.value !== stored.value) errors.push(forbidden("value", "may not be changed in an update."));
    if (pc.preemptionPolicy !== stored.preemptionPolicy) errors.push(invalid("preemptionPolicy", pc.preemptionPolicy, IMMUTABLE));
    return errors;
  },
  columns: [
    nameColumn,
    { name: "Value", type: "integer", cell: (pc) => pc.value },
    { name: "Global-Default", type: "boolean", cell: (pc) => pc.globalDefault === true },
    ageColumn,
    { name: "PreemptionPolicy", type: "string", cell: (pc) => pc.preemptionPolicy ?? "" },
  ],
});

function validatePriorityClass(pc: PriorityClassObject): FieldError[] {
  const errors = validateObjectMeta(pc.metadata, false, subdomainName);
  if (pc.metadata.name?.startsWith(SYSTEM_PREFIX) === true) {
    const problem = systemProblem(pc);
    if (problem !== undefined) errors.push(forbidden("metadata.name", `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only. error: ${problem}`));
  } else if (pc.value > HIGHEST_USER_PRIORITY) errors.push(forbidden("value", `maximum allowed value of a user defined priority is ${HIGHEST_USER_PRIORITY}`));
  if (pc.preemptionPolicy !== undefined) checkOneOf(errors, "preemptionPolicy", pc.preemptionPolicy, ["PreemptLowerPriority", "Never"]);
  return errors;
}

/** Source: pkg/apis/scheduling/v1/helpers.go, IsKnownSystemPriorityClass. */
function systemProblem({ metadata: { name }, value, globalDefault }: PriorityClassObject): string | undefined {
  const known = own(SYSTEM_CLASSES, name);
  if (known === undefined) return `${name} is not a known system priority class`;
  if (known !== value) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault === true ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}
