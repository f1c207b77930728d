import { type FieldError, invalid } from "../apimachinery/field-error.ts";
import { isQualifiedName, labelName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { NamespaceObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { addInvalid } from "./shared/checks.ts";
import { ageColumn, nameColumn } from "./shared/columns.ts";
import { withFields } from "./shared/ordered.ts";
import { keepSpec } from "./shared/strategy.ts";

const NAME_LABEL = "kubernetes.io/metadata.name";
const STANDARD_FINALIZERS = new Set(["kubernetes", "orphan", "foregroundDeletion"]);

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_Namespace; pkg/registry/core/namespace/strategy.go; pkg/printers/internalversion/printers.go, printNamespace. */
export const Namespace = defineKind<NamespaceObject>({
  group: "", version: "v1", kind: "Namespace", plural: "namespaces", shortNames: ["ns"], scope: "Cluster", schemaName: "core/v1.Namespace",
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: [{ name: "finalize", verbs: ["update"] }, { name: "status", verbs: ["get", "patch", "update"] }],
  selectableFields: { "status.phase": ({ status }) => status?.phase ?? "" },
  defaults: (namespace) => {
    const named = withNameLabel(namespace);
    return named.status?.phase === undefined || named.status.phase === "" ? { ...named, status: { ...named.status, phase: "Active" } } : named;
  },
  prepareForCreate: (namespace) => {
    const finalizers = namespace.spec?.finalizers ?? [];
    const own = finalizers.includes("kubernetes") ? finalizers : [...finalizers, "kubernetes"];
    return { ...withNameLabel(namespace), spec: { ...namespace.spec, finalizers: own }, status: { phase: "Active" } };
  },
  prepareForUpdate: (namespace, stored) => ({ ...namespace, spec: { ...namespace.spec, finalizers: stored.spec?.finalizers }, status: stored.status }),
  prepareForStatusUpdate: keepSpec,
  validate: (namespace) => [...validateObjectMeta(namespace.metadata, false, labelName), ...validateFinalizers(namespace.spec?.finalizers, () => "spec.finalizers")],
  validateUpdate: (namespace, stored) => validateObjectMetaUpdate(namespace.metadata, stored.metadata),
  validateStatusUpdate: (namespace, stored) => {
    const errors = validateObjectMetaUpdate(namespace.metadata, stored.metadata);
    const phase = namespace.status?.phase ?? "";
    const deleting = namespace.metadata.deletionTimestamp !== undefined || stored.metadata.deletionTimestamp !== undefined;
    if (!deleting && phase !== "Active") errors.push(invalid("status.Phase", phase, "may only be 'Active' if `deletionTimestamp` is empty"));
    if (deleting && phase !== "Terminating") errors.push(invalid("status.Phase", phase, "may only be 'Terminating' if `deletionTimestamp` is not empty"));
    return errors;
  },
  columns: [nameColumn, { name: "Status", type: "string", cell: ({ status }) => status?.phase ?? "" }, ageColumn],
});

/** Every namespace carries its name as a label, whatever the client says. */
function withNameLabel(namespace: NamespaceObject): NamespaceObject {
  const { name, labels } = namespace.metadata;
  if (name === undefined || name === "" || labels?.[NAME_LABEL] === name) return namespace;
  const all = Object.fromEntries(Object.entries({ ...labels, [NAME_LABEL]: name }).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { ...namespace, metadata: withFields("meta/v1.ObjectMeta", namespace.metadata, { labels: all }) };
}

/** A write to /finalize. Source: pkg/apis/core/validation/validation.go, ValidateNamespaceFinalizeUpdate. */
export function validateNamespaceFinalize(namespace: NamespaceObject, stored: NamespaceObject): FieldError[] {
  return [...validateObjectMetaUpdate(namespace.metadata, stored.metadata), ...validateFinalizers(namespace.spec?.finalizers, (index) => `spec.finalizers[${index}]`)];
}

function validateFinalizers(finalizers: readonly string[] | undefined, pathOf: (index: number) => string): FieldError[] {
  const errors: FieldError[] = [];
  finalizers?.forEach((finalizer, index) => {
    addInvalid(errors, pathOf(index), finalizer, isQualifiedName(finalizer));
    if (!finalizer.includes("/") && !STANDARD_FINALIZERS.has(finalizer)) errors.push(invalid(pathOf(index), finalizer, "name is neither a standard finalizer name nor is it fully qualified"));
  });
  return errors;
}
