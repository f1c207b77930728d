import { keyOf } from "../apimachinery/object.ts";
import type { PodCondition, PodObject } from "../kinds/generated/types.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import { Lease } from "../kinds/lease.ts";
import { Node } from "../kinds/node.ts";
import { Pod } from "../kinds/pod.ts";
import type { TestApi } from "./test-api.ts";

/** What the stand-in does with a pod of this image: "ready" after a while, "running" but never ready, or "failed". */
export type Fate = "ready" | "running" | "failed";

export interface FakeKubeletOptions {
  readonly fateOf?: (pod: PodObject) => Fate;
  readonly startMs?: number;
  readonly stopMs?: number;
  readonly renewMs?: number;
  /** Keeps pods that start together from getting ready together; 0. */
  readonly staggerMs?: number;
}

/** Writes the node's lease at once: heartbeats are not what these tests are about. */
function renew(api: TestApi, node: string): void {
  const { internal } = api.server;
  const caller = { user: { name: `system:node:${node}`, groups: ["system:nodes"] }, manager: "kubelet" };
  const kind = Lease as unknown as KindDefinition;
  const key = { namespace: "kube-node-lease", name: node };
  const renewTime = api.context.time.micros(api.clock.now());
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: key, spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime } };
  const patched = internal.patch(caller, kind, key, { type: "merge", body: { spec: { renewTime } } });
  const written = patched.ok ? patched : internal.create(caller, kind, lease);
  if (!written.ok) throw new Error(written.error.message);
}

/**
 * Stands in for all kubelets, like the one of the recorded traces: posts statuses, Running and Ready after about 0.8 s,
 * and removes pods about 0.7 s after their deletion was asked for. Emits no events.
 */
export function startFakeKubelet(api: TestApi, { fateOf = () => "ready", startMs = 800, stopMs = 700, renewMs = 10_000, staggerMs = 0 }: FakeKubeletOptions = {}): { freeze(node: string): void; thaw(node: string): void } {
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
    api.clock.after((startMs + (started.size % 5) * staggerMs) * 1000, "fake kubelet: start", () => {
      if (frozen.has(node)) return;
      const fate = fateOf(pod);
      if (fate === "failed") post(pod, "Failed", false);
      else post(pod, "Running", fate === "ready", { podIP, podIPs: [{ ip: podIP }] });
    });
  };
  informers.informer(Pod).onChange({ add: look, update: look });
  const nodes = informers.informer(Node);
  informers.start();
  api.clock.every(renewMs * 1000, "fake kubelet: renew leases", () => {
    for (const node of nodes.list()) if (!frozen.has(node.metadata.name)) renew(api, node.metadata.name);
  }, 1_000_000);
  return {
    freeze: (node) => void frozen.add(node),
    thaw(node) {
      frozen.delete(node);
      renew(api, node);
      for (const pod of informers.informer(Pod).list()) if (pod.spec.nodeName === node) look(pod);
    },
  };
}
