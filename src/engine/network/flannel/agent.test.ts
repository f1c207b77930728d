import { describe, expect, test } from "vitest";
import type { NodeObject } from "../../kinds/generated/types.ts";
import { NetworkFixture } from "../testing/fixture.ts";
import { createFlannelAgent } from "./agent.ts";
import { PeerBook } from "./peer-book.ts";

describe("what flanneld sets up", () => {
  test("annotations, subnet.env, device, routes, neighbours, forwarding entries", () => {
    const f = new NetworkFixture({ nodes: 3 });
    const node = f.network.node("node-1");
    const device = node.stack.device("flannel.1");
    const annotations = f.api.get<NodeObject>("Node", { namespace: "", name: "node-1" })?.metadata.annotations;
    expect(annotations).toMatchObject({
      "flannel.alpha.coreos.com/backend-type": "vxlan", "flannel.alpha.coreos.com/kube-subnet-manager": "true", "flannel.alpha.coreos.com/public-ip": "10.0.0.11",
    });
    expect(annotations?.["flannel.alpha.coreos.com/backend-data"]).toMatch(/^\{"VNI":1,"VtepMAC":"([0-9a-f]{2}:){5}[0-9a-f]{2}"\}$/);
    expect(node.cni.subnetEnv).toEqual({ network: "10.42.0.0/16", subnet: "10.42.1.1/24", mtu: 1450, ipMasq: true });
    expect([device?.mtu, device?.primaryText]).toEqual([1450, "10.42.1.0"]);
    expect(node.ipRoute()).toContain("10.42.2.0/24 via 10.42.2.0 dev flannel.1 onlink\n10.42.3.0/24 via 10.42.3.0 dev flannel.1 onlink\n");
    expect(node.ipNeigh()).toMatch(/^10\.42\.2\.0 dev flannel\.1 lladdr ([0-9a-f]{2}:){5}[0-9a-f]{2} PERMANENT\n10\.42\.3\.0 dev flannel\.1 lladdr \S+ PERMANENT\n$/);
    expect(node.bridgeFdb()).toMatch(/^\S+ dev flannel\.1 dst 10\.0\.0\.12 self permanent\n\S+ dev flannel\.1 dst 10\.0\.0\.13 self permanent\n$/);
  });

  test("it waits for the subnet", () => {
    const f = new NetworkFixture({ nodes: 1 });
    const node = f.network.addNode({ name: "late", ip: "10.0.0.50" });
    f.api.put<NodeObject>({ apiVersion: "v1", kind: "Node", metadata: { name: "late" }, spec: {} });
    const agent = createFlannelAgent({ context: f.context, connection: f.api, node, nodeName: "late", podCIDR: "10.42.0.0/16" });
    agent.installCni();
    agent.start();
    f.runMs(2_000);
    expect(node.stack.device("flannel.1")).toBeUndefined();
    f.api.put<NodeObject>({ apiVersion: "v1", kind: "Node", metadata: { name: "late" }, spec: { podCIDR: "10.42.50.0/24" } });
    f.runMs(2_000);
    expect(node.cni.subnetEnv?.subnet).toBe("10.42.50.1/24");
    expect(f.network.node("node-1").ipRoute()).toContain("10.42.50.0/24 via 10.42.50.0 dev flannel.1 onlink");
  });

  test("a node that goes takes its route, neighbour and forwarding entry along", () => {
    const f = new NetworkFixture({ nodes: 3 });
    f.api.remove("Node", { namespace: "", name: "node-3" });
    f.runMs(100);
    for (const text of [f.network.node("node-1").ipRoute(), f.network.node("node-1").ipNeigh(), f.network.node("node-1").bridgeFdb()]) {
      expect(text).not.toMatch(/10\.42\.3\.0|10\.0\.0\.13/);
      expect(text).toMatch(/10\.42\.2\.0|10\.0\.0\.12/);
    }
  });

  test("a stopped agent leaves everything as it is, and learns of no new node; restarted it keeps its MAC and catches up", () => {
    const f = new NetworkFixture({ nodes: 2 });
    const [a, b] = [f.addPod("default/a", "node-1"), f.addPod("default/b", "node-2")];
    f.serve(b);
    const mac = f.network.node("node-1").stack.device("flannel.1")?.mac;
    f.agents.get("node-1")?.stop();
    f.addNode("node-3", 3);
    f.runMs(1_000);
    expect(f.network.node("node-1").ipRoute()).not.toContain("10.42.3.0/24");
    expect(f.network.node("node-2").ipRoute()).toContain("10.42.3.0/24");
    expect(f.send("default/a", `http://${b.ip}:8080/`).outcome).toBe("200 OK from default/b");
    f.agents.get("node-1")?.start();
    f.runMs(1_000);
    expect(f.network.node("node-1").ipRoute()).toContain("10.42.3.0/24");
    expect(f.network.node("node-1").stack.device("flannel.1")?.mac).toBe(mac);
    expect(a.ip).toBe("10.42.1.2");
  });
});

describe("the shared book", () => {
  const peer = (nodeName: string, third: number) => ({ nodeName, subnet: { network: 0x0a2a0000 + third * 256, length: 24 }, vtepMac: 0x020000000000 + third, publicIp: 0x0a00000a + third });
  test("each agent sees the peers of its own revision", () => {
    const book = new PeerBook();
    book.record("n1", 10, () => peer("n1", 1));
    book.record("n2", 20, () => peer("n2", 2));
    book.record("n1", 30, () => undefined);
    book.record("n1", 40, () => peer("n1", 7));
    const names = (revision: number): string[] => book.all(revision).map(({ nodeName, subnet }) => `${nodeName}:${(subnet.network >> 8) & 255}`);
    expect([5, 10, 25, 30, 45].map(names)).toEqual([[], ["n1:1"], ["n1:1", "n2:2"], ["n2:2"], ["n2:2", "n1:7"]]);
    expect(book.byAddress(0x0a2a0105, 25)?.nodeName).toBe("n1");
    expect(book.byAddress(0x0a2a0105, 45)).toBeUndefined();
    expect(book.byVtepMac(0x020000000002, 15)).toBeUndefined();
  });

  test("late listeners write nothing twice", () => {
    const book = new PeerBook();
    for (const revision of [10, 10, 5, 11]) book.record("n1", revision, () => peer("n1", 1));
    expect(book.all(9)).toEqual([]);
    expect(book.all(10).length).toBe(1);
  });
});
