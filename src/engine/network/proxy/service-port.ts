import type { ServiceObject } from "../../kinds/generated/types.ts";
import { type Address, type Cidr, contains, parseCidr, parseIp } from "../addresses/ip.ts";
import type { OwnerObject } from "../trace/packet-hop.ts";
import { chainHash } from "./chain-names.ts";

const PROXY_NAME_LABEL = "service.kubernetes.io/service-proxy-name";
const DEFAULT_AFFINITY_SECONDS = 10_800;

/** One port of one Service, as far as kube-proxy cares. Source: pkg/proxy/serviceport.go, BaseServicePortInfo. */
export interface ServicePortInfo {
  /** "namespace/name:port", or without the port's name where it has none. */
  readonly name: string;
  readonly portName: string;
  /** "tcp", "udp". */
  readonly protocol: "tcp" | "udp";
  readonly clusterIP: string;
  readonly port: number;
  /** 0 for none. */
  readonly nodePort: number;
  readonly externalIPs: readonly string[];
  readonly loadBalancerVIPs: readonly string[];
  /** Empty: no filter. */
  readonly sourceRanges: readonly string[];
  /** Seconds; undefined without session affinity. */
  readonly affinitySeconds: number | undefined;
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** 0 for none. */
  readonly healthCheckNodePort: number;
  /** 16 characters: what its chains' names end with. */
  readonly hash: string;
  readonly owner: OwnerObject;
}

/** The ports of a Service that get rules. Headless, ExternalName and foreign-proxied Services have none. Differs: SCTP ports get none either. */
export function servicePorts(service: ServiceObject): readonly ServicePortInfo[] {
  const { spec, metadata } = service;
  const clusterIP = spec.clusterIP ?? "";
  if (spec.type === "ExternalName" || clusterIP === "" || clusterIP === "None" || parseIp(clusterIP) === undefined) return [];
  if (metadata.labels?.[PROXY_NAME_LABEL] !== undefined) return [];
  const key = `${metadata.namespace ?? ""}/${metadata.name}`;
  const ports: ServicePortInfo[] = [];
  for (const port of spec.ports ?? []) {
    const protocol = (port.protocol ?? "TCP").toLowerCase();
    if (protocol !== "tcp" && protocol !== "udp") continue;
    const portName = port.name ?? "";
    const name = portName === "" ? key : `${key}:${portName}`;
    ports.push({
      name, portName, protocol, clusterIP, port: port.port, nodePort: port.nodePort ?? 0,
      externalIPs: (spec.externalIPs ?? []).filter(isIpv4),
      loadBalancerVIPs: vips(service), sourceRanges: sourceRanges(spec.loadBalancerSourceRanges ?? []),
      affinitySeconds: spec.sessionAffinity === "ClientIP" ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS) : undefined,
      internalLocal: spec.internalTrafficPolicy === "Local", externalLocal: spec.externalTrafficPolicy === "Local",
      healthCheckNodePort: spec.type === "LoadBalancer" && spec.externalTrafficPolicy === "Local" ? (spec.healthCheckNodePort ?? 0) : 0,
      hash: chainHash(name, protocol), owner: { apiVersion: "v1", kind: "Service", namespace: metadata.namespace ?? "", name: metadata.name },
    });
  }
  return ports.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

const isIpv4 = (text: string): boolean => parseIp(text) !== undefined;

/** Addresses of the load balancer that nodes answer themselves; with ipMode Proxy the traffic leaves the node. */
const vips = (service: ServiceObject): readonly string[] =>
  (service.status?.loadBalancer?.ingress ?? []).filter((ingress) => (ingress.ipMode ?? "VIP") === "VIP").map((ingress) => ingress.ip ?? "").filter(isIpv4);

/** A range of everything switches the filter off. */
function sourceRanges(ranges: readonly string[]): readonly string[] {
  const trimmed = ranges.map((range) => range.trim()).filter((range) => parseCidr(range) !== undefined);
  return trimmed.some((range) => range.endsWith("/0")) ? [] : trimmed;
}

export const isExternallyAccessible = (port: ServicePortInfo): boolean => port.nodePort !== 0 || port.loadBalancerVIPs.length > 0 || port.externalIPs.length > 0;

/** Is the node itself among the sources that may use the load balancer's address? */
export const allowsNode = (port: ServicePortInfo, nodeAddress: Address): boolean => port.sourceRanges.map((range) => parseCidr(range) as Cidr).some((range) => contains(range, nodeAddress));
