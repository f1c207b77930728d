import { connect as connectTcp } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { ApiRequest, ApiResponse, Status } from "../../../engine/apimachinery/api.ts";
import type { ExecOptions } from "../../../engine/runtime/contracts.ts";
import type { HttpBridge } from "../server.ts";
import { type FakeCluster, FakeStream, json, RUNNING_POD, serveFake } from "../testing/fake-cluster.ts";
import { FakeNetwork } from "../testing/fake-network.ts";
import { openSpdy, openTunnel, type SpdyClient } from "../testing/spdy-client.ts";

const EXEC = "/api/v1/namespaces/default/pods/web/exec?command=sh&command=-c&command=true&container=nginx&stdin=true&stdout=true&stderr=true";
const POD_PATH = "/api/v1/namespaces/default/pods/web";
const badRequest = (message: string): Status => ({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason: "BadRequest", code: 400 });
const NOT_FOUND = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message: 'pods "nosuch" not found', reason: "NotFound", details: { name: "nosuch", kind: "pods" }, code: 404 };

let cluster: FakeCluster;
let bridge: HttpBridge;
let port: number;
let running: ExecOptions | undefined;
let argv: readonly string[];
let pod: typeof RUNNING_POD & { spec: object; status: object };

beforeEach(async () => {
  ({ cluster, bridge, port } = await serveFake());
  pod = RUNNING_POD;
  running = undefined;
  cluster.answer = ({ path, query }: ApiRequest): ApiResponse => {
    if (path === POD_PATH) return json(pod);
    if (!path.startsWith(`${POD_PATH}/`)) return json(NOT_FOUND, 404);
    return json(badRequest(query?.["container"] === "envoy" ? "container envoy is not valid for pod web" : "Upgrade request required"), 400);
  };
  cluster.onExec = (words, options) => {
    argv = words;
    running = options;
    return undefined;
  };
});
afterEach(() => bridge.close());

interface Closed {
  readonly messages: Buffer[];
  readonly code: number;
}

/** Opens a WebSocket and gathers what arrives until it is closed. */
function connect(path: string, protocols: string[], headers: Record<string, string> = {}): Promise<{ socket: WebSocket; closed: Promise<Closed>; messages: Buffer[] }> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, protocols, { headers, perMessageDeflate: false });
    const messages: Buffer[] = [];
    socket.on("message", (data) => messages.push(data as Buffer));
    const closed = new Promise<Closed>((done) => socket.on("close", (code) => done({ messages, code })));
    socket.on("open", () => resolve({ socket, closed, messages }));
    socket.on("unexpected-response", (_, response) => {
      let text = "";
      response.on("data", (part: Buffer) => (text += part.toString()));
      response.on("end", () => reject(Object.assign(new Error(text), { status: response.statusCode })));
    });
    socket.on("error", reject);
  });
}
const refusal = async (path: string, protocols: string[], headers?: Record<string, string>): Promise<unknown> => {
  const refused = (await connect(path, protocols, headers).catch((error: unknown) => error)) as { status: number; message: string };
  const status = JSON.parse(refused.message) as { message: string; reason: string };
  return { status: refused.status, reason: status.reason, message: status.message };
};
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
};
const texts = (messages: readonly Buffer[]): [number, string][] => messages.map((message) => [message[0]!, message.subarray(1).toString()]);

describe("exec over WebSocket", () => {
  test.each(["v5.channel.k8s.io", "v4.channel.k8s.io"])("%s: output on its channels, the Status last, then CLOSE 1000", async (protocol) => {
    const { socket, closed } = await connect(EXEC, [protocol]);
    expect(socket.protocol).toBe(protocol);
    await until(() => running !== undefined);
    expect(argv).toEqual(["sh", "-c", "true"]);
    running!.stdout("héllo\n");
    running!.stderr("oops\n");
    running!.exit(0);
    const { messages, code } = await closed;
    expect([texts(messages), code]).toEqual([[[1, "héllo\n"], [2, "oops\n"], [3, '{"metadata":{},"status":"Success"}']], 1000]);
    expect(cluster.killed).toBe(0);
  });

  test("an exit code other than 0", async () => {
    const { closed } = await connect(EXEC, ["v5.channel.k8s.io"]);
    await until(() => running !== undefined);
    running!.exit(3);
    expect(JSON.parse(texts((await closed).messages)[0]![1])).toEqual({
      metadata: {}, status: "Failure", reason: "NonZeroExitCode",
      message: "command terminated with non-zero exit code: exit status 3",
      details: { causes: [{ reason: "ExitCode", message: "3" }] },
    });
  });

  test("a command that cannot start", async () => {
    cluster.onExec = () => 'Internal error occurred: error executing command in container: exec: "nope": executable file not found in $PATH: unknown';
    const { closed } = await connect(EXEC, ["v5.channel.k8s.io"]);
    const text = 'Internal error occurred: error executing command in container: exec: "nope": executable file not found in $PATH: unknown';
    expect(JSON.parse(texts((await closed).messages)[0]![1])).toMatchObject({ status: "Failure", reason: "InternalError", code: 500, message: `Internal error occurred: ${text}`, details: { causes: [{ message: text }] } });
  });

  test("a container that does not run", async () => {
    pod = { ...RUNNING_POD, status: { containerStatuses: [{ name: "nginx", state: { waiting: { reason: "ContainerCreating" } } }] } } as unknown as typeof pod;
    const { closed } = await connect(EXEC, ["v5.channel.k8s.io"]);
    expect(JSON.parse(texts((await closed).messages)[0]![1]).message).toBe('Internal error occurred: unable to upgrade connection: container not found ("nginx")');
    expect(running).toBeUndefined();
  });

  test("typed text, split in the middle of a character, and its end", async () => {
    const { socket } = await connect(EXEC, ["v5.channel.k8s.io"]);
    await until(() => running !== undefined);
    const [first, ...rest] = Buffer.from("é\n");
    socket.send(Uint8Array.of(0, first!));
    socket.send(Uint8Array.of(0, ...rest));
    socket.send(Buffer.concat([Uint8Array.of(4), Buffer.from('{"Width":80,"Height":24}\n')]));
    socket.send(Uint8Array.of(255, 0));
    await until(() => cluster.typed.includes("<EOF>"));
    expect(cluster.typed.join("")).toBe("é\n<EOF>");
    socket.close();
  });

  test("v4 has no close channel", async () => {
    const { socket } = await connect(EXEC, ["v4.channel.k8s.io"]);
    await until(() => running !== undefined);
    socket.send(Uint8Array.of(255, 0));
    socket.send(Uint8Array.of(0, 0x61));
    await until(() => cluster.typed.length > 0);
    expect(cluster.typed).toEqual(["a"]);
    socket.close();
  });

  test("base64 channels, as text", async () => {
    const { socket, closed } = await connect(EXEC, ["v4.base64.channel.k8s.io"]);
    await until(() => running !== undefined);
    socket.send(`0${Buffer.from("ls\n").toString("base64")}`);
    await until(() => cluster.typed.length > 0);
    running!.stdout("x");
    running!.exit(0);
    expect(cluster.typed).toEqual(["ls\n"]);
    expect((await closed).messages.map(String)).toEqual([`1${Buffer.from("x").toString("base64")}`, `3${Buffer.from('{"metadata":{},"status":"Success"}').toString("base64")}`]);
  });

  test("with a tty everything is standard output", async () => {
    const { closed } = await connect(EXEC.replace("stderr=true", "tty=true"), ["v5.channel.k8s.io"]);
    await until(() => running !== undefined);
    expect(running).toMatchObject({ tty: true, stdin: true });
    running!.stderr("prompt");
    running!.exit(0);
    expect(texts((await closed).messages)[0]).toEqual([1, "prompt"]);
  });

  test("parameters that say false", async () => {
    await connect("/api/v1/namespaces/default/pods/web/exec?command=ls&stdin=false&stdout=true&tty=false", ["v5.channel.k8s.io"]);
    await until(() => running !== undefined);
    expect(running).toMatchObject({ tty: false, stdin: false });
  });

  test("a client that hangs up kills the command, once", async () => {
    const { socket } = await connect(EXEC, ["v5.channel.k8s.io"]);
    await until(() => running !== undefined);
    socket.terminate();
    await until(() => cluster.killed > 0);
    running!.stdout("late");
    running!.exit(137);
    expect(cluster.killed).toBe(1);
  });

  test.each<{ name: string; path: string; protocols?: string[]; headers?: Record<string, string>; sees: unknown }>([
    { name: "no such pod", path: EXEC.replace("web", "nosuch"), sees: { status: 404, reason: "NotFound", message: 'pods "nosuch" not found' } },
    { name: "no such container", path: EXEC.replace("nginx", "envoy"), sees: { status: 400, reason: "BadRequest", message: "container envoy is not valid for pod web" } },
    { name: "no streams", path: "/api/v1/namespaces/default/pods/web/exec?command=ls", sees: { status: 400, reason: "BadRequest", message: "you must specify at least 1 of stdin, stdout, stderr" } },
    { name: "an unknown protocol", path: EXEC, protocols: ["v9.channel.k8s.io"], sees: { status: 400, reason: "BadRequest", message: expect.stringContaining("requested protocol(s) are not supported: [v9.channel.k8s.io]") } },
    { name: "a page from elsewhere", path: EXEC, headers: { Origin: "https://evil.example" }, sees: { status: 403, reason: "Forbidden", message: expect.stringContaining("evil.example") } },
    { name: "a host from elsewhere", path: EXEC, headers: { Host: "evil.example" }, sees: { status: 403, reason: "Forbidden", message: expect.stringContaining("evil.example") } },
  ])("refused before the upgrade: $name", async ({ path, protocols = ["v5.channel.k8s.io"], headers, sees }) => {
    expect(await refusal(path, protocols, headers)).toEqual(sees);
    expect(running).toBeUndefined();
  });

  test("the API server hears the whole request first, with the client's own headers", async () => {
    await connect(EXEC, ["v5.channel.k8s.io"], { Authorization: "Bearer x" });
    await until(() => running !== undefined);
    expect(cluster.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([`GET ${POD_PATH}/exec`, `GET ${POD_PATH}`]);
    expect(cluster.requests[0]).toMatchObject({ query: { container: "nginx", command: "sh" }, headers: { authorization: "Bearer x" } });
  });

  test("without a container's name it is the only one", async () => {
    const places: (string | undefined)[] = [];
    Object.assign(cluster, { attach: (_pod: string, container: string | undefined, options: ExecOptions) => (places.push(container), cluster.exec("", container, [], options)) });
    await connect(`${POD_PATH}/attach?stdout=true`, ["v5.channel.k8s.io"]);
    await until(() => running !== undefined);
    expect(places).toEqual(["nginx"]);
  });

  test("a container that stops between the look-up and the command", async () => {
    cluster.onExec = () => 'Internal error occurred: container not found ("nginx")';
    const { closed } = await connect(EXEC, ["v5.channel.k8s.io"]);
    expect(JSON.parse(texts((await closed).messages)[0]![1]).message).toBe('Internal error occurred: unable to upgrade connection: container not found ("nginx")');
  });
});

describe("attach over WebSocket", () => {
  const ATTACH = "/api/v1/namespaces/default/pods/web/attach?container=nginx&stdout=true&stderr=true";
  test("follows the log from now on and ends with the container", async () => {
    const stream = new FakeStream();
    const before = cluster.answer;
    cluster.answer = (request) => (request.path.endsWith("/log") ? { status: 200, headers: {}, body: undefined, stream } : before(request));
    const { closed } = await connect(ATTACH, ["v5.channel.k8s.io"]);
    await until(() => stream.listener !== undefined);
    expect(cluster.requests.at(-1)).toMatchObject({ path: "/api/v1/namespaces/default/pods/web/log", query: { container: "nginx", follow: "true", tailLines: "0" } });
    stream.push("a line\n");
    stream.end();
    expect(texts((await closed).messages)).toEqual([[1, "a line\n"], [3, '{"metadata":{},"status":"Success"}']]);
  });

  test("a container that has ended", async () => {
    pod = { ...RUNNING_POD, status: { containerStatuses: [{ name: "nginx", state: { terminated: { exitCode: 0 } } }] } } as unknown as typeof pod;
    const { closed } = await connect(ATTACH, ["v5.channel.k8s.io"]);
    expect(JSON.parse(texts((await closed).messages)[0]![1]).message).toBe("Internal error occurred: unable to upgrade connection: container nginx not found in pod web_default");
  });

  test("with standard input that the container takes, and a cluster that cannot: a clear NotImplemented", async () => {
    pod = { ...RUNNING_POD, spec: { nodeName: "node-1", containers: [{ name: "nginx", stdin: true }] } } as unknown as typeof pod;
    expect(await refusal(`${ATTACH}&stdin=true`, ["v5.channel.k8s.io"])).toMatchObject({ status: 501, reason: "NotImplemented" });
  });

  test("through the cluster's own attach where there is one", async () => {
    Object.assign(cluster, { attach: (name: string, container: string, options: ExecOptions) => (argv = [name, container], cluster.exec(name, container, argv, options)) });
    const { socket, closed } = await connect(`${ATTACH}&stdin=true`, ["v5.channel.k8s.io"]);
    await until(() => running !== undefined);
    socket.send(Uint8Array.of(0, 0x61));
    await until(() => cluster.typed.length > 0);
    running!.exit(0);
    await closed;
    expect([argv, cluster.typed]).toEqual([["default/web", "nginx"], ["a"]]);
  });
});

describe("watches and logs over WebSocket", () => {
  const stream = (): FakeStream => {
    const made = new FakeStream();
    cluster.answer = () => ({ status: 200, headers: {}, body: undefined, stream: made });
    return made;
  };
  test("an event is a text message", async () => {
    const made = stream();
    made.push({ type: "ADDED", object: { kind: "Pod" } });
    const { closed } = await connect("/api/v1/pods?watch=true", []);
    await until(() => made.listener !== undefined);
    made.end();
    expect((await closed).messages.map(String)).toEqual(['{"type":"ADDED","object":{"kind":"Pod"}}']);
    await until(() => made.closed > 0);
  });
  test("a log in base64", async () => {
    const made = stream();
    const { closed } = await connect("/api/v1/namespaces/default/pods/web/log?follow=true", ["base64.binary.k8s.io"]);
    made.push("x\n");
    made.end();
    expect((await closed).messages.map(String)).toEqual([Buffer.from("x\n").toString("base64")]);
  });
  test("an error of the API server is an HTTP answer", async () => {
    expect(await refusal("/api/v1/namespaces/default/pods/nosuch?watch=true", [])).toMatchObject({ status: 404, reason: "NotFound" });
  });
  test("what is no stream is refused", async () => {
    expect(await refusal("/api/v1/namespaces/default/pods/web", [])).toMatchObject({ status: 400 });
  });
});

describe("exec over SPDY", () => {
  const HEADERS = { "X-Stream-Protocol-Version": "v5.channel.k8s.io, v4.channel.k8s.io, channel.k8s.io" };
  let client: SpdyClient;
  afterEach(() => client?.destroy());

  test("waits for all streams, then output, Status and FIN", async () => {
    client = await openSpdy(port, EXEC, HEADERS);
    expect(client.headers).toMatch(/^HTTP\/1\.1 101 [^]*x-stream-protocol-version: v4\.channel\.k8s\.io\r\n/i);
    client.open(1, { streamtype: "error" });
    client.open(3, { streamtype: "stdin" });
    client.open(5, { streamtype: "stdout" });
    await until(() => client.replied.size === 3);
    expect(running).toBeUndefined();
    client.data(3, "early");
    client.open(7, { streamtype: "stderr" });
    await until(() => running !== undefined);
    client.data(3, " late", true);
    await until(() => cluster.typed.includes("<EOF>"));
    expect(cluster.typed).toEqual(["early", " late", "<EOF>"]);
    running!.stdout("x".repeat(100_000));
    running!.stderr("e");
    running!.exit(3);
    await until(() => client.ended.size === 4);
    expect(client.text(5)).toBe("x".repeat(100_000));
    expect(client.text(7)).toBe("e");
    expect(JSON.parse(client.text(1))).toMatchObject({ reason: "NonZeroExitCode", details: { causes: [{ reason: "ExitCode", message: "3" }] } });
  });

  test("pings are answered", async () => {
    client = await openSpdy(port, EXEC, HEADERS);
    client.ping(7);
    await until(() => client.pongs.includes(7));
  });

  test("frames in pieces of one byte", async () => {
    client = await openSpdy(port, EXEC.replace("stdin=true&", "").replace("&stderr=true", ""), HEADERS);
    client.pieceBytes = 1;
    client.open(1, { streamtype: "error" });
    client.open(3, { streamtype: "stdout" });
    await until(() => running !== undefined);
  });

  test("a client that hangs up kills the command", async () => {
    client = await openSpdy(port, EXEC.replace("stdin=true&", "").replace("&stderr=true", ""), HEADERS);
    client.open(1, { streamtype: "error" });
    client.open(3, { streamtype: "stdout" });
    await until(() => running !== undefined);
    client.destroy();
    await until(() => cluster.killed === 1);
  });

  test("garbage ends the connection and nothing else", async () => {
    client = await openSpdy(port, EXEC, HEADERS);
    client.raw(Buffer.from([0x80, 3, 0, 1, 0, 0, 0, 20, ...Array<number>(20).fill(0xff)]));
    await client.closed;
    client = await openSpdy(port, EXEC, HEADERS);
    client.raw(Buffer.from([0, 0, 0, 1, 0, 0xff, 0xff, 0xff]));
    await client.closed;
  });

  test.each([
    { name: "no such pod", path: EXEC.replace("web", "nosuch"), headers: HEADERS, sees: /^HTTP\/1\.1 404 [^]*pods \\"nosuch\\" not found/ },
    { name: "no protocol in common", path: EXEC, headers: { "X-Stream-Protocol-Version": "v1.x" }, sees: /^HTTP\/1\.1 403 [^]*unable to negotiate protocol: client supports \[v1\.x\], server accepts \[v4\.channel\.k8s\.io\]/ },
    { name: "a path without streams", path: "/api/v1/pods", headers: HEADERS, sees: /^HTTP\/1\.1 400 [^]*BadRequest/ },
  ])("refused: $name", async ({ path, headers, sees }) => {
    client = await openSpdy(port, path, headers);
    await client.closed;
    expect(client.headers + client.rest).toMatch(sees);
  });

  test("a container that does not run is the kubelet's plain 500", async () => {
    pod = { ...RUNNING_POD, status: {} } as unknown as typeof pod;
    client = await openSpdy(port, EXEC, HEADERS);
    await client.closed;
    expect(client.headers + client.rest).toMatch(/^HTTP\/1\.1 500 [^]*container not found \("nginx"\)\n$/);
  });
});

describe("port-forward", () => {
  const PATH = "/api/v1/namespaces/default/pods/web/portforward";
  let network: FakeNetwork;
  let client: SpdyClient | undefined;
  beforeEach(() => {
    network = new FakeNetwork();
    Object.assign(cluster, { node: (name: string) => ({ nodeName: name, host: network }) });
  });
  afterEach(() => client?.destroy());

  const openPair = (): void => {
    client!.open(1, { streamtype: "error", port: "80", requestid: "0" });
    client!.data(1, "", true);
    client!.open(3, { streamtype: "data", port: "80", requestid: "0" });
  };

  test("SPDY: bytes both ways, in order, also those sent before the connection stood", async () => {
    client = await openSpdy(port, PATH, { "X-Stream-Protocol-Version": "portforward.k8s.io" });
    openPair();
    client.data(3, "GET / ");
    await until(() => network.dialled.length === 1);
    expect(network.dialled).toEqual(["10.42.1.2:80"]);
    client.data(3, "HTTP/1.0\r\n");
    network.accept();
    await until(() => network.received.join("") === "GET / HTTP/1.0\r\n");
    network.answer("200 OK");
    network.close();
    await until(() => client!.ended.has(3));
    expect([client.text(3), client.text(1)]).toEqual(["200 OK", ""]);
  });

  test("a refused port is said on the error stream", async () => {
    client = await openSpdy(port, PATH, { "X-Stream-Protocol-Version": "portforward.k8s.io" });
    openPair();
    await until(() => network.dialled.length === 1);
    network.refuse("connection refused");
    await until(() => client!.ended.size === 2);
    expect(client.text(1)).toMatch(/^error forwarding port 80 to pod web, uid u-1: .*connection refused$/);
  });

  test("the WebSocket that carries SPDY, in pieces without meaning", async () => {
    const tunnel = await openTunnel(port, PATH);
    expect(tunnel.protocol).toBe("SPDY/3.1+portforward.k8s.io");
    client = tunnel.client;
    client.pieceBytes = 3;
    openPair();
    await until(() => network.dialled.length === 1);
    network.accept();
    network.answer("hello");
    await until(() => client!.text(3) === "hello");
  });

  test("channels, as client libraries open them: the port first, then data", async () => {
    const { socket, messages } = await connect(`${PATH}?ports=8080`, ["v4.channel.k8s.io"]);
    await until(() => network.dialled.length === 1);
    expect(network.dialled).toEqual(["10.42.1.2:8080"]);
    network.accept();
    socket.send(Buffer.concat([Uint8Array.of(0), Buffer.from("ping")]));
    await until(() => network.received.length > 0);
    network.answer("pong");
    await until(() => messages.length === 3);
    expect([messages.map((message) => [...message].slice(0, 3)), messages[2]!.toString("latin1")]).toEqual([[[0, 0x90, 0x1f], [1, 0x90, 0x1f], [0, 0x70, 0x6f]], "\0pong"]);
    socket.close();
  });

  test("channels without ports", async () => {
    const { closed } = await connect(PATH, ["v4.channel.k8s.io"]);
    expect((await closed).code).toBe(1008);
  });
});

test("an upgrade to something else (curl --http2) is served as plain HTTP", async () => {
  const answer = await new Promise<string>((resolve) => {
    let text = "";
    const socket = connectTcp(port, "127.0.0.1");
    socket.on("data", (part) => (text += part.toString()));
    socket.on("close", () => resolve(text));
    socket.write("GET /api/v1/namespaces/default/pods/web HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
  });
  expect(answer).toMatch(/^HTTP\/1\.1 200 [^]*"kind":"Pod"/);
});
