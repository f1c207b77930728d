import { beforeAll, describe, expect, test } from "vitest";
import type { PodObject, PodSpec } from "../kinds/generated/types.ts";
import { Event } from "../kinds/event.ts";
import { Node } from "../kinds/node.ts";
import { Pod } from "../kinds/pod.ts";
import { startControlPlane } from "../testing/control-plane.ts";

const NO_CONTROLLERS = { labels: { "kubernetes.io/os": "linux" } };
const start = () => {
  const plane = startControlPlane({ nodes: 2, node: NO_CONTROLLERS });
  plane.addNode("node-3", { ...NO_CONTROLLERS, taints: [{ key: "dedicated", value: "gpu", effect: "NoSchedule" }] });
  plane.api.runMs(1500);
  const create = (name: string, spec: Partial<PodSpec> & { requests?: object; limits?: object; ports?: object[]; labels?: Record<string, string> } = {}): void => {
    const { requests, limits, ports, labels, ...rest } = spec;
    const container = { name: "c", image: "nginx", ...(ports && { ports }), ...((requests || limits) && { resources: { ...(requests && { requests }), ...(limits && { limits }) } }) };
    plane.api.create({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", labels: labels ?? { a: name } }, spec: { terminationGracePeriodSeconds: 1, containers: [container], ...rest } } as unknown as PodObject);
    plane.api.runMs(150);
  };
  const messages = (name: string): readonly string[] => plane.list(Event, "default").filter(({ involvedObject, reason }) => involvedObject.name === name && (reason === "FailedScheduling" || reason === "Scheduled"))
    .toSorted((a, b) => ((a.eventTime ?? "") < (b.eventTime ?? "") ? -1 : 1)).map(({ message }) => message ?? "");
  const condition = (name: string) => plane.get(Pod, `default/${name}`)?.status?.conditions?.find(({ type }) => type === "PodScheduled");
  return { plane, create, messages, condition };
};

/** Pods and messages of a run recorded from Kubernetes v1.33.13: three nodes of 2 CPUs, the third tainted dedicated=gpu. */
const GPU = "1 node(s) had untolerated taint {dedicated: gpu}";
const HELPLESS = "preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.";
const NO_VICTIMS = "preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.";
const RECORDED: readonly { name: string; spec: Parameters<ReturnType<typeof start>["create"]>[1]; message: string }[] = [
  { name: "toobig", spec: { requests: { cpu: "3" } }, message: `0/3 nodes are available: ${GPU}, 2 Insufficient cpu. ${NO_VICTIMS}` },
  { name: "toobigmem", spec: { requests: { cpu: "3", memory: "64Gi" } }, message: `0/3 nodes are available: ${GPU}, 2 Insufficient cpu, 2 Insufficient memory. ${NO_VICTIMS}` },
  { name: "ext", spec: { limits: { "example.com/gpu": "1" } }, message: `0/3 nodes are available: ${GPU}, 2 Insufficient example.com/gpu. ${NO_VICTIMS}` },
  { name: "sel", spec: { nodeSelector: { disk: "ssd" } }, message: `0/3 nodes are available: ${GPU}, 2 node(s) didn't match Pod's node affinity/selector. ${HELPLESS}` },
  {
    name: "aff", message: `0/3 nodes are available: ${GPU}, 2 node(s) didn't match Pod's node affinity/selector. ${HELPLESS}`,
    spec: { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: ["z9"] }] }] } } } },
  },
  { name: "tol", spec: { nodeSelector: { "kubernetes.io/hostname": "node-3" } }, message: `0/3 nodes are available: ${GPU}, 2 node(s) didn't match Pod's node affinity/selector. ${HELPLESS}` },
  {
    name: "podaff", message: `0/3 nodes are available: ${GPU}, 2 node(s) didn't match pod affinity rules. ${HELPLESS}`,
    spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { x: "none" } }, topologyKey: "kubernetes.io/hostname" }] } } },
  },
  {
    name: "antiaff", message: `0/3 nodes are available: ${GPU}, 2 node(s) didn't match pod anti-affinity rules. ${NO_VICTIMS}`,
    spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels: { a: "ok" } }, topologyKey: "kubernetes.io/os" }] } } },
  },
  { name: "pvcmissing", spec: { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "none" } }] }, message: `0/3 nodes are available: persistentvolumeclaim "none" not found. ${HELPLESS}` },
  {
    name: "spread", message: `0/3 nodes are available: ${GPU}, 2 node(s) didn't match pod topology spread constraints (missing required label). ${HELPLESS}`,
    spec: { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: "rack", whenUnsatisfiable: "DoNotSchedule", labelSelector: { matchLabels: { a: "spread" } } }] },
  },
];

describe("messages of the recording", () => {
  const { create, messages, condition, plane } = start();
  beforeAll(() => create("ok"));

  test.each(RECORDED)("$name", ({ name, spec, message }) => {
    create(name, spec);
    expect(messages(name)).toEqual([message]);
    expect(condition(name)).toMatchObject({ status: "False", reason: "Unschedulable", message });
    expect(plane.scheduler.attempts(`default/${name}`).at(-1)).toMatchObject({ result: "unschedulable", message });
  });

  test("host ports run out", () => {
    const ports = [{ containerPort: 80, hostPort: 8080 }];
    for (const name of ["hp1", "hp2", "hp3"]) create(name, { ports, labels: { hp: "1" } });
    expect(messages("hp3")).toEqual([`0/3 nodes are available: ${GPU}, 2 node(s) didn't have free ports for the requested pod ports. ${NO_VICTIMS}`]);
  });

  test("a tolerated taint is no obstacle; other schedulers' pods and pods with a node are left alone", () => {
    create("tolok", { nodeSelector: { "kubernetes.io/hostname": "node-3" }, tolerations: [{ key: "dedicated", operator: "Exists" }] });
    create("othersched", { schedulerName: "my-sched" });
    create("nodename", { nodeName: "node-9" });
    expect(messages("tolok")).toEqual(["Successfully assigned default/tolok to node-3"]);
    expect([...messages("othersched"), ...messages("nodename")]).toEqual([]);
    expect(condition("othersched")).toBeUndefined();
  });

  test("a gated pod waits without an attempt, and goes when the gates are gone", () => {
    create("gated", { schedulingGates: [{ name: "example.com/wait" }] });
    expect([messages("gated"), condition("gated")?.reason, plane.scheduler.attempts("default/gated").length]).toEqual([[], "SchedulingGated", 0]);
    plane.patch(Pod, "default/gated", { spec: { schedulingGates: null } });
    plane.api.runMs(200);
    expect(messages("gated")).toEqual([expect.stringMatching(/^Successfully assigned default\/gated to node-[12]$/)]);
  });

  test("cordoned nodes are counted as such, first by their field, then by their taint", () => {
    plane.patch(Node, "node-1", { spec: { unschedulable: true } });
    plane.patch(Node, "node-2", { spec: { unschedulable: true } });
    plane.api.runMs(1500);
    create("cordoned");
    expect(messages("cordoned")).toEqual([`0/3 nodes are available: ${GPU}, 2 node(s) were unschedulable. ${HELPLESS}`]);
    expect(messages("sel")).toContain(`0/3 nodes are available: ${GPU}, 2 node(s) were unschedulable. ${HELPLESS}`);
    plane.api.runMs(2000); // past the back-off
    plane.patch(Node, "node-1", { spec: { unschedulable: null } });
    plane.api.runMs(1500);
    const [, uncordoned, assigned] = messages("cordoned");
    expect(uncordoned).toBe(`0/3 nodes are available: ${GPU}, 1 node(s) had untolerated taint {node.kubernetes.io/unschedulable: }, 1 node(s) were unschedulable. ${HELPLESS}`);
    expect(assigned).toBe("Successfully assigned default/cordoned to node-1");
  });
});

test("preemption as recorded: the message has no second clause, the victim is told why, the preemptor gets its place", () => {
  const plane = startControlPlane({ nodes: 3 });
  plane.api.runMs(1500);
  const create = (name: string, cpu: string, priorityClassName?: string): void => {
    plane.api.create({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default" }, spec: { ...(priorityClassName && { priorityClassName }), terminationGracePeriodSeconds: 1, containers: [{ name: "c", image: "nginx", resources: { requests: { cpu } } }] } } as unknown as PodObject);
    plane.api.runMs(1500);
  };
  for (const name of ["low0", "low1", "low2"]) create(name, "1500m");
  const uid = (name: string) => plane.get(Pod, `default/${name}`)?.metadata.uid;
  plane.api.runMs(1000);
  create("high", "1", "system-cluster-critical");
  const events = plane.list(Event, "default");
  const about = (name: string, reason: string) => events.filter((each) => each.involvedObject.name === name && each.reason === reason).map(({ message }) => message);
  const high = plane.get(Pod, "default/high");
  const node = high?.spec.nodeName;
  expect(about("high", "FailedScheduling")).toEqual(["0/3 nodes are available: 3 Insufficient cpu."]);
  expect(high?.status?.nominatedNodeName).toBe(node);
  expect(about("high", "Scheduled")).toEqual([`Successfully assigned default/high to ${node}`]);
  const victim = ["low0", "low1", "low2"].find((name) => plane.get(Pod, `default/${name}`) === undefined) ?? "";
  expect(about(victim, "Preempted")).toEqual([`Preempted by pod ${uid("high")} on node ${node}`]);
  create("low9", "1500m");
  expect(plane.list(Event, "default").filter(({ involvedObject }) => involvedObject.name === "low9").map(({ message }) => message)).toEqual([
    "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: 3 No preemption victims found for incoming pod.",
  ]);
});

test("without nodes there is nothing to count; the first node takes the pod", () => {
  const plane = startControlPlane({ nodes: 0 });
  plane.api.runMs(1500);
  plane.api.create({ apiVersion: "v1", kind: "Pod", metadata: { name: "early", namespace: "default" }, spec: { containers: [{ name: "c", image: "nginx" }] } } as unknown as PodObject);
  plane.api.runMs(500);
  expect(plane.get(Pod, "default/early")?.status?.conditions).toMatchObject([{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "no nodes available to schedule pods" }]);
  plane.addNode("node-1");
  plane.api.runMs(500);
  expect(plane.get(Pod, "default/early")?.spec.nodeName).toBe("node-1");
});

test("a scheduler that is stopped schedules nothing; started again it goes on where the cluster is", () => {
  const plane = startControlPlane({ nodes: 1 });
  plane.api.runMs(1500);
  plane.scheduler.stop();
  plane.api.create({ apiVersion: "v1", kind: "Pod", metadata: { name: "waits", namespace: "default" }, spec: { containers: [{ name: "c", image: "nginx" }] } } as unknown as PodObject);
  plane.api.runMs(5000);
  expect(plane.get(Pod, "default/waits")?.spec.nodeName).toBeUndefined();
  plane.scheduler.start();
  plane.api.runMs(1000);
  expect(plane.get(Pod, "default/waits")?.spec.nodeName).toBe("node-1");
});
