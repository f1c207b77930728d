import type { LeaseObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const Lease = defineKind<LeaseObject>({
  group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases", scope: "Namespaced", schemaName: "coordination/v1.Lease", shortNames: [],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
