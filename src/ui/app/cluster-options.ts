import type { ClusterOptions } from "../../engine/cluster/contracts.ts";

/** Workers that a link may ask for. */
const NODES_MAX = 5_000;

/** `?nodes=5&seed=7&cni=calico`: what a link may say about the cluster. Anything else is left at its default. */
export function clusterOptionsFromUrl(search: string): ClusterOptions {
  const query = new URLSearchParams(search);
  const whole = (name: string, max: number): number | undefined => {
    const text = query.get(name);
    return text !== null && /^\d{1,9}$/.test(text) ? Math.min(max, Number(text)) : undefined;
  };
  const nodes = whole("nodes", NODES_MAX);
  const seed = whole("seed", 999_999_999);
  const cni = query.get("cni");
  const proxyMode = query.get("proxyMode");
  return {
    ...(nodes === undefined ? {} : { nodes }),
    ...(seed === undefined ? {} : { seed }),
    ...(cni === "flannel" || cni === "calico" ? { cni } : {}),
    ...(proxyMode === "iptables" || proxyMode === "ipvs" || proxyMode === "nftables" ? { proxyMode } : {}),
  };
}
