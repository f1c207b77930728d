import { type Address, formatIp } from "../addresses/ip.ts";
import { formatMac, type Mac } from "../addresses/mac.ts";
import type { RouteDecision } from "../links/net-stack.ts";
import { routeText } from "../links/route-table.ts";
import type { DetailMaker } from "../trace/walk.ts";
import { answerText, type FoundNeighbour } from "./neighbour-discovery.ts";

/** What the steps of the datapath say of themselves, once somebody reads them. */

export const routeDetail: DetailMaker<RouteDecision, Address, undefined> = (decision, dst) =>
  decision.local ? { type: "route", route: `local ${formatIp(dst)} dev lo`, table: "local" } : { type: "route", route: routeText(decision.route), table: "main" };

export const localDetail: DetailMaker<Address, undefined, undefined> = (dst) => ({ type: "route", route: `local ${formatIp(dst)}`, table: "local" });

export const arpDetail: DetailMaker<Address, Address | undefined, FoundNeighbour> = (nextHop, own, found) => ({
  type: "arp", question: `Who has ${formatIp(nextHop)}? Tell ${own === undefined ? "" : formatIp(own)}`, answer: answerText(nextHop, found), cached: found.cached,
});

export const vethDetail: DetailMaker<string, string, undefined> = (from, to) => ({ type: "veth", from, to });

export const bridgeDetail: DetailMaker<string, string, undefined> = (bridge, toPort) => ({ type: "bridge", bridge, toPort });

export const wireDetail: DetailMaker<string, number, undefined> = (toNode, latencyUs) => ({ type: "wire", toNode, latencyUs });

export const encapsulateDetail: DetailMaker<Mac, Address, number> = (mac, remote, vni) => ({ type: "encapsulate", fdb: `${formatMac(mac)} dst ${formatIp(remote)}`, vni });

export const decapsulateDetail: DetailMaker<number, undefined, undefined> = (vni) => ({ type: "decapsulate", vni });

export const sendDetail: DetailMaker<string, string, undefined> = (process, summary) => ({ type: "socket", action: "send", process, summary });

export const deliverDetail: DetailMaker<string, string, undefined> = (process, summary) => ({ type: "socket", action: "deliver", process, summary });
