import { type FieldError, invalid, notSupported, required } from "../../../apimachinery/field-error.ts";
import { isConfigMapKey, isDns1123Subdomain, isQualifiedName, isRelaxedEnvVarName, subdomainName } from "../../../apimachinery/names.ts";
import type { ConfigMapKeySelector, EnvFromSource, EnvVar, ObjectFieldSelector, ResourceFieldSelector } from "../../generated/types.ts";
import { addInvalid } from "../../shared/checks.ts";

const ENV_FIELDS = [
  "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
] as const;
export const VOLUME_FIELDS = ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"] as const;
/** Names that a fieldPath can be at all. Source: pkg/apis/core/pods/helpers.go, ConvertDownwardAPIFieldLabel. */
const KNOWN_FIELDS = new Set<string>([
  ...ENV_FIELDS, ...VOLUME_FIELDS, "spec.host", "spec.restartPolicy", "spec.schedulerName", "status.phase", "status.nominatedNodeName",
]);
const RESOURCE_FIELDS = ["limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory"] as const;

/** Source: pkg/apis/core/validation/validation.go, ValidateEnv. */
export function validateEnv(errors: FieldError[], variables: readonly EnvVar[] | undefined, path: string): void {
  variables?.forEach((variable, index) => {
    const at = `${path}[${index}]`;
    if (variable.name === "") errors.push(required(`${at}.name`));
    else addInvalid(errors, `${at}.name`, variable.name, isRelaxedEnvVarName(variable.name));
    validateValueFrom(errors, variable, `${at}.valueFrom`);
  });
}

/** Source: validateEnvVarValueFrom. */
function validateValueFrom(errors: FieldError[], variable: EnvVar, path: string): void {
  const from = variable.valueFrom;
  if (from === undefined) return;
  let sources = 0;
  if (from.fieldRef !== undefined) {
    sources += 1;
    validateFieldRef(errors, from.fieldRef, ENV_FIELDS, `${path}.fieldRef`);
  }
  if (from.resourceFieldRef !== undefined) {
    sources += 1;
    validateResourceFieldRef(errors, from.resourceFieldRef, false, `${path}.resourceFieldRef`);
  }
  if (from.configMapKeyRef !== undefined) {
    sources += 1;
    validateKeySelector(errors, from.configMapKeyRef, `${path}.configMapKeyRef`);
  }
  if (from.secretKeyRef !== undefined) {
    sources += 1;
    validateKeySelector(errors, from.secretKeyRef, `${path}.secretKeyRef`);
  }
  if (sources === 0) errors.push(invalid(path, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"));
  else if ((variable.value ?? "") !== "") errors.push(invalid(path, "", "may not be specified when `value` is not empty"));
  else if (sources > 1) errors.push(invalid(path, "", "may not have more than one field specified at a time"));
}

const SUBSCRIPTED = /^([^[]+)\['(.*)'\]$/;

/** Source: validateObjectFieldSelector, fieldpath.SplitMaybeSubscriptedPath. */
export function validateFieldRef(errors: FieldError[], ref: ObjectFieldSelector, allowed: readonly string[], path: string): void {
  if ((ref.apiVersion ?? "") === "") return void errors.push(required(`${path}.apiVersion`));
  if (ref.fieldPath === "") return void errors.push(required(`${path}.fieldPath`));
  const [, base, subscript = ""] = SUBSCRIPTED.exec(ref.fieldPath) ?? [];
  const name = base ?? ref.fieldPath;
  const converts = ref.apiVersion === "v1" && (base === undefined ? KNOWN_FIELDS.has(name) : name === "metadata.annotations" || name === "metadata.labels");
  if (!converts) {
    const problem = ref.apiVersion === "v1" ? (base === undefined ? `field label not supported: ${ref.fieldPath}` : `field label does not support subscript: ${ref.fieldPath}`) : `unsupported pod version: ${ref.apiVersion}`;
    return void errors.push(invalid(`${path}.fieldPath`, ref.fieldPath, `error converting fieldPath: ${problem}`));
  }
  if (base !== undefined) addInvalid(errors, path, name === "metadata.annotations" ? subscript.toLowerCase() : subscript, isQualifiedName(name === "metadata.annotations" ? subscript.toLowerCase() : subscript));
  else if (!allowed.includes(name)) errors.push(notSupported(`${path}.fieldPath`, name, [...allowed].sort()));
}

const MEMORY_DIVISORS = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/** Source: validateContainerResourceFieldSelector, validateContainerResourceDivisor. */
export function validateResourceFieldRef(errors: FieldError[], ref: ResourceFieldSelector, inVolume: boolean, path: string): void {
  const hugePages = /^(?:requests|limits)\.hugepages-/.test(ref.resource);
  if (inVolume && (ref.containerName ?? "") === "") errors.push(required(`${path}.containerName`));
  else if (ref.resource === "") errors.push(required(`${path}.resource`));
  else if (!(RESOURCE_FIELDS as readonly string[]).includes(ref.resource) && !hugePages) errors.push(notSupported(`${path}.resource`, ref.resource, RESOURCE_FIELDS));
  const divisor = ref.divisor ?? "0";
  if (divisor === "0") return;
  const of = ref.resource.replace(/^(?:requests|limits)\./, "");
  const wrongMemory = !MEMORY_DIVISORS.includes(divisor);
  const complain = (values: string, what: string): void => void errors.push(invalid(`${path}.divisor`, ref.resource, `only divisor's values ${values} are supported with the ${what} resource`));
  if (of === "cpu" && divisor !== "1m" && divisor !== "1") complain("1m and 1", "cpu");
  if (of === "memory" && wrongMemory) complain(MEMORY_DIVISORS.join(", "), "memory");
  if (of === "ephemeral-storage" && wrongMemory) complain(MEMORY_DIVISORS.join(", "), "local ephemeral storage");
  if (hugePages && wrongMemory) complain(MEMORY_DIVISORS.join(", "), "hugepages");
}

/** Source: validateConfigMapKeySelector, validateSecretKeySelector. */
function validateKeySelector(errors: FieldError[], selector: ConfigMapKeySelector, path: string): void {
  addInvalid(errors, `${path}.name`, selector.name ?? "", isDns1123Subdomain(selector.name ?? ""));
  if (selector.key === "") errors.push(required(`${path}.key`));
  else addInvalid(errors, `${path}.key`, selector.key, isConfigMapKey(selector.key));
}

/** Source: ValidateEnvFrom. The last two errors name the list, not the entry. */
export function validateEnvFrom(errors: FieldError[], sources: readonly EnvFromSource[] | undefined, path: string): void {
  sources?.forEach(({ prefix = "", configMapRef, secretRef }, index) => {
    const at = `${path}[${index}]`;
    if (prefix !== "") addInvalid(errors, `${at}.prefix`, prefix, isRelaxedEnvVarName(prefix));
    for (const [name, ref] of [["configMapRef", configMapRef], ["secretRef", secretRef]] as const) {
      if (ref === undefined) continue;
      if ((ref.name ?? "") === "") errors.push(required(`${at}.${name}.name`));
      else addInvalid(errors, `${at}.${name}.name`, ref.name, subdomainName(ref.name ?? "", true));
    }
    if (configMapRef === undefined && secretRef === undefined) errors.push(invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"));
    else if (configMapRef !== undefined && secretRef !== undefined) errors.push(invalid(path, "", "may not have more than one field specified at a time"));
  });
}
