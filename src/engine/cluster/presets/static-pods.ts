import type { Container, PodObject, PodSpec, Probe, Volume, VolumeMount } from "../../kinds/generated/types.ts";
import { IMAGES } from "./versions.ts";

/** What the manifests depend on. */
export interface ControlPlaneSettings {
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly podCIDR: string;
  readonly serviceCIDR: string;
}

/**
 * The manifests in /etc/kubernetes/manifests of the control-plane node.
 * Source: cmd/kubeadm/app/phases/controlplane/manifests.go, GetStaticPodSpecs; cmd/kubeadm/app/phases/etcd/local.go, GetEtcdPodSpec.
 */
export function controlPlaneStaticPods(settings: ControlPlaneSettings): readonly PodObject[] {
  return [etcd(settings), apiServer(settings), controllerManager(settings), scheduler()];
}

function etcd({ nodeName, nodeIp }: ControlPlaneSettings): PodObject {
  return staticPod("etcd", {
    annotations: { "kubeadm.kubernetes.io/etcd.advertise-client-urls": `https://${nodeIp}:2379` },
    image: IMAGES.etcd,
    command: [
      "etcd", `--advertise-client-urls=https://${nodeIp}:2379`, "--cert-file=/etc/kubernetes/pki/etcd/server.crt", "--client-cert-auth=true",
      "--data-dir=/var/lib/etcd", `--initial-advertise-peer-urls=https://${nodeIp}:2380`, `--initial-cluster=${nodeName}=https://${nodeIp}:2380`,
      "--key-file=/etc/kubernetes/pki/etcd/server.key", `--listen-client-urls=https://127.0.0.1:2379,https://${nodeIp}:2379`,
      "--listen-metrics-urls=http://127.0.0.1:2381", `--listen-peer-urls=https://${nodeIp}:2380`, `--name=${nodeName}`,
      "--peer-client-cert-auth=true", "--snapshot-count=10000",
    ],
    requests: { cpu: "100m", memory: "100Mi" },
    probes: { path: "/health?serializable=true", readinessPath: "/readyz", livenessPath: "/livez", port: 2381, host: "127.0.0.1", scheme: "HTTP" },
    hostPaths: { "etcd-certs": "/etc/kubernetes/pki/etcd", "etcd-data": "/var/lib/etcd" },
  });
}

function apiServer({ nodeIp, serviceCIDR }: ControlPlaneSettings): PodObject {
  return staticPod("kube-apiserver", {
    annotations: { "kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint": `${nodeIp}:6443` },
    image: IMAGES.apiserver,
    command: [
      "kube-apiserver", `--advertise-address=${nodeIp}`, "--allow-privileged=true", "--authorization-mode=Node,RBAC",
      "--client-ca-file=/etc/kubernetes/pki/ca.crt", "--enable-admission-plugins=NodeRestriction", "--enable-bootstrap-token-auth=true",
      "--etcd-servers=https://127.0.0.1:2379", "--secure-port=6443", "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
      `--service-cluster-ip-range=${serviceCIDR}`, "--tls-cert-file=/etc/kubernetes/pki/apiserver.crt",
    ],
    requests: { cpu: "250m" },
    probes: { livenessPath: "/livez", readinessPath: "/readyz", port: 6443, host: nodeIp, scheme: "HTTPS" },
    hostPaths: { "ca-certs": "/etc/ssl/certs", "k8s-certs": "/etc/kubernetes/pki" },
  });
}

function controllerManager({ podCIDR, serviceCIDR }: ControlPlaneSettings): PodObject {
  return staticPod("kube-controller-manager", {
    image: IMAGES.controllerManager,
    command: [
      "kube-controller-manager", "--allocate-node-cidrs=true", "--bind-address=127.0.0.1", `--cluster-cidr=${podCIDR}`, "--cluster-name=kubernetes",
      "--controllers=*,bootstrapsigner,tokencleaner", "--kubeconfig=/etc/kubernetes/controller-manager.conf", "--leader-elect=true",
      `--service-cluster-ip-range=${serviceCIDR}`, "--use-service-account-credentials=true",
    ],
    requests: { cpu: "200m" },
    probes: { livenessPath: "/healthz", port: 10257, host: "127.0.0.1", scheme: "HTTPS" },
    hostPaths: { "ca-certs": "/etc/ssl/certs", "k8s-certs": "/etc/kubernetes/pki", kubeconfig: "/etc/kubernetes/controller-manager.conf" },
  });
}

function scheduler(): PodObject {
  return staticPod("kube-scheduler", {
    image: IMAGES.scheduler,
    command: [
      "kube-scheduler", "--authentication-kubeconfig=/etc/kubernetes/scheduler.conf", "--authorization-kubeconfig=/etc/kubernetes/scheduler.conf",
      "--bind-address=127.0.0.1", "--kubeconfig=/etc/kubernetes/scheduler.conf", "--leader-elect=true",
    ],
    requests: { cpu: "100m" },
    probes: { livenessPath: "/livez", readinessPath: "/readyz", port: 10259, host: "127.0.0.1", scheme: "HTTPS" },
    hostPaths: { kubeconfig: "/etc/kubernetes/scheduler.conf" },
  });
}

interface StaticPodInput {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly image: string;
  readonly command: readonly string[];
  readonly requests: Readonly<Record<string, string>>;
  readonly probes: { readonly path?: string; readonly livenessPath: string; readonly readinessPath?: string; readonly port: number; readonly host: string; readonly scheme: "HTTP" | "HTTPS" };
  /** Volume name → path on the host, mounted at the same path. */
  readonly hostPaths: Readonly<Record<string, string>>;
}

/** Source: cmd/kubeadm/app/util/staticpod/utils.go, ComponentPod, LivenessProbe, ReadinessProbe, StartupProbe. */
function staticPod(component: string, input: StaticPodInput): PodObject {
  const { host, port, scheme, livenessPath, readinessPath } = input.probes;
  const probe = (path: string, timing: Omit<Probe, "httpGet">): Probe => ({ httpGet: { path, port, host, scheme }, timeoutSeconds: 15, ...timing });
  const container: Container = {
    name: component,
    image: input.image,
    imagePullPolicy: "IfNotPresent",
    command: input.command,
    resources: { requests: input.requests },
    livenessProbe: probe(livenessPath, { initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 8 }),
    ...(readinessPath === undefined ? {} : { readinessProbe: probe(readinessPath, { periodSeconds: 1, failureThreshold: 3 }) }),
    startupProbe: probe(readinessPath ?? livenessPath, { initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 24 }),
    volumeMounts: Object.entries(input.hostPaths).map(([name, path]): VolumeMount => ({ name, mountPath: path, ...(path === "/var/lib/etcd" ? {} : { readOnly: true }) })),
  };
  const spec: PodSpec = {
    containers: [container],
    hostNetwork: true,
    priority: 2_000_001_000,
    priorityClassName: "system-node-critical",
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    volumes: Object.entries(input.hostPaths).map(([name, path]): Volume => ({ name, hostPath: { path, type: path.endsWith(".conf") ? "FileOrCreate" : "DirectoryOrCreate" } })),
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: component, namespace: "kube-system", labels: { component, tier: "control-plane" }, ...(input.annotations === undefined ? {} : { annotations: input.annotations }) },
    spec,
  };
}
