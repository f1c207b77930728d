import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConfigMapObject, EventObject, PodObject } from "../kinds/generated/types.ts";
import { ConfigMap } from "../kinds/config-map.ts";
import { Event } from "../kinds/event.ts";
import { Pod } from "../kinds/pod.ts";
import { createTestApi, type TestApi } from "../testing/test-api.ts";

const configMap = (name: string, value: string): ConfigMapObject => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data: { value } });
const pod = (name: string, nodeName?: string): PodObject => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default" }, spec: { containers: [{ name: "c", image: "nginx" }], ...(nodeName === undefined ? {} : { nodeName }) } }) as PodObject;
const withAccount = (api: TestApi): TestApi => {
  api.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } });
  return api;
};

describe("requests", () => {
  test("take simulated time, and their answers come in an event of their own", () => {
    const api = createTestApi();
    const client = api.connection.client("tester");
    let answeredUs = 0;
    client.create(ConfigMap, configMap("a", "1"), (result) => {
      expect(result.ok && result.value.metadata.resourceVersion).not.toBe("");
      answeredUs = api.clock.now();
    });
    expect(answeredUs).toBe(0);
    api.runMs(50);
    expect(answeredUs).toBeGreaterThanOrEqual(3_000);
    expect(answeredUs).toBeLessThanOrEqual(9_000);
  });

  test("arrive in the order in which they were made", () => {
    const api = createTestApi();
    const client = api.connection.client("tester");
    const answers: string[] = [];
    for (let i = 0; i < 50; i++) client.create(ConfigMap, configMap(`c${i}`, ""), (r) => { if (r.ok) answers.push(r.value.metadata.name); });
    api.runMs(100);
    expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => `c${i}`));
  });

  test("wait for the client's rate limit", () => {
    const api = createTestApi();
    const client = api.connection.client("tester", { qps: 10, burst: 5 });
    const times: number[] = [];
    for (let i = 0; i < 15; i++) client.get(ConfigMap, { namespace: "default", name: "none" }, () => times.push(api.clock.now()));
    api.runMs(5_000);
    expect(times.filter((t) => t < 50_000)).toHaveLength(5);
    expect(times.at(-1)).toBeGreaterThan(990_000);
    expect(times.at(-1)).toBeLessThan(1_020_000);
  });

  test("fail like a refused connection while the server is away", () => {
    const api = createTestApi();
    api.server.setAvailable(false);
    let message = "";
    api.connection.client("tester").get(ConfigMap, { namespace: "default", name: "a" }, (r) => { message = r.ok ? "" : (r.error.message ?? ""); });
    api.runMs(50);
    expect(message).toBe('Get "https://10.0.0.10:6443/api/v1/namespaces/default/configmaps/a": dial tcp 10.0.0.10:6443: connect: connection refused');
  });

  test("know what caused them, back to the outside", () => {
    const api = createTestApi();
    const seen: string[] = [];
    const factory = api.connection.informers("watcher");
    const client = api.connection.client("reactor");
    factory.informer(ConfigMap).onChange({ add: (c) => { if (c.metadata.name === "first") client.create(ConfigMap, configMap("second", ""), () => seen.push(...api.clock.causes.chain(api.clock.causeId()).map((x) => x.label))); } });
    factory.start();
    api.runMs(50);
    api.clock.within("kubectl create", () => api.connection.client("kubectl").create(ConfigMap, configMap("first", "")));
    api.runMs(100);
    expect(seen).toEqual([
      "reactor: answer to create configmap/default/second", "kube-apiserver: create configmap/default/second by reactor", "watcher: watch configmaps",
      "kube-apiserver: create configmap/default/first by kubectl", "kubectl create",
    ]);
  });
});

describe("informers", () => {
  test("after any writes and outages, the cache equals the store and its indexes", () => {
    const operation = fc.record({ verb: fc.constantFrom("create", "delete", "patch", "wait", "down", "up"), name: fc.constantFrom("a", "b", "c", "d"), value: fc.constantFrom("x", "y") });
    fc.assert(fc.property(fc.array(operation, { maxLength: 40 }), fc.integer({ min: 1, max: 1_000 }), (operations, seed) => {
      const api = createTestApi({ seed });
      const factory = api.connection.informers("tester");
      const informer = factory.informer(ConfigMap, { namespace: "default" });
      informer.addIndex("value", (c) => [c.data?.["value"] ?? ""]);
      const told = new Map<string, ConfigMapObject>();
      informer.onChange({ add: (c) => told.set(c.metadata.name, c), update: (c) => told.set(c.metadata.name, c), delete: (c) => told.delete(c.metadata.name) });
      factory.start();
      const client = api.connection.client("writer");
      for (const { verb, name, value } of operations) {
        const key = { namespace: "default", name };
        if (verb === "create") client.create(ConfigMap, configMap(name, value));
        else if (verb === "delete") client.delete(ConfigMap, key, {});
        else if (verb === "patch") client.patch(ConfigMap, key, { type: "merge", body: { data: { value } } });
        else if (verb === "wait") api.runMs(3);
        else api.server.setAvailable(verb === "up");
      }
      api.server.setAvailable(true);
      api.runMs(120_000);
      const stored = api.server.objects(ConfigMap as never);
      expect(informer.synced).toBe(true);
      expect(informer.list()).toEqual(stored);
      expect([...told.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toEqual(stored);
      for (const value of ["x", "y"]) expect(informer.byIndex("value", value)).toEqual(stored.filter((c) => (c as ConfigMapObject).data?.["value"] === value));
    }), { numRuns: 40 });
  });

  test("a node's watcher sees its own pods only, from binding to deletion", () => {
    const api = withAccount(createTestApi());
    const factory = api.connection.informers("kubelet/n1");
    const seen: string[] = [];
    factory.informer(Pod, { fieldSelector: "spec.nodeName=n1" }).onChange({ add: (p) => seen.push(`add ${p.metadata.name}`), update: (p) => seen.push(`update ${p.metadata.name}`), delete: (p) => seen.push(`delete ${p.metadata.name}`) });
    factory.start();
    api.runMs(50);
    const client = api.connection.client("kube-scheduler");
    for (const [name, node] of [["a", "n1"], ["b", "n2"]] as const) {
      client.create(Pod, pod(name));
      client.createSubresource(Pod, { namespace: "default", name }, "binding", { apiVersion: "v1", kind: "Binding", metadata: { name, namespace: "default" }, target: { kind: "Node", name: node } } as never);
    }
    api.runMs(50);
    for (const name of ["a", "b"]) client.delete(Pod, { namespace: "default", name }, { gracePeriodSeconds: 0 });
    api.runMs(50);
    expect(seen).toEqual(["add a", "update a", "delete a"]);
  });

  test("whenSynced runs once, after the first lists", () => {
    const api = createTestApi();
    const factory = api.connection.informers("tester");
    let runs = 0;
    factory.whenSynced(() => { runs += 1; });
    factory.informer(ConfigMap);
    factory.informer(Pod);
    factory.start();
    expect(runs).toBe(0);
    api.runMs(100);
    expect(runs).toBe(1);
  });

  test("nothing is delivered after stop", () => {
    const api = createTestApi();
    const factory = api.connection.informers("tester");
    let calls = 0;
    factory.informer(ConfigMap).onChange({ add: () => { calls += 1; } });
    factory.start();
    api.runMs(50);
    api.connection.client("writer").create(ConfigMap, configMap("a", ""));
    factory.stop();
    api.runMs(50);
    expect(calls).toBe(0);
  });
});

/** Cases of upstream's client-go/util/workqueue tests. */
describe("work queue", () => {
  test("TestAddWhileProcessing: a key comes again after it has been processed, once", () => {
    const api = createTestApi();
    const done: string[] = [];
    const queue = api.connection.queue("q", (key) => { done.push(key); if (done.length === 1) { queue.add(key); queue.add(key); } });
    for (const key of ["a", "b", "a"]) queue.add(key);
    expect(queue.length).toBe(2);
    api.runMs(10);
    expect(done).toEqual(["a", "b", "a"]);
  });

  test("TestItemExponentialFailureRateLimiter: 5 ms, 10 ms, 20 ms, …, and anew after forget", () => {
    const api = createTestApi();
    const times: number[] = [];
    const queue = api.connection.queue("q", (key) => { times.push(api.clock.now()); if (times.length < 5) queue.addRateLimited(key); else if (times.length === 5) { queue.forget(key); queue.addRateLimited(key); } });
    queue.add("a");
    api.runMs(1_000);
    expect(times.slice(1).map((t, i) => Math.floor((t - (times[i] as number)) / 1_000))).toEqual([5, 10, 20, 40, 5]);
  });

  test("the earlier of two delays counts", () => {
    const api = createTestApi();
    const times: number[] = [];
    const queue = api.connection.queue("q", () => times.push(Math.round(api.clock.now() / 1000)));
    queue.addAfter("a", 50_000);
    queue.addAfter("a", 20_000);
    queue.addAfter("a", 90_000);
    api.runMs(200);
    expect(times).toEqual([20]);
  });
});

describe("events", () => {
  const events = (api: TestApi): EventObject[] => api.server.objects(Event as never) as unknown as EventObject[];

  test("are stored as the real library stores them", () => {
    const api = withAccount(createTestApi());
    const about = api.create(pod("web", "n1"));
    api.connection.recorder("kubelet", { host: "n1" }).event({ object: about, fieldPath: "spec.containers{c}" }, "Normal", "Started", "Started container c");
    api.runMs(50);
    const [event] = events(api);
    expect(event?.metadata.name).toMatch(/^web\.[0-9a-f]{16}$/);
    expect(event).toMatchObject({
      involvedObject: { kind: "Pod", namespace: "default", name: "web", uid: about.metadata.uid, apiVersion: "v1", resourceVersion: about.metadata.resourceVersion, fieldPath: "spec.containers{c}" },
      reason: "Started", message: "Started container c", source: { component: "kubelet", host: "n1" }, type: "Normal", count: 1,
      firstTimestamp: "2026-01-01T00:00:00Z", lastTimestamp: "2026-01-01T00:00:00Z", reportingComponent: "kubelet", reportingInstance: "n1",
    });
  });

  test("equal ones are counted", () => {
    const api = withAccount(createTestApi());
    const about = api.create(pod("web"));
    const recorder = api.connection.recorder("kubelet", { host: "n1" });
    for (let i = 0; i < 3; i++) { recorder.event({ object: about }, "Warning", "BackOff", "Back-off restarting"); api.runMs(10_000); }
    expect(events(api).map((e) => [e.count, e.firstTimestamp, e.lastTimestamp])).toEqual([[3, "2026-01-01T00:00:00Z", "2026-01-01T00:00:20Z"]]);
  });

  test("TestEventCorrelator: after ten similar ones the rest are combined", () => {
    const api = withAccount(createTestApi());
    const about = api.create(pod("web"));
    const recorder = api.connection.recorder("deployment-controller");
    for (let i = 0; i < 13; i++) { recorder.event({ object: about }, "Normal", "ScalingReplicaSet", `Scaled up to ${i}`); api.runMs(1_000); }
    const stored = events(api);
    expect(stored).toHaveLength(10);
    expect(stored.filter((e) => e.message?.startsWith("(combined from similar events): "))).toMatchObject([{ message: "(combined from similar events): Scaled up to 12", count: 4 }]);
  });

  test("TestEventCorrelator: spam is dropped after a burst of 25", () => {
    const api = withAccount(createTestApi());
    const about = api.create(pod("web"));
    const recorder = api.connection.recorder("kubelet");
    for (let i = 0; i < 40; i++) recorder.event({ object: about }, "Normal", `Reason${i}`, "x");
    api.runMs(1_000);
    expect(events(api)).toHaveLength(25);
    api.runMs(300_000);
    recorder.event({ object: about }, "Normal", "Later", "x");
    api.runMs(1_000);
    expect(events(api)).toHaveLength(26);
  });

  test("the scheduler's form a series instead of a count", () => {
    const api = withAccount(createTestApi());
    const about = api.create(pod("web"));
    const recorder = api.connection.recorder("default-scheduler", { host: "control-plane", style: "events.k8s.io" });
    for (let i = 0; i < 3; i++) { recorder.event({ object: about }, "Warning", "FailedScheduling", "0/3 nodes are available"); api.runMs(1_000); }
    expect(events(api)).toMatchObject([{ action: "Scheduling", reportingComponent: "default-scheduler", reportingInstance: "default-scheduler-control-plane", eventTime: "2026-01-01T00:00:00.000000Z", series: { count: 2 } }]);
    expect(events(api)[0]?.count).toBeUndefined();
    recorder.event({ object: about }, "Warning", "FailedScheduling", "0/4 nodes are available");
    api.runMs(15 * 60_000);
    expect(events(api)).toMatchObject([{ series: { count: 3 } }, { message: "0/4 nodes are available" }]);
  });

  test("go after an hour without a write", () => {
    const api = withAccount(createTestApi());
    const about = api.create(pod("web"));
    const recorder = api.connection.recorder("kubelet");
    recorder.event({ object: about }, "Normal", "Once", "x");
    recorder.event({ object: about }, "Normal", "Twice", "x");
    api.runMs(40 * 60_000);
    recorder.event({ object: about }, "Normal", "Twice", "x");
    api.runMs(25 * 60_000);
    expect(events(api).map((e) => e.reason)).toEqual(["Twice"]);
    api.runMs(60 * 60_000);
    expect(events(api)).toEqual([]);
  });
});
