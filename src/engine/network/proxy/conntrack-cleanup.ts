import { ipOf } from "../addresses/ip.ts";
import type { ConntrackTable } from "../conntrack/conntrack-table.ts";
import { UDP } from "../datapath/packet.ts";
import type { PortBlock } from "./rule-cache.ts";

/**
 * Deletes flows to UDP Services whose endpoint no longer serves: their next packet asks the rules again. TCP flows are left alone.
 * Source: pkg/proxy/conntrack/cleanup.go, CleanStaleEntries. Returns how many went.
 */
export function cleanStaleFlows(conntrack: ConntrackTable, ports: readonly PortBlock[], nowUs: number): number {
  const byDestination = new Map<number, Set<number>>();
  const byNodePort = new Map<number, Set<number>>();
  for (const { port, endpoints } of ports) {
    if (port.protocol !== "udp") continue;
    const serving = new Set(endpoints.filter((endpoint) => endpoint.serving).map((endpoint) => key(ipOf(endpoint.ip), endpoint.port)));
    if (serving.size === 0) continue;
    for (const ip of [port.clusterIP, ...port.externalIPs, ...port.loadBalancerVIPs]) byDestination.set(key(ipOf(ip), port.port), serving);
    if (port.nodePort !== 0) byNodePort.set(port.nodePort, serving);
  }
  if (byDestination.size === 0 && byNodePort.size === 0) return 0;
  let deleted = 0;
  for (const entry of conntrack.list(nowUs)) {
    if (entry.original.proto !== UDP) continue;
    const serving = byDestination.get(key(entry.original.dst, entry.original.dstPort)) ?? byNodePort.get(entry.original.dstPort);
    if (serving === undefined || serving.has(key(entry.reply.src, entry.reply.srcPort))) continue;
    conntrack.remove(entry);
    deleted += 1;
  }
  return deleted;
}

const key = (address: number, port: number): number => address * 65_536 + port;
