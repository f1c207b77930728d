import { describe, expect, test } from "vitest";
import { Lease } from "../kinds/lease.ts";
import { Node } from "../kinds/node.ts";
import { createNodeFixture } from "../testing/node-fixture.ts";

describe("a good pod", () => {
  const start = (): ReturnType<typeof createNodeFixture> => {
    const node = createNodeFixture();
    node.run(5);
    node.pod("web", { containers: [{ name: "nginx", image: "nginx:1.27" }] });
    return node;
  };

  test("first shows as ContainerCreating with its start time", () => {
    const node = start();
    node.run(0.1);
    const status = node.get("web")?.status;
    expect({ ...status, conditions: status?.conditions?.map(({ type, status: value, reason, message }) => [type, value, reason, message]) }).toEqual({
      phase: "Pending", qosClass: "BestEffort", hostIP: "10.0.0.11", hostIPs: [{ ip: "10.0.0.11" }], startTime: "2026-01-01T00:00:05Z",
      conditions: [
        ["PodReadyToStartContainers", "False", undefined, undefined],
        ["Initialized", "True", undefined, undefined],
        ["Ready", "False", "ContainersNotReady", "containers with unready status: [nginx]"],
        ["ContainersReady", "False", "ContainersNotReady", "containers with unready status: [nginx]"],
        ["PodScheduled", "True", undefined, undefined],
      ],
      containerStatuses: [{
        name: "nginx", image: "nginx:1.27", imageID: "", ready: false, started: false, restartCount: 0, state: { waiting: { reason: "ContainerCreating" } }, lastState: {},
        volumeMounts: [{ name: expect.stringMatching(/^kube-api-access-/), mountPath: "/var/run/secrets/kubernetes.io/serviceaccount", readOnly: true, recursiveReadOnly: "Disabled" }],
      }],
    });
  });

  test("comes up with the events, in order, and the states of a real node", () => {
    const node = start();
    const ms = node.until("running", () => node.get("web")?.status?.phase === "Running");
    expect(ms).toBeGreaterThan(1_700); // mount, sandbox, pull, start, relist
    expect(ms).toBeLessThan(4_000);
    expect(node.events("web")).toEqual([
      'Normal Pulling Pulling image "nginx:1.27"',
      'Normal Pulled Successfully pulled image "nginx:1.27" in 1.234s (1.234s including waiting). Image size: 72955450 bytes.',
      "Normal Created Created container: nginx",
      "Normal Started Started container nginx",
    ]);
    const { conditions, containerStatuses, podIP } = node.get("web")?.status ?? {};
    expect(conditions?.map(({ type, status }) => `${type}=${status}`)).toEqual(["PodReadyToStartContainers=True", "Initialized=True", "Ready=True", "ContainersReady=True", "PodScheduled=True"]);
    expect(podIP).toMatch(/^10\.42\.1\./);
    expect(containerStatuses?.[0]).toMatchObject({
      image: "docker.io/library/nginx:1.27", imageID: expect.stringMatching(/^docker.io\/library\/nginx@sha256:/), containerID: expect.stringMatching(/^containerd:\/\/[0-9a-f]{64}$/),
      ready: true, started: true, restartCount: 0, lastState: {}, resources: {}, user: { linux: { uid: 0, gid: 0, supplementalGroups: [0] } },
    });
    expect(Object.keys(containerStatuses?.[0]?.state ?? {})).toEqual(["running"]);
  });

  test("its second container of the same image finds it on the node", () => {
    const node = start();
    node.until("running", () => node.get("web")?.status?.phase === "Running");
    node.pod("two", { containers: [{ name: "c", image: "nginx:1.27" }] });
    node.until("running", () => node.get("two")?.status?.phase === "Running");
    expect(node.events("two")[0]).toBe('Normal Pulled Container image "nginx:1.27" already present on machine');
  });

  test("a healthy pod costs nothing: no status write, no sync after it has come up", () => {
    const node = createNodeFixture({ journal: true });
    node.pod("web", { containers: [{ name: "nginx", image: "nginx:1.27" }] });
    node.run(30);
    const before = node.api.journal.length;
    node.run(600);
    const steps = node.api.journal.slice(before).filter(({ component, subject }) => component === "kubelet/node-1" && subject === "pod/default/web");
    expect(steps).toEqual([]);
  });
});

describe("the node", () => {
  test("registers, is not ready before the network is, and says so", () => {
    const node = createNodeFixture({ isCniReady: false, node: { roles: ["control-plane"], zone: "zone-a", taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] } });
    node.run(8);
    const ready = (): unknown[] => Object.values(node.node()?.status?.conditions?.find(({ type }) => type === "Ready") ?? {});
    expect(ready()).toContain("container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized");
    expect(ready()).toContain("KubeletNotReady");
    node.network.isCniReady = true;
    node.run(10);
    expect(ready()).toEqual(expect.arrayContaining(["True", "KubeletReady", "kubelet is posting ready status"]));
    expect(node.events("node-1")).toEqual([
      "Normal Starting Starting kubelet.",
      "Warning InvalidDiskCapacity invalid capacity 0 on image filesystem",
      "Normal NodeHasSufficientMemory Node node-1 status is now: NodeHasSufficientMemory",
      "Normal NodeHasNoDiskPressure Node node-1 status is now: NodeHasNoDiskPressure",
      "Normal NodeHasSufficientPID Node node-1 status is now: NodeHasSufficientPID",
      "Normal NodeAllocatableEnforced Updated Node Allocatable limit across pods",
      "Normal NodeReady Node node-1 status is now: NodeReady",
    ]);
    const object = node.node();
    expect(object?.metadata.labels).toMatchObject({ "kubernetes.io/hostname": "node-1", "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "node-role.kubernetes.io/control-plane": "", "topology.kubernetes.io/zone": "zone-a" });
    expect(object?.spec.taints?.[0]).toEqual({ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" });
    expect(object?.status?.allocatable).toMatchObject({ cpu: "4", memory: "8092Mi", pods: "110", "ephemeral-storage": "96636764160" });
  });

  test("a pod waits for the network, one in the node's own network does not", () => {
    const node = createNodeFixture({ isCniReady: false });
    node.run(3);
    node.pod("web", { containers: [{ name: "nginx", image: "nginx:1.27" }] });
    node.pod("agent", { hostNetwork: true, containers: [{ name: "agent", image: "busybox" }] });
    node.run(10);
    expect(node.get("agent")?.status).toMatchObject({ phase: "Running", podIP: "10.0.0.11" });
    expect(node.events("web")).toEqual([
      "Warning NetworkNotReady network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
    ]);
    node.network.isCniReady = true;
    node.until("running", () => node.get("web")?.status?.phase === "Running", 5);
  });

  test("an extended resource in the node's capacity becomes allocatable", () => {
    const node = createNodeFixture();
    node.run(5);
    const body = { status: { capacity: { "example.com/dongle": "4" } } };
    node.user.patch(Node, { namespace: "", name: "node-1" }, { type: "merge", body, subresource: "status" });
    node.run(12);
    expect(node.node()?.status?.allocatable).toMatchObject({ cpu: "4", "example.com/dongle": "4" });
    node.run(310);
    expect(node.node()?.status?.capacity).toMatchObject({ cpu: "4", "example.com/dongle": "4" });
  });

  test("tells of cordon and uncordon", () => {
    const node = createNodeFixture();
    node.run(5);
    for (const unschedulable of [true, false]) {
      node.user.patch(Node, { namespace: "", name: "node-1" }, { type: "merge", body: { spec: { unschedulable } } });
      node.run(12);
    }
    expect(node.events("node-1").slice(-2)).toEqual(["Normal NodeNotSchedulable Node node-1 status is now: NodeNotSchedulable", "Normal NodeSchedulable Node node-1 status is now: NodeSchedulable"]);
  });

  test("comes back after its object was deleted, when the kubelet starts again", () => {
    const node = createNodeFixture();
    node.run(5);
    node.user.delete(Node, { namespace: "", name: "node-1" }, {});
    node.run(30);
    expect(node.node()).toBeUndefined();
    node.kubelet.stop();
    node.kubelet.start();
    node.run(5);
    expect(node.node()?.status?.conditions?.find(({ type }) => type === "Ready")?.status).toBe("True");
  });

  test("renews its lease every 10 s, and its status at least every 5 min", () => {
    const node = createNodeFixture();
    node.run(60);
    const lease = node.read(Lease, "node-1", "kube-node-lease");
    expect(lease?.spec).toMatchObject({ leaseDurationSeconds: 40, holderIdentity: "node-1" });
    expect(lease?.metadata.ownerReferences).toEqual([{ apiVersion: "v1", kind: "Node", name: "node-1", uid: node.node()?.metadata.uid }]);
    expect(lease?.spec.renewTime).toMatch(/^2026-01-01T00:00:5\d\.\d{6}Z$/);
    const heartbeat = (): string | undefined => node.node()?.status?.conditions?.at(-1)?.lastHeartbeatTime;
    const first = heartbeat();
    node.run(200);
    expect(heartbeat()).toBe(first);
    node.run(120);
    expect(heartbeat()).not.toBe(first);
  });
});
