import { deepEqual } from "../../apimachinery/deep.ts";
import { type FieldError, forbidden, invalid, required } from "../../apimachinery/field-error.ts";
import { isQualifiedName, subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { StorageClassObject } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { addInvalid, checkOneOf, IMMUTABLE } from "../shared/checks.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";
import { withFields } from "../shared/ordered.ts";

const DEFAULT_ANNOTATIONS = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

/** Source: pkg/apis/storage/v1/defaults.go; pkg/apis/storage/validation/validation.go, ValidateStorageClass; printers.go, printStorageClass. */
export const StorageClass = defineKind<StorageClassObject>({
  group: "storage.k8s.io", version: "v1", kind: "StorageClass", plural: "storageclasses", shortNames: ["sc"], scope: "Cluster", schemaName: "storage/v1.StorageClass",
  defaults: (sc) => withFields("storage/v1.StorageClass", sc, { reclaimPolicy: sc.reclaimPolicy ?? "Delete", volumeBindingMode: sc.volumeBindingMode ?? "Immediate" }),
  validate: validateStorageClass,
  validateUpdate: (sc, stored) => {
    const errors = [...validateStorageClass(sc), ...validateObjectMetaUpdate(sc.metadata, stored.metadata)];
    if (!deepEqual(sc.parameters ?? {}, stored.parameters ?? {})) errors.push(forbidden("parameters", "updates to parameters are forbidden."));
    if (sc.provisioner !== stored.provisioner) errors.push(forbidden("provisioner", "updates to provisioner are forbidden."));
    if (sc.reclaimPolicy !== stored.reclaimPolicy) errors.push(forbidden("reclaimPolicy", "updates to reclaimPolicy are forbidden."));
    if (sc.volumeBindingMode !== stored.volumeBindingMode) errors.push(invalid("volumeBindingMode", sc.volumeBindingMode, IMMUTABLE));
    return errors;
  },
  columns: [
    { ...nameColumn, cell: ({ metadata }) => (DEFAULT_ANNOTATIONS.some((key) => metadata.annotations?.[key] === "true") ? `${metadata.name} (default)` : metadata.name) },
    { name: "Provisioner", type: "string", cell: (sc) => sc.provisioner },
    { name: "ReclaimPolicy", type: "string", cell: (sc) => sc.reclaimPolicy ?? "Delete" },
    { name: "VolumeBindingMode", type: "string", cell: (sc) => sc.volumeBindingMode ?? "Immediate" },
    { name: "AllowVolumeExpansion", type: "string", cell: (sc) => sc.allowVolumeExpansion ?? false },
    ageColumn,
  ],
});

function validateStorageClass(sc: StorageClassObject): FieldError[] {
  const errors = validateObjectMeta(sc.metadata, false, subdomainName);
  if (sc.provisioner === "") errors.push({ ...required("provisioner"), body: "Required value" });
  else addInvalid(errors, "provisioner", sc.provisioner, isQualifiedName(sc.provisioner.toLowerCase()));
  for (const key of Object.keys(sc.parameters ?? {})) if (key === "") errors.push(invalid("parameters", key, "field can not be empty."));
  if ((sc.reclaimPolicy ?? "") !== "") checkOneOf(errors, "reclaimPolicy", sc.reclaimPolicy, ["Delete", "Retain"]);
  checkOneOf(errors, "volumeBindingMode", sc.volumeBindingMode, ["Immediate", "WaitForFirstConsumer"]);
  return errors;
}
