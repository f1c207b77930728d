import type { DiscoveryV1EndpointPort, Endpoint, NodeObject, PodObject, ServiceObject, ServicePort } from "../../kinds/generated/types.ts";
import { isPodReady, isPodTerminal } from "../../kinds/helpers/pod-state.ts";

/** Source for this file: staging/src/k8s.io/endpointslice/utils.go; pkg/api/v1/pod/util.go, FindPort. */

export type AddressType = "IPv4" | "IPv6";
const ZONE = "topology.kubernetes.io/zone";

export const isHeadless = (service: ServiceObject): boolean => service.spec.clusterIP === "None";

/** One slice set for each of the service's IP families. */
export const addressTypesOf = (service: ServiceObject): readonly AddressType[] => {
  const families = service.spec.ipFamilies?.filter((family): family is AddressType => family === "IPv4" || family === "IPv6") ?? [];
  return families.length === 0 ? ["IPv4"] : families;
};

/** Terminating pods stay as long as they run; over and without address they are no endpoints. */
export const isEndpointPod = (pod: PodObject): boolean => !isPodTerminal(pod) && ((pod.status?.podIP ?? "") !== "" || (pod.status?.podIPs ?? []).length > 0);

/** Number of the pod's port that a service port aims at; a name is looked up in containers and sidecars. */
function targetPortOf(pod: PodObject, port: ServicePort): number | undefined {
  const { targetPort } = port;
  if (typeof targetPort !== "string") return targetPort === undefined || targetPort === 0 ? port.port : targetPort;
  const sidecars = pod.spec.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? [];
  for (const container of [...pod.spec.containers, ...sidecars]) {
    const found = container.ports?.find(({ name, protocol }) => name === targetPort && (protocol ?? "TCP") === (port.protocol ?? "TCP"));
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

/** Ports of one pod's endpoint. A named port that the pod lacks is left out; a headless service may have none at all. */
export function endpointPorts(service: ServiceObject, pod: PodObject): readonly DiscoveryV1EndpointPort[] {
  const ports: DiscoveryV1EndpointPort[] = [];
  for (const port of service.spec.ports ?? []) {
    const number = targetPortOf(pod, port);
    if (number === undefined) continue;
    ports.push({ name: port.name ?? "", protocol: port.protocol ?? "TCP", port: number, ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }) });
  }
  return ports;
}

/** Slices with the same ports belong together, in whatever order the ports stand. */
export const portsKey = (ports: readonly DiscoveryV1EndpointPort[] | undefined): string =>
  (ports ?? []).map(({ name = "", protocol = "TCP", port, appProtocol = "" }) => `${name}|${protocol}|${port}|${appProtocol}`).sort().join(",");

const isIPv6 = (address: string): boolean => address.includes(":");

/** A pod as an endpoint; undefined when it has no address of this family. Source: podToEndpoint. */
export function podToEndpoint(pod: PodObject, node: NodeObject | undefined, service: ServiceObject, addressType: AddressType): Endpoint | undefined {
  const all = pod.status?.podIPs?.map(({ ip }) => ip) ?? [pod.status?.podIP ?? ""];
  const addresses = all.filter((ip): ip is string => ip !== undefined && ip !== "" && isIPv6(ip) === (addressType === "IPv6"));
  if (addresses.length === 0) return undefined;
  const serving = isPodReady(pod);
  const terminating = pod.metadata.deletionTimestamp !== undefined;
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating);
  const zone = node?.metadata.labels?.[ZONE] ?? "";
  const { namespace = "", name, uid = "" } = pod.metadata;
  const { nodeName = "", hostname = "", subdomain } = pod.spec;
  const hints = ready && zone !== "" ? trafficHints(service, zone, nodeName) : undefined;
  return {
    addresses, conditions: { ready, serving, terminating },
    ...(hostname !== "" && subdomain === service.metadata.name && { hostname }),
    targetRef: { kind: "Pod", namespace, name, uid },
    ...(nodeName !== "" && { nodeName }), ...(zone !== "" && { zone }), ...(hints !== undefined && { hints }),
  };
}

/** Source: staging/src/k8s.io/endpointslice/trafficdist/trafficdist.go. */
function trafficHints(service: ServiceObject, zone: string, nodeName: string): Endpoint["hints"] {
  const { trafficDistribution } = service.spec;
  if (trafficDistribution === "PreferClose" || trafficDistribution === "PreferSameZone") return { forZones: [{ name: zone }] };
  if (trafficDistribution === "PreferSameNode") return { forZones: [{ name: zone }], forNodes: [{ name: nodeName }] };
  return undefined;
}

/** What makes two endpoints the same one, whose conditions may differ. Source: endpointset.go, hashEndpoint. */
export const endpointKey = ({ addresses, hostname = "", targetRef }: Endpoint): string => `${addresses.toSorted().join(",")}|${hostname}|${targetRef?.namespace ?? ""}/${targetRef?.name ?? ""}`;

/** Source: utils.go, EndpointsEqualBeyondHash. */
export function sameEndpoint(a: Endpoint, b: Endpoint): boolean {
  const [x, y] = [a.conditions, b.conditions];
  return (
    a.nodeName === b.nodeName && a.zone === b.zone && x?.ready === y?.ready && x?.serving === y?.serving && x?.terminating === y?.terminating &&
    a.targetRef?.uid === b.targetRef?.uid && a.targetRef?.name === b.targetRef?.name && (a.hints === b.hints || JSON.stringify(a.hints ?? null) === JSON.stringify(b.hints ?? null))
  );
}
