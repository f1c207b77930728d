import type { EndpointSliceObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const EndpointSlice = defineKind<EndpointSliceObject>({
  group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices", scope: "Namespaced", schemaName: "discovery/v1.EndpointSlice", shortNames: [],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
