import { describe, expect, test } from "vitest";
import { formatMac } from "./addresses/mac.ts";
import { type NetworkFixture, runningExample } from "./testing/fixture.ts";
import { chainsAt, deliveredHeader, steps, walkOf } from "./testing/walk-words.ts";

/** Walks that were observed on a real kernel with the same rules. */
describe("pod → cluster IP, endpoint on the other node", () => {
  const f = runningExample();
  const trace = f.send("default/p1", "http://10.96.0.103/");
  const syn = walkOf(trace, "syn");
  const reply = walkOf(trace, "syn-ack");

  test("the request, header after each step", () => {
    expect(steps(syn)).toEqual([
      "node-1 default/p1 route default via 10.42.1.1 dev eth0: 10.42.1.2:eph → 10.96.0.103:80 ttl 64",
      "node-1 default/p1 veth: 10.42.1.2:eph → 10.96.0.103:80 ttl 64",
      "node-1 host nat/PREROUTING DNAT: 10.42.1.2:eph → 10.42.2.2:8080 ttl 64",
      "node-1 host bridge to itself: 10.42.1.2:eph → 10.42.2.2:8080 ttl 64",
      "node-1 host route 10.42.2.0/24 via 10.42.2.0 dev flannel.1 onlink: 10.42.1.2:eph → 10.42.2.2:8080 ttl 63",
      "node-1 host filter/FORWARD ACCEPT: 10.42.1.2:eph → 10.42.2.2:8080 ttl 63",
      "node-1 host encapsulate: [10.0.0.11 → 10.0.0.12] 10.42.1.2:eph → 10.42.2.2:8080 ttl 63",
      "node-1 host route 10.0.0.0/16 dev eth0: [10.0.0.11 → 10.0.0.12] 10.42.1.2:eph → 10.42.2.2:8080 ttl 63",
      "wire  to node-2: [10.0.0.11 → 10.0.0.12] 10.42.1.2:eph → 10.42.2.2:8080 ttl 63",
      "node-2 host route local 10.0.0.12: [10.0.0.11 → 10.0.0.12] 10.42.1.2:eph → 10.42.2.2:8080 ttl 63",
      "node-2 host decapsulate: 10.42.1.2:eph → 10.42.2.2:8080 ttl 63",
      "node-2 host route 10.42.2.0/24 dev cni0: 10.42.1.2:eph → 10.42.2.2:8080 ttl 62",
      "node-2 host filter/FORWARD ACCEPT: 10.42.1.2:eph → 10.42.2.2:8080 ttl 62",
      "node-2 host bridge to port: 10.42.1.2:eph → 10.42.2.2:8080 ttl 62",
      "node-2 host veth: 10.42.1.2:eph → 10.42.2.2:8080 ttl 62",
    ]);
  });

  test("the reply is un-NATed on the client's node, on its way out", () => {
    expect(steps(reply).slice(-6)).toEqual([
      "node-1 host decapsulate: 10.42.2.2:8080 → 10.42.1.2:eph ttl 63",
      "node-1 host route 10.42.1.0/24 dev cni0: 10.42.2.2:8080 → 10.42.1.2:eph ttl 62",
      "node-1 host filter/FORWARD ACCEPT: 10.42.2.2:8080 → 10.42.1.2:eph ttl 62",
      "node-1 host unDNAT: 10.96.0.103:80 → 10.42.1.2:eph ttl 62",
      "node-1 host bridge to port: 10.96.0.103:80 → 10.42.1.2:eph ttl 62",
      "node-1 host veth: 10.96.0.103:80 → 10.42.1.2:eph ttl 62",
    ]);
  });

  test("which chains the first packet meets on the client's node", () => {
    expect(chainsAt(syn, "node-1", "nat", "PREROUTING")).toEqual(["PREROUTING", "KUBE-SERVICES", "KUBE-SVC", "KUBE-SEP"]);
    expect(chainsAt(syn, "node-1", "filter", "FORWARD")).toEqual(["FORWARD", "FORWARD", "FORWARD", "FORWARD", "FORWARD", "FLANNEL-FWD"]);
    expect(chainsAt(syn, "node-1", "nat", "POSTROUTING")).toEqual(["POSTROUTING", "KUBE-POSTROUTING", "POSTROUTING", "FLANNEL-POSTRTG"]);
    expect(chainsAt(syn, "node-2", "nat", "PREROUTING")).toEqual(["PREROUTING"]);
  });

  test("nat chains are asked once: replies and later packets meet filter chains only", () => {
    for (const role of ["syn-ack", "ack", "request", "reply", "fin"] as const) {
      const walk = walkOf(trace, role);
      expect(walk.hops.filter((hop) => hop.type === "netfilter" && hop.table === "nat" && hop.after.outer === undefined), role).toEqual([]);
      expect(chainsAt(walk, "node-1", "filter", "FORWARD"), role).toEqual(["FORWARD", "KUBE-FORWARD"]);
    }
  });

  test("VXLAN adds 50 bytes and has a TTL of its own", () => {
    const encapsulation = syn.hops.find((hop) => hop.type === "encapsulate");
    expect([encapsulation?.before.length, encapsulation?.after.length, encapsulation?.after.outer?.ttl, encapsulation?.after.outer?.dstPort, encapsulation?.after.outer?.vni]).toEqual([60, 110, 64, 8472, 1]);
  });

  test("a cold start shows exactly three ARP exchanges: gateway, the other node, the pod", () => {
    const asked = trace.walks.flatMap((walk) => walk.hops.flatMap((hop) => (hop.type === "arp" && !hop.cached ? [`${hop.node} ${hop.question}`] : [])));
    expect(asked).toEqual(["node-1 Who has 10.42.1.1? Tell 10.42.1.2", "node-1 Who has 10.0.0.12? Tell 10.0.0.11", "node-2 Who has 10.42.2.2? Tell 10.42.2.1"]);
  });

  test("one conntrack line per node, and the outer packets' own", () => {
    const port = syn.hops[0]?.before.srcPort ?? 0;
    const lines = (node: string): string[] => f.network.node(node).conntrack().trim().split("\n").map((line) => line.replace(/^(\w+ +\d+) \d+/, "$1 S"));
    const reply = `src=10.42.2.2 dst=10.42.1.2 sport=8080 dport=${port} [ASSURED] mark=0 use=1`;
    expect(lines("node-1")).toContain(`tcp      6 S TIME_WAIT src=10.42.1.2 dst=10.96.0.103 sport=${port} dport=80 ${reply}`);
    expect(lines("node-2")).toContain(`tcp      6 S TIME_WAIT src=10.42.1.2 dst=10.42.2.2 sport=${port} dport=8080 ${reply}`);
    for (const node of ["node-1", "node-2"]) expect(lines(node).filter((line) => line.startsWith("udp")).every((line) => line.includes("dport=8472 [UNREPLIED]"))).toBe(true);
  });

  test("a copy to another thread carries everything that the contract names, and nothing else", () => {
    const copy = structuredClone(trace) as typeof trace;
    expect(f.text(copy)).toBe(f.text(trace));
    expect(Object.keys(copy).sort()).toEqual(["answeredBy", "causeId", "endedUs", "from", "id", "outcome", "response", "startedUs", "status", "to", "walks"]);
    expect(Object.keys(copy.walks[0] ?? {}).sort()).toEqual(["end", "hops", "index", "role", "summary"]);
  });

  test("the trace says who owns each rule", () => {
    const owners = syn.hops.flatMap((hop) => (hop.type === "netfilter" && hop.hook === "PREROUTING" && hop.node === "node-1" && hop.after.outer === undefined ? hop.hits.map((hit) => (hit.owner === undefined ? "" : `${hit.owner.kind} ${hit.owner.name}`)) : []));
    expect(owners).toEqual(["", "Service far", "EndpointSlice far-abcde", "EndpointSlice far-abcde"]);
  });
});

describe("pod → cluster IP, endpoint on the same node: the frame is re-bridged", () => {
  const f = runningExample();
  const trace = f.send("default/p1", "http://10.96.0.102/");

  test("TTL stays 64, the source MAC stays the client's, the destination MAC becomes the endpoint's", () => {
    const delivered = deliveredHeader(walkOf(trace, "syn"));
    expect(delivered.ttl).toBe(64);
    expect([delivered.ethSrc, delivered.ethDst]).toEqual([macOf(f, "default/p1"), macOf(f, "default/p2")]);
  });

  test("the reply comes straight from the pod's MAC with the service's address", () => {
    const delivered = deliveredHeader(walkOf(trace, "syn-ack"));
    expect([delivered.ipSrc, delivered.srcPort, delivered.ttl, delivered.ethSrc]).toEqual(["10.96.0.102", 80, 64, macOf(f, "default/p2")]);
  });

  test("without bridge-nf-call-iptables the reply is not un-NATed and the connection times out", () => {
    const broken = runningExample();
    broken.network.node("node-1").stack.bridgeNfCallIptables = false;
    const result = broken.send("default/p1", "http://10.96.0.102/");
    expect(result.outcome).toMatch(/^timed out/);
    expect(walkOf(result, "syn-ack").hops.at(-1)?.after).toMatchObject({ ipSrc: "10.42.1.3", srcPort: 8080 });
    expect(deliveredHeader(walkOf(result, "syn")).ttl).toBe(63);
    expect(broken.network.node("node-1").conntrack()).toMatch(/SYN_SENT src=10\.42\.1\.2 dst=10\.96\.0\.102 sport=\d+ dport=80 \[UNREPLIED\]/);
    expect(broken.send("default/p1", "http://10.96.0.103/").outcome).toBe("200 OK from default/p3"); // across nodes it works
  });
});

describe("hairpin: a pod reaches itself through its Service", () => {
  test("masqueraded with the bridge's address, out of the port it came in on", () => {
    const f = runningExample();
    const trace = f.send("default/p1", "http://10.96.0.101/");
    expect(trace.outcome).toBe("200 OK from default/p1");
    expect(f.pod("default/p1").seen).toEqual(["10.42.1.1"]);
    const delivered = deliveredHeader(walkOf(trace, "syn"));
    expect([delivered.ethSrc, delivered.ethDst, delivered.ttl]).toEqual([macOf(f, "default/p1"), macOf(f, "default/p1"), 64]);
    expect(f.network.node("node-1").conntrack()).toMatch(/src=10\.42\.1\.2 dst=10\.96\.0\.101 sport=(\d+) dport=80 src=10\.42\.1\.2 dst=10\.42\.1\.1 sport=8080 dport=\d+/);
  });

  test("without hairpin mode the frame is dropped silently", () => {
    const f = runningExample();
    for (const device of f.network.node("node-1").stack.devices) device.hairpin = false;
    expect(f.send("default/p1", "http://10.96.0.101/").outcome).toBe("timed out (hairpin mode is off: a frame does not leave by the port that it came in on)");
  });
});

test("node process → cluster IP: masqueraded with flannel.1's address; OUTPUT still sees the old way out", () => {
  const f = runningExample();
  const syn = walkOf(f.send("node-1", "http://10.96.0.103/"), "syn");
  expect(steps(syn).slice(0, 5)).toEqual([
    "node-1 host route default via 10.0.0.1 dev eth0: 10.0.0.11:eph → 10.96.0.103:80 ttl 64",
    "node-1 host nat/OUTPUT DNAT: 10.0.0.11:eph → 10.42.2.2:8080 ttl 64",
    "node-1 host route 10.42.2.0/24 via 10.42.2.0 dev flannel.1 onlink: 10.0.0.11:eph → 10.42.2.2:8080 ttl 64",
    expect.stringMatching(/^node-1 host nat\/POSTROUTING MASQUERADE: 10\.42\.1\.0:\w+ → 10\.42\.2\.2:8080 ttl 64$/),
    expect.stringMatching(/encapsulate/),
  ]);
  expect(chainsAt(syn, "node-1", "nat", "OUTPUT")).toEqual(["OUTPUT", "KUBE-SERVICES", "KUBE-SVC", "KUBE-MARK-MASQ", "KUBE-SVC", "KUBE-SEP"]);
  expect(chainsAt(syn, "node-1", "filter", "OUTPUT")).toEqual(["OUTPUT", "OUTPUT", "OUTPUT"]);
  expect(deliveredHeader(syn).ttl).toBe(63);
});

test("outside → node port, remote endpoint: masqueraded and forwarded, two node hops", () => {
  const f = runningExample();
  const trace = f.send("external", "http://10.0.0.11:30103/");
  const syn = walkOf(trace, "syn");
  expect(trace.outcome).toBe("200 OK from default/p3");
  expect(chainsAt(syn, "node-1", "nat", "PREROUTING")).toEqual(["PREROUTING", "KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-EXT", "KUBE-MARK-MASQ", "KUBE-EXT", "KUBE-SVC", "KUBE-SEP"]);
  expect(chainsAt(syn, "node-1", "filter", "FORWARD").at(-1)).toBe("KUBE-FORWARD"); // by the mark
  expect(deliveredHeader(syn)).toMatchObject({ ipSrc: "10.42.1.0", ttl: 61 }); // router, node-1 and node-2
  expect(deliveredHeader(walkOf(trace, "syn-ack"))).toMatchObject({ ipSrc: "10.0.0.11", srcPort: 30103 });
});

test("a load balancer's address that is not served is routed, and stopped in FORWARD", () => {
  const f = runningExample();
  const trace = f.send("external", "http://10.0.0.202/");
  expect(trace.outcome).toMatch(/^timed out \(DROP by KUBE-PROXY-FIREWALL, service default\/guard traffic not accepted by KUBE-FW-/);
  expect(walkOf(trace, "syn").hops.some((hop) => hop.type === "netfilter" && hop.hook === "FORWARD" && hop.verdict === "DROP")).toBe(true);
});

describe("REJECT", () => {
  const f = runningExample();
  test.each([
    ["default/p1", "http://10.96.0.106/", "KUBE-SERVICES", "10.42.1.1", 63],
    ["node-1", "http://10.96.0.106/", "KUBE-SERVICES", "10.0.0.11", 64],
    ["external", "http://10.0.0.11:30106/", "KUBE-EXTERNAL-SERVICES", "10.0.0.11", 63],
  ])("from %s to %s by %s: port unreachable from %s at once", (from, to, chain, icmpFrom, quotedTtl) => {
    const before = f.clock.now();
    const trace = f.send(from, to);
    expect(trace.outcome).toBe(`connection refused (REJECT by ${chain}, service default/empty has no endpoints)`);
    expect(f.clock.now() - before).toBeLessThan(50_000);
    const error = walkOf(trace, "icmp-error");
    expect(error.hops[0]?.after).toMatchObject({ ipSrc: icmpFrom, icmp: { type: 3, code: 3 } });
    expect(walkOf(trace, "syn").hops.at(-1)?.before.ttl).toBe(quotedTtl);
    expect(f.network.node("node-1").conntrack()).not.toContain("dst=10.96.0.106");
  });
});

/** "What the server sees", and through whom. */
describe("sources", () => {
  test.each([
    ["default/p1", "http://10.42.1.3:8080/", "default/p2", "10.42.1.2"],
    ["default/p1", "http://10.42.2.2:8080/", "default/p3", "10.42.1.2"],
    ["default/p1", "http://10.96.0.102/", "default/p2", "10.42.1.2"],
    ["default/p1", "http://10.96.0.103/", "default/p3", "10.42.1.2"],
    ["default/p1", "http://10.96.0.101/", "default/p1", "10.42.1.1"],
    ["node-1", "http://10.96.0.102/", "default/p2", "10.42.1.1"],
    ["node-1", "http://10.96.0.103/", "default/p3", "10.42.1.0"],
    ["node-1", "http://10.42.1.2:8080/", "default/p1", "10.42.1.1"],
    ["node-1", "http://10.42.2.2:8080/", "default/p3", "10.42.1.0"],
    ["external", "http://10.0.0.11:30102/", "default/p2", "10.42.1.1"],
    ["external", "http://10.0.0.11:30103/", "default/p3", "10.42.1.0"],
    ["external", "http://10.0.0.12:30103/", "default/p3", "10.42.2.1"],
    ["external", "http://10.0.0.12:30104/", "default/p3", "203.0.113.50"],
    ["external", "http://10.0.0.201/", "default/p3", "10.42.1.0"],
    ["default/p1", "http://10.0.0.11:30103/", "default/p3", "10.42.1.0"],
    ["default/p1", "http://10.0.0.11:30104/", "default/p3", "10.42.1.2"],
    ["default/p1", "http://10.0.0.12:30104/", "default/p3", "10.0.0.11"],
    ["default/p1", "http://10.0.0.201/", "default/p3", "10.42.1.0"],
    ["node-1", "http://127.0.0.1:30102/", "default/p2", "10.42.1.1"],
    ["node-1", "http://127.0.0.1:30103/", "default/p3", "10.42.1.0"],
  ])("%s → %s: %s sees %s", (from, to, server, source) => {
    const f = runningExample();
    const trace = f.send(from, to);
    expect(trace.outcome, f.text(trace)).toBe(`200 OK from ${server}`);
    expect(f.pod(server).seen).toEqual([source]);
    expect(trace.response?.body).toBe(`${server} GET /`);
    expect(trace.answeredBy).toBe(server);
  });

  test("a pod reaches the outside masqueraded as its node", () => {
    const f = runningExample();
    const trace = f.send("default/p1", "http://203.0.113.10/");
    expect(trace.outcome).toBe("200 OK from node internet");
    expect(deliveredHeader(walkOf(trace, "syn")).ipSrc).toBe("10.0.0.11");
  });
});

describe("what does not get through, and how", () => {
  test.each([
    ["external", "http://10.0.0.11:30104/", "timed out (DROP by KUBE-EXTERNAL-SERVICES, service default/keep has no local endpoints)"],
    ["default/p1", "http://10.96.0.99/", "timed out (no route to 10.96.0.99 (blackhole 10.0.0.0/8))"],
    ["default/p1", "icmp://10.96.0.103", "timed out (no route to 10.96.0.103 (blackhole 10.0.0.0/8))"],
    ["external", "http://10.42.1.2:8080/", "timed out (no route to 10.42.1.2 (blackhole 10.0.0.0/8))"],
    ["external", "http://10.96.0.103/", "timed out (no route to 10.96.0.103 (blackhole 10.0.0.0/8))"],
    ["default/p1", "http://10.42.1.3:81/", "connection refused (nothing listens on 10.42.1.3:81/tcp)"],
    ["default/p1", "10.42.2.2:81/tcp", "connection refused (nothing listens on 10.42.2.2:81/tcp)"],
    ["default/p1", "10.42.2.2:53/udp", "connection refused (nothing listens on 10.42.2.2:53/udp)"],
    ["external", "http://10.0.0.11:30999/", "connection refused (nothing listens on 10.0.0.11:30999/tcp)"],
    ["default/p1", "http://10.42.1.77/", "no route to host (no answer to ARP for 10.42.1.77)"],
  ])("%s → %s: %s", (from, to, outcome) => {
    const f = runningExample();
    expect(f.send(from, to).outcome).toBe(outcome);
  });

  test("an address that nobody answers for costs three seconds; retransmissions wait with it", () => {
    const f = runningExample();
    const trace = f.send("default/p1", "http://10.42.1.77/");
    expect(Math.round(((trace.endedUs ?? 0) - trace.startedUs) / 1e6)).toBe(3);
  });

  test("a dropped SYN is sent again after 1, 3, 7 and 15 seconds", () => {
    const f = runningExample();
    const trace = f.send("external", "http://10.0.0.11:30104/");
    expect(trace.walks.map((walk) => Math.round(((walk.hops[0]?.atUs ?? 0) - trace.startedUs) / 1e6))).toEqual([0, 1, 3, 7, 15]);
  });
});

test("session affinity keeps a client with its endpoint, per node and per source", () => {
  const f = runningExample();
  const first = f.send("default/p1", "http://10.96.0.105/").answeredBy;
  for (let i = 0; i < 6; i++) expect(f.send("default/p1", "http://10.96.0.105/").answeredBy).toBe(first);
  const servers = new Set(Array.from({ length: 12 }, (_, seed) => runningExample(seed + 2).send("default/p1", "http://10.96.0.105/").answeredBy));
  expect(servers.size).toBe(3);
});

test("connections spread over the endpoints, and the draw is in the trace", () => {
  const f = runningExample();
  f.addService("default", { name: "spread", clusterIP: "10.96.0.120", ports: [{ name: "http", port: 80, targetPort: 8080, protocol: "TCP" }] }, f.at("default/p1", "default/p2", "default/p3"));
  const counts = new Map<string, number>();
  for (let i = 0; i < 300; i++) {
    const trace = f.send("default/p3", "http://10.96.0.120/");
    counts.set(trace.answeredBy ?? "", (counts.get(trace.answeredBy ?? "") ?? 0) + 1);
    const draws = walkOf(trace, "syn").hops.flatMap((hop) => (hop.type === "netfilter" ? hop.hits.filter((hit) => hit.rule.includes("--mode random")) : []));
    for (const hit of draws) expect(hit.draw).toSatisfy((draw: number) => draw >= 0 && draw < 1);
  }
  for (const pod of ["default/p1", "default/p2", "default/p3"]) expect(counts.get(pod)).toSatisfy((n: number) => n > 70 && n < 130);
});

test("UDP goes the same way; the reply comes from the service's address", () => {
  const f = runningExample();
  f.serveUdp(f.pod("default/p3"), 5353);
  f.addService("default", { name: "echo", clusterIP: "10.96.0.130", ports: [{ name: "echo", port: 53, targetPort: 5353, protocol: "UDP" }] }, f.at("default/p3"));
  const trace = f.send("default/p1", "10.96.0.130:53/udp", { body: "hello" });
  expect(trace.outcome).toBe("reply from default/p3");
  expect(trace.response?.body).toBe("default/p3: hello");
  expect(f.network.node("node-1").conntrack()).toMatch(/udp {6}17 \d+ src=10\.42\.1\.2 dst=10\.96\.0\.130 sport=\d+ dport=53 src=10\.42\.2\.2 dst=10\.42\.1\.2 sport=5353/);
});

describe("ping", () => {
  test.each([
    ["default/p1", "icmp://10.42.1.3", 64],
    ["default/p1", "icmp://10.42.2.2", 62],
    ["default/p1", "icmp://10.0.0.12", 63],
    ["external", "icmp://10.0.0.11", 63],
    ["node-1", "icmp://127.0.0.1", 64],
  ])("%s → %s arrives with ttl %d", (from, to, ttl) => {
    const f = runningExample();
    expect(f.send(from, to).outcome).toMatch(new RegExp(`^reply in \\d+ µs, ttl ${ttl}, from `));
  });
});

test("a pod in which no process ever opened a socket answers a ping, refuses a connection and rejects a datagram", () => {
  const f = runningExample();
  const { ip } = f.addPod("default/silent", "node-2");
  expect(f.send("default/p1", `http://${ip}:8080/`).outcome).toMatch(/^connection refused/);
  const { ip: second } = f.addPod("default/silent-too", "node-1");
  expect(f.send("default/p1", `icmp://${second}`).outcome).toMatch(/^reply in \d+ µs, ttl 64, from /);
  const { ip: third } = f.addPod("default/silent-as-well", "node-2");
  expect(f.send("default/p1", `${third}:53/udp`, { body: "hello" }).outcome).toMatch(/refused/);
});

test("a machine that is off, a partition, a deleted pod", () => {
  const f = runningExample();
  expect(f.send("default/p1", "http://10.42.2.2:8080/").outcome).toBe("200 OK from default/p3");
  f.network.partition("node-1", "node-2", true);
  expect(f.send("default/p1", "http://10.42.2.2:8080/").outcome).toBe("timed out (network partition between node-1 and node-2)");
  f.network.partition("node-1", "node-2", false);
  expect(f.send("default/p1", "http://10.42.2.2:8080/").outcome).toBe("200 OK from default/p3");
  f.network.removeNode("node-2");
  expect(f.send("default/p1", "http://10.42.2.2:8080/").outcome).toMatch(/^(no route to host|timed out)/);
  f.network.node("node-1").cni.deleteNetns(f.pod("default/p2").containerId);
  expect(f.send("default/p1", "http://10.42.1.3:8080/").outcome).toMatch(/^(no route to host|timed out)/);
});

const macOf = (f: NetworkFixture, pod: string): string => {
  const { stack } = f.pod(pod).netns as unknown as { stack: { device(name: string): { mac: number } | undefined } };
  return formatMac(stack.device("eth0")?.mac ?? 0);
};
