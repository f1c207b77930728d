import type { ConfigMapObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const ConfigMap = defineKind<ConfigMapObject>({
  group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", scope: "Namespaced", schemaName: "core/v1.ConfigMap", shortNames: ["cm"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
