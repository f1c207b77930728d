import type { ApiRequest, ApiResponse } from "../../engine/apimachinery/api.ts";
import type { KubeObject } from "../../engine/apimachinery/object.ts";
import type { Cluster, ClusterObserver, ClusterOptions, Command, Explanation } from "../../engine/cluster/contracts.ts";
import { hash32 } from "../../engine/kernel/hash.ts";
import { msToUs, usOf } from "../../engine/kernel/time.ts";
import type { DeploymentObject, PodObject, ServiceObject } from "../../engine/kinds/generated/types.ts";
import type { NodeNetwork, SendRequest } from "../../engine/network/contracts.ts";
import type { PacketTrace } from "../../engine/network/trace/packet-trace.ts";
import type { NodeVerdict } from "../../engine/scheduler/verdict.ts";
import { playBirth, playDeath } from "./fake-births.ts";
import { type FakeEnd, fakeConversation } from "./fake-packets.ts";
import { FakeStore } from "./fake-store.ts";
import { systemObjects } from "./fake-system.ts";

/** A scripted stand-in for the engine: the same observer feed, no cluster behind it. For tests of the projection, the host and the page. */
export function createFakeCluster(options: ClusterOptions = {}): FakeCluster {
  return new FakeCluster(options);
}

const text = (value: unknown): string => JSON.stringify(value);
const KIND_OF: Readonly<Record<string, string>> = { pods: "Pod", services: "Service", deployments: "Deployment", nodes: "Node", events: "Event", replicasets: "ReplicaSet" };

export class FakeCluster implements Cluster {
  readonly options: Required<ClusterOptions>;
  readonly store: FakeStore;
  private readonly log: Command[] = [];
  private traceId = 0;
  private lastNode = 0;
  private readonly nextIp = new Map<string, number>();

  constructor(options: ClusterOptions) {
    this.options = {
      seed: 1, nodes: 3, cni: "flannel", proxyMode: "iptables", podCIDR: "10.42.0.0/16", serviceCIDR: "10.96.0.0/12", nodeCIDR: "10.0.0.0/16",
      epoch: "2026-01-01T00:00:00Z", ...options,
    };
    this.store = new FakeStore(this.options.seed, this.options.epoch);
    this.store.clock.after(msToUs(5), "boot", () => systemObjects(this.store, this.options.nodes, (node) => this.podIp(node)));
  }

  observe(observer: ClusterObserver): () => void {
    this.store.observers.add(observer);
    return () => this.store.observers.delete(observer);
  }

  request(request: ApiRequest): ApiResponse {
    this.log.push({ atUs: this.nowUs(), type: "request", request });
    const parts = request.path.split("/").filter(Boolean);
    const rest = parts.slice(parts[0] === "api" ? 2 : 3);
    const namespace = rest[0] === "namespaces" ? (rest[1] ?? "") : "";
    const [plural = "", name] = rest[0] === "namespaces" ? rest.slice(2) : rest;
    if (rest.length === 0) {
      const resources = Object.entries(KIND_OF).map(([resource, of]) => ({ name: resource, kind: of, namespaced: of !== "Node" }));
      return this.json(200, { kind: "APIResourceList", apiVersion: "v1", groupVersion: "v1", resources });
    }
    const kind = KIND_OF[plural];
    if (kind === undefined) return this.status(404, "NotFound", "the server could not find the requested resource");
    if (request.method === "POST") return this.create(kind, namespace, (typeof request.body === "string" ? JSON.parse(request.body) : request.body) as KubeObject);
    if (name === undefined) return this.json(200, { kind: `${kind}List`, apiVersion: "v1", metadata: { resourceVersion: String(this.store.revision) }, items: this.store.list(kind).filter((o) => namespace === "" || o.metadata.namespace === namespace) });
    const found = this.store.get(kind, namespace, name);
    if (found === undefined) return this.status(404, "NotFound", `${plural} "${name}" not found`);
    if (request.method === "GET") return rest.at(-1) === "log" ? { status: 200, headers: { "content-type": "text/plain" }, body: "ready\n" } : this.json(200, found);
    if (request.method === "DELETE") {
      this.within(`kubectl: delete ${plural} ${name}`, () => (kind === "Pod" ? playDeath(this.store, found as PodObject) : this.store.remove(kind, namespace, name)));
      return this.json(200, found);
    }
    return this.json(200, this.store.put({ ...found, ...(request.body as KubeObject), metadata: found.metadata }));
  }

  private create(kind: string, namespace: string, body: KubeObject): ApiResponse {
    const name = body.metadata.name;
    if (this.store.get(kind, namespace, name) !== undefined) return this.status(409, "AlreadyExists", `${kind.toLowerCase()}s "${name}" already exists`);
    if (kind === "Pod" && !("spec" in body)) return this.status(422, "Invalid", `Pod "${name}" is invalid: spec.containers: Required value`);
    return this.within(`kubectl: create ${kind.toLowerCase()} ${name}`, () => {
      this.store.journal({ component: "kube-apiserver", step: "authentication", phase: "instant", subject: `${kind.toLowerCase()}/${namespace}/${name}`, detail: { verb: "create", user: "kubernetes-admin" } });
      const stored = this.store.put({ ...body, metadata: { ...body.metadata, namespace } });
      if (kind === "Pod") this.birth(stored as PodObject);
      if (kind === "Deployment") this.rollOut(stored as DeploymentObject);
      if (kind === "Service") this.expose(stored as ServiceObject);
      return this.json(201, stored);
    });
  }

  private birth(pod: PodObject): void {
    const stored = this.store.put({ ...pod, status: { phase: "Pending" } });
    if (pod.metadata.name.startsWith("pending")) {
      this.store.clock.after(msToUs(300), "kube-scheduler: no node", () => {
        const message = "0/4 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 3 Insufficient cpu.";
        this.store.put({ ...stored, status: { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message, lastTransitionTime: this.store.time.seconds(this.store.clock.now()) }] } });
        this.store.event(stored, "Warning", "FailedScheduling", message, "default-scheduler");
      });
      return;
    }
    playBirth(this.store, stored, () => {
      this.lastNode = (this.lastNode % this.options.nodes) + 1;
      const node = `node-${this.lastNode}`;
      return { node, ip: this.podIp(node) };
    });
  }

  private rollOut(deployment: DeploymentObject): void {
    const { name, namespace = "default" } = deployment.metadata;
    const replicas = deployment.spec.replicas ?? 1;
    const hash = this.store.rng.hex(9);
    const rs = this.store.put({
      apiVersion: "apps/v1", kind: "ReplicaSet",
      metadata: { name: `${name}-${hash}`, namespace, ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name, uid: deployment.metadata.uid ?? "", controller: true }] },
      spec: { replicas, selector: deployment.spec.selector, template: deployment.spec.template }, status: { replicas },
    } as unknown as KubeObject);
    this.store.event(deployment, "Normal", "ScalingReplicaSet", `Scaled up replica set ${name}-${hash} from 0 to ${replicas}`, "deployment-controller");
    for (let i = 0; i < replicas; i += 1) {
      this.store.clock.after(msToUs(20 + i * 8), "replicaset-controller: create pod", () =>
        this.birth(this.store.put({
          apiVersion: "v1", kind: "Pod",
          metadata: { name: `${name}-${hash}-${this.store.rng.hex(5)}`, namespace, labels: deployment.spec.template.metadata?.labels ?? {}, ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: rs.metadata.name, uid: rs.metadata.uid ?? "", controller: true }] },
          spec: deployment.spec.template.spec,
        } as unknown as PodObject)));
    }
    this.store.put({ ...deployment, status: { replicas, updatedReplicas: replicas, readyReplicas: 0 } });
  }

  private expose(service: ServiceObject): void {
    const clusterIP = `10.${96 + this.store.rng.below(16)}.${this.store.rng.below(256)}.${this.store.rng.below(256)}`;
    this.store.put({ ...service, spec: { type: "ClusterIP", ...service.spec, clusterIP } });
    this.store.clock.every(msToUs(500), "endpointslice-controller: sync", () => this.syncSlice(service));
  }

  private syncSlice(service: ServiceObject): void {
    const selector = Object.entries(service.spec?.selector ?? {});
    const endpoints = this.store.list<PodObject>("Pod")
      .filter((p) => (p.status?.podIP ?? "") !== "" && selector.length > 0 && selector.every(([k, v]) => p.metadata.labels?.[k] === v))
      .map((p) => ({
        addresses: [p.status?.podIP ?? ""], nodeName: p.spec.nodeName,
        conditions: { ready: p.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True") ?? false },
        targetRef: { kind: "Pod", namespace: p.metadata.namespace, name: p.metadata.name, uid: p.metadata.uid },
      }));
    const { name, namespace = "default" } = service.metadata;
    const before = this.store.get("EndpointSlice", namespace, `${name}-x7k2p`) as (KubeObject & { endpoints?: unknown }) | undefined;
    if (text(before?.endpoints) === text(endpoints)) return;
    this.store.put({ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: { name: `${name}-x7k2p`, namespace, labels: { "kubernetes.io/service-name": name } }, addressType: "IPv4", ports: [], endpoints } as KubeObject);
  }

  send(request: SendRequest): PacketTrace {
    this.log.push({ atUs: this.nowUs(), type: "send", request });
    const id = ++this.traceId;
    const end = (key: string): FakeEnd => {
      const [namespace = "", name = ""] = key.split("/");
      const pod = this.store.get<PodObject>("Pod", namespace, name);
      const node = pod?.spec.nodeName ?? "node-1";
      return { node, nodeIp: node === "control-plane" ? "10.0.0.2" : `10.0.0.${2 + Number(node.slice(5))}`, pod: key, ip: pod?.status?.podIP ?? "" };
    };
    const fromKey = "pod" in request.from ? request.from.pod : "default/my-nginx-pod";
    const service = this.store.list<ServiceObject>("Service").find((s) => request.to.includes(s.metadata.name));
    const backends = this.store.list<PodObject>("Pod").filter((p) => Object.entries(service?.spec?.selector ?? { app: "?" }).every(([k, v]) => p.metadata.labels?.[k] === v));
    const backend = backends[this.store.rng.below(Math.max(1, backends.length))] ?? this.store.list<PodObject>("Pod").find((p) => p.metadata.name !== fromKey.split("/")[1] && p.metadata.namespace === "default");
    const dnsPod = this.store.list<PodObject>("Pod").find((p) => p.metadata.name.startsWith("coredns"));
    const from = end(fromKey);
    const flow = { from, port: 80, targetPort: 80, protocol: "tcp" as const };
    const traces = fakeConversation(
      { id, startedUs: this.nowUs(), from: `pod ${fromKey}`, to: request.to },
      { ...flow, to: end(`kube-system/${dnsPod?.metadata.name ?? ""}`), virtualIp: "10.96.0.10", port: 53, targetPort: 53, service: "kube-system/kube-dns", protocol: "udp" },
      { ...flow, to: end(`${backend?.metadata.namespace ?? ""}/${backend?.metadata.name ?? ""}`), virtualIp: service?.spec?.clusterIP ?? "10.96.4.7", service: `${service?.metadata.namespace ?? "default"}/${service?.metadata.name ?? "web"}` },
    );
    const last = traces.at(-1);
    if (last !== undefined) this.store.clock.after((last.endedUs ?? this.nowUs()) - this.nowUs(), "reply arrives", () => this.observers((o) => o.trace?.(last)));
    return traces[0] as PacketTrace;
  }

  runFor(ms: number): void {
    this.store.clock.runTo(usOf(this.nowUs() + msToUs(ms)));
  }

  runUntil(condition: () => boolean, { limitMs }: { readonly limitMs: number }): boolean {
    const end = this.now() + limitMs;
    while (!condition() && this.now() < end && this.step() !== undefined);
    return condition();
  }

  runSlice(untilMs: number, budgetEvents: number): boolean {
    const until = msToUs(untilMs);
    for (let left = budgetEvents; left > 0; left -= 1) {
      const next = this.store.clock.nextAtUs();
      if (next === undefined || next > until) {
        this.store.clock.runTo(usOf(until));
        return true;
      }
      this.store.clock.step();
    }
    return false;
  }

  step() { return this.store.clock.step(); }
  now(): number { return this.store.clock.now() / 1_000; }
  nowUs(): number { return this.store.clock.now(); }
  ready(): boolean {
    const pods = this.store.list<PodObject>("Pod").filter((p) => p.metadata.namespace !== "default");
    return pods.length > 0 && pods.every((p) => p.status?.conditions?.some((c) => c.type === "Ready" && c.status === "True"));
  }
  logs(pod: string) { return { ok: true as const, value: [{ atUs: usOf(this.nowUs()), stream: "stdout" as const, text: `${pod} is up` }] }; }
  exec() { return { ok: false as const, error: "the fake cluster runs nothing" }; }
  attach() { return { ok: false as const, error: "the fake cluster runs nothing" }; }
  explain(subject: string): Explanation {
    const [, namespace = "", name = ""] = subject.split("/");
    const pod = this.store.get<PodObject>("Pod", namespace, name);
    const bound = pod?.spec.nodeName ?? "";
    const verdicts: NodeVerdict[] = ["control-plane", "node-1", "node-2", "node-3"].map((node): NodeVerdict =>
      node === "control-plane"
        ? { node, plugin: "TaintToleration", code: "UnschedulableAndUnresolvable" as const, reasons: ["node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }"], scores: {}, total: 0 }
        : bound === ""
          ? { node, plugin: "NodeResourcesFit", code: "Unschedulable" as const, reasons: ["Insufficient cpu"], scores: {}, total: 0 }
          : { node, reasons: [], scores: { NodeResourcesFit: node === bound ? 96 : 91, NodeResourcesBalancedAllocation: 88, TaintToleration: 300 }, total: node === bound ? 484 : 479 });
    const attempt = { atUs: this.nowUs(), causeId: 1, pod: `${namespace}/${name}`, result: bound === "" ? ("unschedulable" as const) : ("scheduled" as const), ...(bound === "" ? {} : { node: bound }), message: bound === "" ? "0/4 nodes are available: 3 Insufficient cpu." : `Successfully assigned ${namespace}/${name} to ${bound}`, verdicts };
    return { subject, scheduling: subject.startsWith("pod/") ? [attempt] : [], causes: this.store.clock.causes.chain(40, 6) };
  }
  fault() { return { ok: true as const, value: undefined }; }
  commandLog(): readonly Command[] { return this.log; }
  stateHash(): string { return hash32(text([...this.store.objects.values()])).toString(16); }
  cause(id: number) { return this.store.clock.causes.get(id); }
  node(name: string): NodeNetwork {
    const lines = (what: string): string => `# ${what} on ${name}\ndefault via 10.0.0.1 dev eth0\n10.42.1.0/24 dev cni0 proto kernel scope link src 10.42.1.1\n`;
    return {
      nodeName: name, nodeIp: "10.0.0.2", iptablesSave: () => "*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SERVICES - [0:0]\n-A PREROUTING -m comment --comment \"kubernetes service portals\" -j KUBE-SERVICES\nCOMMIT\n",
      ipRoute: () => lines("ip route"), ipAddr: () => lines("ip addr"), ipNeigh: () => lines("ip neigh"), bridgeFdb: () => lines("bridge fdb"), conntrack: () => lines("conntrack"), ipvsadm: () => "", nftRuleset: () => "",
    } as unknown as NodeNetwork;
  }

  private observers(tell: (observer: ClusterObserver) => void): void {
    for (const observer of this.store.observers) tell(observer);
  }

  private within<T>(label: string, action: () => T): T {
    return this.store.clock.within(label, action);
  }

  private podIp(node: string): string {
    const host = (this.nextIp.get(node) ?? 1) + 1;
    this.nextIp.set(node, host);
    return `10.42.${node === "control-plane" ? 0 : node.slice(5)}.${host}`;
  }

  private json(status: number, body: unknown): ApiResponse {
    return { status, headers: { "content-type": "application/json" }, body };
  }

  private status(code: number, reason: string, message: string): ApiResponse {
    return this.json(code, { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code });
  }
}
