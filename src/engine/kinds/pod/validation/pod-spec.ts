import { type FieldError, forbidden, invalid, notSupported, required } from "../../../apimachinery/field-error.ts";
import { subdomainName } from "../../../apimachinery/names.ts";
import { validateLabels } from "../../../apimachinery/object-meta.ts";
import type { ObjectMeta, PodSpec } from "../../generated/types.ts";
import { addInvalid, checkLabel, checkOneOf, checkQualifiedName, inclusiveRange, MAX_INT32 } from "../../shared/checks.ts";
import { validateAffinity } from "./affinity.ts";
import { validateContainers, validateEphemeralContainers, validateInitContainers } from "./containers.ts";
import { validateDnsConfig, validateHostAliases } from "./dns.ts";
import { validateResources } from "./resources.ts";
import { validateSchedulingGates, validateTolerations, validateTopologySpread } from "./scheduling.ts";
import { validateHostUsers, validatePodSecurityContext } from "./security.ts";
import { validateVolumes } from "./volumes.ts";

export const RESTART_POLICIES = ["Always", "OnFailure", "Never"] as const;
const DNS_POLICIES = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"] as const;
const NO_CLAIMS: ReadonlySet<string> = new Set();

/**
 * `podMeta` is undefined for a template's spec, which is let off some checks.
 * Source: pkg/apis/core/validation/validation.go, ValidatePodSpec. Differs: Windows pods and pod-level resources (off in 1.33) are not looked at.
 */
export function validatePodSpec(errors: FieldError[], spec: PodSpec, podMeta: ObjectMeta | undefined, path: string): void {
  if (spec.terminationGracePeriodSeconds === undefined) errors.push(required(`${path}.terminationGracePeriodSeconds`));
  const volumes = validateVolumes(errors, spec.volumes, podMeta, `${path}.volumes`);
  const claimNames = spec.resourceClaims === undefined ? NO_CLAIMS : new Set(spec.resourceClaims.map((claim) => claim.name));
  const scope = { spec, volumes, claimNames };
  validateContainers(errors, scope, `${path}.containers`);
  validateInitContainers(errors, scope, `${path}.initContainers`);
  validateEphemeralContainers(errors, scope, `${path}.ephemeralContainers`);
  validateHostNetworkPorts(errors, spec, podMeta !== undefined, `${path}.containers`);
  checkOneOf(errors, `${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES);
  checkOneOf(errors, `${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES);
  errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`));
  validatePodSecurityContext(errors, spec, `${path}.securityContext`);
  validateAffinity(errors, spec.affinity, `${path}.affinity`);
  validateDnsConfig(errors, spec.dnsConfig, spec.dnsPolicy, `${path}.dnsConfig`);
  spec.readinessGates?.forEach((gate, index) => checkQualifiedName(errors, `${path}.readinessGates[${index}].conditionType`, gate.conditionType));
  validateSchedulingGates(errors, spec.schedulingGates, `${path}.schedulingGates`);
  validateTopologySpread(errors, spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`);
  validateHostUsers(errors, spec, path);
  validateNames(errors, spec, path);
}

/** The second half of ValidatePodSpec: names, numbers and small lists. */
function validateNames(errors: FieldError[], spec: PodSpec, path: string): void {
  const name = (field: "serviceAccountName" | "nodeName" | "priorityClassName" | "runtimeClassName"): void => {
    const value = spec[field] ?? "";
    if (value !== "") addInvalid(errors, `${path}.${field}`, value, subdomainName(value, false));
  };
  name("serviceAccountName");
  name("nodeName");
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > MAX_INT32)) errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, inclusiveRange(1, MAX_INT32)));
  if ((spec.hostname ?? "") !== "") checkLabel(errors, `${path}.hostname`, spec.hostname ?? "");
  if ((spec.subdomain ?? "") !== "") checkLabel(errors, `${path}.subdomain`, spec.subdomain ?? "");
  validateTolerations(errors, spec.tolerations, `${path}.tolerations`);
  validateHostAliases(errors, spec.hostAliases, `${path}.hostAliases`);
  name("priorityClassName");
  if (spec.runtimeClassName === "") addInvalid(errors, `${path}.runtimeClassName`, "", subdomainName("", false));
  else name("runtimeClassName");
  if (spec.preemptionPolicy !== undefined) checkOneOf(errors, `${path}.preemptionPolicy`, spec.preemptionPolicy, ["PreemptLowerPriority", "Never"]);
  if (spec.overhead !== undefined) validateResources(errors, { limits: spec.overhead }, NO_CLAIMS, `${path}.overhead`);
  if (spec.os !== undefined) validateOs(errors, spec, path);
}

/** Source: validatePodHostNetworkDeps. A template may leave host ports out: they are set when the pod is made. */
function validateHostNetworkPorts(errors: FieldError[], spec: PodSpec, isPod: boolean, path: string): void {
  if (spec.hostNetwork !== true) return;
  spec.containers?.forEach((container, containerIndex) => container.ports?.forEach(({ hostPort = 0, containerPort }, portIndex) => {
    if ((isPod || hostPort !== 0) && hostPort !== containerPort) errors.push(invalid(`${path}[${containerIndex}].ports[${portIndex}].hostPort`, hostPort, "must match `containerPort` when `hostNetwork` is true"));
  }));
}

/** Source: validateOS, validateLinux. */
function validateOs(errors: FieldError[], spec: PodSpec, path: string): void {
  const os = spec.os?.name ?? "";
  if (os === "") return void errors.push(required(`${path}.os.name`));
  if (os !== "linux" && os !== "windows") return void errors.push(notSupported(`${path}.os`, os, ["linux", "windows"]));
  if (os !== "linux") return;
  const text = "windows options cannot be set for a linux pod";
  if (spec.securityContext?.windowsOptions !== undefined) errors.push(forbidden(`${path}.securityContext.windowsOptions`, text));
  for (const list of ["initContainers", "containers", "ephemeralContainers"] as const) {
    spec[list]?.forEach((container, index) => {
      if (container.securityContext?.windowsOptions !== undefined) errors.push(forbidden(`${path}.${list}[${index}].securityContext.windowsOptions`, text));
    });
  }
}
