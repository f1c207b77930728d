import type { KubeObject } from "../../engine/apimachinery/object.ts";
import { msToUs } from "../../engine/kernel/time.ts";
import type { PodObject } from "../../engine/kinds/generated/types.ts";
import { playBirth } from "./fake-births.ts";
import type { FakeStore } from "./fake-store.ts";

const NODE_CONDITIONS = [
  ["MemoryPressure", "False", "KubeletHasSufficientMemory"], ["DiskPressure", "False", "KubeletHasNoDiskPressure"],
  ["PIDPressure", "False", "KubeletHasSufficientPID"], ["Ready", "True", "KubeletReady"],
] as const;

/** A fresh kubeadm-like cluster: nodes, static pods, DaemonSet pods, coredns, the two Services that are always there. */
export function systemObjects(store: FakeStore, workers: number, podIp: (node: string) => string): void {
  for (const namespace of ["default", "kube-system", "kube-public", "kube-node-lease", "kube-flannel"]) {
    store.put({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace }, status: { phase: "Active" } } as KubeObject);
  }
  const nodes = ["control-plane", ...Array.from({ length: workers }, (_, i) => `node-${i + 1}`)];
  for (const [index, name] of nodes.entries()) {
    store.put(node(store, name, index, false));
    store.clock.after(msToUs(900 + index * 40), `kubelet ${name}: ready`, () => {
      const now = node(store, name, index, true);
      store.put(now);
      store.event(now, "Normal", "NodeReady", `Node ${name} status is now: NodeReady`, "kubelet");
    });
    if (index === 0) for (const component of ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"]) {
      pod(store, `${component}-${name}`, "kube-system", { component, tier: "control-plane" }, name, index, podIp);
    }
    pod(store, `kube-proxy-${store.rng.hex(5)}`, "kube-system", { "k8s-app": "kube-proxy" }, name, index, podIp);
    pod(store, `kube-flannel-ds-${store.rng.hex(5)}`, "kube-flannel", { app: "flannel" }, name, index, podIp);
  }
  for (let i = 0; i < 2; i += 1) pod(store, `coredns-6f6b679f8f-${store.rng.hex(5)}`, "kube-system", { "k8s-app": "kube-dns" }, `node-${(i % workers) + 1}`, 9, podIp);
  service(store, "kubernetes", "default", "10.96.0.1", 443);
  service(store, "kube-dns", "kube-system", "10.96.0.10", 53);
  store.clock.every(msToUs(10_000), "kubelet: heartbeat", () => {});
}

function node(store: FakeStore, name: string, index: number, ready: boolean): KubeObject {
  return {
    apiVersion: "v1", kind: "Node",
    metadata: { name, labels: { "topology.kubernetes.io/zone": `zone-${"abc"[index % 3]}`, ...(index === 0 ? { "node-role.kubernetes.io/control-plane": "" } : {}) } },
    spec: { podCIDR: `10.42.${index}.0/24`, ...(index === 0 ? { taints: [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] } : {}) },
    status: {
      addresses: [{ type: "InternalIP", address: `10.0.0.${2 + index}` }, { type: "Hostname", address: name }],
      allocatable: { cpu: "4", memory: "8Gi", pods: "110" }, capacity: { cpu: "4", memory: "8Gi", pods: "110" },
      nodeInfo: { kubeletVersion: "v1.33.0" },
      conditions: NODE_CONDITIONS.map(([type, status, reason]) => ({
        type, status: type === "Ready" && !ready ? "False" : status, reason: type === "Ready" && !ready ? "KubeletNotReady" : reason,
        message: "", lastTransitionTime: store.time.seconds(store.clock.now()),
      })),
    },
  } as unknown as KubeObject;
}

function pod(store: FakeStore, name: string, namespace: string, labels: Record<string, string>, nodeName: string, order: number, podIp: (node: string) => string): void {
  const organ = labels["k8s-app"] !== "kube-dns";
  const component = labels["component"] ?? labels["k8s-app"] ?? "flannel";
  store.clock.after(msToUs(30 + order * 15), "create system pod", () => {
    const stored = store.put({
      apiVersion: "v1", kind: "Pod", metadata: { name, namespace, labels },
      spec: { hostNetwork: organ, containers: [{ name: component, image: `registry.k8s.io/${component}:v1.33.0`, resources: { requests: { cpu: "100m", memory: "100Mi" } } }] },
      status: { phase: "Pending" },
    } as unknown as PodObject);
    playBirth(store, stored, () => ({ node: nodeName, ip: organ ? `10.0.0.${nodeName === "control-plane" ? 2 : 2 + Number(nodeName.slice(5))}` : podIp(nodeName), system: true }));
  });
}

function service(store: FakeStore, name: string, namespace: string, clusterIP: string, port: number): void {
  store.put({
    apiVersion: "v1", kind: "Service", metadata: { name, namespace },
    spec: { type: "ClusterIP", clusterIP, ports: [{ name: port === 53 ? "dns" : "https", port, protocol: port === 53 ? "UDP" : "TCP", targetPort: port }], selector: port === 53 ? { "k8s-app": "kube-dns" } : {} },
  } as unknown as KubeObject);
}
