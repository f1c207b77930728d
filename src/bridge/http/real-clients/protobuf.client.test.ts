import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import fields from "../../../../scripts/data/k8s-1.33-fields.json" with { type: "json" };
import { ensureKubectl } from "../../../../scripts/find-kubectl.mjs";
import { type FakeCluster, json, serveFake } from "../testing/fake-cluster.ts";
import type { HttpBridge } from "../server.ts";

/**
 * `kubectl create job --from=cronjob/x` reads a CronJob as JSON and sends its whole pod template back, in protobuf since 1.32. So a template that has
 * every field that Kubernetes has shows whether the decoder, and each line of its table, says the same as Go's own code.
 */
const table = fields as unknown as Record<string, [number, string, string, string][]>;

/** A value of a type with every field set, none to its zero. */
function fullValue(type: string, path: string): unknown {
  if (type.startsWith("[]")) return [fullValue(type.slice(2), path)];
  if (type.startsWith("{}")) return { "example.com/key": fullValue(type.slice(2), path) };
  switch (type) {
    case "string": return `${path} ü`;
    case "int": return 3;
    case "bool": return true;
    case "bytes": return "AP8Q";
    case "Time": return "2026-01-01T00:00:00Z";
    case "MicroTime": return "2026-01-01T00:00:00.000001Z";
    case "Quantity": return "250m";
    case "IntOrString": return path.length % 2 === 0 ? 80 : "http";
    case "FieldsV1":
    case "RawExtension": return { "f:metadata": {} };
  }
  const result: Record<string, unknown> = {};
  for (const [, name, fieldType, flags] of table[type] ?? []) {
    const value = fullValue(fieldType, name);
    if (flags.includes("i")) Object.assign(result, value);
    else result[name] = value;
  }
  return result;
}

let cluster: FakeCluster;
let bridge: HttpBridge;
let url: string;
let folder: string;
beforeAll(async () => {
  ({ cluster, bridge, url } = await serveFake());
  folder = mkdtempSync(join(tmpdir(), "kubarium-protobuf-"));
});
afterAll(async () => {
  await bridge.close();
  rmSync(folder, { recursive: true, force: true });
});

const kubectl = (...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: "/dev/null" };
    execFile(ensureKubectl(), ["--server", url, ...args], { env, timeout: 20_000 }, (error, stdout, stderr) => (error === null ? resolve(stdout) : reject(new Error(stderr))));
  });

test("every field of a pod template arrives as a JSON client would have sent it", async () => {
  const template = fullValue("core/v1.PodTemplateSpec", "template") as Record<string, unknown>;
  const spec = { ...(fullValue("batch/v1.JobSpec", "spec") as object), template };
  const minor = Number(/v1\.(\d+)/.exec(await kubectl("version", "--client"))?.[1]);
  const groupVersion = minor >= 21 ? "batch/v1" : "batch/v1beta1";
  const cronJob = { apiVersion: groupVersion, kind: "CronJob", metadata: { name: "source", namespace: "default", uid: "u-1" }, spec: { schedule: "* * * * *", jobTemplate: { spec } } };
  cluster.answer = ({ method, path, body }) => {
    if (method === "POST") return json(typeof body === "string" ? JSON.parse(body) : body, 201);
    if (path.endsWith("/cronjobs/source")) return json(cronJob);
    if (path === "/api") return json({ kind: "APIVersions", versions: ["v1"] });
    if (path === "/apis") {
      const version = { groupVersion, version: groupVersion.slice(6) };
      return json({ kind: "APIGroupList", apiVersion: "v1", groups: [{ name: "batch", versions: [version], preferredVersion: version }] });
    }
    if (path === `/apis/${groupVersion}`) return json({ kind: "APIResourceList", groupVersion, resources: [{ name: "cronjobs", singularName: "cronjob", namespaced: true, kind: "CronJob", verbs: ["get"] }] });
    return json({ kind: "APIResourceList", groupVersion: "v1", resources: [] });
  };
  await kubectl("create", "job", "copy", "--from=cronjob/source");
  const [posted] = cluster.requests.filter(({ method }) => method === "POST");
  const sent = (typeof posted?.body === "string" ? JSON.parse(posted.body) : posted?.body) as { kind: string; metadata: { name: string }; spec: Record<string, unknown> };
  expect([posted?.path, posted?.headers?.["content-type"], sent.kind, sent.metadata.name]).toEqual(["/apis/batch/v1/namespaces/default/jobs", "application/json", "Job", "copy"]);
  expect(typeof posted?.body).toBe(minor >= 32 ? "object" : "string"); // decoded protobuf, or JSON as it came
  if (minor === 33) expect(sent.spec).toEqual(spec);
  // Another version lacks some fields, or has dropped them: what it does send has to be right. JSON of old ones has old shapes, and is not ours to decode.
  else if (minor >= 32) expect(spec).toMatchObject(sent.spec);
  expect(JSON.stringify(sent.spec).length).toBeGreaterThan(10_000);
});
