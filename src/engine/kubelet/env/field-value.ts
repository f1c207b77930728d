import { canonicalQuantity, quantityMilli, quantityValue } from "../../apimachinery/quantity.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Container, PodObject, ResourceFieldSelector } from "../../kinds/generated/types.ts";

/** Addresses that are known by now. */
export interface PodAddresses {
  readonly podIps: readonly string[];
  readonly hostIp: string;
}

/**
 * A field of a pod as text, for the environment and downwardAPI files.
 * Source: pkg/fieldpath/fieldpath.go, ExtractFieldPathAsString; pkg/kubelet/kubelet_pods.go, podFieldSelectorRuntimeValue.
 */
export function podFieldValue(pod: PodObject, fieldPath: string, { podIps, hostIp }: PodAddresses): Result<string, string> {
  const subscript = /^metadata\.(annotations|labels)\['(.*)'\]$/.exec(fieldPath);
  if (subscript !== null) {
    const map = subscript[1] === "labels" ? pod.metadata.labels : pod.metadata.annotations;
    return ok(map?.[subscript[2] ?? ""] ?? "");
  }
  switch (fieldPath) {
    case "metadata.name": return ok(pod.metadata.name);
    case "metadata.namespace": return ok(pod.metadata.namespace ?? "");
    case "metadata.uid": return ok(pod.metadata.uid ?? "");
    case "metadata.labels": return ok(formatMap(pod.metadata.labels));
    case "metadata.annotations": return ok(formatMap(pod.metadata.annotations));
    case "spec.nodeName": return ok(pod.spec.nodeName ?? "");
    case "spec.serviceAccountName": return ok(pod.spec.serviceAccountName ?? "");
    case "status.hostIP": return ok(hostIp);
    case "status.hostIPs": return ok(hostIp);
    case "status.podIP": return ok(podIps[0] ?? "");
    case "status.podIPs": return ok(podIps.join(","));
    default: return err(`unsupported fieldPath: ${fieldPath}`);
  }
}

/** key="value" lines by key. Source: pkg/fieldpath/fieldpath.go, FormatMap. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  return Object.entries(map ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join("\n");
}

/**
 * A container's request or limit as a number of the divisor, rounded up; a limit that is not set is what the node can give.
 * Source: pkg/api/v1/resource/helpers.go, ExtractContainerResourceValue; pkg/kubelet/kubelet_resources.go, defaultPodLimitsForDownwardAPI.
 */
export function resourceFieldValue(selector: ResourceFieldSelector, pod: PodObject, own: Container | undefined, allocatable: Readonly<Record<string, string>>): Result<string, string> {
  const { containerName, resource, divisor } = selector;
  const container = containerName === undefined || containerName === "" ? own : [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].find(({ name }) => name === containerName);
  if (container === undefined) return err(`container ${containerName ?? ""} not found`);
  const dot = resource.indexOf(".");
  const section = resource.slice(0, dot);
  const name = resource.slice(dot + 1);
  if ((section !== "limits" && section !== "requests") || !isDownwardResource(name)) return err(`unsupported container resource : ${resource}`);
  const set = (section === "limits" ? container.resources?.limits : container.resources?.requests)?.[name];
  const amount = section === "limits" && quantityMilli(set) === 0 && !name.startsWith("hugepages-") ? allocatable[name] : set;
  const unit = divisor === undefined || divisor === "" || canonicalQuantity(divisor).ok === false || quantityMilli(divisor) === 0 ? "1" : divisor;
  if (name === "cpu") return ok(String(Math.ceil(quantityMilli(amount) / quantityMilli(unit))));
  return ok(String(Math.ceil(quantityValue(amount) / quantityValue(unit))));
}

const isDownwardResource = (name: string): boolean => name === "cpu" || name === "memory" || name === "ephemeral-storage" || name.startsWith("hugepages-");
