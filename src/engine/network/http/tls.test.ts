import { expect, test } from "vitest";
import { NetworkFixture } from "../testing/fixture.ts";
import { serveHttp } from "./serve.ts";
import { acceptTls } from "./tls.ts";

function world(): NetworkFixture {
  const f = new NetworkFixture();
  f.addPod("default/client", "node-1");
  const web = f.addPod("default/web", "node-2");
  f.serve(web, 80);
  web.netns.listenTcp(443, "0.0.0.0", web.owner, (connection) => acceptTls(connection, (secure) => serveHttp(secure, (request, respond) => respond({ status: 200, body: `secret ${request.target}` }))));
  return f;
}

test("https: one round trip of handshake, then the request", () => {
  const trace = world().send("default/client", "https://10.42.2.2/x");
  expect([trace.outcome, trace.response?.body]).toEqual(["200 OK from default/web", "secret /x"]);
  expect(trace.walks.map((walk) => walk.summary).slice(3, 7)).toEqual(["TLS ClientHello", "TLS ServerHello", "GET /x", "200 OK"]);
});

test("https to a server that speaks plain HTTP", () => {
  expect(world().send("default/client", "https://10.42.2.2:80/").outcome).toBe("http: server gave HTTP response to HTTPS client");
});

test("plain HTTP to a server that speaks TLS", () => {
  expect(world().send("default/client", "http://10.42.2.2:443/").response).toMatchObject({ status: 400, body: "Client sent an HTTP request to an HTTPS server.\n" });
});

test("https to a port where nobody listens", () => {
  expect(world().send("default/client", "https://10.42.2.2:444/").outcome).toBe("connection refused (nothing listens on 10.42.2.2:444/tcp)");
});
