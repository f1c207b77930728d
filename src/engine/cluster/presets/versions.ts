/** What a kubeadm v1.33 cluster runs. Source: cmd/kubeadm/app/constants/constants.go; the add-ons' own releases. */
export const KUBERNETES_VERSION = "v1.33.0";

export const IMAGES = {
  etcd: "registry.k8s.io/etcd:3.5.21-0",
  apiserver: `registry.k8s.io/kube-apiserver:${KUBERNETES_VERSION}`,
  controllerManager: `registry.k8s.io/kube-controller-manager:${KUBERNETES_VERSION}`,
  scheduler: `registry.k8s.io/kube-scheduler:${KUBERNETES_VERSION}`,
  proxy: `registry.k8s.io/kube-proxy:${KUBERNETES_VERSION}`,
  coredns: "registry.k8s.io/coredns/coredns:v1.12.0",
  flannel: "ghcr.io/flannel-io/flannel:v0.26.7",
  flannelCniPlugin: "ghcr.io/flannel-io/flannel-cni-plugin:v1.6.2-flannel1",
  pause: "registry.k8s.io/pause:3.10",
} as const;
