import { err, ok, type Result } from "../../kernel/result.ts";
import type { SimTimeUs } from "../../kernel/time.ts";
import type { ConfigMapObject, DownwardAPIVolumeFile, KeyToPath, PodObject, SecretObject } from "../../kinds/generated/types.ts";
import { podFieldValue, resourceFieldValue } from "../env/field-value.ts";
import { decodeBase64 } from "./base64.ts";
import type { VolumeFiles } from "./lazy-volume.ts";

/** One file to be: its content is made when it is asked for. */
export interface PayloadFile {
  readonly path: string;
  readonly mode: number;
  readonly content: () => string;
}

export type Payload = readonly PayloadFile[];

export const DEFAULT_MODE = 0o644;

export function filesOf(payload: Payload, nowUs: SimTimeUs): VolumeFiles {
  return new Map(payload.map(({ path, mode, content }) => [path, { content: content(), mode, modifiedUs: nowUs }]));
}

/** Source: pkg/volume/configmap/configmap.go, MakePayload. */
export function configMapPayload(source: ConfigMapObject, items: readonly KeyToPath[] | undefined, mode: number, isOptional: boolean): Result<Payload, string> {
  const contents = new Map<string, () => string>();
  for (const [key, value] of Object.entries(source.data ?? {})) contents.set(key, () => value);
  for (const [key, value] of Object.entries(source.binaryData ?? {})) contents.set(key, () => decodeBase64(value));
  return pick(contents, items, mode, isOptional, (key) => `configmap references non-existent config key: ${key}`);
}

/** Source: pkg/volume/secret/secret.go, MakePayload. */
export function secretPayload(source: SecretObject, items: readonly KeyToPath[] | undefined, mode: number, isOptional: boolean): Result<Payload, string> {
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
export function downwardPayload(pod: PodObject, items: readonly DownwardAPIVolumeFile[], mode: number, allocatable: Readonly<Record<string, string>>): Result<Payload, string> {
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
