import type { ServiceObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const Service = defineKind<ServiceObject>({
  group: "", version: "v1", kind: "Service", plural: "services", scope: "Namespaced", schemaName: "core/v1.Service", shortNames: ["svc"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
