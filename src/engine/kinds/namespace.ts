import type { NamespaceObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const Namespace = defineKind<NamespaceObject>({
  group: "", version: "v1", kind: "Namespace", plural: "namespaces", scope: "Cluster", schemaName: "core/v1.Namespace", shortNames: ["ns"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
