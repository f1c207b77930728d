import { expect, test } from "vitest";
import { createTestApi } from "../testing/test-api.ts";
import { ConfigMap } from "../kinds/config-map.ts";

test("every stage of a request is written down, with who, what and what came of it", () => {
  const api = createTestApi({ journal: true });
  api.request("POST", "/api/v1/namespaces/default/configmaps", { metadata: { name: "a" } });
  const steps = api.journal.filter((e) => e.subject === "configmap/default/a");
  expect(steps.map((e) => e.step)).toEqual(["authentication", "authorization", "mutating-admission", "validation", "validating-admission", "etcd-write", "response"]);
  expect(steps.at(-2)?.detail).toMatchObject({ verb: "create", resource: "configmaps", user: "kubernetes-admin", revision: api.server.revision });
  expect(steps.at(-1)).toMatchObject({ component: "kube-apiserver", phase: "instant", detail: { code: 201 } });
});

test("a component's request and the delivery to a watcher are written down, too", () => {
  const api = createTestApi({ journal: true });
  const factory = api.connection.informers("watcher");
  factory.informer(ConfigMap);
  factory.start();
  api.runMs(50);
  api.connection.client("writer").create(ConfigMap, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "default" } } as never);
  api.runMs(50);
  const lines = api.journal.filter((e) => e.subject === "configmap/default/a" && e.component !== "kube-apiserver").map((e) => `${e.component} ${e.step} ${e.phase}`);
  expect(lines.sort()).toEqual(["watcher watch-delivery instant", "writer api-request begin", "writer api-request end"]);
});
