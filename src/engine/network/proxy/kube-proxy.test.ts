import { describe, expect, test } from "vitest";
import { NetworkFixture } from "../testing/fixture.ts";
import { endpointSlice, service } from "../testing/objects.ts";

const HTTP = { name: "http", port: 80, targetPort: 8080, protocol: "TCP" };
const WEB = { name: "web", clusterIP: "10.96.5.10", ports: [HTTP] };

function withPods(): NetworkFixture {
  const f = new NetworkFixture();
  for (const [name, node] of [["a", "node-1"], ["b", "node-2"], ["client", "node-1"]] as const) f.serve(f.addPod(`default/${name}`, node));
  return f;
}

const nat = (f: NetworkFixture, node = "node-1"): string => f.network.node(node).iptablesSave("nat");

describe("rules follow the API", () => {
  test("the jumps stand in upstream's order, CNI's after them", () => {
    const f = withPods();
    f.startProxies();
    const jumps = (chain: string): string[] => [...f.network.node("node-1").iptablesSave().matchAll(new RegExp(`^-A ${chain} .*-j (\\S+)$`, "gm"))].map((m) => m[1] ?? "");
    expect(jumps("INPUT")).toEqual(["KUBE-PROXY-FIREWALL", "KUBE-NODEPORTS", "KUBE-EXTERNAL-SERVICES", "KUBE-FIREWALL"]);
    expect(jumps("FORWARD")).toEqual(["KUBE-PROXY-FIREWALL", "KUBE-FORWARD", "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "FLANNEL-FWD"]);
    expect(jumps("OUTPUT")).toEqual(["KUBE-PROXY-FIREWALL", "KUBE-SERVICES", "KUBE-FIREWALL", "KUBE-SERVICES"]); // filter, then nat
    expect(jumps("POSTROUTING")).toEqual(["KUBE-POSTROUTING", "FLANNEL-POSTRTG"]);
    expect(jumps("PREROUTING")).toEqual(["KUBE-SERVICES"]);
  });

  test("Service and endpoints come and go", () => {
    const f = withPods();
    f.startProxies();
    f.addService("default", WEB, []);
    expect(f.send("default/client", "http://10.96.5.10/").outcome).toMatch(/^connection refused \(REJECT/);
    f.api.put(endpointSlice("default", "web", [HTTP], f.at("default/a")));
    f.runMs(2_500);
    expect(f.send("default/client", "http://10.96.5.10/").outcome).toBe("200 OK from default/a");
    f.api.put(endpointSlice("default", "web", [HTTP], f.at("default/b")));
    f.runMs(2_500);
    expect(f.send("default/client", "http://10.96.5.10/").outcome).toBe("200 OK from default/b");
    f.api.remove("EndpointSlice", { namespace: "default", name: "web-abcde" });
    f.api.remove("Service", { namespace: "default", name: "web" });
    f.runMs(2_500);
    expect(nat(f)).not.toMatch(/KUBE-S(VC|EP)-/);
    expect(f.send("default/client", "http://10.96.5.10/").outcome).toMatch(/^timed out/);
  });

  test("terminating endpoints are used only when nothing is ready", () => {
    const f = withPods();
    f.startProxies();
    const [a] = f.at("default/a");
    const [b] = f.at("default/b");
    if (a === undefined || b === undefined) throw new Error("pods");
    const leaving = { ...a, ready: false, serving: true, terminating: true };
    f.addService("default", WEB, [leaving, b]);
    expect(f.send("default/client", "http://10.96.5.10/").answeredBy).toBe("default/b");
    expect(nat(f)).not.toContain(`--to-destination ${a.ip}:8080`);
    f.api.put(endpointSlice("default", "web", [HTTP], [leaving, { ...b, ready: false }]));
    f.runMs(2_500);
    expect(f.send("default/client", "http://10.96.5.10/").answeredBy).toBe("default/a");
  });

  test("zone hints keep traffic in the zone, if every endpoint has them and one is for us", () => {
    const f = withPods();
    const node = f.api.get<{ metadata: object } & Parameters<typeof f.api.put>[0]>("Node", { namespace: "", name: "node-1" });
    if (node === undefined) throw new Error("node");
    f.api.put({ ...node, metadata: { ...node.metadata, labels: { "topology.kubernetes.io/zone": "zone-a" } } });
    f.startProxies();
    const [a, b] = f.at("default/a", "default/b");
    if (a === undefined || b === undefined) throw new Error("pods");
    f.addService("default", WEB, [{ ...a, zones: ["zone-a"] }, { ...b, zones: ["zone-b"] }]);
    expect([nat(f).includes(`-> ${a.ip}`), nat(f).includes(`-> ${b.ip}`)]).toEqual([true, false]);
    expect([nat(f, "node-2").includes(`-> ${a.ip}`), nat(f, "node-2").includes(`-> ${b.ip}`)]).toEqual([true, true]); // this node has no zone
  });
});

describe("when rules are written", () => {
  test("nothing before the first lists have arrived, then at once", () => {
    const f = new NetworkFixture();
    f.api.put(service("default", WEB));
    f.startProxies();
    expect(nat(f)).toContain("KUBE-SERVICES");
  });

  test("a burst of two, then one sync per second; the last change is never lost", () => {
    const f = withPods();
    const syncs: number[] = [];
    f.context.journal.write = (entry) => void (entry.step === "proxy-sync" && entry.phase === "end" && entry.node === "node-1" && syncs.push(f.clock.now()));
    Object.assign(f.context.journal, { enabled: true });
    f.startProxies();
    syncs.length = 0;
    f.api.put(service("default", WEB));
    for (let i = 0; i < 40; i++) {
      f.api.put(endpointSlice("default", "web", [HTTP], f.at(i % 2 === 0 ? "default/a" : "default/b")));
      f.runMs(100);
    }
    f.runMs(3_000);
    expect(syncs.length).toBeGreaterThanOrEqual(4);
    expect(syncs.length).toBeLessThanOrEqual(8);
    expect(f.send("default/client", "http://10.96.5.10/").answeredBy).toBe("default/b");
  });

  test("a stopped proxy leaves stale rules; started again it catches up", () => {
    const f = withPods();
    f.startProxies();
    f.addService("default", WEB, f.at("default/a"));
    f.proxies.get("node-1")?.stop();
    f.api.put(endpointSlice("default", "web", [HTTP], f.at("default/b")));
    f.runMs(5_000);
    expect(f.send("default/client", "http://10.96.5.10/").answeredBy).toBe("default/a");
    expect(f.send("node-2", "http://10.96.5.10/").answeredBy).toBe("default/b");
    f.proxies.get("node-1")?.start();
    f.runMs(2_500);
    expect(f.send("default/client", "http://10.96.5.10/").answeredBy).toBe("default/b");
  });

  test("a partial sync leaves the chains of other Services and their counters alone", () => {
    const f = withPods();
    f.startProxies();
    f.addService("default", WEB, f.at("default/a"));
    f.send("default/client", "http://10.96.5.10/");
    const chain = [...(f.network.node("node-1").netfilter.get("nat")?.chains.values() ?? [])].find((candidate) => candidate.name.startsWith("KUBE-SEP-"));
    expect(chain?.packetsOf(1)).toBe(1);
    f.addService("default", { ...WEB, name: "other", clusterIP: "10.96.5.11" }, f.at("default/b"));
    expect(chain?.packetsOf(1)).toBe(1);
  });
});

describe("connections and changing endpoints", () => {
  test("an open TCP connection keeps its endpoint", () => {
    const f = withPods();
    f.startProxies();
    f.addService("default", WEB, f.at("default/a"));
    const got: string[] = [];
    const client = f.pod("default/client");
    client.netns.connectTcp({ ip: "10.96.5.10", port: 80 }, { timeoutUs: 1e6 }, (result) => {
      if (!result.ok) throw new Error(result.error.message);
      result.value.onData((data) => got.push(data.split("\r\n").at(-1) ?? ""));
      f.clock.after(5_000_000, "later", () => result.value.send("GET / HTTP/1.1\r\nHost: web\r\n\r\n"));
    });
    f.runMs(100);
    f.api.put(endpointSlice("default", "web", [HTTP], f.at("default/b")));
    f.runMs(10_000);
    expect(got).toEqual(["default/a GET /"]);
  });

  test("a UDP flow to an endpoint that is gone is forgotten, one to a serving endpoint is kept", () => {
    const f = withPods();
    const DNS = { name: "dns", port: 53, targetPort: 5353, protocol: "UDP" };
    for (const pod of ["default/a", "default/b"]) f.serveUdp(f.pod(pod), 5353);
    f.startProxies();
    f.addService("default", { name: "dns", clusterIP: "10.96.5.20", ports: [DNS] }, f.at("default/a"));
    expect(f.send("default/client", "10.96.5.20:53/udp", { body: "x" }).answeredBy).toBe("default/a");
    expect(f.network.node("node-1").conntrack()).toContain("dst=10.96.5.20");
    f.api.put(endpointSlice("default", "dns", [DNS], f.at("default/a", "default/b")));
    f.runMs(2_000);
    expect(f.network.node("node-1").conntrack()).toContain("dst=10.96.5.20");
    f.api.put(endpointSlice("default", "dns", [DNS], f.at("default/b")));
    f.runMs(2_000);
    expect(f.network.node("node-1").conntrack()).not.toContain("dst=10.96.5.20");
  });
});

test("above a thousand endpoints the comments of balancing rules are left out", () => {
  const f = withPods();
  f.startProxies();
  f.addService("default", WEB, f.at("default/a"));
  expect(nat(f)).toContain("default/web:http -> ");
  const many = Array.from({ length: 1_001 }, (_, i) => ({ ip: `10.42.${100 + Math.floor(i / 250)}.${(i % 250) + 2}`, node: "node-2" }));
  f.addService("default", { ...WEB, name: "many", clusterIP: "10.96.5.30" }, many);
  expect(nat(f)).not.toContain(" -> ");
  expect(f.send("default/client", "http://10.96.5.10/").answeredBy).toBe("default/a");
  f.api.remove("EndpointSlice", { namespace: "default", name: "many-abcde" });
  f.runMs(2_500);
  expect(nat(f)).toContain("default/web:http -> ");
});

test("health: kube-proxy's own, and the node port that a load balancer asks", () => {
  const f = withPods();
  f.startProxies();
  expect(f.send("external", "http://10.0.0.11:10256/healthz").response?.status).toBe(200);
  expect(f.send("node-1", "http://127.0.0.1:10249/proxyMode").response?.body).toBe("iptables");
  f.addService("default", { ...WEB, type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: 32_100, vips: ["10.0.0.201"] }, f.at("default/a"));
  const here = f.send("external", "http://10.0.0.11:32100/").response;
  expect([here?.status, here?.headers["x-load-balancing-endpoint-weight"], here?.body]).toEqual([200, "1", '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "web"\n\t},\n\t"localEndpoints": 1,\n\t"serviceProxyHealthy": true\n}']);
  expect(f.send("external", "http://10.0.0.12:32100/").response?.status).toBe(503);
});
