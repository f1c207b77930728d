import type { KubeObject } from "../../apimachinery/object.ts";
import { err, ok } from "../../kernel/result.ts";
import type { PodObject, PodSpec } from "../../kinds/generated/types.ts";
import { withFields } from "../../kinds/shared/ordered.ts";
import { type AdmissionPlugin, type AdmissionView, denied } from "./admission.ts";

interface PriorityClassLike { readonly value: number; readonly preemptionPolicy?: string; readonly globalDefault?: boolean }

/** The two classes that every cluster has. Source: pkg/apis/scheduling/types.go, pkg/apis/scheduling/v1/helpers.go. */
const SYSTEM_CLASSES: Readonly<Record<string, PriorityClassLike>> = {
  "system-node-critical": { value: 2_000_001_000 },
  "system-cluster-critical": { value: 2_000_000_000 },
};

/** Turns a priority class into a number. Source: plugin/pkg/admission/priority/admission.go, admitPod and validatePriorityClass. */
export const priority: AdmissionPlugin = {
  name: "Priority",
  kinds: ["Pod", "PriorityClass"],
  operations: ["CREATE", "UPDATE"],
  /** One global default at most. */
  validate(attributes, view) {
    if (attributes.kind.kind !== "PriorityClass" || asClass(attributes.object).class.globalDefault !== true) return undefined;
    const present = defaultClass(view);
    if (present === undefined || (attributes.operation === "UPDATE" && present.name === attributes.name)) return undefined;
    return denied(attributes, `PriorityClass ${present.name} is already marked as default. Only one default can exist`);
  },
  admit(attributes, view) {
    if (attributes.kind.kind !== "Pod" || attributes.operation !== "CREATE") return ok(attributes.object);
    const pod = attributes.object as PodObject;
    const wanted = pod.spec.priorityClassName ?? "";
    const found = wanted === "" ? defaultClass(view) : classNamed(view, wanted);
    if (found === undefined && wanted !== "") return err(denied(attributes, `no PriorityClass with name ${wanted} was found`));
    const value = found?.class.value ?? 0;
    if (pod.spec.priority !== undefined && pod.spec.priority !== value) {
      return err(denied(attributes, `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`));
    }
    const policy = found?.class.preemptionPolicy ?? "PreemptLowerPriority";
    if (pod.spec.preemptionPolicy !== undefined && pod.spec.preemptionPolicy !== policy) {
      return err(denied(attributes, `the string value of PreemptionPolicy (${pod.spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`));
    }
    const name = found?.name ?? "";
    return ok({ ...pod, spec: withFields<PodSpec>("core/v1.PodSpec", pod.spec, { ...(name === "" ? {} : { priorityClassName: name }), priority: value, preemptionPolicy: policy }) });
  },
};

interface NamedClass { readonly name: string; readonly class: PriorityClassLike }

const asClass = (object: KubeObject): NamedClass => ({ name: object.metadata.name, class: object as unknown as PriorityClassLike });

function classNamed(view: AdmissionView, name: string): NamedClass | undefined {
  const object = view.get("PriorityClass", { namespace: "", name });
  if (object !== undefined) return asClass(object);
  const builtIn = SYSTEM_CLASSES[name];
  return builtIn === undefined ? undefined : { name, class: builtIn };
}

/** Of several global defaults the lowest counts. */
function defaultClass(view: AdmissionView): NamedClass | undefined {
  if (!view.serves("PriorityClass")) return undefined;
  const defaults = view.list("PriorityClass").map(asClass).filter((c) => c.class.globalDefault === true);
  return defaults.sort((a, b) => a.class.value - b.class.value)[0];
}
