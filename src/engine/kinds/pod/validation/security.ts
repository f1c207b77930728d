import { duplicate, type FieldError, forbidden, invalid, notSupported, required, tooLong } from "../../../apimachinery/field-error.ts";
import type { AppArmorProfile, PodSecurityContext, PodSpec, SeccompProfile, SecurityContext } from "../../generated/types.ts";
import { checkOptionalOneOf, inclusiveRange, MAX_INT32 } from "../../shared/checks.ts";
import { checkLocalDescendingPath } from "./paths.ts";

const PROFILE_TYPES = ["Localhost", "RuntimeDefault", "Unconfined"] as const;
const MAX_PROFILE_PATH = 4095;
const MAX_SYSCTL = 253;
const SYSCTL_FORMAT = "([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const SYSCTL = new RegExp(`^${SYSCTL_FORMAT}$`);

function checkId(errors: FieldError[], field: string, id: number | undefined): void {
  if (id !== undefined && (id < 0 || id > MAX_INT32)) errors.push(invalid(field, id, inclusiveRange(0, MAX_INT32)));
}

/** Source: pkg/apis/core/validation/validation.go, validatePodSpecSecurityContext. Differs: Windows options are not looked at. */
export function validatePodSecurityContext(errors: FieldError[], spec: PodSpec, path: string): void {
  const context = spec.securityContext;
  if (context === undefined) return;
  checkId(errors, `${path}.fsGroup`, context.fsGroup);
  checkId(errors, `${path}.runAsUser`, context.runAsUser);
  checkId(errors, `${path}.runAsGroup`, context.runAsGroup);
  context.supplementalGroups?.forEach((group, index) => checkId(errors, `${path}.supplementalGroups[${index}]`, group));
  if (spec.shareProcessNamespace === true && spec.hostPID === true) errors.push(invalid(`${path}.shareProcessNamespace`, true, "ShareProcessNamespace and HostPID cannot both be enabled"));
  validateSysctls(errors, context, spec, `${path}.sysctls`);
  checkOptionalOneOf(errors, `${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, ["Always", "OnRootMismatch"]);
  validateSeccomp(errors, context.seccompProfile, `${path}.seccompProfile`);
  validateAppArmor(errors, context.appArmorProfile, `${path}.appArmorProfile`);
  checkOptionalOneOf(errors, `${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, ["Merge", "Strict"]);
  checkOptionalOneOf(errors, `${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, ["MountOption", "Recursive"]);
}

/** Source: validateSysctls, ValidateHostSysctl. */
function validateSysctls(errors: FieldError[], context: PodSecurityContext, spec: PodSpec, path: string): void {
  const seen = new Set<string>();
  context.sysctls?.forEach(({ name }, index) => {
    const at = `${path}[${index}].name`;
    if (name === "") errors.push(required(at));
    else if (name.length > MAX_SYSCTL || !SYSCTL.test(name)) errors.push(invalid(at, name, `must have at most ${MAX_SYSCTL} characters and match regex ^${SYSCTL_FORMAT}$`));
    else if (seen.has(name)) errors.push(duplicate(at, name));
    const plain = name.replaceAll("/", ".");
    if (spec.hostNetwork === true && plain.startsWith("net.")) errors.push(invalid(at, name, "may not be specified when 'hostNetwork' is true"));
    else if (spec.hostIPC === true && /^(?:kernel\.(?:shm|msg|sem)|fs\.mqueue\.)/.test(plain)) errors.push(invalid(at, name, "may not be specified when 'hostIPC' is true"));
    seen.add(name);
  });
}

/** Source: ValidateSecurityContext. */
export function validateSecurityContext(errors: FieldError[], context: SecurityContext | undefined, hostUsers: boolean, path: string): void {
  if (context === undefined) return;
  checkId(errors, `${path}.runAsUser`, context.runAsUser);
  checkId(errors, `${path}.runAsGroup`, context.runAsGroup);
  checkOptionalOneOf(errors, `${path}.procMount`, context.procMount, ["Default", "Unmasked"]);
  if (hostUsers && context.procMount === "Unmasked") errors.push(invalid(`${path}.procMount`, context.procMount, "`hostUsers` must be false to use `Unmasked`"));
  validateSeccomp(errors, context.seccompProfile, `${path}.seccompProfile`);
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged === true) errors.push(invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"));
    if (context.capabilities?.add?.includes("CAP_SYS_ADMIN") === true) errors.push(invalid(path, context, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN"));
  }
  validateAppArmor(errors, context.appArmorProfile, `${path}.appArmorProfile`);
}

/** Source: validateSeccompProfileField. */
function validateSeccomp(errors: FieldError[], profile: SeccompProfile | undefined, path: string): void {
  if (profile === undefined) return;
  if (profile.type === "") errors.push(required(`${path}.type`, "type is required when seccompProfile is set"));
  else if (!(PROFILE_TYPES as readonly string[]).includes(profile.type)) errors.push(notSupported(`${path}.type`, profile.type, PROFILE_TYPES));
  const file = profile.localhostProfile;
  if (profile.type === "Localhost") {
    if (file === undefined) errors.push(required(`${path}.localhostProfile`, "must be set when seccomp type is Localhost"));
    else checkLocalDescendingPath(errors, `${path}.localhostProfile`, file);
  } else if (file !== undefined) errors.push(invalid(`${path}.localhostProfile`, profile, "can only be set when seccomp type is Localhost"));
}

/** Source: ValidateAppArmorProfileField. */
function validateAppArmor(errors: FieldError[], profile: AppArmorProfile | undefined, path: string): void {
  if (profile === undefined) return;
  const file = profile.localhostProfile;
  const at = `${path}.localhostProfile`;
  if (profile.type === "Localhost") {
    if (file === undefined || file === "") errors.push(required(at, "must be set when AppArmor type is Localhost"));
    else if (file.trim() !== file) errors.push(invalid(at, file, "must not be padded with whitespace"));
    if ((file ?? "").length > MAX_PROFILE_PATH) errors.push(tooLong(at, MAX_PROFILE_PATH));
  } else if (profile.type === "RuntimeDefault" || profile.type === "Unconfined") {
    if (file !== undefined) errors.push(invalid(at, file, "can only be set when AppArmor type is Localhost"));
  } else if (profile.type === "") errors.push(required(`${path}.type`, "type is required when appArmorProfile is set"));
  else errors.push(notSupported(`${path}.type`, profile.type, PROFILE_TYPES));
}

/** A user namespace and the host's namespaces do not go together. Source: validateHostUsers. */
export function validateHostUsers(errors: FieldError[], spec: PodSpec, path: string): void {
  if (spec.hostUsers !== false) return;
  if (spec.hostNetwork === true) errors.push(forbidden(`${path}.hostNetwork`, "when `hostUsers` is false"));
  if (spec.hostPID === true) errors.push(forbidden(`${path}.HostPID`, "when `hostUsers` is false"));
  if (spec.hostIPC === true) errors.push(forbidden(`${path}.HostIPC`, "when `hostUsers` is false"));
}
