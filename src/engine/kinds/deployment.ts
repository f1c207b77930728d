import type { DeploymentObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const Deployment = defineKind<DeploymentObject>({
  group: "apps", version: "v1", kind: "Deployment", plural: "deployments", scope: "Namespaced", schemaName: "apps/v1.Deployment", shortNames: ["deploy"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
