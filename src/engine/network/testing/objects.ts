import type { EndpointSliceObject, ServiceObject } from "../../kinds/generated/types.ts";

export interface TestPort {
  readonly name?: string;
  readonly port: number;
  readonly targetPort: number;
  readonly protocol: string;
  readonly nodePort?: number;
}

export interface TestEndpoint {
  readonly ip: string;
  readonly node: string;
  readonly ready?: boolean;
  readonly serving?: boolean;
  readonly terminating?: boolean;
  readonly zones?: readonly string[];
  readonly nodes?: readonly string[];
  readonly hostname?: string;
}

export interface TestService {
  readonly name: string;
  readonly clusterIP?: string;
  readonly type?: string;
  readonly ports: readonly TestPort[];
  readonly sessionAffinity?: string;
  readonly externalTrafficPolicy?: string;
  readonly internalTrafficPolicy?: string;
  readonly healthCheckNodePort?: number;
  readonly externalIPs?: readonly string[];
  readonly loadBalancerSourceRanges?: readonly string[];
  readonly externalName?: string;
  readonly vips?: readonly string[];
}

/** A Service as the API server stores it, as far as the network reads it. */
export function service(namespace: string, { name, vips = [], ...spec }: TestService): ServiceObject {
  return {
    apiVersion: "v1", kind: "Service", metadata: { namespace, name }, spec: { type: "ClusterIP", ...spec },
    status: { loadBalancer: vips.length === 0 ? {} : { ingress: vips.map((ip) => ({ ip, ipMode: "VIP" })) } },
  };
}

/** One slice of a Service. */
export function endpointSlice(namespace: string, name: string, ports: readonly TestPort[], endpoints: readonly TestEndpoint[], options: { readonly suffix?: string; readonly headless?: boolean } = {}): EndpointSliceObject {
  return {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
    metadata: { namespace, name: `${name}-${options.suffix ?? "abcde"}`, labels: { "kubernetes.io/service-name": name, ...(options.headless === true ? { "service.kubernetes.io/headless": "" } : {}) } },
    addressType: "IPv4",
    ports: ports.map((port) => ({ ...(port.name === undefined ? {} : { name: port.name }), port: port.targetPort, protocol: port.protocol })),
    endpoints: endpoints.map((endpoint) => ({
      addresses: [endpoint.ip], nodeName: endpoint.node,
      conditions: { ready: endpoint.ready ?? true, serving: endpoint.serving ?? endpoint.ready ?? true, terminating: endpoint.terminating ?? false },
      ...(endpoint.hostname === undefined ? {} : { hostname: endpoint.hostname }),
      ...(endpoint.zones === undefined && endpoint.nodes === undefined ? {} : { hints: { forZones: (endpoint.zones ?? []).map((zone) => ({ name: zone })), forNodes: (endpoint.nodes ?? []).map((node) => ({ name: node })) } }),
    })),
  };
}
