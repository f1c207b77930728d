import { request as httpRequest, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ApiResponse } from "../../engine/apimachinery/api.ts";
import { MAX_BODY_BYTES } from "./request.ts";
import { createHttpBridge, type HttpBridge } from "./server.ts";
import { type FakeCluster, FakeStream, json, serveFake } from "./testing/fake-cluster.ts";
import { envelope, message, text } from "./testing/protobuf-writer.ts";

let cluster: FakeCluster;
let bridge: HttpBridge;
let port: number;
let bugs: unknown[];

beforeEach(async () => {
  bugs = [];
  ({ cluster, bridge, port } = await serveFake({ maxStreams: 2, onBug: (bug) => bugs.push(bug) }));
});
afterEach(() => bridge.close());

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** Not fetch: it neither sets Host nor sends bodies with GET, and hides chunks. */
function send(options: { method?: string; path?: string; headers?: Record<string, string>; body?: Uint8Array | string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ host: "127.0.0.1", port, agent: false, ...options }, (incoming) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text: Buffer.concat(parts).toString() }));
      incoming.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(options.body);
  });
}

describe("requests", () => {
  test.each<{ name: string; path: string; sees: { path: string; query: Record<string, string> } }>([
    { name: "path and query", path: "/api/v1/pods?labelSelector=app%20in%20%28a%2Cb%29&limit=500", sees: { path: "/api/v1/pods", query: { labelSelector: "app in (a,b)", limit: "500" } } },
    { name: "an escaped path", path: "/apis/rbac.authorization.k8s.io/v1/clusterroles/system%3Anode", sees: { path: "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node", query: {} } },
    { name: "a repeated parameter: the first counts", path: "/api?a=1&a=2&a=", sees: { path: "/api", query: { a: "1" } } },
    { name: "a path that looks like a host", path: "//evil/api", sees: { path: "//evil/api", query: {} } },
    { name: "the absolute form", path: "http://localhost/api/v1?x=y", sees: { path: "/api/v1", query: { x: "y" } } },
    { name: "parameters named like members of every object", path: "/api?__proto__=x&constructor=y", sees: { path: "/api", query: { constructor: "y" } } },
  ])("$name", async ({ path, sees }) => {
    await send({ path });
    const [request] = cluster.requests;
    expect({ path: request!.path, query: { ...request!.query } }).toEqual(sees);
  });

  test("a request line of 100 kB, as an exec with a long script has", async () => {
    await send({ path: `/api?command=${"x".repeat(100_000)}` });
    expect(cluster.requests[0]!.query!["command"]).toHaveLength(100_000);
  });

  test("a broken escape is a bad request", async () => {
    const answer = await send({ path: "/api/%zz" });
    expect([answer.status, JSON.parse(answer.text).reason]).toEqual([400, "BadRequest"]);
  });

  test("header names arrive in lower case", async () => {
    await send({ headers: { "X-Foo": "Bar", Accept: "application/json" } });
    expect(cluster.requests[0]!.headers).toMatchObject({ "x-foo": "Bar", accept: "application/json" });
  });

  test.each([
    { name: "JSON as text, duplicates and all", type: "application/json", body: '{"a":1,"a":2}', sees: '{"a":1,"a":2}' },
    { name: "YAML as text", type: "application/yaml", body: "a: ü\n", sees: "a: ü\n" },
    { name: "a patch", type: "application/merge-patch+json", body: '{"a":null}', sees: '{"a":null}' },
  ])("body: $name", async ({ type, body, sees }) => {
    await send({ method: "POST", path: "/api/v1/x", headers: { "content-type": type }, body });
    expect(cluster.requests[0]).toMatchObject({ method: "POST", body: sees, headers: { "content-type": type } });
  });

  test("a body without Content-Type is JSON: kubectl's PUT of a scale", async () => {
    await send({ method: "PUT", path: "/apis/apps/v1/namespaces/d/deployments/w/scale", body: "{}" });
    expect(cluster.requests[0]).toMatchObject({ body: "{}", headers: { "content-type": "application/json" } });
  });

  test("a protobuf body arrives as JSON", async () => {
    await send({ method: "POST", path: "/api/v1/namespaces", headers: { "content-type": "application/vnd.kubernetes.protobuf" }, body: envelope("v1", "Namespace", message(1, text(1, "demo"))) });
    expect(cluster.requests[0]).toMatchObject({ body: { apiVersion: "v1", kind: "Namespace", metadata: { name: "demo" } }, headers: { "content-type": "application/json" } });
  });

  test.each([
    {
      name: "bytes that are no envelope", body: Buffer.from('{"kind":"Pod"}'),
      message: "the object provided is unrecognized (must be of type Pod): provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (7b226b696e64223a22506f64227d)",
    },
    { name: "a broken object", body: envelope("v1", "Pod", Uint8Array.of(0x0a, 0x7f)), message: 'Pod in version "v1" cannot be handled as a Pod: unexpected EOF' },
    {
      name: "an unknown kind", body: envelope("v1", "Pot"),
      message: 'Pot in version "v1" cannot be handled as a Pod: no kind "Pot" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    },
  ])("protobuf: $name", async ({ body, message: expected }) => {
    cluster.answer = () => json({ kind: "APIResourceList", resources: [{ name: "pods", kind: "Pod" }, { name: "pods/status", kind: "Pod" }] });
    const answer = await send({ method: "POST", path: "/api/v1/namespaces/default/pods", headers: { "content-type": "application/vnd.kubernetes.protobuf" }, body });
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: expected, reason: "BadRequest", code: 400 });
  });

  test("protobuf of an unknown kind for a path that is not there: the path is what the API server answers for", async () => {
    cluster.answer = ({ method }) => (method === "GET" ? json({ kind: "Status", code: 404 }, 404) : json({ kind: "Status", reason: "NotFound", code: 404 }, 404));
    const answer = await send({ method: "POST", path: "/apis/authentication.k8s.io/v1beta1/selfsubjectreviews", headers: { "content-type": "application/vnd.kubernetes.protobuf" }, body: envelope("authentication.k8s.io/v1beta1", "SelfSubjectReview") });
    expect([answer.status, cluster.requests.at(-1)?.path]).toEqual([404, "/apis/authentication.k8s.io/v1beta1/selfsubjectreviews"]);
  });

  test.each([MAX_BODY_BYTES + 1, 5_000_000])("a body of %d bytes is refused with a Status, whatever its type", async (size) => {
    const answer = await send({ method: "POST", path: "/api/v1/x", headers: { "content-type": "application/json" }, body: "x".repeat(size) });
    expect(answer.status).toBe(413);
    expect(JSON.parse(answer.text)).toMatchObject({ kind: "Status", reason: "RequestEntityTooLarge", message: "Request entity too large: limit is 3145728", code: 413 });
    expect(cluster.requests).toEqual([]);
  });

  test("a body of exactly the limit passes", async () => {
    const answer = await send({ method: "POST", path: "/api/v1/x", body: "x".repeat(MAX_BODY_BYTES) });
    expect([answer.status, (cluster.requests[0]!.body as string).length]).toEqual([200, MAX_BODY_BYTES]);
  });

  test("a method that HTTP has and the API has not", async () => {
    const answer = await send({ method: "PROPFIND" });
    expect([answer.status, JSON.parse(answer.text).reason]).toEqual([405, "MethodNotAllowed"]);
  });
});

describe("answers", () => {
  test.each<{ name: string; response: ApiResponse; status?: number; type: string; text: string }>([
    { name: "JSON", response: json({ a: [1, "ü"] }, 201), status: 201, type: "application/json", text: '{"a":[1,"ü"]}\n' },
    { name: "text", response: { status: 200, headers: { "content-type": "text/plain" }, body: "ok" }, type: "text/plain", text: "ok" },
    { name: "bytes", response: { status: 200, headers: { "content-type": "application/x" }, body: Uint8Array.of(0x68, 0x69) }, type: "application/x", text: "hi" },
    { name: "JSON without a Content-Type", response: { status: 200, headers: {}, body: null }, type: "application/json", text: "null\n" },
  ])("$name", async ({ response, status, type, text: expected }) => {
    cluster.answer = () => response;
    const answer = await send({});
    expect(answer).toMatchObject({ status: status ?? 200, text: expected, headers: { "content-type": type, "content-length": String(Buffer.byteLength(expected)), "cache-control": "no-cache, private" } });
    expect(answer.headers["audit-id"]).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([501, 500, 1_250])("a list of %d is written in pieces that make the same JSON", async (count) => {
    const list = { kind: "PodList", metadata: { resourceVersion: "7" }, nothing: undefined, items: Array.from({ length: count }, (_, index) => ({ index })), last: true };
    cluster.answer = () => json(list);
    const answer = await send({});
    expect(answer.text).toBe(`${JSON.stringify(list)}\n`);
  });

  test("HEAD has the headers and no body", async () => {
    cluster.answer = () => json({ a: 1 });
    const answer = await send({ method: "HEAD" });
    expect([answer.status, answer.text, answer.headers["content-length"]]).toEqual([200, "", "8"]);
  });

  test.each([
    { ifNoneMatch: '"abc"', status: 304 },
    { ifNoneMatch: 'W/"abc", "x"', status: 304 },
    { ifNoneMatch: '"abd"', status: 200 },
  ])("If-None-Match: $ifNoneMatch answers $status", async ({ ifNoneMatch, status }) => {
    cluster.answer = () => json({ a: 1 }, 200, { etag: '"abc"' });
    const answer = await send({ headers: { "If-None-Match": ifNoneMatch } });
    expect([answer.status, answer.headers.etag, answer.text]).toEqual([status, '"abc"', status === 304 ? "" : '{"a":1}\n']);
  });

  test("a warning with line breaks and letters beyond Latin-1 neither breaks the answer nor splits the header", async () => {
    cluster.answer = () => json({}, 200, { Warning: '299 - "unknown field \\"ключ\\"\r\nX-Injected: 1"' });
    const answer = await send({});
    expect(answer.headers["x-injected"]).toBeUndefined();
    expect(Buffer.from(String(answer.headers["warning"]), "latin1").toString()).toBe('299 - "unknown field \\"ключ\\"  X-Injected: 1"');
  });

  test("what the engine throws is a Status and a report, and the next request is served", async () => {
    cluster.answer = () => {
      throw new Error("Kubarium bug: expected that pigs fly");
    };
    const answer = await send({});
    expect([answer.status, JSON.parse(answer.text).message]).toEqual([500, "Internal error occurred: Kubarium bug: expected that pigs fly"]);
    expect(bugs).toHaveLength(1);
    cluster.answer = () => json({});
    expect((await send({})).status).toBe(200);
  });
});

describe("streams", () => {
  let streams: FakeStream[];
  beforeEach(() => {
    streams = [];
    cluster.answer = () => {
      const stream = new FakeStream();
      streams.push(stream);
      return { status: 200, headers: { "content-type": "application/json" }, body: undefined, stream };
    };
  });

  const open = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => httpRequest({ host: "127.0.0.1", port, path: "/api/v1/pods?watch=true", agent: false }, resolve).on("error", reject).end());
  const lines = (incoming: IncomingMessage, count: number): Promise<string> =>
    new Promise((resolve) => {
      let text = "";
      incoming.on("data", (part: Buffer) => {
        text += part.toString();
        if (text.split("\n").length > count) resolve(text);
      });
    });
  const ended = (incoming: IncomingMessage): Promise<void> => new Promise((resolve) => incoming.once("end", resolve).resume());
  const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
  };

  test("headers come before any event, then a line of JSON per event, then the end", async () => {
    const incoming = await open();
    expect([incoming.statusCode, incoming.headers["transfer-encoding"], incoming.headers["content-type"]]).toEqual([200, "chunked", "application/json"]);
    const [stream] = streams;
    const chunk = lines(incoming, 2);
    stream!.push({ type: "ADDED", object: { kind: "Pod" } });
    stream!.push({ type: "DELETED", object: { kind: "Pod" } });
    expect(await chunk).toBe('{"type":"ADDED","object":{"kind":"Pod"}}\n{"type":"DELETED","object":{"kind":"Pod"}}\n');
    const end = ended(incoming);
    stream!.end();
    await end;
  });

  test("a followed log is text as it is", async () => {
    const incoming = await open();
    const chunk = lines(incoming, 1);
    streams[0]!.push("héllo\n");
    expect(await chunk).toBe("héllo\n");
    incoming.destroy();
  });

  test("a reader that is slow gets everything in the end, in order", async () => {
    const incoming = await open();
    incoming.pause();
    const filler = "x".repeat(1_000);
    for (let index = 0; index < 20_000; index++) streams[0]!.push(`${index} ${filler}\n`);
    streams[0]!.end();
    await new Promise((resolve) => setTimeout(resolve, 20));
    let text = "";
    for await (const part of incoming) text += String(part);
    const numbers = text.trim().split("\n").map((line) => Number.parseInt(line, 10));
    expect(numbers).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
  });

  test("a client that hangs up closes the engine's stream", async () => {
    const incoming = await open();
    incoming.destroy();
    await until(() => streams[0]!.closed > 0);
    expect(streams[0]!.closed).toBe(1);
    streams[0]!.push({ type: "ADDED", object: {} }); // late events go nowhere, and break nothing
  });

  test("more streams than allowed are refused, until one ends", async () => {
    const [first] = [await open(), await open()];
    const refused = await open();
    expect([refused.statusCode, refused.headers["retry-after"]]).toEqual([429, "1"]);
    expect(streams.map((stream) => stream.closed)).toEqual([0, 0, 1]);
    first.destroy();
    await until(() => streams[0]!.closed > 0);
    expect((await open()).statusCode).toBe(200);
  });

  test("closing the bridge ends streams properly", async () => {
    const incoming = await open();
    const end = ended(incoming);
    await bridge.close();
    await end;
    expect(incoming.complete).toBe(true);
    ({ cluster, bridge, port } = await serveFake());
  });
});

describe("who may ask", () => {
  test.each([
    { name: "localhost", headers: { Host: "localhost:8001" }, status: 200 },
    { name: "127.0.0.1", headers: { Host: "127.0.0.1:8001" }, status: 200 },
    { name: "::1", headers: { Host: "[::1]:8001" }, status: 200 },
    { name: "a name that its owner points to 127.0.0.1", headers: { Host: "evil.example:8001" }, status: 403 },
    { name: "a name that begins like a local one", headers: { Host: "localhost.evil.example" }, status: 403 },
    { name: "a user in front of the host", headers: { Host: "localhost@evil.example" }, status: 403 },
    { name: "a page of this machine", headers: { Origin: "http://localhost:5173" }, status: 200 },
    { name: "a page from elsewhere", headers: { Origin: "https://evil.example" }, status: 403 },
    { name: "a sandboxed page", headers: { Origin: "null" }, status: 403 },
    { name: "an image on a page from elsewhere", headers: { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors" }, status: 403 },
    { name: "a link on a page from elsewhere", headers: { "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate" }, status: 200 },
  ])("$name: $status", async ({ headers, status }) => {
    const answer = await send({ headers: headers as unknown as Record<string, string> });
    expect(answer.status).toBe(status);
    expect(cluster.requests).toHaveLength(status === 200 ? 1 : 0);
    if (status === 403) expect(JSON.parse(answer.text)).toMatchObject({ kind: "Status", reason: "Forbidden" });
  });

  test("pages of this machine get CORS headers, and their preflights an answer", async () => {
    const headers = { Origin: "http://localhost:5173", "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "content-type" };
    const answer = await send({ method: "OPTIONS", headers });
    expect(answer).toMatchObject({ status: 204, headers: { "access-control-allow-origin": "http://localhost:5173", "access-control-allow-headers": "content-type" } });
    expect(cluster.requests).toEqual([]);
  });
});

test("a port in use rejects with EADDRINUSE", async () => {
  const second = createHttpBridge({ cluster: cluster.asCluster(), pump: { catchUp: () => {}, noteInput: () => {} } });
  await expect(second.listen(port)).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("the server listens on the loopback only", async () => {
  const { networkInterfaces } = await import("node:os");
  const outside = Object.values(networkInterfaces()).flat().find((address) => address?.family === "IPv4" && !address.internal)?.address;
  if (outside === undefined) return; // a machine without a network has nothing to refuse
  await expect(fetch(`http://${outside}:${port}/`)).rejects.toThrow();
});
