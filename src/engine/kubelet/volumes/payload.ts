import type { KubeObject } from "../../apimachinery/object.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { SimTimeUs } from "../../kernel/time.ts";
import type { ConfigMapObject, DownwardAPIVolumeFile, KeyToPath, PodObject, SecretObject, Volume as VolumeSource, VolumeProjection } from "../../kinds/generated/types.ts";
import type { VolumeFile } from "../../runtime/contracts.ts";
import { podFieldValue, resourceFieldValue } from "../env/field-value.ts";
import { decodeBase64 } from "./base64.ts";
import { asConfigMap, asSecret, type ObjectReference, type ObjectSort } from "./object-cache.ts";
import { serviceAccountToken } from "./token.ts";

export type VolumeFiles = Map<string, VolumeFile>;

/** One file to be: its content is made when it is asked for. */
export interface PayloadFile {
  readonly path: string;
  readonly mode: number;
  readonly content: () => string;
}

export type Payload = readonly PayloadFile[];

export interface PayloadInput {
  readonly pod: PodObject;
  readonly source: VolumeSource;
  /** The ConfigMaps and Secrets that the source names, as far as they exist. */
  readonly objects: readonly KubeObject[];
  readonly mountedUs: SimTimeUs;
  readonly allocatable: Readonly<Record<string, string>>;
  /** Unix seconds at simulated time 0. */
  readonly epochSeconds: number;
  readonly clusterDomain: string;
}

const DEFAULT_MODE = 0o644;
const TOKEN_MODE = 0o600;

/** Volumes whose content comes from the API. */
export const isApiVolume = (source: VolumeSource): boolean =>
  source.configMap !== undefined || source.secret !== undefined || source.projected !== undefined || source.downwardAPI !== undefined;

export function filesOf(payload: Payload, nowUs: SimTimeUs): VolumeFiles {
  return new Map(payload.map(({ path, mode, content }) => [path, { content: content(), mode, modifiedUs: nowUs }]));
}

/** Objects that a volume is made of. */
export function objectsOfVolume(source: VolumeSource, namespace: string): readonly ObjectReference[] {
  const found: ObjectReference[] = [];
  const add = (sort: ObjectSort, name: string | undefined): void => { if (name !== undefined && name !== "") found.push({ sort, namespace, name }); };
  add("configmap", source.configMap?.name);
  add("secret", source.secret?.secretName);
  for (const projection of source.projected?.sources ?? []) {
    add("configmap", projection.configMap?.name);
    add("secret", projection.secret?.name);
  }
  return found;
}

/** The files of such a volume, or the text after `MountVolume.SetUp failed for volume "x" : `. */
export function payloadOf(input: PayloadInput): Result<Payload, string> {
  const { source } = input;
  if (source.configMap !== undefined) {
    const { name = "", items, defaultMode = DEFAULT_MODE, optional = false } = source.configMap;
    return configMapPart(input, name, items, defaultMode, optional);
  }
  if (source.secret !== undefined) {
    const { secretName: name = "", items, defaultMode = DEFAULT_MODE, optional = false } = source.secret;
    return secretPart(input, name, items, defaultMode, optional);
  }
  if (source.downwardAPI !== undefined) return downwardPayload(input.pod, source.downwardAPI.items ?? [], source.downwardAPI.defaultMode ?? DEFAULT_MODE, input.allocatable);
  return projectedPayload(input, source.projected?.sources ?? [], source.projected?.defaultMode ?? DEFAULT_MODE);
}

function configMapPart(input: PayloadInput, name: string, items: readonly KeyToPath[] | undefined, mode: number, isOptional: boolean): Result<Payload, string> {
  const object = asConfigMap(input.objects.find((candidate) => candidate.kind === "ConfigMap" && candidate.metadata.name === name));
  if (object === undefined) return isOptional ? ok([]) : err(`configmap ${JSON.stringify(name)} not found`);
  return configMapPayload(object, items, mode, isOptional);
}

function secretPart(input: PayloadInput, name: string, items: readonly KeyToPath[] | undefined, mode: number, isOptional: boolean): Result<Payload, string> {
  const object = asSecret(input.objects.find((candidate) => candidate.kind === "Secret" && candidate.metadata.name === name));
  if (object === undefined) return isOptional ? ok([]) : err(`secret ${JSON.stringify(name)} not found`);
  return secretPayload(object, items, mode, isOptional);
}

/** Source: pkg/volume/configmap/configmap.go, MakePayload. */
function configMapPayload(source: ConfigMapObject, items: readonly KeyToPath[] | undefined, mode: number, isOptional: boolean): Result<Payload, string> {
  const contents = new Map<string, () => string>();
  for (const [key, value] of Object.entries(source.data ?? {})) contents.set(key, () => value);
  for (const [key, value] of Object.entries(source.binaryData ?? {})) contents.set(key, () => decodeBase64(value));
  return pick(contents, items, mode, isOptional, (key) => `configmap references non-existent config key: ${key}`);
}

/** Source: pkg/volume/secret/secret.go, MakePayload. */
function secretPayload(source: SecretObject, items: readonly KeyToPath[] | undefined, mode: number, isOptional: boolean): Result<Payload, string> {
  const contents = new Map<string, () => string>();
  for (const [key, value] of Object.entries(source.data ?? {})) contents.set(key, () => decodeBase64(value));
  return pick(contents, items, mode, isOptional, (key) => `references non-existent secret key: ${key}`);
}

function pick(contents: ReadonlyMap<string, () => string>, items: readonly KeyToPath[] | undefined, mode: number, isOptional: boolean, missing: (key: string) => string): Result<Payload, string> {
  if (items === undefined || items.length === 0) return ok([...contents].map(([path, content]) => ({ path, mode, content })));
  const files: PayloadFile[] = [];
  for (const item of items) {
    const content = contents.get(item.key);
    if (content !== undefined) files.push({ path: item.path, mode: item.mode ?? mode, content });
    else if (!isOptional) return err(missing(item.key));
  }
  return ok(files);
}

/** Source: pkg/volume/downwardapi/downwardapi.go, CollectData. */
function downwardPayload(pod: PodObject, items: readonly DownwardAPIVolumeFile[], mode: number, allocatable: Readonly<Record<string, string>>): Result<Payload, string> {
  const files: PayloadFile[] = [];
  for (const item of items) {
    const value =
      item.fieldRef !== undefined
        ? podFieldValue(pod, item.fieldRef.fieldPath, { podIps: [], hostIp: "" })
        : item.resourceFieldRef !== undefined
          ? resourceFieldValue(item.resourceFieldRef, pod, undefined, allocatable)
          : err("either fieldRef or resourceFieldRef is required");
    if (!value.ok) return value;
    const text = value.value;
    files.push({ path: item.path, mode: item.mode ?? mode, content: () => text });
  }
  return ok(files);
}

/** All sources in one directory; later ones win. Source: pkg/volume/projected/projected.go, collectData. */
function projectedPayload(input: PayloadInput, sources: readonly VolumeProjection[], mode: number): Result<Payload, string> {
  const files = new Map<string, PayloadFile>();
  const errors: string[] = [];
  for (const source of sources) {
    const part = projection(input, source, mode);
    if (part.ok) for (const file of part.value) files.set(file.path, file);
    else errors.push(part.error);
  }
  if (errors.length > 0) return err(errors.length === 1 ? (errors[0] ?? "") : `[${errors.join(", ")}]`);
  return ok([...files.values()]);
}

function projection(input: PayloadInput, source: VolumeProjection, mode: number): Result<Payload, string> {
  const { configMap, secret, downwardAPI, serviceAccountToken: token } = source;
  if (configMap !== undefined) return configMapPart(input, configMap.name ?? "", configMap.items, mode, configMap.optional === true);
  if (secret !== undefined) return secretPart(input, secret.name ?? "", secret.items, mode, secret.optional === true);
  if (downwardAPI !== undefined) return downwardPayload(input.pod, downwardAPI.items ?? [], mode, input.allocatable);
  if (token === undefined) return err("ClusterTrustBundle projections are not simulated");
  const { pod, clusterDomain, epochSeconds, mountedUs } = input;
  const nowUnixSeconds = epochSeconds + Math.floor(mountedUs / 1e6);
  return ok([{ path: token.path, mode: TOKEN_MODE, content: () => serviceAccountToken({ pod, source: token, nowUnixSeconds, clusterDomain }) }]);
}
