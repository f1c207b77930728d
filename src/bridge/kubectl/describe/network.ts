import type { EndpointSliceObject, ServiceObject } from "../../../engine/kinds/generated/types.ts";
import { type Describer, eventsOf, listAt, newPage, writeEvents, writeHead } from "./describer.ts";
import { joinOrNone, mapText, orNone } from "./page.ts";

const MAX_ENDPOINTS = 3;

/** Source: staging/src/k8s.io/kubectl/pkg/describe/describe.go, describeService. */
export const describeService: Describer = {
  kind: "Service",
  async describe(object, scope) {
    const { metadata, spec, status } = object as unknown as ServiceObject;
    const page = newPage(scope);
    writeHead(page, object);
    page.labels("Labels", metadata.labels);
    page.annotations("Annotations", metadata.annotations);
    page.line(0, `Selector:\t${mapText(spec.selector)}`);
    page.line(0, `Type:\t${spec.type ?? ""}`);
    if (spec.ipFamilyPolicy !== undefined) page.line(0, `IP Family Policy:\t${spec.ipFamilyPolicy}`);
    page.line(0, `IP Families:\t${(spec.ipFamilies ?? []).length === 0 ? "<none>" : (spec.ipFamilies ?? []).join(",")}`);
    page.line(0, `IP:\t${spec.clusterIP ?? ""}`);
    page.line(0, `IPs:\t${(spec.clusterIPs ?? []).length === 0 ? "<none>" : (spec.clusterIPs ?? []).join(",")}`);
    if ((spec.externalIPs ?? []).length > 0) page.line(0, `External IPs:\t${(spec.externalIPs ?? []).join(",")}`);
    if ((spec.loadBalancerIP ?? "") !== "") page.line(0, `Desired LoadBalancer IP:\t${spec.loadBalancerIP}`);
    if ((spec.externalName ?? "") !== "") page.line(0, `External Name:\t${spec.externalName}`);
    const ingress = status?.loadBalancer?.ingress ?? [];
    if (ingress.length > 0) page.line(0, `LoadBalancer Ingress:\t${ingress.map((entry) => (entry.ip === undefined ? (entry.hostname ?? "") : `${entry.ip}${entry.ipMode === undefined ? "" : ` (${entry.ipMode})`}`)).join(", ")}`);
    const slices = await listAt<EndpointSliceObject>(scope, `/apis/discovery.k8s.io/v1/namespaces/${metadata.namespace}/endpointslices`, { labelSelector: `kubernetes.io/service-name=${metadata.name}` });
    for (const port of spec.ports ?? []) {
      const name = (port.name ?? "") === "" ? "<unset>" : port.name;
      page.line(0, `Port:\t${name}\t${port.port}/${port.protocol}`);
      page.line(0, `TargetPort:\t${port.targetPort}/${port.protocol}`);
      if ((port.nodePort ?? 0) !== 0) page.line(0, `NodePort:\t${name}\t${port.nodePort}/${port.protocol}`);
      page.line(0, `Endpoints:\t${endpointsText(slices, port.name ?? "")}`);
    }
    page.line(0, `Session Affinity:\t${spec.sessionAffinity ?? ""}`);
    if (spec.externalTrafficPolicy !== undefined) page.line(0, `External Traffic Policy:\t${spec.externalTrafficPolicy}`);
    if (spec.internalTrafficPolicy !== undefined) page.line(0, `Internal Traffic Policy:\t${spec.internalTrafficPolicy}`);
    if ((spec.healthCheckNodePort ?? 0) !== 0) page.line(0, `HealthCheck NodePort:\t${spec.healthCheckNodePort}`);
    if ((spec.loadBalancerSourceRanges ?? []).length > 0) page.line(0, `LoadBalancer Source Ranges:\t${(spec.loadBalancerSourceRanges ?? []).join(",")}`);
    writeEvents(page, scope, await eventsOf(scope, object));
    return page.finish();
  },
};

/** Ready addresses of one port, at most three. Source: describe.go, formatEndpointSlices. */
function endpointsText(slices: readonly EndpointSliceObject[], portName: string): string {
  const addresses = slices.flatMap((slice) =>
    (slice.ports ?? [])
      .filter((port) => (port.name ?? "") === portName)
      .flatMap((port) => (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready ?? true).flatMap((endpoint) => endpoint.addresses.map((ip) => `${ip}:${port.port}`))),
  );
  if (addresses.length === 0) return "";
  const shown = addresses.slice(0, MAX_ENDPOINTS).join(",");
  return addresses.length > MAX_ENDPOINTS ? `${shown} + ${addresses.length - MAX_ENDPOINTS} more...` : shown;
}

/** Source: describe.go, describeEndpointSliceV1. */
export const describeEndpointSlice: Describer = {
  kind: "EndpointSlice.discovery.k8s.io",
  async describe(object, scope) {
    const slice = object as unknown as EndpointSliceObject;
    const page = newPage(scope);
    writeHead(page, object);
    page.labels("Labels", slice.metadata.labels);
    page.annotations("Annotations", slice.metadata.annotations);
    page.line(0, `AddressType:\t${slice.addressType}`);
    const ports = slice.ports ?? [];
    if (ports.length === 0) page.line(0, "Ports: <unset>");
    else {
      page.raw("Ports:\n");
      page.line(1, "Name\tPort\tProtocol");
      page.line(1, "----\t----\t--------");
      for (const port of ports) page.line(1, `${(port.name ?? "") === "" ? "<unset>" : port.name}\t${port.port ?? "<unset>"}\t${port.protocol}`);
    }
    const endpoints = slice.endpoints ?? [];
    page.line(0, endpoints.length === 0 ? "Endpoints: <none>" : "Endpoints:");
    for (const endpoint of endpoints) {
      page.line(1, `- Addresses:\t${joinOrNone(endpoint.addresses)}`);
      page.line(2, "Conditions:");
      page.line(3, `Ready:\t${endpoint.conditions?.ready ?? "<unset>"}`);
      page.line(2, `Hostname:\t${endpoint.hostname ?? "<unset>"}`);
      if (endpoint.targetRef !== undefined) page.line(2, `TargetRef:\t${endpoint.targetRef.kind}/${endpoint.targetRef.name}`);
      page.line(2, `NodeName:\t${endpoint.nodeName ?? "<unset>"}`);
      page.line(2, `Zone:\t${orNone(endpoint.zone) === "<none>" ? "<unset>" : endpoint.zone}`);
    }
    writeEvents(page, scope, await eventsOf(scope, object));
    return page.finish();
  },
};
