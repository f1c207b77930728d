import type { DaemonSetObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const DaemonSet = defineKind<DaemonSetObject>({
  group: "apps", version: "v1", kind: "DaemonSet", plural: "daemonsets", scope: "Namespaced", schemaName: "apps/v1.DaemonSet", shortNames: ["ds"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
