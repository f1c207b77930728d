import { deepEqual } from "../../apimachinery/deep.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import type { PersistentVolumeObject, PersistentVolumeSpec } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { validateNodeSelector } from "../pod/validation/affinity.ts";
import { checkNoBacksteps } from "../pod/validation/paths.ts";
import { validateHostPath, validateNfs } from "../pod/validation/volumes.ts";
import { addInvalid, checkOneOf, POSITIVE } from "../shared/checks.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";
import { withFields } from "../shared/ordered.ts";
import { defaultResourceList } from "../shared/resource-list.ts";
import { diffText } from "../shared/spec-diff.ts";
import { keepSpec, keepStatusOnly } from "../shared/strategy.ts";
import { validateAccessModes } from "./persistent-volume-claim.ts";
import { accessModesCell, classCell } from "./storage-cells.ts";

/** In the order in which upstream looks at them. */
const SOURCES = [
  "hostPath", "gcePersistentDisk", "awsElasticBlockStore", "glusterfs", "flocker", "nfs", "rbd", "quobyte", "cephfs", "iscsi", "cinder", "fc", "flexVolume", "azureFile", "vsphereVolume",
  "photonPersistentDisk", "portworxVolume", "azureDisk", "scaleIO", "local", "storageos", "csi",
] as const;

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_PersistentVolume; pkg/registry/core/persistentvolume/strategy.go; printers.go, printPersistentVolume. */
export const PersistentVolume = defineKind<PersistentVolumeObject>({
  group: "", version: "v1", kind: "PersistentVolume", plural: "persistentvolumes", shortNames: ["pv"], scope: "Cluster", schemaName: "core/v1.PersistentVolume",
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  defaults: (volume) => {
    const { hostPath } = volume.spec;
    const spec = withFields("core/v1.PersistentVolumeSpec", volume.spec, {
      capacity: defaultResourceList(volume.spec.capacity), persistentVolumeReclaimPolicy: volume.spec.persistentVolumeReclaimPolicy || "Retain", volumeMode: volume.spec.volumeMode ?? "Filesystem",
      hostPath: hostPath && withFields("core/v1.HostPathVolumeSource", hostPath, { type: hostPath.type ?? "" }),
    });
    return { ...volume, spec, status: withFields("core/v1.PersistentVolumeStatus", volume.status ?? {}, { phase: volume.status?.phase || "Pending" }) };
  },
  prepareForCreate: (volume, { now, time }) => ({ ...volume, status: { phase: "Pending", lastPhaseTransitionTime: time.seconds(now) } }),
  prepareForUpdate: (volume, stored) => keepStatusOnly(volume, stored),
  prepareForStatusUpdate: (volume, stored, { now, time }) => {
    const next = keepSpec(volume, stored);
    if (next.status?.phase === stored.status?.phase) return next;
    return { ...next, status: withFields("core/v1.PersistentVolumeStatus", next.status ?? {}, { lastPhaseTransitionTime: time.seconds(now) }) };
  },
  validate: (volume) => [...validateObjectMeta(volume.metadata, false, subdomainName), ...validateSpec(volume.spec)],
  validateUpdate: (volume, stored) => {
    const errors = [...validateObjectMeta(volume.metadata, false, subdomainName), ...validateSpec(volume.spec), ...validateObjectMetaUpdate(volume.metadata, stored.metadata)];
    const sources = (spec: PersistentVolumeSpec): object => Object.fromEntries(SOURCES.flatMap((name) => (spec[name] === undefined ? [] : [[name, spec[name]]])));
    const [next, before] = [sources(volume.spec), sources(stored.spec)];
    if (!deepEqual(next, before)) errors.push(forbidden("spec.persistentvolumesource", `spec.persistentvolumesource is immutable after creation\n${diffText("core.PersistentVolumeSource", before, next)}`));
    if (volume.spec.volumeMode !== stored.spec.volumeMode) errors.push(invalid("spec.volumeMode", volume.spec.volumeMode, "field is immutable"));
    return errors;
  },
  validateStatusUpdate: (volume, stored) => validateObjectMetaUpdate(volume.metadata, stored.metadata),
  columns: [
    nameColumn,
    { name: "Capacity", type: "string", cell: ({ spec }) => spec.capacity?.["storage"] ?? "0" },
    { name: "Access Modes", type: "string", cell: ({ spec }) => accessModesCell(spec.accessModes) },
    { name: "Reclaim Policy", type: "string", cell: ({ spec }) => spec.persistentVolumeReclaimPolicy ?? "" },
    { name: "Status", type: "string", cell: ({ metadata, status }) => (metadata.deletionTimestamp === undefined ? (status?.phase ?? "") : "Terminating") },
    { name: "Claim", type: "string", cell: ({ spec }) => (spec.claimRef === undefined ? "" : `${spec.claimRef.namespace ?? ""}/${spec.claimRef.name ?? ""}`) },
    { name: "StorageClass", type: "string", cell: ({ metadata, spec }) => classCell(metadata, spec.storageClassName) },
    { name: "VolumeAttributesClass", type: "string", cell: ({ spec }) => spec.volumeAttributesClassName ?? "<unset>" },
    { name: "Reason", type: "string", cell: ({ status }) => status?.reason ?? "" },
    ageColumn,
    { name: "VolumeMode", type: "string", priority: 1, cell: ({ spec }) => spec.volumeMode ?? "<unset>" },
  ],
});

/** Source: pkg/apis/core/validation/validation.go, ValidatePersistentVolumeSpec. Differs: of cloud and legacy sources nothing inside is checked. */
function validateSpec(spec: PersistentVolumeSpec): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec.accessModes ?? [];
  if (modes.length === 0) errors.push(required("spec.accessModes"));
  validateAccessModes(errors, modes, "spec.accessModes");
  validateCapacity(errors, spec);
  if (spec.persistentVolumeReclaimPolicy !== undefined) checkOneOf(errors, "spec.persistentVolumeReclaimPolicy", spec.persistentVolumeReclaimPolicy, ["Delete", "Recycle", "Retain"]);
  if (spec.nodeAffinity !== undefined) {
    if (spec.nodeAffinity.required === undefined) errors.push(required("spec.nodeAffinity.required", "must specify required node constraints"));
    else validateNodeSelector(errors, spec.nodeAffinity.required, "spec.nodeAffinity.required");
  }
  validateSources(errors, spec);
  if (spec.hostPath?.path === "/" && spec.persistentVolumeReclaimPolicy === "Recycle") errors.push(forbidden("spec.persistentVolumeReclaimPolicy", "may not be 'recycle' for a hostPath mount of '/'"));
  if ((spec.storageClassName ?? "") !== "") addInvalid(errors, "spec.storageClassName", spec.storageClassName, subdomainName(spec.storageClassName ?? "", false));
  if (spec.volumeMode !== undefined && spec.volumeMode !== "Block" && spec.volumeMode !== "Filesystem") errors.push(notSupported("spec.volumeMode", spec.volumeMode, ["Block", "Filesystem"]));
  return errors;
}

function validateCapacity(errors: FieldError[], { capacity = {} }: PersistentVolumeSpec): void {
  const names = Object.keys(capacity).sort();
  if (names.length === 0) errors.push(required("spec.capacity"));
  if (capacity["storage"] === undefined || names.length > 1) errors.push(notSupported("spec.capacity", capacity, ["storage"]));
  for (const name of names) {
    const parsed = parseQuantity(capacity[name] ?? "0");
    if (parsed.ok && parsed.value.nanos <= 0n) errors.push(invalid(`spec.capacity[${name}]`, capacity[name], POSITIVE));
  }
}

function validateSources(errors: FieldError[], spec: PersistentVolumeSpec): void {
  let found = 0;
  for (const name of SOURCES) {
    if (spec[name] === undefined) continue;
    found += 1;
    if (found > 1) {
      errors.push(forbidden(`spec.${name}`, "may not specify more than 1 volume type"));
      continue;
    }
    if (spec.hostPath !== undefined) validateHostPath(errors, spec.hostPath.path, spec.hostPath.type, "spec.hostPath");
    else if (spec.nfs !== undefined) validateNfs(errors, spec.nfs.server, spec.nfs.path, "spec.nfs");
    else if (spec.local !== undefined) {
      if (spec.local.path === "") errors.push(required("spec.local.path"));
      else checkNoBacksteps(errors, "spec.local.path", spec.local.path);
      if (spec.nodeAffinity === undefined) errors.push(required("spec.nodeAffinity", "Local volume requires node affinity"));
    } else if (spec.csi !== undefined) {
      if (spec.csi.driver === "") errors.push(required("spec.csi.driver"));
      if (spec.csi.volumeHandle === "") errors.push(required("spec.csi.volumeHandle"));
    }
  }
  if (found === 0) errors.push(required("spec", "must specify a volume type"));
}
