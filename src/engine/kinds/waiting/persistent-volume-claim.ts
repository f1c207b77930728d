import { deepEqual } from "../../apimachinery/deep.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import { compareQuantities, parseQuantity, type Quantity } from "../../apimachinery/quantity.ts";
import type { PersistentVolumeClaimObject, PersistentVolumeClaimSpec } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { addInvalid, NON_NEGATIVE, POSITIVE } from "../shared/checks.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";
import { validateLabelSelector } from "../shared/label-selector-validation.ts";
import { withFields } from "../shared/ordered.ts";
import { defaultResources } from "../shared/resource-list.ts";
import { diffText } from "../shared/spec-diff.ts";
import { keepSpec, keepStatusOnly } from "../shared/strategy.ts";
import { ACCESS_MODES, accessModesCell, classCell, sortedModes } from "./storage-cells.ts";

const IMMUTABLE_SPEC = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_PersistentVolumeClaim; pkg/registry/core/persistentvolumeclaim/strategy.go; printers.go, printPersistentVolumeClaim. */
export const PersistentVolumeClaim = defineKind<PersistentVolumeClaimObject>({
  group: "", version: "v1", kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", shortNames: ["pvc"], scope: "Namespaced", schemaName: "core/v1.PersistentVolumeClaim",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  defaults: defaultClaim,
  prepareForCreate: (claim) => ({ ...claim, spec: syncDataSources(claim.spec), status: { phase: "Pending" } }),
  prepareForUpdate: (claim, stored) => keepStatusOnly({ ...claim, spec: syncDataSources(claim.spec) }, stored),
  prepareForStatusUpdate: keepSpec,
  validate: (claim) => [...validateObjectMeta(claim.metadata, true, subdomainName), ...validateClaimSpec(claim.spec, "spec")],
  validateUpdate: (claim, stored) => [...validateObjectMeta(claim.metadata, true, subdomainName), ...validateClaimSpec(claim.spec, "spec"), ...validateClaimUpdate(claim, stored)],
  validateStatusUpdate: (claim, stored) => validateObjectMetaUpdate(claim.metadata, stored.metadata),
  columns: [
    nameColumn,
    { name: "Status", type: "string", cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? "") : "Terminating") },
    { name: "Volume", type: "string", cell: ({ spec }) => spec.volumeName ?? "" },
    { name: "Capacity", type: "string", cell: ({ spec, status }) => ((spec.volumeName ?? "") === "" ? "" : (status?.capacity?.["storage"] ?? "0")) },
    { name: "Access Modes", type: "string", cell: ({ spec, status }) => ((spec.volumeName ?? "") === "" ? "" : accessModesCell(status?.accessModes)) },
    { name: "StorageClass", type: "string", cell: (claim) => classCell(claim.metadata, claim.spec.storageClassName) },
    { name: "VolumeAttributesClass", type: "string", cell: ({ spec }) => spec.volumeAttributesClassName ?? "<unset>" },
    ageColumn,
    { name: "VolumeMode", type: "string", priority: 1, cell: ({ spec }) => spec.volumeMode ?? "<unset>" },
  ],
});

export function defaultClaim(claim: PersistentVolumeClaimObject): PersistentVolumeClaimObject {
  const spec = withFields("core/v1.PersistentVolumeClaimSpec", claim.spec, { resources: defaultResources(claim.spec.resources ?? {}), volumeMode: claim.spec.volumeMode ?? "Filesystem" });
  const status = claim.status ?? {};
  return { ...claim, spec, status: withFields("core/v1.PersistentVolumeClaimStatus", status, { phase: status.phase || "Pending" }) };
}

/** dataSource and dataSourceRef say the same. Source: pkg/api/persistentvolumeclaim/util.go, NormalizeDataSources. */
function syncDataSources(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined && dataSourceRef === undefined) return withFields("core/v1.PersistentVolumeClaimSpec", spec, { dataSourceRef: dataSource });
  if (dataSource !== undefined || dataSourceRef === undefined || (dataSourceRef.namespace ?? "") !== "") return spec;
  const known = dataSourceRef.apiGroup === undefined ? dataSourceRef.kind === "PersistentVolumeClaim" : dataSourceRef.apiGroup === "snapshot.storage.k8s.io" && dataSourceRef.kind === "VolumeSnapshot";
  return known ? withFields("core/v1.PersistentVolumeClaimSpec", spec, { dataSource: dataSourceRef }) : spec;
}

const read = (text: string | undefined): Quantity => {
  const parsed = parseQuantity(text ?? "0");
  return parsed.ok ? parsed.value : { nanos: 0n, format: "DecimalSI" };
};

/** Source: pkg/apis/core/validation/validation.go, ValidatePersistentVolumeClaimSpec. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, "at least 1 access mode is required"));
  validateLabelSelector(errors, spec.selector, `${path}.selector`);
  validateAccessModes(errors, modes, `${path}.accessModes`);
  const storage = spec.resources?.requests?.["storage"];
  const at = `${path}.resources[storage]`;
  if (storage === undefined) errors.push(required(at));
  else if (read(storage).nanos < 0n) errors.push(invalid(at, storage, NON_NEGATIVE));
  else if (read(storage).nanos === 0n) errors.push(invalid(at, storage, POSITIVE));
  if ((spec.storageClassName ?? "") !== "") addInvalid(errors, `${path}.storageClassName`, spec.storageClassName, subdomainName(spec.storageClassName ?? "", false));
  if (spec.volumeMode !== undefined && spec.volumeMode !== "Block" && spec.volumeMode !== "Filesystem") errors.push(notSupported(`${path}.volumeMode`, spec.volumeMode, ["Block", "Filesystem"]));
  if (spec.dataSource !== undefined) {
    if (spec.dataSource.name === "") errors.push(required(`${path}.dataSource.name`));
    if (spec.dataSource.kind === "") errors.push(required(`${path}.dataSource.kind`));
    if ((spec.dataSource.apiGroup ?? "") === "" && spec.dataSource.kind !== "PersistentVolumeClaim") errors.push(invalid(`${path}.dataSource`, spec.dataSource.kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup"));
  }
  return errors;
}

export function validateAccessModes(errors: FieldError[], modes: readonly string[], path: string): void {
  for (const mode of modes) if (!(ACCESS_MODES as readonly string[]).includes(mode)) errors.push(notSupported(path, mode, sortedModes));
  if (modes.includes("ReadWriteOncePod") && modes.some((mode) => mode !== "ReadWriteOncePod")) errors.push(forbidden(path, "may not use ReadWriteOncePod with other access modes"));
}

/** Source: ValidatePersistentVolumeClaimUpdate. A volume and a class may be named once; a bound claim may grow. */
function validateClaimUpdate(claim: PersistentVolumeClaimObject, stored: PersistentVolumeClaimObject): FieldError[] {
  const errors = validateObjectMetaUpdate(claim.metadata, stored.metadata);
  const [next, before] = [claim.spec, stored.spec];
  const bound = stored.status?.phase === "Bound";
  const munged: PersistentVolumeClaimSpec = {
    ...next,
    volumeName: (before.volumeName ?? "") === "" ? before.volumeName : next.volumeName,
    storageClassName: before.storageClassName === undefined ? undefined : next.storageClassName,
    ...(bound ? { resources: { ...next.resources, requests: { ...next.resources?.requests, storage: before.resources?.requests?.["storage"] ?? "0" } } } : {}),
  };
  if (!deepEqual(munged, before)) errors.push(forbidden("spec", `${IMMUTABLE_SPEC}\n${diffText("core.PersistentVolumeClaimSpec", before, munged)}`));
  const size = read(next.resources?.requests?.["storage"]);
  const shrinks = compareQuantities(size, read(before.resources?.requests?.["storage"])) < 0;
  if (bound && shrinks && compareQuantities(size, read(stored.status?.capacity?.["storage"])) <= 0) errors.push(forbidden("spec.resources.requests.storage", "field can not be less than status.capacity"));
  return errors;
}
