import type { EndpointSliceObject, ServiceObject } from "../../engine/kinds/generated/types.ts";
import type { EndpointRow, ServiceRow } from "./rows.ts";

/** Endpoints of a Service from its slices, in the order of their pods' names. */
export function endpointRows(slices: Iterable<EndpointSliceObject>): EndpointRow[] {
  const rows: EndpointRow[] = [];
  for (const slice of slices) {
    for (const endpoint of slice.endpoints ?? []) {
      rows.push({
        ip: endpoint.addresses[0] ?? "",
        pod: endpoint.targetRef?.kind === "Pod" ? `${endpoint.targetRef.namespace ?? ""}/${endpoint.targetRef.name ?? ""}` : "",
        podUid: endpoint.targetRef?.kind === "Pod" ? (endpoint.targetRef.uid ?? "") : "",
        node: endpoint.nodeName ?? "",
        ready: endpoint.conditions?.ready ?? true,
        serving: endpoint.conditions?.serving ?? endpoint.conditions?.ready ?? true,
        terminating: endpoint.conditions?.terminating ?? false,
      });
    }
  }
  return rows.sort((a, b) => (a.pod < b.pod ? -1 : a.pod > b.pod ? 1 : a.ip < b.ip ? -1 : 1));
}

export function serviceRow(service: ServiceObject, endpoints: readonly EndpointRow[], context: { createdUs: number; slot: number }): ServiceRow {
  return {
    kind: "Service",
    uid: service.metadata.uid ?? "",
    namespace: service.metadata.namespace ?? "",
    name: service.metadata.name,
    type: service.spec?.type ?? "ClusterIP",
    clusterIP: service.spec?.clusterIP ?? "",
    ports: (service.spec?.ports ?? []).map((p) => ({
      name: p.name ?? "", protocol: p.protocol ?? "TCP", port: p.port, targetPort: String(p.targetPort ?? p.port), nodePort: p.nodePort,
    })),
    selector: service.spec?.selector ?? {},
    endpoints,
    createdUs: context.createdUs,
    slot: context.slot,
  };
}
