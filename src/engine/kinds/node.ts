import type { NodeObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const Node = defineKind<NodeObject>({
  group: "", version: "v1", kind: "Node", plural: "nodes", scope: "Cluster", schemaName: "core/v1.Node", shortNames: ["no"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
