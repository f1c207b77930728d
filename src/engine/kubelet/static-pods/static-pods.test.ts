import { expect, test } from "vitest";
import type { PodObject } from "../../kinds/generated/types.ts";
import { createNodeFixture } from "../../testing/node-fixture.ts";
import { CONFIG_HASH, CONFIG_MIRROR, CONFIG_SOURCE } from "../pod-helpers.ts";
import { mirrorPodOf, staticPodOf } from "./static-pod.ts";

const manifest = (name: string, image = "busybox"): PodObject => ({
  apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "kube-system", labels: { tier: "control-plane" } },
  spec: { hostNetwork: true, priority: 2_000_001_000, priorityClassName: "system-node-critical", containers: [{ name, image }] },
});

test("name, uid and annotations follow from the manifest and the node", () => {
  const pod = staticPodOf(manifest("etcd"), "cp", "2026-01-01T00:00:00Z");
  const again = staticPodOf(manifest("etcd"), "cp", "2027-01-01T00:00:00Z");
  expect(pod.metadata).toMatchObject({ name: "etcd-cp", namespace: "kube-system", uid: expect.stringMatching(/^[0-9a-f]{32}$/) });
  expect(again.metadata.uid).toBe(pod.metadata.uid);
  expect(staticPodOf(manifest("etcd"), "cp-2", "").metadata.uid).not.toBe(pod.metadata.uid);
  expect(staticPodOf(manifest("etcd", "nginx:1.27"), "cp", "").metadata.uid).not.toBe(pod.metadata.uid);
  expect(pod.spec).toMatchObject({ nodeName: "cp", tolerations: [{ operator: "Exists", effect: "NoExecute" }], restartPolicy: "Always" });
  const mirror = mirrorPodOf(pod, "node-uid");
  expect(mirror.metadata.annotations).toMatchObject({ [CONFIG_SOURCE]: "file", [CONFIG_HASH]: pod.metadata.uid, [CONFIG_MIRROR]: pod.metadata.uid });
  expect(mirror.metadata.ownerReferences).toEqual([{ apiVersion: "v1", kind: "Node", name: "cp", uid: "node-uid", controller: true }]);
  expect(mirror.metadata.uid).toBeUndefined();
});

test("run without an API server, and get their mirrors when it comes", () => {
  const node = createNodeFixture({ isApiDown: true, staticPods: [manifest("kube-apiserver")] });
  node.run(10);
  expect(node.runtime.running("kube-apiserver")).toBeDefined();
  node.api.server.setAvailable(true);
  node.until("the mirror shows Running", () => node.get("kube-apiserver-node-1", "kube-system")?.status?.phase === "Running", 60);
  const mirror = node.get("kube-apiserver-node-1", "kube-system");
  expect(mirror?.metadata.ownerReferences?.[0]).toMatchObject({ kind: "Node", name: "node-1", uid: node.node()?.metadata.uid, controller: true });
  expect(mirror?.status?.podIP).toBe("10.0.0.11");
  expect(mirror?.metadata.uid).not.toBe(mirror?.metadata.annotations?.[CONFIG_HASH]);
});

test("a deleted mirror comes back, and the container does not notice", () => {
  const node = createNodeFixture({ staticPods: [manifest("etcd")] });
  node.until("mirror", () => node.get("etcd-node-1", "kube-system")?.status?.phase === "Running", 30);
  const before = node.get("etcd-node-1", "kube-system")?.metadata.uid;
  const id = node.runtime.running("etcd")?.id;
  node.user.delete((node.api.server.kinds.find(({ kind }) => kind === "Pod") ?? never()) as never, { namespace: "kube-system", name: "etcd-node-1" }, {});
  node.until("a new mirror", () => {
    const now = node.get("etcd-node-1", "kube-system");
    return now !== undefined && now.metadata.uid !== before && now.status?.phase === "Running";
  }, 30);
  expect(node.runtime.running("etcd")?.id).toBe(id);
});

test("a manifest that goes takes its pod and mirror along; a changed one replaces them", () => {
  const node = createNodeFixture({ staticPods: [manifest("etcd"), manifest("scheduler")] });
  node.until("both", () => node.get("etcd-node-1", "kube-system")?.status?.phase === "Running" && node.get("scheduler-node-1", "kube-system")?.status?.phase === "Running", 30);
  const first = node.runtime.running("etcd")?.id;
  node.kubelet.setStaticPods([manifest("etcd", "nginx:1.27")]);
  node.until("the scheduler's is gone", () => node.get("scheduler-node-1", "kube-system") === undefined, 60);
  expect(node.runtime.running("scheduler")).toBeUndefined();
  node.until("etcd runs anew", () => node.runtime.running("etcd") !== undefined && node.runtime.running("etcd")?.id !== first, 60);
  node.until("its mirror shows the new image", () => node.get("etcd-node-1", "kube-system")?.spec.containers[0]?.image === "nginx:1.27" && node.get("etcd-node-1", "kube-system")?.status?.phase === "Running", 60);
});

test("a manifest that comes back after it went", () => {
  const node = createNodeFixture({ staticPods: [manifest("etcd")] });
  node.until("running", () => node.runtime.running("etcd") !== undefined, 30);
  node.kubelet.setStaticPods([]);
  node.until("gone", () => node.runtime.running("etcd") === undefined, 60);
  node.kubelet.setStaticPods([manifest("etcd")]);
  node.until("back", () => node.runtime.running("etcd") !== undefined && node.get("etcd-node-1", "kube-system")?.status?.phase === "Running", 60);
});

function never(): never {
  throw new Error("Pod is a kind");
}
