import { ok } from "../../kernel/result.ts";
import type { NodeObject } from "../../kinds/generated/types.ts";
import type { AdmissionPlugin } from "./admission.ts";

const NOT_READY = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/** New nodes take no pods before they are ready. Source: plugin/pkg/admission/nodetaint/admission.go. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: "TaintNodesByCondition",
  kinds: ["Node"],
  operations: ["CREATE"],
  admit({ object }) {
    const node = object as NodeObject;
    const taints = node.spec?.taints ?? [];
    if (taints.some((t) => t.key === NOT_READY.key && t.effect === NOT_READY.effect)) return ok(node);
    return ok({ ...node, spec: { ...node.spec, taints: [...taints, NOT_READY] } });
  },
};
