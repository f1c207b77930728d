import type { ObjectKey } from "../../apimachinery/object.ts";
import type { ApiClient } from "../../client/contracts.ts";
import type { Cancel, Clock } from "../../kernel/clock.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { PodObject } from "../../kinds/generated/types.ts";
import { Pod } from "../../kinds/pod.ts";
import { podKey, podUid } from "../pod-helpers.ts";
import { isMirrorOf, mirrorPodOf } from "./static-pod.ts";

export interface MirrorInput {
  readonly api: ApiClient;
  readonly clock: Clock;
  /** A static pod by uid that is to be running; undefined when there is none. */
  readonly staticPod: (uid: string) => PodObject | undefined;
  /** The uid of this node's object; undefined before it is registered. */
  readonly nodeUid: () => string | undefined;
}

const RETRY_US = secondsToUs(5);

/** Keeps one API pod per static pod. Source: pkg/kubelet/kubelet.go, tryReconcileMirrorPods; pkg/kubelet/pod/mirror_client.go. */
export class MirrorPods {
  /** "namespace/name" → what the API has. */
  private readonly mirrors = new Map<string, PodObject>();
  private readonly busy = new Set<string>();
  private readonly retries = new Map<string, Cancel>();
  private isStopped = false;

  constructor(private readonly input: MirrorInput) {}

  get(pod: PodObject): PodObject | undefined {
    return this.mirrors.get(podKey(pod));
  }

  set(mirror: PodObject): void {
    this.mirrors.set(podKey(mirror), mirror);
  }

  remove(mirror: PodObject): void {
    const known = this.mirrors.get(podKey(mirror));
    if (known !== undefined && podUid(known) === podUid(mirror)) this.mirrors.delete(podKey(mirror));
  }

  all(): Iterable<PodObject> {
    return this.mirrors.values();
  }

  /** Makes, or makes anew, the mirror of a static pod; nothing for other pods. */
  reconcile(uid: string): void {
    const pod = this.input.staticPod(uid);
    if (pod === undefined || this.isStopped) return;
    const key = podKey(pod);
    if (this.busy.has(key)) return;
    const mirror = this.mirrors.get(key);
    if (mirror === undefined) return this.create(uid, pod, key);
    if (mirror.metadata.deletionTimestamp !== undefined || !isMirrorOf(mirror, pod)) this.delete(mirror, uid);
  }

  /** A mirror without its static pod, or one that has to make room. */
  delete(mirror: PodObject, uid?: string): void {
    const key = podKey(mirror);
    if (this.busy.has(key)) return;
    this.busy.add(key);
    this.input.api.delete(Pod, keyOf(mirror), { gracePeriodSeconds: 0, uid: podUid(mirror) }, (result) => {
      this.busy.delete(key);
      if (this.isStopped) return;
      if (result.ok || result.error.reason === "NotFound") {
        this.remove(mirror);
        if (uid !== undefined) this.reconcile(uid);
      } else if (uid !== undefined) this.retry(uid);
    });
  }

  stop(): void {
    this.isStopped = true;
    for (const cancel of this.retries.values()) cancel();
    this.retries.clear();
  }

  private create(uid: string, pod: PodObject, key: string): void {
    const nodeUid = this.input.nodeUid();
    if (nodeUid === undefined) return this.retry(uid);
    this.busy.add(key);
    this.input.api.create(Pod, mirrorPodOf(pod, nodeUid), (result) => {
      this.busy.delete(key);
      if (!this.isStopped && !result.ok && result.error.reason !== "AlreadyExists") this.retry(uid);
    });
  }

  private retry(uid: string): void {
    if (this.retries.has(uid)) return;
    const cancel = this.input.clock.after(RETRY_US, "kubelet: mirror pod again", () => {
      this.retries.delete(uid);
      this.reconcile(uid);
    });
    this.retries.set(uid, cancel);
  }
}

const keyOf = (pod: PodObject): ObjectKey => ({ namespace: pod.metadata.namespace ?? "", name: pod.metadata.name });
