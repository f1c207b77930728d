import type { EventObject } from "../../engine/kinds/generated/types.ts";
import type { EventRow } from "./rows.ts";

/** `times`: when the stage first and last saw it written, finer than the whole seconds that the object carries. */
export function eventRow(event: EventObject, times: { firstUs: number; lastUs: number }): EventRow {
  const about = event.involvedObject;
  return {
    kind: "Event",
    uid: event.metadata.uid ?? "",
    namespace: event.metadata.namespace ?? "",
    name: event.metadata.name,
    type: event.type ?? "Normal",
    reason: event.reason ?? "",
    message: event.message ?? "",
    about: { kind: about.kind ?? "", namespace: about.kind === "Node" ? "" : (about.namespace ?? ""), name: about.name ?? "" },
    aboutUid: about.uid ?? "",
    component: event.reportingComponent !== "" && event.reportingComponent !== undefined ? event.reportingComponent : (event.source?.component ?? ""),
    count: event.series?.count ?? event.count ?? 1,
    ...times,
  };
}
