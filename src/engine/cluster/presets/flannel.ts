import type { KubeObject } from "../../apimachinery/object.ts";
import type { ConfigMapObject, DaemonSetObject, NamespaceObject, ServiceAccountObject } from "../../kinds/generated/types.ts";
import { IMAGES } from "./versions.ts";

const NAMESPACE = "kube-flannel";
const APP = { app: "flannel", "k8s-app": "flannel" };

/** flannel with its VXLAN backend. Source: Documentation/kube-flannel.yml in flannel-io/flannel. Differs: no RBAC objects. */
export function flannelAddon(podCIDR: string): readonly KubeObject[] {
  const namespace: NamespaceObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE, labels: { "k8s-app": "flannel", "pod-security.kubernetes.io/enforce": "privileged" } }, spec: {} };
  const account: ServiceAccountObject = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "flannel", namespace: NAMESPACE, labels: { "k8s-app": "flannel" } } };
  return [namespace, account, config(podCIDR), daemonSet()];
}

function config(podCIDR: string): ConfigMapObject {
  const cni = { name: "cbr0", cniVersion: "0.3.1", plugins: [{ type: "flannel", delegate: { hairpinMode: true, isDefaultGateway: true } }, { type: "portmap", capabilities: { portMappings: true } }] };
  const network = { Network: podCIDR, EnableNFTables: false, Backend: { Type: "vxlan" } };
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kube-flannel-cfg", namespace: NAMESPACE, labels: { tier: "node", ...APP } },
    data: { "cni-conf.json": `${JSON.stringify(cni, null, 2)}\n`, "net-conf.json": `${JSON.stringify(network, null, 2)}\n` },
  };
}

function daemonSet(): DaemonSetObject {
  return {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: { name: "kube-flannel-ds", namespace: NAMESPACE, labels: { tier: "node", ...APP } },
    spec: {
      selector: { matchLabels: { app: "flannel" } },
      template: {
        metadata: { name: "", labels: { tier: "node", ...APP } },
        spec: {
          affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }] }] } } },
          hostNetwork: true,
          priorityClassName: "system-node-critical",
          serviceAccountName: "flannel",
          tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
          initContainers: [
            {
              name: "install-cni-plugin",
              image: IMAGES.flannelCniPlugin,
              command: ["cp"],
              args: ["-f", "/flannel", "/opt/cni/bin/flannel"],
              volumeMounts: [{ name: "cni-plugin", mountPath: "/opt/cni/bin" }],
            },
            {
              name: "install-cni",
              image: IMAGES.flannel,
              command: ["cp"],
              args: ["-f", "/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"],
              volumeMounts: [
                { name: "cni", mountPath: "/etc/cni/net.d" },
                { name: "flannel-cfg", mountPath: "/etc/kube-flannel/" },
              ],
            },
          ],
          containers: [
            {
              name: "kube-flannel",
              image: IMAGES.flannel,
              command: ["/opt/bin/flanneld"],
              args: ["--ip-masq", "--kube-subnet-mgr"],
              env: [
                { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                { name: "POD_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
                { name: "EVENT_QUEUE_DEPTH", value: "5000" },
                { name: "CONT_WHEN_CACHE_NOT_READY", value: "false" },
              ],
              resources: { requests: { cpu: "100m", memory: "50Mi" } },
              securityContext: { privileged: false, capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
              volumeMounts: [
                { name: "run", mountPath: "/run/flannel" },
                { name: "flannel-cfg", mountPath: "/etc/kube-flannel/" },
                { name: "xtables-lock", mountPath: "/run/xtables.lock" },
              ],
            },
          ],
          volumes: [
            { name: "run", hostPath: { path: "/run/flannel" } },
            { name: "cni-plugin", hostPath: { path: "/opt/cni/bin" } },
            { name: "cni", hostPath: { path: "/etc/cni/net.d" } },
            { name: "flannel-cfg", configMap: { name: "kube-flannel-cfg" } },
            { name: "xtables-lock", hostPath: { path: "/run/xtables.lock", type: "FileOrCreate" } },
          ],
        },
      },
    },
  };
}
