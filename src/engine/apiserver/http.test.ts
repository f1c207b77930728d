import { describe, expect, test } from "vitest";
import type { ApiResponse, WatchEvent } from "../apimachinery/api.ts";
import { createTestApi, type TestApi } from "../testing/test-api.ts";

const TABLE = { accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json" };
const MERGE = { "content-type": "application/merge-patch+json" };
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

/** What a stream says, as it says it. */
function listen(response: ApiResponse): { events: WatchEvent[]; ended: boolean } {
  const heard = { events: [] as WatchEvent[], ended: false };
  response.stream?.listen({ chunk: (chunk) => heard.events.push(chunk as WatchEvent), end: () => { heard.ended = true; } });
  return heard;
}

const told = (heard: { events: WatchEvent[] }): string[] =>
  heard.events.map(({ type, object }) => `${type} ${(object as { metadata?: { name?: string } }).metadata?.name ?? ""} ${(object as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion ?? ""}`);
const messageOf = (response: ApiResponse): string => (response.body as { message?: string }).message ?? "";
const namesOf = (response: ApiResponse): string[] => (response.body as { items: { metadata: { name: string } }[] }).items.map((i) => i.metadata.name);
const make = (api: TestApi, name: string, labels: Readonly<Record<string, string>> = {}): ApiResponse => api.request("POST", CONFIG_MAPS, { metadata: { name, labels } });

/** The story of the recorded watch scenario: create with a=b, set data, drop the label, add it again, delete. */
function story(api: TestApi): string {
  make(api, "w1", { a: "b" });
  api.request("PATCH", `${CONFIG_MAPS}/w1`, { data: { x: "1" } }, MERGE);
  api.request("PATCH", `${CONFIG_MAPS}/w1`, { metadata: { labels: { a: null } } }, MERGE);
  api.request("PATCH", `${CONFIG_MAPS}/w1`, { metadata: { labels: { a: "b" } } }, MERGE);
  api.request("DELETE", `${CONFIG_MAPS}/w1`);
  return String(api.server.revision);
}

describe("watch", () => {
  test("without a selector: every write, each with its revision", () => {
    const api = createTestApi();
    const heard = listen(api.request("GET", `${CONFIG_MAPS}?watch=1`));
    const last = Number(story(api));
    expect(told(heard)).toEqual(["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"].map((type, i) => `${type} w1 ${last - 4 + i}`));
  });

  test("with a label selector: leaving the selection is DELETED in the last selected state, entering it is ADDED", () => {
    const api = createTestApi();
    const heard = listen(api.request("GET", `${CONFIG_MAPS}?watch=1&labelSelector=a%3Db`));
    const last = Number(story(api));
    expect(told(heard)).toEqual(["ADDED", "MODIFIED", "DELETED", "ADDED", "DELETED"].map((type, i) => `${type} w1 ${last - 4 + i}`));
    expect(heard.events[2]?.object).toMatchObject({ metadata: { labels: { a: "b" } }, data: { x: "1" } });
  });

  test("without a version or with 0, what exists comes first", () => {
    const api = createTestApi();
    make(api, "pre");
    for (const version of ["", "&resourceVersion=0"]) expect(told(listen(api.request("GET", `${CONFIG_MAPS}?watch=true${version}`)))).toEqual([`ADDED pre ${api.server.revision}`]);
  });

  test("from a version on, what came after it", () => {
    const api = createTestApi();
    make(api, "a");
    const from = api.server.revision;
    make(api, "b");
    expect(told(listen(api.request("GET", `${CONFIG_MAPS}?watch=true&resourceVersion=${from}`)))).toEqual([`ADDED b ${from + 1}`]);
    expect(told(listen(api.request("GET", `${CONFIG_MAPS}?watch=true&resourceVersion=99999999`)))).toEqual([]);
  });

  test("from too old a version: one ERROR event, and the end", () => {
    const api = createTestApi();
    const heard = listen(api.request("GET", `${CONFIG_MAPS}?watch=1&resourceVersion=1`));
    expect(heard).toMatchObject({ ended: true, events: [{ type: "ERROR", object: { reason: "Expired", code: 410, message: expect.stringMatching(/^too old resource version: 1 \(\d+\)$/) as string } }] });
  });

  test("of one name sees nothing else", () => {
    const api = createTestApi();
    const heard = listen(api.request("GET", `${CONFIG_MAPS}?watch=1&fieldSelector=metadata.name%3Db`));
    make(api, "a");
    make(api, "b");
    expect(told(heard)).toEqual([`ADDED b ${api.server.revision}`]);
  });

  test("in tables: one row each, columns in the first only", () => {
    const api = createTestApi();
    make(api, "a");
    const heard = listen(api.request("GET", `${CONFIG_MAPS}?watch=1`, undefined, TABLE));
    make(api, "b");
    expect(heard.events).toMatchObject([
      { type: "ADDED", object: { kind: "Table", rows: [{ cells: ["a", 0, "0s"] }], columnDefinitions: [{ name: "Name" }, { name: "Data" }, { name: "Age" }] } },
      { type: "ADDED", object: { kind: "Table", rows: [{ cells: ["b", 0, "0s"] }], columnDefinitions: null } },
    ]);
  });

  test("ends at its time limit, when the client hangs up and when the server goes away", () => {
    const api = createTestApi();
    const [limited, closed, cut] = ["&timeoutSeconds=3", "", ""].map((q) => api.request("GET", `${CONFIG_MAPS}?watch=1${q}`)) as [ApiResponse, ApiResponse, ApiResponse];
    const [a, b, c] = [listen(limited), listen(closed), listen(cut)];
    api.runMs(3_000);
    closed.stream?.close();
    make(api, "x");
    api.server.setAvailable(false);
    expect([a.ended, a.events.length, b.ended, b.events.length, c.ended, c.events.length]).toEqual([true, 0, false, 0, true, 1]);
  });

  test("sends bookmarks when asked to", () => {
    const api = createTestApi();
    const heard = listen(api.request("GET", `${CONFIG_MAPS}?watch=1&allowWatchBookmarks=true`));
    api.runMs(61_000);
    expect(told(heard)).toEqual([`BOOKMARK  ${api.server.revision}`]);
  });

  test.each([
    ["sendInitialEvents=true&resourceVersionMatch=NotOlderThan", 'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled'],
    ["sendInitialEvents=true", 'ListOptions.meta.k8s.io "" is invalid: [resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan, sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled]'],
  ])("refuses %s", (query, message) => {
    const response = createTestApi().request("GET", `${CONFIG_MAPS}?watch=1&${query}`);
    expect([response.status, messageOf(response)]).toEqual([422, message]);
  });
});

describe("lists", () => {
  test("pages show the state of the first page, whatever happens meanwhile", () => {
    const api = createTestApi();
    for (const name of ["a", "b", "c", "d", "e"]) make(api, name);
    const first = api.request("GET", `${CONFIG_MAPS}?limit=2`);
    api.request("DELETE", `${CONFIG_MAPS}/c`);
    make(api, "bb");
    const { metadata } = first.body as { metadata: { continue: string; resourceVersion: string; remainingItemCount: number } };
    const second = api.request("GET", `${CONFIG_MAPS}?limit=9&continue=${metadata.continue}`);
    expect([namesOf(first), namesOf(second), metadata.remainingItemCount]).toEqual([["a", "b"], ["c", "d", "e"], 3]);
    expect((second.body as typeof first.body & { metadata: { resourceVersion: string } }).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  test("an old page token is answered 410", () => {
    const api = createTestApi();
    for (const name of ["a", "b", "c"]) make(api, name);
    const first = api.request("GET", `${CONFIG_MAPS}?limit=1`);
    api.runMs(6 * 60_000);
    make(api, "d");
    api.runMs(10 * 60_000);
    make(api, "e");
    const late = api.request("GET", `${CONFIG_MAPS}?limit=1&continue=${(first.body as { metadata: { continue: string } }).metadata.continue}`);
    expect([late.status, (late.body as { reason: string }).reason]).toEqual([410, "Expired"]);
  });

  test("includeObject decides what a row carries", () => {
    const api = createTestApi();
    api.request("POST", CONFIG_MAPS, { metadata: { name: "a" }, data: { k: "v" } });
    const row = (query: string): unknown => (api.request("GET", `${CONFIG_MAPS}?${query}`, undefined, TABLE).body as { rows: { object: unknown }[] }).rows[0]?.object;
    expect(row("")).toMatchObject({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: { name: "a" } });
    expect(row("includeObject=Object")).toMatchObject({ kind: "ConfigMap", data: { k: "v" } });
    expect(row("includeObject=None")).toBeNull();
    expect(messageOf(api.request("GET", `${CONFIG_MAPS}?includeObject=All`, undefined, TABLE))).toBe('unrecognized includeObject value: "All"');
  });

  test("metadata only", () => {
    const api = createTestApi();
    api.request("POST", CONFIG_MAPS, { metadata: { name: "a" }, data: { k: "v" } });
    const response = api.request("GET", CONFIG_MAPS, undefined, { accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" });
    expect(response.body).toMatchObject({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", items: [{ kind: "PartialObjectMetadata", metadata: { name: "a" } }] });
    expect((response.body as { items: object[] }).items[0]).not.toHaveProperty("data");
  });
});

describe("the edges", () => {
  test("a body over 3 MiB is refused", () => {
    const response = createTestApi().request("POST", CONFIG_MAPS, JSON.stringify({ metadata: { name: "big" }, data: { k: "x".repeat(3 * 1024 * 1024) } }));
    expect([response.status, messageOf(response)]).toEqual([413, "Request entity too large: limit is 3145728"]);
  });

  test("an alias bomb is refused", () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh".split("").map((c, i) => `${c}: &${c} [${Array.from({ length: 9 }, () => `*${"abcdefg"[i]}`).join(",")}]`).join("\n")}\n`;
    const response = createTestApi().request("POST", CONFIG_MAPS, bomb, { "content-type": "application/yaml" });
    expect(response.status).toBe(400);
    expect(messageOf(response)).toContain("yaml: document contains excessive aliasing");
  });

  test("bodies may be values, text, bytes, and may come without a media type", () => {
    const api = createTestApi();
    const text = '{"metadata":{"name":"NAME"},"data":{"ü":"€"}}';
    const statuses = [JSON.parse(text.replace("NAME", "a")) as unknown, text.replace("NAME", "b"), new TextEncoder().encode(text.replace("NAME", "c"))].map((body) => api.request("POST", CONFIG_MAPS, body).status);
    expect(statuses).toEqual([422, 422, 422]); // "ü" is no key, so all were read alike
    expect(api.request("POST", CONFIG_MAPS, new TextEncoder().encode('{"metadata":{"name":"d"},"data":{"k":"€"}}')).body).toMatchObject({ data: { k: "€" } });
  });

  test.each([
    ["GET", "/apis/apps/v1/namespaces/default/nothings", 404, "the server could not find the requested resource"],
    ["GET", "/api/v1/pods/web", 404, "the server could not find the requested resource"],
    ["GET", "/api/v1/namespaces/default/nodes", 404, "the server could not find the requested resource"],
    ["GET", "/api/v1/namespaces/default/pods/web/nothing", 404, "the server could not find the requested resource"],
    ["POST", "/api/v1/pods", 405, "the server does not allow this method on the requested resource"],
    ["POST", "/api/v1/namespaces/default/pods/web", 405, "the server does not allow this method on the requested resource"],
    ["DELETE", "/api/v1/namespaces", 405, "the server does not allow this method on the requested resource"],
    ["PUT", "/version", 405, "the server does not allow this method on the requested resource"],
    ["GET", "/api/v1/namespaces/default/pods/web/exec?command=ls", 404, 'pods "web" not found'],
  ] as const)("%s %s is %d", (method, path, status, message) => {
    const response = createTestApi().request(method, path);
    expect([response.status, messageOf(response)]).toEqual([status, message]);
  });

  test("an Accept header that asks for nothing we have", () => {
    const response = createTestApi().request("GET", CONFIG_MAPS, undefined, { accept: "image/png" });
    expect([response.status, messageOf(response)]).toEqual([406, "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf"]);
  });

  test("YAML answers", () => {
    const response = createTestApi().request("GET", "/api/v1/namespaces/default", undefined, { accept: "application/yaml" });
    expect(response.headers["content-type"]).toBe("application/yaml");
    expect(response.body).toMatch(/^apiVersion: v1\nkind: Namespace\nmetadata:\n/);
  });

  test("warnings of field validation", () => {
    const api = createTestApi();
    const response = api.request("POST", CONFIG_MAPS, { metadata: { name: "a" }, dta: {}, dt2: {} });
    expect([response.status, response.headers["warning"]]).toEqual([201, '299 - "unknown field \\"dta\\"", 299 - "unknown field \\"dt2\\""']);
    expect(api.request("POST", `${CONFIG_MAPS}?fieldValidation=Ignore`, { metadata: { name: "b" }, dta: {} }).headers["warning"]).toBeUndefined();
  });

  test.each([
    ["strategic-merge", "map[metadata:map[labels:map[a:1]]]", "cannot convert int64 to string"],
    ["merge", undefined, "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"],
  ])("a wrong type in a %s patch meets Go's converter or its decoder", (type, shown, why) => {
    const api = createTestApi();
    make(api, "a");
    const refused = api.request("PATCH", `${CONFIG_MAPS}/a`, { metadata: { labels: { a: 1 } } }, { "content-type": `application/${type}-patch+json` });
    expect(refused.status).toBe(422);
    expect(messageOf(refused)).toContain('patch: Invalid value: "');
    if (shown !== undefined) expect(messageOf(refused)).toContain(shown);
    expect(messageOf(refused).endsWith(why)).toBe(true);
  });
  test.each(["GET", "POST", "PUT", "PATCH", "DELETE"] as const)("%s of a proxy path says that it is not implemented, and leaves the object alone", (method) => {
    const api = createTestApi();
    const answer = api.request(method, "/api/v1/namespaces/default/services/kubernetes/proxy/healthz");
    expect([answer.status, messageOf(answer)]).toEqual([501, "Kubarium does not proxy to services yet"]);
    expect(api.request("GET", "/api/v1/namespaces/default/services/kubernetes").status).toBe(200);
  });
  test("bad options are refused before anything else", () => {
    const response = createTestApi().request("POST", `${CONFIG_MAPS}?fieldValidation=Bogus`, "no json");
    expect([response.status, messageOf(response)]).toEqual([422, 'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Bogus": supported values: "", "Ignore", "Strict", "Warn"']);
  });

  test("a dry run goes all the way and stores nothing", () => {
    const api = createTestApi();
    const before = api.server.revision;
    expect(api.request("POST", `${CONFIG_MAPS}?dryRun=All`, { metadata: { name: "a" } }).status).toBe(201);
    expect(api.request("POST", `${CONFIG_MAPS}?dryRun=All`, { metadata: { name: "A!" } }).status).toBe(422);
    expect([api.server.revision, api.request("GET", `${CONFIG_MAPS}/a`).status]).toEqual([before, 404]);
  });
});

describe("discovery and documents", () => {
  const V2 = { accept: "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json" };

  test("aggregated, with a content hash that spares the second answer", () => {
    const api = createTestApi();
    const response = api.request("GET", "/apis", undefined, V2);
    expect(response.headers["content-type"]).toBe("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList");
    expect((response.body as { items: { metadata: { name: string } }[] }).items[0]?.metadata.name).toBe("apps");
    const again = api.request("GET", "/apis", undefined, { ...V2, "if-none-match": response.headers["etag"] ?? "" });
    expect([again.status, again.body]).toEqual([304, ""]);
  });

  test("legacy lists name subresources and storage versions as upstream does", () => {
    const { resources } = createTestApi().request("GET", "/apis/apps/v1").body as { resources: { name: string }[] };
    expect(resources.find((r) => r.name === "deployments")).toEqual({
      name: "deployments", singularName: "deployment", namespaced: true, kind: "Deployment", verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
      shortNames: ["deploy"], categories: ["all"], storageVersionHash: "8aSe+NMegvE=",
    });
    expect(resources.find((r) => r.name === "deployments/scale")).toEqual({ name: "deployments/scale", singularName: "", namespaced: true, group: "autoscaling", version: "v1", kind: "Scale", verbs: ["get", "patch", "update"] });
  });

  test("every served kind has a PATCH with fieldValidation in OpenAPI", () => {
    const api = createTestApi();
    const { paths } = api.request("GET", "/openapi/v3").body as { paths: Record<string, { serverRelativeURL: string }> };
    const patched = Object.values(paths).flatMap(({ serverRelativeURL }) => {
      const document = api.request("GET", serverRelativeURL).body as { paths: Record<string, { patch?: { "x-kubernetes-group-version-kind": { kind: string; group: string }; parameters: { name: string }[] } }> };
      return Object.values(document.paths).flatMap(({ patch }) => (patch?.parameters.some((p) => p.name === "fieldValidation") === true ? [`${patch["x-kubernetes-group-version-kind"].group}/${patch["x-kubernetes-group-version-kind"].kind}`] : []));
    });
    expect(patched.sort()).toEqual(api.server.kinds.map((k) => `${k.group}/${k.kind}`).sort());
  });

  test("OpenAPI v2 comes as 18 bytes for old clients", () => {
    const response = createTestApi().request("GET", "/openapi/v2", undefined, { accept: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf" });
    expect(response.headers["content-type"]).toBe("application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    expect((response.body as Uint8Array).length).toBe(18);
  });

  test("health", () => {
    const api = createTestApi();
    expect(["/healthz", "/livez", "/readyz", "/readyz/etcd"].map((p) => api.request("GET", p).body)).toEqual(["ok", "ok", "ok", "ok"]);
    expect(api.request("GET", "/livez?verbose=").body).toMatch(/^\[\+\]ping ok\n[^]*livez check passed\n$/);
  });
});
