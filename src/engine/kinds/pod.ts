import type { PodObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const Pod = defineKind<PodObject>({
  group: "", version: "v1", kind: "Pod", plural: "pods", scope: "Namespaced", schemaName: "core/v1.Pod", shortNames: ["po"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
