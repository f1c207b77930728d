import { expect, test } from "vitest";
import { ConfigMap } from "./config-map.ts";
import { DaemonSet } from "./daemon-set.ts";
import { Deployment } from "./deployment.ts";
import { EndpointSlice } from "./endpoint-slice.ts";
import { Event } from "./event.ts";
import { IngressClass } from "./ingress-class.ts";
import type { KindDefinition } from "./kind-definition.ts";
import { Lease } from "./lease.ts";
import { Namespace } from "./namespace.ts";
import { Node } from "./node.ts";
import { Pod } from "./pod.ts";
import { PriorityClass } from "./priority-class.ts";
import { ReplicaSet } from "./replica-set.ts";
import { Secret } from "./secret.ts";
import { ServiceAccount } from "./service-account.ts";
import { Service } from "./service.ts";
import { ago, cellsOf, columnsOf, make } from "./testdata/make.ts";
import { Endpoints } from "./waiting/endpoints.ts";
import { Ingress } from "./waiting/ingress.ts";
import { NetworkPolicy } from "./waiting/network-policy.ts";

// Source: pkg/printers/internalversion/printers.go and its test.

const any = (definition: unknown): KindDefinition => definition as KindDefinition;

test.each<[KindDefinition, string]>([
  [any(Pod), "Name Ready Status Restarts Age (IP) (Node) (Nominated Node) (Readiness Gates)"],
  [any(Deployment), "Name Ready Up-to-date Available Age (Containers) (Images) (Selector)"],
  [any(ReplicaSet), "Name Desired Current Ready Age (Containers) (Images) (Selector)"],
  [any(DaemonSet), "Name Desired Current Ready Up-to-date Available Node Selector Age (Containers) (Images) (Selector)"],
  [any(Service), "Name Type Cluster-IP External-IP Port(s) Age (Selector)"],
  [any(EndpointSlice), "Name AddressType Ports Endpoints Age"],
  [any(Node), "Name Status Roles Age Version (Internal-IP) (External-IP) (OS-Image) (Kernel-Version) (Container-Runtime)"],
  [any(Namespace), "Name Status Age"],
  [any(Event), "Last Seen Type Reason Object (Subobject) (Source) Message (First Seen) (Count) (Name)"],
  [any(ConfigMap), "Name Data Age"],
  [any(Secret), "Name Type Data Age"],
  [any(ServiceAccount), "Name Secrets Age"],
  [any(Lease), "Name Holder Age"],
  [any(PriorityClass), "Name Value Global-Default Age PreemptionPolicy"],
  [any(IngressClass), "Name Controller Parameters Age"],
  [any(Ingress), "Name Class Hosts Address Ports Age"],
  [any(NetworkPolicy), "Name Pod-Selector Age"],
  [any(Endpoints), "Name Endpoints Age"],
])("$kind", (definition, columns) => {
  expect(columnsOf(definition)).toBe(columns);
  expect(definition.columns.filter((column) => column.format === "name").map((column) => column.name)).toEqual(["Name"]);
});

const born = { creationTimestamp: ago(125) };
const template = { metadata: { labels: { app: "a" } }, spec: { containers: [{ name: "a", image: "x:1" }, { name: "b", image: "y" }], nodeSelector: { z: "1", a: "2" } } };
const withStatus = <T extends object>(object: T, status: object): T => ({ ...object, status });

test("workloads", () => {
  const deployment = make(Deployment, { spec: { replicas: 3, selector: { matchLabels: { app: "a" } }, template } }, born);
  expect(cellsOf(Deployment, deployment)).toEqual(["x", "0/3", 0, 0, "2m5s", "a,b", "x:1,y", "app=a"]);
  expect(cellsOf(Deployment, withStatus(deployment, { replicas: 3, readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 })).slice(1, 4)).toEqual(["2/3", 3, 1]);
  const rs = make(ReplicaSet, { spec: { selector: { matchLabels: { app: "a" }, matchExpressions: [{ key: "b", operator: "In", values: ["2", "1"] }, { key: "a", operator: "DoesNotExist" }] }, template } }, born);
  expect(cellsOf(ReplicaSet, withStatus(rs, { replicas: 1, readyReplicas: 1 }))).toEqual(["x", 1, 1, 1, "2m5s", "a,b", "x:1,y", "!a,app=a,b in (1,2)"]);
  const ds = make(DaemonSet, { spec: { selector: { matchLabels: { app: "a" } }, template } }, born);
  expect(cellsOf(DaemonSet, withStatus(ds, { desiredNumberScheduled: 3, currentNumberScheduled: 2, numberReady: 1, numberMisscheduled: 0, updatedNumberScheduled: 2, numberAvailable: 1 }))).toEqual(["x", 3, 2, 1, 2, 1, "a=2,z=1", "2m5s", "a,b", "x:1,y", "app=a"]);
});

// Cases of upstream's TestPrintService.
test.each<[object, object | undefined, unknown[]]>([
  [{ type: "ClusterIP", clusterIP: "10.9.8.7", clusterIPs: ["10.9.8.7"], ports: [{ port: 2233, protocol: "UDP" }], selector: { foo: "bar" } }, undefined, ["ClusterIP", "10.9.8.7", "<none>", "2233/UDP", "2m5s", "foo=bar"]],
  [{ type: "NodePort", clusterIPs: ["10.9.8.7"], externalIPs: ["1.1.1.1"], ports: [{ port: 80, nodePort: 30080 }, { port: 81, nodePort: 30081 }] }, undefined, ["NodePort", "10.9.8.7", "1.1.1.1", "80:30080/TCP,81:30081/TCP", "2m5s", "<none>"]],
  [{ type: "LoadBalancer", clusterIPs: ["10.9.8.7"], ports: [{ port: 80, nodePort: 30080 }] }, undefined, ["LoadBalancer", "10.9.8.7", "<pending>", "80:30080/TCP", "2m5s", "<none>"]],
  [{ type: "LoadBalancer", clusterIPs: ["10.9.8.7"], externalIPs: ["9.9.9.9"], ports: [{ port: 80 }] }, { loadBalancer: { ingress: [{ ip: "2.2.2.2" }, { hostname: "1.example" }] } }, ["LoadBalancer", "10.9.8.7", "1.example,2.2.2.2,9.9.9.9", "80/TCP", "2m5s", "<none>"]],
  [{ type: "ExternalName", externalName: "my.database.example.com" }, undefined, ["ExternalName", "<none>", "my.database.example.com", "<none>", "2m5s", "<none>"]],
  [{ clusterIP: "None", clusterIPs: ["None"], ports: [{ port: 80 }] }, undefined, ["ClusterIP", "None", "<none>", "80/TCP", "2m5s", "<none>"]],
])("service %j", (spec, status, cells) => {
  const service = make(Service, { spec }, born);
  expect(cellsOf(Service, status === undefined ? service : withStatus(service, status)).slice(1)).toEqual(cells);
});

test("endpoint slices", () => {
  const cells = (slice: object): unknown[] => cellsOf(EndpointSlice, make(EndpointSlice, { addressType: "IPv4", ...slice }, born)).slice(1, 4);
  expect(cells({})).toEqual(["IPv4", "<unset>", "<unset>"]);
  expect(cells({ ports: [{ port: 80 }, { name: "x" }, {}, { port: 1 }, { port: 2 }], endpoints: [{ addresses: ["1.1.1.1", "1.1.1.2"] }, { addresses: ["1.1.1.3"], conditions: { ready: false } }, { addresses: ["1.1.1.4"] }] })).toEqual(["IPv4", "80,x,* + 2 more...", "1.1.1.1,1.1.1.2,1.1.1.3 + 1 more..."]);
});

// Cases of upstream's TestPrintNodeStatus, TestPrintNodeRole, TestPrintNodeOSImage, TestPrintNodeInternalIP.
test("nodes", () => {
  const node = make(Node, {}, { ...born, labels: { "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/": "x", "kubernetes.io/role": "edge", "node-role.kubernetes.io/control-plane": "" } });
  expect(cellsOf(Node, node)).toEqual(["x", "Unknown", "control-plane,edge,worker", "2m5s", "", "<none>", "<none>", "<unknown>", "<unknown>", "<unknown>"]);
  const ready = (status: string): object => ({ conditions: [{ type: "MemoryPressure", status: "True" }, { type: "Ready", status }] });
  const plain = make(Node, {});
  expect(["True", "False", "Unknown"].map((status) => cellsOf(Node, withStatus(plain, ready(status)))[1])).toEqual(["Ready", "NotReady", "NotReady"]);
  expect(cellsOf(Node, withStatus(make(Node, { spec: { unschedulable: true } }), ready("True")))[1]).toBe("Ready,SchedulingDisabled");
  expect(cellsOf(Node, plain)[2]).toBe("<none>");
  const up = withStatus(node, { addresses: [{ type: "ExternalIP", address: "8.8.8.8" }, { type: "InternalIP", address: "10.0.0.1" }], nodeInfo: { kubeletVersion: "v1.33.0", osImage: "Debian", kernelVersion: "6.1", containerRuntimeVersion: "containerd://2.0" } });
  expect(cellsOf(Node, up).slice(4)).toEqual(["v1.33.0", "10.0.0.1", "8.8.8.8", "Debian", "6.1", "containerd://2.0"]);
});

// Cases of upstream's TestPrintEvent.
test("events", () => {
  const cells = (event: object): unknown[] => cellsOf(Event, make(Event, { reason: "R", message: " m \n", type: "Normal", involvedObject: { kind: "Pod", name: "p", fieldPath: "spec.containers{a}" }, ...event }));
  expect(cells({ firstTimestamp: ago(300), lastTimestamp: ago(60), count: 6, source: { component: "kubelet", host: "n" } })).toEqual(["60s", "Normal", "R", "pod/p", "spec.containers{a}", "kubelet, n", "m", "5m", 6, "x"]);
  expect(cells({ eventTime: "2026-01-01T00:59:00.000000Z", reportingComponent: "sched", reportingInstance: "i" })).toEqual(["60s", "Normal", "R", "pod/p", "spec.containers{a}", "sched, i", "m", "60s", 1, "x"]);
  expect(cells({ eventTime: "2026-01-01T00:50:00.000000Z", series: { count: 4, lastObservedTime: "2026-01-01T00:59:58.000000Z" }, involvedObject: { kind: "Node" } })).toEqual(["2s", "Normal", "R", "node", "", "", "m", "10m", 4, "x"]);
  expect(cells({})[0]).toBe("<unknown>");
});

test("the small ones", () => {
  expect(cellsOf(ConfigMap, make(ConfigMap, { data: { a: "1" }, binaryData: { b: "YQ==" } }, born))).toEqual(["x", 2, "2m5s"]);
  expect(cellsOf(Secret, make(Secret, { stringData: { a: "1" } }, born))).toEqual(["x", "Opaque", 1, "2m5s"]);
  expect(cellsOf(ServiceAccount, make(ServiceAccount, {}, born))).toEqual(["x", 0, "2m5s"]);
  expect(cellsOf(Lease, make(Lease, { spec: { holderIdentity: "n" } }, born))).toEqual(["x", "n", "2m5s"]);
  expect(cellsOf(Namespace, make(Namespace, {}, born))).toEqual(["x", "Active", "2m5s"]);
  expect(cellsOf(PriorityClass, make(PriorityClass, { value: 5 }, born))).toEqual(["x", 5, false, "2m5s", "PreemptLowerPriority"]);
  expect(cellsOf(IngressClass, make(IngressClass, { spec: { controller: "a.b/c", parameters: { apiGroup: "g", kind: "K", name: "n" } } }, born))).toEqual(["x", "a.b/c", "K.g/n", "2m5s"]);
  expect(cellsOf(NetworkPolicy, make(NetworkPolicy, { spec: { podSelector: {} } }, born))).toEqual(["x", "<none>", "2m5s"]);
  expect(cellsOf(Endpoints, make(Endpoints, { subsets: [{ addresses: [{ ip: "1.1.1.1" }, { ip: "1.1.1.2" }], ports: [{ port: 80 }, { port: 81 }] }] }, born))).toEqual(["x", "1.1.1.1:80,1.1.1.2:80,1.1.1.1:81 + 1 more...", "2m5s"]);
  const ingress = make(Ingress, { spec: { tls: [{}], rules: [{ host: "a" }, { host: "b" }, {}, { host: "c" }, { host: "d" }] } }, born);
  expect(cellsOf(Ingress, ingress)).toEqual(["x", "<none>", "a,b,c + 2 more...", "", "80, 443", "2m5s"]);
});
