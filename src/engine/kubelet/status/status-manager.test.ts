import { expect, test } from "vitest";
import { Pod } from "../../kinds/pod.ts";
import { createNodeFixture, type NodeFixture } from "../../testing/node-fixture.ts";

const running = (): NodeFixture => {
  const node = createNodeFixture({ journal: true });
  node.pod("web", { containers: [{ name: "app", image: "busybox" }] });
  node.run(8);
  return node;
};

const writes = (node: NodeFixture, fromMs: number): number => node.api.journal.filter(({ atUs, step, phase }) => atUs >= fromMs * 1_000 && step === "status-update" && phase === "begin").length;

test("what could not be written is written when the server is back", () => {
  const node = running();
  node.api.server.setAvailable(false);
  node.runtime.kill(node.runtime.running("app")?.id ?? "", "SIGKILL");
  node.run(20);
  node.api.server.setAvailable(true);
  node.until("the restart shows", () => node.get("web")?.status?.containerStatuses?.[0]?.restartCount === 1, 15);
});

test("a foreign write to the status is put right", () => {
  const node = running();
  node.user.patch(Pod, { namespace: "default", name: "web" }, { type: "merge", subresource: "status", body: { status: { phase: "Pending", containerStatuses: null } } });
  node.run(0.02);
  node.until("put right", () => node.get("web")?.status?.phase === "Running" && node.get("web")?.status?.containerStatuses?.[0]?.ready === true, 5);
});

test("conditions of others stay and open readiness gates", () => {
  const node = createNodeFixture();
  node.pod("web", { readinessGates: [{ conditionType: "example.com/lb" }], containers: [{ name: "app", image: "busybox" }] });
  node.run(8);
  const ready = (): string => {
    const condition = node.get("web")?.status?.conditions?.find(({ type }) => type === "Ready");
    return `${condition?.status} ${condition?.reason} ${condition?.message}`;
  };
  expect(ready()).toBe('False ReadinessGatesNotReady corresponding condition of pod readiness gate "example.com/lb" does not exist.');
  node.user.patch(Pod, { namespace: "default", name: "web" }, { type: "strategic", subresource: "status", body: { status: { conditions: [{ type: "example.com/lb", status: "True" }] } } });
  node.until("ready", () => ready().startsWith("True"), 5);
  expect(node.get("web")?.status?.conditions?.[0]).toMatchObject({ type: "example.com/lb", status: "True" });
});

test("one change, one write", () => {
  const node = running();
  const from = node.nowMs();
  node.runtime.kill(node.runtime.running("app")?.id ?? "", "SIGKILL");
  node.run(9);
  expect(writes(node, from)).toBe(2); // it ended, it runs again
});

test("a phase never goes back", () => {
  const node = createNodeFixture();
  node.runtime.program = () => ({ afterMs: 300 });
  const phases: string[] = [];
  node.pod("job", { restartPolicy: "Never", containers: [{ name: "app", image: "busybox" }] });
  for (let i = 0; i < 200; i++) {
    node.run(0.05);
    const phase = node.get("job")?.status?.phase ?? "";
    if (phases.at(-1) !== phase) phases.push(phase);
  }
  expect(phases.filter((phase) => phase !== "Running")).toEqual(["Pending", "Succeeded"]);
  const before = node.get("job")?.metadata.resourceVersion;
  node.run(600);
  expect(node.get("job")?.metadata.resourceVersion).toBe(before);
});

test("the end of the log stands in for a termination message where the spec allows it", () => {
  const node = createNodeFixture();
  node.runtime.program = () => ({ output: ["first", "it broke"], afterMs: 100, exitCode: 1 });
  node.pod("log", { restartPolicy: "Never", containers: [{ name: "app", image: "busybox", terminationMessagePolicy: "FallbackToLogsOnError" }] });
  node.run(10);
  expect(node.get("log")?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 1, message: "first\nit broke\n" });
});
