import { keyOf, keyText } from "../../apimachinery/object.ts";
import type { NodeObject, PodObject, Taint, Toleration } from "../../kinds/generated/types.ts";
import { podCondition } from "../../kinds/helpers/pod-state.ts";
import { toleratesTaint } from "../../kinds/helpers/tolerations.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { event, patch, remove } from "../actions.ts";
import { type Change, type ControllerFactory, parseKey, watch } from "../controller.ts";
import { type ActionOutcome, NOTHING, type Plan, type ReadView } from "../plan.ts";
import { NODE_NAME_INDEX, podsByNode } from "../shared/node-name-index.ts";
import { planOf, type Step } from "../steps.ts";

/** Source for this file: pkg/controller/tainteviction/taint_eviction.go. */

/** Evictions that are planned, by pod uid. */
export type PlannedEvictions = Map<string, { readonly sinceUs: number; readonly atUs: number }>;

const noExecute = (node: NodeObject | undefined): readonly Taint[] => node?.spec.taints?.filter(({ effect }) => effect === "NoExecute") ?? [];

/** Seconds for which the pod may stay: 0 at once, undefined for ever. Source: processPodOnNode, getMinTolerationTime. */
export function toleratedSeconds(taints: readonly Taint[], tolerations: readonly Toleration[] | undefined): number | undefined {
  let least: number | undefined;
  for (const taint of taints) {
    const used = (tolerations ?? []).filter((toleration) => toleratesTaint(toleration, taint));
    if (used.length === 0) return 0;
    for (const { tolerationSeconds } of used) if (tolerationSeconds !== undefined) least = Math.min(least ?? Infinity, Math.max(0, tolerationSeconds));
  }
  return least;
}

export function reconcileTaintedPod(key: string, view: ReadView, planned: PlannedEvictions): Plan {
  const pod = view.get(Pod, parseKey(key));
  if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) {
    if (pod?.metadata.uid !== undefined) planned.delete(pod.metadata.uid);
    return NOTHING;
  }
  const { uid = "" } = pod.metadata;
  const taints = noExecute(view.get(Node, { namespace: "", name: pod.spec.nodeName ?? "" }));
  const seconds = taints.length === 0 ? undefined : toleratedSeconds(taints, pod.spec.tolerations);
  const before = planned.get(uid);
  if (seconds === undefined) {
    if (before === undefined) return NOTHING;
    planned.delete(uid);
    return { actions: [event(pod, "Normal", "TaintManagerEviction", `Cancelling deletion of Pod ${key}`)] };
  }
  const now = view.nowUs();
  const sinceUs = before?.sinceUs ?? now;
  // An eviction that comes sooner than the new plan stays as it is.
  const atUs = seconds === 0 ? now : Math.min(before?.atUs ?? Infinity, sinceUs + seconds * 1e6);
  if (atUs > now) {
    planned.set(uid, { sinceUs, atUs });
    return { actions: [], requeueAfterUs: atUs - now };
  }
  planned.delete(uid);
  return planOf(evict(pod, view));
}

/** Source: addConditionAndDeletePod. */
function* evict(pod: PodObject, view: ReadView): Generator<Step, undefined, readonly ActionOutcome[]> {
  const key = keyText(keyOf(pod));
  yield event(pod, "Normal", "TaintManagerEviction", `Marking for deletion Pod ${key}`);
  if (podCondition(pod, "DisruptionTarget")?.reason !== "DeletionByTaintManager") {
    const condition = { type: "DisruptionTarget", status: "True", lastTransitionTime: view.nowText(), reason: "DeletionByTaintManager", message: "Taint manager: deleting due to NoExecute taint" };
    yield patch(Pod, keyOf(pod), { type: "strategic", body: { status: { conditions: [condition] } }, subresource: "status" });
  }
  yield remove(Pod, pod);
  return undefined;
}

export const taintEvictionController: ControllerFactory = () => {
  const planned: PlannedEvictions = new Map();
  return {
    name: "taint-eviction-controller",
    workers: 8,
    indexes: [podsByNode],
    watches: [watch(Pod, (change, view) => podKeys(change, view, planned)), watch(Node, nodeKeys)],
    reconcile: (key, view) => reconcileTaintedPod(key, view, planned),
  };
};

/** Pods whose node or tolerations are new. */
function podKeys({ type, object, before }: Change<PodObject>, view: ReadView, planned: PlannedEvictions): readonly string[] {
  if (type === "delete") {
    planned.delete(object.metadata.uid ?? "");
    return [];
  }
  if ((object.spec.nodeName ?? "") === "" || (before !== undefined && before.spec.nodeName === object.spec.nodeName && before.spec.tolerations === object.spec.tolerations)) return [];
  return noExecute(view.get(Node, { namespace: "", name: object.spec.nodeName ?? "" })).length > 0 ? [keyText(keyOf(object))] : [];
}

/** All pods of a node whose NoExecute taints changed. */
function nodeKeys({ type, object, before }: Change<NodeObject>, view: ReadView): readonly string[] {
  if (type === "delete" || before?.spec.taints === object.spec.taints) return [];
  const text = (node: NodeObject | undefined): string => JSON.stringify(noExecute(node));
  if (text(before) === text(object)) return [];
  return view.byIndex(Pod, NODE_NAME_INDEX, object.metadata.name).map((pod) => keyText(keyOf(pod)));
}
