import type { Netfilter } from "./netfilter/netfilter.ts";
import { ruleFromText } from "./netfilter/parse-rule.ts";

export const LOCALNET_RULE = ruleFromText(
  "KUBE-FIREWALL",
  '-m comment --comment "block incoming localnet connections" -d 127.0.0.0/8 ! -s 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
);
export const FIREWALL_JUMPS = [ruleFromText("INPUT", "-j KUBE-FIREWALL"), ruleFromText("OUTPUT", "-j KUBE-FIREWALL")] as const;

/** What the kubelet puts into a node's tables when it starts, before anybody else. Source: pkg/kubelet/kubelet_network_linux.go, initNetworkUtil and syncIPTablesRules. */
export function installKubeletChains(netfilter: Netfilter): void {
  netfilter.table("mangle").ensureChain("KUBE-IPTABLES-HINT");
  const filter = netfilter.table("filter");
  filter.ensureRule(LOCALNET_RULE, "last");
  for (const rule of FIREWALL_JUMPS) filter.ensureRule(rule, "first");
  for (const table of ["mangle", "nat", "filter"] as const) netfilter.table(table).ensureChain("KUBE-KUBELET-CANARY");
}
