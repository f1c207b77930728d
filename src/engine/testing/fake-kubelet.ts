import { keyOf } from "../apimachinery/object.ts";
import type { PodCondition, PodObject } from "../kinds/generated/types.ts";
import { Pod } from "../kinds/pod.ts";
import type { TestApi } from "./test-api.ts";

/** What the stand-in does with a pod of this image: "ready" after a while, "running" but never ready, or "failed". */
export type Fate = "ready" | "running" | "failed";

export interface FakeKubeletOptions {
  readonly fateOf?: (pod: PodObject) => Fate;
  readonly startMs?: number;
  readonly stopMs?: number;
}

/**
 * Stands in for all kubelets, like the one of the recorded traces: posts statuses, Running and Ready after about 0.8 s,
 * and removes pods about 0.7 s after their deletion was asked for. Emits no events.
 */
export function startFakeKubelet(api: TestApi, { fateOf = () => "ready", startMs = 800, stopMs = 700 }: FakeKubeletOptions = {}): { freeze(node: string): void; thaw(node: string): void } {
  const client = api.connection.client("kubelet/fake");
  const informers = api.connection.informers("kubelet/fake");
  const frozen = new Set<string>();
  const started = new Set<string>();
  const dying = new Set<string>();
  let ips = 9;
  const post = (pod: PodObject, phase: string, ready: boolean, extra: object = {}): void => {
    const at = api.context.time.seconds(api.clock.now());
    const condition = (type: string, holds: boolean): PodCondition => ({ type, status: holds ? "True" : "False", lastTransitionTime: at });
    const conditions = [condition("PodReadyToStartContainers", true), condition("Initialized", true), condition("Ready", ready), condition("ContainersReady", ready)];
    const body = { status: { phase, conditions, startTime: at, ...extra } };
    client.patch(Pod, keyOf(pod), { type: "strategic", body, subresource: "status" });
  };
  const look = (pod: PodObject): void => {
    const { uid = "", deletionTimestamp } = pod.metadata;
    const node = pod.spec.nodeName ?? "";
    if (node === "" || frozen.has(node)) return;
    if (deletionTimestamp !== undefined) {
      if (dying.has(uid)) return;
      dying.add(uid);
      api.clock.after(stopMs * 1000, "fake kubelet: stop", () => client.delete(Pod, keyOf(pod), { gracePeriodSeconds: 0, uid }));
      return;
    }
    if (started.has(uid)) return;
    started.add(uid);
    const podIP = `10.244.0.${(ips = (ips % 250) + 1)}`;
    post(pod, "Pending", false);
    api.clock.after(startMs * 1000, "fake kubelet: start", () => {
      if (frozen.has(node)) return;
      const fate = fateOf(pod);
      if (fate === "failed") post(pod, "Failed", false);
      else post(pod, "Running", fate === "ready", { podIP, podIPs: [{ ip: podIP }] });
    });
  };
  informers.informer(Pod).onChange({ add: look, update: look });
  informers.start();
  return {
    freeze: (node) => void frozen.add(node),
    thaw(node) {
      frozen.delete(node);
      for (const pod of informers.informer(Pod).list()) if (pod.spec.nodeName === node) look(pod);
    },
  };
}
