import type { ServiceObject } from "../generated/types.ts";
import { parseIp } from "../shared/ip.ts";
import { isHeadless } from "./validation.ts";

/** Source: pkg/api/service/warnings.go, GetWarningsForService. */
export function serviceWarnings(service: ServiceObject): string[] {
  const { spec, metadata } = service;
  const out: string[] = [];
  if (metadata.annotations?.["service.kubernetes.io/topology-aware-hints"] !== undefined) out.push("metadata.annotations[service.kubernetes.io/topology-aware-hints]: deprecated in v1.27+; use service.kubernetes.io/topology-mode instead");
  const warnIp = (at: string, ip: string): void => {
    if (/^\d+(?:\.\d+){3}$/.test(ip) && ip.split(".").some((part) => part.length > 1 && part.startsWith("0")) && parseIp(ip) !== undefined) {
      out.push(`${at}: non-standard IP address ${JSON.stringify(ip)} will be considered invalid in a future Kubernetes release: use ${JSON.stringify(ip.split(".").map(Number).join("."))}`);
    }
  };
  if (!isHeadless(spec)) spec.clusterIPs?.forEach((ip, index) => warnIp(`spec.clusterIPs[${index}]`, ip));
  spec.externalIPs?.forEach((ip, index) => warnIp(`spec.externalIPs[${index}]`, ip));
  if (spec.type === "ExternalName" && (spec.externalIPs?.length ?? 0) > 0) out.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (spec.type !== "ExternalName" && (spec.externalName ?? "") !== "") out.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (isHeadless(spec) && spec.sessionAffinity !== undefined && spec.sessionAffinity !== "None") out.push('spec.SessionAffinity is ignored for headless services');
  return out;
}
