import { type FieldError, forbidden, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { dns1035Name } from "../../apimachinery/names.ts";
import { validateLabels, validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { ServiceObject, ServiceSpec } from "../generated/types.ts";
import { checkIp } from "../pod/validation/dns.ts";
import { addInvalid, checkOneOf, checkQualifiedName, checkSubdomain, IMMUTABLE } from "../shared/checks.ts";
import { endpointIpMessages, NOT_A_CIDR, parseCidr, parseIp } from "../shared/ip.ts";
import { isValidPortNumber } from "../../apimachinery/names.ts";
import { validateClusterIps, validateClusterIpsUpdate } from "./cluster-ips.ts";
import { isExternallyAccessible } from "./defaults.ts";
import { validateServicePorts } from "./port-validation.ts";

const TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"] as const;
const AFFINITIES = ["ClientIP", "None"] as const;
const TRAFFIC_POLICIES = ["Cluster", "Local"] as const;
const MAX_AFFINITY_SECONDS = 86_400;
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";
const TOPOLOGY_HINTS = "service.kubernetes.io/topology-aware-hints";
const TOPOLOGY_MODE = "service.kubernetes.io/topology-mode";
const SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges";

export const isHeadless = (spec: ServiceSpec): boolean => spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === "None";
const needsHealthCheck = (spec: ServiceSpec): boolean => spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";

/** Source: pkg/apis/core/validation/validation.go, ValidateServiceCreate. */
export function validateServiceCreate(service: ServiceObject): FieldError[] {
  const errors = validateObjectMeta(service.metadata, true, dns1035Name);
  validateService(errors, service);
  return errors;
}

/** Source: ValidateServiceUpdate. */
export function validateServiceUpdate(service: ServiceObject, stored: ServiceObject): FieldError[] {
  const errors = validateObjectMetaUpdate(service.metadata, stored.metadata);
  validateClusterIpsUpdate(errors, service.spec, stored.spec);
  const [before, after] = [stored.spec, service.spec];
  if (before.type === "LoadBalancer" && after.type === "LoadBalancer" && before.loadBalancerClass !== after.loadBalancerClass) errors.push(invalid("spec.loadBalancerClass", after.loadBalancerClass, "may not change once set"));
  validateLoadBalancerClass(errors, after);
  if (needsHealthCheck(before) && needsHealthCheck(after) && (before.healthCheckNodePort ?? 0) !== (after.healthCheckNodePort ?? 0)) errors.push(forbidden("spec.healthCheckNodePort", IMMUTABLE));
  validateService(errors, service);
  return errors;
}

/** Source: validateService. */
function validateService(errors: FieldError[], { metadata, spec }: ServiceObject): void {
  const hints = metadata.annotations?.[TOPOLOGY_HINTS];
  const mode = metadata.annotations?.[TOPOLOGY_MODE];
  if (hints !== undefined && mode !== undefined && hints !== mode) errors.push(invalid(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, `must match annotations[${TOPOLOGY_HINTS}] when both are specified`));
  const headless = isHeadless(spec);
  if ((spec.ports?.length ?? 0) === 0 && !headless && spec.type !== "ExternalName") errors.push(required("spec.ports"));
  if (headless && (spec.type === "LoadBalancer" || spec.type === "NodePort")) errors.push(invalid("spec.clusterIPs[0]", "None", `may not be set to 'None' for ${spec.type} services`));
  if (spec.type === "ExternalName") validateExternalName(errors, spec);
  validateServicePorts(errors, spec);
  if (spec.selector !== undefined) errors.push(...validateLabels(spec.selector, "spec.selector"));
  validateAffinity(errors, spec);
  validateClusterIps(errors, spec);
  spec.externalIPs?.forEach((ip, index) => {
    const at = `spec.externalIPs[${index}]`;
    if (parseIp(ip) === undefined) checkIp(errors, at, ip);
    else addInvalid(errors, at, ip, endpointIpMessages(ip));
  });
  checkOneOf(errors, "spec.type", spec.type, TYPES);
  validateNodePortsAllowed(errors, spec);
  validateSourceRanges(errors, spec, metadata.annotations?.[SOURCE_RANGES]);
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== "LoadBalancer") errors.push(forbidden("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER));
  if (spec.allocateLoadBalancerNodePorts === undefined && spec.type === "LoadBalancer") errors.push(required("allocateLoadBalancerNodePorts"));
  validateLoadBalancerClass(errors, spec);
  validateTrafficPolicies(errors, spec);
}

function validateExternalName(errors: FieldError[], spec: ServiceSpec): void {
  const text = "may not be set for ExternalName services";
  if ((spec.clusterIPs?.length ?? 0) > 0) errors.push(forbidden("spec.clusterIPs", text));
  if ((spec.ipFamilies?.length ?? 0) > 0) errors.push(forbidden("spec.ipFamilies", text));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden("spec.ipFamilyPolicy", text));
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") errors.push(required("spec.externalName"));
  else checkSubdomain(errors, "spec.externalName", name);
}

/** Source: validateClientIPAffinityConfig. */
function validateAffinity(errors: FieldError[], spec: ServiceSpec): void {
  checkOneOf(errors, "spec.sessionAffinity", spec.sessionAffinity, AFFINITIES);
  const config = spec.sessionAffinityConfig;
  const at = "spec.sessionAffinityConfig";
  if (spec.sessionAffinity === "None" && config !== undefined) errors.push(forbidden(at, "must not be set when session affinity is None"));
  if (spec.sessionAffinity !== "ClientIP") return;
  const detail = "when session affinity type is ClientIP";
  if (config === undefined) return void errors.push(required(at, detail));
  if (config.clientIP === undefined) return void errors.push(required(`${at}.clientIP`, detail));
  const seconds = config.clientIP.timeoutSeconds;
  if (seconds === undefined) errors.push(required(`${at}.clientIP.timeoutSeconds`, detail));
  else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) errors.push(invalid(`${at}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`));
}

function validateNodePortsAllowed(errors: FieldError[], spec: ServiceSpec): void {
  if (spec.type === "ClusterIP") {
    spec.ports?.forEach((port, index) => {
      if ((port.nodePort ?? 0) !== 0) errors.push(forbidden(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    });
  }
  const nodePorts = new Set<string>();
  const ports = new Set<string>();
  spec.ports?.forEach(({ protocol = "", nodePort = 0 }, index) => {
    if (nodePort === 0) return;
    if (nodePorts.has(`${protocol}/${nodePort}`)) errors.push({ type: "FieldValueDuplicate", field: `spec.ports[${index}].nodePort`, body: `Duplicate value: ${nodePort}` });
    nodePorts.add(`${protocol}/${nodePort}`);
  });
  spec.ports?.forEach(({ protocol = "", port }, index) => {
    if (ports.has(`${protocol}/${port}`)) {
      // Upstream prints the struct that it compares by.
      const key = `core.ServicePort{Name:"", Protocol:${JSON.stringify(protocol)}, AppProtocol:(*string)(nil), Port:${port}, TargetPort:intstr.IntOrString{Type:0, IntVal:0, StrVal:""}, NodePort:0}`;
      errors.push({ type: "FieldValueDuplicate", field: `spec.ports[${index}]`, body: `Duplicate value: ${key}` });
    }
    ports.add(`${protocol}/${port}`);
  });
}

function validateSourceRanges(errors: FieldError[], spec: ServiceSpec, annotation: string | undefined): void {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const fromAnnotation = ranges.length === 0 && annotation !== undefined;
  if (ranges.length === 0 && !fromAnnotation) return;
  const at = fromAnnotation ? `metadata.annotations[${SOURCE_RANGES}]` : "spec.LoadBalancerSourceRanges";
  if (spec.type !== "LoadBalancer") errors.push(forbidden(at, ONLY_LOAD_BALANCER));
  const values = fromAnnotation ? annotation.trim().split(",").filter((value) => value !== "") : ranges;
  values.map((value) => value.trim()).forEach((value, index) => {
    if (parseCidr(value) === undefined) errors.push(invalid(fromAnnotation ? at : `${at}[${index}]`, value, NOT_A_CIDR));
  });
}

/** Source: validateLoadBalancerClassField. */
function validateLoadBalancerClass(errors: FieldError[], spec: ServiceSpec): void {
  if (spec.loadBalancerClass === undefined) return;
  if (spec.type === "LoadBalancer") checkQualifiedName(errors, "spec.loadBalancerClass", spec.loadBalancerClass);
  else errors.push(forbidden("spec.loadBalancerClass", ONLY_LOAD_BALANCER));
}

/** Source: validateServiceExternalTrafficPolicy, validateServiceInternalTrafficFieldsValue, validateServiceTrafficDistribution. */
function validateTrafficPolicies(errors: FieldError[], spec: ServiceSpec): void {
  const external = spec.externalTrafficPolicy ?? "";
  if (isExternallyAccessible(spec)) checkOneOf(errors, "spec.externalTrafficPolicy", external, TRAFFIC_POLICIES);
  else if (external !== "") errors.push(invalid("spec.externalTrafficPolicy", external, "may only be set for externally-accessible services"));
  const healthPort = spec.healthCheckNodePort ?? 0;
  if (!needsHealthCheck(spec)) {
    if (healthPort !== 0) errors.push(invalid("spec.healthCheckNodePort", healthPort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"));
  } else if (healthPort === 0) errors.push(required("spec.healthCheckNodePort"));
  else addInvalid(errors, "spec.healthCheckNodePort", healthPort, isValidPortNumber(healthPort));
  const internal = spec.internalTrafficPolicy;
  if (internal === undefined && spec.type !== "ExternalName" && (TYPES as readonly string[]).includes(spec.type ?? "")) errors.push(required("spec.internalTrafficPolicy"));
  if (internal !== undefined && !(TRAFFIC_POLICIES as readonly string[]).includes(internal)) errors.push(notSupported("spec.internalTrafficPolicy", internal, TRAFFIC_POLICIES));
  if (spec.trafficDistribution !== undefined && spec.trafficDistribution !== "PreferClose") errors.push(notSupported("spec.trafficDistribution", spec.trafficDistribution, ["PreferClose"]));
}

/** Source: ValidateServiceStatusUpdate, ValidateLoadBalancerStatus. */
export function validateServiceStatusUpdate(service: ServiceObject, stored: ServiceObject): FieldError[] {
  const errors = validateObjectMetaUpdate(service.metadata, stored.metadata);
  const at = "status.loadBalancer.ingress";
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  if (service.spec.type !== "LoadBalancer" && ingress.length > 0) return [...errors, forbidden(at, "may only be used when `spec.type` is 'LoadBalancer'")];
  ingress.forEach(({ ip = "", hostname = "", ipMode }, index) => {
    if (ip !== "") checkIp(errors, `${at}[${index}].ip`, ip);
    if (ipMode === undefined && ip !== "") errors.push(required(`${at}[${index}].ipMode`, "must be specified when `ip` is set"));
    else if (ipMode !== undefined && ip === "") errors.push(forbidden(`${at}[${index}].ipMode`, "may not be specified when `ip` is not set"));
    else if (ipMode !== undefined && ipMode !== "VIP" && ipMode !== "Proxy") errors.push(notSupported(`${at}[${index}].ipMode`, ipMode, ["Proxy", "VIP"]));
    if (hostname === "") return;
    checkSubdomain(errors, `${at}[${index}].hostname`, hostname);
    if (parseIp(hostname) !== undefined) errors.push(invalid(`${at}[${index}].hostname`, hostname, "must be a DNS name, not an IP address"));
  });
  return errors;
}
