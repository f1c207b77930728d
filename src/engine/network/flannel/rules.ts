import type { Netfilter } from "../netfilter/netfilter.ts";
import { ruleFromText } from "../netfilter/parse-rule.ts";
import type { Rule } from "../netfilter/rule.ts";

const masq = (text: string): Rule => ruleFromText("FLANNEL-POSTRTG", text);
const COMMENT = '-m comment --comment "flanneld masq"';

/** Source: pkg/trafficmngr/iptables/iptables.go, masqRules and forwardRules, in flannel-io/flannel. */
export function flannelRules(network: string, subnet: string): { readonly nat: readonly Rule[]; readonly filter: readonly Rule[] } {
  return {
    nat: [
      ruleFromText("POSTROUTING", '-m comment --comment "flanneld masq" -j FLANNEL-POSTRTG'),
      masq(`-m mark --mark 0x4000/0x4000 ${COMMENT} -j RETURN`),
      masq(`-s ${subnet} -d ${network} ${COMMENT} -j RETURN`),
      masq(`-s ${network} -d ${subnet} ${COMMENT} -j RETURN`),
      masq(`! -s ${network} -d ${subnet} ${COMMENT} -j RETURN`),
      masq(`-s ${network} ! -d 224.0.0.0/4 ${COMMENT} -j MASQUERADE --random-fully`),
      masq(`! -s ${network} -d ${network} ${COMMENT} -j MASQUERADE --random-fully`),
    ],
    filter: [
      ruleFromText("FORWARD", '-m comment --comment "flanneld forward" -j FLANNEL-FWD'),
      ruleFromText("FLANNEL-FWD", `-s ${network} -m comment --comment "flanneld forward" -j ACCEPT`),
      ruleFromText("FLANNEL-FWD", `-d ${network} -m comment --comment "flanneld forward" -j ACCEPT`),
    ],
  };
}

/** Rules are appended where they are missing: after kube-proxy's, whichever came first. */
export function ensureFlannelRules(netfilter: Netfilter, network: string, subnet: string): void {
  const rules = flannelRules(network, subnet);
  for (const table of ["nat", "filter"] as const) for (const rule of rules[table]) netfilter.table(table).ensureRule(rule, "last");
}
