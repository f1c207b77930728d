import type { NodeObject, Taint, Toleration } from "../../kinds/generated/types.ts";
import { firstUntolerated, toleratesAny } from "../../kinds/helpers/tolerations.ts";
import { definePlugin, normalizeToMax, type Rejection, unresolvable } from "../framework/plugin.ts";
import type { PodInfo } from "../framework/pod-info.ts";

const HARD = ["NoSchedule", "NoExecute"];
/** By the taint object, which never changes; thousands of nodes with one taint share the text, too. */
const rejections = new WeakMap<Taint, Rejection>();
const texts = new Map<string, Rejection>();
const TEXTS_LIMIT = 1_000;

function untolerated(taint: Taint): Rejection {
  let found = rejections.get(taint);
  if (found === undefined) {
    const text = `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
    found = texts.get(text);
    if (found === undefined) {
      if (texts.size >= TEXTS_LIMIT) texts.clear();
      texts.set(text, (found = unresolvable(text)));
    }
    rejections.set(taint, found);
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
