import { describe, expect, test } from "vitest";
import type { NamespaceObject, ServiceObject } from "../../kinds/generated/types.ts";
import type { ConnectOptions, DnsAnswer } from "../contracts.ts";
import { NetworkFixture } from "../testing/fixture.ts";
import { endpointSlice, service } from "../testing/objects.ts";
import type { PacketTrace } from "../trace/packet-trace.ts";
import { type CoreDns, createCoreDns } from "./core-dns.ts";

const DNS_PORTS = [{ name: "dns", port: 53, targetPort: 53, protocol: "UDP" }, { name: "dns-tcp", port: 53, targetPort: 53, protocol: "TCP" }];
const HTTP = { name: "http", port: 80, targetPort: 8080, protocol: "TCP" };

interface DnsWorld {
  readonly f: NetworkFixture;
  readonly dns: CoreDns;
  /** Asks from default/client as a program with this C library does. */
  resolve(name: string, options?: Partial<ConnectOptions> & { type?: "A" | "AAAA" | "SRV" | "PTR" | "CNAME" }): { answer: DnsAnswer; queries: string[]; tookMs: number };
}

function world(): DnsWorld {
  const f = new NetworkFixture();
  for (const name of ["default", "kube-system", "shop"]) f.api.put<NamespaceObject>({ apiVersion: "v1", kind: "Namespace", metadata: { name }, spec: {} });
  const client = f.addPod("default/client", "node-1");
  const pod = f.addPod("kube-system/coredns", "node-2");
  pod.netns.resolvConf = f.network.node("node-2").host.resolvConf;
  const dns = createCoreDns({ context: f.context, connection: f.api, netns: pod.netns, owner: pod.owner });
  dns.start();
  f.startProxies();
  f.addService("kube-system", { name: "kube-dns", clusterIP: "10.96.0.10", ports: DNS_PORTS }, f.at("kube-system/coredns"));
  f.addService("shop", { name: "api", clusterIP: "10.96.1.1", ports: [HTTP, { name: "admin", port: 9000, targetPort: 9000, protocol: "TCP" }] }, [{ ip: "10.42.1.9", node: "node-1" }]);
  f.addService("shop", { name: "lonely", clusterIP: "10.96.1.2", ports: [HTTP] }, []);
  f.addService("shop", { name: "db", clusterIP: "None", ports: [{ name: "sql", port: 5432, targetPort: 5432, protocol: "TCP" }] }, [
    { ip: "10.42.1.20", node: "node-1", hostname: "db-0" }, { ip: "10.42.2.20", node: "node-2", hostname: "db-1" }, { ip: "10.42.2.21", node: "node-2" }, { ip: "10.42.2.22", node: "node-2", ready: false },
  ]);
  f.addService("shop", { name: "nobody", clusterIP: "None", ports: [HTTP] }, []);
  f.api.put<ServiceObject>(service("shop", { name: "out", type: "ExternalName", externalName: "example.com", ports: [] }));
  f.api.put<ServiceObject>(service("shop", { name: "inside", type: "ExternalName", externalName: "api.shop.svc.cluster.local", ports: [] }));
  f.api.put<ServiceObject>(service("shop", { name: "void", type: "ExternalName", externalName: "nowhere.invalid", ports: [] }));
  f.runMs(100);
  return { f, dns, resolve: (name, options = {}) => ask(f, client.netns, name, options) };
}

function ask(f: NetworkFixture, netns: ReturnType<NetworkFixture["addPod"]>["netns"], name: string, options: Parameters<DnsWorld["resolve"]>[1]): ReturnType<DnsWorld["resolve"]> {
  const log = f.network.world.traces;
  log.recordAll = true;
  const trace = log.start("test", name, true);
  const answers: DnsAnswer[] = [];
  const startedUs = f.clock.now();
  netns.resolve(name, { timeoutUs: 120_000_000, trace: trace as PacketTrace, ...options }, (result) => answers.push(result));
  for (let i = 0; i < 100_000 && answers.length === 0; i++) f.clock.step();
  const [answer] = answers;
  if (answer === undefined) throw new Error("no answer");
  return { answer, queries: trace.walks.filter((walk) => walk.role === "dns-query" && walk.hops[0]?.netns === "default/client").map((walk) => walk.summary), tookMs: Math.round((f.clock.now() - startedUs) / 1000) };
}

const data = (answer: DnsAnswer): string[] => (answer.rcode === "NOERROR" ? answer.records.map((record) => `${record.type} ${record.data}`).sort() : [answer.rcode]);

describe("records", () => {
  const w = world();
  test.each([
    ["api.shop.svc.cluster.local.", "A", ["A 10.96.1.1"]],
    ["lonely.shop.svc.cluster.local.", "A", ["A 10.96.1.2"]], // even without endpoints
    ["api.shop.svc.cluster.local.", "AAAA", []],
    ["API.Shop.svc.cluster.local.", "A", ["A 10.96.1.1"]],
    ["db.shop.svc.cluster.local.", "A", ["A 10.42.1.20", "A 10.42.2.20", "A 10.42.2.21"]],
    ["nobody.shop.svc.cluster.local.", "A", ["NXDOMAIN"]],
    ["db-0.db.shop.svc.cluster.local.", "A", ["A 10.42.1.20"]],
    ["10-42-2-21.db.shop.svc.cluster.local.", "A", ["A 10.42.2.21"]],
    ["10-42-2-22.db.shop.svc.cluster.local.", "A", ["NXDOMAIN"]], // not ready
    ["10-42-1-9.api.shop.svc.cluster.local.", "A", ["A 10.42.1.9"]],
    ["_http._tcp.api.shop.svc.cluster.local.", "SRV", ["SRV 0 100 80 api.shop.svc.cluster.local."]],
    ["_http._udp.api.shop.svc.cluster.local.", "SRV", ["NXDOMAIN"]],
    ["api.shop.svc.cluster.local.", "SRV", ["SRV 0 50 80 api.shop.svc.cluster.local.", "SRV 0 50 9000 api.shop.svc.cluster.local."]],
    ["_sql._tcp.db.shop.svc.cluster.local.", "SRV", ["SRV 0 33 5432 10-42-2-21.db.shop.svc.cluster.local.", "SRV 0 33 5432 db-0.db.shop.svc.cluster.local.", "SRV 0 33 5432 db-1.db.shop.svc.cluster.local."]],
    ["out.shop.svc.cluster.local.", "A", ["A 203.0.113.10", "CNAME example.com."]],
    ["inside.shop.svc.cluster.local.", "A", ["A 10.96.1.1", "CNAME api.shop.svc.cluster.local."]],
    ["void.shop.svc.cluster.local.", "A", ["CNAME nowhere.invalid."]],
    ["10-42-1-2.shop.pod.cluster.local.", "A", ["A 10.42.1.2"]],
    ["no-address.shop.pod.cluster.local.", "A", ["NXDOMAIN"]],
    ["shop.svc.cluster.local.", "A", []],
    ["nosuch.svc.cluster.local.", "A", ["NXDOMAIN"]],
    ["svc.cluster.local.", "A", []],
    ["cluster.local.", "A", []],
    ["foo.cluster.local.", "A", ["NXDOMAIN"]],
    ["a.b.c.api.shop.svc.cluster.local.", "A", ["NXDOMAIN"]],
    ["nosuch.shop.svc.cluster.local.", "A", ["NXDOMAIN"]],
    ["1.1.96.10.in-addr.arpa.", "PTR", ["PTR api.shop.svc.cluster.local."]],
    ["20.1.42.10.in-addr.arpa.", "PTR", ["PTR db-0.db.shop.svc.cluster.local."]],
    ["9.1.42.10.in-addr.arpa.", "PTR", ["NXDOMAIN"]], // an endpoint of a Service with an address: no name; falls through to the upstream
    ["example.com.", "A", ["A 203.0.113.10"]],
    ["info.cern.ch.", "A", ["A 203.0.113.21"]],
    ["nowhere.invalid.", "A", ["NXDOMAIN"]],
  ] as const)("%s %s", (name, type, expected) => {
    expect(data(w.resolve(name, { type }).answer)).toEqual(expected);
  });

  test("cluster names live 30 seconds; names from outside are cached and count down", () => {
    const ttl = (name: string): number | undefined => {
      const { answer } = w.resolve(name, { type: "A" });
      return answer.rcode === "NOERROR" ? answer.records[0]?.ttl : undefined;
    };
    expect(ttl("api.shop.svc.cluster.local.")).toBe(30);
    w.f.runMs(40_000);
    expect(ttl("kubernetes.io.")).toBe(300); // straight from the upstream
    w.f.runMs(10_000);
    expect(ttl("kubernetes.io.")).toBeLessThanOrEqual(20);
  });
});

describe("the walk through the search list", () => {
  const w = world();
  const both = (...names: string[]): string[] => names.flatMap((name) => [`A? ${name}`, `AAAA? ${name}`]);
  test.each([
    ["glibc", "api.shop", both("api.shop.default.svc.cluster.local.", "api.shop.svc.cluster.local.")],
    ["glibc", "api.shop.svc.cluster.local.", both("api.shop.svc.cluster.local.")],
    ["glibc", "www.example.com", both("www.example.com.default.svc.cluster.local.", "www.example.com.svc.cluster.local.", "www.example.com.cluster.local.", "www.example.com.")],
    ["glibc", "www.example.com.", both("www.example.com.")],
    ["glibc", "a.b.c.d.example.com", both("a.b.c.d.example.com.", "a.b.c.d.example.com.default.svc.cluster.local.", "a.b.c.d.example.com.svc.cluster.local.", "a.b.c.d.example.com.cluster.local.")],
    ["musl", "a.b.c.d.example.com", both("a.b.c.d.example.com.")],
    ["musl", "api.shop", both("api.shop.default.svc.cluster.local.", "api.shop.svc.cluster.local.")],
    ["musl", "shop", both("shop.default.svc.cluster.local.", "shop.svc.cluster.local.")], // NODATA for a namespace: musl gives up
    ["glibc", "shop", both("shop.default.svc.cluster.local.", "shop.svc.cluster.local.", "shop.cluster.local.", "shop.")],
  ] as const)("%s %s", (resolver, name, expected) => {
    expect(w.resolve(name, { resolver }).queries).toEqual(expected);
  });

  test("a DNS packet is a cluster-IP packet like any other", () => {
    const trace = w.f.send("default/client", "http://lonely.shop/");
    expect(trace.walks[0]?.summary).toBe("A? lonely.shop.default.svc.cluster.local.");
    expect(trace.walks.map((walk) => walk.role).slice(0, 8).sort()).toEqual(["dns-query", "dns-query", "dns-query", "dns-query", "dns-reply", "dns-reply", "dns-reply", "dns-reply"]);
    const chains = trace.walks[0]?.hops.flatMap((hop) => (hop.type === "netfilter" && hop.hook === "PREROUTING" ? hop.hits.map((hit) => hit.chain) : []));
    expect(chains).toContain("KUBE-SVC-TCOU7JCQXEZGVUNU");
    expect(trace.outcome).toBe("connection refused (REJECT by KUBE-SERVICES, service shop/lonely has no endpoints)");
  });

  test("no such host", () => {
    expect(w.f.send("default/client", "http://nosuch/").outcome).toBe("no such host");
  });
});

describe("when DNS fails", () => {
  test("before its caches have arrived it answers SERVFAIL", () => {
    const f = new NetworkFixture();
    const pod = f.addPod("kube-system/coredns", "node-1");
    const client = f.addPod("default/client", "node-1");
    client.netns.resolvConf = { nameservers: [pod.ip], search: [], ndots: 1 };
    const silent = { ...f.api, informers: () => ({ ...f.api.informers(), whenSynced: () => {} }) } as unknown as typeof f.api;
    createCoreDns({ context: f.context, connection: silent, netns: pod.netns, owner: pod.owner }).start();
    expect(ask(f, client.netns, "api.shop.svc.cluster.local.", { type: "A" }).answer.rcode).toBe("SERVFAIL");
    expect(f.send("default/client", `http://${pod.ip}:8181/ready`).response?.status).toBe(503);
  });

  test("a stopped server refuses at once, twice per candidate; without endpoints the rules refuse", () => {
    const w = world();
    w.dns.stop();
    expect(w.resolve("api.shop").answer.rcode).toBe("TIMEOUT");
    w.f.api.put(endpointSlice("kube-system", "kube-dns", DNS_PORTS, []));
    w.f.runMs(2_500);
    expect(w.f.send("default/client", "http://api.shop/").outcome).toBe("temporary failure in name resolution (REJECT by KUBE-SERVICES, service kube-system/kube-dns has no endpoints)");
  });

  test("a dropped query costs five seconds per try, two tries", () => {
    const w = world();
    w.f.network.partition("node-1", "node-2", true);
    const { answer, tookMs } = w.resolve("api.shop");
    expect([answer.rcode, Math.round(tookMs / 1000)]).toEqual(["TIMEOUT", 10]);
  });

  test("the upstream is away: SERVFAIL", () => {
    const w = world();
    w.f.pod("kube-system/coredns").netns.resolvConf = { nameservers: ["203.0.113.99"], search: [], ndots: 1 };
    expect(w.resolve("github.com.", { type: "A" }).answer.rcode).toBe("SERVFAIL");
  });
});

test("an answer that does not fit a datagram is fetched over TCP", () => {
  const w = world();
  const many = Array.from({ length: 60 }, (_, i) => ({ ip: `10.42.1.${i + 100}`, node: "node-1" }));
  w.f.addService("shop", { name: "big", clusterIP: "None", ports: [HTTP] }, many);
  const { answer } = w.resolve("big.shop.svc.cluster.local.", { type: "A" });
  expect(data(answer).length).toBe(60);
});

test("health, readiness and metrics", () => {
  const w = world();
  const ip = w.f.pod("kube-system/coredns").ip;
  expect(w.f.send("node-1", `http://${ip}:8080/health`).response).toMatchObject({ status: 200, body: "OK" });
  expect(w.f.send("node-1", `http://${ip}:8181/ready`).response).toMatchObject({ status: 200, body: "OK" });
  w.resolve("api.shop");
  expect(w.f.send("node-1", `http://${ip}:9153/metrics`).response?.body).toMatch(/coredns_dns_responses_total\{rcode="NXDOMAIN",server="dns:\/\/:53",zone="\."\} 2/);
});
