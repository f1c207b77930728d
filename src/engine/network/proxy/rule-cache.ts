import type { EndpointSliceObject, ServiceObject } from "../../kinds/generated/types.ts";
import type { ChainBody } from "../netfilter/chain.ts";
import { bodyOf } from "../netfilter/netfilter.ts";
import type { Rule } from "../netfilter/rule.ts";
import { chooseEndpoints, dependsOnNode, type EndpointInfo, endpointsOf } from "./endpoints.ts";
import { NODE_PORTS_RULE, NODE_PORTS_RULE_WITHOUT_LOCALHOST } from "./fixed-rules.ts";
import { type NodeFacts, type RuleSettings, servicePortRules } from "./service-rules.ts";
import { type ServicePortInfo, servicePorts } from "./service-port.ts";

/** One port of a Service with everything that follows from it. */
export interface PortBlock {
  readonly port: ServicePortInfo;
  readonly endpoints: readonly EndpointInfo[];
  readonly filter: readonly Rule[];
  readonly nat: readonly Rule[];
}

/** All rules of one Service on one node, or on all nodes that see it the same. */
export interface ServiceBlock {
  readonly ports: readonly PortBlock[];
  readonly endpointCount: number;
  /** Its own chains in nat. */
  readonly chains: ReadonlyMap<string, ChainBody>;
}

/** The chains that rules of all Services stand in. */
export interface CommonChains {
  readonly natServices: ChainBody;
  readonly natNodePorts: ChainBody;
  readonly filterServices: ChainBody;
  readonly filterExternal: ChainBody;
  readonly filterNodePorts: ChainBody;
  readonly filterFirewall: ChainBody;
}

interface CachedBlock {
  readonly slices: readonly EndpointSliceObject[];
  readonly settings: RuleSettings;
  readonly brief: boolean;
  readonly block: ServiceBlock;
}

interface CachedChains {
  readonly blocks: readonly ServiceBlock[];
  readonly localhostNodePorts: boolean;
  readonly chains: CommonChains;
}

const KEPT_BLOCKS = 4; // per Service: nodes are never more than a few changes apart
const KEPT_CHAINS = 8;

/**
 * Rules that the proxies of all nodes share: most Services look the same from everywhere, and so do whole tables of them.
 * Only the work is saved: each node's tables hold the rules as if it had made them itself.
 */
export class RuleCache {
  private readonly blocks = new WeakMap<ServiceObject, CachedBlock[]>();
  private readonly chains: CachedChains[] = [];

  block(service: ServiceObject, slices: readonly EndpointSliceObject[], node: NodeFacts, settings: RuleSettings, brief: boolean): ServiceBlock {
    const cached = this.blocks.get(service) ?? [];
    const known = cached.find((entry) => entry.brief === brief && sameSettings(entry.settings, settings) && sameItems(entry.slices, slices));
    if (known !== undefined) return known.block;
    const ports = servicePorts(service).map((port) => ({ port, endpoints: endpointsOf(port, slices) }));
    const block = buildBlock(ports, node, settings, brief);
    if (ports.some(({ port, endpoints }) => dependsOnNode(port, endpoints))) return block;
    this.blocks.set(service, [{ slices, settings, brief, block }, ...cached].slice(0, KEPT_BLOCKS));
    return block;
  }

  common(blocks: readonly ServiceBlock[], localhostNodePorts: boolean): CommonChains {
    const known = this.chains.find((entry) => entry.localhostNodePorts === localhostNodePorts && sameItems(entry.blocks, blocks));
    if (known !== undefined) return known.chains;
    const chains = composeChains(blocks, localhostNodePorts);
    this.chains.unshift({ blocks, localhostNodePorts, chains });
    if (this.chains.length > KEPT_CHAINS) this.chains.pop();
    return chains;
  }
}

const sameItems = <T>(a: readonly T[], b: readonly T[]): boolean => a.length === b.length && a.every((item, i) => item === b[i]);
const sameSettings = (a: RuleSettings, b: RuleSettings): boolean =>
  a.clusterCIDR === b.clusterCIDR && a.masqueradeAll === b.masqueradeAll && a.counters === b.counters && a.localhostNodePorts === b.localhostNodePorts;

function buildBlock(ports: readonly { port: ServicePortInfo; endpoints: readonly EndpointInfo[] }[], node: NodeFacts, settings: RuleSettings, brief: boolean): ServiceBlock {
  const chains = new Map<string, Rule[]>();
  let endpointCount = 0;
  const blocks = ports.map(({ port, endpoints }): PortBlock => {
    const choice = chooseEndpoints(port, endpoints, node.name, node.zone);
    const rules = servicePortRules(port, choice, node, settings, brief);
    for (const name of rules.natChains) chains.set(name, []);
    for (const rule of rules.nat) chains.get(rule.chain)?.push(rule);
    endpointCount += endpoints.length;
    return { port, endpoints, filter: rules.filter, nat: rules.nat };
  });
  return { ports: blocks, endpointCount, chains: new Map([...chains].map(([name, rules]) => [name, bodyOf(rules)])) };
}

function composeChains(blocks: readonly ServiceBlock[], localhostNodePorts: boolean): CommonChains {
  const natServices: Rule[] = [];
  const natNodePorts: Rule[] = [];
  const filter: Record<string, Rule[]> = { "KUBE-SERVICES": [], "KUBE-EXTERNAL-SERVICES": [], "KUBE-NODEPORTS": [], "KUBE-PROXY-FIREWALL": [] };
  for (const block of blocks) {
    for (const port of block.ports) {
      for (const rule of port.nat) if (rule.chain === "KUBE-SERVICES") natServices.push(rule);
      for (const rule of port.nat) if (rule.chain === "KUBE-NODEPORTS") natNodePorts.push(rule);
      for (const rule of port.filter) filter[rule.chain]?.push(rule);
    }
  }
  natServices.push(localhostNodePorts ? NODE_PORTS_RULE : NODE_PORTS_RULE_WITHOUT_LOCALHOST);
  const body = (chain: string): ChainBody => bodyOf(filter[chain] ?? []);
  return {
    natServices: bodyOf(natServices), natNodePorts: bodyOf(natNodePorts), filterServices: body("KUBE-SERVICES"), filterExternal: body("KUBE-EXTERNAL-SERVICES"),
    filterNodePorts: body("KUBE-NODEPORTS"), filterFirewall: body("KUBE-PROXY-FIREWALL"),
  };
}
