import { createTimeText } from "../../apimachinery/time-text.ts";
import type { ComponentContext } from "../../client/contracts.ts";
import { SimClock } from "../../kernel/clock.ts";
import { createRng } from "../../kernel/rng.ts";
import { usOf } from "../../kernel/time.ts";
import type { NodeObject } from "../../kinds/generated/types.ts";
import { type ClusterNetwork, createClusterNetwork } from "../cluster-network.ts";
import type { CniError, CniResult, NetNamespace, SocketOwner } from "../contracts.ts";
import type { Result } from "../../kernel/result.ts";
import { createFlannelAgent, type FlannelAgent } from "../flannel/agent.ts";
import { serveHttp } from "../http/serve.ts";
import type { PacketTrace } from "../trace/packet-trace.ts";
import { createKubeProxy, type KubeProxy } from "../proxy/kube-proxy.ts";
import { FakeApi } from "./fake-api.ts";
import { endpointSlice, service, type TestEndpoint, type TestService } from "./objects.ts";

export interface TestPod {
  readonly name: string;
  readonly node: string;
  readonly netns: NetNamespace;
  readonly ip: string;
  readonly containerId: string;
  readonly owner: SocketOwner;
  /** Source addresses of the connections and datagrams that its servers took, oldest first. */
  readonly seen: string[];
}

/** A small cluster network with flannel set up, an API without rules, and helpers to send and look. */
export class NetworkFixture {
  readonly clock = new SimClock();
  readonly api: FakeApi;
  readonly context: ComponentContext;
  readonly network: ClusterNetwork;
  readonly agents = new Map<string, FlannelAgent>();
  readonly proxies = new Map<string, KubeProxy>();
  readonly pods = new Map<string, TestPod>();
  private containers = 0;

  constructor(readonly options: { readonly nodes?: number; readonly seed?: number; readonly podCIDR?: string } = {}) {
    this.api = new FakeApi(this.clock);
    this.context = { clock: this.clock, rng: createRng(options.seed ?? 1), time: createTimeText("2026-01-01T00:00:00Z"), journal: { enabled: false, write: () => {} } };
    const podCIDR = options.podCIDR ?? "10.42.0.0/16";
    this.network = createClusterNetwork({ context: this.context, options: { podCIDR, serviceCIDR: "10.96.0.0/12", nodeCIDR: "10.0.0.0/16", cni: "flannel" } });
    for (let i = 1; i <= (options.nodes ?? 2); i++) this.addNode(`node-${i}`, i);
    this.runMs(500);
  }

  addNode(name: string, i: number): void {
    const [a, b] = (this.options.podCIDR ?? "10.42.0.0/16").split(".");
    const node = this.network.addNode({ name, ip: `10.0.0.${10 + i}` });
    this.api.put<NodeObject>({ apiVersion: "v1", kind: "Node", metadata: { name }, spec: { podCIDR: `${a}.${b}.${i}.0/24` }, status: { addresses: [{ type: "InternalIP", address: `10.0.0.${10 + i}` }] } } as NodeObject);
    const agent = createFlannelAgent({ context: this.context, connection: this.api, node, nodeName: name, podCIDR: this.options.podCIDR ?? "10.42.0.0/16" });
    agent.installCni();
    agent.start();
    this.agents.set(name, agent);
  }

  runMs(ms: number): void {
    this.clock.runTo(usOf(this.clock.now() + ms * 1000));
  }

  startProxies(): void {
    for (const node of this.network.nodes()) {
      const proxy = createKubeProxy({ context: this.context, connection: this.api, node, nodeName: node.nodeName, clusterCIDR: this.options.podCIDR ?? "10.42.0.0/16" });
      proxy.start();
      this.proxies.set(node.nodeName, proxy);
    }
    this.runMs(100);
  }

  /** A Service with its slice, and the time that the proxies take to see it. */
  addService(namespace: string, input: TestService, endpoints: readonly TestEndpoint[]): void {
    this.api.put(service(namespace, input));
    this.api.put(endpointSlice(namespace, input.name, input.ports, endpoints, { headless: input.clusterIP === "None" }));
    this.runMs(2_500);
  }

  /** Ready endpoints at these pods. */
  at(...names: readonly string[]): TestEndpoint[] {
    return names.map((name) => ({ ip: this.pod(name).ip, node: this.pod(name).node }));
  }

  /** Runs CNI ADD and waits for it. */
  addPod(name: string, node: string, hostPorts: { hostPort: number; containerPort: number; protocol: string }[] = []): TestPod {
    const { cni } = this.network.node(node);
    const containerId = (++this.containers).toString(16).padStart(64, "c");
    const netns = cni.createNetns(containerId);
    let result: Result<CniResult, CniError> | undefined;
    const [podNamespace = "", podName = ""] = name.split("/");
    cni.add({ containerId, netns, podNamespace, podName, podUid: `uid-${name}`, portMappings: hostPorts }, (answer) => (result = answer));
    this.runMs(100);
    if (result?.ok !== true) throw new Error(`CNI ADD of ${name}: ${JSON.stringify(result)}`);
    netns.resolvConf = { nameservers: ["10.96.0.10"], search: [`${podNamespace}.svc.cluster.local`, "svc.cluster.local", "cluster.local"], ndots: 5 };
    const pod: TestPod = { name, node, netns, ip: result.value.ip, containerId, owner: { pod: name, container: "c", process: "server", pid: 1 }, seen: [] };
    this.pods.set(name, pod);
    return pod;
  }

  /** A web server that answers with its own name. */
  serve(pod: TestPod, port = 8080): void {
    const listening = pod.netns.listenTcp(port, "0.0.0.0", pod.owner, (connection) => {
      pod.seen.push(connection.remote.ip);
      serveHttp(connection, (request, respond) => respond({ status: 200, body: `${pod.name} ${request.method} ${request.target}` }));
    });
    if (!listening.ok) throw new Error(listening.error.message);
  }

  serveUdp(pod: TestPod, port: number): void {
    const listening = pod.netns.listenUdp(port, "0.0.0.0", pod.owner, (datagram) => {
      pod.seen.push(datagram.from.ip);
      datagram.reply(`${pod.name}: ${datagram.payload}`);
    });
    if (!listening.ok) throw new Error(listening.error.message);
  }

  pod(name: string): TestPod {
    const pod = this.pods.get(name);
    if (pod === undefined) throw new Error(`no pod ${name}`);
    return pod;
  }

  /** Sends and runs until the trace is over. */
  send(from: string, to: string, more: { method?: string; body?: string } = {}): PacketTrace {
    const source = from === "external" ? ({ external: true } as const) : from.includes("/") ? { pod: from } : { node: from };
    const trace = this.network.send({ from: source, to, ...more }, (wanted) => ("pod" in wanted ? this.pods.get(wanted.pod)?.netns : undefined));
    for (let i = 0; i < 400_000 && trace.status === "running"; i++) if (this.clock.step() === undefined) break;
    return trace;
  }

  text(trace: PacketTrace): string {
    return this.network.traceText(trace);
  }
}

const HTTP = { name: "http", port: 80, targetPort: 8080, protocol: "TCP" };

/**
 * The running example: p1 and p2 on node-1, p3 on node-2, all with a server on 8080, and one Service for each way to be reached.
 * 10.42.N.0/24 and 10.0.0.1N in place of the notes' 10.244.N.0/24 and 192.168.1.1N.
 */
export function runningExample(seed = 1): NetworkFixture {
  const f = new NetworkFixture({ seed });
  for (const [name, node] of [["p1", "node-1"], ["p2", "node-1"], ["p3", "node-2"]] as const) f.serve(f.addPod(`default/${name}`, node));
  const nodePort = (name: string, last: number, more: Partial<TestService> = {}): TestService => ({ name, clusterIP: `10.96.0.${last}`, type: "NodePort", ports: [{ ...HTTP, nodePort: 30_000 + last }], ...more });
  f.startProxies();
  for (const [input, pods] of [
    [nodePort("self", 101), ["p1"]],
    [nodePort("near", 102), ["p2"]],
    [nodePort("far", 103), ["p3"]],
    [nodePort("keep", 104, { externalTrafficPolicy: "Local" }), ["p3"]],
    [{ name: "trio", clusterIP: "10.96.0.105", ports: [HTTP], sessionAffinity: "ClientIP" }, ["p1", "p2", "p3"]],
    [nodePort("empty", 106), []],
    [{ name: "vip", clusterIP: "10.96.0.107", type: "LoadBalancer", ports: [HTTP], vips: ["10.0.0.201"] }, ["p3"]],
    [{ name: "guard", clusterIP: "10.96.0.108", type: "LoadBalancer", ports: [HTTP], vips: ["10.0.0.202"], loadBalancerSourceRanges: ["198.51.100.0/24"] }, ["p3"]],
  ] as const) {
    f.api.put(service("default", input));
    f.api.put(endpointSlice("default", input.name, input.ports, f.at(...pods.map((pod) => `default/${pod}`))));
  }
  f.runMs(3_000);
  for (const vip of ["10.0.0.201", "10.0.0.202"]) f.network.announce(vip, "node-1");
  return f;
}
