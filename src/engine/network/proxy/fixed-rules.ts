import { bodyOf, type Netfilter } from "../netfilter/netfilter.ts";
import { ruleFromText } from "../netfilter/parse-rule.ts";
import type { Rule, TableName } from "../netfilter/rule.ts";
import { FIREWALL_JUMPS, LOCALNET_RULE } from "../kubelet-chains.ts";

/** Jumps from the built-in chains: kube-proxy puts each first if it is not there, in this order. Source: pkg/proxy/iptables/proxier.go, iptablesJumpChains. */
const JUMPS: readonly (readonly [TableName, string, string, boolean, string])[] = [
  ["filter", "INPUT", "KUBE-EXTERNAL-SERVICES", true, "kubernetes externally-visible service portals"],
  ["filter", "FORWARD", "KUBE-EXTERNAL-SERVICES", true, "kubernetes externally-visible service portals"],
  ["filter", "INPUT", "KUBE-NODEPORTS", false, "kubernetes health check service ports"],
  ["filter", "FORWARD", "KUBE-SERVICES", true, "kubernetes service portals"],
  ["filter", "OUTPUT", "KUBE-SERVICES", true, "kubernetes service portals"],
  ["filter", "FORWARD", "KUBE-FORWARD", false, "kubernetes forwarding rules"],
  ["filter", "INPUT", "KUBE-PROXY-FIREWALL", true, "kubernetes load balancer firewall"],
  ["filter", "OUTPUT", "KUBE-PROXY-FIREWALL", true, "kubernetes load balancer firewall"],
  ["filter", "FORWARD", "KUBE-PROXY-FIREWALL", true, "kubernetes load balancer firewall"],
  ["nat", "OUTPUT", "KUBE-SERVICES", false, "kubernetes service portals"],
  ["nat", "PREROUTING", "KUBE-SERVICES", false, "kubernetes service portals"],
  ["nat", "POSTROUTING", "KUBE-POSTROUTING", false, "kubernetes postrouting rules"],
];

const JUMP_RULES: readonly (readonly [TableName, Rule])[] = JUMPS.map(([table, from, to, onlyNew, comment]) => [
  table,
  ruleFromText(from, `${onlyNew ? "-m conntrack --ctstate NEW " : ""}-m comment --comment "${comment}" -j ${to}`),
]);

const CHAINS: Readonly<Record<"filter" | "nat", readonly string[]>> = {
  filter: ["KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "KUBE-NODEPORTS", "KUBE-PROXY-FIREWALL"],
  nat: ["KUBE-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-MARK-MASQ"],
};

const MASQUERADE_BIT = 14;
const MARK = `0x${(1 << MASQUERADE_BIT).toString(16).padStart(8, "0")}`;

export const POSTROUTING_RULES: readonly Rule[] = [
  ruleFromText("KUBE-POSTROUTING", `-m mark ! --mark ${MARK}/${MARK} -j RETURN`),
  ruleFromText("KUBE-POSTROUTING", `-j MARK --xor-mark ${MARK}`),
  ruleFromText("KUBE-POSTROUTING", '-m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully'),
];
export const MARK_MASQ_RULES: readonly Rule[] = [ruleFromText("KUBE-MARK-MASQ", `-j MARK --or-mark ${MARK}`)];

const FORWARD_MARKED = ruleFromText("KUBE-FORWARD", `-m comment --comment "kubernetes forwarding rules" -m mark --mark ${MARK}/${MARK} -j ACCEPT`);
const FORWARD_KNOWN = ruleFromText("KUBE-FORWARD", '-m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT');
export const FORWARD_RULES: readonly Rule[] = [ruleFromText("KUBE-FORWARD", "-m conntrack --ctstate INVALID -j DROP"), FORWARD_MARKED, FORWARD_KNOWN];
export const FORWARD_RULES_COUNTED: readonly Rule[] = [
  ruleFromText("KUBE-FORWARD", "-m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP"), FORWARD_MARKED, FORWARD_KNOWN,
];

const NODE_PORTS_COMMENT = '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain" -m addrtype --dst-type LOCAL';
export const NODE_PORTS_RULE = ruleFromText("KUBE-SERVICES", `${NODE_PORTS_COMMENT} -j KUBE-NODEPORTS`);
export const NODE_PORTS_RULE_WITHOUT_LOCALHOST = ruleFromText("KUBE-SERVICES", `${NODE_PORTS_COMMENT} ! -d 127.0.0.0/8 -j KUBE-NODEPORTS`);

const BODIES = { postrouting: bodyOf(POSTROUTING_RULES), markMasq: bodyOf(MARK_MASQ_RULES), forward: bodyOf(FORWARD_RULES), forwardCounted: bodyOf(FORWARD_RULES_COUNTED) };

/** The chains and jumps that every full sync makes sure of. */
export function ensureFixedChains(netfilter: Netfilter, localhostNodePorts: boolean): void {
  for (const name of ["filter", "nat"] as const) for (const chain of CHAINS[name]) netfilter.table(name).ensureChain(chain);
  for (const [table, rule] of JUMP_RULES) netfilter.table(table).ensureRule(rule, "first");
  if (localhostNodePorts) {
    netfilter.table("filter").ensureRule(LOCALNET_RULE, "last");
    for (const rule of FIREWALL_JUMPS) netfilter.table("filter").ensureRule(rule, "first");
  }
  for (const name of ["mangle", "nat", "filter"] as const) netfilter.table(name).ensureChain("KUBE-PROXY-CANARY");
}

/** The rules that do not depend on any Service; rewritten by every sync. */
export function writeFixedRules(netfilter: Netfilter, counters: boolean): void {
  netfilter.table("nat").replaceChain("KUBE-POSTROUTING", BODIES.postrouting);
  netfilter.table("nat").replaceChain("KUBE-MARK-MASQ", BODIES.markMasq);
  netfilter.table("filter").replaceChain("KUBE-FORWARD", counters ? BODIES.forwardCounted : BODIES.forward);
}
