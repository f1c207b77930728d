import type { ServiceObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { defaultService } from "./service/defaults.ts";
import { validateServiceCreate, validateServiceStatusUpdate, validateServiceUpdate } from "./service/validation.ts";
import { serviceWarnings } from "./service/warnings.ts";
import { ageColumn, labelsCell, nameColumn } from "./shared/columns.ts";
import { keepSpec, keepStatusOnly } from "./shared/strategy.ts";

/** Source: pkg/registry/core/service/strategy.go, pkg/printers/internalversion/printers.go, printService. Addresses are the API server's business. */
export const Service = defineKind<ServiceObject>({
  group: "", version: "v1", kind: "Service", plural: "services", shortNames: ["svc"], categories: ["all"], scope: "Namespaced", schemaName: "core/v1.Service",
  storagePrefix: "services/specs",
  subresources: [
    { name: "proxy", verbs: ["create", "delete", "get", "patch", "update"], responseKind: { group: "", version: "v1", kind: "ServiceProxyOptions" } },
    { name: "status", verbs: ["get", "patch", "update"] },
  ],
  selectableFields: { "spec.clusterIP": (service) => service.spec.clusterIP ?? "", "spec.type": (service) => service.spec.type ?? "" },
  defaults: defaultService,
  prepareForCreate: (service) => ({ ...service, status: { loadBalancer: {} } }),
  prepareForUpdate: (service, stored) => keepStatusOnly(service, stored),
  prepareForStatusUpdate: (service, stored) => keepSpec(defaultService(service), stored),
  validate: validateServiceCreate,
  validateUpdate: validateServiceUpdate,
  validateStatusUpdate: validateServiceStatusUpdate,
  warnings: serviceWarnings,
  columns: [
    nameColumn,
    { name: "Type", type: "string", cell: ({ spec }) => spec.type ?? "" },
    { name: "Cluster-IP", type: "string", cell: ({ spec }) => spec.clusterIPs?.[0] ?? "<none>" },
    { name: "External-IP", type: "string", cell: externalIp },
    { name: "Port(s)", type: "string", cell: ({ spec }) => portsCell(spec.ports ?? []) },
    ageColumn,
    { name: "Selector", type: "string", priority: 1, cell: ({ spec }) => labelsCell(spec.selector) },
  ],
});

/** Source: getServiceExternalIP. */
function externalIp({ spec, status }: ServiceObject): string {
  const own = spec.externalIPs ?? [];
  switch (spec.type) {
    case "ClusterIP": case "NodePort":
      return own.length > 0 ? own.join(",") : "<none>";
    case "LoadBalancer": {
      const ingress = [...new Set((status?.loadBalancer?.ingress ?? []).map((entry) => entry.ip || entry.hostname || "").filter((text) => text !== ""))].sort();
      const all = [...ingress, ...own];
      return all.length > 0 ? all.join(",") : "<pending>";
    }
    case "ExternalName":
      return spec.externalName ?? "";
    default:
      return "<unknown>";
  }
}

/** Source: makePortString. */
function portsCell(ports: NonNullable<ServiceObject["spec"]["ports"]>): string {
  if (ports.length === 0) return "<none>";
  return ports.map(({ port, nodePort = 0, protocol }) => `${port}${nodePort > 0 ? `:${nodePort}` : ""}/${protocol ?? ""}`).join(",");
}
