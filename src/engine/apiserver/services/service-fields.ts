import { type FieldError, invalid } from "../../apimachinery/field-error.ts";
import { deepEqual } from "../../apimachinery/deep.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { ServicePort, ServiceSpec } from "../../kinds/generated/types.ts";
import { withFields } from "../../kinds/shared/ordered.ts";

/*
 * Which fields of a Service go with its type, and what an update carries over.
 * Source: pkg/registry/core/service/storage/{storage,alloc}.go; pkg/registry/core/service/strategy.go, dropTypeDependentFields.
 */

type Spec = ServiceSpec | undefined;
const SPEC = "core/v1.ServiceSpec";

const hasClusterIpType = (spec: ServiceSpec): boolean => spec.type === undefined || spec.type === "ClusterIP" || spec.type === "NodePort" || spec.type === "LoadBalancer";

export const isHeadless = (spec: ServiceSpec): boolean => spec.clusterIP === "None" || spec.clusterIPs?.[0] === "None";
export const needsClusterIp = (spec: ServiceSpec): boolean => hasClusterIpType(spec) && !isHeadless(spec);
export const needsNodePort = (spec: ServiceSpec): boolean =>
  spec.type === "NodePort" || (spec.type === "LoadBalancer" && (spec.allocateLoadBalancerNodePorts ?? true));
export const needsHealthCheckPort = (spec: ServiceSpec): boolean => spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local";

function without<K extends keyof ServiceSpec>(spec: ServiceSpec, ...keys: K[]): ServiceSpec {
  const copy: Partial<Record<keyof ServiceSpec, unknown>> = { ...spec };
  for (const key of keys) delete copy[key];
  return copy as ServiceSpec;
}

/** Values that the server once allocated and the client left out. Source: patchAllocatedValues. */
export function carryAllocated(after: ServiceSpec, before: ServiceSpec): ServiceSpec {
  let spec = after;
  // A headless service keeps being headless in the same way.
  if (hasClusterIpType(before) && hasClusterIpType(after)) {
    if ((spec.clusterIP ?? "") === "" && before.clusterIP !== undefined) spec = { ...spec, clusterIP: before.clusterIP };
    if ((spec.clusterIPs ?? []).length === 0 && spec.clusterIP === before.clusterIP && before.clusterIPs !== undefined) spec = { ...spec, clusterIPs: before.clusterIPs };
  }
  if (needsNodePort(before) && needsNodePort(after)) spec = { ...spec, ports: carryNodePorts(spec.ports ?? [], before.ports ?? []) };
  if (needsHealthCheckPort(before) && needsHealthCheckPort(after) && (spec.healthCheckNodePort ?? 0) === 0 && before.healthCheckNodePort !== undefined) {
    spec = { ...spec, healthCheckNodePort: before.healthCheckNodePort };
  }
  return spec;
}

function carryNodePorts(after: readonly ServicePort[], before: readonly ServicePort[]): ServicePort[] {
  const kept = new Set(after.map((p) => p.nodePort ?? 0));
  const used = new Set(before.map((p) => p.nodePort ?? 0).filter((n) => n !== 0 && kept.has(n)));
  const byName = new Map(before.map((p) => [p.name ?? "", p.nodePort ?? 0]));
  return after.map((port) => {
    const old = byName.get(port.name ?? "") ?? 0;
    if ((port.nodePort ?? 0) !== 0 || old === 0 || used.has(old)) return port;
    used.add(old);
    return { ...port, nodePort: old };
  });
}

/** Brings `clusterIP` and `clusterIPs` in step. Source: normalizeClusterIPs. */
export function normalizeClusterIps(after: ServiceSpec, before: Spec): ServiceSpec {
  const ip = after.clusterIP ?? "";
  if (before === undefined) return ip !== "" && (after.clusterIPs ?? []).length === 0 ? { ...after, clusterIPs: [ip] } : after;
  if (ip === (before.clusterIP ?? "") || !deepEqual(after.clusterIPs ?? [], before.clusterIPs ?? [])) return after;
  return ip === "" ? without(after, "clusterIPs") : { ...after, clusterIPs: [ip] };
}

/** Fields that go when the type that needed them goes and the client did not touch them. */
export function dropTypeDependent(after: ServiceSpec, before: ServiceSpec): ServiceSpec {
  let spec = after;
  if (needsClusterIp(before) && !hasClusterIpType(after) && after.clusterIP === before.clusterIP) {
    spec = without(spec, "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy");
  }
  if (needsNodePort(before) && !needsNodePort(after)) spec = { ...spec, ports: dropNodePorts(spec.ports ?? [], before.ports ?? []) };
  if (needsHealthCheckPort(before) && !needsHealthCheckPort(after) && after.healthCheckNodePort === before.healthCheckNodePort) spec = without(spec, "healthCheckNodePort");
  if (before.type === "LoadBalancer" && after.type !== "LoadBalancer") {
    if (after.allocateLoadBalancerNodePorts === before.allocateLoadBalancerNodePorts) spec = without(spec, "allocateLoadBalancerNodePorts");
    if (after.loadBalancerClass === before.loadBalancerClass) spec = without(spec, "loadBalancerClass");
  }
  const exposed = (s: ServiceSpec): boolean => s.type === "NodePort" || s.type === "LoadBalancer" || (s.externalIPs ?? []).length > 0;
  if (exposed(before) && !exposed(after) && after.externalTrafficPolicy === before.externalTrafficPolicy) spec = without(spec, "externalTrafficPolicy");
  return spec;
}

function dropNodePorts(after: readonly ServicePort[], before: readonly ServicePort[]): ServicePort[] {
  const old = new Set(before.map((p) => p.nodePort ?? 0));
  return after.map((port) => {
    if (!old.has(port.nodePort ?? 0)) return port;
    const copy: { -readonly [K in keyof ServicePort]: ServicePort[K] } = { ...port };
    delete copy.nodePort;
    return copy;
  });
}

/** Address families of an IPv4 cluster. Source: initIPFamilyFields. */
export function initFamilies(spec: ServiceSpec, before: Spec): Result<ServiceSpec, FieldError> {
  if (spec.type === "ExternalName") return ok(spec);
  const policy = spec.ipFamilyPolicy;
  const families = spec.ipFamilies ?? [];
  const selectorless = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  if (selectorless) {
    if (policy === undefined && families.length === 0) return ok(withFields(SPEC, spec, { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv4", "IPv6"] }));
    return ok(withFields(SPEC, spec, { ipFamilyPolicy: policy ?? "SingleStack", ipFamilies: families.length > 0 ? families : ["IPv4"] }));
  }
  const isNew = before === undefined || !deepEqual(before.ipFamilies, spec.ipFamilies) || before.ipFamilyPolicy !== policy;
  if (isNew && policy === "RequireDualStack") return err(invalid("spec.ipFamilyPolicy", policy, "this cluster is not configured for dual-stack services"));
  const foreign = families.findIndex((family) => family !== "IPv4");
  if (isNew && foreign >= 0 && policy !== "PreferDualStack") return err(invalid(`spec.ipFamilies[${foreign}]`, families[foreign], "not configured on this cluster"));
  return ok(withFields(SPEC, spec, { ipFamilies: families.length > 0 ? families.filter((f) => f === "IPv4") : ["IPv4"], ipFamilyPolicy: policy ?? "SingleStack" }));
}
