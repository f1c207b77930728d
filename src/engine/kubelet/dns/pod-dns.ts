import type { PodObject } from "../../kinds/generated/types.ts";
import type { ResolvConf } from "../../network/contracts.ts";
import { formatPod, isHostNetwork } from "../pod-helpers.ts";

export interface DnsSettings {
  /** The node's own resolv.conf. */
  readonly host: ResolvConf;
  readonly clusterDNS: string;
  readonly clusterDomain: string;
}

export interface DnsWarning {
  readonly reason: "MissingClusterDNS" | "DNSConfigForming";
  readonly message: string;
}

const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;
const MAX_SEARCH_CHARS = 2_048;
const DEFAULT_NDOTS = 1;
const CLUSTER_NDOTS = 5;

/**
 * What a pod's /etc/resolv.conf says, by its dnsPolicy and dnsConfig.
 * Source: pkg/kubelet/network/dns/dns.go, GetPodDNS.
 */
export function podDns(pod: PodObject, settings: DnsSettings, warn: (warning: DnsWarning) => void): ResolvConf {
  const base = baseDns(pod, settings, warn);
  const config = pod.spec.dnsConfig;
  const merged =
    config === undefined
      ? base
      : {
          nameservers: unique([...base.nameservers, ...(config.nameservers ?? [])]),
          search: unique([...base.search, ...(config.searches ?? [])]),
          ndots: ndotsOf(config.options) ?? base.ndots,
          ...otherOptions(config.options),
        };
  return fitLimits(merged, warn);
}

function baseDns(pod: PodObject, settings: DnsSettings, warn: (warning: DnsWarning) => void): ResolvConf {
  const policy = pod.spec.dnsPolicy ?? "ClusterFirst";
  if (policy === "None") return { nameservers: [], search: [], ndots: DEFAULT_NDOTS };
  const isCluster = policy === "ClusterFirstWithHostNet" || (policy === "ClusterFirst" && !isHostNetwork(pod));
  if (!isCluster) return settings.host;
  if (settings.clusterDNS === "") {
    const why = `kubelet does not have ClusterDNS IP configured and cannot create Pod using ${JSON.stringify(policy)} policy. Falling back to "Default" policy.`;
    warn({ reason: "MissingClusterDNS", message: `pod: ${JSON.stringify(formatPod(pod))}. ${why}` });
    return settings.host;
  }
  const { clusterDomain: zone } = settings;
  const search = [`${pod.metadata.namespace ?? ""}.svc.${zone}`, `svc.${zone}`, zone, ...settings.host.search];
  return { nameservers: [settings.clusterDNS], search: unique(search), ndots: CLUSTER_NDOTS };
}

/** The last one counts; a value that is no number counts as the resolver's default. */
function ndotsOf(options: readonly { readonly name?: string; readonly value?: string }[] | undefined): number | undefined {
  const option = options?.findLast(({ name }) => name === "ndots");
  if (option === undefined) return undefined;
  return /^\d+$/.test(option.value ?? "") ? Number(option.value) : DEFAULT_NDOTS;
}

/** All but ndots, the last of each name, as they stand in the file: "edns0", "timeout:2". Differs: in the order given, where upstream's is a Go map's. */
function otherOptions(options: readonly { readonly name?: string; readonly value?: string }[] | undefined): { readonly options?: readonly string[] } {
  const byName = new Map(options?.filter(({ name }) => name !== "ndots").map(({ name = "", value = "" }) => [name, value === "" ? name : `${name}:${value}`]));
  return byName.size === 0 ? {} : { options: [...byName.values()] };
}

function fitLimits(conf: ResolvConf, warn: (warning: DnsWarning) => void): ResolvConf {
  let { nameservers, search } = conf;
  if (nameservers.length > MAX_NAMESERVERS) {
    nameservers = nameservers.slice(0, MAX_NAMESERVERS);
    warn({ reason: "DNSConfigForming", message: `Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: ${nameservers.join(" ")}` });
  }
  const fitting = fitSearch(search);
  if (fitting.length < search.length) {
    search = fitting;
    warn({ reason: "DNSConfigForming", message: `Search Line limits were exceeded, some search paths have been omitted, the applied search line is: ${search.join(" ")}` });
  }
  return { ...conf, nameservers, search };
}

function fitSearch(search: readonly string[]): readonly string[] {
  const fitting = search.slice(0, MAX_SEARCHES);
  while (fitting.join(" ").length > MAX_SEARCH_CHARS) fitting.pop();
  return fitting;
}

const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)];

export interface PodHostname {
  /** What `hostname` prints. */
  readonly hostname: string;
  /** "cluster.local" part that makes it fully qualified; "" without a subdomain. */
  readonly domain: string;
}

const MAX_HOSTNAME = 63;

/** Source: pkg/kubelet/kubelet_pods.go, GeneratePodHostNameAndDomain. */
export function podHostname(pod: PodObject, clusterDomain: string): PodHostname {
  const { hostname = "", subdomain = "" } = pod.spec;
  const name = hostname === "" ? pod.metadata.name.slice(0, MAX_HOSTNAME).replace(/[-.]+$/, "") : hostname;
  const domain = subdomain === "" ? "" : `${subdomain}.${pod.metadata.namespace ?? ""}.svc.${clusterDomain}`;
  return { hostname: pod.spec.setHostnameAsFQDN === true && domain !== "" ? `${name}.${domain}` : name, domain };
}

/** What the kubelet adds to /etc/hosts beside localhost: the pod's own name, then hostAliases. Source: pkg/kubelet/kubelet_pods.go, managedHostsFileContent. */
export function hostAliases(pod: PodObject): readonly { readonly ip: string; readonly names: readonly string[] }[] {
  return (pod.spec.hostAliases ?? []).map(({ ip, hostnames = [] }) => ({ ip, names: hostnames }));
}
