import type { Address } from "../addresses/ip.ts";
import { ruleOf } from "../netfilter/parse-rule.ts";
import type { Rule } from "../netfilter/rule.ts";
import type { OwnerObject } from "../trace/packet-hop.ts";
import { chainHash } from "./chain-names.ts";
import type { EndpointChoice, EndpointInfo } from "./endpoints.ts";
import { allowsNode, isExternallyAccessible, type ServicePortInfo } from "./service-port.ts";

/** kube-proxy's configuration as far as it shows in rules. Source: pkg/proxy/apis/config/v1alpha1/defaults.go. */
export interface RuleSettings {
  /** Traffic from inside: "10.42.0.0/16". Empty: no detector. */
  readonly clusterCIDR: string;
  readonly masqueradeAll: boolean;
  /** `-m nfacct` counters: the kernel has them. */
  readonly counters: boolean;
  readonly localhostNodePorts: boolean;
}

export const DEFAULT_SETTINGS: Omit<RuleSettings, "clusterCIDR"> = { masqueradeAll: false, counters: true, localhostNodePorts: true };

/** What is true of one node only. */
export interface NodeFacts {
  readonly name: string;
  readonly zone: string | undefined;
  readonly address: Address;
}

/** The rules of one service port in the order in which kube-proxy writes them. */
export interface PortRules {
  readonly filter: readonly Rule[];
  readonly nat: readonly Rule[];
  /** Chains of this port alone, in nat; some may be empty. */
  readonly natChains: readonly string[];
}

const MARK_MASQ = "KUBE-MARK-MASQ";
const NODE_PORT_COUNTER = "localhost_nps_accepted_pkts";

/** Source: pkg/proxy/iptables/proxier.go, syncProxyRules and writeServiceToEndpointRules. `brief`: large clusters leave comments out. */
export function servicePortRules(port: ServicePortInfo, choice: EndpointChoice, node: NodeFacts, settings: RuleSettings, brief: boolean): PortRules {
  return new Writer(port, choice, node, settings, brief).write();
}

class Writer {
  private readonly filter: Rule[] = [];
  private readonly nat: Rule[] = [];
  private readonly chains: string[] = [];
  private readonly svc: string;
  private readonly svl: string;
  private readonly ext: string;
  private readonly fw: string;
  private readonly internalChain: string;
  private readonly externalChain: string;
  private readonly hasInternal: boolean;
  private readonly hasExternal: boolean;

  constructor(
    private readonly port: ServicePortInfo,
    private readonly choice: EndpointChoice,
    private readonly node: NodeFacts,
    private readonly settings: RuleSettings,
    private readonly brief: boolean,
  ) {
    this.svc = `KUBE-SVC-${port.hash}`;
    this.svl = `KUBE-SVL-${port.hash}`;
    this.ext = `KUBE-EXT-${port.hash}`;
    this.fw = `KUBE-FW-${port.hash}`;
    this.internalChain = port.internalLocal ? this.svl : this.svc;
    this.externalChain = port.externalLocal ? this.svl : this.svc;
    this.hasInternal = (port.internalLocal ? choice.local : choice.cluster).length > 0;
    this.hasExternal = (port.externalLocal ? choice.local : choice.cluster).length > 0;
  }

  write(): PortRules {
    this.declareChains();
    this.clusterIpRules();
    this.externalIpRules();
    this.loadBalancerRules();
    this.nodePortRules();
    this.masqueradeRule();
    this.externalChainRules();
    this.firewallRules();
    if (this.usesClusterChain) this.balance(this.svc, this.choice.cluster);
    if (this.usesLocalChain) this.balance(this.svl, this.choice.local);
    for (const endpoint of this.choice.reachable) this.endpointRules(endpoint);
    return { filter: this.filter, nat: this.nat, natChains: this.chains };
  }

  private get isExternal(): boolean {
    return isExternallyAccessible(this.port);
  }

  private get usesExternalChain(): boolean {
    return this.choice.hasAny && this.isExternal;
  }

  private get usesFirewall(): boolean {
    return this.usesExternalChain && this.port.sourceRanges.length > 0 && this.port.loadBalancerVIPs.length > 0;
  }

  private get usesClusterChain(): boolean {
    return this.choice.cluster.length > 0 && (!this.port.internalLocal || this.isExternal);
  }

  private get usesLocalChain(): boolean {
    return this.choice.local.length > 0 && (this.port.internalLocal || (this.port.externalLocal && this.isExternal));
  }

  private declareChains(): void {
    if (this.usesClusterChain) this.chains.push(this.svc);
    if (this.usesLocalChain) this.chains.push(this.svl);
    if (this.usesExternalChain) this.chains.push(this.ext);
    if (this.usesFirewall) this.chains.push(this.fw);
    for (const endpoint of this.choice.reachable) this.chains.push(this.sep(endpoint));
  }

  private sep(endpoint: EndpointInfo): string {
    return `KUBE-SEP-${chainHash(this.port.name, this.port.protocol, endpoint.text)}`;
  }

  private add(table: "filter" | "nat", chain: string, words: readonly string[], owner: OwnerObject = this.port.owner): void {
    this[table].push(ruleOf(chain, words, owner));
  }

  private comment(text: string): readonly string[] {
    return ["-m", "comment", "--comment", text === "" ? this.port.name : `${this.port.name} ${text}`];
  }

  private get proto(): readonly string[] {
    return ["-m", this.port.protocol, "-p", this.port.protocol];
  }

  private to(address: string): readonly string[] {
    return [...this.proto, "-d", address, "--dport", String(this.port.port)];
  }

  /** Why traffic that cannot be served ends in the filter table, and how. */
  private failure(): { readonly comment: readonly string[]; readonly target: string } {
    return this.choice.hasAny ? { comment: this.comment("has no local endpoints"), target: "DROP" } : { comment: this.comment("has no endpoints"), target: "REJECT" };
  }

  private clusterIpRules(): void {
    const to = this.to(this.port.clusterIP);
    if (this.hasInternal) this.add("nat", "KUBE-SERVICES", [...this.comment("cluster IP"), ...to, "-j", this.internalChain]);
    else this.add("filter", "KUBE-SERVICES", [...this.failure().comment, ...to, "-j", this.failure().target]);
  }

  private externalIpRules(): void {
    for (const ip of this.port.externalIPs) {
      if (this.choice.hasAny) this.add("nat", "KUBE-SERVICES", [...this.comment("external IP"), ...this.to(ip), "-j", this.ext]);
      if (!this.hasExternal) this.add("filter", "KUBE-EXTERNAL-SERVICES", [...this.failure().comment, ...this.to(ip), "-j", this.failure().target]);
    }
  }

  private loadBalancerRules(): void {
    const target = this.usesFirewall ? this.fw : this.ext;
    for (const vip of this.port.loadBalancerVIPs) {
      if (this.choice.hasAny) this.add("nat", "KUBE-SERVICES", [...this.comment("loadbalancer IP"), ...this.to(vip), "-j", target]);
      if (this.usesFirewall) this.add("filter", "KUBE-PROXY-FIREWALL", [...this.comment(`traffic not accepted by ${this.fw}`), ...this.to(vip), "-j", "DROP"]);
    }
    if (this.hasExternal) return;
    for (const vip of this.port.loadBalancerVIPs) this.add("filter", "KUBE-EXTERNAL-SERVICES", [...this.failure().comment, ...this.to(vip), "-j", this.failure().target]);
  }

  private nodePortRules(): void {
    const { port, settings } = this;
    if (port.nodePort !== 0) {
      const dport = ["--dport", String(port.nodePort)];
      if (this.choice.hasAny) {
        if (settings.localhostNodePorts && settings.counters) {
          this.add("nat", "KUBE-NODEPORTS", [...this.comment(""), ...this.proto, "-d", "127.0.0.0/8", ...dport, "-m", "nfacct", "--nfacct-name", NODE_PORT_COUNTER, "-j", this.ext]);
        }
        this.add("nat", "KUBE-NODEPORTS", [...this.comment(""), ...this.proto, ...dport, "-j", this.ext]);
      }
      if (!this.hasExternal) this.add("filter", "KUBE-EXTERNAL-SERVICES", [...this.failure().comment, "-m", "addrtype", "--dst-type", "LOCAL", ...this.proto, ...dport, "-j", this.failure().target]);
    }
    if (port.healthCheckNodePort !== 0) {
      this.add("filter", "KUBE-NODEPORTS", [...this.comment("health check node port"), "-m", "tcp", "-p", "tcp", "--dport", String(port.healthCheckNodePort), "-j", "ACCEPT"]);
    }
  }

  private masqueradeRule(): void {
    if (!this.hasInternal) return;
    const head = [...this.comment("cluster IP"), ...this.to(this.port.clusterIP)];
    if (this.settings.masqueradeAll) this.add("nat", this.internalChain, [...head, "-j", MARK_MASQ]);
    else if (this.settings.clusterCIDR !== "") this.add("nat", this.internalChain, [...head, "!", "-s", this.settings.clusterCIDR, "-j", MARK_MASQ]);
  }

  private externalChainRules(): void {
    if (!this.usesExternalChain) return;
    const note = (text: string): readonly string[] => ["-m", "comment", "--comment", `${text} for ${this.port.name} external destinations`];
    const fromHere = ["-m", "addrtype", "--src-type", "LOCAL"];
    if (this.port.externalLocal) {
      if (this.settings.clusterCIDR !== "") this.add("nat", this.ext, [...note("pod traffic"), "-s", this.settings.clusterCIDR, "-j", this.svc]);
      this.add("nat", this.ext, [...note("masquerade LOCAL traffic"), ...fromHere, "-j", MARK_MASQ]);
      this.add("nat", this.ext, [...note("route LOCAL traffic"), ...fromHere, "-j", this.svc]);
    } else this.add("nat", this.ext, [...note("masquerade traffic"), "-j", MARK_MASQ]);
    if (this.hasExternal) this.add("nat", this.ext, ["-j", this.externalChain]);
  }

  private firewallRules(): void {
    if (!this.usesFirewall) return;
    const note = this.comment("loadbalancer IP");
    for (const range of this.port.sourceRanges) this.add("nat", this.fw, [...note, "-s", range, "-j", this.ext]);
    if (allowsNode(this.port, this.node.address)) for (const vip of this.port.loadBalancerVIPs) this.add("nat", this.fw, [...note, "-s", vip, "-j", this.ext]);
    this.add("nat", this.fw, ["-m", "comment", "--comment", `other traffic to ${this.port.name} will be dropped by KUBE-PROXY-FIREWALL`]);
  }

  private balance(chain: string, endpoints: readonly EndpointInfo[]): void {
    const arrow = (endpoint: EndpointInfo): readonly string[] => (this.brief ? [] : this.comment(`-> ${endpoint.text}`));
    const { affinitySeconds } = this.port;
    if (affinitySeconds !== undefined) {
      for (const endpoint of endpoints) {
        const sep = this.sep(endpoint);
        this.add("nat", chain, [...arrow(endpoint), "-m", "recent", "--name", sep, "--rcheck", "--seconds", String(affinitySeconds), "--reap", "-j", sep], endpoint.owner);
      }
    }
    endpoints.forEach((endpoint, i) => {
      const left = endpoints.length - i;
      const chance = left === 1 ? [] : ["-m", "statistic", "--mode", "random", "--probability", (1 / left).toFixed(10)];
      this.add("nat", chain, [...arrow(endpoint), ...chance, "-j", this.sep(endpoint)], endpoint.owner);
    });
  }

  private endpointRules(endpoint: EndpointInfo): void {
    const sep = this.sep(endpoint);
    const note = this.brief ? [] : this.comment("");
    const stamp = this.port.affinitySeconds === undefined ? [] : ["-m", "recent", "--name", sep, "--set"];
    this.add("nat", sep, [...note, "-s", endpoint.ip, "-j", MARK_MASQ], endpoint.owner);
    this.add("nat", sep, [...note, ...stamp, ...this.proto, "-j", "DNAT", "--to-destination", endpoint.text], endpoint.owner);
  }
}
