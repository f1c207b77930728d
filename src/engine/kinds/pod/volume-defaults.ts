import type { DownwardAPIVolumeFile, PersistentVolumeClaimTemplate, ProjectedVolumeSource, Volume, VolumeProjection } from "../generated/types.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";
import { defaultFieldRef } from "./field-ref-defaults.ts";

const DEFAULT_MODE = 0o644;

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_Volume and the functions of the volume sources; zz_generated.defaults.go for +default tags. */
export function defaultVolume(volume: Volume): Volume {
  const { hostPath, secret, configMap, downwardAPI, projected, iscsi, rbd, azureDisk, scaleIO, ephemeral } = volume;
  const noSource = Object.entries(volume).every(([name, value]) => name === "name" || value === undefined);
  return withFields("core/v1.Volume", volume, {
    emptyDir: noSource ? {} : volume.emptyDir,
    hostPath: hostPath && withFields("core/v1.HostPathVolumeSource", hostPath, { type: hostPath.type ?? "" }),
    secret: secret && withFields("core/v1.SecretVolumeSource", secret, { defaultMode: secret.defaultMode ?? DEFAULT_MODE }),
    configMap: configMap && withFields("core/v1.ConfigMapVolumeSource", configMap, { defaultMode: configMap.defaultMode ?? DEFAULT_MODE }),
    downwardAPI: downwardAPI && withFields("core/v1.DownwardAPIVolumeSource", downwardAPI, { items: mapChanged(downwardAPI.items, defaultFile), defaultMode: downwardAPI.defaultMode ?? DEFAULT_MODE }),
    projected: projected && defaultProjected(projected),
    iscsi: iscsi && withFields("core/v1.ISCSIVolumeSource", iscsi, { iscsiInterface: iscsi.iscsiInterface || "default" }),
    rbd: rbd && withFields("core/v1.RBDVolumeSource", rbd, { pool: rbd.pool || "rbd", user: rbd.user || "admin", keyring: rbd.keyring || "/etc/ceph/keyring" }),
    azureDisk: azureDisk && withFields("core/v1.AzureDiskVolumeSource", azureDisk, {
      cachingMode: azureDisk.cachingMode ?? "ReadWrite", fsType: azureDisk.fsType ?? "ext4", readOnly: azureDisk.readOnly ?? false, kind: azureDisk.kind ?? "Shared",
    }),
    scaleIO: scaleIO && withFields("core/v1.ScaleIOVolumeSource", scaleIO, { storageMode: scaleIO.storageMode || "ThinProvisioned", fsType: scaleIO.fsType || "xfs" }),
    ephemeral: ephemeral?.volumeClaimTemplate === undefined ? ephemeral : { ...ephemeral, volumeClaimTemplate: defaultClaimTemplate(ephemeral.volumeClaimTemplate) },
  });
}

function defaultProjected(projected: ProjectedVolumeSource): ProjectedVolumeSource {
  return withFields("core/v1.ProjectedVolumeSource", projected, { sources: mapChanged(projected.sources, defaultProjection), defaultMode: projected.defaultMode ?? DEFAULT_MODE });
}

const TOKEN_SECONDS = 3600;

function defaultProjection(projection: VolumeProjection): VolumeProjection {
  const { serviceAccountToken: token, downwardAPI } = projection;
  return withFields("core/v1.VolumeProjection", projection, {
    serviceAccountToken: token && withFields("core/v1.ServiceAccountTokenProjection", token, { expirationSeconds: token.expirationSeconds ?? TOKEN_SECONDS }),
    downwardAPI: downwardAPI && withFields("core/v1.DownwardAPIProjection", downwardAPI, { items: mapChanged(downwardAPI.items, defaultFile) }),
  });
}

const defaultFile = (file: DownwardAPIVolumeFile): DownwardAPIVolumeFile =>
  file.fieldRef === undefined ? file : withFields("core/v1.DownwardAPIVolumeFile", file, { fieldRef: defaultFieldRef(file.fieldRef) });

function defaultClaimTemplate<T extends PersistentVolumeClaimTemplate>(template: T): T {
  const spec = withFields("core/v1.PersistentVolumeClaimSpec", template.spec, { volumeMode: template.spec.volumeMode ?? "Filesystem" });
  return spec === template.spec ? template : { ...template, spec };
}
