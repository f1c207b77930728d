import { sha512 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { bodyOf, type Netfilter } from "../netfilter/netfilter.ts";
import { ruleFromText, ruleOf } from "../netfilter/parse-rule.ts";
import type { Rule } from "../netfilter/rule.ts";
import type { CniRequest } from "../contracts.ts";

const DNAT = "CNI-HOSTPORT-DNAT";
const MASQ = "CNI-HOSTPORT-MASQ";
const SETMARK = "CNI-HOSTPORT-SETMARK";
const MAX_PORTS_PER_RULE = 15; // of the multiport match

const FIXED: readonly (readonly [Rule, "first" | "last"])[] = [
  [ruleFromText(SETMARK, '-m comment --comment "CNI portfwd masquerade mark" -j MARK --set-xmark 0x2000/0x2000'), "last"],
  [ruleFromText(MASQ, "-m mark --mark 0x2000/0x2000 -j MASQUERADE"), "last"],
  [ruleFromText("POSTROUTING", '-m comment --comment "CNI portfwd requiring masquerade" -j CNI-HOSTPORT-MASQ'), "first"],
  [ruleFromText("PREROUTING", "-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT"), "last"],
  [ruleFromText("OUTPUT", "-m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT"), "last"],
];

/** Host ports of one container. Source: plugins/meta/portmap/portmap_iptables.go in containernetworking/plugins. */
export interface PortMapping {
  readonly network: string;
  readonly containerId: string;
  readonly podIp: string;
  readonly podSubnet: string;
  readonly mappings: CniRequest["portMappings"];
}

export function addHostPorts(netfilter: Netfilter, mapping: PortMapping): void {
  if (mapping.mappings.length === 0) return;
  const nat = netfilter.table("nat");
  for (const chain of [DNAT, SETMARK, MASQ]) nat.ensureChain(chain);
  for (const [rule, where] of FIXED) nat.ensureRule(rule, where);
  const chain = chainName(mapping);
  nat.replaceChain(chain, bodyOf(mapping.mappings.flatMap((port) => portRules(chain, port, mapping))));
  for (const rule of dispatchRules(chain, mapping)) nat.ensureRule(rule, "last");
}

export function removeHostPorts(netfilter: Netfilter, mapping: PortMapping): void {
  if (mapping.mappings.length === 0) return;
  const nat = netfilter.table("nat");
  const chain = chainName(mapping);
  for (const rule of dispatchRules(chain, mapping)) nat.removeRule(rule);
  nat.deleteChain(chain);
}

/** "CNI-DN-" and 21 hex digits. Source: pkg/utils/utils.go, MustFormatChainNameWithPrefix. */
const chainName = (mapping: PortMapping): string => `CNI-DN-${bytesToHex(sha512(utf8ToBytes(mapping.network + mapping.containerId))).slice(0, 21)}`;

function dispatchRules(chain: string, { network, containerId, mappings }: PortMapping): Rule[] {
  const rules: Rule[] = [];
  for (const protocol of ["tcp", "udp"]) {
    const ports = mappings.filter((port) => port.protocol.toLowerCase() === protocol).map((port) => port.hostPort);
    for (let i = 0; i < ports.length; i += MAX_PORTS_PER_RULE) {
      const some = ports.slice(i, i + MAX_PORTS_PER_RULE).join(",");
      rules.push(ruleOf(DNAT, ["-m", "comment", "--comment", `dnat name: "${network}" id: "${containerId}"`, "-m", "multiport", "-p", protocol, "--destination-ports", some, "-j", chain]));
    }
  }
  return rules;
}

function portRules(chain: string, port: CniRequest["portMappings"][number], mapping: PortMapping): Rule[] {
  const hostIp = port.hostIP === undefined || port.hostIP === "" || port.hostIP === "0.0.0.0" ? "" : ` -d ${port.hostIP}`;
  const head = `-p ${port.protocol.toLowerCase()} --dport ${port.hostPort}${hostIp}`;
  return [
    ruleFromText(chain, `${head} -s ${mapping.podSubnet} -j ${SETMARK}`),
    ruleFromText(chain, `${head} -s 127.0.0.1 -j ${SETMARK}`),
    ruleFromText(chain, `${head} -j DNAT --to-destination ${mapping.podIp}:${port.containerPort}`),
  ];
}
