import type { ReplicaSetObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const ReplicaSet = defineKind<ReplicaSetObject>({
  group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets", scope: "Namespaced", schemaName: "apps/v1.ReplicaSet", shortNames: ["rs"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
