import type { LoadBalancerIngress, ServiceObject, ServicePort, ServiceSpec, ServiceStatus } from "../generated/types.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";

const CLIENT_IP_SECONDS = 10_800;
const WITH_CLUSTER_IP = new Set(["ClusterIP", "NodePort", "LoadBalancer"]);

/** Reachable from outside. Source: pkg/api/service/util.go, ExternallyAccessible. */
export const isExternallyAccessible = (spec: ServiceSpec): boolean => spec.type === "LoadBalancer" || spec.type === "NodePort" || (spec.type === "ClusterIP" && (spec.externalIPs?.length ?? 0) > 0);

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_Service. Addresses and node ports are allocated elsewhere. */
export function defaultService(service: ServiceObject): ServiceObject {
  const spec = defaultSpec(service.spec);
  const status = defaultStatus(service.status);
  return spec === service.spec && status === service.status ? service : { ...service, spec, ...(status === undefined ? {} : { status }) };
}

function defaultSpec(spec: ServiceSpec): ServiceSpec {
  const sessionAffinity = spec.sessionAffinity || "None";
  const type = spec.type || "ClusterIP";
  const external = isExternallyAccessible({ ...spec, type });
  return withFields("core/v1.ServiceSpec", spec, {
    type,
    sessionAffinity,
    sessionAffinityConfig: affinityConfig(spec, sessionAffinity),
    ports: mapChanged(spec.ports, defaultPort),
    externalTrafficPolicy: spec.externalTrafficPolicy || (external ? "Cluster" : undefined),
    internalTrafficPolicy: spec.internalTrafficPolicy ?? (WITH_CLUSTER_IP.has(type) ? "Cluster" : undefined),
    allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ?? (type === "LoadBalancer" ? true : undefined),
  });
}

/** The configuration of the client-address affinity goes with it. */
function affinityConfig(spec: ServiceSpec, affinity: string): ServiceSpec["sessionAffinityConfig"] {
  if (affinity === "None") return undefined;
  const config = spec.sessionAffinityConfig;
  if (affinity !== "ClientIP" || config?.clientIP?.timeoutSeconds !== undefined) return config;
  return { clientIP: { timeoutSeconds: CLIENT_IP_SECONDS } };
}

const unset = (port: number | string | undefined): boolean => port === undefined || port === 0 || port === "";
const defaultPort = (port: ServicePort): ServicePort => withFields("core/v1.ServicePort", port, { protocol: port.protocol || "TCP", targetPort: unset(port.targetPort) ? port.port : port.targetPort });

/** Source: SetDefaults_Service, ipMode of load-balancer addresses. */
function defaultStatus(status: ServiceStatus | undefined): ServiceStatus | undefined {
  const ingress = status?.loadBalancer?.ingress;
  const changed = mapChanged(ingress, (entry: LoadBalancerIngress) => ((entry.ip ?? "") !== "" ? withFields("core/v1.LoadBalancerIngress", entry, { ipMode: entry.ipMode ?? "VIP" }) : entry));
  return changed === ingress || status === undefined ? status : { ...status, loadBalancer: { ...status.loadBalancer, ...(changed === undefined ? {} : { ingress: changed }) } };
}
