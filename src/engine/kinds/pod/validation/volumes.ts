import { duplicate, type FieldError, forbidden, invalid, notSupported, required } from "../../../apimachinery/field-error.ts";
import { isDns1123Subdomain } from "../../../apimachinery/names.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import type { ObjectMeta, Volume } from "../../generated/types.ts";
import { checkLabel } from "../../shared/checks.ts";
import { validateDownwardApi } from "./downward-api.ts";
import { checkNoBacksteps } from "./paths.ts";
import { validateProjected } from "./projected.ts";
import { checkMode, validateItems } from "./volume-items.ts";

/** The good volumes by name: what mounts may refer to. */
export type VolumesByName = ReadonlyMap<string, Volume>;

/** Source: pkg/apis/core/validation/validation.go, ValidateVolumes. Volumes that are wrong themselves do not count for mounts. */
export function validateVolumes(errors: FieldError[], volumes: readonly Volume[] | undefined, podMeta: ObjectMeta | undefined, path: string): VolumesByName {
  const byName = new Map<string, Volume>();
  const ownClaims = new Set((volumes ?? []).filter((volume) => volume.ephemeral !== undefined && podMeta !== undefined).map((volume) => `${podMeta?.name}-${volume.name}`));
  volumes?.forEach((volume, index) => {
    const at = `${path}[${index}]`;
    const own: FieldError[] = [];
    validateSource(own, volume, podMeta, at);
    if (volume.name === "") own.push(required(`${at}.name`));
    else checkLabel(own, `${at}.name`, volume.name);
    if (byName.has(volume.name)) own.push(duplicate(`${at}.name`, volume.name));
    if (own.length === 0) byName.set(volume.name, volume);
    errors.push(...own);
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim !== undefined && ownClaims.has(claim)) errors.push(invalid(`${at}.persistentVolumeClaim.claimName`, claim, "must not reference a PVC that gets created for an ephemeral volume"));
  });
  return byName;
}

type SourceName = Exclude<keyof Volume, "name">;
type Check = (errors: FieldError[], volume: Volume, path: string, podMeta: ObjectMeta | undefined) => void;

const HOST_PATH_TYPES = ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

/**
 * Sources in the order in which upstream looks at them: the second one found is one too many.
 * Image volumes are not among them: their feature gate is off in 1.33, where such a volume is one without a source.
 * Differs: of the cloud and legacy network sources only the fields that have no default are checked.
 */
const SOURCES: readonly (readonly [name: SourceName, check: Check, forbiddenName?: string])[] = [
  ["emptyDir", (errors, { emptyDir }, path) => {
    const limit = parseQuantity(emptyDir?.sizeLimit ?? "0");
    if (limit.ok && limit.value.nanos < 0n) errors.push(forbidden(`${path}.sizeLimit`, "SizeLimit field must be a valid resource quantity"));
  }],
  ["hostPath", (errors, { hostPath }, path) => validateHostPath(errors, hostPath?.path ?? "", hostPath?.type, path)],
  ["gitRepo", (errors, { gitRepo }, path) => checkRequired(errors, path, { repository: gitRepo?.repository })],
  ["gcePersistentDisk", (errors, { gcePersistentDisk }, path) => checkRequired(errors, path.replace(/gcePersistentDisk$/, "persistentDisk"), { pdName: gcePersistentDisk?.pdName })],
  ["awsElasticBlockStore", (errors, { awsElasticBlockStore }, path) => checkRequired(errors, path, { volumeID: awsElasticBlockStore?.volumeID })],
  ["secret", (errors, { secret }, path) => {
    checkRequired(errors, path, { secretName: secret?.secretName });
    checkMode(errors, `${path}.defaultMode`, secret?.defaultMode);
    validateItems(errors, secret?.items, `${path}.items`);
  }],
  ["nfs", (errors, { nfs }, path) => validateNfs(errors, nfs?.server, nfs?.path, path)],
  ["iscsi", (errors, { iscsi }, path) => checkRequired(errors, path, { targetPortal: iscsi?.targetPortal, iqn: iscsi?.iqn })],
  ["glusterfs", (errors, { glusterfs }, path) => checkRequired(errors, path, { endpoints: glusterfs?.endpoints, path: glusterfs?.path })],
  ["flocker", () => undefined],
  ["persistentVolumeClaim", (errors, { persistentVolumeClaim }, path) => checkRequired(errors, path, { claimName: persistentVolumeClaim?.claimName })],
  ["rbd", (errors, { rbd }, path) => checkRequired(errors, path, { monitors: rbd?.monitors?.[0], image: rbd?.image })],
  ["cinder", (errors, { cinder }, path) => checkRequired(errors, path, { volumeID: cinder?.volumeID })],
  ["cephfs", (errors, { cephfs }, path) => checkRequired(errors, path, { monitors: cephfs?.monitors?.[0] }), "cephFS"],
  ["quobyte", (errors, { quobyte }, path) => checkRequired(errors, path, { registry: quobyte?.registry, volume: quobyte?.volume })],
  ["downwardAPI", (errors, { downwardAPI }, path) => {
    checkMode(errors, `${path}.defaultMode`, downwardAPI?.defaultMode);
    downwardAPI?.items?.forEach((file) => validateDownwardApi(errors, file, path));
  }, "downwarAPI"],
  ["fc", () => undefined],
  ["flexVolume", (errors, { flexVolume }, path) => checkRequired(errors, path, { driver: flexVolume?.driver })],
  ["configMap", (errors, { configMap }, path) => {
    checkRequired(errors, path, { name: configMap?.name });
    checkMode(errors, `${path}.defaultMode`, configMap?.defaultMode);
    validateItems(errors, configMap?.items, `${path}.items`);
  }],
  ["azureFile", (errors, { azureFile }, path) => checkRequired(errors, path, { secretName: azureFile?.secretName, shareName: azureFile?.shareName })],
  ["vsphereVolume", (errors, { vsphereVolume }, path) => checkRequired(errors, path, { volumePath: vsphereVolume?.volumePath })],
  ["photonPersistentDisk", (errors, { photonPersistentDisk }, path) => checkRequired(errors, path, { pdID: photonPersistentDisk?.pdID })],
  ["portworxVolume", (errors, { portworxVolume }, path) => checkRequired(errors, path, { volumeID: portworxVolume?.volumeID })],
  ["azureDisk", (errors, { azureDisk }, path) => checkRequired(errors, path, { diskName: azureDisk?.diskName, diskURI: azureDisk?.diskURI })],
  ["storageos", (errors, { storageos }, path) => checkRequired(errors, path, { volumeName: storageos?.volumeName })],
  ["projected", (errors, { projected }, path) => { if (projected !== undefined) validateProjected(errors, projected, path); }],
  ["scaleIO", (errors, { scaleIO }, path) => checkRequired(errors, path, { gateway: scaleIO?.gateway, system: scaleIO?.system, volumeName: scaleIO?.volumeName })],
  ["csi", (errors, { csi }, path) => {
    checkRequired(errors, path, { driver: csi?.driver });
    if (csi?.nodePublishSecretRef !== undefined) checkRequired(errors, `${path}.nodePublishSecretRef`, { name: csi.nodePublishSecretRef.name });
  }],
  ["ephemeral", (errors, { name, ephemeral }, path, podMeta) => {
    if (ephemeral?.volumeClaimTemplate === undefined) return void errors.push(required(`${path}.volumeClaimTemplate`));
    if (podMeta === undefined || podMeta.name === "") return;
    for (const message of isDns1123Subdomain(`${podMeta.name}-${name}`)) errors.push(invalid(path.replace(/ephemeral$/, "name"), name, `PVC name ${JSON.stringify(`${podMeta.name}-${name}`)}: ${message}`));
  }],
];

/** Source: validateVolumeSource. */
function validateSource(errors: FieldError[], volume: Volume, podMeta: ObjectMeta | undefined, path: string): void {
  let found = 0;
  for (const [name, check, forbiddenName] of SOURCES) {
    if (volume[name] === undefined) continue;
    found += 1;
    if (found === 1) check(errors, volume, `${path}.${name}`, podMeta);
    else errors.push(forbidden(`${path}.${forbiddenName ?? name}`, "may not specify more than 1 volume type"));
  }
  if (found === 0) errors.push(required(path, "must specify a volume type"));
}

function checkRequired(errors: FieldError[], path: string, fields: Readonly<Record<string, string | undefined>>): void {
  for (const name in fields) if ((fields[name] ?? "") === "") errors.push(required(`${path}.${name}`));
}

/** Source: validateHostPathVolumeSource, validateHostPathType. */
export function validateHostPath(errors: FieldError[], hostPath: string, type: string | undefined, path: string): void {
  if (hostPath === "") return void errors.push(required(`${path}.path`));
  checkNoBacksteps(errors, `${path}.path`, hostPath);
  if (type !== undefined && !HOST_PATH_TYPES.includes(type)) errors.push(notSupported(`${path}.type`, type, HOST_PATH_TYPES));
}

/** Source: validateNFSVolumeSource. */
export function validateNfs(errors: FieldError[], server: string | undefined, share: string | undefined, path: string): void {
  checkRequired(errors, path, { server, path: share });
  if (!(share ?? "").startsWith("/")) errors.push(invalid(`${path}.path`, share ?? "", "must be an absolute path"));
}
