import { deepEqual, shareStructure } from "../../apimachinery/deep.ts";
import type { ObjectKey } from "../../apimachinery/object.ts";
import type { Cancel } from "../../kernel/clock.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { ContainerStatus, PodObject, PodStatus } from "../../kinds/generated/types.ts";
import { Pod } from "../../kinds/pod.ts";
import { type NodeContext, writeStep } from "../node-context.ts";
import { isMirrorPod, isStaticPod, isTerminalPhase, podUid, runtimeIdOf } from "../pod-helpers.ts";
import { containersReady, ready } from "./conditions.ts";
import { mergePodStatus, podStatusPatch, withTransitionTimes } from "./merge.ts";
import { terminatedStatus } from "./terminate.ts";

interface Entry {
  pod: PodObject;
  status: PodStatus;
  version: number;
  writtenVersion: number;
  /** All is stopped and unmounted: a pod that is being deleted may go. */
  isFinished: boolean;
  /** Its deletion has been asked for; finalizers may still hold it. */
  isDeleted: boolean;
  /** What the last write answered, while the watch has not brought it yet. */
  lastAnswer: PodObject | undefined;
}

/** What the status manager asks the pod manager and the workers. */
export interface PodDirectory {
  /** The API's pod for this uid: the pod itself, or the mirror of a static pod. */
  apiPod(uid: string): PodObject | undefined;
  mayHaveRunningContainers(uid: string): boolean;
}

/** Failed writes are tried again at most this much later. */
const SYNC_PERIOD_US = secondsToUs(10);

/**
 * Holds the newest status of every pod and writes what changed, one pod after the other, never an older one over a newer.
 * Source: pkg/kubelet/status/status_manager.go.
 * Differs: compares with the watched copy of the pod, where upstream reads the pod anew before each patch.
 */
export class StatusManager {
  private readonly entries = new Map<string, Entry>();
  /** uid → what made it dirty. */
  private readonly dirty = new Map<string, number>();
  private isWriting = false;
  private retry: Cancel | undefined;
  private isStopped = false;

  constructor(private readonly context: NodeContext, private readonly pods: PodDirectory) {}

  get(uid: string): PodStatus | undefined {
    return this.entries.get(uid)?.status;
  }

  set(pod: PodObject, status: PodStatus): void {
    this.store(pod, status, false, false);
  }

  /** Source: SetContainerReadiness. Without a change nothing happens. */
  setContainerReadiness(uid: string, containerId: string, isReady: boolean): void {
    this.changeContainer(uid, containerId, (status) => (status.ready === isReady ? status : { ...status, ready: isReady }));
  }

  /** Source: SetContainerStartup. */
  setContainerStartup(uid: string, containerId: string, isStarted: boolean): void {
    this.changeContainer(uid, containerId, (status) => (status.started === isStarted ? status : { ...status, started: isStarted }));
  }

  /** The pod is stopped and cleaned up: whatever is not known to have ended counts as failed. Source: TerminatePod. */
  terminate(pod: PodObject): void {
    const entry = this.entries.get(podUid(pod));
    const status = entry?.status ?? pod.status ?? {};
    this.store(pod, terminatedStatus(pod, status), true, true);
  }

  /** Looks again at a pod that the API changed: foreign writes to the status are put right, a new mirror gets its status. */
  apiPodChanged(uid: string): void {
    const entry = this.entries.get(uid);
    if (entry === undefined) return;
    const api = this.newestApiPod(uid, entry);
    if (api === undefined) return;
    const isBehind = entry.writtenVersion < entry.version;
    if (isBehind || this.isToBeDeleted(api, entry) || !deepEqual(withoutForeign(api.status), withoutForeign(entry.status))) this.markDirty(uid);
  }

  forget(uid: string): void {
    this.entries.delete(uid);
    this.dirty.delete(uid);
  }

  stop(): void {
    this.isStopped = true;
    this.retry?.();
    this.retry = undefined;
  }

  private changeContainer(uid: string, containerId: string, change: (status: ContainerStatus) => ContainerStatus): void {
    const entry = this.entries.get(uid);
    if (entry === undefined) return;
    const apply = (statuses: readonly ContainerStatus[] | undefined): readonly ContainerStatus[] | undefined =>
      statuses?.map((status) => (runtimeIdOf(status.containerID) === containerId ? change(status) : status));
    const containerStatuses = apply(entry.status.containerStatuses);
    const initContainerStatuses = apply(entry.status.initContainerStatuses);
    if (deepEqual(containerStatuses, entry.status.containerStatuses) && deepEqual(initContainerStatuses, entry.status.initContainerStatuses)) return;
    const all = [...(initContainerStatuses ?? []), ...(containerStatuses ?? [])];
    const { pod, status } = entry;
    const phase = status.phase ?? "";
    const conditions = (status.conditions ?? []).map((condition) => {
      if (condition.type === "Ready") return ready(pod, status.conditions ?? [], all, phase);
      if (condition.type === "ContainersReady") return containersReady(pod, all, phase);
      return condition;
    });
    this.store(pod, {
      ...status, conditions, ...(containerStatuses === undefined ? {} : { containerStatuses }), ...(initContainerStatuses === undefined ? {} : { initContainerStatuses }),
    }, false, false);
  }

  /** Source: updateStatusInternal. */
  private store(pod: PodObject, status: PodStatus, isForced: boolean, isFinished: boolean): void {
    const uid = podUid(pod);
    const entry = this.entries.get(uid);
    const old = entry?.status ?? pod.status ?? {};
    const now = this.context.time.seconds(this.context.clock.now());
    const next: PodStatus = {
      ...status,
      ...(status.conditions === undefined ? {} : { conditions: withTransitionTimes(status.conditions, old.conditions, now) }),
      startTime: old.startTime ?? status.startTime ?? now,
    };
    if (entry === undefined) this.entries.set(uid, { pod, status: next, version: 1, writtenVersion: 0, isFinished, isDeleted: false, lastAnswer: undefined });
    else {
      entry.pod = pod;
      entry.isFinished ||= isFinished;
      if (!isForced && deepEqual(entry.status, next)) return;
      entry.status = next;
      entry.version += 1;
    }
    this.markDirty(uid);
  }

  private markDirty(uid: string): void {
    if (this.isStopped) return;
    this.dirty.set(uid, this.context.clock.causeId());
    this.writeNext();
  }

  private writeNext(): void {
    if (this.isWriting || this.isStopped) return;
    for (const [uid, cause] of this.dirty) {
      this.dirty.delete(uid);
      const entry = this.entries.get(uid);
      const api = entry === undefined ? undefined : this.newestApiPod(uid, entry);
      // Without a pod in the API there is nothing to write to; its coming back marks it again.
      if (entry === undefined || api === undefined) continue;
      const label = `kubelet ${this.context.node.name}: status of ${api.metadata.name}`;
      if (this.context.clock.within(label, () => this.write(uid, entry, api), cause)) return;
    }
  }

  private newestApiPod(uid: string, entry: Entry): PodObject | undefined {
    const watched = this.pods.apiPod(uid);
    const { lastAnswer } = entry;
    if (watched === undefined || lastAnswer === undefined || podUid(watched) !== podUid(lastAnswer)) return watched;
    if (revisionOf(watched) < revisionOf(lastAnswer)) return lastAnswer;
    entry.lastAnswer = undefined;
    return watched;
  }

  /** Whether a request is under way. Source: syncPod. */
  private write(uid: string, entry: Entry, api: PodObject): boolean {
    const version = entry.version;
    const now = this.context.time.seconds(this.context.clock.now());
    const merged = mergePodStatus(api.status ?? {}, entry.status, this.pods.mayHaveRunningContainers(uid), now);
    const body = podStatusPatch(podUid(api), api.status ?? {}, merged);
    if (body === undefined) {
      entry.writtenVersion = version;
      return this.deleteIfDone(uid, entry, api);
    }
    const key = keyOfPod(api);
    this.isWriting = true;
    writeStep(this.context, api, "status-update", "begin", { phase: merged.phase ?? "" });
    this.context.api.patch(Pod, key, { type: "strategic", body, subresource: "status" }, (result) => {
      this.isWriting = false;
      if (this.isStopped) return;
      writeStep(this.context, api, "status-update", "end", { phase: merged.phase ?? "" });
      if (result.ok) {
        entry.writtenVersion = Math.max(entry.writtenVersion, version);
        entry.lastAnswer = result.value;
        // The server's copy stays in memory anyway: hold on to that, and not to an equal one.
        if (entry.version === version) entry.status = shareStructure(entry.status, result.value.status ?? {});
        if (this.deleteIfDone(uid, entry, result.value)) return;
      } else if (result.error.reason !== "NotFound" && result.error.reason !== "Conflict" && this.entries.has(uid)) this.retryLater(uid);
      this.writeNext();
    });
    return true;
  }

  /** Source: canBeDeleted. */
  private isToBeDeleted(api: PodObject, entry: Entry): boolean {
    return api.metadata.deletionTimestamp !== undefined && entry.isFinished && !entry.isDeleted && !isMirrorPod(api) && !isStaticPod(entry.pod);
  }

  private deleteIfDone(uid: string, entry: Entry, api: PodObject): boolean {
    if (!this.isToBeDeleted(api, entry) || entry.writtenVersion < entry.version) return false;
    this.isWriting = true;
    this.context.api.delete(Pod, keyOfPod(api), { gracePeriodSeconds: 0, uid: podUid(api) }, (result) => {
      this.isWriting = false;
      if (this.isStopped) return;
      if (result.ok) entry.isDeleted = true;
      else if (result.error.reason !== "NotFound" && result.error.reason !== "Conflict" && this.entries.has(uid)) this.retryLater(uid);
      this.writeNext();
    });
    return true;
  }

  private retryLater(uid: string): void {
    this.failed.add(uid);
    this.retry ??= this.context.clock.after(SYNC_PERIOD_US, `kubelet ${this.context.node.name}: status sync`, () => {
      this.retry = undefined;
      for (const one of this.failed) this.dirty.set(one, this.context.clock.causeId());
      this.failed.clear();
      this.writeNext();
    });
  }

  private readonly failed = new Set<string>();
}

const revisionOf = (pod: PodObject): number => Number(pod.metadata.resourceVersion ?? 0);

const keyOfPod = (pod: PodObject): ObjectKey => ({ namespace: pod.metadata.namespace ?? "", name: pod.metadata.name });

/** The part of a status that only the kubelet writes. */
function withoutForeign(status: PodStatus | undefined): unknown {
  const { conditions, phase } = status ?? {};
  return { phase, containers: status?.containerStatuses, ready: conditions?.find(({ type }) => type === "Ready")?.status, isOver: isTerminalPhase(phase) };
}

