import type { AnyObject } from "../list-objects.ts";
import { type DescribeScope, eventsOf, newPage, writeEvents, writeHead } from "./describer.ts";
import { compareText, type Page } from "./page.ts";

const HIDDEN_METADATA = new Set(["managedFields", "name", "namespace", "labels", "annotations"]);

/** Any kind without a describer of its own. Source: staging/src/k8s.io/kubectl/pkg/describe/describe.go, genericDescriber and printUnstructuredContent. */
export async function describeGeneric(object: AnyObject, scope: DescribeScope): Promise<string> {
  const page = newPage(scope);
  writeHead(page, object);
  page.labels("Labels", object.metadata.labels);
  page.annotations("Annotations", object.metadata.annotations);
  const { metadata, ...rest } = object;
  const shown = { ...rest, apiVersion: object.apiVersion, kind: object.kind, metadata: Object.fromEntries(Object.entries(metadata).filter(([key]) => !HIDDEN_METADATA.has(key))) };
  writeMap(page, 0, shown);
  writeEvents(page, scope, await eventsOf(scope, object));
  return page.finish();
}

function writeMap(page: Page, level: number, map: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(map).toSorted(compareText)) {
    const value = map[key];
    const label = smartLabel(key);
    if (Array.isArray(value)) {
      page.line(level, `${label}:`);
      for (const item of value) {
        if (item !== null && typeof item === "object" && !Array.isArray(item)) writeMap(page, level + 1, item as Readonly<Record<string, unknown>>);
        else page.line(level + 1, String(item));
      }
    } else if (value !== null && typeof value === "object") {
      page.line(level, `${label}:`);
      writeMap(page, level + 1, value as Readonly<Record<string, unknown>>);
    } else page.line(level, `${label}:\t${value ?? "<nil>"}`);
  }
}

const ACRONYMS = new Set(["api", "uid", "url", "osb", "guid", "id", "ip", "dns", "tls", "http", "https"]);

/** "creationTimestamp" is "Creation Timestamp". Source: describe.go, smartLabelFor. */
function smartLabel(field: string): string {
  const words = field.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[^A-Za-z0-9]+/g) ?? [field];
  return words.map((word) => (ACRONYMS.has(word.toLowerCase()) ? word.toUpperCase() : word.charAt(0).toUpperCase() + word.slice(1))).join(" ");
}
