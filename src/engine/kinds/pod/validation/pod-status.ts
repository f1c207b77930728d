import { type FieldError, forbidden, invalid } from "../../../apimachinery/field-error.ts";
import { isQualifiedName, subdomainName } from "../../../apimachinery/names.ts";
import { validateObjectMetaUpdate } from "../../../apimachinery/object-meta.ts";
import type { ContainerStatus, PodObject, PodSpec } from "../../generated/types.ts";
import { addInvalid, IMMUTABLE } from "../../shared/checks.ts";
import { parseIp } from "../../shared/ip.ts";
import { checkIp } from "./dns.ts";
import { validateAnnotationUpdates } from "./pod-update.ts";

const SYSTEM_CONDITIONS = new Set(["PodScheduled", "Ready", "Initialized"]);

/** Source: pkg/apis/core/validation/validation.go, ValidatePodStatusUpdate. */
export function validatePodStatusUpdate(pod: PodObject, stored: PodObject): FieldError[] {
  const errors = validateObjectMetaUpdate(pod.metadata, stored.metadata);
  const status = pod.status ?? {};
  const before = stored.status ?? {};
  if (pod.metadata.annotations !== stored.metadata.annotations) validateAnnotationUpdates(errors, pod, stored);
  status.conditions?.forEach(({ type }, index) => {
    if (!SYSTEM_CONDITIONS.has(type)) addInvalid(errors, `status.conditions[${index}].Type`, type, isQualifiedName(type));
  });
  if ((pod.spec.nodeName ?? "") !== (stored.spec.nodeName ?? "")) errors.push(forbidden("status.nodeName", "may not be changed directly"));
  const nominated = status.nominatedNodeName ?? "";
  if (nominated !== "" && nominated !== before.nominatedNodeName) addInvalid(errors, "status.nominatedNodeName", nominated, subdomainName(nominated, false));
  if ((status.observedGeneration ?? 0) < 0) errors.push(invalid("status.observedGeneration", status.observedGeneration, "must be a non-negative integer"));
  if ((status.qosClass ?? "") !== (before.qosClass ?? "")) errors.push(invalid("status.qosClass", status.qosClass ?? "", IMMUTABLE));
  validateTransitions(errors, status.containerStatuses, before.containerStatuses, stored.spec, false, "status.containerStatuses");
  validateTransitions(errors, status.initContainerStatuses, before.initContainerStatuses, stored.spec, true, "status.initContainerStatuses");
  validatePodIps(errors, status.podIPs?.map((entry) => entry.ip) ?? [], "status.podIPs");
  const hostIps = status.hostIPs?.map((entry) => entry.ip) ?? [];
  if (hostIps.length > 0 && (status.hostIP ?? "") !== hostIps[0]) errors.push(invalid("status.hostIPs[0].ip", hostIps[0], "must be equal to `hostIP`"));
  validatePodIps(errors, hostIps, "status.hostIPs");
  return errors;
}

/** A container that is over stays over, unless the pod restarts it. Source: ValidateContainerStateTransition, ValidateInitContainerStateTransition. */
function validateTransitions(errors: FieldError[], next: readonly ContainerStatus[] | undefined, before: readonly ContainerStatus[] | undefined, spec: PodSpec, init: boolean, path: string): void {
  if (next === before || spec.restartPolicy === "Always") return;
  before?.forEach((old, index) => {
    const over = old.state?.terminated;
    if (over === undefined || (over.exitCode !== 0 && spec.restartPolicy === "OnFailure")) return;
    if (init && spec.initContainers?.some((container) => container.name === old.name && container.restartPolicy === "Always") === true) return;
    const now = next?.find((status) => status.name === old.name);
    if (now !== undefined && now.state?.terminated === undefined) errors.push(forbidden(`${path}[${index}].state`, "may not be transitioned to non-terminated state"));
  });
}

function validatePodIps(errors: FieldError[], ips: readonly string[], path: string): void {
  ips.forEach((ip, index) => checkIp(errors, `${path}[${index}]`, ip));
  const families = new Set(ips.map((ip) => parseIp(ip)?.family));
  if (ips.length > 1 && (families.size !== 2 || ips.length > 2)) errors.push(invalid(path, ips.map((ip) => ({ ip })), "may specify no more than one IP for each IP family"));
}
