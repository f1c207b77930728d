import type { Status } from "../../apimachinery/api.ts";
import { type FieldSelector, matchesFields, parseFieldSelector, requiredValue } from "../../apimachinery/field-selector.ts";
import { matchesLabels, type Selector } from "../../apimachinery/label-selector.ts";
import { parseLabelSelector } from "../../apimachinery/label-selector-parser.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import { badRequest } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { WatchScope } from "../../store/store-change.ts";
import { selectableField } from "../kind-table.ts";

/** Fields that the store keeps an index for, where a kind offers them. */
export const INDEXED_FIELDS = ["spec.nodeName"] as const;

/** Which objects a list, watch or deletecollection is about. */
export interface Selection {
  readonly namespace: string;
  readonly labels: Selector;
  readonly fields: FieldSelector;
  /** No selector at all: everything in the namespace. */
  readonly all: boolean;
}

/** Other names of a field. Source: pkg/apis/core/v1/conversion.go. */
const FIELD_ALIASES: Readonly<Record<string, string>> = { "spec.host": "spec.nodeName" };

/** Reads the selectors of a request; errors are upstream's. */
export function parseSelection(kind: KindDefinition, namespace: string, labelText: string, fieldText: string): Result<Selection, Status> {
  const labels = parseLabelSelector(labelText);
  if (!labels.ok) return err(badRequest(labels.error));
  const parsed = parseFieldSelector(fieldText);
  if (!parsed.ok) return err(badRequest(parsed.error));
  const fields = parsed.value.map((t) => (t.field in FIELD_ALIASES && kind.kind === "Pod" ? { ...t, field: FIELD_ALIASES[t.field] ?? t.field } : t));
  for (const { field } of fields) {
    if (field === "metadata.name" || field === "metadata.namespace" || Object.hasOwn(kind.selectableFields, field)) continue;
    const hasExtras = Object.keys(kind.selectableFields).length > 0;
    return err(badRequest(hasExtras ? `field label not supported: ${field}` : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`));
  }
  return ok({ namespace, labels: labels.value, fields, all: labels.value.requirements.length === 0 && fields.length === 0 });
}

export const selects = (kind: KindDefinition, selection: Selection, object: KubeObject): boolean =>
  (selection.labels.requirements.length === 0 || matchesLabels(selection.labels, object.metadata.labels)) &&
  (selection.fields.length === 0 || matchesFields(selection.fields, (field) => selectableField(kind, object, field))) &&
  (selection.namespace === "" || object.metadata.namespace === selection.namespace);

/** The narrowest part of the collection that holds everything selected. */
export function scopeOf(kind: KindDefinition, selection: Selection): WatchScope {
  for (const field of INDEXED_FIELDS) {
    const value = Object.hasOwn(kind.selectableFields, field) ? requiredValue(selection.fields, field) : undefined;
    if (value !== undefined) return { index: { name: field, value } };
  }
  const name = requiredValue(selection.fields, "metadata.name");
  const namespace = selection.namespace || requiredValue(selection.fields, "metadata.namespace") || "";
  if (name !== undefined && kind.scope === "Cluster") return { key: name };
  if (name !== undefined && namespace !== "") return { key: `${namespace}/${name}` };
  return namespace !== "" && kind.scope === "Namespaced" ? { prefix: `${namespace}/` } : {};
}
