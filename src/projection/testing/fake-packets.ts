import type { SimTimeUs } from "../../engine/kernel/time.ts";
import type { PacketHeader, PacketHop } from "../../engine/network/trace/packet-hop.ts";
import type { PacketRole, PacketTrace, PacketWalk } from "../../engine/network/trace/packet-trace.ts";

/** One end of a conversation. */
export interface FakeEnd {
  readonly node: string;
  readonly nodeIp: string;
  readonly pod: string;
  readonly ip: string;
}

export interface FakeFlow {
  readonly from: FakeEnd;
  readonly to: FakeEnd;
  /** The address that the client asks for: a Service's. */
  readonly virtualIp: string;
  readonly port: number;
  readonly targetPort: number;
  readonly service: string;
  readonly protocol: "tcp" | "udp";
}

type Body = PacketHop extends infer H ? (H extends PacketHop ? Omit<H, "atUs" | "before" | "after" | "node" | "netns" | "device"> : never) : never;

/** Writes the hops of one packet of a flow: pod, veth, bridge, rules, VXLAN over the wire and in again. */
export function fakeWalk(index: number, role: PacketRole, summary: string, flow: FakeFlow, reply: boolean, startUs: number): PacketWalk {
  const [src, dst] = reply ? [flow.to, flow.from] : [flow.from, flow.to];
  let at = startUs;
  let header: PacketHeader = {
    ethSrc: "0a:58:0a:2a:01:05", ethDst: "0a:58:0a:2a:01:01", ipSrc: src.ip, ipDst: reply ? dst.ip : flow.virtualIp, ttl: 64, protocol: flow.protocol,
    srcPort: reply ? flow.targetPort : 41_820, dstPort: reply ? 41_820 : flow.port, length: role === "reply" ? 853 : 60,
    ...(flow.protocol === "tcp" ? { tcpFlags: role === "syn" ? "SYN" : role === "syn-ack" ? "SYN,ACK" : role === "fin" ? "FIN,ACK" : "PSH,ACK" } : {}),
  };
  const hops: PacketHop[] = [];
  const hop = (stepUs: number, node: string, netns: string, device: string, body: Body, change: Partial<PacketHeader> = {}): void => {
    at += stepUs;
    const after = { ...header, ...change };
    if ("outer" in change && change.outer === undefined) delete (after as { outer?: unknown }).outer;
    hops.push({ atUs: at as SimTimeUs, node, netns, device, before: header, after, ...body } as PacketHop);
    header = after;
  };
  hop(0, src.node, src.pod, "eth0", { type: "socket", action: "send", process: reply ? "nginx" : "curl", summary });
  hop(3, src.node, src.pod, "eth0", { type: "route", route: "default via 10.42.1.1 dev eth0", table: "main" });
  hop(2, src.node, "host", "veth8f2c1a77", { type: "veth", from: "eth0", to: "veth8f2c1a77" });
  hop(2, src.node, "host", "cni0", { type: "bridge", bridge: "cni0", toPort: "cni0" });
  hop(1, src.node, "host", "conntrack", { type: "conntrack", state: reply ? "ESTABLISHED" : "NEW", action: reply ? "lookup" : "create", entry: `${flow.protocol} src=${flow.from.ip} dst=${flow.virtualIp} sport=41820 dport=${flow.port}` });
  if (!reply) natRules(flow, src, hop);
  hop(3, src.node, "host", "main", { type: "route", route: src.node === dst.node ? "10.42.1.0/24 dev cni0 proto kernel scope link src 10.42.1.1" : "10.42.2.0/24 via 10.42.2.0 dev flannel.1 onlink", table: "main" }, { ttl: 63 });
  hop(3, src.node, "host", "filter/FORWARD", { type: "netfilter", hook: "FORWARD", table: "filter", verdict: "ACCEPT", hits: [{ table: "filter", chain: "FLANNEL-FWD", position: 1, rule: '-A FLANNEL-FWD -s 10.42.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT', verdict: "ACCEPT" }] });
  if (src.node !== dst.node) overTheWire(src, dst, hop);
  hop(3, dst.node, "host", "cni0", { type: "bridge", bridge: "cni0", toPort: "veth3b77de10" });
  hop(2, dst.node, "host", "veth3b77de10", { type: "veth", from: "veth3b77de10", to: "eth0" });
  if (reply) hop(1, dst.node, dst.pod, "eth0", { type: "conntrack", state: "ESTABLISHED", action: "unDNAT", entry: "" }, { ipSrc: flow.virtualIp, srcPort: flow.port });
  hop(2, dst.node, dst.pod, "eth0", { type: "socket", action: "deliver", process: reply ? "curl" : "nginx", summary });
  return { index, role, summary, hops, end: "delivered" };
}

type HopWriter = (stepUs: number, node: string, netns: string, device: string, body: Body, change?: Partial<PacketHeader>) => void;

function natRules(flow: FakeFlow, src: FakeEnd, hop: HopWriter): void {
  const [namespace = "", name = ""] = flow.service.split("/");
  const owner = { apiVersion: "v1", kind: "Service", namespace, name };
  const comment = `"${flow.service}:http`;
  hop(4, src.node, "host", "nat/PREROUTING", {
    type: "netfilter", hook: "PREROUTING", table: "nat", verdict: `DNAT to ${flow.to.ip}:${flow.targetPort}`,
    hits: [
      { table: "nat", chain: "PREROUTING", position: 1, rule: '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES', verdict: "KUBE-SERVICES" },
      { table: "nat", chain: "KUBE-SERVICES", position: 5, rule: `-A KUBE-SERVICES -d ${flow.virtualIp}/32 -p ${flow.protocol} -m comment --comment ${comment} cluster IP" -m ${flow.protocol} --dport ${flow.port} -j KUBE-SVC-4Z2QXJ7LQ3AB5CDE`, verdict: "KUBE-SVC-4Z2QXJ7LQ3AB5CDE", owner },
      { table: "nat", chain: "KUBE-SVC-4Z2QXJ7LQ3AB5CDE", position: 2, rule: `-A KUBE-SVC-4Z2QXJ7LQ3AB5CDE -m comment --comment ${comment} -> ${flow.to.ip}:${flow.targetPort}" -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-RT5CL7XZ4ZQZ2ZQZ`, verdict: "KUBE-SEP-RT5CL7XZ4ZQZ2ZQZ", draw: 0.3121, owner },
      { table: "nat", chain: "KUBE-SEP-RT5CL7XZ4ZQZ2ZQZ", position: 2, rule: `-A KUBE-SEP-RT5CL7XZ4ZQZ2ZQZ -p ${flow.protocol} -m comment --comment ${comment}" -m ${flow.protocol} -j DNAT --to-destination ${flow.to.ip}:${flow.targetPort}`, verdict: `DNAT --to-destination ${flow.to.ip}:${flow.targetPort}`, owner },
    ],
  }, { ipDst: flow.to.ip, dstPort: flow.targetPort });
}

function overTheWire(src: FakeEnd, dst: FakeEnd, hop: HopWriter): void {
  const outer = { ethSrc: "52:54:00:00:00:0b", ethDst: "52:54:00:00:00:0c", ipSrc: src.nodeIp, ipDst: dst.nodeIp, srcPort: 51_217, dstPort: 8472, vni: 1, ttl: 64 };
  hop(4, src.node, "host", "flannel.1", { type: "encapsulate", fdb: `be:3c:71:0f:a2:19 dev flannel.1 dst ${dst.nodeIp} self permanent`, vni: 1 }, { outer, length: 110 });
  hop(4, src.node, "host", "eth0", { type: "wire", toNode: dst.node, latencyUs: 180 });
  hop(185, dst.node, "host", "flannel.1", { type: "decapsulate", vni: 1 }, { outer: undefined, length: 60 } as unknown as Partial<PacketHeader>);
  hop(3, dst.node, "host", "cni0", { type: "arp", question: "who has 10.42.2.7?", answer: "0a:58:0a:2a:02:07", cached: true });
  hop(3, dst.node, "host", "main", { type: "route", route: "10.42.2.0/24 dev cni0 proto kernel scope link src 10.42.2.1", table: "main" }, { ttl: 62 });
}

/** DNS look-up, handshake, request and reply; `reached` false: the Service has no endpoints and the node refuses. */
export function fakeConversation(trace: { id: number; startedUs: number; from: string; to: string }, dns: FakeFlow, http: FakeFlow): PacketTrace[] {
  const walks: PacketWalk[] = [];
  let at = trace.startedUs;
  const add = (role: PacketRole, summary: string, flow: FakeFlow, reply: boolean, pauseUs: number): void => {
    walks.push(fakeWalk(walks.length, role, summary, flow, reply, at + pauseUs));
    at = walks.at(-1)?.hops.at(-1)?.atUs ?? at;
  };
  const host = http.service.split("/").reverse().join(".");
  add("dns-query", `A? ${host}.svc.cluster.local.`, dns, false, 30);
  add("dns-reply", `${host}.svc.cluster.local. A ${http.virtualIp}`, dns, true, 120);
  add("syn", `SYN ${http.from.ip}:41820 → ${http.virtualIp}:${http.port}`, http, false, 40);
  add("syn-ack", "SYN,ACK", http, true, 20);
  add("ack", "ACK", http, false, 10);
  add("request", "GET /", http, false, 5);
  add("reply", "200 OK, 615 bytes", http, true, 400);
  add("fin", "FIN,ACK", http, false, 50);
  const base = { id: trace.id, startedUs: trace.startedUs as SimTimeUs, causeId: 0, from: trace.from, to: trace.to };
  const running: PacketTrace = { ...base, walks: walks.slice(0, 2), status: "running", outcome: "" };
  const done: PacketTrace = {
    ...base, walks, status: "done", outcome: `200 OK from ${http.to.pod}`, answeredBy: http.to.pod, endedUs: at as SimTimeUs,
    response: { status: 200, headers: { server: "nginx/1.27.3", "content-type": "text/html" }, body: "<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n" },
  };
  return [running, done];
}
