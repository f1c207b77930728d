import { type FieldError, invalid, required } from "../apimachinery/field-error.ts";
import { isDns1123Subdomain, pathSegmentName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { EventObject, ObjectReference } from "./generated/types.ts";
import { type CellContext, defineKind } from "./kind-definition.ts";
import { addInvalid, checkQualifiedName } from "./shared/checks.ts";
import { ageCell, nameColumn } from "./shared/columns.ts";

const MAX_WORD = 128;
const MAX_MESSAGE = 1024;

const ofObject = (field: keyof ObjectReference) => (event: EventObject): string => event.involvedObject[field] ?? "";

/** Source: pkg/apis/core/validation/events.go, legacyValidateEvent; pkg/registry/core/event/strategy.go; pkg/printers/internalversion/printers.go, printEvent. */
export const Event = defineKind<EventObject>({
  group: "", version: "v1", kind: "Event", plural: "events", shortNames: ["ev"], scope: "Namespaced", schemaName: "core/v1.Event",
  selectableFields: {
    "involvedObject.kind": ofObject("kind"), "involvedObject.namespace": ofObject("namespace"), "involvedObject.name": ofObject("name"), "involvedObject.uid": ofObject("uid"),
    "involvedObject.apiVersion": ofObject("apiVersion"), "involvedObject.resourceVersion": ofObject("resourceVersion"), "involvedObject.fieldPath": ofObject("fieldPath"),
    reason: (event) => event.reason ?? "",
    reportingComponent: (event) => event.reportingComponent ?? "",
    source: (event) => event.source?.component || event.reportingComponent || "",
    type: (event) => event.type ?? "",
  },
  validate: (event) => [...validateEvent(event), ...validateObjectMeta(event.metadata, true, pathSegmentName)],
  validateUpdate: (event, stored) => [...validateEvent(event), ...validateObjectMetaUpdate(event.metadata, stored.metadata)],
  columns: [
    { name: "Last Seen", type: "string", cell: lastSeen },
    { name: "Type", type: "string", cell: (event) => event.type ?? "" },
    { name: "Reason", type: "string", cell: (event) => event.reason ?? "" },
    { name: "Object", type: "string", cell: ({ involvedObject: { kind = "", name = "" } }) => (name === "" ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`) },
    { name: "Subobject", type: "string", priority: 1, cell: (event) => event.involvedObject.fieldPath ?? "" },
    { name: "Source", type: "string", priority: 1, cell: sourceCell },
    { name: "Message", type: "string", cell: (event) => (event.message ?? "").trim() },
    { name: "First Seen", type: "string", priority: 1, cell: firstSeen },
    { name: "Count", type: "string", priority: 1, cell: ({ series, count = 0 }) => series?.count ?? (count === 0 ? 1 : count) },
    { ...nameColumn, priority: 1 },
  ],
});

const isSet = (time: string | null | undefined): time is string => time !== undefined && time !== null;

function firstSeen({ firstTimestamp, eventTime }: EventObject, context: CellContext): string {
  return ageCell(isSet(firstTimestamp) ? firstTimestamp : eventTime, context);
}

function lastSeen(event: EventObject, context: CellContext): string {
  if (event.series !== undefined) return ageCell(event.series.lastObservedTime, context);
  return isSet(event.lastTimestamp) ? ageCell(event.lastTimestamp, context) : firstSeen(event, context);
}

/** Source: formatEventSource. */
function sourceCell({ source, reportingComponent, reportingInstance }: EventObject): string {
  const component = source?.component || reportingComponent || "";
  const host = source?.host || reportingInstance || "";
  return host === "" ? component : `${component}, ${host}`;
}

/** Events with an eventTime come from the newer API and are checked harder. */
function validateEvent(event: EventObject): FieldError[] {
  const errors: FieldError[] = [];
  const namespace = event.metadata.namespace ?? "";
  const about = event.involvedObject.namespace ?? "";
  const mismatch = (): void => void errors.push(invalid("involvedObject.namespace", about, "does not match event.namespace"));
  if (!isSet(event.eventTime)) {
    if (about === "" ? namespace !== "" && namespace !== "default" : namespace !== about) mismatch();
  } else {
    if (about === "" && namespace !== "default" && namespace !== "kube-system") mismatch();
    const component = event.reportingComponent ?? "";
    if (component === "") errors.push(required("reportingComponent"));
    checkQualifiedName(errors, "reportingComponent", component);
    for (const field of ["reportingInstance", "action", "reason"] as const) {
      const value = event[field] ?? "";
      if (value === "") errors.push(required(field));
      if (value.length > MAX_WORD) errors.push(invalid(field, "", `can have at most ${MAX_WORD} characters`));
    }
    if ((event.message ?? "").length > MAX_MESSAGE) errors.push(invalid("message", "", `can have at most ${MAX_MESSAGE} characters`));
  }
  addInvalid(errors, "namespace", namespace, isDns1123Subdomain(namespace));
  return errors;
}
