import { describe, expect, test } from "vitest";
import { Pod } from "../kinds/pod.ts";
import type { ContainerStatus, PodSpec } from "../kinds/generated/types.ts";
import { createNodeFixture, type NodeFixture } from "../testing/node-fixture.ts";

const container = (node: NodeFixture, pod: string, name: string): ContainerStatus | undefined => {
  const statuses = [...(node.get(pod)?.status?.initContainerStatuses ?? []), ...(node.get(pod)?.status?.containerStatuses ?? [])];
  return statuses.find((status) => status.name === name);
};

const callsSince = (node: NodeFixture, ms: number): string[] => node.runtime.calls.filter((call) => Number(call.split(" ")[0]) >= ms).map((call) => call.replace(/^\d+ /, ""));

const running = (options: Parameters<typeof createNodeFixture>[0], name: string, spec: PodSpec): NodeFixture => {
  const node = createNodeFixture(options);
  node.run(2);
  node.pod(name, spec);
  node.until(`${name} runs`, () => node.get(name)?.status?.phase === "Running");
  node.run(3);
  return node;
};

describe("termination", () => {
  test("SIGTERM, its end, the last status, then the object goes", () => {
    const node = running({}, "web", { containers: [{ name: "app", image: "busybox" }] });
    node.runtime.program = () => ({});
    node.remove("web");
    node.run(0.02);
    expect(node.get("web")?.metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
    const ms = node.until("gone", () => node.get("web") === undefined, 10);
    expect(ms).toBeLessThan(3_000);
    expect(node.events("web").at(-1)).toBe("Normal Killing Stopping container app");
    expect(node.runtime.sandboxes()).toEqual([]);
  });

  test("who ignores SIGTERM takes the whole grace and ends with 137", () => {
    const node = createNodeFixture();
    node.runtime.program = () => ({ termMs: Infinity });
    node.pod("deaf", { containers: [{ name: "app", image: "busybox" }], terminationGracePeriodSeconds: 20 });
    node.run(8);
    const from = node.nowMs();
    node.remove("deaf");
    node.until("gone", () => node.get("deaf") === undefined, 40);
    expect(node.nowMs() - from).toBeGreaterThan(20_000);
    expect(callsSince(node, from)).toEqual(["stop app 20s", "exit app 137", "stop sandbox deaf"]);
  });

  test("the preStop hook runs first and is part of the grace", () => {
    const node = createNodeFixture();
    node.runtime.program = () => ({ termMs: Infinity });
    node.pod("web", { containers: [{ name: "app", image: "busybox", lifecycle: { preStop: { sleep: { seconds: 5 } } } }], terminationGracePeriodSeconds: 30 });
    node.run(8);
    const from = node.nowMs();
    node.remove("web");
    node.until("gone", () => node.get("web") === undefined, 60);
    expect(callsSince(node, from)[0]).toBe("stop app 25s");
    expect(node.nowMs() - from).toBeGreaterThan(30_000);
    expect(node.nowMs() - from).toBeLessThan(33_000);
  });

  test("a preStop hook that outlasts the grace leaves 2 s; one that fails is told", () => {
    const node = createNodeFixture();
    node.runtime.answerExec = (argv) => (argv[0] === "slow" ? { afterMs: 100_000 } : { code: 1, stderr: "no" });
    node.pod("slow", { containers: [{ name: "app", image: "busybox", lifecycle: { preStop: { exec: { command: ["slow"] } } } }], terminationGracePeriodSeconds: 4 });
    node.pod("bad", { containers: [{ name: "app", image: "busybox", lifecycle: { preStop: { exec: { command: ["bad"] } } } }] });
    node.run(10);
    const from = node.nowMs();
    node.remove("slow");
    node.run(8);
    expect(callsSince(node, from)).toContain("stop app 2s");
    node.remove("bad");
    node.run(5);
    expect(node.events("bad")).toContain("Warning FailedPreStopHook PreStopHook failed");
    expect(node.get("bad")).toBeUndefined();
  });

  test("deletion by force: gone from the API at once, killed with 2 s", () => {
    const node = createNodeFixture();
    node.runtime.program = () => ({ termMs: Infinity });
    node.pod("web", { containers: [{ name: "app", image: "busybox" }] });
    node.run(8);
    const from = node.nowMs();
    node.remove("web", { gracePeriodSeconds: 0 });
    node.run(0.1);
    expect(node.get("web")).toBeUndefined();
    node.run(6);
    expect(callsSince(node, from)).toEqual(["stop app 2s", "exit app 137", "stop sandbox web"]);
    expect(node.runtime.sandboxes()).toEqual([]);
  });

  test("a grace that gets shorter hurries", () => {
    const node = createNodeFixture();
    node.runtime.program = () => ({ termMs: Infinity });
    node.pod("web", { containers: [{ name: "app", image: "busybox" }], terminationGracePeriodSeconds: 300 });
    node.run(8);
    const from = node.nowMs();
    node.remove("web");
    node.run(10);
    node.remove("web", { gracePeriodSeconds: 3 });
    node.until("gone", () => node.get("web") === undefined, 20);
    expect(callsSince(node, from)).toEqual(["stop app 300s", "stop app 3s", "exit app 137", "stop sandbox web"]);
  });

  test("a pod that is deleted while its image is pulled goes without waiting for it", () => {
    const node = createNodeFixture();
    node.runtime.knownImages.set("huge:1", { pullMs: 600_000 });
    node.pod("big", { containers: [{ name: "app", image: "huge:1" }] });
    node.run(5);
    node.remove("big");
    node.until("gone", () => node.get("big") === undefined, 10);
    node.pod("next", { containers: [{ name: "app", image: "busybox" }] });
    node.until("the queue of pulls goes on", () => node.get("next")?.status?.phase === "Running", 10);
  });

  test("the final status shows how the containers ended", () => {
    const node = createNodeFixture();
    node.runtime.program = () => ({ termMs: 100, termExitCode: 143 });
    node.pod("web", { containers: [{ name: "app", image: "busybox" }] }, { finalizers: ["example.com/hold"] });
    node.run(8);
    node.remove("web");
    node.run(8);
    expect(node.get("web")?.status).toMatchObject({ phase: "Failed" });
    expect(container(node, "web", "app")?.state?.terminated).toMatchObject({ exitCode: 143, reason: "Error" });
  });
});

describe("init containers and sidecars", () => {
  const spec: PodSpec = {
    initContainers: [
      { name: "init-1", image: "busybox" },
      { name: "proxy", image: "busybox", restartPolicy: "Always" },
      { name: "init-2", image: "busybox" },
    ],
    containers: [{ name: "b-app", image: "busybox" }, { name: "a-app", image: "busybox" }],
  };

  test("run one after the other; sidecars go on running; app containers in the order of the spec", () => {
    const node = createNodeFixture();
    node.runtime.program = (config) => (config.name.startsWith("init") ? { afterMs: 1_500 } : {});
    node.run(2);
    const from = node.nowMs();
    node.pod("web", spec);
    node.run(0.1);
    expect(node.get("web")?.status?.containerStatuses?.map(({ name, state }) => [name, state?.waiting?.reason])).toEqual([["a-app", "PodInitializing"], ["b-app", "PodInitializing"]]);
    expect(node.get("web")?.status?.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({ status: "False", reason: "ContainersNotInitialized", message: "containers with incomplete status: [init-1 proxy init-2]" });
    node.until("running", () => node.get("web")?.status?.phase === "Running");
    const order = callsSince(node, from).filter((call) => /^(start|exit)/.test(call));
    expect(order).toEqual(["start init-1", "exit init-1 0", "start proxy", "start init-2", "exit init-2 0", "start b-app", "start a-app"]);
    node.run(3);
    const status = node.get("web")?.status;
    expect(status?.initContainerStatuses?.map(({ name, ready, started, state }) => [name, ready, started, Object.keys(state ?? {})[0]])).toEqual([
      ["init-1", true, false, "terminated"], ["proxy", true, true, "running"], ["init-2", true, false, "terminated"],
    ]);
    expect(status?.conditions?.find(({ type }) => type === "Initialized")).toMatchObject({ status: "True" });
  });

  test("stop in the reverse order, app containers first", () => {
    const node = createNodeFixture();
    node.runtime.program = (config) => (config.name.startsWith("init") ? { afterMs: 100 } : { termMs: config.name === "b-app" ? 3_000 : 500 });
    node.pod("web", { ...spec, initContainers: [...(spec.initContainers ?? []), { name: "logger", image: "busybox", restartPolicy: "Always" }] });
    node.until("running", () => node.get("web")?.status?.phase === "Running");
    node.run(3);
    const from = node.nowMs();
    node.remove("web");
    node.until("gone", () => node.get("web") === undefined, 20);
    expect(callsSince(node, from).filter((call) => call.startsWith("exit"))).toEqual(["exit a-app 0", "exit b-app 0", "exit logger 0", "exit proxy 0"]);
  });

  test("an init container that fails: retried with back-off, and Failed under Never", () => {
    const node = createNodeFixture();
    node.runtime.program = (config) => (config.name === "init" ? { afterMs: 100, exitCode: 1 } : {});
    const containers = [{ name: "app", image: "busybox" }];
    node.pod("retry", { initContainers: [{ name: "init", image: "busybox" }], containers });
    node.pod("never", { restartPolicy: "Never", initContainers: [{ name: "init", image: "busybox" }], containers });
    node.run(40);
    expect(node.get("retry")?.status?.phase).toBe("Pending");
    expect(container(node, "retry", "init")?.state?.waiting?.reason).toBe("CrashLoopBackOff");
    expect(container(node, "retry", "app")?.state?.waiting?.reason).toBe("PodInitializing");
    expect(node.get("never")?.status?.phase).toBe("Failed");
  });

  test("a sidecar is restarted, whatever the pod's policy; a finished pod takes its sidecar along", () => {
    const node = createNodeFixture();
    node.runtime.program = (config) => (config.name === "app" ? { afterMs: 20_000 } : {});
    node.pod("job", { restartPolicy: "Never", initContainers: [{ name: "proxy", image: "busybox", restartPolicy: "Always" }], containers: [{ name: "app", image: "busybox" }] });
    node.run(8);
    node.runtime.kill(node.runtime.running("proxy")?.id ?? "", "SIGKILL");
    node.run(5);
    expect(container(node, "job", "proxy")).toMatchObject({ restartCount: 1, ready: true });
    node.until("over", () => node.get("job")?.status?.phase === "Succeeded", 30);
    expect(node.runtime.running("proxy")).toBeUndefined();
  });

  test("a sidecar with a startup probe holds up what comes after it", () => {
    const node = createNodeFixture();
    node.network.answer = () => (node.nowMs() > 20_000 ? 200 : 503);
    node.pod("web", {
      initContainers: [{ name: "proxy", image: "busybox", restartPolicy: "Always", startupProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 2, failureThreshold: 30 } }],
      containers: [{ name: "app", image: "busybox" }],
    });
    node.run(15);
    expect(node.runtime.running("proxy")).toBeDefined();
    expect(node.runtime.running("app")).toBeUndefined();
    node.until("running", () => node.get("web")?.status?.phase === "Running", 20);
  });
});

describe("changes of a running pod", () => {
  test("a new image restarts its container, and only that", () => {
    const node = running({}, "web", { containers: [{ name: "app", image: "busybox" }, { name: "other", image: "busybox" }] });
    const other = node.runtime.running("other")?.id;
    node.user.patch(Pod, { namespace: "default", name: "web" }, { type: "strategic", body: { spec: { containers: [{ name: "app", image: "nginx:1.27" }] } } });
    node.until("new image", () => container(node, "web", "app")?.image === "docker.io/library/nginx:1.27", 20);
    node.run(3);
    expect(container(node, "web", "app")).toMatchObject({ restartCount: 1, ready: true });
    expect(node.events("web")).toContain("Normal Killing Container app definition changed, will be restarted");
    expect(node.runtime.running("other")?.id).toBe(other);
  });

  test("one with a finalizer is asked to go once", () => {
    const node = createNodeFixture({ journal: true });
    node.pod("web", { containers: [{ name: "app", image: "busybox" }] }, { finalizers: ["example.com/hold"] });
    node.run(8);
    node.remove("web");
    node.run(60);
    const asked = node.api.journal.filter(({ component, step, phase, detail }) => component === "kubelet/node-1" && step === "api-request" && phase === "begin" && detail?.["verb"] === "delete");
    expect(asked).toHaveLength(1);
    node.user.patch(Pod, { namespace: "default", name: "web" }, { type: "merge", body: { metadata: { finalizers: null } } });
    node.until("gone", () => node.get("web") === undefined, 5);
  });

  test("every step knows what led to it", () => {
    const node = createNodeFixture({ journal: true });
    node.run(3);
    node.api.clock.within("apply a", () => node.pod("a", { containers: [{ name: "app", image: "busybox" }] }));
    node.api.clock.within("apply b", () => node.pod("b", { containers: [{ name: "app", image: "busybox" }] }));
    node.run(10);
    for (const name of ["a", "b"]) {
      const steps = node.api.journal.filter(({ component, subject }) => component === "kubelet/node-1" && subject === `pod/default/${name}`);
      expect(steps.length).toBeGreaterThan(10);
      for (const { causeId, step } of steps) {
        const chain = node.api.clock.causes.chain(causeId).map(({ label }) => label);
        expect(chain, `${name} ${step}`).toContain(`apply ${name}`);
      }
    }
  });
});

describe("hooks and deadlines", () => {
  test("postStart holds up the next container; its failure kills its own", () => {
    const node = createNodeFixture();
    node.runtime.answerExec = (argv) => (argv[0] === "bad" ? { code: 7, stderr: "went wrong" } : { afterMs: 4_000 });
    node.pod("slow", { containers: [{ name: "one", image: "busybox", lifecycle: { postStart: { exec: { command: ["slow"] } } } }, { name: "two", image: "busybox" }] });
    const bad = node.pod("bad", { containers: [{ name: "one", image: "busybox", lifecycle: { postStart: { exec: { command: ["bad"] } } } }] });
    node.run(30);
    const at = (text: string): number => Number(node.runtime.calls.find((call) => call.endsWith(text))?.split(" ")[0]);
    expect(at("start two") - at("start one")).toBeGreaterThan(4_000);
    expect(node.events("bad")).toEqual(expect.arrayContaining(["Warning FailedPostStartHook PostStartHook failed", "Normal Killing FailedPostStartHook"]));
    expect(["PostStartHookError", "CrashLoopBackOff"]).toContain(container(node, "bad", "one")?.state?.waiting?.reason);
    expect(bad.metadata.name).toBe("bad");
  });

  test("activeDeadlineSeconds", () => {
    const node = createNodeFixture();
    node.pod("late", { activeDeadlineSeconds: 20, containers: [{ name: "app", image: "busybox" }] });
    node.run(15);
    expect(node.get("late")?.status?.phase).toBe("Running");
    node.run(10);
    expect(node.get("late")?.status).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded", message: "Pod was active on the node longer than the specified deadline" });
    expect(node.events("late")).toContain("Normal DeadlineExceeded Pod was active on the node longer than the specified deadline");
    expect(node.runtime.running("app")).toBeUndefined();
  });
});

describe("the kubelet's own absence", () => {
  test("stopped: containers run on and nobody restarts them; started: it takes over", () => {
    const node = running({}, "web", { containers: [{ name: "app", image: "busybox" }] });
    node.kubelet.stop();
    const first = node.runtime.running("app")?.id;
    node.run(100);
    expect(node.runtime.running("app")?.id).toBe(first);
    expect(node.kubelet.isRunning).toBe(false);
    node.runtime.kill(first ?? "", "SIGKILL");
    node.run(30);
    expect(node.runtime.running("app")).toBeUndefined();
    expect(node.get("web")?.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    node.kubelet.start();
    node.until("restarted", () => node.runtime.running("app") !== undefined, 10);
    node.run(5);
    expect(node.get("web")?.status?.containerStatuses?.[0]).toMatchObject({ restartCount: 1, ready: true });
  });

  test("started again it leaves healthy containers alone", () => {
    const node = running({}, "web", { containers: [{ name: "app", image: "busybox" }] });
    const first = node.runtime.running("app")?.id;
    const before = node.get("web")?.metadata.resourceVersion;
    node.kubelet.stop();
    node.run(20);
    node.kubelet.start();
    node.run(30);
    expect(node.runtime.running("app")?.id).toBe(first);
    expect(node.get("web")?.metadata.resourceVersion).toBe(before);
  });

  test("a pod that was deleted meanwhile is killed as an orphan", () => {
    const node = running({}, "web", { containers: [{ name: "app", image: "busybox" }] });
    node.kubelet.stop();
    node.remove("web", { gracePeriodSeconds: 0 });
    node.run(5);
    expect(node.runtime.running("app")).toBeDefined();
    node.kubelet.start();
    node.until("killed", () => node.runtime.running("app") === undefined, 10);
    node.run(3);
    expect(node.runtime.sandboxes()).toEqual([]);
  });

  test("one that is Terminating goes when the kubelet comes back", () => {
    const node = running({}, "web", { containers: [{ name: "app", image: "busybox" }] });
    node.kubelet.stop();
    node.remove("web");
    node.run(120);
    expect(node.get("web")?.metadata.deletionTimestamp).toBeDefined();
    node.kubelet.start();
    node.until("gone", () => node.get("web") === undefined, 10);
  });

  test("after a reboot of the machine pods get new sandboxes", () => {
    const node = createNodeFixture();
    node.runtime.program = (config) => (config.name === "init" ? { afterMs: 100 } : {});
    node.pod("web", { initContainers: [{ name: "init", image: "busybox" }], containers: [{ name: "app", image: "busybox" }] });
    node.run(10);
    node.kubelet.stop();
    node.runtime.reboot();
    node.kubelet.start();
    node.until("runs again", () => node.runtime.running("app") !== undefined, 30);
    node.run(3);
    expect(node.events("web")).toContain("Normal SandboxChanged Pod sandbox changed, it will be killed and re-created.");
    expect(container(node, "web", "app")).toMatchObject({ restartCount: 1, ready: true });
  });
});
