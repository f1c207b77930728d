import { describe, expect, test } from "vitest";
import { ConfigMap } from "../kinds/config-map.ts";
import type { ContainerStatus } from "../kinds/generated/types.ts";
import { createNodeFixture, type NodeFixture } from "../testing/node-fixture.ts";

const container = (node: NodeFixture, pod: string, name?: string): ContainerStatus | undefined => {
  const statuses = [...(node.get(pod)?.status?.initContainerStatuses ?? []), ...(node.get(pod)?.status?.containerStatuses ?? [])];
  return name === undefined ? statuses[0] : statuses.find((status) => status.name === name);
};

/** Seconds at which calls with this text came. */
const timesOf = (node: NodeFixture, text: string): number[] => node.runtime.calls.filter((call) => call.endsWith(` ${text}`)).map((call) => Number(call.split(" ")[0]) / 1_000);

describe("crash loops", () => {
  test("a container that ends at once is started again after 0, 10, 20, 40, 80, 160, 300, 300 s", () => {
    const node = createNodeFixture();
    node.runtime.program = () => ({ afterMs: 100, exitCode: 1 });
    const pod = node.pod("crash", { containers: [{ name: "app", image: "busybox" }] });
    node.run(1_500);
    const starts = timesOf(node, "start app");
    const exits = timesOf(node, "exit app 1");
    const waits = starts.slice(1).map((start, i) => start - (exits[i] ?? 0));
    const expected = [0, 10, 20, 40, 80, 160, 300, 300];
    expect(waits.length).toBeGreaterThanOrEqual(expected.length);
    for (const [i, wait] of expected.entries()) {
      expect(waits[i], `wait ${i}`).toBeGreaterThanOrEqual(wait);
      expect(waits[i], `wait ${i}`).toBeLessThan(wait + 18); // the kubelet looks again 10 to 15 s after an error
    }
    const status = container(node, "crash");
    expect(node.get("crash")?.status?.phase).toBe("Running");
    expect(status?.state?.waiting).toEqual({ reason: "CrashLoopBackOff", message: `back-off 5m0s restarting failed container=app pod=crash_default(${pod.metadata.uid})` });
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 1, reason: "Error" });
    expect(status?.restartCount).toBe(starts.length - 1);
    expect(node.events("crash")).toContain(`Warning BackOff Back-off restarting failed container app in pod crash_default(${pod.metadata.uid})`);
  });

  test("the wait begins anew after ten good minutes", () => {
    const node = createNodeFixture();
    let runs = 0;
    node.runtime.program = () => ({ afterMs: ++runs === 4 ? 700_000 : 100, exitCode: 1 });
    node.pod("crash", { containers: [{ name: "app", image: "busybox" }] });
    node.run(900);
    const starts = timesOf(node, "start app");
    const exits = timesOf(node, "exit app 1");
    expect((starts[4] ?? 0) - (exits[3] ?? 0)).toBeLessThan(2.5); // at once, as the very first time
    expect((starts[5] ?? 0) - (exits[4] ?? 0)).toBeLessThan(28); // then 10 s, not 80
  });

  test("what ends well is waited for, too, and OnFailure and Never leave it", () => {
    const node = createNodeFixture();
    node.runtime.program = (config) => ({ afterMs: 200, exitCode: config.name === "bad" ? 3 : 0, message: "said goodbye" });
    node.pod("always", { containers: [{ name: "good", image: "busybox" }] });
    node.pod("on-failure", { restartPolicy: "OnFailure", containers: [{ name: "good", image: "busybox" }] });
    node.pod("never", { restartPolicy: "Never", containers: [{ name: "bad", image: "busybox" }] });
    node.run(60);
    expect(container(node, "always")?.state?.waiting?.reason).toBe("CrashLoopBackOff");
    expect(node.get("on-failure")?.status).toMatchObject({ phase: "Succeeded" });
    expect(container(node, "on-failure")?.state?.terminated).toMatchObject({ exitCode: 0, reason: "Completed", message: "said goodbye" });
    expect(node.get("on-failure")?.status?.conditions?.map(({ type, status, reason }) => `${type} ${status} ${reason}`)).toEqual([
      "PodReadyToStartContainers False undefined", "Initialized True PodCompleted", "Ready False PodCompleted", "ContainersReady False PodCompleted", "PodScheduled True undefined",
    ]);
    expect(node.get("never")?.status).toMatchObject({ phase: "Failed" });
    expect(node.get("never")?.status?.conditions?.find(({ type }) => type === "Ready")).toMatchObject({ status: "False", reason: "PodFailed" });
    expect(container(node, "never")?.restartCount).toBe(0);
    expect(node.get("never")?.status?.podIP).toMatch(/^10\.42/);
  });

  test("OOMKilled and a start error show as the runtime says", () => {
    const node = createNodeFixture();
    node.runtime.program = (config) => (config.name === "typo" ? { startError: 'exec: "foo": executable file not found in $PATH' } : {});
    node.pod("oom", { containers: [{ name: "app", image: "busybox" }] });
    node.pod("typo", { containers: [{ name: "typo", image: "busybox" }] });
    node.run(5);
    node.runtime.kill(node.runtime.running("app")?.id ?? "", "OOM");
    node.run(20);
    expect(container(node, "oom")?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: "OOMKilled" });
    expect(container(node, "oom")?.restartCount).toBe(1);
    expect(container(node, "typo")?.lastState?.terminated).toMatchObject({ exitCode: 128, reason: "StartError", startedAt: "1970-01-01T00:00:00Z" });
    expect(["RunContainerError", "CrashLoopBackOff"]).toContain(container(node, "typo")?.state?.waiting?.reason);
    expect(node.events("typo")).toContain('Warning Failed Error: exec: "foo": executable file not found in $PATH');
  });
});

describe("images", () => {
  test("a missing image: ErrImagePull, then ImagePullBackOff, pulled again after 10, 20, 40, 80 s at least", () => {
    const node = createNodeFixture();
    node.pod("typo", { containers: [{ name: "app", image: "nginx:nope" }] });
    node.run(200);
    const pulls = timesOf(node, "pull nginx:nope");
    const waits = pulls.slice(1).map((at, i) => at - (pulls[i] ?? 0));
    for (const [i, wait] of [10, 20, 40].entries()) {
      expect(waits[i], `wait ${i}`).toBeGreaterThanOrEqual(wait);
      expect(waits[i], `wait ${i}`).toBeLessThan(wait + 18);
    }
    const error = 'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/nginx:nope": failed to resolve reference "docker.io/library/nginx:nope": docker.io/library/nginx:nope: not found';
    expect(container(node, "typo")?.state?.waiting).toEqual({ reason: "ImagePullBackOff", message: `Back-off pulling image "nginx:nope": ErrImagePull: ${error}` });
    expect(node.get("typo")?.status?.phase).toBe("Pending");
    expect(node.events("typo")).toEqual([
      'Normal Pulling Pulling image "nginx:nope"', `Warning Failed Failed to pull image "nginx:nope": ${error}`, "Warning Failed Error: ErrImagePull",
      'Normal BackOff Back-off pulling image "nginx:nope"', "Warning Failed Error: ImagePullBackOff",
    ]);
  });

  test("ErrImagePull is seen as soon as the pull has failed, not only after the back-off", () => {
    const node = createNodeFixture();
    node.pod("typo", { containers: [{ name: "app", image: "nginx:nope" }] });
    node.run(4);
    expect(container(node, "typo")?.state?.waiting?.reason).toBe("ErrImagePull");
  });

  test("ErrImagePull is seen before ImagePullBackOff", () => {
    const node = createNodeFixture();
    node.pod("typo", { containers: [{ name: "app", image: "nginx:nope" }] });
    const seen = new Set<string>();
    for (let i = 0; i < 300; i++) {
      node.run(0.1);
      seen.add(container(node, "typo")?.state?.waiting?.reason ?? "");
    }
    expect([...seen].filter((reason) => reason !== "")).toEqual(["ContainerCreating", "ErrImagePull", "ImagePullBackOff"]);
  });

  test.each([
    { image: "a:b:c", reason: "InvalidImageName", message: `Failed to apply default image tag "a:b:c": couldn't parse image name "a:b:c": invalid reference format`, event: "Warning InspectFailed" },
    { image: "Nginx", reason: "InvalidImageName", message: `Failed to apply default image tag "Nginx": couldn't parse image name "Nginx": invalid reference format: repository name (library/Nginx) must be lowercase`, event: "Warning InspectFailed" },
  ])("$image is no name: $reason", ({ image, reason, message, event }) => {
    const node = createNodeFixture();
    node.pod("bad", { containers: [{ name: "app", image }] });
    node.run(20);
    expect(container(node, "bad")?.state?.waiting).toEqual({ reason, message });
    expect(node.events("bad")).toEqual([`${event} ${message}`, `Warning Failed Error: ${reason}`]);
  });

  test("policy Never with an absent image; policy Always asks the registry each time", () => {
    const node = createNodeFixture();
    node.pod("never", { containers: [{ name: "app", image: "nginx:1.27", imagePullPolicy: "Never" }] });
    node.run(20);
    expect(container(node, "never")?.state?.waiting).toEqual({ reason: "ErrImageNeverPull", message: 'Container image "nginx:1.27" is not present with pull policy of Never' });
    expect(node.events("never")).toEqual(['Warning ErrImageNeverPull Container image "nginx:1.27" is not present with pull policy of Never', "Warning Failed Error: ErrImageNeverPull"]);
    node.pod("a", { containers: [{ name: "app", image: "busybox" }] });
    node.pod("b", { containers: [{ name: "app", image: "busybox" }] });
    node.run(10);
    expect(timesOf(node, "pull busybox:latest")).toHaveLength(2);
  });

  test("pulls happen one after the other", () => {
    const node = createNodeFixture();
    node.run(2);
    node.pod("a", { containers: [{ name: "app", image: "nginx:1.27" }] });
    node.pod("b", { containers: [{ name: "app", image: "nginx:1.27", imagePullPolicy: "Always" }] });
    node.run(10);
    const [first = 0, second = 0] = timesOf(node, "pull nginx:1.27");
    expect(second - first).toBeCloseTo(1.234, 3);
    expect(node.events("b")[1]).toMatch(/^Normal Pulled Successfully pulled image "nginx:1.27" in 1\.234s \(2\.4\d*s including waiting\)\. Image size: 72955450 bytes\.$/);
  });
});

describe("configuration that is not there", () => {
  const settings = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "default" }, data: { COLOR: "blue", "app.conf": "a=1\n" } };

  test("an environment from a missing ConfigMap: CreateContainerConfigError, until it appears", () => {
    const node = createNodeFixture();
    node.pod("web", { containers: [{ name: "app", image: "busybox", envFrom: [{ configMapRef: { name: "settings" } }], env: [{ name: "GREETING", value: "$(COLOR) sky" }] }] });
    node.run(15);
    expect(container(node, "web")?.state?.waiting).toEqual({ reason: "CreateContainerConfigError", message: 'configmap "settings" not found' });
    expect(node.events("web")).toContain('Warning Failed Error: configmap "settings" not found');
    expect(node.get("web")?.status?.phase).toBe("Pending");
    node.api.create(settings);
    node.until("running", () => node.get("web")?.status?.phase === "Running", 20);
    const env = node.runtime.configOf(node.runtime.running("app")?.id ?? "")?.env ?? [];
    expect(env).toEqual(expect.arrayContaining([{ name: "COLOR", value: "blue" }, { name: "GREETING", value: "blue sky" }, { name: "KUBERNETES_SERVICE_HOST", value: "10.96.0.1" }]));
  });

  test("a missing key", () => {
    const node = createNodeFixture();
    node.api.create(settings);
    node.pod("web", { containers: [{ name: "app", image: "busybox", env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "settings", key: "nope" } } }] }] });
    node.run(15);
    expect(container(node, "web")?.state?.waiting?.message).toBe("couldn't find key nope in ConfigMap default/settings");
  });

  test("a volume of a missing ConfigMap: FailedMount with back-off, and it recovers", () => {
    const node = createNodeFixture();
    node.pod("web", { containers: [{ name: "app", image: "busybox", volumeMounts: [{ name: "cfg", mountPath: "/etc/app" }] }], volumes: [{ name: "cfg", configMap: { name: "settings" } }] });
    node.run(10);
    expect(node.events("web", { count: true })).toEqual(['Warning FailedMount MountVolume.SetUp failed for volume "cfg" : configmap "settings" not found (x5)']);
    expect(container(node, "web")?.state?.waiting?.reason).toBe("ContainerCreating");
    node.api.create(settings);
    node.until("running", () => node.get("web")?.status?.phase === "Running", 20);
    const config = node.runtime.configOf(node.runtime.running("app")?.id ?? "");
    const mount = config?.mounts.find(({ path }) => path === "/etc/app");
    expect([...(mount?.volume.files ?? [])].map(([path, { content, mode }]) => [path, content, mode])).toEqual([["COLOR", "blue", 0o644], ["app.conf", "a=1\n", 0o644]]);
    const token = config?.mounts.find(({ path }) => path === "/var/run/secrets/kubernetes.io/serviceaccount");
    expect([...(token?.volume.files.keys() ?? [])]).toEqual(["token", "ca.crt", "namespace"]);
    expect(token?.volume.files.get("namespace")?.content).toBe("default");
    expect(token?.volume.files.get("token")?.content.split(".")).toHaveLength(3);
  });

  test("a changed ConfigMap reaches the files within two minutes, a subPath mount never", () => {
    const node = createNodeFixture();
    node.api.create(settings);
    node.pod("web", {
      containers: [{ name: "app", image: "busybox", volumeMounts: [{ name: "cfg", mountPath: "/etc/app" }, { name: "cfg", mountPath: "/etc/one", subPath: "COLOR" }] }],
      volumes: [{ name: "cfg", configMap: { name: "settings" } }],
    });
    node.run(10);
    const mounts = node.runtime.configOf(node.runtime.running("app")?.id ?? "")?.mounts ?? [];
    const colorAt = (path: string): string | undefined => mounts.find((mount) => mount.path === path)?.volume.files.get("COLOR")?.content;
    expect(colorAt("/etc/app")).toBe("blue");
    node.user.patch(ConfigMap, { namespace: "default", name: "settings" }, { type: "merge", body: { data: { COLOR: "green" } } });
    node.until("green", () => colorAt("/etc/app") === "green", 120);
    expect(colorAt("/etc/one")).toBe("blue");
  });

  test("a hostPath of the wrong type", () => {
    const node = createNodeFixture();
    node.pod("web", { containers: [{ name: "app", image: "busybox" }], volumes: [{ name: "data", hostPath: { path: "/data", type: "Directory" } }] });
    node.run(5);
    expect(node.events("web")).toEqual(['Warning FailedMount MountVolume.SetUp failed for volume "data" : hostPath type check failed: /data is not a directory']);
  });

  test("runAsNonRoot with an image that runs as root", () => {
    const node = createNodeFixture();
    const pod = node.pod("web", { securityContext: { runAsNonRoot: true }, containers: [{ name: "app", image: "busybox" }] });
    node.run(15);
    expect(container(node, "web")?.state?.waiting).toEqual({
      reason: "CreateContainerConfigError", message: `container has runAsNonRoot and image will run as root (pod: "web_default(${pod.metadata.uid})", container: app)`,
    });
  });
});

describe("sandboxes", () => {
  test("one that cannot be made is tried again", () => {
    const node = createNodeFixture();
    node.runtime.sandboxError = 'failed to setup network for sandbox "1": plugin type="bridge" failed (add): no IP addresses available in range set';
    node.pod("web", { containers: [{ name: "app", image: "busybox" }] });
    node.run(20);
    expect(node.events("web")[0]).toBe(`Warning FailedCreatePodSandBox Failed to create pod sandbox: rpc error: code = Unknown desc = ${node.runtime.sandboxError}`);
    node.runtime.sandboxError = undefined;
    node.until("running", () => node.get("web")?.status?.phase === "Running", 20);
  });
});

describe("admission by the kubelet", () => {
  test.each([
    { name: "cpu", spec: { containers: [{ name: "c", image: "busybox", resources: { requests: { cpu: "5" } } }] }, reason: "OutOfcpu", message: "Node didn't have enough resource: cpu, requested: 5000, used: 0, capacity: 4000" },
    { name: "node selector", spec: { nodeSelector: { disk: "ssd" }, containers: [{ name: "c", image: "busybox" }] }, reason: "NodeAffinity", message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector" },
  ])("$name", ({ spec, reason, message }) => {
    const node = createNodeFixture();
    node.run(3);
    node.pod("big", spec);
    node.run(3);
    expect(node.get("big")?.status).toEqual({ phase: "Failed", reason, message: `Pod was rejected: ${message}`, startTime: "2026-01-01T00:00:03Z", qosClass: expect.any(String) });
    expect(node.events("big")).toEqual([`Warning ${reason} ${message}`]);
    node.remove("big");
    node.until("gone", () => node.get("big") === undefined, 5);
  });

  test("host ports are taken once", () => {
    const node = createNodeFixture();
    node.run(3);
    const spec = { containers: [{ name: "c", image: "busybox", ports: [{ containerPort: 80, hostPort: 8080 }] }] };
    node.pod("a", spec);
    node.run(3);
    node.pod("b", spec);
    node.run(3);
    expect(node.get("b")?.status).toMatchObject({ phase: "Failed", reason: "NodePorts", message: "Pod was rejected: Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports" });
  });
});
