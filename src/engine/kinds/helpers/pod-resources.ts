import { quantityMilli, quantityValue } from "../../apimachinery/quantity.ts";
import type { Container, PodSpec } from "../generated/types.ts";

/** Amounts as plain numbers: CPU in thousandths, memory and storage in bytes, everything else in whole units. */
export interface ResourceAmounts {
  milliCpu: number;
  memory: number;
  ephemeralStorage: number;
  /** Extended resources, huge pages; undefined when there are none. */
  scalar: Map<string, number> | undefined;
}

export const noAmounts = (): ResourceAmounts => ({ milliCpu: 0, memory: 0, ephemeralStorage: 0, scalar: undefined });

type ResourceList = Readonly<Record<string, string>> | undefined;

export function addAmounts(sum: ResourceAmounts, other: ResourceAmounts, sign: 1 | -1 = 1): void {
  sum.milliCpu += sign * other.milliCpu;
  sum.memory += sign * other.memory;
  sum.ephemeralStorage += sign * other.ephemeralStorage;
  if (other.scalar === undefined) return;
  sum.scalar ??= new Map();
  for (const [name, value] of other.scalar) sum.scalar.set(name, (sum.scalar.get(name) ?? 0) + sign * value);
}

function raiseTo(amounts: ResourceAmounts, other: ResourceAmounts): void {
  amounts.milliCpu = Math.max(amounts.milliCpu, other.milliCpu);
  amounts.memory = Math.max(amounts.memory, other.memory);
  amounts.ephemeralStorage = Math.max(amounts.ephemeralStorage, other.ephemeralStorage);
  if (other.scalar === undefined) return;
  amounts.scalar ??= new Map();
  for (const [name, value] of other.scalar) amounts.scalar.set(name, Math.max(amounts.scalar.get(name) ?? 0, value));
}

/** A ResourceList in numbers; "pods" is left to the reader. Source: pkg/scheduler/framework/types.go, Resource.Add. */
export function amountsOf(list: ResourceList): ResourceAmounts {
  const amounts = noAmounts();
  for (const name in list) {
    if (name === "cpu") amounts.milliCpu = quantityMilli(list[name]);
    else if (name === "memory") amounts.memory = quantityValue(list[name]);
    else if (name === "ephemeral-storage") amounts.ephemeralStorage = quantityValue(list[name]);
    else if (name !== "pods") (amounts.scalar ??= new Map()).set(name, quantityValue(list[name]));
  }
  return amounts;
}

/** What a container that asks for nothing is counted with, where such defaults are wanted. */
export interface MissingRequests {
  readonly milliCpu: number;
  readonly memory: number;
}

function containerAmounts(container: Container, missing: MissingRequests | undefined): ResourceAmounts {
  const requests = container.resources?.requests;
  const amounts = amountsOf(requests);
  if (missing !== undefined) {
    if (requests?.["cpu"] === undefined) amounts.milliCpu = missing.milliCpu;
    if (requests?.["memory"] === undefined) amounts.memory = missing.memory;
  }
  return amounts;
}

/**
 * What a pod asks a node for: all containers and sidecars together, or the neediest moment of its initialisation; plus overhead.
 * Source: staging/src/k8s.io/component-helpers/resource/helpers.go, PodRequests.
 */
export function podRequests(spec: PodSpec, missing?: MissingRequests): ResourceAmounts {
  const total = noAmounts();
  for (const container of spec.containers) addAmounts(total, containerAmounts(container, missing));
  const sidecars = noAmounts();
  const init = noAmounts();
  for (const container of spec.initContainers ?? []) {
    const amounts = containerAmounts(container, missing);
    if (container.restartPolicy === "Always") {
      addAmounts(total, amounts);
      addAmounts(sidecars, amounts);
      raiseTo(init, sidecars);
    } else {
      addAmounts(amounts, sidecars);
      raiseTo(init, amounts);
    }
  }
  raiseTo(total, init);
  if (spec.overhead !== undefined) addAmounts(total, amountsOf(spec.overhead));
  return total;
}
