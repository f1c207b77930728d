import { type FieldError, forbidden, invalid, notFoundField, notSupported, required } from "../../../apimachinery/field-error.ts";
import type { Container, VolumeMount } from "../../generated/types.ts";
import { checkLocalDescendingPath } from "./paths.ts";
import type { VolumesByName } from "./volumes.ts";

const PROPAGATIONS = ["Bidirectional", "HostToContainer", "None"] as const;
const RECURSIVE = ["Disabled", "Enabled", "IfPossible"] as const;

/** Source: pkg/apis/core/validation/validation.go, ValidateVolumeMounts. Some errors name the list, not the entry; so do upstream's. */
export function validateVolumeMounts(errors: FieldError[], container: Container, volumes: VolumesByName, path: string): void {
  const paths = new Set<string>();
  const devices = container.volumeDevices ?? [];
  container.volumeMounts?.forEach((mount, index) => {
    const at = `${path}[${index}]`;
    if (mount.name === "") errors.push(required(`${at}.name`));
    if (!volumes.has(mount.name)) errors.push(notFoundField(`${at}.name`, mount.name));
    if (mount.mountPath === "") errors.push(required(`${at}.mountPath`));
    if (paths.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, "must be unique"));
    paths.add(mount.mountPath);
    if (devices.some((device) => device.name === mount.name)) errors.push(invalid(`${at}.name`, mount.name, "must not already exist in volumeDevices"));
    if (devices.some((device) => device.devicePath === mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, "must not already exist as a path in volumeDevices"));
    if ((mount.subPath ?? "") !== "") checkLocalDescendingPath(errors, `${path}.subPath`, mount.subPath ?? "");
    if ((mount.subPathExpr ?? "") !== "") {
      if ((mount.subPath ?? "") !== "") errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, "subPathExpr and subPath are mutually exclusive"));
      checkLocalDescendingPath(errors, `${path}.subPathExpr`, mount.subPathExpr ?? "");
    }
    validatePropagation(errors, mount, container, path);
  });
}

/** Source: validateMountPropagation, validateMountRecursiveReadOnly. */
function validatePropagation(errors: FieldError[], mount: VolumeMount, container: Container, path: string): void {
  const { mountPropagation: propagation, recursiveReadOnly: recursive } = mount;
  if (propagation !== undefined) {
    if (!(PROPAGATIONS as readonly string[]).includes(propagation)) errors.push(notSupported(`${path}.mountPropagation`, propagation, PROPAGATIONS));
    if (propagation === "Bidirectional" && container.securityContext?.privileged !== true) errors.push(forbidden(`${path}.mountPropagation`, "Bidirectional mount propagation is available only to privileged containers"));
  }
  if (recursive === undefined) return;
  const at = `${path}.recursiveReadOnly`;
  if (recursive === "Enabled" || recursive === "IfPossible") {
    if (mount.readOnly !== true) errors.push(forbidden(at, "may only be specified when readOnly is true"));
    if (propagation !== undefined && propagation !== "None") errors.push(forbidden(at, "may only be specified when mountPropagation is None or not specified"));
  } else if (recursive !== "Disabled") errors.push(notSupported(at, recursive, RECURSIVE));
}

/** Source: ValidateVolumeDevices. */
export function validateVolumeDevices(errors: FieldError[], container: Container, volumes: VolumesByName, path: string): void {
  const names = new Set<string>();
  const paths = new Set<string>();
  const mounts = container.volumeMounts ?? [];
  container.volumeDevices?.forEach(({ name, devicePath }, index) => {
    const at = `${path}[${index}]`;
    const volume = volumes.get(name);
    if (name === "") errors.push(required(`${at}.name`));
    if (names.has(name)) errors.push(invalid(`${at}.name`, name, "must be unique"));
    if (volume === undefined) errors.push(notFoundField(`${at}.name`, name));
    else if (volume.persistentVolumeClaim === undefined && volume.ephemeral === undefined) errors.push(invalid(`${at}.name`, name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"));
    if (devicePath === "") errors.push(required(`${at}.devicePath`));
    if (paths.has(devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, "must be unique"));
    if (devicePath.split("/").includes("..")) errors.push(invalid(`${at}.devicePath`, devicePath, "can not contain backsteps ('..')"));
    else paths.add(devicePath);
    if (mounts.some((mount) => mount.name === name)) errors.push(invalid(`${at}.name`, name, "must not already exist in volumeMounts"));
    if (mounts.some((mount) => mount.mountPath === devicePath)) errors.push(invalid(`${at}.devicePath`, devicePath, "must not already exist as a path in volumeMounts"));
    if (name !== "") names.add(name);
  });
}
