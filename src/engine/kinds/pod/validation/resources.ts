import { type FieldError, forbidden, invalid, notFoundField, required } from "../../../apimachinery/field-error.ts";
import { isQualifiedName } from "../../../apimachinery/names.ts";
import { compareQuantities, parseQuantity, type Quantity } from "../../../apimachinery/quantity.ts";
import type { ResourceRequirements } from "../../generated/types.ts";
import { NON_NEGATIVE } from "../../shared/checks.ts";
import { goQuantity, invalidGo } from "../../shared/go-syntax.ts";
import { own } from "../../shared/own.ts";

const STANDARD_CONTAINER_RESOURCES = new Set(["cpu", "memory", "ephemeral-storage"]);
/** Names without a domain that mean something somewhere. Source: pkg/apis/core/helper/helpers.go, standardResources. */
const STANDARD_RESOURCES = new Set([
  "cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage",
  "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "storage", "requests.storage", "services.nodeports", "services.loadbalancers",
]);
const INTEGER_RESOURCES = new Set(["pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"]);

const read = (text: string): Quantity => {
  const parsed = parseQuantity(text);
  return parsed.ok ? parsed.value : { nanos: 0n, format: "DecimalSI" };
};

export const isHugePages = (name: string): boolean => name.startsWith("hugepages-");
/** Huge pages as quotas name them too. Source: IsQuotaHugePageResourceName. */
export const isQuotaHugePages = (name: string): boolean => isHugePages(name) || name.startsWith("requests.hugepages-");
/** Belongs to Kubernetes: no domain, or one of kubernetes.io. Source: pkg/apis/core/helper/helpers.go, IsNativeResource. */
export const isNativeResource = (name: string): boolean => !name.includes("/") || name.includes("kubernetes.io/");
/** Source: IsExtendedResourceName. */
export const isExtendedResource = (name: string): boolean => !isNativeResource(name) && !name.startsWith("requests.") && isQualifiedName(`requests.${name}`).length === 0;
/** Source: IsOvercommitAllowed. */
export const overcommits = (name: string): boolean => isNativeResource(name) && !isHugePages(name);
/** Source: IsIntegerResourceName. */
export const isIntegerResource = (name: string): boolean => INTEGER_RESOURCES.has(name) || isExtendedResource(name);

/** `Invalid value: ram: …`: the name's Go type prints itself without quotes. */
const invalidName = (field: string, name: string, detail: string): FieldError => invalidGo(field, name, detail);

/** Source: pkg/apis/core/validation/validation.go, validateResourceName. */
export function validateResourceName(errors: FieldError[], name: string, path: string): void {
  const messages = isQualifiedName(name);
  for (const message of messages) errors.push(invalidName(path, name, message));
  if (messages.length === 0 && !name.includes("/") && !STANDARD_RESOURCES.has(name) && !isQuotaHugePages(name)) {
    errors.push(invalidName(path, name, "must be a standard resource type or fully qualified"));
  }
}

/** Source: validateContainerResourceName. */
export function validateContainerResourceName(errors: FieldError[], name: string, path: string): void {
  validateResourceName(errors, name, path);
  if (!name.includes("/")) {
    if (!STANDARD_CONTAINER_RESOURCES.has(name) && !isHugePages(name)) errors.push(invalidName(path, name, "must be a standard resource for containers"));
  } else if (!isNativeResource(name) && !isExtendedResource(name)) errors.push(invalidName(path, name, "doesn't follow extended resource name standard"));
}

/** Source: ValidateResourceQuantityValue. */
export function validateResourceQuantity(errors: FieldError[], name: string, text: string, path: string): void {
  const quantity = read(text);
  if (quantity.nanos < 0n) errors.push(invalid(path, text, NON_NEGATIVE));
  // Upstream looks at the thousandths, rounded up.
  if (isIntegerResource(name) && (quantity.nanos + 999_999n) / 1_000_000n % 1000n !== 0n) errors.push(invalidGo(path, goQuantity(text), "must be an integer"));
}

/** Source: ValidateContainerResourceRequirements, validateResourceRequirements. */
export function validateResources(errors: FieldError[], resources: ResourceRequirements | undefined, claimNames: ReadonlySet<string>, path: string): void {
  if (resources === undefined) return;
  const { limits = {}, requests = {} } = resources;
  for (const name of Object.keys(limits).sort()) {
    const at = `${path}.limits[${name}]`;
    validateContainerResourceName(errors, name, at);
    validateResourceQuantity(errors, name, limits[name] ?? "0", at);
    checkHugePages(errors, name, limits[name] ?? "0", at);
  }
  for (const name of Object.keys(requests).sort()) {
    const at = `${path}.requests[${name}]`;
    const request = requests[name] ?? "0";
    validateContainerResourceName(errors, name, at);
    validateResourceQuantity(errors, name, request, at);
    compareWithLimit(errors, name, request, own(limits, name), path);
    checkHugePages(errors, name, request, at);
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)];
  if (names.some(isHugePages) && !names.includes("cpu") && !names.includes("memory")) errors.push(forbidden(path, "HugePages require cpu or memory"));
  validateClaims(errors, resources, claimNames, `${path}.claims`);
}

function compareWithLimit(errors: FieldError[], name: string, request: string, limit: string | undefined, path: string): void {
  if (limit === undefined) {
    if (!overcommits(name)) errors.push(required(`${path}.limits`, "Limit must be set for non overcommitable resources"));
    return;
  }
  const order = compareQuantities(read(request), read(limit));
  if (order !== 0 && !overcommits(name)) errors.push(invalid(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`));
  else if (order > 0) errors.push(invalid(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`));
}

function checkHugePages(errors: FieldError[], name: string, text: string, path: string): void {
  if (!isHugePages(name)) return;
  const pageSize = parseQuantity(name.slice("hugepages-".length));
  const divisible = pageSize.ok && pageSize.value.nanos > 0n && read(text).nanos % pageSize.value.nanos === 0n;
  if (!divisible) errors.push(invalid(path, text, `${text} is not positive integer multiple of ${name}`));
}

/** Source: validateResourceClaimNames. */
function validateClaims(errors: FieldError[], resources: ResourceRequirements, claimNames: ReadonlySet<string>, path: string): void {
  const seen = new Set<string>();
  resources.claims?.forEach(({ name }, index) => {
    const at = `${path}[${index}]`;
    if (name === "") return void errors.push(required(at));
    if (seen.has(name)) errors.push({ type: "FieldValueDuplicate", field: at, body: `Duplicate value: ${JSON.stringify(name)}` });
    seen.add(name);
    if (claimNames.has(name)) return;
    const known = claimNames.size === 0 ? " which is empty" : `: ${[...claimNames].sort().join(", ")}`;
    const error = notFoundField(at, name);
    errors.push({ ...error, body: `${error.body}: must be one of the names in pod.spec.resourceClaims${known}` });
  });
}
