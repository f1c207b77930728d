import type { EndpointSliceObject } from "../../kinds/generated/types.ts";
import { parseIp } from "../addresses/ip.ts";
import type { OwnerObject } from "../trace/packet-hop.ts";
import { isExternallyAccessible, type ServicePortInfo } from "./service-port.ts";

/** Source: pkg/proxy/endpoint.go, BaseEndpointInfo. */
export interface EndpointInfo {
  readonly ip: string;
  readonly port: number;
  /** "10.42.1.5:8080": identity and sort key. */
  readonly text: string;
  readonly ready: boolean;
  readonly serving: boolean;
  readonly terminating: boolean;
  readonly nodeName: string;
  readonly zoneHints: readonly string[];
  readonly nodeHints: readonly string[];
  readonly owner: OwnerObject;
}

const NO_HINTS: readonly string[] = [];

/**
 * The endpoints of one service port, from all slices of its Service, in the order of their texts. A port is found by name and protocol.
 * Source: pkg/proxy/endpointslicecache.go, addEndpoints.
 */
export function endpointsOf(port: ServicePortInfo, slices: readonly EndpointSliceObject[]): readonly EndpointInfo[] {
  const found = new Map<string, EndpointInfo>();
  for (const slice of slices) {
    if (slice.addressType !== "IPv4") continue;
    const owner: OwnerObject = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", namespace: slice.metadata.namespace ?? "", name: slice.metadata.name };
    for (const slicePort of slice.ports ?? []) {
      if ((slicePort.name ?? "") !== port.portName || (slicePort.protocol ?? "TCP").toLowerCase() !== port.protocol || slicePort.port === undefined) continue;
      for (const endpoint of slice.endpoints ?? []) {
        const ip = endpoint.addresses[0] ?? "";
        if (parseIp(ip) === undefined) continue;
        const text = `${ip}:${slicePort.port}`;
        const ready = endpoint.conditions?.ready ?? true;
        const terminating = endpoint.conditions?.terminating ?? false;
        const known = found.get(text);
        if (known !== undefined && (known.ready || !ready) && (!known.terminating || terminating)) continue;
        found.set(text, {
          ip, port: slicePort.port, text, ready, terminating, serving: endpoint.conditions?.serving ?? true, nodeName: endpoint.nodeName ?? "",
          zoneHints: endpoint.hints?.forZones?.map((zone) => zone.name) ?? NO_HINTS, nodeHints: endpoint.hints?.forNodes?.map((node) => node.name) ?? NO_HINTS, owner,
        });
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}

/** Which endpoints a node uses for one service port. */
export interface EndpointChoice {
  /** For traffic policy Cluster. */
  readonly cluster: readonly EndpointInfo[];
  /** For traffic policy Local. */
  readonly local: readonly EndpointInfo[];
  /** All that get a chain, in the order of their texts. */
  readonly reachable: readonly EndpointInfo[];
  /** Anywhere in the cluster. */
  readonly hasAny: boolean;
}

/** Source: pkg/proxy/topology.go, CategorizeEndpoints. */
export function chooseEndpoints(port: ServicePortInfo, endpoints: readonly EndpointInfo[], nodeName: string, zone: string | undefined): EndpointChoice {
  const isExternal = isExternallyAccessible(port);
  const usesCluster = !port.internalLocal || isExternal;
  const usesLocal = port.internalLocal || (port.externalLocal && isExternal);
  const mode = topologyMode(endpoints, nodeName, zone);
  let cluster: readonly EndpointInfo[] = [];
  let hasAny = false;
  if (usesCluster) {
    cluster = endpoints.filter((endpoint) => endpoint.ready && fits(endpoint, mode, nodeName, zone));
    if (cluster.length === 0) cluster = endpoints.filter((endpoint) => endpoint.serving && endpoint.terminating);
    if (cluster.length > 0) hasAny = true;
  }
  if (!usesLocal) return { cluster, local: [], reachable: cluster, hasAny };
  const here = endpoints.filter((endpoint) => endpoint.nodeName === nodeName);
  let local = here.filter((endpoint) => endpoint.ready);
  let isFallback = false;
  if (local.length === 0) {
    local = here.filter((endpoint) => endpoint.serving && endpoint.terminating);
    isFallback = local.length > 0;
  }
  hasAny ||= endpoints.some((endpoint) => endpoint.ready || (endpoint.serving && endpoint.terminating));
  if (!usesCluster) return { cluster, local, reachable: local, hasAny };
  const reachable = mode === "none" && !isFallback ? cluster : merge(cluster, local);
  return { cluster, local, reachable, hasAny };
}

type TopologyMode = "none" | "PreferSameNode" | "PreferSameZone";

/** Hints count only when every ready endpoint has them and one of them is for us. */
function topologyMode(endpoints: readonly EndpointInfo[], nodeName: string, zone: string | undefined): TopologyMode {
  const ready = endpoints.filter((endpoint) => endpoint.ready);
  if (ready.length === 0) return "none";
  if (ready.every((endpoint) => endpoint.nodeHints.length > 0) && ready.some((endpoint) => endpoint.nodeHints.includes(nodeName))) return "PreferSameNode";
  if (zone === undefined || zone === "") return "none";
  if (ready.every((endpoint) => endpoint.zoneHints.length > 0) && ready.some((endpoint) => endpoint.zoneHints.includes(zone))) return "PreferSameZone";
  return "none";
}

function fits(endpoint: EndpointInfo, mode: TopologyMode, nodeName: string, zone: string | undefined): boolean {
  if (mode === "none") return true;
  return mode === "PreferSameNode" ? endpoint.nodeHints.includes(nodeName) : zone !== undefined && endpoint.zoneHints.includes(zone);
}

function merge(a: readonly EndpointInfo[], b: readonly EndpointInfo[]): readonly EndpointInfo[] {
  const all = new Map<string, EndpointInfo>();
  for (const endpoint of [...a, ...b]) all.set(endpoint.text, endpoint);
  return [...all.values()].sort((x, y) => (x.text < y.text ? -1 : 1));
}

/** Does the choice depend on the node that makes it? Where it does not, all nodes share the rules. */
export const dependsOnNode = (port: ServicePortInfo, endpoints: readonly EndpointInfo[]): boolean =>
  port.internalLocal || port.externalLocal || port.sourceRanges.length > 0 || endpoints.some((endpoint) => endpoint.zoneHints.length > 0 || endpoint.nodeHints.length > 0);
