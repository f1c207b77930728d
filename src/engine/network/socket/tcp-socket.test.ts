import { describe, expect, test } from "vitest";
import type { SocketError, TcpConnection } from "../contracts.ts";
import { serveHttp } from "../http/serve.ts";
import { NetworkFixture } from "../testing/fixture.ts";
import type { PacketTrace } from "../trace/packet-trace.ts";

interface Pair {
  readonly f: NetworkFixture;
  readonly client: TcpConnection;
  readonly server: TcpConnection;
  readonly trace: PacketTrace;
  readonly heard: string[];
  readonly closed: (SocketError | undefined)[];
}

/** A connection between pods on two nodes. */
function connected(): Pair {
  const f = new NetworkFixture();
  const [a, b] = [f.addPod("default/a", "node-1"), f.addPod("default/b", "node-2")];
  f.network.recordAll(true);
  const servers: TcpConnection[] = [];
  const clients: TcpConnection[] = [];
  b.netns.listenTcp(9000, "0.0.0.0", b.owner, (connection) => servers.push(connection));
  const trace = a.netns.connectTcp({ ip: b.ip, port: 9000 }, { timeoutUs: 1e6 }, (result) => result.ok && clients.push(result.value));
  f.runMs(20);
  const [client] = clients;
  const [server] = servers;
  if (client === undefined || server === undefined) throw new Error("not connected");
  const heard: string[] = [];
  const closed: (SocketError | undefined)[] = [];
  server.onData((data) => heard.push(data));
  server.onClose((error) => closed.push(error));
  return { f, client, server, trace, heard, closed };
}

const roles = (trace: PacketTrace): string[] => trace.walks.map((walk) => walk.role);

describe("a connection", () => {
  test("handshake, data with its acknowledgement after 40 ms, closing from both sides", () => {
    const { f, client, server, trace, heard, closed } = connected();
    expect(roles(trace)).toEqual(["syn", "syn-ack", "ack"]);
    client.send("hello");
    f.runMs(100);
    expect(heard).toEqual(["hello"]);
    expect(roles(trace).slice(3)).toEqual(["data", "ack"]);
    expect(Math.round(((trace.walks[4]?.hops[0]?.atUs ?? 0) - (trace.walks[3]?.hops.at(-1)?.atUs ?? 0)) / 1000)).toBe(40);
    client.close();
    f.runMs(10);
    expect(closed).toEqual([undefined]);
    server.close();
    f.runMs(10);
    expect(roles(trace).slice(5)).toEqual(["fin", "ack", "fin", "ack"]);
    expect(f.network.node("node-1").conntrack()).toMatch(/TIME_WAIT/);
  });

  test("an answer carries the acknowledgement", () => {
    const { f, client, server, trace } = connected();
    server.onData((data) => server.send(`re: ${data}`));
    client.send("one");
    f.runMs(200);
    expect(roles(trace).slice(3)).toEqual(["data", "data", "ack"]);
  });

  test("one side may go on sending after the other has closed", () => {
    const { f, client, server } = connected();
    const got: string[] = [];
    client.onData((data) => got.push(data));
    client.close();
    f.runMs(10);
    server.send("a last word");
    f.runMs(10);
    expect(got).toEqual(["a last word"]);
  });

  test("what is sent before the connection is up goes out after the handshake; what comes before a reader is there waits", () => {
    const { f, client, server, heard } = connected();
    client.send("1");
    client.send("2");
    server.send("early");
    f.runMs(50);
    expect(heard).toEqual(["1", "2"]);
    const got: string[] = [];
    client.onData((data) => got.push(data));
    expect(got).toEqual(["early"]);
  });

  test("lost data is sent again until it arrives, in order and once", () => {
    const { f, client, heard, trace } = connected();
    f.network.partition("node-1", "node-2", true);
    client.send("a");
    client.send("b");
    f.runMs(3_000);
    expect(heard).toEqual([]);
    f.network.partition("node-1", "node-2", false);
    f.runMs(5_000);
    expect(heard).toEqual(["a", "b"]);
    const sends = trace.walks.filter((walk) => walk.role === "data").map((walk) => Math.round(((walk.hops[0]?.atUs ?? 0) - (trace.walks[3]?.hops[0]?.atUs ?? 0)) / 1000));
    expect([...new Set(sends)]).toEqual([0, 200, 600, 1_400, 3_000, 6_200]); // doubling from 200 ms
  });

  test("after fifteen retransmissions the connection is given up: i/o timeout", () => {
    const { f, client } = connected();
    const errors: (string | undefined)[] = [];
    client.onClose((error) => errors.push(error?.message));
    f.network.partition("node-1", "node-2", true);
    client.send("lost");
    f.runMs(20 * 60_000);
    expect(errors).toEqual(["i/o timeout"]);
  });

  test("data to a namespace that has forgotten the connection is reset", () => {
    const { f, client } = connected();
    const errors: (string | undefined)[] = [];
    client.onClose((error) => errors.push(error?.message));
    const { stack } = f.pod("default/b").netns as unknown as { stack: { sockets: { destroy(): void } } };
    stack.sockets.destroy();
    client.send("anybody there?");
    f.runMs(50);
    expect(errors).toEqual(["connection reset by peer"]);
  });
});

describe("binding", () => {
  const f = new NetworkFixture();
  const pod = f.addPod("default/a", "node-1");
  const listen = (port: number, ip: string): string => {
    const result = pod.netns.listenTcp(port, ip, pod.owner, () => {});
    return result.ok ? "ok" : result.error.message;
  };
  test.each([
    [80, "0.0.0.0", "ok"],
    [80, "0.0.0.0", "bind: address already in use"],
    [80, "127.0.0.1", "bind: address already in use"],
    [81, "127.0.0.1", "ok"],
    [81, "10.42.1.2", "ok"],
    [81, "0.0.0.0", "bind: address already in use"],
    [82, "::", "ok"],
    [83, "10.42.1.99", "bind: cannot assign requested address"],
    [83, "no address", "bind: cannot assign requested address"],
    [83, "::1", "ok"],
  ])("%d on %s: %s", (port, ip, expected) => {
    expect(listen(port, ip)).toBe(expected);
  });

  test("a closed listener frees its port", () => {
    const result = pod.netns.listenTcp(90, "0.0.0.0", pod.owner, () => {});
    if (!result.ok) throw new Error(result.error.message);
    result.value.close();
    expect(listen(90, "0.0.0.0")).toBe("ok");
  });

  test("a listener on localhost is refused from outside and open inside", () => {
    const g = new NetworkFixture();
    const [a, b] = [g.addPod("default/a", "node-1"), g.addPod("default/b", "node-1")];
    a.netns.listenTcp(80, "127.0.0.1", a.owner, (connection) => serveHttp(connection, (_request, respond) => respond({ status: 200 })));
    expect(g.send("default/b", `http://${a.ip}/`).outcome).toBe("connection refused (nothing listens on 10.42.1.2:80/tcp)");
    expect(g.send("default/a", "http://localhost/").outcome).toBe("200 OK from default/a");
    expect(g.send("default/a", "http://127.0.0.1/").outcome).toBe("200 OK from default/a");
    expect(b.ip).toBe("10.42.1.3");
  });
});

describe("HTTP", () => {
  const world = (): NetworkFixture => {
    const f = new NetworkFixture();
    f.addPod("default/client", "node-1");
    f.serve(f.addPod("default/web", "node-1"), 80);
    return f;
  };

  test("several requests on one connection", () => {
    const f = world();
    const got: string[] = [];
    f.pod("default/client").netns.connectTcp({ ip: f.pod("default/web").ip, port: 80 }, { timeoutUs: 1e6 }, (result) => {
      if (!result.ok) throw new Error(result.error.message);
      result.value.onData((data) => got.push(data.split("\r\n").at(-1) ?? ""));
      result.value.send("GET /1 HTTP/1.1\r\nHost: web\r\n\r\nGET /2 HTTP/1.1\r\nHost: web\r\n\r\n");
    });
    f.runMs(50);
    expect(got).toEqual(["default/web GET /1", "default/web GET /2"]);
    expect(f.pod("default/web").seen.length).toBe(1);
  });

  test("nonsense gets 400; method and body arrive", () => {
    const f = world();
    const got: string[] = [];
    f.pod("default/client").netns.connectTcp({ ip: f.pod("default/web").ip, port: 80 }, { timeoutUs: 1e6 }, (result) => {
      if (!result.ok) throw new Error(result.error.message);
      result.value.onData((data) => got.push(data.split("\r\n")[0] ?? ""));
      result.value.send("hello?\r\n\r\n");
    });
    f.runMs(50);
    expect(got).toEqual(["HTTP/1.1 400 Bad Request"]);
    expect(f.send("default/client", "http://10.42.1.3/x", { method: "POST", body: "é".repeat(100) }).response).toMatchObject({ status: 200, body: "default/web POST /x" });
  });

  test("a server that never answers: timed out", () => {
    const f = world();
    const web = f.pod("default/web");
    web.netns.listenTcp(81, "0.0.0.0", web.owner, () => {});
    const trace = f.send("default/client", "http://10.42.1.3:81/");
    expect(trace.outcome).toBe("timed out");
    expect(Math.round(((trace.endedUs ?? 0) - trace.startedUs) / 1e6)).toBe(30);
  });

  test("a server that hangs up: the client says what came", () => {
    const f = world();
    const web = f.pod("default/web");
    web.netns.listenTcp(81, "0.0.0.0", web.owner, (connection) => connection.close());
    expect(f.send("default/client", "http://10.42.1.3:81/").outcome).toBe("unexpected end of the response");
  });

  test.each([
    ["what is this", 'cannot send to "what is this": use http://name[:port]/path, host:port/tcp, host:port/udp or icmp://host'],
    ["10.42.1.3:0/tcp", 'cannot send to "10.42.1.3:0/tcp": use http://name[:port]/path, host:port/tcp, host:port/udp or icmp://host'],
    ["ftp://x/", 'cannot send to "ftp://x/": use http://name[:port]/path, host:port/tcp, host:port/udp or icmp://host'],
  ])("%s: %s", (to, outcome) => {
    expect(world().send("default/client", to).outcome).toBe(outcome);
  });

  test("from a pod that is not there", () => {
    expect(world().send("default/ghost", "http://10.42.1.3/").outcome).toBe("no such source: pod default/ghost");
  });
});

test("what listens on a machine", () => {
  const f = new NetworkFixture({ nodes: 1 });
  f.network.node("node-1").host.listenTcp(10_250, "0.0.0.0", { pod: "", container: "", process: "kubelet", pid: 700 }, () => {});
  expect(f.network.node("node-1").ss()).toBe(
    "Netid  State   Recv-Q  Send-Q  Local Address:Port     Peer Address:Port  Process\n" +
    'tcp    LISTEN  0       4096    0.0.0.0:10250          0.0.0.0:*          users:(("kubelet",pid=700,fd=3))\n',
  );
});

test("a trace as text", () => {
  const f = new NetworkFixture({ nodes: 1 });
  f.addPod("default/a", "node-1");
  const trace = f.send("default/a", "http://127.0.0.1:81/");
  const port = trace.walks[0]?.hops[0]?.before.srcPort;
  expect(f.text(trace)).toBe(`trace 1: pod default/a → http://127.0.0.1:81/: connection refused (nothing listens on 127.0.0.1:81/tcp)
1. SYN 127.0.0.1:${port} → 127.0.0.1:81 [syn] refused
   +4 node-1 default/a socket: sent by curl (default/a)
   +4 node-1 default/a lo: route local 127.0.0.1 dev lo (local table)
   +18 node-1 default/a socket: REFUSED: nothing listens on 127.0.0.1:81/tcp
2. RST 127.0.0.1:81 → 127.0.0.1:${port} [rst] delivered
   +22 node-1 default/a socket: sent by kernel
   +22 node-1 default/a lo: route local 127.0.0.1 dev lo (local table)
   +36 node-1 default/a socket: delivered to curl (default/a)
`);
});
