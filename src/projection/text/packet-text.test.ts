import { describe, expect, test } from "vitest";
import type { PacketHeader, PacketHop } from "../../engine/network/trace/packet-hop.ts";
import { fakeConversation, type FakeFlow } from "../testing/fake-packets.ts";
import { placeOf, stopsOf } from "../film/film.ts";
import { headerDiff } from "./header-diff.ts";
import { hopOwners, hopText, hopWhere, traceText } from "./packet-text.ts";

const HTTP: FakeFlow = {
  from: { node: "node-1", nodeIp: "10.0.0.3", pod: "default/client", ip: "10.42.1.5" }, to: { node: "node-2", nodeIp: "10.0.0.4", pod: "default/web", ip: "10.42.2.7" },
  virtualIp: "10.96.4.7", port: 80, targetPort: 8080, service: "default/web", protocol: "tcp",
};
const DNS: FakeFlow = { ...HTTP, to: { ...HTTP.to, pod: "kube-system/coredns" }, virtualIp: "10.96.0.10", port: 53, targetPort: 53, service: "kube-system/kube-dns", protocol: "udp" };
const [, trace] = fakeConversation({ id: 1, startedUs: 1_000, from: "pod default/client", to: "http://web" }, DNS, HTTP);
const syn = trace!.walks.find((w) => w.role === "syn")!;
const hopOf = (type: PacketHop["type"]): PacketHop => syn.hops.find((h) => h.type === type)!;

describe("a hop in words", () => {
  test("DNAT: every rule it met in iptables-save form, the deciding one marked, with its owner", () => {
    const dnat = syn.hops.find((h) => h.type === "netfilter" && h.table === "nat")!;
    const text = hopText(dnat);
    expect(text.title).toBe("nat/PREROUTING");
    expect(text.lines.map((l) => l.decisive)).toEqual([false, false, false, true]);
    expect(text.lines.at(-1)?.text).toMatch(/^-A KUBE-SEP-\S+ .*-j DNAT --to-destination 10\.42\.2\.7:8080$/);
    expect(text.lines[2]?.note).toBe("KUBE-SVC-4Z2QXJ7LQ3AB5CDE #2, drew 0.3121");
    expect(hopOwners(dnat)).toEqual([{ apiVersion: "v1", kind: "Service", namespace: "default", name: "web" }]);
    expect(hopWhere(dnat)).toBe("node-1 · nat/PREROUTING");
  });

  test("the changed header fields of DNAT are the destination's, and nothing else", () => {
    const dnat = syn.hops.find((h) => h.type === "netfilter" && h.table === "nat")!;
    expect(headerDiff(dnat.before, dnat.after).filter((f) => f.changed)).toEqual([
      { layer: "ip", name: "dst IP", before: "10.96.4.7", after: "10.42.2.7", changed: true },
      { layer: "transport", name: "dst port", before: "80", after: "8080", changed: true },
    ]);
  });

  test("wrapping adds the whole outer header", () => {
    const wrap = hopOf("encapsulate");
    expect(headerDiff(wrap.before, wrap.after).filter((f) => f.changed).map((f) => f.name)).toEqual(["outer src MAC", "outer dst MAC", "outer src IP", "outer dst IP", "outer TTL", "UDP ports", "VNI", "length"]);
  });

  test("a trace as text holds every hop, rule and change", () => {
    const text = traceText(trace!);
    expect(text).toContain("pod default/client → http://web\noutcome: 200 OK from default/web");
    expect(text).toContain("#3 syn: SYN 10.42.1.5:41820 → 10.96.4.7:80 (delivered)");
    expect(text).toContain("dst IP: 10.96.4.7 -> 10.42.2.7");
    expect(text.match(/^#\d/gm)).toHaveLength(8);
  });
});

describe("films", () => {
  test("a packet to another node stops at pod, bridge, rules, VTEP, both NICs and the other side, wrapped only on the wire", () => {
    expect(stopsOf(syn.hops).map((s) => `${s.place.part}${s.wrapped ? "*" : ""}`)).toEqual([
      "pod", "bridge", "rules", "vtep*", "nic*", "nic*", "vtep", "bridge", "rules", "bridge", "pod",
    ]);
  });

  test("stops are in the order of time and name their hop", () => {
    const stops = stopsOf(syn.hops);
    expect([...stops].sort((a, b) => a.atUs - b.atUs)).toEqual(stops);
    for (const stop of stops) expect(syn.hops[stop.hop]).toBeDefined();
  });

  test.each<[string, Partial<PacketHop>, unknown]>([
    ["outside", { node: "external", type: "socket", netns: "host" }, { part: "outside" }],
    ["a socket on a node", { node: "node-1", netns: "host", type: "socket" }, { part: "process", node: "node-1" }],
    ["inside a pod", { node: "node-1", netns: "default/web", type: "route" }, { part: "pod", node: "node-1", pod: "default/web" }],
    ["on the way", { node: "wire", netns: "", type: "wire" }, undefined],
    ["dropped by a rule", { node: "node-1", netns: "host", type: "drop", device: "filter/FORWARD" }, { part: "rules", node: "node-1" }],
  ])("%s", (_name, hop, place) => {
    const header = {} as PacketHeader;
    expect(placeOf({ atUs: 0, device: "", before: header, after: header, ...hop } as PacketHop)).toEqual(place);
  });
});
