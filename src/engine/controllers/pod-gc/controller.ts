import { keyOf, keyText } from "../../apimachinery/object.ts";
import type { PodObject } from "../../kinds/generated/types.ts";
import { isPodTerminal, podCondition } from "../../kinds/helpers/pod-state.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { get, patch, remove } from "../actions.ts";
import { type ControllerFactory, parseKey, watch } from "../controller.ts";
import { type ActionOutcome, NOTHING, type Plan, type ReadView } from "../plan.ts";
import { planOf, type Step, type SyncEnd } from "../steps.ts";

const CHECK_US = 20e6;
/** A node has to be missing for this long. Source: pkg/controller/podgc/gc_controller.go, quarantineTime. */
const QUARANTINE_US = 40e6;
const TERMINATED_THRESHOLD = 12_500; // pods

/** Why a pod is collected. */
type Finding = "orphaned" | "unscheduled" | "terminated";

/** Nodes that pods stand on and that are not there, with the time at which that was first seen. */
export class MissingNodes {
  private readonly since = new Map<string, number>();

  /** Keys of the pods to collect now. Source: gcOrphaned, gcUnscheduledTerminating, gcTerminated. */
  *find(view: ReadView): Generator<string> {
    const missing = new Set<string>();
    const over: PodObject[] = [];
    for (const pod of view.list(Pod)) {
      const node = pod.spec.nodeName ?? "";
      if (node === "") {
        if (pod.metadata.deletionTimestamp !== undefined) yield key("unscheduled", pod);
      } else if (view.get(Node, { namespace: "", name: node }) === undefined) {
        missing.add(node);
        const since = this.since.get(node) ?? view.nowUs();
        this.since.set(node, since);
        if (view.nowUs() - since >= QUARANTINE_US) yield key("orphaned", pod);
      }
      if (isPodTerminal(pod)) over.push(pod);
    }
    for (const node of this.since.keys()) if (!missing.has(node)) this.since.delete(node);
    const surplus = over.length - TERMINATED_THRESHOLD;
    if (surplus <= 0) return;
    const created = ({ metadata }: PodObject): string => metadata.creationTimestamp ?? "";
    over.sort((a, b) => (created(a) < created(b) ? -1 : created(a) > created(b) ? 1 : 0));
    for (const pod of over.slice(0, surplus)) yield key("terminated", pod);
  }
}

const key = (finding: Finding, pod: PodObject): string => `${finding}:${keyText(keyOf(pod))}`;

/** Key: finding and pod. Source: markFailedAndDeletePodWithCondition. */
export function reconcileLostPod(text: string, view: ReadView): Plan {
  const colon = text.indexOf(":");
  const pod = view.get(Pod, parseKey(text.slice(colon + 1)));
  return pod === undefined ? NOTHING : planOf(collect(text.slice(0, colon) as Finding, pod, view));
}

function* collect(finding: Finding, pod: PodObject, view: ReadView): Generator<Step, SyncEnd | undefined, readonly ActionOutcome[]> {
  if (finding === "orphaned") {
    const [node] = yield { attempt: get(Node, { namespace: "", name: pod.spec.nodeName ?? "" }) };
    if (node?.error?.reason !== "NotFound") return undefined;
    if (!isPodTerminal(pod)) {
      const same = podCondition(pod, "DisruptionTarget")?.reason === "DeletionByPodGC";
      const condition = { type: "DisruptionTarget", status: "True", lastTransitionTime: view.nowText(), reason: "DeletionByPodGC", message: "PodGC: node no longer exists" };
      yield patch(Pod, keyOf(pod), { type: "strategic", body: { status: { phase: "Failed", ...(!same && { conditions: [condition] }) } }, subresource: "status" });
    }
  }
  yield remove(Pod, pod, { gracePeriodSeconds: 0 });
  return undefined;
}

export const podGcController: ControllerFactory = () => {
  const missing = new MissingNodes();
  return {
    name: "pod-garbage-collector",
    workers: 5,
    maxRetries: 0,
    watches: [watch(Pod, () => []), watch(Node, () => [])],
    periodic: { everyUs: CHECK_US, keys: (view) => [...missing.find(view)] },
    reconcile: reconcileLostPod,
  };
};
