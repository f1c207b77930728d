import { humanDuration } from "../../apimachinery/duration-text.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import type { Container, LabelSelector, PodTemplateSpec } from "../generated/types.ts";
import type { CellContext, ColumnDefinition } from "../kind-definition.ts";

/*
 * Cells that many kinds share.
 * Source: pkg/printers/internalversion/printers.go.
 */

/** How long ago, or "<unknown>". Source: translateTimestampSince. */
export function ageCell(timestamp: string | null | undefined, { now, time }: CellContext): string {
  const at = timestamp === undefined || timestamp === null ? undefined : time.parse(timestamp);
  return at === undefined ? "<unknown>" : humanDuration(now - at);
}

export const nameColumn = { name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name } as const satisfies ColumnDefinition<KubeObject>;
export const ageColumn = { name: "Age", type: "string", cell: (object, context) => ageCell(object.metadata.creationTimestamp, context) } as const satisfies ColumnDefinition<KubeObject>;

/** The two columns of kinds that have no printer of their own: the creation time in full. Source: apiserver/pkg/registry/rest/table.go. */
export const DEFAULT_COLUMNS = [
  nameColumn,
  { name: "Created At", type: "date", cell: (object) => object.metadata.creationTimestamp ?? "<unknown>" },
] as const satisfies readonly ColumnDefinition<KubeObject>[];

/** Sorted k=v pairs, "<none>" when there are none. */
export function labelsCell(labels: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(labels ?? {}).sort();
  return keys.length === 0 ? "<none>" : keys.map((key) => `${key}=${labels?.[key] ?? ""}`).join(",");
}

/** A label selector as one sorted list, "<none>" when it is empty or absent. */
export const selectorCell = (selector: LabelSelector | undefined): string => selectorText(selector) || "<none>";

/** The same, "" when empty. Source: labels.Selector.String. */
export function selectorText(selector: LabelSelector | undefined): string {
  const parts: (readonly [key: string, text: string])[] = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => [key, `${key}=${value}`]);
  for (const { key, operator, values } of selector?.matchExpressions ?? []) {
    const list = `(${[...(values ?? [])].sort().join(",")})`;
    parts.push([key, operator === "In" ? `${key} in ${list}` : operator === "NotIn" ? `${key} notin ${list}` : operator === "Exists" ? key : `!${key}`]);
  }
  return parts.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, text]) => text).join(",");
}

const containersOf = (template: PodTemplateSpec | undefined): readonly Container[] => template?.spec.containers ?? [];

/** The wide columns of workloads. */
export function templateColumns<T extends KubeObject>(template: (object: T) => PodTemplateSpec | undefined): readonly ColumnDefinition<T>[] {
  return [
    { name: "Containers", type: "string", priority: 1, cell: (object) => containersOf(template(object)).map((container) => container.name).join(",") },
    { name: "Images", type: "string", priority: 1, cell: (object) => containersOf(template(object)).map((container) => container.image ?? "").join(",") },
  ];
}

/** The first `limit` entries; the rest is counted. */
export function firstFew(entries: readonly string[], limit: number): string {
  const shown = entries.slice(0, limit).join(",");
  return entries.length > limit ? `${shown} + ${entries.length - limit} more...` : shown;
}
