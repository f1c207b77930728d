import type { PodObject } from "../../kinds/generated/types.ts";
import { KeyedHeap } from "./heap.ts";
import type { ClusterEvent, EventObjects, RequeueRule, SchedulerPlugin } from "./plugin.ts";
import { type PodInfo, podInfo } from "./pod-info.ts";

const INITIAL_BACKOFF_US = 1e6;
const MAX_BACKOFF_US = 10e6;
/** Longer than this no pod waits for an event. */
const UNSCHEDULABLE_FLUSH_US = 5 * 60 * 1e6;

/** A pod that waits for a node. */
export interface QueuedPod {
  info: PodInfo;
  /** When it came into the queue it is in; older ones go first. */
  timestampUs: number;
  readonly firstSeenUs: number;
  attempts: number;
  /** Attempts that ended unschedulable, and errors since the last success of any kind. */
  unschedulableCount: number;
  errorCount: number;
  /** Plugins that rejected it last time; empty after an error. */
  rejectedBy: ReadonlySet<string>;
  /** Why it may not enter the queue, if so. */
  gated: string | undefined;
  seq: number;
}

type Where = "active" | "backoff" | "unschedulable";

/** Source: pkg/scheduler/framework/plugins/queuesort/priority_sort.go. */
function goesFirst(a: QueuedPod, b: QueuedPod): boolean {
  if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority;
  return a.timestampUs !== b.timestampUs ? a.timestampUs < b.timestampUs : a.seq < b.seq;
}

/** Back-off after the n-th failure: 1 s doubling to 10 s. Errors in a row count for themselves. Source: backoff_queue.go, calculateBackoffDuration. */
export function backoffUs({ errorCount, unschedulableCount }: Pick<QueuedPod, "errorCount" | "unschedulableCount">): number {
  const count = errorCount > 0 ? errorCount : unschedulableCount;
  if (count === 0) return 0;
  return count > 4 ? MAX_BACKOFF_US : Math.min(INITIAL_BACKOFF_US * 2 ** (count - 1), MAX_BACKOFF_US);
}

/**
 * Pods that are to be scheduled now (active), after a back-off, or once something happens that may help (unschedulable).
 * Source: pkg/scheduler/backend/queue/scheduling_queue.go, PriorityQueue.
 */
export class SchedulingQueue {
  private readonly active = new KeyedHeap<QueuedPod>((pod) => pod.info.uid, goesFirst);
  private readonly backoff = new KeyedHeap<QueuedPod>((pod) => pod.info.uid, (a, b) => {
    const [x, y] = [expiresUs(a), expiresUs(b)];
    return x !== y ? x < y : goesFirst(a, b);
  });
  private readonly unschedulable = new Map<string, QueuedPod>();
  /** Unschedulable pods by the plugin that rejected them; "" for errors, which any event may help. */
  private readonly byPlugin = new Map<string, Set<QueuedPod>>();
  private readonly rules = new Map<ClusterEvent, { readonly plugin: string; readonly rule: RequeueRule }[]>();
  private readonly preEnqueue: readonly SchedulerPlugin[];
  private seq = 0;
  private readonly nowUs: () => number;

  constructor(plugins: readonly SchedulerPlugin[], nowUs: () => number) {
    this.nowUs = nowUs;
    this.preEnqueue = plugins.filter((plugin) => plugin.preEnqueue !== undefined);
    for (const plugin of plugins) {
      const rules = plugin.requeueOn ?? [];
      // A node may be added while its taints still keep pods away: who waits for nodes waits for taints, too. Source: pkg/scheduler/scheduler.go, buildQueueingHintMap.
      const waitsForTaints = rules.some(({ on }) => on === "NodeAdd") && !rules.some(({ on }) => on === "NodeUpdateTaint");
      for (const rule of waitsForTaints ? [...rules, { on: "NodeUpdateTaint" } as const] : rules) {
        const list = this.rules.get(rule.on) ?? [];
        list.push({ plugin: plugin.name, rule });
        this.rules.set(rule.on, list);
      }
    }
  }

  get counts(): Readonly<Record<Where, number>> {
    return { active: this.active.size, backoff: this.backoff.size, unschedulable: this.unschedulable.size };
  }

  /** A pod that has not been seen before. */
  add(pod: PodObject): void {
    const now = this.nowUs();
    const queued: QueuedPod = {
      info: podInfo(pod), timestampUs: now, firstSeenUs: now, attempts: 0, unschedulableCount: 0, errorCount: 0, rejectedBy: new Set(), gated: undefined, seq: this.seq++,
    };
    this.enter(queued);
  }

  has(uid: string): boolean {
    return this.find(uid) !== undefined;
  }

  /** The next pod to schedule. With nothing active, one in back-off goes early, unless errors put it there. */
  pop(): QueuedPod | undefined {
    const queued = this.active.pop() ?? this.popBackoff();
    if (queued === undefined) return undefined;
    queued.attempts += 1;
    return queued;
  }

  /** Simulated µs at which the next pod leaves its back-off, if one is in it. */
  nextBackoffUs(): number | undefined {
    const first = this.backoff.peek();
    return first === undefined ? undefined : expiresUs(first);
  }

  /** After a failed attempt. */
  putBack(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    queued.timestampUs = this.nowUs();
    queued.rejectedBy = rejectedBy;
    if (rejectedBy.size > 0) {
      queued.unschedulableCount += 1;
      queued.errorCount = 0;
      this.park(queued);
    } else {
      queued.errorCount += 1;
      this.backoff.set(queued);
    }
  }

  /** Moves pods whose back-off is over. True when there are active pods now. */
  flushBackoff(): boolean {
    const now = this.nowUs();
    for (let first = this.backoff.peek(); first !== undefined && expiresUs(first) <= now; first = this.backoff.peek()) {
      this.backoff.delete(first.info.uid);
      this.active.set(first);
    }
    return this.active.size > 0;
  }

  /** Pods that have waited for an event for 5 minutes are tried again. Source: flushUnschedulablePodsLeftover. */
  flushUnschedulable(): void {
    const now = this.nowUs();
    for (const queued of this.unschedulable.values()) if (queued.gated === undefined && now - queued.timestampUs > UNSCHEDULABLE_FLUSH_US) this.move(queued);
  }

  /** The pod itself was changed: labels, tolerations, gates. Its status does not count. */
  update(before: PodObject, pod: PodObject): void {
    const queued = this.find(pod.metadata.uid ?? "");
    if (queued === undefined) {
      this.add(pod);
      return;
    }
    const parked = this.unschedulable.has(queued.info.uid);
    queued.info = podInfo(pod);
    if (!parked) {
      (this.active.get(queued.info.uid) === undefined ? this.backoff : this.active).set(queued);
      return;
    }
    if (queued.gated !== undefined) {
      if ((pod.spec.schedulingGates ?? []).length === 0 && (before.spec.schedulingGates ?? []).length > 0) this.move(queued);
      return;
    }
    const helps = ownEvents(before, pod).some((event) => this.mayHelp(queued, event, { pod, podBefore: before }));
    if (helps) this.move(queued);
  }

  delete(uid: string): void {
    this.active.delete(uid);
    this.backoff.delete(uid);
    const parked = this.unschedulable.get(uid);
    if (parked !== undefined) this.unpark(parked);
  }

  /** Something happened: pods that it may help are tried again. True when there is a pod to try. */
  onEvent(event: ClusterEvent, objects: EventObjects): boolean {
    const rules = this.rules.get(event);
    const waiting = this.unschedulable.size;
    if (waiting === 0) return false;
    let moved = false;
    for (const { plugin, rule } of rules ?? []) {
      const pods = this.byPlugin.get(plugin);
      if (pods === undefined || pods.size === 0) continue;
      for (const queued of Array.from(pods)) {
        if (queued.gated !== undefined || (rule.when !== undefined && !rule.when(queued.info, objects))) continue;
        this.move(queued);
        moved = true;
      }
    }
    return moved;
  }

  private mayHelp(queued: QueuedPod, event: ClusterEvent, objects: EventObjects): boolean {
    return (this.rules.get(event) ?? []).some(({ plugin, rule }) => queued.rejectedBy.has(plugin) && (rule.when === undefined || rule.when(queued.info, objects)));
  }

  /** Out of the unschedulable pods: into the back-off that is left, or straight to the active ones. */
  private move(queued: QueuedPod): void {
    this.unpark(queued);
    queued.gated = undefined;
    this.enter(queued);
  }

  private enter(queued: QueuedPod): void {
    for (const plugin of this.preEnqueue) {
      const reason = plugin.preEnqueue?.(queued.info.pod);
      if (reason === undefined) continue;
      queued.gated = reason;
      queued.rejectedBy = new Set([plugin.name]);
      this.park(queued);
      return;
    }
    if (expiresUs(queued) > this.nowUs()) this.backoff.set(queued);
    else this.active.set(queued);
  }

  private popBackoff(): QueuedPod | undefined {
    if (this.backoff.size === 0) return undefined;
    const first = this.backoff.peek();
    if (first === undefined || first.errorCount > 0) {
      const candidate = this.backoff.values().filter(({ errorCount }) => errorCount === 0).reduce<QueuedPod | undefined>((best, pod) => (best === undefined || expiresUs(pod) < expiresUs(best) ? pod : best), undefined);
      return candidate === undefined ? undefined : this.backoff.delete(candidate.info.uid);
    }
    return this.backoff.pop();
  }

  private park(queued: QueuedPod): void {
    this.unschedulable.set(queued.info.uid, queued);
    for (const plugin of queued.rejectedBy) {
      const pods = this.byPlugin.get(plugin) ?? new Set<QueuedPod>();
      pods.add(queued);
      this.byPlugin.set(plugin, pods);
    }
  }

  private unpark(queued: QueuedPod): void {
    this.unschedulable.delete(queued.info.uid);
    for (const plugin of queued.rejectedBy) this.byPlugin.get(plugin)?.delete(queued);
  }

  private find(uid: string): QueuedPod | undefined {
    return this.active.get(uid) ?? this.backoff.get(uid) ?? this.unschedulable.get(uid);
  }
}

const expiresUs = (queued: QueuedPod): number => queued.timestampUs + backoffUs(queued);

/** Source: pkg/scheduler/framework/events.go, PodSchedulingPropertiesChange. */
function ownEvents(before: PodObject, pod: PodObject): readonly ClusterEvent[] {
  const events: ClusterEvent[] = [];
  const differs = (a: unknown, b: unknown): boolean => a !== b && JSON.stringify(a) !== JSON.stringify(b);
  if (differs(before.metadata.labels, pod.metadata.labels)) events.push("PodUpdateLabel");
  if (differs(before.spec.tolerations, pod.spec.tolerations)) events.push("PodUpdateTolerations");
  if ((before.spec.schedulingGates ?? []).length > 0 && (pod.spec.schedulingGates ?? []).length === 0) events.push("PodGatesEliminated");
  if (differs(before.spec.containers, pod.spec.containers)) events.push("PodScaleDown");
  return events;
}
