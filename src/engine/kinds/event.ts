import type { EventObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";

export const Event = defineKind<EventObject>({
  group: "", version: "v1", kind: "Event", plural: "events", scope: "Namespaced", schemaName: "core/v1.Event", shortNames: ["ev"],
  columns: [{ name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name }],
});
