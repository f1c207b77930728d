import type { ServiceAccountObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const ServiceAccount = defineKind<ServiceAccountObject>({
  group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts", scope: "Namespaced", schemaName: "core/v1.ServiceAccount", shortNames: ["sa"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
