import { parseQuantity, quantityText, roundUpToMilli } from "../../apimachinery/quantity.ts";
import type { ResourceRequirements } from "../generated/types.ts";

export type ResourceList = Readonly<Record<string, string>>;

/** Amounts below a thousandth round up. Source: pkg/apis/core/v1/defaults.go, SetDefaults_ResourceList. */
export function defaultResourceList<T extends ResourceList | undefined>(list: T): T {
  if (list === undefined) return list;
  let changed: Record<string, string> | undefined;
  for (const name in list) {
    const text = list[name] ?? "0";
    if (!/[nu]$|e-/.test(text)) continue; // only these are finer than a thousandth
    const parsed = parseQuantity(text);
    const rounded = parsed.ok ? quantityText(roundUpToMilli(parsed.value)) : text;
    if (rounded !== text) (changed ??= { ...list })[name] = rounded;
  }
  return (changed as T | undefined) ?? list;
}

/** Amounts rounded; claims dropped, because dynamic resource allocation is off. */
export function defaultResources<T extends ResourceRequirements>(resources: T): T {
  const limits = defaultResourceList(resources.limits);
  const requests = defaultResourceList(resources.requests);
  if (limits === resources.limits && requests === resources.requests && resources.claims === undefined) return resources;
  const { claims: _claims, ...rest } = resources;
  return { ...rest, ...(limits === undefined ? {} : { limits }), ...(requests === undefined ? {} : { requests }) } as T;
}
