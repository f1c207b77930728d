import { err, ok, type Result } from "../../kernel/result.ts";
import type { KubeObject } from "../../apimachinery/object.ts";
import type { PodObject, Volume as VolumeSource, VolumeProjection } from "../../kinds/generated/types.ts";
import type { NodeContext } from "../node-context.ts";
import type { Task } from "../task.ts";
import { asConfigMap, asSecret, type ObjectCache } from "./object-cache.ts";
import { configMapPayload, DEFAULT_MODE, downwardPayload, type Payload, secretPayload } from "./payload.ts";
import { serviceAccountToken } from "./token.ts";

export interface SetUpInput {
  readonly context: NodeContext;
  readonly objects: ObjectCache;
  readonly pod: PodObject;
  readonly allocatable: Readonly<Record<string, string>>;
}

/** Volumes whose content comes from the API. */
export const isApiVolume = (source: VolumeSource): boolean =>
  source.configMap !== undefined || source.secret !== undefined || source.projected !== undefined || source.downwardAPI !== undefined;

/** The files of such a volume, or the text after "MountVolume.SetUp failed for volume "x" : ". */
export function* collectPayload(input: SetUpInput, source: VolumeSource): Task<Result<Payload, string>> {
  const { pod, allocatable } = input;
  const namespace = pod.metadata.namespace ?? "";
  if (source.configMap !== undefined) {
    const { name = "", items, defaultMode = DEFAULT_MODE, optional = false } = source.configMap;
    return yield* fromObject(input, "configmap", name, optional, (object) => configMapPayload(asConfigMap(object) ?? missing(namespace, name), items, defaultMode, optional));
  }
  if (source.secret !== undefined) {
    const { secretName: name = "", items, defaultMode = DEFAULT_MODE, optional = false } = source.secret;
    return yield* fromObject(input, "secret", name, optional, (object) => secretPayload(asSecret(object) ?? missing(namespace, name), items, defaultMode, optional));
  }
  if (source.downwardAPI !== undefined) return downwardPayload(pod, source.downwardAPI.items ?? [], source.downwardAPI.defaultMode ?? DEFAULT_MODE, allocatable);
  return yield* collectProjected(input, source.projected?.sources ?? [], source.projected?.defaultMode ?? DEFAULT_MODE);
}

const missing = (namespace: string, name: string): { apiVersion: string; kind: string; metadata: { name: string; namespace: string } } => ({ apiVersion: "v1", kind: "", metadata: { name, namespace } });

function* fromObject(input: SetUpInput, sort: "configmap" | "secret", name: string, isOptional: boolean, make: (object: KubeObject) => Result<Payload, string>): Task<Result<Payload, string>> {
  const found = yield* input.objects.get({ sort, namespace: input.pod.metadata.namespace ?? "", name });
  if (!found.ok) return found;
  if (found.value === undefined) return isOptional ? ok([]) : err(`${sort} ${JSON.stringify(name)} not found`);
  return make(found.value);
}

/** All sources in one directory; later ones win. Source: pkg/volume/projected/projected.go, collectData. */
function* collectProjected(input: SetUpInput, sources: readonly VolumeProjection[], mode: number): Task<Result<Payload, string>> {
  const files = new Map<string, Payload[number]>();
  const errors: string[] = [];
  for (const source of sources) {
    const part = yield* collectProjection(input, source, mode);
    if (part.ok) for (const file of part.value) files.set(file.path, file);
    else errors.push(part.error);
  }
  if (errors.length > 0) return err(errors.length === 1 ? (errors[0] ?? "") : `[${errors.join(", ")}]`);
  return ok([...files.values()]);
}

function* collectProjection(input: SetUpInput, source: VolumeProjection, mode: number): Task<Result<Payload, string>> {
  const { pod, context } = input;
  if (source.configMap !== undefined) {
    const { name = "", items, optional = false } = source.configMap;
    return yield* fromObject(input, "configmap", name, optional, (object) => configMapPayload(asConfigMap(object) ?? missing("", name), items, mode, optional));
  }
  if (source.secret !== undefined) {
    const { name = "", items, optional = false } = source.secret;
    return yield* fromObject(input, "secret", name, optional, (object) => secretPayload(asSecret(object) ?? missing("", name), items, mode, optional));
  }
  if (source.downwardAPI !== undefined) return downwardPayload(pod, source.downwardAPI.items ?? [], mode, input.allocatable);
  const token = source.serviceAccountToken;
  if (token !== undefined) {
    const nowUnixSeconds = context.time.epochSeconds + Math.floor(context.clock.now() / 1e6);
    return ok([{ path: token.path, mode: 0o600, content: () => serviceAccountToken({ pod, source: token, nowUnixSeconds, clusterDomain: context.clusterDomain }) }]);
  }
  return err("ClusterTrustBundle projections are not simulated");
}
