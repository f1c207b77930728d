import type { ClusterOptions } from "./contracts.ts";

const MAX_NODES = 5_000;

/** Fills in defaults and refuses what cannot be built, in a sentence that says what to write instead. */
export function completeOptions(options: ClusterOptions): Required<ClusterOptions> {
  const complete: Required<ClusterOptions> = {
    seed: options.seed ?? 1,
    nodes: options.nodes ?? 3,
    cni: options.cni ?? "flannel",
    proxyMode: options.proxyMode ?? "iptables",
    podCIDR: options.podCIDR ?? "10.42.0.0/16",
    serviceCIDR: options.serviceCIDR ?? "10.96.0.0/12",
    nodeCIDR: options.nodeCIDR ?? "10.0.0.0/16",
    epoch: options.epoch ?? "2026-01-01T00:00:00Z",
  };
  if (!Number.isSafeInteger(complete.seed)) throw new RangeError(`seed must be a whole number, not ${JSON.stringify(options.seed)}`);
  if (!Number.isSafeInteger(complete.nodes) || complete.nodes < 0 || complete.nodes > MAX_NODES) throw new RangeError(`nodes must be a whole number from 0 to ${MAX_NODES}, not ${JSON.stringify(options.nodes)}`);
  for (const name of ["podCIDR", "serviceCIDR", "nodeCIDR"] as const) {
    if (!isCidr(complete[name])) throw new RangeError(`${name} must be an IPv4 range like ${name === "serviceCIDR" ? "10.96.0.0/12" : "10.42.0.0/16"}, not ${JSON.stringify(complete[name])}`);
  }
  if (complete.cni === "calico") throw new RangeError('cni "calico" is not built yet; use "flannel"');
  if (complete.cni !== "flannel") throw new RangeError(`cni must be "flannel", not ${JSON.stringify(complete.cni)}`);
  if (complete.proxyMode !== "iptables") throw new RangeError(`proxyMode ${JSON.stringify(complete.proxyMode)} is not built yet; use "iptables"`);
  const ranges = 2 ** (24 - Number(complete.podCIDR.split("/")[1]));
  if (complete.nodes + 1 > ranges) throw new RangeError(`${complete.nodes} nodes and the control plane need ${complete.nodes + 1} pod ranges of a /24 each; ${complete.podCIDR} has ${Math.floor(ranges)}. Give a larger podCIDR, for example 10.128.0.0/9`);
  return complete;
}

function isCidr(text: string): boolean {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  return match !== null && match.slice(1, 5).every((part) => Number(part) <= 255) && Number(match[5]) >= 8 && Number(match[5]) <= 30;
}
