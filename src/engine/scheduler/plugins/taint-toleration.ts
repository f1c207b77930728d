import type { NodeObject, Taint, Toleration } from "../../kinds/generated/types.ts";
import { firstUntolerated, toleratesAny } from "../../kinds/helpers/tolerations.ts";
import { definePlugin, normalizeToMax, type Rejection, unresolvable } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";

const HARD = ["NoSchedule", "NoExecute"];
const rejections = new Map<string, Rejection>();
const REJECTIONS_LIMIT = 1_000; // texts kept, so that thousands of nodes with one taint share one

function untolerated({ key, value }: Taint): Rejection {
  const text = `node(s) had untolerated taint {${key}: ${value ?? ""}}`;
  let found = rejections.get(text);
  if (found === undefined) {
    if (rejections.size >= REJECTIONS_LIMIT) rejections.clear();
    rejections.set(text, (found = unresolvable(text)));
  }
  return found;
}

const tolerated = ({ pod }: PodInfo, node: NodeObject | undefined): boolean => node !== undefined && firstUntolerated(node.spec.taints, pod.spec.tolerations, HARD) === undefined;

/** Source: pkg/scheduler/framework/plugins/tainttoleration/taint_toleration.go. */
export const taintToleration = definePlugin<undefined, readonly Toleration[]>({
  name: "TaintToleration",
  requeueOn: [
    { on: "NodeAdd", when: (pod, { node }) => tolerated(pod, node) },
    { on: "NodeUpdateTaint", when: (pod, { node, nodeBefore }) => tolerated(pod, node) && !tolerated(pod, nodeBefore) },
    { on: "PodUpdateTolerations" },
  ],
  filter({ pod }, node) {
    const taint = node.hardTaints.length === 0 ? undefined : firstUntolerated(node.hardTaints, pod.spec.tolerations, HARD);
    return taint === undefined ? undefined : untolerated(taint);
  },
  preScore: ({ pod }) => ({ state: pod.spec.tolerations?.filter(({ effect }) => effect === undefined || effect === "" || effect === "PreferNoSchedule") ?? [] }),
  score(_pod, { softTaints }, tolerations) {
    let intolerable = 0;
    for (const taint of softTaints) if (!toleratesAny(tolerations, taint)) intolerable += 1;
    return intolerable;
  },
  normalize: (scores, count) => normalizeToMax(scores, count, true),
});
