import type { Taint } from "../kinds/generated/types.ts";
import type { KubeletNodeConfig } from "../kubelet/contracts.ts";
import { KERNEL_RELEASE } from "../runtime/process/proc-tree.ts";
import { KUBERNETES_VERSION } from "./presets/versions.ts";

/** What a machine is made of. */
export interface MachineSize {
  readonly instanceType: string;
  readonly cpu: number;
  readonly memoryKi: number;
  readonly diskKi: number;
}

const CONTROL_PLANE_SIZE: MachineSize = { instanceType: "standard-2", cpu: 2, memoryKi: 4_026_000, diskKi: 41_152_812 };
const WORKER_SIZE: MachineSize = { instanceType: "standard-4", cpu: 4, memoryKi: 8_139_888, diskKi: 82_043_328 };
const ZONES = ["zone-a", "zone-b", "zone-c"] as const;

export const CONTROL_PLANE = "control-plane";

/** The first machine has .10 of the node range, the workers follow. Differs: real addresses come from DHCP or the cloud. */
const FIRST_HOST = 10;

/** What the kubelet of a machine registers. Index 0 is the control plane, n is "node-n". */
export function machineConfig(index: number, nodeCIDR: string): KubeletNodeConfig & { readonly size: MachineSize } {
  const isControlPlane = index === 0;
  const name = isControlPlane ? CONTROL_PLANE : `node-${index}`;
  const size = isControlPlane ? CONTROL_PLANE_SIZE : WORKER_SIZE;
  const taints: readonly Taint[] = isControlPlane ? [{ key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" }] : [];
  return {
    name,
    ip: hostAddress(nodeCIDR, FIRST_HOST + index),
    size,
    taints,
    labels: isControlPlane ? { "node.kubernetes.io/exclude-from-external-load-balancers": "" } : {},
    annotations: { "kubeadm.alpha.kubernetes.io/cri-socket": "unix:///var/run/containerd/containerd.sock", "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
    roles: isControlPlane ? ["control-plane"] : [],
    capacity: { cpu: String(size.cpu), memory: `${size.memoryKi}Ki`, "ephemeral-storage": `${size.diskKi}Ki`, pods: "110" },
    ...(isControlPlane ? {} : { zone: ZONES[(index - 1) % ZONES.length] ?? ZONES[0] }),
    osImage: "Debian GNU/Linux 12 (bookworm)",
    kernelVersion: KERNEL_RELEASE,
    containerRuntimeVersion: "containerd://2.0.5",
    kubeletVersion: KUBERNETES_VERSION,
  };
}

/** The nth address of an IPv4 range. */
export function hostAddress(cidr: string, offset: number): string {
  const [base = "", length = "24"] = cidr.split("/");
  const start = base.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const value = Math.floor(start / size) * size + offset;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
