import { describe, expect, test } from "vitest";
import { createFakeCluster } from "../../projection/testing/fake-cluster.ts";
import type { Batch } from "../protocol/batch.ts";
import { Session } from "./session.ts";
import { InProcess } from "./testing/in-process.ts";

const POD = { apiVersion: "v1", kind: "Pod", metadata: { name: "web", labels: { app: "web" } }, spec: { containers: [{ name: "nginx", image: "nginx:latest" }] } };
const PODS = "/api/v1/namespaces/default/pods";

function open(options: { frames?: "at once" | "by hand" } = {}) {
  const process = new InProcess(createFakeCluster);
  const waiting: (() => void)[] = [];
  const onFrame = options.frames === "by hand" ? (run: () => void) => void waiting.push(run) : (run: () => void) => run();
  const session = new Session({ openPort: process.openPort, onFrame, cluster: {} });
  const batches = (): Batch[] => process.said.filter((m) => m.type === "batch").map((m) => m.batch);
  return { process, session, batches, frame: () => waiting.splice(0).forEach((run) => run()) };
}

/** Lets promises settle between steps of simulated real time. */
async function advance(process: InProcess, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    process.advance(Math.min(50, left));
    await Promise.resolve();
  }
}

describe("a session", () => {
  test("boots until every system pod is ready, then plays at 1×", async () => {
    const { process, session } = open();
    expect(session.getState()).toEqual({ phase: "starting", progress: undefined });
    await advance(process, 500);
    expect(session.getState().phase).toBe("running");
    expect(session.rows.list("Node").map((n) => n.name)).toEqual(["control-plane", "node-1", "node-2", "node-3"]);
    expect(session.rows.list("Pod").every((p) => p.meaning === "ready")).toBe(true);
    const before = session.rows.nowUs;
    await advance(process, 2_000);
    expect((session.rows.nowUs - before) / 1e6).toBeCloseTo(2, 0);
  });

  test("a request is answered, and the pod shows up row by row", async () => {
    const { process, session } = open();
    await advance(process, 500);
    const answer = session.request({ method: "POST", path: PODS, body: POD });
    await advance(process, 100);
    expect((await answer).status).toBe(201);
    const uid = session.rows.find({ kind: "Pod", namespace: "default", name: "web" })?.uid ?? "";
    expect(session.rows.podIdsOn("")).toEqual([uid]);
    const meanings: string[] = [];
    session.rows.topics.subscribe(`row:${uid}`, () => meanings.push(session.rows.pod(uid)?.meaning ?? "gone"));
    await advance(process, 8_000);
    expect([...new Set(meanings)]).toEqual(["pending", "starting", "ready"].slice(meanings[0] === "pending" ? 0 : 1));
    expect(session.rows.podByIp(session.rows.pod(uid)?.ip ?? "")?.uid).toBe(uid);
    expect(session.rows.podIdsOn("")).toEqual([]);
  });

  test("pause stops time, step runs one event, speed changes the pace", async () => {
    const { process, session } = open();
    await advance(process, 500);
    session.clock({ do: "pause" });
    await advance(process, 100);
    const stopped = session.rows.nowUs;
    await advance(process, 3_000);
    expect(session.rows.nowUs).toBe(stopped);
    expect(session.rows.clock.playing).toBe(false);
    session.clock({ do: "step" });
    await advance(process, 100);
    expect(session.rows.nowUs).toBeGreaterThan(stopped);
    expect(session.rows.marks.at(-1)?.label).toMatch(/^step: /);
    session.clock({ do: "speed", speed: 10 });
    session.clock({ do: "play" });
    await advance(process, 100);
    const before = session.rows.nowUs;
    await advance(process, 1_000);
    expect((session.rows.nowUs - before) / 1e6).toBeCloseTo(10, 0);
  });

  test("runs until a pod is ready, and stands at that moment", async () => {
    const { process, session } = open();
    await advance(process, 500);
    session.clock({ do: "pause" });
    void session.request({ method: "POST", path: PODS, body: POD });
    session.clock({ do: "run-until", goal: { kind: "ready", namespace: "default", pod: "web" } });
    await advance(process, 2_000);
    expect(session.rows.clock).toMatchObject({ playing: false, goal: undefined, goalOutcome: "reached" });
    expect(session.rows.list("Pod").find((p) => p.name === "web")?.meaning).toBe("ready");
    const stopped = session.rows.nowUs;
    await advance(process, 1_000);
    expect(session.rows.nowUs).toBe(stopped);
  });

  test("a call that the engine throws on is a crash: told with its command, survived by a restart", async () => {
    const { process, session } = open();
    await advance(process, 500);
    void session.request({ method: "POST", path: PODS, body: POD });
    await advance(process, 100);
    const pending = session.call("state-hash", undefined);
    session.crashOnPurpose("boom");
    await advance(process, 100);
    expect(typeof (await pending)).toBe("string");
    const state = session.getState();
    expect(state).toMatchObject({ phase: "crashed", report: { message: "boom", lastCommand: "crash-on-purpose", commandCount: 3 } });
    await expect(session.request({ method: "GET", path: PODS })).rejects.toThrow(/refused/);
    session.restart();
    expect(session.rows.list("Pod")).toEqual([]);
    await advance(process, 500);
    expect(session.getState().phase).toBe("running");
    expect(session.rows.list("Node")).toHaveLength(4);
  });

  test("a send gives a trace that ends with an answer", async () => {
    const { process, session } = open();
    await advance(process, 500);
    void session.request({ method: "POST", path: PODS, body: POD });
    void session.request({ method: "POST", path: "/api/v1/namespaces/default/services", body: { apiVersion: "v1", kind: "Service", metadata: { name: "web" }, spec: { selector: { app: "web" }, ports: [{ port: 80 }] } } });
    await advance(process, 6_000);
    const sent = session.call("send", { from: { pod: "default/web" }, to: "http://web" });
    await advance(process, 200);
    const id = await sent;
    expect(session.rows.traces.get(id)).toMatchObject({ origin: "sent", status: "done", answeredBy: "default/web" });
    expect(session.rows.traces.get(id)?.films.map((f) => f.role)).toEqual(["dns-query", "dns-reply", "syn", "syn-ack", "ack", "request", "reply", "fin"]);
    const full = session.call("trace", { id });
    await advance(process, 50);
    expect((await full)?.walks[0]?.hops.length).toBeGreaterThan(5);
  });

  test("the focused object comes along whole, with its steps", async () => {
    const { process, session } = open();
    await advance(process, 500);
    session.focus({ kind: "Pod", namespace: "default", name: "web" });
    void session.request({ method: "POST", path: PODS, body: POD });
    await advance(process, 8_000);
    expect(session.rows.focus?.object).toMatchObject({ kind: "Pod", metadata: { name: "web" }, status: { phase: "Running" } });
    expect(session.rows.focus?.steps.map((s) => s.id)).toContain("pull");
    expect(session.rows.focus?.scheduling.at(-1)?.result).toBe("scheduled");
  });
});

describe("back-pressure", () => {
  test("no batch is sent before the last one is acknowledged; then one comes with everything in it, once per uid", async () => {
    const { process, session, batches, frame } = open({ frames: "by hand" });
    await advance(process, 1_000);
    expect(batches()).toHaveLength(1);
    void session.request({ method: "POST", path: PODS, body: POD });
    await advance(process, 9_000);
    expect(batches()).toHaveLength(1);
    frame();
    await advance(process, 100);
    expect(batches()).toHaveLength(2);
    const rows = batches()[1]?.rows ?? [];
    expect(new Set(rows.map((r) => r.uid)).size).toBe(rows.length);
    expect(rows.filter((r) => r.kind === "Pod" && r.name === "web")).toMatchObject([{ meaning: "ready" }]);
  });

  test("a flood is cut into batches of bounded size, and nothing is lost", async () => {
    const { process, session, batches } = open();
    await advance(process, 500);
    for (let i = 0; i < 900; i += 1) void session.request({ method: "POST", path: PODS, body: { ...POD, metadata: { name: `p${i}` } } });
    await advance(process, 300);
    expect(Math.max(...batches().map((b) => b.rows.length))).toBeLessThanOrEqual(250);
    expect(session.rows.list("Pod").filter((p) => p.namespace === "default")).toHaveLength(900);
  });
});
