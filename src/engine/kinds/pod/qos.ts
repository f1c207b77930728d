import { parseQuantity } from "../../apimachinery/quantity.ts";
import type { PodSpec } from "../generated/types.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const COMPUTE_RESOURCES = ["cpu", "memory"] as const;

const nanosOf = (text: string | undefined): bigint => {
  const parsed = text === undefined ? undefined : parseQuantity(text);
  return parsed?.ok === true && parsed.value.nanos > 0n ? parsed.value.nanos : 0n;
};

/** Source: pkg/apis/core/helper/qos/qos.go, ComputePodQOS. */
export function qosClassOf(spec: PodSpec): QosClass {
  const requests = new Map<string, bigint>();
  const limits = new Map<string, bigint>();
  let everyLimitSet = true;
  for (const container of [...(spec.containers ?? []), ...(spec.initContainers ?? [])]) {
    for (const resource of COMPUTE_RESOURCES) {
      const request = nanosOf(container.resources?.requests?.[resource]);
      const limit = nanosOf(container.resources?.limits?.[resource]);
      if (request > 0n) requests.set(resource, (requests.get(resource) ?? 0n) + request);
      if (limit > 0n) limits.set(resource, (limits.get(resource) ?? 0n) + limit);
      else everyLimitSet = false;
    }
  }
  if (requests.size === 0 && limits.size === 0) return "BestEffort";
  const equal = [...requests].every(([resource, request]) => limits.get(resource) === request);
  return everyLimitSet && equal && requests.size === limits.size ? "Guaranteed" : "Burstable";
}
