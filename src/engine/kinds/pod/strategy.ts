import { deepEqual } from "../../apimachinery/deep.ts";
import type { LabelSelector, PodAffinity, PodAffinityTerm, PodIP, PodObject, PodSpec, PodStatus } from "../generated/types.ts";
import type { StrategyContext } from "../kind-definition.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";
import { own } from "../shared/own.ts";
import { bumpGeneration, withGeneration } from "../shared/strategy.ts";
import { qosClassOf } from "./qos.ts";

/** Source: pkg/registry/core/pod/strategy.go, podStrategy.PrepareForCreate. */
export function preparePodForCreate(pod: PodObject, _context: StrategyContext): PodObject {
  const spec = withLabelKeySelectors(mirrorServiceAccount(pod.spec), pod.metadata.labels ?? {});
  const status: PodStatus = { phase: "Pending", ...(hasGates(spec) ? { conditions: [GATED] } : {}), qosClass: qosClassOf(spec) };
  return withGeneration({ ...pod, spec, status }, 1);
}

const hasGates = (spec: PodSpec): boolean => (spec.schedulingGates?.length ?? 0) > 0;

/** Source: applySchedulingGatedCondition. Its times are the zero time, which prints as null. */
const GATED = {
  type: "PodScheduled", status: "False", lastProbeTime: null, lastTransitionTime: null, reason: "SchedulingGated", message: "Scheduling is blocked due to non-empty scheduling gates",
} as unknown as NonNullable<PodStatus["conditions"]>[number];

/** Admission sets serviceAccountName; its old alias follows. Source: pkg/apis/core/v1/conversion.go, Convert_core_PodSpec_To_v1_PodSpec. */
const mirrorServiceAccount = (spec: PodSpec): PodSpec => withFields("core/v1.PodSpec", spec, { serviceAccount: spec.serviceAccountName });

/** matchLabelKeys and mismatchLabelKeys become expressions over the pod's own labels. Source: mutatePodAffinity, applyMatchLabelKeysAndMismatchLabelKeys. */
function withLabelKeySelectors(spec: PodSpec, labels: Readonly<Record<string, string>>): PodSpec {
  if (spec.affinity?.podAffinity === undefined && spec.affinity?.podAntiAffinity === undefined) return spec;
  const term = (of: PodAffinityTerm): PodAffinityTerm => ({ ...of, ...(of.labelSelector === undefined ? {} : { labelSelector: withLabelKeys(of.labelSelector, of, labels) }) });
  const all = (of: PodAffinity | undefined): PodAffinity | undefined => of && {
    ...of,
    ...(of.requiredDuringSchedulingIgnoredDuringExecution === undefined ? {} : { requiredDuringSchedulingIgnoredDuringExecution: mapChanged(of.requiredDuringSchedulingIgnoredDuringExecution, term) }),
    ...(of.preferredDuringSchedulingIgnoredDuringExecution === undefined ? {} : {
      preferredDuringSchedulingIgnoredDuringExecution: of.preferredDuringSchedulingIgnoredDuringExecution.map((weighted) => ({ ...weighted, podAffinityTerm: term(weighted.podAffinityTerm) })),
    }),
  };
  return { ...spec, affinity: withFields("core/v1.Affinity", spec.affinity, { podAffinity: all(spec.affinity.podAffinity), podAntiAffinity: all(spec.affinity.podAntiAffinity) }) };
}

function withLabelKeys(selector: LabelSelector, { matchLabelKeys = [], mismatchLabelKeys = [] }: PodAffinityTerm, labels: Readonly<Record<string, string>>): LabelSelector {
  const of = (keys: readonly string[], operator: string) => keys.flatMap((key) => {
    const value = own(labels, key);
    return value === undefined ? [] : [{ key, operator, values: [value] }];
  });
  const extra = [...of(matchLabelKeys, "In"), ...of(mismatchLabelKeys, "NotIn")];
  return extra.length === 0 ? selector : { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...extra] };
}

/** Source: podStrategy.PrepareForUpdate. */
export function preparePodForUpdate(pod: PodObject, stored: PodObject): PodObject {
  const next = { ...pod, status: stored.status };
  return bumpGeneration(next, stored, pod.spec !== stored.spec && !deepEqual(pod.spec, stored.spec));
}

/** Source: podStatusStrategy.PrepareForUpdate; pkg/apis/core/v1/conversion.go for podIP and podIPs. */
export function preparePodForStatusUpdate(pod: PodObject, stored: PodObject): PodObject {
  const { deletionTimestamp: _, ...metadata } = pod.metadata;
  const status = syncIps(pod.status ?? {});
  const qosClass = status.qosClass || stored.status?.qosClass;
  return {
    ...pod,
    metadata: { ...metadata, ownerReferences: stored.metadata.ownerReferences },
    spec: stored.spec,
    status: qosClass === status.qosClass ? status : withFields("core/v1.PodStatus", status, { qosClass }),
  };
}

/** The first of podIPs is podIP, however it was given. */
function syncIps(status: PodStatus): PodStatus {
  const given = (status.podIPs?.length ?? 0) > 0 ? status.podIPs : undefined;
  const podIPs: readonly PodIP[] | undefined = given ?? ((status.podIP ?? "") === "" ? undefined : [{ ip: status.podIP ?? "" }]);
  return withFields("core/v1.PodStatus", status, { podIP: podIPs?.[0]?.ip || undefined, podIPs });
}
