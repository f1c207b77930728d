import { type CoreV1Event, CoreV1Api, Exec, KubeConfig, Log, PatchStrategy, setHeaderOptions, type V1Pod, type V1Status, Watch } from "@kubernetes/client-node";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type RealCluster, startRealCluster } from "../testing/real-cluster.ts";

/** What a program does through the official JavaScript client. Each test builds on those before. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

let cluster: RealCluster;
let config: KubeConfig;
let core: CoreV1Api;
beforeAll(async () => {
  cluster = await startRealCluster({ nodes: 1 });
  config = new KubeConfig();
  config.loadFromFile(cluster.kubeconfig);
  core = config.makeApiClient(CoreV1Api);
});
afterAll(async () => {
  await cluster?.close();
  expect(cluster.bugs).toEqual([]);
});

const namespace = "default";
const pod: V1Pod = { metadata: { name: "web", labels: { app: "web" } }, spec: { containers: [{ name: "nginx", image: "nginx", ports: [{ containerPort: 80 }] }] } };
const seen: string[] = [];
let watching: AbortController;
const until = async (condition: () => boolean): Promise<void> => {
  for (const endMs = Date.now() + 20_000; !condition(); await new Promise((resolve) => setTimeout(resolve, 20))) {
    if (Date.now() > endMs) throw new Error(`waited in vain; seen: ${seen.join(", ")}`);
  }
};

test("the kubeconfig's context is kubarium", () => {
  expect([config.getCurrentContext(), config.getCurrentCluster()?.server]).toEqual(["kubarium", cluster.url]);
});

test("list", async () => {
  const nodes = await core.listNode();
  expect(nodes.items.map((node) => node.metadata?.name)).toEqual(["control-plane", "node-1"]);
  const pods = await core.listNamespacedPod({ namespace });
  expect([pods.items, typeof pods.metadata?.resourceVersion]).toEqual([[], "string"]);
});

test("watch, create: every step of the Pod arrives, up to Running", async () => {
  let ended: unknown = "not yet";
  watching = await new Watch(config).watch(`/api/v1/namespaces/${namespace}/pods`, {}, (type: string, object: V1Pod) => seen.push(`${type} ${object.metadata?.name} ${object.status?.phase}`), (error) => (ended = error));
  const created = await core.createNamespacedPod({ namespace, body: pod });
  expect(created.metadata).toMatchObject({ name: "web", namespace, uid: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  expect(created.metadata?.creationTimestamp).toBeInstanceOf(Date);
  await until(() => seen.includes("MODIFIED web Running"));
  expect(seen[0]).toBe("ADDED web Pending");
  expect(ended).toBe("not yet");
});

test("read, patch", async () => {
  const patched = await core.patchNamespacedPod({ name: "web", namespace, body: { metadata: { labels: { tier: "front" } } } }, setHeaderOptions("Content-Type", PatchStrategy.MergePatch));
  expect(patched.metadata?.labels).toEqual({ app: "web", tier: "front" });
  const read = await core.readNamespacedPod({ name: "web", namespace });
  expect([read.metadata?.labels?.["tier"], read.status?.phase]).toEqual(["front", "Running"]);
  const events = await core.listNamespacedEvent({ namespace, fieldSelector: "involvedObject.name=web" });
  expect(events.items.map((event: CoreV1Event) => event.reason)).toEqual(expect.arrayContaining(["Scheduled", "Pulled", "Started"]));
});

test("log", async () => {
  const out = new PassThrough();
  let text = "";
  out.on("data", (part: Buffer) => (text += part.toString()));
  const follow = await new Log(config).log(namespace, "web", "nginx", out, { follow: true });
  await until(() => text.includes("\n"));
  follow.abort();
});

test("exec", async () => {
  const out = new PassThrough();
  let text = "";
  out.on("data", (part: Buffer) => (text += part.toString()));
  const status = await new Promise<V1Status>((resolve, reject) => {
    new Exec(config).exec(namespace, "web", "nginx", ["sh", "-c", "echo hello; exit 3"], out, new PassThrough(), null, false, resolve).catch(reject);
  });
  expect([text, status.status, status.details?.causes]).toEqual(["hello\n", "Failure", [{ reason: "ExitCode", message: "3" }]]);
});

test.each([
  { name: "a name that is taken", act: () => core.createNamespacedPod({ namespace, body: pod }), code: 409, text: 'pods \\"web\\" already exists' },
  { name: "nothing of that name", act: () => core.readNamespacedPod({ name: "nosuch", namespace }), code: 404, text: 'pods \\"nosuch\\" not found' },
  { name: "a namespace that is not there", act: () => core.createNamespacedPod({ namespace: "nosuch", body: pod }), code: 404, text: 'namespaces \\"nosuch\\" not found' },
  { name: "an invalid object", act: () => core.createNamespacedPod({ namespace, body: { metadata: { name: "x" }, spec: { containers: [] } } }), code: 422, text: "spec.containers: Required value" },
])("$name: $code", async ({ act, code, text }) => {
  const error = await act().then(() => undefined, (reason: unknown) => reason as { code: number; body: string });
  expect([error?.code, error?.body]).toEqual([code, expect.stringContaining(text)]);
});

test("delete: the watch ends with DELETED, and the Pod stays gone", async () => {
  await core.deleteNamespacedPod({ name: "web", namespace });
  await until(() => seen.some((event) => event.startsWith("DELETED web")));
  watching.abort();
  await expect(core.readNamespacedPod({ name: "web", namespace })).rejects.toMatchObject({ code: 404 });
});
