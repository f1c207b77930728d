import { describe, expect, test } from "vitest";
import type { ContainerStatus, Probe } from "../../kinds/generated/types.ts";
import { createNodeFixture, type NodeFixture } from "../../testing/node-fixture.ts";

const status = (node: NodeFixture, name = "web"): ContainerStatus | undefined => node.get(name)?.status?.containerStatuses?.[0];
const isReady = (node: NodeFixture): boolean => node.get("web")?.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True";

function withProbe(probes: { livenessProbe?: Probe; readinessProbe?: Probe; startupProbe?: Probe }, extra: { terminationGracePeriodSeconds?: number } = {}): NodeFixture {
  const node = createNodeFixture();
  node.run(2);
  node.pod("web", { containers: [{ name: "app", image: "busybox", ports: [{ name: "http", containerPort: 8080 }], ...probes }], ...extra });
  return node;
}

const get = (path: string, extra: Partial<Probe> = {}): Probe => ({ httpGet: { path, port: 8080 }, ...extra });
const startedMs = (node: NodeFixture, times = 1): number => Number(node.runtime.calls.filter((call) => call.endsWith(" start app")).at(times - 1)?.split(" ")[0]);

describe("readiness", () => {
  test("becomes ready soon after it has started, not a period later", () => {
    const node = withProbe({ readinessProbe: get("/ready", { periodSeconds: 60 }) });
    node.until("ready", () => isReady(node), 30);
    expect(node.nowMs() - startedMs(node)).toBeLessThan(3_000);
    expect(node.network.requests[0]).toMatch(/ GET http:\/\/10\.42\.1\.\d+:8080\/ready$/);
  });

  test("without success it is Running and not ready; three failures take readiness away, one success gives it back", () => {
    const node = withProbe({ readinessProbe: get("/ready", { periodSeconds: 5 }) });
    node.network.answer = () => 503;
    node.run(30);
    expect(node.get("web")?.status).toMatchObject({ phase: "Running" });
    expect(status(node)).toMatchObject({ ready: false, started: true, restartCount: 0 });
    expect(node.get("web")?.status?.conditions?.find(({ type }) => type === "Ready")).toMatchObject({ status: "False", reason: "ContainersNotReady", message: "containers with unready status: [app]" });
    expect(node.events("web")).toContain("Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 503");
    node.network.answer = () => 200;
    node.until("ready", () => isReady(node), 6);
    node.network.answer = () => 500;
    const ms = node.until("not ready", () => !isReady(node), 20);
    expect(ms).toBeGreaterThan(10_000); // the third failure in a row
    expect(status(node)?.restartCount).toBe(0);
  });

  test("the initial delay is counted from the start of the container", () => {
    const node = withProbe({ readinessProbe: get("/ready", { initialDelaySeconds: 7, periodSeconds: 2 }) });
    node.until("ready", () => isReady(node), 30);
    expect(node.nowMs() - startedMs(node)).toBeGreaterThan(6_000);
    expect(node.nowMs() - startedMs(node)).toBeLessThan(11_000);
  });

  test("successThreshold successes in a row are wanted", () => {
    const node = withProbe({ readinessProbe: get("/ready", { periodSeconds: 3, successThreshold: 3 }) });
    node.until("ready", () => isReady(node), 30);
    expect(node.network.requests.length).toBeGreaterThanOrEqual(3);
  });
});

describe("liveness", () => {
  test("three failures: killed with its event, restarted, counted", () => {
    const node = withProbe({ livenessProbe: get("/healthz") });
    node.run(12);
    node.network.answer = () => 500;
    node.until("restarted", () => status(node)?.restartCount === 1, 60);
    expect(node.events("web").slice(-5).join("\n")).toContain("Normal Killing Container app failed liveness probe, will be restarted");
    expect(node.events("web")).toContain("Warning Unhealthy Liveness probe failed: HTTP probe failed with statuscode: 500");
    expect(status(node)?.lastState?.terminated).toBeDefined();
  });

  test("under Never it is killed and stays down", () => {
    const node = createNodeFixture();
    node.network.answer = () => 500;
    node.runtime.program = () => ({ termExitCode: 143 });
    const app = { name: "app", image: "busybox", livenessProbe: get("/healthz", { periodSeconds: 2 }) };
    node.pod("two", { restartPolicy: "Never", containers: [app, { name: "other", image: "busybox" }] });
    node.pod("web", { restartPolicy: "Never", containers: [app] });
    node.run(30);
    expect(node.events("two")).toContain("Normal Killing Container app failed liveness probe");
    expect(node.get("two")?.status?.phase).toBe("Running");
    // The only container takes the pod with it.
    expect(node.events("web")).toContain("Normal Killing Stopping container app");
    expect(node.get("web")?.status?.phase).toBe("Failed");
  });

  test("the probe's own grace period", () => {
    const node = withProbe({ livenessProbe: get("/healthz", { periodSeconds: 1, failureThreshold: 1, terminationGracePeriodSeconds: 7 }) });
    node.runtime.program = () => ({ termMs: Infinity });
    node.run(6);
    node.network.answer = () => 500;
    node.run(4);
    expect(node.runtime.calls.some((call) => call.endsWith(" stop app 7s"))).toBe(true);
  });

  test("one success in between: the count begins anew", () => {
    const node = withProbe({ livenessProbe: get("/healthz", { periodSeconds: 1 }) });
    let probes = 0;
    node.network.answer = () => (++probes % 3 === 0 ? 200 : 500);
    node.run(60);
    expect(status(node)?.restartCount).toBe(0);
  });
});

describe("startup", () => {
  test("the others wait for it, and not started is not ready", () => {
    const node = withProbe({ startupProbe: get("/start", { periodSeconds: 2, failureThreshold: 30 }), readinessProbe: get("/ready", { periodSeconds: 1 }), livenessProbe: get("/live", { periodSeconds: 1 }) });
    node.network.answer = ({ url }) => (url.endsWith("/start") && node.nowMs() < 20_000 ? 503 : 200);
    node.run(15);
    expect(new Set(node.network.requests.map((request) => request.replace(/.*\//, "/")))).toEqual(new Set(["/start"]));
    expect(status(node)).toMatchObject({ started: false, ready: false });
    node.until("ready", () => isReady(node), 12);
    expect(status(node)).toMatchObject({ started: true, ready: true });
  });

  test("its failure restarts the container", () => {
    const node = withProbe({ startupProbe: get("/start", { periodSeconds: 1, failureThreshold: 2 }) });
    node.network.answer = () => ({ error: "ECONNREFUSED" });
    node.until("restarted", () => (status(node)?.restartCount ?? 0) >= 1, 60);
    expect(node.events("web")).toContain("Normal Killing Container app failed startup probe, will be restarted");
  });
});

describe("texts of failures", () => {
  const text = (probe: Probe, prepare: (node: NodeFixture) => void): string | undefined => {
    const node = withProbe({ readinessProbe: { periodSeconds: 1, ...probe } });
    prepare(node);
    node.run(10);
    return node.events("web").find((line) => / (Unhealthy|ProbeWarning) /.test(line))?.replaceAll(/10\.42\.1\.\d+/g, "IP");
  };

  test.each([
    { name: "refused", probe: get("/x"), prepare: (n: NodeFixture) => { n.network.answer = () => ({ error: "ECONNREFUSED" }); }, expected: 'Readiness probe failed: Get "http://IP:8080/x": dial tcp IP:8080: connect: connection refused' },
    { name: "no answer", probe: get("/x"), prepare: (n: NodeFixture) => { n.network.answer = () => "drop"; }, expected: 'Readiness probe failed: Get "http://IP:8080/x": context deadline exceeded (Client.Timeout exceeded while awaiting headers)' },
    { name: "no route", probe: get("/x"), prepare: (n: NodeFixture) => { n.network.answer = () => ({ error: "EHOSTUNREACH" }); }, expected: 'Readiness probe failed: Get "http://IP:8080/x": dial tcp IP:8080: connect: no route to host' },
    { name: "404", probe: { httpGet: { path: "x", port: "http" } }, prepare: (n: NodeFixture) => { n.network.answer = () => 404; }, expected: "Readiness probe failed: HTTP probe failed with statuscode: 404" },
    { name: "redirect to another host", probe: get("/x"), prepare: (n: NodeFixture) => { n.network.answer = () => ({ status: 302, headers: { location: "http://elsewhere/" }, body: "moved" }); }, expected: "Readiness probe warning: Probe terminated redirects, Response body: moved" },
    { name: "tcp refused", probe: { tcpSocket: { port: 81 } }, prepare: (n: NodeFixture) => { n.network.answerTcp = () => "ECONNREFUSED"; }, expected: "Readiness probe failed: dial tcp IP:81: connect: connection refused" },
    { name: "tcp time-out", probe: { tcpSocket: { port: 81 } }, prepare: (n: NodeFixture) => { n.network.answerTcp = () => "ETIMEDOUT"; }, expected: "Readiness probe failed: dial tcp IP:81: i/o timeout" },
    { name: "exec", probe: { exec: { command: ["cat", "/tmp/healthy"] } }, prepare: (n: NodeFixture) => { n.runtime.answerExec = () => ({ code: 1, stderr: "cat: can't open '/tmp/healthy': No such file or directory\n" }); }, expected: "Readiness probe failed: cat: can't open '/tmp/healthy': No such file or directory\n" },
    { name: "exec that cannot run", probe: { exec: { command: ["nope"] } }, prepare: (n: NodeFixture) => { n.runtime.answerExec = () => ({ error: { code: "Unknown", message: 'failed to exec in container: exec: "nope": executable file not found in $PATH' } }); }, expected: 'Readiness probe errored and resulted in unknown state: rpc error: code = Unknown desc = failed to exec in container: exec: "nope": executable file not found in $PATH' },
    { name: "a port name that nobody has", probe: { tcpSocket: { port: "nope" } }, prepare: () => {}, expected: 'Readiness probe errored and resulted in unknown state: couldn\'t find port: "nope" in container app' },
    { name: "grpc, nobody there", probe: { grpc: { port: 9000 } }, prepare: (n: NodeFixture) => { n.network.answer = () => ({ error: "ECONNREFUSED" }); }, expected: 'Readiness probe failed: timeout: failed to connect service "IP:9000" within 1s: context deadline exceeded' },
    { name: "grpc, not serving", probe: { grpc: { port: 9000 } }, prepare: (n: NodeFixture) => { n.network.answer = () => ({ status: 200, headers: { "content-type": "application/grpc" }, body: "NOT_SERVING" }); }, expected: 'Readiness probe failed: service unhealthy (responded with "NOT_SERVING")' },
  ])("$name", ({ probe, prepare, expected }) => expect(text(probe, prepare)).toBe(`Warning ${/warning:/.test(expected) ? "ProbeWarning" : "Unhealthy"} ${expected}`));

  test("an exec that takes too long", () => {
    const node = withProbe({ livenessProbe: { exec: { command: ["sh", "-c", "sleep 10"] }, periodSeconds: 5 } });
    node.runtime.answerExec = () => ({ afterMs: 10_000 });
    node.run(15);
    expect(node.events("web")).toContain('Warning Unhealthy Liveness probe failed: command timed out: "sh -c sleep 10" timed out after 1s');
  });

  test("a redirect within the host is followed; headers and path reach the server", () => {
    const node = withProbe({ readinessProbe: { httpGet: { path: "health", port: "http", httpHeaders: [{ name: "X-Custom", value: "yes" }] } } });
    const seen: Readonly<Record<string, string>>[] = [];
    node.network.answer = (request) => {
      seen.push(request.headers ?? {});
      return request.url.endsWith("/health") ? { status: 301, headers: { location: "/real" } } : 200;
    };
    node.until("ready", () => isReady(node), 10);
    expect(node.network.requests.map((line) => line.replace(/.*:8080/, ""))).toEqual(expect.arrayContaining(["/health", "/real"]));
    expect(seen[0]).toMatchObject({ "user-agent": "kube-probe/1.33", "x-custom": "yes" });
  });
});

test("a pod that is being deleted keeps its readiness probe and loses the others", () => {
  const node = withProbe({ readinessProbe: get("/ready", { periodSeconds: 1 }), livenessProbe: get("/live", { periodSeconds: 1 }) }, { terminationGracePeriodSeconds: 20 });
  node.runtime.program = () => ({ termMs: Infinity });
  node.run(8);
  node.remove("web");
  node.run(2);
  const before = node.network.requests.length;
  node.run(8);
  const after = node.network.requests.slice(before).map((line) => line.replace(/.*:8080/, ""));
  expect(after).toContain("/ready");
  expect(after).not.toContain("/live");
});
