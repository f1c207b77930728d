import type { PodObject } from "../kinds/generated/types.ts";
import type { ContainerRuntime, Sandbox } from "../runtime/contracts.ts";
import { podUid } from "./pod-helpers.ts";
import { type PodRuntime, readPodRuntime } from "./pod-runtime.ts";
import { ReasonCache } from "./sync/reason-cache.ts";

/** What the kubelet remembers of one pod on its node. */
export class PodRecord {
  readonly uid: string;
  /** Newest first. */
  private sandboxIds: string[] = [];
  private lastIps: readonly string[] = [];
  readonly reasons = new ReasonCache();
  /** Simulated µs when it first became known here. */
  seenUs = 0;

  constructor(public pod: PodObject) {
    this.uid = podUid(pod);
    this.lastIps = pod.status?.podIPs?.map(({ ip }) => ip) ?? [];
  }

  addSandbox(id: string): void {
    if (!this.sandboxIds.includes(id)) this.sandboxIds = [id, ...this.sandboxIds];
  }

  removeSandbox(id: string): void {
    this.sandboxIds = this.sandboxIds.filter((other) => other !== id);
  }

  get sandboxes(): readonly string[] {
    return this.sandboxIds;
  }

  read(runtime: ContainerRuntime): PodRuntime {
    const sandboxes = this.sandboxIds.flatMap((id) => findSandbox(runtime, id) ?? []);
    const state = readPodRuntime(runtime, sandboxes, this.lastIps);
    this.lastIps = state.ips;
    return state;
  }
}

export const findSandbox = (runtime: ContainerRuntime, id: string): Sandbox | undefined =>
  runtime.sandbox === undefined ? runtime.sandboxes().find((sandbox) => sandbox.id === id) : runtime.sandbox(id);
