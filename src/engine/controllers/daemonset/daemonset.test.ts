import { describe, expect, test } from "vitest";
import type { DaemonSetObject, PodObject } from "../../kinds/generated/types.ts";
import { DaemonSet } from "../../kinds/daemon-set.ts";
import { Event } from "../../kinds/event.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { startControlPlane } from "../../testing/control-plane.ts";
import { watchChanges } from "../../testing/watch-lines.ts";
import { REVISION_HASH_LABEL } from "./template.ts";

const LABELS = { app: "agent" };
const start = (spec: Partial<DaemonSetObject["spec"]> = {}, podSpec: object = {}, nodes = 3) => {
  const plane = startControlPlane({ nodes, kubelet: { fateOf: (pod) => (pod.spec.containers[0]?.image === "broken" ? "running" : pod.spec.containers[0]?.image === "dies" ? "failed" : "ready") } });
  plane.addNode("cp", { taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] });
  plane.api.runMs(1500);
  plane.api.create({
    apiVersion: "apps/v1", kind: "DaemonSet", metadata: { name: "agent", namespace: "default" },
    spec: { selector: { matchLabels: LABELS }, template: { metadata: { labels: LABELS }, spec: { containers: [{ name: "c", image: "one" }], ...podSpec } }, ...spec },
  } as unknown as DaemonSetObject);
  plane.api.runMs(4000);
  const status = () => plane.get(DaemonSet, "default/agent")?.status;
  const places = () => plane.list(Pod, "default").map(({ spec: { nodeName, containers } }) => `${nodeName} ${containers[0]?.image}`).sort();
  const image = (text: string) => plane.patch(DaemonSet, "default/agent", { spec: { template: { spec: { containers: [{ name: "c", image: text }] } } } });
  return { plane, status, places, image };
};

describe("where daemons run", () => {
  test("on every node without a taint that keeps them away; the pods name their node and tolerate what befalls nodes", () => {
    const { plane, status, places } = start();
    expect(places()).toEqual(["node-1 one", "node-2 one", "node-3 one"]);
    expect(status()).toEqual({ currentNumberScheduled: 3, numberMisscheduled: 0, desiredNumberScheduled: 3, numberReady: 3, observedGeneration: 1, updatedNumberScheduled: 3, numberAvailable: 3 });
    const [pod] = plane.list(Pod, "default");
    expect(pod?.metadata.labels?.[REVISION_HASH_LABEL]).toMatch(/^[456789bcdf]{1,10}$/);
    expect(pod?.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms).toEqual([{ matchFields: [{ key: "metadata.name", operator: "In", values: [pod?.spec.nodeName] }] }]);
    expect(pod?.spec.tolerations?.map(({ key, effect }) => `${key}:${effect}`)).toEqual([
      "node.kubernetes.io/not-ready:NoExecute", "node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/disk-pressure:NoSchedule", "node.kubernetes.io/memory-pressure:NoSchedule",
      "node.kubernetes.io/pid-pressure:NoSchedule", "node.kubernetes.io/unschedulable:NoSchedule",
    ]);
    expect(plane.list(Event, "default").filter(({ reason }) => reason === "SuccessfulCreate").map(({ message }) => message?.replace(/-\w+$/, "-x"))).toEqual(Array.from({ length: 3 }, () => "Created pod: agent-x"));
  });

  test.each([
    { name: "a toleration opens the control plane", podSpec: { tolerations: [{ operator: "Exists" }] }, on: ["cp", "node-1", "node-2", "node-3"] },
    { name: "a node selector narrows the choice", podSpec: { nodeSelector: { "kubernetes.io/hostname": "node-2" } }, on: ["node-2"] },
    { name: "a selector that nothing matches", podSpec: { nodeSelector: { disk: "ssd" } }, on: [] },
  ])("$name", ({ podSpec, on }) => {
    expect(start({}, podSpec).places()).toEqual(on.map((node) => `${node} one`));
  });

  test("nodes come, are labelled, cordoned and tainted", () => {
    const { plane, places, status } = start({}, { nodeSelector: { role: "edge" } });
    expect(places()).toEqual([]);
    plane.patch(Node, "node-1", { metadata: { labels: { role: "edge" } } });
    plane.addNode("node-4", { labels: { role: "edge" } });
    plane.api.runMs(3000);
    expect(places()).toEqual(["node-1 one", "node-4 one"]);
    plane.patch(Node, "node-1", { spec: { unschedulable: true } });
    plane.api.runMs(3000);
    expect([places(), status()?.desiredNumberScheduled]).toEqual([["node-1 one", "node-4 one"], 2]);
    plane.patch(Node, "node-4", { spec: { taints: [{ key: "only", effect: "NoSchedule" }] } });
    plane.api.runMs(3000);
    // It may stay: only NoExecute drives it away.
    expect([places(), status()?.desiredNumberScheduled, status()?.numberMisscheduled]).toEqual([["node-1 one", "node-4 one"], 1, 1]);
    plane.patch(Node, "node-1", { metadata: { labels: { role: null } } });
    plane.api.runMs(3000);
    expect(places()).toEqual(["node-4 one"]);
  });

  test("a deleted daemon comes back on its node; a failed one is killed and replaced", () => {
    const { plane, places, image, status } = start();
    const victim = plane.list(Pod, "default").find(({ spec }) => spec.nodeName === "node-2");
    plane.remove(Pod, `default/${victim?.metadata.name}`);
    plane.api.runMs(3000);
    expect(places()).toEqual(["node-1 one", "node-2 one", "node-3 one"]);
    image("dies");
    plane.api.runMs(4000);
    const told = plane.list(Event, "default").find(({ reason }) => reason === "FailedDaemonPod");
    expect(told?.message).toMatch(/^Found failed daemon pod default\/agent-\w+ on node node-\d, will try to kill it$/);
    expect(status()?.numberReady).toBeLessThan(3);
  });
});

describe("rolling update", () => {
  /** How many pods were ready at the same time at least, and how many there were at most. */
  const extremes = (plane: ReturnType<typeof start>["plane"]) => {
    const seen = { ready: Infinity, pods: 0 };
    watchChanges(plane.api, Pod, () => {
      const pods = plane.list(Pod, "default").filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      seen.ready = Math.min(seen.ready, pods.filter((pod: PodObject) => pod.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True")).length);
      seen.pods = Math.max(seen.pods, pods.length);
    });
    return seen;
  };

  test.each([
    { name: "one at a time by default", strategy: {}, ready: 3, pods: 4 },
    { name: "half of them, rounded up", strategy: { rollingUpdate: { maxUnavailable: "50%" } }, ready: 2, pods: 4 },
    { name: "surge: the new one first", strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }, ready: 4, pods: 5 },
  ])("$name", ({ strategy, ready, pods }) => {
    const { plane, places, image, status } = start({ updateStrategy: { type: "RollingUpdate", ...strategy } }, {}, 4);
    const seen = extremes(plane);
    image("two");
    plane.api.runMs(20_000);
    expect(places()).toEqual(["node-1 two", "node-2 two", "node-3 two", "node-4 two"]);
    expect(seen).toEqual({ ready, pods });
    expect(status()).toMatchObject({ updatedNumberScheduled: 4, numberAvailable: 4, observedGeneration: 2 });
  });

  test("a new version that never gets ready stops at maxUnavailable", () => {
    const { plane, places, image, status } = start({}, {}, 4);
    image("broken");
    plane.api.runMs(30_000);
    expect(places().filter((place) => place.endsWith("broken"))).toHaveLength(1);
    expect(status()).toMatchObject({ updatedNumberScheduled: 1, numberAvailable: 3, numberUnavailable: 1 });
  });

  test("OnDelete replaces only what somebody deletes", () => {
    const { plane, places, image } = start({ updateStrategy: { type: "OnDelete" } });
    image("two");
    plane.api.runMs(5000);
    expect(places()).toEqual(["node-1 one", "node-2 one", "node-3 one"]);
    plane.remove(Pod, `default/${plane.list(Pod, "default").find(({ spec }) => spec.nodeName === "node-3")?.metadata.name}`);
    plane.api.runMs(3000);
    expect(places()).toEqual(["node-1 one", "node-2 one", "node-3 two"]);
  });
});
