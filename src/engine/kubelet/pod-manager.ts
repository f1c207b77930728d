import type { NodeObject, PodObject } from "../kinds/generated/types.ts";
import { rejectionOf } from "./lifecycle/admission.ts";
import { podEvent, writeStep } from "./node-context.ts";
import { isMirrorPod, isStaticPod, isTerminalPhase, podKey, podUid } from "./pod-helpers.ts";
import { findSandbox } from "./pod-record.ts";
import { PodWorker } from "./pod-worker.ts";
import { ready } from "./status/conditions.ts";
import type { PodDirectory } from "./status/status-manager.ts";
import type { KubeletParts } from "./sync/parts.ts";
import { type ObjectReference, referencesOf } from "./volumes/object-cache.ts";

/** Kills of pods that nobody knows any more get the least grace there is. */
const ORPHAN_GRACE_SECONDS = 1;

/**
 * All pods of a node: those that the API assigns to it, static ones, and leftovers in the runtime.
 * Source: pkg/kubelet/kubelet.go, HandlePodAdditions, HandlePodUpdates, HandlePodRemoves, HandlePodReconcile; kubelet_pods.go, HandlePodCleanups.
 */
export class PodManager implements PodDirectory {
  private readonly workers = new Map<string, PodWorker>();
  /** Refused by admission: uid → API pod. */
  private readonly rejected = new Map<string, PodObject>();
  /** Pods that the API, or the manifest directory, still has. */
  private readonly wanted = new Map<string, PodObject>();
  private readonly sandboxOwners = new Map<string, string>();
  private parts: KubeletParts | undefined;

  constructor(private readonly node: () => NodeObject) {}

  /** The managers need the directory and the other way round. */
  connect(parts: KubeletParts): void {
    this.parts = parts;
    for (const sandbox of parts.context.runtime.sandboxes()) this.sandboxOwners.set(sandbox.id, sandbox.config.podUid);
  }

  worker(uid: string): PodWorker | undefined {
    return this.workers.get(uid);
  }

  pod(uid: string): PodObject | undefined {
    return this.workers.get(uid)?.record.pod ?? this.rejected.get(uid);
  }

  /** By name, static pods included. */
  byKey(namespace: string, name: string): PodWorker | undefined {
    const key = `${namespace}/${name}`;
    for (const worker of this.workers.values()) if (podKey(worker.record.pod) === key && this.wanted.has(worker.record.uid)) return worker;
    return undefined;
  }

  apiPod(uid: string): PodObject | undefined {
    const pod = this.wanted.get(uid);
    if (pod === undefined || !isStaticPod(pod) || isMirrorPod(pod)) return pod;
    return this.managers.mirrors.get(pod);
  }

  mayHaveRunningContainers(uid: string): boolean {
    return this.workers.get(uid)?.mayRun === true;
  }

  staticPod(uid: string): PodObject | undefined {
    const pod = this.wanted.get(uid);
    return pod !== undefined && isStaticPod(pod) && this.workers.get(uid)?.stage === "syncing" ? pod : undefined;
  }

  ownerOfSandbox(sandboxId: string): string | undefined {
    return this.sandboxOwners.get(sandboxId);
  }

  /** One that was still being made when the kubelet came back. */
  adoptSandbox(sandboxId: string): string | undefined {
    const uid = findSandbox(this.managers.context.runtime, sandboxId)?.config.podUid;
    const worker = uid === undefined ? undefined : this.workers.get(uid);
    if (worker === undefined || uid === undefined) return undefined;
    worker.record.addSandbox(sandboxId);
    this.sandboxMade(sandboxId, uid);
    return uid;
  }

  sandboxMade(sandboxId: string, uid: string): void {
    this.sandboxOwners.set(sandboxId, uid);
  }

  sandboxGone(sandboxId: string): void {
    this.sandboxOwners.delete(sandboxId);
  }

  /** From the watch, or from the manifest directory. */
  podAdded(pod: PodObject): void {
    if (isMirrorPod(pod)) return this.mirrorChanged(pod);
    const uid = podUid(pod);
    this.wanted.set(uid, pod);
    const known = this.workers.get(uid);
    if (known !== undefined) return this.podUpdated(pod, known.record.pod);
    const stopped = this.isOverAlready(pod);
    if (!stopped && pod.metadata.deletionTimestamp === undefined && !isTerminalPhase(pod.status?.phase) && !this.admit(pod)) return;
    const worker = this.addWorker(pod);
    if (stopped) worker.skipToFinished();
    else worker.update(pod);
  }

  podUpdated(pod: PodObject, before: PodObject): void {
    if (isMirrorPod(pod)) return this.mirrorChanged(pod);
    const uid = podUid(pod);
    if (uid !== podUid(before)) {
      this.podRemoved(before);
      return this.podAdded(pod);
    }
    this.wanted.set(uid, pod);
    const worker = this.workers.get(uid);
    if (worker === undefined) {
      if (!this.rejected.has(uid)) return this.podAdded(pod);
      this.rejected.set(uid, pod);
      if (pod.metadata.deletionTimestamp !== undefined) this.finishRejected(pod);
      return this.managers.statuses.apiPodChanged(uid);
    }
    worker.record.pod = pod;
    if (differs(pod, before)) {
      if (pod.metadata.labels !== before.metadata.labels || pod.metadata.annotations !== before.metadata.annotations) this.managers.volumes.sourceChanged(worker.record);
      worker.update(pod);
    } else if (isTerminalPhase(pod.status?.phase) && worker.stage === "syncing") worker.update(pod);
    else if (this.hasGateChange(pod)) worker.sync();
    this.managers.statuses.apiPodChanged(uid);
  }

  podRemoved(pod: PodObject): void {
    if (isMirrorPod(pod)) return this.mirrorRemoved(pod);
    const uid = podUid(pod);
    this.wanted.delete(uid);
    if (this.rejected.delete(uid)) this.managers.statuses.forget(uid);
    const worker = this.workers.get(uid);
    if (worker === undefined) return;
    worker.record.pod = pod;
    if (worker.stage === "finished") this.cleanUp(worker);
    else worker.terminate();
  }

  /** The runtime has pods that neither the API nor a manifest knows: stop them. Called once both have been read. */
  removeOrphans(): void {
    const { runtime } = this.managers.context;
    for (const sandbox of runtime.sandboxes()) {
      const { podUid: uid, podName: name, podNamespace: namespace } = sandbox.config;
      if (this.workers.has(uid) || this.wanted.has(uid)) continue;
      const containers = runtime.containers(sandbox.id).map((info) => ({ name: info.name, image: info.image }));
      const orphan: PodObject = { apiVersion: "v1", kind: "Pod", metadata: { name, namespace, uid }, spec: { containers } };
      this.addWorker(orphan).terminate(ORPHAN_GRACE_SECONDS);
    }
    for (const mirror of this.managers.mirrors.all()) this.dropOrphanedMirror(mirror);
  }

  objectChanged(reference: ObjectReference): void {
    for (const worker of this.workers.values()) {
      const { pod } = worker.record;
      if ((pod.metadata.namespace ?? "") !== reference.namespace || !worker.mayRun) continue;
      if (referencesOf(pod).some(({ sort, name }) => sort === reference.sort && name === reference.name)) this.managers.volumes.sourceChanged(worker.record);
    }
  }

  stop(): void {
    for (const worker of this.workers.values()) worker.abandon();
    this.workers.clear();
    this.rejected.clear();
    this.wanted.clear();
    this.sandboxOwners.clear();
  }

  private get managers(): KubeletParts {
    if (this.parts === undefined) throw new Error("Kubarium bug: expected that the pod manager is connected");
    return this.parts;
  }

  /** Succeeded or failed before this kubelet came to know it, and nothing of it runs. */
  private isOverAlready(pod: PodObject): boolean {
    return isTerminalPhase(pod.status?.phase) && !this.sandboxesOf(podUid(pod)).some((id) => this.managers.context.runtime.containers(id).some(({ state }) => state === "Running"));
  }

  private sandboxesOf(uid: string): readonly string[] {
    const found = [...this.sandboxOwners].filter(([, owner]) => owner === uid).map(([id]) => id);
    const { runtime } = this.managers.context;
    return found.sort((a, b) => (findSandbox(runtime, a)?.createdUs ?? 0) - (findSandbox(runtime, b)?.createdUs ?? 0));
  }

  private addWorker(pod: PodObject): PodWorker {
    const uid = podUid(pod);
    const worker: PodWorker = new PodWorker(this.managers, pod, () => this.workerFinished(worker));
    if (this.sandboxOwners.size > 0) for (const id of this.sandboxesOf(uid)) worker.record.addSandbox(id);
    this.workers.set(uid, worker);
    for (const reference of referencesOf(pod)) this.managers.objects.acquire(reference);
    return worker;
  }

  /** Source: pkg/kubelet/kubelet.go, canAdmitPod and rejectPod. */
  private admit(pod: PodObject): boolean {
    const { context, statuses } = this.managers;
    const others: PodObject[] = [];
    for (const worker of this.workers.values()) if (worker.mayRun && !isTerminalPhase(statuses.get(worker.record.uid)?.phase)) others.push(worker.record.pod);
    const rejection = rejectionOf({ pod, node: this.node(), others });
    writeStep(context, pod, "admit", "instant", rejection === undefined ? { admitted: true } : { admitted: false, reason: rejection.reason });
    if (rejection === undefined) return true;
    const { reason, message } = rejection;
    this.rejected.set(podUid(pod), pod);
    podEvent(context, pod, "Warning", reason, message);
    statuses.set(pod, {
      ...(pod.status?.qosClass === undefined ? {} : { qosClass: pod.status.qosClass }), phase: "Failed", reason, message: `Pod was rejected: ${message}`,
    });
    return false;
  }

  private finishRejected(pod: PodObject): void {
    this.rejected.delete(podUid(pod));
    this.addWorker(pod).skipToFinished();
  }

  /** A readiness gate's condition was written by somebody else. Source: pkg/kubelet/status/status_manager.go, NeedToReconcilePodReadiness. */
  private hasGateChange(pod: PodObject): boolean {
    if (pod.spec.readinessGates === undefined || pod.spec.readinessGates.length === 0) return false;
    const status = this.managers.statuses.get(podUid(pod));
    const now = status?.conditions?.find(({ type }) => type === "Ready");
    if (status === undefined || now === undefined) return false;
    const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    const next = ready(pod, pod.status?.conditions ?? [], all, status.phase ?? "");
    return next.status !== now.status || next.message !== now.message;
  }

  private workerFinished(worker: PodWorker): void {
    const { uid } = worker.record;
    if (!this.wanted.has(uid)) this.cleanUp(worker);
    else this.managers.statuses.apiPodChanged(uid);
  }

  /** Nothing is left of the pod: its containers and their logs go. */
  private cleanUp(worker: PodWorker): void {
    const { context, statuses, objects, images, crashBackoff } = this.managers;
    const { uid, pod, sandboxes } = worker.record;
    for (const id of sandboxes) {
      for (const info of context.runtime.containers(id)) context.runtime.removeContainer(info.id);
      context.runtime.removePodSandbox(id);
      this.sandboxGone(id);
    }
    for (const reference of referencesOf(pod)) objects.release(reference);
    images.forget(uid);
    crashBackoff.forget(`${uid}_`);
    statuses.forget(uid);
    this.workers.delete(uid);
    const mirror = isStaticPod(pod) ? this.managers.mirrors.get(pod) : undefined;
    if (mirror !== undefined) this.dropOrphanedMirror(mirror);
    const again = this.wanted.get(uid);
    if (again !== undefined) this.podAdded(again);
  }

  private mirrorChanged(mirror: PodObject): void {
    this.managers.mirrors.set(mirror);
    const worker = this.staticByKey(podKey(mirror));
    if (worker === undefined) return this.dropOrphanedMirror(mirror);
    this.managers.mirrors.reconcile(worker.record.uid);
    this.managers.statuses.apiPodChanged(worker.record.uid);
  }

  private mirrorRemoved(mirror: PodObject): void {
    this.managers.mirrors.remove(mirror);
    const worker = this.staticByKey(podKey(mirror));
    if (worker !== undefined) this.managers.mirrors.reconcile(worker.record.uid);
  }

  private dropOrphanedMirror(mirror: PodObject): void {
    if (this.staticByKey(podKey(mirror)) === undefined) this.managers.mirrors.delete(mirror);
  }

  private staticByKey(key: string): PodWorker | undefined {
    for (const worker of this.workers.values()) if (isStaticPod(worker.record.pod) && podKey(worker.record.pod) === key) return worker;
    return undefined;
  }
}

/** Source: pkg/kubelet/config/config.go, podsDifferSemantically. */
function differs(pod: PodObject, before: PodObject): boolean {
  return (
    pod.spec !== before.spec || pod.metadata.labels !== before.metadata.labels || pod.metadata.annotations !== before.metadata.annotations ||
    pod.metadata.deletionTimestamp !== before.metadata.deletionTimestamp || pod.metadata.deletionGracePeriodSeconds !== before.metadata.deletionGracePeriodSeconds
  );
}
