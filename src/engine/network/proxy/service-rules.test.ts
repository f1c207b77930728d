import { describe, expect, test } from "vitest";
import type { EndpointSliceObject, ServiceObject } from "../../kinds/generated/types.ts";
import { ipOf } from "../addresses/ip.ts";
import { ruleText } from "../netfilter/rule-text.ts";
import { endpointSlice, service } from "../testing/objects.ts";
import { chainHash } from "./chain-names.ts";
import { RuleCache } from "./rule-cache.ts";
import { DEFAULT_SETTINGS, type NodeFacts, type RuleSettings } from "./service-rules.ts";

const NODE_1: NodeFacts = { name: "node1", zone: undefined, address: ipOf("192.168.1.11") };
const SETTINGS: RuleSettings = { ...DEFAULT_SETTINGS, clusterCIDR: "10.244.0.0/16" };

/** Rules as iptables-restore is fed, "*table" before the first of each. */
function written(object: ServiceObject, slices: readonly EndpointSliceObject[], settings = SETTINGS, node = NODE_1): string {
  const block = new RuleCache().block(object, slices, node, settings, false);
  const lines: string[] = [];
  for (const table of ["filter", "nat"] as const) {
    const rules = block.ports.flatMap((port) => port[table]);
    if (rules.length > 0) lines.push(`*${table}`, ...rules.map((rule) => `-A ${rule.chain} ${rule.written}`));
  }
  return lines.join("\n");
}

const http = { name: "http", port: 80, targetPort: 8080, protocol: "TCP" };
const local = { ip: "10.244.1.5", node: "node1" };
const remote = { ip: "10.244.2.7", node: "node2" };

const EDGE = {
  name: "edge", clusterIP: "10.96.5.12", type: "LoadBalancer", ports: [{ ...http, nodePort: 30081 }], externalTrafficPolicy: "Local", healthCheckNodePort: 32100,
  externalIPs: ["203.0.113.10"], loadBalancerSourceRanges: ["198.51.100.0/24"], vips: ["192.168.1.240"],
};

describe("chain names", () => {
  test.each([
    ["default/kubernetes:https", "tcp", "", "NPX46M4PTMTKRN6Y"],
    ["kube-system/kube-dns:dns", "udp", "", "TCOU7JCQXEZGVUNU"],
    ["kube-system/kube-dns:dns-tcp", "tcp", "", "ERIFXISQEP7F7OF4"],
    ["kube-system/kube-dns:metrics", "tcp", "", "JD5MR3NA4I4DYORP"],
    ["demo/web:http", "tcp", "", "XRY76EGRC3BSCIIJ"],
    ["demo/web:http", "tcp", "10.244.1.5:8080", "NW5VICAF3Z2QABHQ"],
  ])("%s %s %s", (port, protocol, endpoint, expected) => {
    expect(chainHash(port, protocol, endpoint)).toBe(expected);
  });
});

/** The expected texts were produced by upstream's generator for these objects. */
describe("rules to the character", () => {
  test("ClusterIP with three endpoints", () => {
    const rules = written(service("demo", { name: "web", clusterIP: "10.96.5.10", ports: [http] }), [endpointSlice("demo", "web", [http], [local, { ip: "10.244.1.6", node: "node1" }, remote])]);
    expect(rules).toBe(`*nat
-A KUBE-SERVICES -m comment --comment "demo/web:http cluster IP" -m tcp -p tcp -d 10.96.5.10 --dport 80 -j KUBE-SVC-XRY76EGRC3BSCIIJ
-A KUBE-SVC-XRY76EGRC3BSCIIJ -m comment --comment "demo/web:http cluster IP" -m tcp -p tcp -d 10.96.5.10 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ
-A KUBE-SVC-XRY76EGRC3BSCIIJ -m comment --comment "demo/web:http -> 10.244.1.5:8080" -m statistic --mode random --probability 0.3333333333 -j KUBE-SEP-NW5VICAF3Z2QABHQ
-A KUBE-SVC-XRY76EGRC3BSCIIJ -m comment --comment "demo/web:http -> 10.244.1.6:8080" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-WPKHCCJ4IOIK2K7I
-A KUBE-SVC-XRY76EGRC3BSCIIJ -m comment --comment "demo/web:http -> 10.244.2.7:8080" -j KUBE-SEP-JPICTQTYOLMYNIJ7
-A KUBE-SEP-NW5VICAF3Z2QABHQ -m comment --comment demo/web:http -s 10.244.1.5 -j KUBE-MARK-MASQ
-A KUBE-SEP-NW5VICAF3Z2QABHQ -m comment --comment demo/web:http -m tcp -p tcp -j DNAT --to-destination 10.244.1.5:8080
-A KUBE-SEP-WPKHCCJ4IOIK2K7I -m comment --comment demo/web:http -s 10.244.1.6 -j KUBE-MARK-MASQ
-A KUBE-SEP-WPKHCCJ4IOIK2K7I -m comment --comment demo/web:http -m tcp -p tcp -j DNAT --to-destination 10.244.1.6:8080
-A KUBE-SEP-JPICTQTYOLMYNIJ7 -m comment --comment demo/web:http -s 10.244.2.7 -j KUBE-MARK-MASQ
-A KUBE-SEP-JPICTQTYOLMYNIJ7 -m comment --comment demo/web:http -m tcp -p tcp -j DNAT --to-destination 10.244.2.7:8080`);
  });

  test("NodePort with session affinity", () => {
    const object = service("demo", { name: "shop", clusterIP: "10.96.5.11", type: "NodePort", ports: [{ ...http, nodePort: 30080 }], sessionAffinity: "ClientIP" });
    expect(written(object, [endpointSlice("demo", "shop", [http], [local, remote])])).toBe(`*nat
-A KUBE-SERVICES -m comment --comment "demo/shop:http cluster IP" -m tcp -p tcp -d 10.96.5.11 --dport 80 -j KUBE-SVC-6EH4WSJZHKFFT4HP
-A KUBE-NODEPORTS -m comment --comment demo/shop:http -m tcp -p tcp -d 127.0.0.0/8 --dport 30080 -m nfacct --nfacct-name localhost_nps_accepted_pkts -j KUBE-EXT-6EH4WSJZHKFFT4HP
-A KUBE-NODEPORTS -m comment --comment demo/shop:http -m tcp -p tcp --dport 30080 -j KUBE-EXT-6EH4WSJZHKFFT4HP
-A KUBE-SVC-6EH4WSJZHKFFT4HP -m comment --comment "demo/shop:http cluster IP" -m tcp -p tcp -d 10.96.5.11 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ
-A KUBE-EXT-6EH4WSJZHKFFT4HP -m comment --comment "masquerade traffic for demo/shop:http external destinations" -j KUBE-MARK-MASQ
-A KUBE-EXT-6EH4WSJZHKFFT4HP -j KUBE-SVC-6EH4WSJZHKFFT4HP
-A KUBE-SVC-6EH4WSJZHKFFT4HP -m comment --comment "demo/shop:http -> 10.244.1.5:8080" -m recent --name KUBE-SEP-GC5FONBER3Y54WQD --rcheck --seconds 10800 --reap -j KUBE-SEP-GC5FONBER3Y54WQD
-A KUBE-SVC-6EH4WSJZHKFFT4HP -m comment --comment "demo/shop:http -> 10.244.2.7:8080" -m recent --name KUBE-SEP-P625FWYW7MZX2T3H --rcheck --seconds 10800 --reap -j KUBE-SEP-P625FWYW7MZX2T3H
-A KUBE-SVC-6EH4WSJZHKFFT4HP -m comment --comment "demo/shop:http -> 10.244.1.5:8080" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-GC5FONBER3Y54WQD
-A KUBE-SVC-6EH4WSJZHKFFT4HP -m comment --comment "demo/shop:http -> 10.244.2.7:8080" -j KUBE-SEP-P625FWYW7MZX2T3H
-A KUBE-SEP-GC5FONBER3Y54WQD -m comment --comment demo/shop:http -s 10.244.1.5 -j KUBE-MARK-MASQ
-A KUBE-SEP-GC5FONBER3Y54WQD -m comment --comment demo/shop:http -m recent --name KUBE-SEP-GC5FONBER3Y54WQD --set -m tcp -p tcp -j DNAT --to-destination 10.244.1.5:8080
-A KUBE-SEP-P625FWYW7MZX2T3H -m comment --comment demo/shop:http -s 10.244.2.7 -j KUBE-MARK-MASQ
-A KUBE-SEP-P625FWYW7MZX2T3H -m comment --comment demo/shop:http -m recent --name KUBE-SEP-P625FWYW7MZX2T3H --set -m tcp -p tcp -j DNAT --to-destination 10.244.2.7:8080`);
  });

  test("LoadBalancer with traffic policy Local, source range, external IP, a local and a remote endpoint", () => {
    expect(written(service("demo", EDGE), [endpointSlice("demo", "edge", [http], [local, remote])])).toBe(`*filter
-A KUBE-PROXY-FIREWALL -m comment --comment "demo/edge:http traffic not accepted by KUBE-FW-K6FARDRO5YXM74WK" -m tcp -p tcp -d 192.168.1.240 --dport 80 -j DROP
-A KUBE-NODEPORTS -m comment --comment "demo/edge:http health check node port" -m tcp -p tcp --dport 32100 -j ACCEPT
*nat
-A KUBE-SERVICES -m comment --comment "demo/edge:http cluster IP" -m tcp -p tcp -d 10.96.5.12 --dport 80 -j KUBE-SVC-K6FARDRO5YXM74WK
-A KUBE-SERVICES -m comment --comment "demo/edge:http external IP" -m tcp -p tcp -d 203.0.113.10 --dport 80 -j KUBE-EXT-K6FARDRO5YXM74WK
-A KUBE-SERVICES -m comment --comment "demo/edge:http loadbalancer IP" -m tcp -p tcp -d 192.168.1.240 --dport 80 -j KUBE-FW-K6FARDRO5YXM74WK
-A KUBE-NODEPORTS -m comment --comment demo/edge:http -m tcp -p tcp -d 127.0.0.0/8 --dport 30081 -m nfacct --nfacct-name localhost_nps_accepted_pkts -j KUBE-EXT-K6FARDRO5YXM74WK
-A KUBE-NODEPORTS -m comment --comment demo/edge:http -m tcp -p tcp --dport 30081 -j KUBE-EXT-K6FARDRO5YXM74WK
-A KUBE-SVC-K6FARDRO5YXM74WK -m comment --comment "demo/edge:http cluster IP" -m tcp -p tcp -d 10.96.5.12 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ
-A KUBE-EXT-K6FARDRO5YXM74WK -m comment --comment "pod traffic for demo/edge:http external destinations" -s 10.244.0.0/16 -j KUBE-SVC-K6FARDRO5YXM74WK
-A KUBE-EXT-K6FARDRO5YXM74WK -m comment --comment "masquerade LOCAL traffic for demo/edge:http external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ
-A KUBE-EXT-K6FARDRO5YXM74WK -m comment --comment "route LOCAL traffic for demo/edge:http external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-K6FARDRO5YXM74WK
-A KUBE-EXT-K6FARDRO5YXM74WK -j KUBE-SVL-K6FARDRO5YXM74WK
-A KUBE-FW-K6FARDRO5YXM74WK -m comment --comment "demo/edge:http loadbalancer IP" -s 198.51.100.0/24 -j KUBE-EXT-K6FARDRO5YXM74WK
-A KUBE-FW-K6FARDRO5YXM74WK -m comment --comment "other traffic to demo/edge:http will be dropped by KUBE-PROXY-FIREWALL"
-A KUBE-SVC-K6FARDRO5YXM74WK -m comment --comment "demo/edge:http -> 10.244.1.5:8080" -m statistic --mode random --probability 0.5000000000 -j KUBE-SEP-32HFIXZF7QW652C3
-A KUBE-SVC-K6FARDRO5YXM74WK -m comment --comment "demo/edge:http -> 10.244.2.7:8080" -j KUBE-SEP-MGHVXCAKPFUBVPTV
-A KUBE-SVL-K6FARDRO5YXM74WK -m comment --comment "demo/edge:http -> 10.244.1.5:8080" -j KUBE-SEP-32HFIXZF7QW652C3
-A KUBE-SEP-32HFIXZF7QW652C3 -m comment --comment demo/edge:http -s 10.244.1.5 -j KUBE-MARK-MASQ
-A KUBE-SEP-32HFIXZF7QW652C3 -m comment --comment demo/edge:http -m tcp -p tcp -j DNAT --to-destination 10.244.1.5:8080
-A KUBE-SEP-MGHVXCAKPFUBVPTV -m comment --comment demo/edge:http -s 10.244.2.7 -j KUBE-MARK-MASQ
-A KUBE-SEP-MGHVXCAKPFUBVPTV -m comment --comment demo/edge:http -m tcp -p tcp -j DNAT --to-destination 10.244.2.7:8080`);
  });

  test("the same without source range and with the remote endpoint only: outside is dropped, pods and the node get through", () => {
    expect(written(service("demo", { ...EDGE, loadBalancerSourceRanges: [] }), [endpointSlice("demo", "edge", [http], [remote])])).toBe(`*filter
-A KUBE-EXTERNAL-SERVICES -m comment --comment "demo/edge:http has no local endpoints" -m tcp -p tcp -d 203.0.113.10 --dport 80 -j DROP
-A KUBE-EXTERNAL-SERVICES -m comment --comment "demo/edge:http has no local endpoints" -m tcp -p tcp -d 192.168.1.240 --dport 80 -j DROP
-A KUBE-EXTERNAL-SERVICES -m comment --comment "demo/edge:http has no local endpoints" -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30081 -j DROP
-A KUBE-NODEPORTS -m comment --comment "demo/edge:http health check node port" -m tcp -p tcp --dport 32100 -j ACCEPT
*nat
-A KUBE-SERVICES -m comment --comment "demo/edge:http cluster IP" -m tcp -p tcp -d 10.96.5.12 --dport 80 -j KUBE-SVC-K6FARDRO5YXM74WK
-A KUBE-SERVICES -m comment --comment "demo/edge:http external IP" -m tcp -p tcp -d 203.0.113.10 --dport 80 -j KUBE-EXT-K6FARDRO5YXM74WK
-A KUBE-SERVICES -m comment --comment "demo/edge:http loadbalancer IP" -m tcp -p tcp -d 192.168.1.240 --dport 80 -j KUBE-EXT-K6FARDRO5YXM74WK
-A KUBE-NODEPORTS -m comment --comment demo/edge:http -m tcp -p tcp -d 127.0.0.0/8 --dport 30081 -m nfacct --nfacct-name localhost_nps_accepted_pkts -j KUBE-EXT-K6FARDRO5YXM74WK
-A KUBE-NODEPORTS -m comment --comment demo/edge:http -m tcp -p tcp --dport 30081 -j KUBE-EXT-K6FARDRO5YXM74WK
-A KUBE-SVC-K6FARDRO5YXM74WK -m comment --comment "demo/edge:http cluster IP" -m tcp -p tcp -d 10.96.5.12 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ
-A KUBE-EXT-K6FARDRO5YXM74WK -m comment --comment "pod traffic for demo/edge:http external destinations" -s 10.244.0.0/16 -j KUBE-SVC-K6FARDRO5YXM74WK
-A KUBE-EXT-K6FARDRO5YXM74WK -m comment --comment "masquerade LOCAL traffic for demo/edge:http external destinations" -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ
-A KUBE-EXT-K6FARDRO5YXM74WK -m comment --comment "route LOCAL traffic for demo/edge:http external destinations" -m addrtype --src-type LOCAL -j KUBE-SVC-K6FARDRO5YXM74WK
-A KUBE-SVC-K6FARDRO5YXM74WK -m comment --comment "demo/edge:http -> 10.244.2.7:8080" -j KUBE-SEP-MGHVXCAKPFUBVPTV
-A KUBE-SEP-MGHVXCAKPFUBVPTV -m comment --comment demo/edge:http -s 10.244.2.7 -j KUBE-MARK-MASQ
-A KUBE-SEP-MGHVXCAKPFUBVPTV -m comment --comment demo/edge:http -m tcp -p tcp -j DNAT --to-destination 10.244.2.7:8080`);
  });

  test("the same with traffic policy Cluster and no endpoints: everything is rejected, nat has nothing", () => {
    const object = service("demo", { ...EDGE, loadBalancerSourceRanges: [], externalTrafficPolicy: "Cluster" });
    expect(written(object, [endpointSlice("demo", "edge", [http], [])])).toBe(`*filter
-A KUBE-SERVICES -m comment --comment "demo/edge:http has no endpoints" -m tcp -p tcp -d 10.96.5.12 --dport 80 -j REJECT
-A KUBE-EXTERNAL-SERVICES -m comment --comment "demo/edge:http has no endpoints" -m tcp -p tcp -d 203.0.113.10 --dport 80 -j REJECT
-A KUBE-EXTERNAL-SERVICES -m comment --comment "demo/edge:http has no endpoints" -m tcp -p tcp -d 192.168.1.240 --dport 80 -j REJECT
-A KUBE-EXTERNAL-SERVICES -m comment --comment "demo/edge:http has no endpoints" -m addrtype --dst-type LOCAL -m tcp -p tcp --dport 30081 -j REJECT`);
  });

  test("internalTrafficPolicy Local writes local endpoints only", () => {
    const object = service("demo", { name: "agent", clusterIP: "10.96.5.13", ports: [http], internalTrafficPolicy: "Local" });
    const rules = written(object, [endpointSlice("demo", "agent", [http], [local, remote])]);
    expect(rules.split("\n").slice(0, 4).join("\n")).toBe(`*nat
-A KUBE-SERVICES -m comment --comment "demo/agent:http cluster IP" -m tcp -p tcp -d 10.96.5.13 --dport 80 -j KUBE-SVL-NYTCIFWP4C73ZXCK
-A KUBE-SVL-NYTCIFWP4C73ZXCK -m comment --comment "demo/agent:http cluster IP" -m tcp -p tcp -d 10.96.5.13 --dport 80 ! -s 10.244.0.0/16 -j KUBE-MARK-MASQ
-A KUBE-SVL-NYTCIFWP4C73ZXCK -m comment --comment "demo/agent:http -> 10.244.1.5:8080" -j KUBE-SEP-QSPO2XYXTWP2O3NK`);
    expect(rules).not.toContain("10.244.2.7");
  });

  test("internalTrafficPolicy Local with a remote endpoint only is dropped", () => {
    const object = service("demo", { name: "agent", clusterIP: "10.96.5.13", ports: [http], internalTrafficPolicy: "Local" });
    expect(written(object, [endpointSlice("demo", "agent", [http], [remote])])).toBe(`*filter
-A KUBE-SERVICES -m comment --comment "demo/agent:http has no local endpoints" -m tcp -p tcp -d 10.96.5.13 --dport 80 -j DROP`);
  });

  test("kube-dns has a chain set per port; UDP says udp", () => {
    const ports = [{ name: "dns", port: 53, targetPort: 53, protocol: "UDP" }, { name: "dns-tcp", port: 53, targetPort: 53, protocol: "TCP" }, { name: "metrics", port: 9153, targetPort: 9153, protocol: "TCP" }];
    const rules = written(service("kube-system", { name: "kube-dns", clusterIP: "10.96.0.10", ports }), [endpointSlice("kube-system", "kube-dns", ports, [local])]);
    for (const chain of ["KUBE-SVC-TCOU7JCQXEZGVUNU", "KUBE-SVC-ERIFXISQEP7F7OF4", "KUBE-SVC-JD5MR3NA4I4DYORP"]) expect(rules).toContain(chain);
    expect(rules).toContain('-A KUBE-SERVICES -m comment --comment "kube-system/kube-dns:dns cluster IP" -m udp -p udp -d 10.96.0.10 --dport 53 -j KUBE-SVC-TCOU7JCQXEZGVUNU');
  });

  test("a source range that contains the node lets it use the address", () => {
    const rules = written(service("demo", { ...EDGE, loadBalancerSourceRanges: ["198.51.100.0/24", " 192.168.1.0/24"] }), [endpointSlice("demo", "edge", [http], [local])]);
    expect(rules).toContain('-A KUBE-FW-K6FARDRO5YXM74WK -m comment --comment "demo/edge:http loadbalancer IP" -s 192.168.1.240 -j KUBE-EXT-K6FARDRO5YXM74WK');
  });

  test("a range of everything switches the filter off; ipMode Proxy and host names give no rules", () => {
    expect(written(service("demo", { ...EDGE, loadBalancerSourceRanges: ["0.0.0.0/0"] }), [endpointSlice("demo", "edge", [http], [local])])).not.toContain("KUBE-FW");
    const proxied = service("demo", { ...EDGE, vips: [] });
    const object = { ...proxied, status: { loadBalancer: { ingress: [{ ip: "192.168.1.240", ipMode: "Proxy" }, { hostname: "lb.example.com" }] } } };
    expect(written(object, [endpointSlice("demo", "edge", [http], [local])])).not.toContain("192.168.1.240");
  });

  test.each([
    ["headless", { name: "h", clusterIP: "None", ports: [http] }],
    ["ExternalName", { name: "e", type: "ExternalName", ports: [] }],
    ["without address yet", { name: "n", ports: [http] }],
  ])("%s Services get no rules", (_name, input) => {
    expect(written(service("demo", input), [endpointSlice("demo", input.name, [http], [local])])).toBe("");
  });

  test("counts: 2 + 3n nat rules for n endpoints, one filter rule without", () => {
    const object = service("demo", { name: "web", clusterIP: "10.96.5.10", ports: [http] });
    for (const n of [1, 2, 7]) {
      const endpoints = Array.from({ length: n }, (_, i) => ({ ip: `10.244.1.${i + 2}`, node: "node1" }));
      const block = new RuleCache().block(object, [endpointSlice("demo", "web", [http], endpoints)], NODE_1, SETTINGS, false);
      expect(block.ports[0]?.nat.length).toBe(2 + 3 * n);
      expect(block.ports[0]?.filter.length).toBe(0);
    }
    const empty = new RuleCache().block(object, [], NODE_1, SETTINGS, false);
    expect([empty.ports[0]?.nat.length, empty.ports[0]?.filter.length]).toEqual([0, 1]);
  });
});

describe("as iptables-save prints them", () => {
  const object = service("demo", { name: "shop", clusterIP: "10.96.5.11", type: "NodePort", ports: [{ ...http, nodePort: 30080 }], sessionAffinity: "ClientIP" });
  const block = new RuleCache().block(object, [endpointSlice("demo", "shop", [http], [local, remote])], NODE_1, SETTINGS, false);
  const saved = block.ports.flatMap((port) => port.nat.map(ruleText));
  test.each([
    '-A KUBE-SVC-6EH4WSJZHKFFT4HP ! -s 10.244.0.0/16 -d 10.96.5.11/32 -p tcp -m comment --comment "demo/shop:http cluster IP" -m tcp --dport 80 -j KUBE-MARK-MASQ',
    '-A KUBE-SVC-6EH4WSJZHKFFT4HP -m comment --comment "demo/shop:http -> 10.244.1.5:8080" -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-GC5FONBER3Y54WQD --mask 255.255.255.255 --rsource -j KUBE-SEP-GC5FONBER3Y54WQD',
    '-A KUBE-SVC-6EH4WSJZHKFFT4HP -m comment --comment "demo/shop:http -> 10.244.1.5:8080" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-GC5FONBER3Y54WQD',
    '-A KUBE-SEP-GC5FONBER3Y54WQD -s 10.244.1.5/32 -m comment --comment "demo/shop:http" -j KUBE-MARK-MASQ',
    '-A KUBE-SEP-GC5FONBER3Y54WQD -p tcp -m comment --comment "demo/shop:http" -m recent --set --name KUBE-SEP-GC5FONBER3Y54WQD --mask 255.255.255.255 --rsource -m tcp -j DNAT --to-destination 10.244.1.5:8080',
  ])("%s", (line) => {
    expect(saved).toContain(line);
  });
});

describe("nodes share what does not depend on them", () => {
  const slices = [endpointSlice("demo", "web", [http], [local, remote])];
  const node2: NodeFacts = { ...NODE_1, name: "node2" };
  test("policy Cluster: one block for all nodes", () => {
    const cache = new RuleCache();
    const object = service("demo", { name: "web", clusterIP: "10.96.5.10", ports: [http] });
    expect(cache.block(object, slices, node2, SETTINGS, false)).toBe(cache.block(object, slices, NODE_1, SETTINGS, false));
  });
  test("policy Local: each node has its own", () => {
    const cache = new RuleCache();
    const object = service("demo", { name: "web", clusterIP: "10.96.5.10", ports: [http], internalTrafficPolicy: "Local" });
    const texts = [NODE_1, node2].map((node) => cache.block(object, slices, node, SETTINGS, false).ports[0]?.nat.map((rule) => rule.written).join("\n"));
    expect(texts[0]).toContain("10.244.1.5");
    expect(texts[1]).toContain("10.244.2.7");
  });
});
