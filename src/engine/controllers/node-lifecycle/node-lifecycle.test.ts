import { describe, expect, test } from "vitest";
import type { DeploymentObject, Taint, Toleration } from "../../kinds/generated/types.ts";
import { Event } from "../../kinds/event.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { startControlPlane } from "../../testing/control-plane.ts";
import { toleratedSeconds } from "../taint-eviction/controller.ts";

const tolerations = (seconds: number): Toleration[] => ["unreachable", "not-ready"].map((key) => ({ key: `node.kubernetes.io/${key}`, operator: "Exists", effect: "NoExecute", tolerationSeconds: seconds }));

const start = (replicas: number, spec: object = { tolerations: tolerations(5) }) => {
  const plane = startControlPlane({ controllers: { nodeMonitorGraceSeconds: 8 }, kubelet: { renewMs: 2000 } });
  plane.api.runMs(1500);
  plane.api.create({ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "lost", namespace: "default" }, spec: { replicas, selector: { matchLabels: { app: "lost" } }, template: { metadata: { labels: { app: "lost" } }, spec: { ...spec, containers: [{ name: "c", image: "nginx" }] } } } } as unknown as DeploymentObject);
  plane.api.runMs(4000);
  const events = (name: string) => plane.list(Event).filter(({ involvedObject }) => involvedObject.name === name).map(({ type, reason, message, source }) => `${type} ${reason} [${source?.component}]: ${message}`);
  const taints = (name: string) => plane.get(Node, name)?.spec.taints?.map(({ key, effect }) => `${key}:${effect}`).sort() ?? [];
  const ready = (name: string) => plane.get(Node, name)?.status?.conditions?.find(({ type }) => type === "Ready");
  return { plane, events, taints, ready };
};

describe("a node is lost, as recorded", () => {
  const { plane, events, taints, ready } = start(3);
  const victim = plane.list(Pod, "default").find(({ spec }) => spec.nodeName === "node-2");
  const pod = () => plane.get(Pod, `default/${victim?.metadata.name}`);

  test("its conditions become Unknown, it is tainted, its pods are marked not ready", () => {
    plane.kubelet.freeze("node-2");
    plane.api.runMs(16_000);
    expect(ready("node-2")).toMatchObject({ status: "Unknown", reason: "NodeStatusUnknown", message: "Kubelet stopped posting node status." });
    expect(plane.get(Node, "node-2")?.status?.conditions?.map(({ type, status }) => `${type}=${status}`).sort()).toEqual(["DiskPressure=Unknown", "MemoryPressure=Unknown", "PIDPressure=Unknown", "Ready=Unknown"]);
    expect(taints("node-2")).toEqual(["node.kubernetes.io/unreachable:NoExecute", "node.kubernetes.io/unreachable:NoSchedule"]);
    expect(events("node-2").toSorted()).toEqual(["Normal NodeNotReady [node-controller]: Node node-2 status is now: NodeNotReady", "Normal RegisteredNode [node-controller]: Node node-2 event: Registered Node node-2 in Controller"]);
    expect(pod()?.status?.conditions?.filter(({ type }) => type === "Ready" || type === "ContainersReady").map(({ type, status }) => `${type}=${status}`).sort()).toEqual(["ContainersReady=True", "Ready=False"]);
    expect(events(victim?.metadata.name ?? "")).toContain("Warning NodeNotReady [node-controller]: Node is not ready");
  });

  test("after the tolerated seconds its pods are evicted, stay terminating, and are replaced elsewhere", () => {
    plane.api.runMs(6000);
    expect(pod()?.metadata.deletionTimestamp).toBeDefined();
    expect(pod()?.status?.conditions?.find(({ type }) => type === "DisruptionTarget")).toMatchObject({ status: "True", reason: "DeletionByTaintManager", message: "Taint manager: deleting due to NoExecute taint" });
    expect(events(victim?.metadata.name ?? "")).toContain(`Normal TaintManagerEviction [taint-eviction-controller]: Marking for deletion Pod default/${victim?.metadata.name}`);
    plane.api.runMs(3000);
    const running = plane.list(Pod, "default").filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    expect([running.length, running.some(({ spec }) => spec.nodeName === "node-2")]).toEqual([3, false]);
  });

  test("back again, it loses its taints, and the pod goes at last", () => {
    plane.kubelet.thaw("node-2");
    plane.patch(Node, "node-2", {});
    plane.api.server.internal.patch({ user: { name: "system:node:node-2", groups: ["system:nodes"] }, manager: "kubelet" }, Node as never, { namespace: "", name: "node-2" }, { type: "strategic", subresource: "status", body: { status: { conditions: ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"].map((type) => ({ type, status: type === "Ready" ? "True" : "False", lastHeartbeatTime: plane.api.context.time.seconds(plane.api.clock.now()) })) } } });
    plane.api.runMs(3000);
    expect([taints("node-2"), pod()]).toEqual([[], undefined]);
  });
});

describe("taints", () => {
  test("conditions and cordoning become NoSchedule taints, and leave with them", () => {
    const { plane, taints } = start(0);
    plane.patch(Node, "node-1", { spec: { unschedulable: true } });
    plane.api.runMs(200);
    expect(taints("node-1")).toEqual(["node.kubernetes.io/unschedulable:NoSchedule"]);
    plane.patch(Node, "node-1", { spec: { unschedulable: null } });
    plane.api.runMs(200);
    expect(taints("node-1")).toEqual([]);
  });

  test("a NoExecute taint drives out what does not tolerate it", () => {
    const { plane } = start(3, {});
    const before = plane.list(Pod, "default").filter(({ spec }) => spec.nodeName === "node-1");
    plane.patch(Node, "node-1", { spec: { taints: [{ key: "maintenance", effect: "NoExecute" }] } });
    plane.api.runMs(4000);
    expect(before.length).toBeGreaterThan(0);
    expect(plane.list(Pod, "default").filter(({ spec }) => spec.nodeName === "node-1")).toEqual([]);
    expect(plane.list(Pod, "default")).toHaveLength(3);
  });

  test("a taint that goes in time cancels the eviction", () => {
    const { plane, events } = start(3, { tolerations: [{ key: "maintenance", operator: "Exists", effect: "NoExecute", tolerationSeconds: 10 }] });
    const pod = plane.list(Pod, "default").find(({ spec }) => spec.nodeName === "node-1");
    plane.patch(Node, "node-1", { spec: { taints: [{ key: "maintenance", effect: "NoExecute" }] } });
    plane.api.runMs(5000);
    plane.patch(Node, "node-1", { spec: { taints: null } });
    plane.api.runMs(20_000);
    expect(plane.get(Pod, `default/${pod?.metadata.name}`)?.metadata.deletionTimestamp).toBeUndefined();
    expect(events(pod?.metadata.name ?? "")).toContain(`Normal TaintManagerEviction [taint-eviction-controller]: Cancelling deletion of Pod default/${pod?.metadata.name}`);
  });

  const taint = (key: string): Taint => ({ key, effect: "NoExecute" });
  test.each<{ name: string; taints: Taint[]; tolerations: Toleration[]; seconds: number | undefined }>([
    { name: "none tolerated", taints: [taint("a")], tolerations: [], seconds: 0 },
    { name: "one of two tolerated", taints: [taint("a"), taint("b")], tolerations: [{ key: "a", operator: "Exists" }], seconds: 0 },
    { name: "for ever", taints: [taint("a")], tolerations: [{ operator: "Exists" }], seconds: undefined },
    { name: "the shortest of those that are used", taints: [taint("a"), taint("b")], tolerations: [{ key: "a", operator: "Exists", tolerationSeconds: 30 }, { key: "b", operator: "Exists", tolerationSeconds: 20 }, { key: "c", operator: "Exists", tolerationSeconds: 1 }], seconds: 20 },
    { name: "negative counts as none", taints: [taint("a")], tolerations: [{ key: "a", operator: "Exists", tolerationSeconds: -5 }], seconds: 0 },
  ])("tolerated seconds: $name", ({ taints, tolerations: list, seconds }) => {
    expect(toleratedSeconds(taints, list)).toBe(seconds);
  });
});

describe("when everything is down", () => {
  test("no node is evicted: the controller rather doubts its own eyes", () => {
    const { plane, taints } = start(3);
    for (const name of ["node-1", "node-2", "node-3"]) plane.kubelet.freeze(name);
    plane.api.runMs(60_000);
    expect(taints("node-1")).toEqual(["node.kubernetes.io/unreachable:NoSchedule"]);
    expect(plane.list(Pod, "default").every(({ metadata }) => metadata.deletionTimestamp === undefined)).toBe(true);
  });

  test("a node that is deleted takes its pods along after a while", () => {
    const { plane, events } = start(3);
    plane.kubelet.freeze("node-3");
    plane.remove(Node, "node-3");
    plane.api.runMs(90_000);
    expect(events("node-3")).toContain("Normal RemovingNode [node-controller]: Node node-3 event: Removing Node node-3 from Controller");
    const pods = plane.list(Pod, "default");
    expect([pods.length, pods.some(({ spec }) => spec.nodeName === "node-3")]).toEqual([3, false]);
  });
});
