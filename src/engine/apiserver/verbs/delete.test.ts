import { describe, expect, test } from "vitest";
import type { PodObject } from "../../kinds/generated/types.ts";
import { createTestApi, type TestApi } from "../../testing/test-api.ts";

const PODS = "/api/v1/namespaces/default/pods";
const MERGE = { "content-type": "application/merge-patch+json" };

function podOn(node: string | undefined, extra: object = {}, metadata: object = {}): TestApi {
  const api = createTestApi();
  api.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } });
  expect(api.request("POST", PODS, { metadata: { name: "web", ...metadata }, spec: { containers: [{ name: "c", image: "x" }], ...(node === undefined ? {} : { nodeName: node }), ...extra } }).status).toBe(201);
  return api;
}
const remove = (api: TestApi, options?: object): PodObject => api.request("DELETE", `${PODS}/web`, options).body as PodObject;
const isThere = (api: TestApi): boolean => api.request("GET", `${PODS}/web`).status === 200;

/** Source: registry/rest/delete_test.go and pkg/registry/core/pod/strategy_test.go (TestCheckGracefulDelete). */
describe("graceful deletion of pods", () => {
  test.each([
    { name: "not scheduled", node: undefined, options: {}, grace: 0, stays: false },
    { name: "the pod's own period", node: "n1", extra: { terminationGracePeriodSeconds: 7 }, options: {}, grace: 7, stays: true },
    { name: "the default period", node: "n1", options: {}, grace: 30, stays: true },
    { name: "asked for", node: "n1", options: { gracePeriodSeconds: 3 }, grace: 3, stays: true },
    { name: "negative is 1", node: "n1", options: { gracePeriodSeconds: -5 }, grace: 1, stays: true },
    { name: "now", node: "n1", options: { gracePeriodSeconds: 0 }, grace: 0, stays: false },
  ])("$name", ({ node, extra = {}, options, grace, stays }) => {
    const api = podOn(node, extra);
    expect(remove(api, options).metadata).toMatchObject({ deletionGracePeriodSeconds: grace, deletionTimestamp: `2026-01-01T00:00:${String(grace).padStart(2, "0")}Z`, generation: 2 });
    expect(isThere(api)).toBe(stays);
  });

  test("a second delete may only shorten the period", () => {
    const api = podOn("n1");
    remove(api);
    api.runMs(5_000);
    expect(remove(api, { gracePeriodSeconds: 50 }).metadata).toMatchObject({ deletionGracePeriodSeconds: 30, deletionTimestamp: "2026-01-01T00:00:30Z" });
    expect(remove(api, { gracePeriodSeconds: 10 }).metadata).toMatchObject({ deletionGracePeriodSeconds: 10, deletionTimestamp: "2026-01-01T00:00:10Z", generation: 2 });
    remove(api, { gracePeriodSeconds: 0 });
    expect(isThere(api)).toBe(false);
  });

  test("a pod that is over goes at once", () => {
    const api = podOn("n1");
    api.request("PATCH", `${PODS}/web/status`, { status: { phase: "Succeeded" } }, MERGE);
    remove(api);
    expect(isThere(api)).toBe(false);
  });

  test("finalizers hold it until the last one is taken away", () => {
    const api = podOn("n1", {}, { finalizers: ["example.com/a"] });
    remove(api, { gracePeriodSeconds: 0 });
    expect(isThere(api)).toBe(true);
    const late = api.request("PATCH", `${PODS}/web`, { metadata: { finalizers: ["example.com/a", "example.com/b"] } }, MERGE);
    expect((late.body as { message: string }).message).toBe('Pod "web" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/b"}');
    api.request("PATCH", `${PODS}/web`, { metadata: { finalizers: null } }, MERGE);
    expect(isThere(api)).toBe(false);
  });

  test("watchers hear of the last state and of the deletion, each with its revision", () => {
    const api = podOn("n1");
    const heard: string[] = [];
    api.request("GET", `${PODS}?watch=1&resourceVersion=${api.server.revision}`).stream?.listen({ chunk: (c) => heard.push(`${(c as { type: string }).type} ${(c as unknown as { object: PodObject }).object.metadata.deletionGracePeriodSeconds}`), end: () => {} });
    remove(api);
    remove(api, { gracePeriodSeconds: 0 });
    expect(heard).toEqual(["MODIFIED 30", "MODIFIED 0", "DELETED 0"]);
  });
});

describe("propagation", () => {
  const deployment = (api: TestApi, finalizers: readonly string[] = []): void => {
    api.request("POST", "/apis/apps/v1/namespaces/default/deployments", { metadata: { name: "d", finalizers }, spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "c", image: "x" }] } } } });
  };
  test.each([
    ["Background", [], undefined], [undefined, [], undefined], ["Foreground", [], ["foregroundDeletion"]], ["Orphan", [], ["orphan"]], [undefined, ["orphan"], ["orphan"]], ["Foreground", ["orphan"], ["foregroundDeletion"]],
  ])("%s on an object with finalizers %j", (propagationPolicy, before, after) => {
    const api = createTestApi();
    deployment(api, before);
    api.request("DELETE", "/apis/apps/v1/namespaces/default/deployments/d", { propagationPolicy });
    const found = api.request("GET", "/apis/apps/v1/namespaces/default/deployments/d");
    if (after === undefined) expect(found.status).toBe(404);
    else expect(found.body).toMatchObject({ metadata: { finalizers: after, deletionGracePeriodSeconds: 0, generation: 2 } });
  });

  test("both ways of asking at once are refused", () => {
    const api = createTestApi();
    deployment(api);
    const { status, body } = api.request("DELETE", "/apis/apps/v1/namespaces/default/deployments/d", { orphanDependents: true, propagationPolicy: "Orphan" });
    expect([status, (body as { message: string }).message]).toEqual([422, 'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set']);
  });

  test("a dry run deletes nothing", () => {
    const api = createTestApi();
    deployment(api);
    const before = api.server.revision;
    for (const propagationPolicy of ["Background", "Foreground"]) expect(api.request("DELETE", "/apis/apps/v1/namespaces/default/deployments/d?dryRun=All", { propagationPolicy }).status).toBe(200);
    expect(api.server.revision).toBe(before);
  });
});
