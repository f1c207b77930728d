import { keyOf } from "../../apimachinery/object.ts";
import type { NodeCondition, NodeObject, PodObject, Taint } from "../../kinds/generated/types.ts";
import { isPodReady } from "../../kinds/helpers/pod-state.ts";
import { Lease } from "../../kinds/lease.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { event, get, patch, updateStatus } from "../actions.ts";
import { type Action, type ActionOutcome, NOTHING, type Plan, type ReadView } from "../plan.ts";
import { NODE_NAME_INDEX } from "../shared/node-name-index.ts";
import { planOf, type Step, type SyncEnd } from "../steps.ts";
import { conditionOf, type NodeHealth, STARTUP_GRACE_SECONDS } from "./health.ts";

/** Source for this file: pkg/controller/nodelifecycle/node_lifecycle_controller.go. */

type Sync<R> = Generator<Step, R, readonly ActionOutcome[]>;

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const WATCHED_CONDITIONS = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** Condition type and status → NoSchedule taint. Source: nodeConditionToTaintKeyStatusMap. */
const CONDITION_TAINTS: readonly (readonly [type: string, status: string, key: string])[] = [
  ["Ready", "False", NOT_READY], ["Ready", "Unknown", UNREACHABLE], ["MemoryPressure", "True", "node.kubernetes.io/memory-pressure"], ["DiskPressure", "True", "node.kubernetes.io/disk-pressure"],
  ["NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"], ["PIDPressure", "True", "node.kubernetes.io/pid-pressure"],
];
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
const CONTROLLED_NO_SCHEDULE = new Set([...CONDITION_TAINTS.map(([, , key]) => key), UNSCHEDULABLE]);

/** One node: is its kubelet alive, and which taints follow from its conditions? */
export function reconcileNodeHealth(name: string, view: ReadView, health: NodeHealth, graceSeconds: number): Plan {
  const node = view.get(Node, { namespace: "", name });
  return node === undefined ? NOTHING : planOf(sync(node, view, health, graceSeconds));
}

function* sync(node: NodeObject, view: ReadView, health: NodeHealth, graceSeconds: number): Sync<SyncEnd | undefined> {
  const { name } = node.metadata;
  if (!health.registered.has(name)) {
    health.registered.add(name);
    yield event(node, "Normal", "RegisteredNode", `Node ${name} event: Registered Node ${name} in Controller`);
  }
  let current = node;
  const silent = silentConditions(node, view, health, graceSeconds);
  if (silent !== undefined) {
    const [answer] = yield updateStatus(Node, { ...node, status: { ...node.status, conditions: silent } });
    current = (answer?.objects[0] as NodeObject | undefined) ?? node;
    if (conditionOf(node, "Ready")?.status === "True") health.toMark.add(name);
  }
  return yield* follow(node, current, view, health);
}

/** Taints, and the pods of a node that has become not ready. */
function* follow(before: NodeObject, node: NodeObject, view: ReadView, health: NodeHealth): Sync<SyncEnd | undefined> {
  const { name } = node.metadata;
  const taints = wantedTaints(node, view, health);
  if (taints.changed !== undefined) {
    yield patch(Node, { namespace: "", name }, { type: "strategic", body: { metadata: { resourceVersion: node.metadata.resourceVersion }, spec: { taints: taints.changed } } });
  }
  if (health.toMark.has(name)) {
    if (conditionOf(before, "Ready")?.status === "True") yield event(node, "Normal", "NodeNotReady", `Node ${name} status is now: NodeNotReady`);
    if (conditionOf(node, "Ready")?.status !== "True") yield* markPodsNotReady(view, name);
    health.toMark.delete(name);
  }
  return taints.againUs === undefined ? undefined : { requeueAfterUs: taints.againUs };
}

/** The conditions of a node that has been silent for too long; undefined while there is nothing to change. Source: tryUpdateNodeHealth. */
export function silentConditions(node: NodeObject, view: ReadView, health: NodeHealth, graceSeconds: number): readonly NodeCondition[] | undefined {
  const seenUs = health.observe(node, view.get(Lease, { namespace: "kube-node-lease", name: node.metadata.name }), view.nowUs());
  const grace = conditionOf(node, "Ready") === undefined ? STARTUP_GRACE_SECONDS : graceSeconds;
  if (view.nowUs() - seenUs <= grace * 1e6) return undefined;
  const conditions = [...(node.status?.conditions ?? [])];
  let changed = false;
  for (const type of WATCHED_CONDITIONS) {
    const at = conditions.findIndex((condition) => condition.type === type);
    const old = conditions[at];
    if (old === undefined) {
      const { creationTimestamp } = node.metadata;
      conditions.push({ type, status: "Unknown", reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status.", lastTransitionTime: view.nowText(), ...(creationTimestamp === undefined ? {} : { lastHeartbeatTime: creationTimestamp }) });
      changed = true;
    } else if (old.status !== "Unknown") {
      conditions[at] = { ...old, status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status.", lastTransitionTime: view.nowText() };
      changed = true;
    }
  }
  return changed ? conditions : undefined;
}

interface Wanted {
  /** The whole new list, if it differs. */
  readonly changed?: readonly Taint[];
  readonly againUs?: number;
}

/** NoSchedule taints follow the conditions at once; NoExecute ones come one node at a time. Source: doNoScheduleTaintingPass, processTaintBaseEviction, doNoExecuteTaintingPass. */
export function wantedTaints(node: NodeObject, view: ReadView, health: NodeHealth): Wanted {
  const now = node.spec.taints ?? [];
  const keys = new Set(CONDITION_TAINTS.filter(([type, status]) => conditionOf(node, type)?.status === status).map(([, , key]) => key));
  if (node.spec.unschedulable === true) keys.add(UNSCHEDULABLE);
  const isNoExecute = ({ key, effect }: Taint): boolean => effect === "NoExecute" && (key === NOT_READY || key === UNREACHABLE);
  let taints = now.filter((taint) => taint.effect !== "NoSchedule" || !CONTROLLED_NO_SCHEDULE.has(taint.key) || keys.has(taint.key));
  const has = (key: string, effect: string): boolean => taints.some((taint) => taint.key === key && taint.effect === effect);
  const add = (key: string, effect: string): void => void taints.push({ key, effect, timeAdded: view.nowText() });
  for (const key of keys) if (!has(key, "NoSchedule")) add(key, "NoSchedule");
  const ready = conditionOf(node, "Ready")?.status;
  let againUs: number | undefined;
  const wanted = ready === "False" ? NOT_READY : ready === "Unknown" ? UNREACHABLE : undefined;
  if (wanted === undefined || health.allDown) taints = taints.filter((taint) => !isNoExecute(taint));
  else if (!has(wanted, "NoExecute")) {
    const swapped = taints.some(isNoExecute);
    const turnUs = swapped ? 0 : health.taintTurn(node, view.nowUs());
    if (turnUs === 0) {
      taints = taints.filter((taint) => !isNoExecute(taint));
      add(wanted, "NoExecute");
    } else againUs = turnUs;
  }
  const same = taints.length === now.length && taints.every((taint, i) => taint === now[i]);
  return { ...(same ? {} : { changed: taints }), ...(againUs === undefined ? {} : { againUs }) };
}

/** Source: pkg/controller/util/node/controller_utils.go, MarkPodsNotReady. */
function* markPodsNotReady(view: ReadView, nodeName: string): Sync<undefined> {
  for (const pod of view.byIndex(Pod, NODE_NAME_INDEX, nodeName)) {
    if (!isPodReady(pod)) continue;
    const [fresh] = yield { attempt: get(Pod, keyOf(pod)) };
    const current = fresh?.objects[0] as PodObject | undefined;
    if (current === undefined || !isPodReady(current)) continue;
    const condition = { type: "Ready", status: "False", lastTransitionTime: view.nowText() };
    const mark: Action = patch(Pod, keyOf(pod), { type: "strategic", body: { status: { conditions: [condition] } }, subresource: "status" });
    const [answer] = yield { attempt: mark };
    if (answer?.error === undefined) yield event(pod, "Warning", "NodeNotReady", "Node is not ready");
  }
  return undefined;
}
