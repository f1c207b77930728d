import { quantityOf, quantityText, quantityValue } from "../../apimachinery/quantity.ts";
import type { KubeletNodeConfig } from "../contracts.ts";

export interface NodeResources {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
}

const HARD_EVICTION_MEMORY = 100 * 1024 * 1024; // bytes; memory.available<100Mi
const NODEFS_SHARE = 0.9; // nodefs.available<10%
const MAX_PODS = 110;

const kibibytes = (bytes: number): string => `${Math.floor(bytes / 1024)}Ki`;

/**
 * What the machine has and what pods may use of it: memory less the hard eviction threshold, nine tenths of the disk.
 * Source: pkg/kubelet/cm/container_manager_linux.go, GetNodeAllocatableReservation; pkg/kubelet/nodestatus/setters.go, MachineInfo.
 */
export function nodeResources({ capacity }: KubeletNodeConfig): NodeResources {
  const memory = quantityValue(capacity.memory);
  const storage = quantityValue(capacity["ephemeral-storage"]);
  const pods = capacity.pods ?? String(MAX_PODS);
  const shared = { cpu: capacity.cpu, "hugepages-1Gi": "0", "hugepages-2Mi": "0" };
  return {
    capacity: sorted({ ...shared, "ephemeral-storage": kibibytes(storage), memory: kibibytes(memory), pods }),
    allocatable: sorted({
      ...shared, "ephemeral-storage": quantityText(quantityOf(Math.floor(storage * NODEFS_SHARE))), memory: kibibytes(Math.max(0, memory - HARD_EVICTION_MEMORY)), pods,
    }),
  };
}

/**
 * Resources that somebody else put into the node's capacity (`kubectl patch node … --subresource=status`) stay there, and pods may use all of them.
 * Source: pkg/kubelet/nodestatus/setters.go, MachineInfo.
 */
export function withExtendedResources(own: NodeResources, observed: Readonly<Record<string, string>> | undefined): NodeResources {
  const extended = Object.fromEntries(Object.entries(observed ?? {}).filter(([name]) => own.capacity[name] === undefined));
  if (Object.keys(extended).length === 0) return own;
  return { capacity: sorted({ ...own.capacity, ...extended }), allocatable: sorted({ ...own.allocatable, ...extended }) };
}

const sorted = (record: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
