import { deepFreeze } from "../../apimachinery/deep.ts";
import { ok } from "../../kernel/result.ts";
import type { PodObject, PodSpec, Toleration } from "../../kinds/generated/types.ts";
import { withFields } from "../../kinds/shared/ordered.ts";
import type { AdmissionPlugin } from "./admission.ts";

const SECONDS = 300;
const ADDED = deepFreeze(["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"].map((key) => ({ key, operator: "Exists", effect: "NoExecute", tolerationSeconds: SECONDS })));

/** Pods outlive a lost node for five minutes unless they say otherwise. Source: plugin/pkg/admission/defaulttolerationseconds/admission.go. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: "DefaultTolerationSeconds",
  kinds: ["Pod"],
  operations: ["CREATE", "UPDATE"],
  admit({ object }) {
    const pod = object as PodObject;
    const tolerations = pod.spec.tolerations ?? [];
    const missing = ADDED.filter(({ key }) => !tolerations.some((t) => coversNoExecute(t, key)));
    if (missing.length === 0) return ok(pod);
    // Most pods have none of their own and share one list.
    const all = tolerations.length === 0 && missing.length === ADDED.length ? ADDED : [...tolerations, ...missing];
    return ok({ ...pod, spec: withFields<PodSpec>("core/v1.PodSpec", pod.spec, { tolerations: all }) });
  },
};

const coversNoExecute = (t: Toleration, key: string): boolean =>
  ((t.key ?? "") === "" || t.key === key) && ((t.effect ?? "") === "" || t.effect === "NoExecute");
