import type { ApiConnection, ComponentContext, Informer, InformerFactory } from "../../client/contracts.ts";
import { keyOf, keyText, type ObjectKey } from "../../apimachinery/object.ts";
import type { Cancel } from "../../kernel/clock.ts";
import type { Rng } from "../../kernel/rng.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { EndpointSliceObject, NodeObject, ServiceObject } from "../../kinds/generated/types.ts";
import { EndpointSlice } from "../../kinds/endpoint-slice.ts";
import { Node } from "../../kinds/node.ts";
import { Service } from "../../kinds/service.ts";
import type { NodeMachine } from "../machine.ts";
import { BoundedRunner } from "./bounded-runner.ts";
import { cleanStaleFlows } from "./conntrack-cleanup.ts";
import { ensureFixedChains, writeFixedRules } from "./fixed-rules.ts";
import { HealthServers } from "./health-servers.ts";
import type { CommonChains, PortBlock, ServiceBlock } from "./rule-cache.ts";
import { DEFAULT_SETTINGS, type NodeFacts, type RuleSettings } from "./service-rules.ts";

const MIN_SYNC_US = secondsToUs(1);
const FULL_SYNC_US = secondsToUs(3600);
const BURST_SYNCS = 2;
const LARGE_CLUSTER_ENDPOINTS = 1_000;
const SERVICE_INDEX = "kube-proxy/service";
const SERVICE_NAME_LABEL = "kubernetes.io/service-name";
const HEADLESS_LABEL = "service.kubernetes.io/headless";
const ZONE_LABEL = "topology.kubernetes.io/zone";
/** What running iptables-restore takes, and how much longer per rule that is written. */
const RESTORE_US = 4_000;
const RULE_US = 2;

export interface KubeProxyInput {
  readonly context: ComponentContext;
  readonly connection: ApiConnection;
  readonly node: NodeMachine;
  readonly nodeName: string;
  /** Traffic from these addresses is from pods. */
  readonly clusterCIDR: string;
  readonly settings?: Partial<RuleSettings>;
}

export interface KubeProxy {
  start(): void;
  /** The process is gone. Its rules stay as they are. */
  stop(): void;
}

/** kube-proxy of one node in iptables mode. Source: pkg/proxy/iptables/proxier.go, Proxier. */
export function createKubeProxy(input: KubeProxyInput): KubeProxy {
  let run: ProxyRun | undefined;
  return {
    start: () => {
      run?.stop();
      run = new ProxyRun(input);
      run.start();
    },
    stop: () => {
      run?.stop();
      run = undefined;
    },
  };
}

class ProxyRun {
  private readonly factory: InformerFactory;
  private readonly services: Informer<ServiceObject>;
  private readonly slices: Informer<EndpointSliceObject>;
  private readonly runner: BoundedRunner;
  private readonly settings: RuleSettings;
  private readonly health: HealthServers;
  private readonly rng: Rng;
  /** What stands in the kernel, by Service. */
  private readonly installed = new Map<string, ServiceBlock>();
  private sortedKeys: string[] = [];
  private readonly dirty = new Set<string>();
  private endpointTotal = 0;
  /** Endpoints of each Service, as counted into the total. */
  private readonly counted = new Map<string, number>();
  private zone: string | undefined = undefined;
  private synced = false;
  private needFullSync = true;
  private lastFullUs = 0;
  private wasBrief = false;
  private pendingCommit: Cancel | undefined = undefined;
  private askedMeanwhile = false;
  private stopped = false;

  constructor(private readonly input: KubeProxyInput) {
    const { context, connection, nodeName } = input;
    this.settings = { ...DEFAULT_SETTINGS, clusterCIDR: input.clusterCIDR, ...input.settings };
    this.rng = context.rng.fork(`kube-proxy/${nodeName}`);
    this.factory = connection.informers(`kube-proxy/${nodeName}`);
    this.services = this.factory.informer(Service);
    this.slices = this.factory.informer(EndpointSlice);
    this.runner = new BoundedRunner(context.clock, `kube-proxy/${nodeName}: sync`, MIN_SYNC_US, FULL_SYNC_US, BURST_SYNCS, () => this.sync());
    this.health = new HealthServers(input.node.host, nodeName);
  }

  start(): void {
    const nodes = this.factory.informer(Node, { fieldSelector: `metadata.name=${this.input.nodeName}` });
    this.slices.addIndex(SERVICE_INDEX, (slice) => [serviceOf(slice)].filter((key) => key !== ""));
    const onService = (service: ServiceObject): void => this.changed(keyText(keyOf(service)));
    const onSlice = (slice: EndpointSliceObject): void => this.changed(serviceOf(slice));
    this.services.onChange({ add: onService, update: onService, delete: onService });
    this.slices.onChange({ add: onSlice, update: (slice, before) => (onSlice(before), onSlice(slice)), delete: onSlice });
    nodes.onChange({ add: (node) => this.nodeChanged(node), update: (node) => this.nodeChanged(node) });
    this.factory.whenSynced(() => {
      this.synced = true;
      this.runner.run();
    });
    this.health.start();
    this.factory.start();
  }

  stop(): void {
    this.stopped = true;
    this.factory.stop();
    this.runner.stop();
    this.pendingCommit?.();
    this.health.stop();
  }

  private changed(key: string): void {
    if (key === "") return;
    this.dirty.add(key);
    if (this.synced) this.runner.run();
  }

  /** A node that moves to another zone sees all hints with other eyes. */
  private nodeChanged(node: NodeObject): void {
    if (node.metadata.name !== this.input.nodeName) return;
    const zone = node.metadata.labels?.[ZONE_LABEL];
    if (zone === this.zone) return;
    this.zone = zone;
    this.needFullSync = true;
    if (this.synced) this.runner.run();
  }

  /** Nothing is written before the first lists have arrived. While a restore runs, the next one waits. */
  private sync(): void {
    if (!this.synced || this.stopped) return;
    if (this.pendingCommit !== undefined) {
      this.askedMeanwhile = true;
      return;
    }
    const { clock } = this.input.context;
    const isFull = this.needFullSync || this.lastFullUs === 0 || clock.now() - this.lastFullUs >= FULL_SYNC_US || !this.canaryIsThere();
    const changes = this.collect(isFull);
    const ruleCount = changes.reduce((sum, { block }) => sum + (block?.ports.reduce((n, port) => n + port.nat.length + port.filter.length, 0) ?? 0), 0);
    this.note("begin", { full: isFull, services: this.sortedKeys.length, changed: changes.length, rules: ruleCount });
    const tookUs = RESTORE_US + this.rng.below(RESTORE_US) + RULE_US * ruleCount;
    this.pendingCommit = clock.after(tookUs, `kube-proxy/${this.input.nodeName}: iptables-restore`, () => {
      this.pendingCommit = undefined;
      this.commit(changes, isFull);
      this.note("end", { full: isFull, services: this.sortedKeys.length, endpoints: this.endpointTotal });
      if (!this.askedMeanwhile) return;
      this.askedMeanwhile = false;
      this.runner.run();
    });
  }

  /** New rules of every Service that changed; undefined for those that have none any more. */
  private collect(isFull: boolean): { key: string; block: ServiceBlock | undefined }[] {
    const keys = isFull ? new Set([...this.installed.keys(), ...this.services.list().map((service) => keyText(keyOf(service)))]) : new Set(this.dirty);
    this.dirty.clear();
    let blocks = this.build(keys, this.wasBrief);
    this.recount(blocks);
    const brief = this.endpointTotal > LARGE_CLUSTER_ENDPOINTS;
    if (brief !== this.wasBrief) {
      this.wasBrief = brief; // the comments of all Services come or go
      for (const key of this.installed.keys()) keys.add(key);
      blocks = this.build(keys, brief);
    }
    return blocks;
  }

  private build(keys: ReadonlySet<string>, brief: boolean): { key: string; block: ServiceBlock | undefined }[] {
    const node: NodeFacts = { name: this.input.nodeName, zone: this.zone, address: this.input.node.address };
    return [...keys].sort().map((key) => {
      const service = this.services.get(objectKey(key));
      if (service === undefined) return { key, block: undefined };
      const block = this.input.node.shared.rules.block(service, this.slices.byIndex(SERVICE_INDEX, key), node, this.settings, brief);
      return { key, block: block.ports.length === 0 ? undefined : block };
    });
  }

  private recount(changes: readonly { key: string; block: ServiceBlock | undefined }[]): void {
    for (const { key, block } of changes) this.endpointTotal += (block?.endpointCount ?? 0) - (this.counted.get(key) ?? 0);
    for (const { key, block } of changes) this.counted.set(key, block?.endpointCount ?? 0);
  }

  private commit(changes: readonly { key: string; block: ServiceBlock | undefined }[], isFull: boolean): void {
    const { node, context } = this.input;
    const { netfilter } = node;
    const nowUs = context.clock.now();
    if (isFull) {
      ensureFixedChains(netfilter, this.settings.localhostNodePorts);
      if (this.settings.localhostNodePorts) node.stack.routeLocalnet = true;
      this.needFullSync = false;
      this.lastFullUs = Math.max(1, nowUs);
    }
    const stalePorts: PortBlock[] = [];
    for (const { key, block } of changes) {
      const old = this.installed.get(key);
      if (old === block && !isFull) continue;
      if (hasUdp(old) || hasUdp(block)) stalePorts.push(...(block?.ports ?? []));
      this.replace(key, old, block);
    }
    writeFixedRules(netfilter, this.settings.counters);
    const blocks = this.sortedKeys.map((key) => this.installed.get(key)).filter((block) => block !== undefined);
    this.writeCommon(node.shared.rules.common(blocks, this.settings.localhostNodePorts));
    if (stalePorts.length > 0) cleanStaleFlows(node.conntrackTable, stalePorts, nowUs);
    this.health.update(blocks);
  }

  private replace(key: string, old: ServiceBlock | undefined, block: ServiceBlock | undefined): void {
    const nat = this.input.node.netfilter.table("nat");
    for (const [name, body] of block?.chains ?? []) nat.replaceChain(name, body);
    for (const name of old?.chains.keys() ?? []) {
      if (block?.chains.has(name) === true) continue;
      nat.deleteChain(name);
      this.input.node.netfilter.recent.drop(name);
    }
    if (block === undefined) this.installed.delete(key);
    else this.installed.set(key, block);
    if ((old === undefined) !== (block === undefined)) this.sortedKeys = [...this.installed.keys()].sort();
  }

  private writeCommon(chains: CommonChains): void {
    const nat = this.input.node.netfilter.table("nat");
    const filter = this.input.node.netfilter.table("filter");
    nat.replaceChain("KUBE-SERVICES", chains.natServices);
    nat.replaceChain("KUBE-NODEPORTS", chains.natNodePorts);
    filter.replaceChain("KUBE-SERVICES", chains.filterServices);
    filter.replaceChain("KUBE-EXTERNAL-SERVICES", chains.filterExternal);
    filter.replaceChain("KUBE-NODEPORTS", chains.filterNodePorts);
    filter.replaceChain("KUBE-PROXY-FIREWALL", chains.filterFirewall);
  }

  private canaryIsThere(): boolean {
    return this.input.node.netfilter.get("nat")?.chains.has("KUBE-PROXY-CANARY") === true;
  }

  private note(phase: "begin" | "end", detail: Readonly<Record<string, string | number | boolean>>): void {
    const { journal } = this.input.context;
    if (!journal.enabled) return;
    journal.write({ component: `kube-proxy/${this.input.nodeName}`, step: "proxy-sync", phase, subject: `node/${this.input.nodeName}`, node: this.input.nodeName, detail });
  }
}

/** "namespace/name" of the Service that a slice belongs to; "" for slices that kube-proxy does not want. */
function serviceOf(slice: EndpointSliceObject): string {
  const { labels, namespace } = slice.metadata;
  const name = labels?.[SERVICE_NAME_LABEL];
  return name === undefined || name === "" || labels?.[HEADLESS_LABEL] !== undefined ? "" : `${namespace ?? ""}/${name}`;
}

function objectKey(key: string): ObjectKey {
  const slash = key.indexOf("/");
  return { namespace: key.slice(0, Math.max(0, slash)), name: key.slice(slash + 1) };
}

const hasUdp = (block: ServiceBlock | undefined): boolean => block?.ports.some(({ port }) => port.protocol === "udp") ?? false;
