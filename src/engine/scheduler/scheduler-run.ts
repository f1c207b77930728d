import { keyOf } from "../apimachinery/object.ts";
import type { ApiClient, ApiConnection, ComponentContext, EventRecorder, Informer, InformerFactory } from "../client/contracts.ts";
import type { Cancel } from "../kernel/clock.ts";
import type { NodeObject, PodCondition, PodObject } from "../kinds/generated/types.ts";
import { isPodTerminal, podCondition } from "../kinds/helpers/pod-state.ts";
import { Node } from "../kinds/node.ts";
import { Pod } from "../kinds/pod.ts";
import { verdictsOf } from "./attempts.ts";
import { assignedPodChanged, nodeEvents } from "./cluster-events.ts";
import { SchedulerCache } from "./framework/cache.ts";
import { SchedulingCycle } from "./framework/cycle.ts";
import { fitErrorText, NO_NODES, ReasonCounts, truncateMessage } from "./framework/messages.ts";
import type { NodeInfo } from "./framework/node-info.ts";
import type { SchedulingWorld } from "./framework/plugin.ts";
import { podInfo } from "./framework/pod-info.ts";
import { type Candidate, findPreemption } from "./framework/preemption.ts";
import { type QueuedPod, SchedulingQueue } from "./framework/queue.ts";
import type { Profile } from "./profiles.ts";
import type { SchedulingAttempt } from "./verdict.ts";
import { createWorld } from "./world.ts";

const COMPONENT = "kube-scheduler";
const CYCLE_US = 180; // one pod in a small cluster
const CYCLE_US_PER_NODE = 0.05;
const BACKOFF_FLUSH_US = 1e6;
const UNSCHEDULABLE_FLUSH_US = 30e6;

type Outcome = Pick<SchedulingAttempt, "result" | "message"> & Partial<Pick<SchedulingAttempt, "node" | "nominatedNode">>;

/**
 * One life of the scheduler process: watches fill the cache and the queue, cycles empty the queue, one pod at a time;
 * bindings run beside them. Source: pkg/scheduler/{scheduler,schedule_one,eventhandlers}.go.
 */
export class SchedulerRun {
  private readonly cache = new SchedulerCache();
  private readonly queue: SchedulingQueue;
  private readonly cycle: SchedulingCycle;
  private readonly world: SchedulingWorld;
  private readonly informers: InformerFactory;
  private readonly pods: Informer<PodObject>;
  private readonly client: ApiClient;
  private readonly recorder: EventRecorder;
  private readonly cancels: Cancel[] = [];
  private alive = true;
  private synced = false;
  /** The pod whose cycle is under way. */
  private inCycle: QueuedPod | undefined;
  /** Assumed pods on their way to being bound, by uid. */
  private readonly binding = new Set<string>();
  private readonly context: ComponentContext;
  private readonly profile: Profile;
  private readonly onAttempt: (attempt: SchedulingAttempt) => void;

  constructor(context: ComponentContext, connection: ApiConnection, profile: Profile, rate: { readonly qps: number; readonly burst: number }, onAttempt: (attempt: SchedulingAttempt) => void) {
    this.context = context;
    this.profile = profile;
    this.onAttempt = onAttempt;
    this.client = connection.client(COMPONENT, rate);
    this.recorder = connection.recorder(profile.schedulerName, { style: "events.k8s.io" });
    this.informers = connection.informers(COMPONENT);
    this.queue = new SchedulingQueue(profile.plugins.map(({ plugin }) => plugin), () => context.clock.now());
    this.world = createWorld(this.cache, this.informers, () => this.afterEvent(this.queue.onEvent("NamespaceUpdate", {})));
    this.cycle = new SchedulingCycle(profile.plugins, this.world, context.rng.fork("select-host"), profile.percentageOfNodesToScore);
    this.pods = this.informers.informer(Pod);
    const nodes = this.informers.informer(Node);
    this.cancels.push(
      nodes.onChange({ add: (node) => this.nodeAdded(node), update: (node, before) => this.nodeUpdated(node, before), delete: (node) => this.nodeDeleted(node) }),
      this.pods.onChange({ add: (pod) => this.podChanged(pod, undefined), update: (pod, before) => this.podChanged(pod, before), delete: (pod) => this.podDeleted(pod) }),
      context.clock.every(BACKOFF_FLUSH_US, `${COMPONENT}: flush back-off`, () => this.afterEvent(this.queue.flushBackoff())),
      context.clock.every(UNSCHEDULABLE_FLUSH_US, `${COMPONENT}: flush unschedulable pods`, () => {
        this.queue.flushUnschedulable();
        this.kick();
      }),
    );
    this.informers.start();
    this.informers.whenSynced(() => {
      this.synced = true;
      this.kick();
    });
  }

  stop(): void {
    this.alive = false;
    for (const cancel of this.cancels) cancel();
    this.informers.stop();
  }

  // Deliveries

  private nodeAdded(node: NodeObject): void {
    this.cache.setNode(node);
    this.afterEvent(this.queue.onEvent("NodeAdd", { node }));
  }

  private nodeUpdated(node: NodeObject, nodeBefore: NodeObject): void {
    this.cache.setNode(node);
    for (const event of nodeEvents(node, nodeBefore)) this.afterEvent(this.queue.onEvent(event, { node, nodeBefore }));
  }

  private nodeDeleted(node: NodeObject): void {
    this.cache.removeNode(node.metadata.name);
    this.afterEvent(this.queue.onEvent("NodeDelete", { nodeBefore: node }));
  }

  private podChanged(pod: PodObject, before: PodObject | undefined): void {
    const { uid = "" } = pod.metadata;
    const node = pod.spec.nodeName ?? "";
    if (node === "") return this.unassignedChanged(pod, before);
    const wasAssigned = before !== undefined && (before.spec.nodeName ?? "") !== "" && !isPodTerminal(before);
    if (isPodTerminal(pod)) {
      // Over: its room is free again.
      if (wasAssigned || this.cache.isAssumed(uid)) this.assignedGone(pod);
      return;
    }
    this.queue.delete(uid);
    this.setNominated(uid, undefined);
    this.binding.delete(uid);
    this.cache.setPod(podInfo(pod), node);
    if (!wasAssigned) this.afterEvent(this.queue.onEvent("AssignedPodAdd", { pod }));
    else if (assignedPodChanged(pod, before)) this.afterEvent(this.queue.onEvent("AssignedPodUpdate", { pod, podBefore: before }));
  }

  private unassignedChanged(pod: PodObject, before: PodObject | undefined): void {
    const { uid = "" } = pod.metadata;
    if (!this.isOurs(pod) || isPodTerminal(pod)) return;
    if (this.cache.isAssumed(uid) || this.binding.has(uid)) return; // our own writes, seen while the binding is under way
    this.setNominated(uid, pod);
    if (this.inCycle?.info.uid === uid) {
      this.inCycle.info = podInfo(pod);
      return;
    }
    if (before === undefined) {
      this.queue.add(pod);
      this.note("queue", pod, {});
    } else this.queue.update(before, pod);
    this.kick();
  }

  private podDeleted(pod: PodObject): void {
    const { uid = "" } = pod.metadata;
    this.queue.delete(uid);
    this.setNominated(uid, undefined);
    if ((pod.spec.nodeName ?? "") !== "" || this.cache.isAssumed(uid)) {
      if (!isPodTerminal(pod)) this.assignedGone(pod);
    } else if ((pod.status?.nominatedNodeName ?? "") !== "") this.afterEvent(this.queue.onEvent("AssignedPodDelete", { pod }));
  }

  private assignedGone(pod: PodObject): void {
    this.cache.removePod(pod.metadata.uid ?? "");
    this.afterEvent(this.queue.onEvent("AssignedPodDelete", { pod }));
  }

  private isOurs(pod: PodObject): boolean {
    return (pod.spec.schedulerName ?? "default-scheduler") === this.profile.schedulerName;
  }

  private readonly nominatedNodeOf = new Map<string, string>();

  /** Keeps the pods by the node that preemption has promised them. */
  private setNominated(uid: string, pod: PodObject | undefined, nodeName = pod?.status?.nominatedNodeName ?? ""): void {
    const before = this.nominatedNodeOf.get(uid);
    if (before !== undefined) {
      const there = this.cycle.nominated.get(before);
      there?.delete(uid);
      if (there?.size === 0) this.cycle.nominated.delete(before);
      this.nominatedNodeOf.delete(uid);
    }
    if (pod === undefined || nodeName === "") return;
    const there = this.cycle.nominated.get(nodeName) ?? new Map();
    there.set(uid, podInfo(pod));
    this.cycle.nominated.set(nodeName, there);
    this.nominatedNodeOf.set(uid, nodeName);
  }

  // Cycles

  private afterEvent(moved: boolean): void {
    if (moved) this.kick();
  }

  /** Begins a cycle if none is under way and a pod waits. */
  private kick(): void {
    if (!this.alive || !this.synced || this.inCycle !== undefined) return;
    const queued = this.queue.pop();
    if (queued === undefined) return;
    this.inCycle = queued;
    const { clock, rng } = this.context;
    const costUs = CYCLE_US + rng.below(CYCLE_US) + this.cache.nodes().length * CYCLE_US_PER_NODE;
    clock.after(costUs, `${COMPONENT}: schedule ${queued.info.key}`, () => {
      if (!this.alive) return;
      this.scheduleOne(queued);
      this.inCycle = undefined;
      this.kick();
    });
  }

  private scheduleOne(queued: QueuedPod): void {
    const { pod } = queued.info;
    const current = this.pods.get(keyOf(pod));
    if (current?.metadata.uid !== pod.metadata.uid || (current?.spec.nodeName ?? "") !== "") return;
    if (current?.metadata.deletionTimestamp !== undefined) {
      this.recorder.event({ object: current }, "Warning", "FailedScheduling", `skip schedule deleting pod: ${queued.info.key}`);
      return;
    }
    const nominated = pod.status?.nominatedNodeName;
    const node = this.cycle.run(queued.info, nominated === "" ? undefined : nominated);
    if (node === undefined) this.failed(queued);
    else this.assumeAndBind(queued, node);
  }

  private assumeAndBind(queued: QueuedPod, node: NodeInfo): void {
    const { info } = queued;
    const { pod } = info;
    const message = `Successfully assigned ${info.key} to ${node.name}`;
    this.report(queued, { result: "scheduled", node: node.name, message });
    this.note("filter", pod, { feasible: this.cycle.feasibleCount, evaluated: this.cycle.visitedCount });
    this.note("score", pod, { node: node.name });
    this.cache.assume(info, node.name);
    this.setNominated(info.uid, undefined);
    this.binding.add(info.uid);
    this.note("bind", pod, { node: node.name }, "begin");
    const { name, namespace = "", uid } = pod.metadata;
    const metadata = { name, namespace, ...(uid === undefined ? {} : { uid }) };
    const body = { apiVersion: "v1", kind: "Binding", metadata, target: { kind: "Node", name: node.name } };
    this.client.createSubresource(Pod, { namespace, name }, "binding", body, (result) => {
      if (!this.alive) return;
      this.note("bind", pod, result.ok ? { node: node.name } : { error: result.error.message ?? "" }, "end");
      this.binding.delete(info.uid);
      if (result.ok) {
        this.recorder.event({ object: pod }, "Normal", "Scheduled", message);
        return;
      }
      this.cache.forget(info.uid);
      this.handleFailure(queued, "SchedulerError", `running Bind plugin "DefaultBinder": ${result.error.message ?? ""}`, new Set(), undefined);
      this.queue.onEvent("AssignedPodDelete", { pod });
      this.kick();
    });
  }

  /** No node will do: say why, look for pods to evict, and put the pod aside. */
  private failed(queued: QueuedPod): void {
    const nodeCount = this.cache.nodes().length;
    const { pod } = queued.info;
    if (nodeCount === 0) {
      this.report(queued, { result: "unschedulable", message: NO_NODES });
      // Any plugin could be the one that a new node satisfies.
      this.handleFailure(queued, "Unschedulable", NO_NODES, new Set(this.profile.plugins.map(({ plugin }) => plugin.name)), undefined);
      return;
    }
    const { preFilterRejection, rejectedBy, absent, visitedCount, rejections } = this.cycle;
    let counts: ReasonCounts | undefined;
    if (preFilterRejection === undefined) {
      counts = new ReasonCounts();
      for (let i = 0; i < visitedCount; i++) {
        const rejection = rejections[i];
        if (rejection !== undefined) counts.add(rejection);
      }
      if (absent !== undefined && absent.count > 0) counts.add(absent.rejection, absent.count);
    }
    const preemption = findPreemption(queued.info, this.cycle, this.world, this.context.rng.fork(`preemption/${queued.info.uid}/${queued.attempts}`));
    const message = fitErrorText(nodeCount, preFilterRejection?.reasons.join(", "), counts, "message" in preemption ? `preemption: ${preemption.message}` : undefined);
    const candidate = "candidate" in preemption ? preemption.candidate : undefined;
    this.report(queued, { result: "unschedulable", message, ...(candidate === undefined ? {} : { nominatedNode: candidate.node.name }) });
    this.note("filter", pod, { feasible: 0, evaluated: visitedCount, message });
    this.handleFailure(queued, "Unschedulable", message, rejectedBy, candidate);
    if (candidate !== undefined) this.evict(queued, candidate);
  }

  /** Source: schedule_one.go, handleSchedulingFailure. */
  private handleFailure(queued: QueuedPod, reason: string, message: string, rejectedBy: ReadonlySet<string>, candidate: Candidate | undefined): void {
    const { info } = queued;
    const current = this.pods.get(keyOf(info.pod));
    if (current === undefined || current.metadata.uid !== info.pod.metadata.uid || (current.spec.nodeName ?? "") !== "") return;
    queued.info = podInfo(current);
    this.queue.putBack(queued, new Set(rejectedBy));
    // A promise that preemption did not renew is withdrawn.
    const nominated = candidate?.node.name ?? (reason === "Unschedulable" ? "" : (current.status?.nominatedNodeName ?? ""));
    this.setNominated(info.uid, current, nominated);
    this.recorder.event({ object: current }, "Warning", "FailedScheduling", truncateMessage(message));
    const condition = this.changedCondition(current, { type: "PodScheduled", status: "False", reason, message });
    const renamed = nominated !== (current.status?.nominatedNodeName ?? "");
    if (condition === undefined && !renamed) return;
    const status = { ...(condition === undefined ? {} : { conditions: [condition] }), ...(renamed ? { nominatedNodeName: nominated === "" ? null : nominated } : {}) };
    this.client.patch(Pod, keyOf(current), { type: "strategic", body: { status }, subresource: "status" });
  }

  /** The condition to write, or undefined when the pod has it already. Source: pkg/api/v1/pod/util.go, UpdatePodCondition. */
  private changedCondition(pod: PodObject, condition: PodCondition): PodCondition | undefined {
    const before = podCondition(pod, condition.type);
    const now = this.context.time.seconds(this.context.clock.now());
    if (before === undefined || before.status !== condition.status) return { ...condition, lastTransitionTime: now };
    if (before.reason === condition.reason && before.message === condition.message) return undefined;
    return { ...condition, lastTransitionTime: before.lastTransitionTime ?? now };
  }

  /** Source: preemption.go, prepareCandidate and PreemptPod. */
  private evict({ info: preemptor }: QueuedPod, { node, victims }: Candidate): void {
    for (const { pod, uid } of victims) {
      const key = keyOf(pod);
      const condition = this.changedCondition(pod, {
        type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler", message: `${this.profile.schedulerName}: preempting to accommodate a higher priority pod`,
      });
      const remove = (): void =>
        this.client.delete(Pod, key, { uid }, (result) => {
          if (this.alive && result.ok) this.recorder.event({ object: pod }, "Normal", "Preempted", `Preempted by pod ${preemptor.uid} on node ${node.name}`);
        });
      if (pod.metadata.deletionTimestamp !== undefined) continue; // goes already
      if (condition === undefined) remove();
      else this.client.patch(Pod, key, { type: "strategic", body: { status: { conditions: [condition] } }, subresource: "status" }, () => remove());
    }
    // Less important pods that were promised this node have to look again.
    for (const other of Array.from(this.cycle.nominated.get(node.name)?.values() ?? [])) {
      if (other.priority >= preemptor.priority || other.uid === preemptor.uid) continue;
      this.setNominated(other.uid, undefined);
      this.client.patch(Pod, keyOf(other.pod), { type: "strategic", body: { status: { nominatedNodeName: null } }, subresource: "status" });
    }
  }

  private report(queued: QueuedPod, outcome: Outcome): void {
    const { clock } = this.context;
    const nodeCount = this.cache.nodes().length;
    const verdicts = verdictsOf(this.cycle, nodeCount);
    this.onAttempt({
      atUs: clock.now(), causeId: clock.causeId(), pod: queued.info.key, ...outcome, nodeCount,
      evaluatedNodes: this.cycle.visitedCount, feasibleNodes: this.cycle.feasibleCount,
      get verdicts() {
        return verdicts();
      },
    });
  }

  private note(step: string, pod: PodObject, detail: Readonly<Record<string, string | number>>, phase: "begin" | "end" | "instant" = "instant"): void {
    const { journal } = this.context;
    if (!journal.enabled) return;
    const { uid, namespace = "", name } = pod.metadata;
    journal.write({ component: COMPONENT, step, phase, subject: `pod/${namespace}/${name}`, detail, ...(uid === undefined ? {} : { uid }) });
  }
}
