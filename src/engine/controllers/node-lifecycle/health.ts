import type { LeaseObject, NodeCondition, NodeObject } from "../../kinds/generated/types.ts";

/** Source for this file: pkg/controller/nodelifecycle/node_lifecycle_controller.go. */

const EVICTION_QPS = 0.1; // nodes tainted per second and zone
const REDUCED_EVICTION_QPS = 0.01;
const LARGE_ZONE = 50; // nodes
const UNHEALTHY_SHARE = 0.55;
export const STARTUP_GRACE_SECONDS = 60;

export const conditionOf = (node: NodeObject, type: string): NodeCondition | undefined => node.status?.conditions?.find((condition) => condition.type === type);

export function zoneOf({ metadata: { labels } }: NodeObject): string {
  return `${labels?.["topology.kubernetes.io/region"] ?? ""}:\u0000:${labels?.["topology.kubernetes.io/zone"] ?? ""}`;
}

interface Seen {
  sign: string;
  atUs: number;
}

interface Zone {
  qps: number;
  /** When the next node may be tainted. */
  nextUs: number;
}

/** What the controller remembers of the nodes: signs of life by its own clock, zones in trouble, pods still to be marked. */
export class NodeHealth {
  private readonly seen = new Map<string, Seen>();
  private readonly zones = new Map<string, Zone>();
  readonly registered = new Set<string>();
  /** Nodes whose pods have yet to be marked not ready. */
  readonly toMark = new Set<string>();
  /** No node of any zone is ready: more likely the controller is cut off than all nodes dead. */
  allDown = false;

  /** Takes note of the node's newest sign of life; gives the simulated µs at which the controller first saw it. */
  observe(node: NodeObject, lease: LeaseObject | undefined, nowUs: number): number {
    const ready = conditionOf(node, "Ready");
    // A status that the controller wrote itself is no sign of life; its heartbeat time stays the kubelet's.
    const sign = `${lease?.spec.renewTime ?? ""}|${ready?.lastHeartbeatTime ?? ""}`;
    const before = this.seen.get(node.metadata.name);
    if (before?.sign === sign) return before.atUs;
    this.seen.set(node.metadata.name, { sign, atUs: nowUs });
    return nowUs;
  }

  forget(name: string): void {
    this.seen.delete(name);
    this.registered.delete(name);
    this.toMark.delete(name);
  }

  /** Source: ComputeZoneState, handleDisruption, setLimiterInZone. */
  judgeZones(nodes: readonly NodeObject[]): void {
    const counts = new Map<string, { ready: number; notReady: number }>();
    for (const node of nodes) {
      const zone = zoneOf(node);
      const count = counts.get(zone) ?? { ready: 0, notReady: 0 };
      if (conditionOf(node, "Ready")?.status === "True") count.ready += 1;
      else count.notReady += 1;
      counts.set(zone, count);
    }
    this.allDown = counts.size > 0 && [...counts.values()].every(({ ready }) => ready === 0);
    for (const [name, { ready, notReady }] of counts) {
      const partial = ready > 0 && notReady > 2 && notReady / (ready + notReady) >= UNHEALTHY_SHARE;
      const qps = !partial ? EVICTION_QPS : ready + notReady > LARGE_ZONE ? REDUCED_EVICTION_QPS : 0;
      const zone = this.zones.get(name);
      if (zone === undefined) this.zones.set(name, { qps, nextUs: 0 });
      else zone.qps = qps;
    }
  }

  /** µs until another node of the zone may get a NoExecute taint; 0 takes the turn; undefined: not as things are. */
  taintTurn(node: NodeObject, nowUs: number): number | undefined {
    let zone = this.zones.get(zoneOf(node));
    if (zone === undefined) this.zones.set(zoneOf(node), (zone = { qps: EVICTION_QPS, nextUs: 0 }));
    if (zone.qps === 0 || this.allDown) return undefined;
    if (zone.nextUs > nowUs) return zone.nextUs - nowUs;
    zone.nextUs = nowUs + 1e6 / zone.qps;
    return 0;
  }
}
