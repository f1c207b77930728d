import { describe, expect, test } from "vitest";
import { cidrOf, formatIp } from "../addresses/ip.ts";
import type { CniError, CniResult } from "../contracts.ts";
import type { Result } from "../../kernel/result.ts";
import { NetworkFixture } from "../testing/fixture.ts";
import { HostLocal } from "./host-local.ts";

const take = (ipam: HostLocal, id: string): string => {
  const result = ipam.allocate(id);
  return result.ok ? formatIp(result.value) : result.error.msg;
};

describe("host-local", () => {
  test("starts at .2, goes up, and gives a released address again only after a full turn", () => {
    const ipam = new HostLocal(cidrOf("10.42.1.0/24"));
    expect(["a", "b", "c"].map((id) => take(ipam, id))).toEqual(["10.42.1.2", "10.42.1.3", "10.42.1.4"]);
    ipam.release("b");
    expect(take(ipam, "d")).toBe("10.42.1.5");
    for (let i = 6; i <= 254; i++) take(ipam, `x${i}`);
    expect(take(ipam, "again")).toBe("10.42.1.3");
  });

  test("a /24 has 253 addresses; then it is exhausted", () => {
    const ipam = new HostLocal(cidrOf("10.42.1.0/24"));
    for (let i = 0; i < 253; i++) expect(take(ipam, `c${i}`)).toMatch(/^10\.42\.1\.\d+$/);
    expect(take(ipam, "one too many")).toBe("no IP addresses available in range set: 10.42.1.1-10.42.1.254");
    ipam.release("c7");
    expect(take(ipam, "one too many")).toBe("10.42.1.9");
  });

  test.each([
    ["10.42.1.0/31", "Network 10.42.1.0/31 too small to allocate from"],
    ["10.42.1.0/32", "Network 10.42.1.0/32 too small to allocate from"],
    ["10.42.1.4/30", "10.42.1.6"],
  ])("%s: %s", (subnet, expected) => {
    expect(take(new HostLocal(cidrOf(subnet)), "a")).toBe(expected);
  });

  test("a container cannot have two addresses; releasing nothing is fine", () => {
    const ipam = new HostLocal(cidrOf("10.42.1.0/24"));
    take(ipam, "abc");
    expect(take(ipam, "abc")).toBe("10.42.1.2 has been allocated to abc, duplicate allocation is not allowed");
    ipam.release("nobody");
    expect([...ipam.files()]).toEqual([["10.42.1.2", "abc\r\neth0"], ["last_reserved_ip.0", "10.42.1.2"]]);
  });
});

function add(f: NetworkFixture, node: string, containerId: string): Result<CniResult, CniError> | undefined {
  const { cni } = f.network.node(node);
  let result: Result<CniResult, CniError> | undefined;
  cni.add({ containerId, netns: cni.createNetns(containerId), podNamespace: "default", podName: containerId, podUid: "u", portMappings: [] }, (answer) => (result = answer));
  f.runMs(200);
  return result;
}

describe("ADD and DEL", () => {
  test("the bridge appears with the first pod; interface, addresses and routes as flannel sets them up", () => {
    const f = new NetworkFixture();
    const node = f.network.node("node-1");
    expect(node.ipAddr()).not.toContain("cni0");
    const pod = f.addPod("default/p1", "node-1");
    expect(node.ipAddr()).toMatch(/\d+: cni0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1450 qdisc noqueue state UP/);
    expect(node.ipRoute()).toBe("default via 10.0.0.1 dev eth0\n10.0.0.0/16 dev eth0 proto kernel scope link src 10.0.0.11\n10.42.1.0/24 dev cni0 proto kernel scope link src 10.42.1.1\n10.42.2.0/24 via 10.42.2.0 dev flannel.1 onlink\n");
    expect(pod.netns.name).toMatch(/^\/var\/run\/netns\/cni-[0-9a-f-]{36}$/);
    expect(pod.ip).toBe("10.42.1.2");
  });

  test("what each plugin was given and answered can be looked at", () => {
    const f = new NetworkFixture();
    const pod = f.addPod("default/p1", "node-1", [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }]);
    const calls = f.network.node("node-1").cni.calls(pod.containerId);
    expect(calls.map((call) => [call.calledBy, call.plugin])).toEqual([["", "flannel"], ["flannel", "bridge"], ["bridge", "host-local"], ["", "portmap"]]);
    expect(calls[0]?.env).toMatchObject({ CNI_COMMAND: "ADD", CNI_IFNAME: "eth0", CNI_CONTAINERID: pod.containerId, CNI_NETNS: pod.netns.name });
    expect(calls[1]?.stdin).toMatchObject({ type: "bridge", mtu: 1450, ipMasq: false, isGateway: true, hairpinMode: true, ipam: { type: "host-local", ranges: [[{ subnet: "10.42.1.0/24" }]], routes: [{ dst: "10.42.0.0/16" }] } });
    expect(calls[2]?.stdout).toMatchObject({ ips: [{ address: "10.42.1.2/24", gateway: "10.42.1.1" }] });
    expect(calls[3]?.stdin).toMatchObject({ type: "portmap", runtimeConfig: { portMappings: [{ hostPort: 8080 }] }, prevResult: calls[1]?.stdout });
  });

  test("before the agent has come, ADD fails and says so", () => {
    const f = new NetworkFixture({ nodes: 1 });
    const fresh = f.network.addNode({ name: "node-9", ip: "10.0.0.99" });
    expect(fresh.cni.initialized).toBe(false);
    expect(add(f, "node-9", "c1")).toMatchObject({ ok: false, error: { msg: "cni plugin not initialized" } });
    fresh.cni.installConfig();
    expect(fresh.cni.initialized).toBe(true);
    expect(add(f, "node-9", "c2")).toMatchObject({
      ok: false,
      error: { msg: `plugin type="flannel" name="cbr0" failed (add): failed to load flannel 'subnet.env' file: open /run/flannel/subnet.env: no such file or directory. Check the flannel pod log for this node.` },
    });
    expect(fresh.cni.failed().length).toBe(2);
  });

  test("DEL gives the address back, takes the interfaces away, and may be called twice", () => {
    const f = new NetworkFixture();
    const pod = f.addPod("default/p1", "node-1", [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }]);
    const node = f.network.node("node-1");
    expect(node.iptablesSave("nat")).toContain("--dports 8080 -j CNI-DN-");
    const request = { containerId: pod.containerId, netns: pod.netns, podNamespace: "default", podName: "p1", podUid: "u", portMappings: [{ hostPort: 8080, containerPort: 80, protocol: "tcp" }] };
    let done = 0;
    for (let i = 0; i < 2; i++) node.cni.del(request, (result) => (done += result.ok ? 1 : 0));
    f.runMs(200);
    expect(done).toBe(2);
    expect(node.ipAddr()).not.toContain("veth");
    expect(pod.netns.ip).toBeUndefined();
    expect([...node.cni.files().keys()]).toEqual(["/etc/cni/net.d/10-flannel.conflist", "/run/flannel/subnet.env", "/var/lib/cni/networks/cbr0/last_reserved_ip.0"]);
    expect(node.cni.files().get("/run/flannel/subnet.env")).toBe("FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n");
    expect(node.iptablesSave("nat")).not.toContain("--dports 8080");
    expect(f.addPod("default/p2", "node-1").ip).toBe("10.42.1.3");
  });

  test("a new pod with an old address is found at once: it announces itself", () => {
    const f = new NetworkFixture();
    const [client, server] = [f.addPod("default/client", "node-1"), f.addPod("default/server", "node-1")];
    f.serve(server);
    expect(f.send("default/client", `http://${server.ip}:8080/`).status).toBe("done");
    const { cni } = f.network.node("node-1");
    cni.del({ containerId: server.containerId, netns: server.netns, podNamespace: "default", podName: "server", podUid: "u", portMappings: [] }, () => {});
    f.runMs(100);
    for (let i = 0; i < 251; i++) {
      const filler = add(f, "node-1", `filler-${i}`);
      expect(filler?.ok).toBe(true);
    }
    const next = f.addPod("default/next", "node-1");
    expect(next.ip).toBe(server.ip);
    f.serve(next);
    expect(f.send("default/client", `http://${next.ip}:8080/`).outcome).toBe("200 OK from default/next");
    expect(client.ip).toBe("10.42.1.2");
  });
});

test("host ports: from outside with the client's address, from the pod itself masqueraded", () => {
  const f = new NetworkFixture();
  const pod = f.addPod("default/web", "node-1", [{ hostPort: 8080, containerPort: 80, protocol: "TCP" }]);
  f.addPod("default/other", "node-2");
  f.serve(pod, 80);
  expect(f.send("external", "http://10.0.0.11:8080/").outcome).toBe("200 OK from default/web");
  expect(f.send("default/other", "http://10.0.0.11:8080/").outcome).toBe("200 OK from default/web");
  expect(f.send("default/web", "http://10.0.0.11:8080/").outcome).toBe("200 OK from default/web");
  expect(f.send("node-1", "http://127.0.0.1:8080/").outcome).toBe("200 OK from default/web");
  expect(pod.seen).toEqual(["203.0.113.50", "10.0.0.12", "10.42.1.1", "10.42.1.1"]);
});
