import { quantityMilli, quantityValue } from "../../apimachinery/quantity.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Container, PodObject } from "../../kinds/generated/types.ts";
import type { ContainerConfig, PulledImage, Volume } from "../../runtime/contracts.ts";
import { expand, lookupIn } from "../env/expansion.ts";
import { expandArguments, makeEnvironment, type ServiceEnvironment, type Variable } from "../env/environment.ts";
import type { PodAddresses } from "../env/field-value.ts";
import { formatPod } from "../pod-helpers.ts";
import type { Task } from "../task.ts";
import { ApiVolume } from "../volumes/api-volume.ts";
import { asConfigMap, asSecret, type ObjectCache, type ObjectReference, type ObjectSort } from "../volumes/object-cache.ts";

export interface ContainerConfigInput {
  readonly pod: PodObject;
  readonly container: Container;
  readonly attempt: number;
  readonly image: PulledImage;
  readonly addresses: PodAddresses;
  readonly allocatable: Readonly<Record<string, string>>;
  readonly services: ServiceEnvironment;
  readonly objects: ObjectCache;
  readonly volume: (name: string) => Volume | undefined;
}

/**
 * What the runtime needs to make a container. The error is the message of CreateContainerConfigError.
 * Source: pkg/kubelet/kuberuntime/kuberuntime_container.go, generateContainerConfig; pkg/kubelet/kubelet_pods.go, GenerateRunContainerOptions.
 */
export function* containerConfig(input: ContainerConfigInput): Task<Result<ContainerConfig, string>> {
  const { pod, container } = input;
  const loaded = yield* loadReferences(input);
  if (!loaded.ok) return loaded;
  const env = makeEnvironment({
    pod, container, addresses: input.addresses, allocatable: input.allocatable, services: input.services,
    configMap: (name) => asConfigMap(input.objects.peek(referenceTo(pod, "configmap", name))),
    secret: (name) => asSecret(input.objects.peek(referenceTo(pod, "secret", name))),
  });
  if (!env.ok) return env;
  const mounts = makeMounts(input, env.value);
  if (!mounts.ok) return mounts;
  const nonRoot = checkNonRoot(input);
  if (nonRoot !== undefined) return err(nonRoot);
  const security = { ...pod.spec.securityContext, ...container.securityContext };
  const { memory, cpu } = container.resources?.limits ?? {};
  const groups = [...(pod.spec.securityContext?.supplementalGroups ?? []), ...(pod.spec.securityContext?.fsGroup === undefined ? [] : [pod.spec.securityContext.fsGroup])];
  return ok({
    name: container.name,
    attempt: input.attempt,
    image: container.image ?? "",
    command: expandArguments(container.command, env.value),
    args: expandArguments(container.args, env.value),
    workingDir: container.workingDir ?? "",
    env: env.value,
    mounts: mounts.value,
    memoryLimitBytes: memory === undefined ? undefined : quantityValue(memory),
    cpuLimitMilli: cpu === undefined ? undefined : quantityMilli(cpu),
    tty: container.tty === true,
    stdin: container.stdin === true,
    terminationMessagePath: container.terminationMessagePath ?? "/dev/termination-log",
    ...(security.runAsUser === undefined ? {} : { runAsUser: security.runAsUser }),
    ...(security.runAsGroup === undefined ? {} : { runAsGroup: security.runAsGroup }),
    ...(groups.length === 0 ? {} : { supplementalGroups: groups }),
    ...(container.securityContext?.readOnlyRootFilesystem === true ? { readOnlyRootFilesystem: true } : {}),
  });
}

const referenceTo = (pod: PodObject, sort: ObjectSort, name: string): ObjectReference => ({ sort, namespace: pod.metadata.namespace ?? "", name });

/** Waits for the first answer about every object that the environment needs. */
function* loadReferences({ pod, container, objects }: ContainerConfigInput): Task<Result<undefined, string>> {
  const wanted: ObjectReference[] = [];
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    if (configMapRef !== undefined) wanted.push(referenceTo(pod, "configmap", configMapRef.name ?? ""));
    if (secretRef !== undefined) wanted.push(referenceTo(pod, "secret", secretRef.name ?? ""));
  }
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.configMapKeyRef !== undefined) wanted.push(referenceTo(pod, "configmap", valueFrom.configMapKeyRef.name ?? ""));
    if (valueFrom?.secretKeyRef !== undefined) wanted.push(referenceTo(pod, "secret", valueFrom.secretKeyRef.name ?? ""));
  }
  for (const reference of wanted) {
    const found = yield* objects.get(reference);
    if (!found.ok) return found;
  }
  return ok(undefined);
}

/** Source: pkg/kubelet/kubelet_pods.go, makeMounts. */
function makeMounts({ container, volume }: ContainerConfigInput, env: readonly Variable[]): Result<ContainerConfig["mounts"], string> {
  const mounts: ContainerConfig["mounts"][number][] = [];
  const lookup = lookupIn(new Map(env.map(({ name, value }) => [name, value])));
  for (const mount of container.volumeMounts ?? []) {
    const source = volume(mount.name);
    if (source === undefined) return err(`cannot find volume ${JSON.stringify(mount.name)} to mount into container ${JSON.stringify(container.name)}`);
    let subPath = mount.subPath ?? "";
    if (mount.subPathExpr !== undefined && mount.subPathExpr !== "") {
      subPath = expand(mount.subPathExpr, lookup);
      const unknown = /\$\(([^)]*)\)/.exec(subPath)?.[1];
      if (unknown !== undefined) return err(`missing value for ${JSON.stringify(unknown)}`);
    }
    if (subPath.startsWith("/")) return err("error SubPath `" + subPath + "` must not be an absolute path");
    if (subPath.split("/").includes("..")) return err(`unable to provision SubPath \`${subPath}\`: must not contain '..'`);
    const seen = subPath !== "" && source instanceof ApiVolume ? source.snapshot() : source;
    mounts.push({ path: mount.mountPath, volume: seen, subPath, readOnly: mount.readOnly === true });
  }
  return ok(mounts);
}

/** Source: pkg/kubelet/kuberuntime/security_context.go, verifyRunAsNonRoot. */
function checkNonRoot({ pod, container, image }: ContainerConfigInput): string | undefined {
  const isWanted = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  if (isWanted !== true) return undefined;
  const where = `(pod: ${JSON.stringify(formatPod(pod))}, container: ${container.name})`;
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  if (user !== undefined) return user === 0 ? `container's runAsUser breaks non-root policy ${where}` : undefined;
  const imageUser = image.user ?? "0";
  if (/^\d+$/.test(imageUser)) return Number(imageUser) === 0 ? `container has runAsNonRoot and image will run as root ${where}` : undefined;
  return `container has runAsNonRoot and image has non-numeric user (${imageUser}), cannot verify user is non-root ${where}`;
}
