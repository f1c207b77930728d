import type { Informer } from "../../client/contracts.ts";
import type { Endpoint, EndpointSliceObject, NamespaceObject, ServiceObject, ServicePort } from "../../kinds/generated/types.ts";
import { parseIp } from "../addresses/ip.ts";
import type { DnsType, Rcode, ResourceRecord } from "./message.ts";

export const ZONE = "cluster.local.";
/** kubeadm's Corefile: `ttl 30`. */
export const TTL_SECONDS = 30;
const SCHEMA_TTL_SECONDS = 28_800;
const SCHEMA_VERSION = "1.1.0";
const WEIGHT = 100;

export const SERVICE_INDEX = "coredns/service";
export const ADDRESS_INDEX = "coredns/address";
export const CLUSTER_IP_INDEX = "coredns/cluster-ip";

/** What the zone is made of: the caches of CoreDNS's kubernetes plugin. */
export interface ZoneView {
  readonly services: Informer<ServiceObject>;
  readonly slices: Informer<EndpointSliceObject>;
  readonly namespaces: Informer<NamespaceObject>;
  /** The server's own address. */
  readonly self: string;
}

/** What the zone says to a question. `external`: the name goes on outside the zone, and the server has to ask there. */
export interface ZoneAnswer {
  readonly rcode: Rcode;
  readonly answers: readonly ResourceRecord[];
  readonly additional: readonly ResourceRecord[];
  readonly external?: string;
}

const NXDOMAIN: ZoneAnswer = { rcode: "NXDOMAIN", answers: [], additional: [] };
const NODATA: ZoneAnswer = { rcode: "NOERROR", answers: [], additional: [] };
const MAX_CNAMES = 10;

/** Declares the indexes that answers need. */
export function prepareView(view: Omit<ZoneView, "self">): void {
  view.slices.addIndex(SERVICE_INDEX, (slice) => {
    const name = slice.metadata.labels?.["kubernetes.io/service-name"];
    return name === undefined ? [] : [`${slice.metadata.namespace ?? ""}/${name}`];
  });
  view.slices.addIndex(ADDRESS_INDEX, (slice) => (slice.metadata.labels?.["service.kubernetes.io/headless"] === undefined ? [] : (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses)));
  view.services.addIndex(CLUSTER_IP_INDEX, (service) => (isHeadless(service) ? [] : [service.spec.clusterIP ?? ""]));
}

/**
 * Answers a question about cluster.local.
 * Source: plugin/kubernetes/{kubernetes,parse,handler}.go in coredns/coredns; docs/specification.md in kubernetes/dns.
 */
export function answerZone(view: ZoneView, name: string, type: DnsType, depth = 0): ZoneAnswer {
  const left = name.toLowerCase().slice(0, -ZONE.length).replace(/\.$/, "");
  const labels = left === "" ? [] : left.split(".").reverse();
  const [kind, namespace, ...rest] = labels;
  if (kind === undefined) return NODATA;
  if (left === "dns-version") return type === "TXT" ? found([{ name, type, ttl: SCHEMA_TTL_SECONDS, data: SCHEMA_VERSION }]) : NODATA;
  if (left === "ns.dns") return type === "A" ? found([{ name, type, ttl: TTL_SECONDS, data: view.self }]) : NODATA;
  if (kind === "dns" && namespace === undefined) return NODATA;
  if (kind !== "svc" && kind !== "pod") return NXDOMAIN;
  if (namespace === undefined) return NODATA;
  if (rest.length === 0) return view.namespaces.get({ namespace: "", name: namespace }) === undefined ? NXDOMAIN : NODATA;
  return kind === "pod" ? answerPod(name, type, rest) : answerService(view, name, type, namespace, rest, depth);
}

/** `pods insecure`: the address is read from the name, whether there is such a pod or not. */
function answerPod(name: string, type: DnsType, labels: readonly string[]): ZoneAnswer {
  const ip = (labels[0] ?? "").replaceAll("-", ".");
  if (labels.length !== 1 || parseIp(ip) === undefined) return NXDOMAIN;
  return type === "A" ? found([{ name, type, ttl: TTL_SECONDS, data: ip }]) : NODATA;
}

function answerService(view: ZoneView, name: string, type: DnsType, namespace: string, labels: readonly string[], depth: number): ZoneAnswer {
  const [serviceName = "", second, third, ...more] = labels;
  const service = view.services.get({ namespace, name: serviceName });
  if (service === undefined || more.length > 0) return NXDOMAIN;
  const domain = `${serviceName}.${namespace}.svc.${ZONE}`;
  if (service.spec.type === "ExternalName") return second === undefined ? answerExternalName(view, name, type, service, depth) : NXDOMAIN;
  const isPort = third !== undefined;
  const wanted = isPort ? { protocol: bare(second ?? ""), port: bare(third) } : undefined;
  const slices = view.slices.byIndex(SERVICE_INDEX, `${namespace}/${serviceName}`);
  if (isHeadless(service) || (second !== undefined && !isPort)) return answerEndpoints(name, type, domain, slices, isPort ? undefined : second, wanted);
  const ports = (service.spec.ports ?? []).filter((port) => wanted === undefined || matchesPort(port, wanted));
  if (ports.length === 0) return NXDOMAIN;
  const address: ResourceRecord = { name, type: "A", ttl: TTL_SECONDS, data: service.spec.clusterIP ?? "" };
  if (type === "A") return found([address]);
  if (type !== "SRV") return NODATA;
  const weight = Math.max(1, Math.floor(WEIGHT / ports.length));
  const answers = ports.map((port): ResourceRecord => ({ name, type, ttl: TTL_SECONDS, data: `0 ${weight} ${port.port} ${domain}` }));
  return { rcode: "NOERROR", answers, additional: [{ ...address, name: domain }] };
}

const bare = (label: string): string => (label.startsWith("_") ? label.slice(1) : label);
const matchesPort = (port: ServicePort, wanted: { protocol: string; port: string }): boolean =>
  (port.name ?? "") === wanted.port && (port.protocol ?? "TCP").toLowerCase() === wanted.protocol;

const isHeadless = (service: ServiceObject): boolean => service.spec.clusterIP === "None";

const found = (answers: readonly ResourceRecord[]): ZoneAnswer => ({ rcode: "NOERROR", answers, additional: [] });

interface NamedEndpoint {
  readonly host: string;
  readonly ip: string;
  readonly port: number;
}

/** Headless Services, and single endpoints of any Service by their host name. */
function answerEndpoints(name: string, type: DnsType, domain: string, slices: readonly EndpointSliceObject[], host: string | undefined, wanted: { protocol: string; port: string } | undefined): ZoneAnswer {
  const endpoints = readyEndpoints(slices, wanted).filter((endpoint) => host === undefined || endpoint.host === host);
  if (endpoints.length === 0) return NXDOMAIN;
  const hosts = [...new Map(endpoints.map((endpoint) => [endpoint.ip, endpoint])).values()];
  if (type === "A") return found(hosts.map(({ ip }) => ({ name, type, ttl: TTL_SECONDS, data: ip })));
  if (type !== "SRV") return NODATA;
  const withPort = endpoints.filter((endpoint) => endpoint.port > 0);
  const weight = Math.max(1, Math.floor(WEIGHT / Math.max(1, withPort.length)));
  const answers = withPort.map((endpoint): ResourceRecord => ({ name, type, ttl: TTL_SECONDS, data: `0 ${weight} ${endpoint.port} ${endpoint.host}.${domain}` }));
  return { rcode: "NOERROR", answers, additional: hosts.map(({ host: label, ip }) => ({ name: `${label}.${domain}`, type: "A", ttl: TTL_SECONDS, data: ip })) };
}

function readyEndpoints(slices: readonly EndpointSliceObject[], wanted: { protocol: string; port: string } | undefined): NamedEndpoint[] {
  const named: NamedEndpoint[] = [];
  for (const slice of slices) {
    if (slice.addressType !== "IPv4") continue;
    const ports = (slice.ports ?? []).filter((port) => wanted === undefined || ((port.name ?? "") === wanted.port && (port.protocol ?? "TCP").toLowerCase() === wanted.protocol));
    // A slice without ports (a headless Service without ports) still has addresses.
    const numbers = ports.length > 0 ? ports.map((port) => port.port ?? 0) : wanted === undefined ? [0] : [];
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false) continue;
      for (const ip of endpoint.addresses) for (const port of numbers) named.push({ host: hostOf(endpoint, ip), ip, port });
    }
  }
  return named.sort((a, b) => (a.host < b.host ? -1 : a.host > b.host ? 1 : a.port - b.port));
}

/** A pod with hostname and subdomain has a name, all others their address with dashes. */
const hostOf = (endpoint: Endpoint, ip: string): string => (endpoint.hostname !== undefined && endpoint.hostname !== "" ? endpoint.hostname : ip.replaceAll(".", "-"));

function answerExternalName(view: ZoneView, name: string, type: DnsType, service: ServiceObject, depth: number): ZoneAnswer {
  const target = `${(service.spec.externalName ?? "").replace(/\.$/, "")}.`;
  const cname: ResourceRecord = { name, type: "CNAME", ttl: TTL_SECONDS, data: target };
  if (type === "CNAME") return found([cname]);
  if (type !== "A" && type !== "AAAA") return NODATA;
  if (!isInZone(target)) return { ...found([cname]), external: target };
  if (depth >= MAX_CNAMES || target.toLowerCase() === name.toLowerCase()) return NODATA;
  const nested = answerZone(view, target, type, depth + 1);
  if (nested.answers.length === 0) return NODATA;
  return { ...nested, answers: [cname, ...nested.answers] };
}

export const isInZone = (name: string): boolean => name.toLowerCase() === ZONE || name.toLowerCase().endsWith(`.${ZONE}`);

/** The name of a cluster IP or of an endpoint of a headless Service; undefined falls through to the upstream. */
export function answerReverse(view: ZoneView, name: string, type: DnsType): ZoneAnswer | undefined {
  const m = /^((?:\d{1,3}\.){4})in-addr\.arpa\.$/i.exec(name);
  const ip = m?.[1]?.split(".").slice(0, 4).reverse().join(".");
  if (ip === undefined || parseIp(ip) === undefined) return undefined;
  const targets = new Set<string>();
  for (const service of view.services.byIndex(CLUSTER_IP_INDEX, ip)) targets.add(`${service.metadata.name}.${service.metadata.namespace ?? ""}.svc.${ZONE}`);
  for (const slice of targets.size > 0 ? [] : view.slices.byIndex(ADDRESS_INDEX, ip)) {
    for (const endpoint of slice.endpoints ?? []) {
      if (endpoint.conditions?.ready === false || !endpoint.addresses.includes(ip)) continue;
      targets.add(`${hostOf(endpoint, ip)}.${slice.metadata.labels?.["kubernetes.io/service-name"] ?? ""}.${slice.metadata.namespace ?? ""}.svc.${ZONE}`);
    }
  }
  if (targets.size === 0) return undefined;
  return type === "PTR" ? found([...targets].map((target) => ({ name, type, ttl: TTL_SECONDS, data: target }))) : NODATA;
}

/** What negative answers carry: how long they may be kept. */
export const soaRecord = (serial: number): ResourceRecord => ({ name: ZONE, type: "SOA", ttl: TTL_SECONDS, data: `ns.dns.${ZONE} hostmaster.${ZONE} ${serial} 7200 1800 86400 ${TTL_SECONDS}` });
