import type { PodObject, ServiceObject } from "../generated/types.ts";

type Labels = Readonly<Record<string, string>> | undefined;

/** Labels with a value for each rollout or pod are no use for finding the pods of a service, and there are many of them. */
const NOT_INDEXED = new Set(["pod-template-hash", "controller-revision-hash", "pod-template-generation", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index"]);

/** The one pair of a selector by which its pods are found; undefined when none of its labels is indexed. */
export function labelIndexValue(namespace: string, selector: Labels): string | undefined {
  const key = Object.keys(selector ?? {}).filter((each) => !NOT_INDEXED.has(each)).sort()[0];
  return key === undefined ? undefined : `${namespace}/${key}=${selector?.[key] ?? ""}`;
}

/** Every pair of a pod's labels that a selector may be found by. */
export const podLabelValues = ({ metadata: { namespace = "", labels } }: PodObject): readonly string[] =>
  Object.entries(labels ?? {}).filter(([key]) => !NOT_INDEXED.has(key)).map(([key, value]) => `${namespace}/${key}=${value}`);

/** Services stand under their pair; those without one under the namespace alone; those that select nothing nowhere. */
export const unindexedServices = (namespace: string): string => `${namespace}/`;
export function serviceSelectorValues({ metadata: { namespace = "" }, spec }: ServiceObject): readonly string[] {
  return Object.keys(spec.selector ?? {}).length === 0 ? [] : [labelIndexValue(namespace, spec.selector) ?? unindexedServices(namespace)];
}
