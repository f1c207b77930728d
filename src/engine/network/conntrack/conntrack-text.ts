import { formatIp } from "../addresses/ip.ts";
import { ECHO_REPLY, ECHO_REQUEST, type FlowTuple, ICMP, TCP } from "../datapath/packet.ts";
import { protocolName } from "./conntrack-table.ts";
import type { ConntrackEntry } from "./entry.ts";

type Printed = Pick<ConntrackEntry, "original" | "reply" | "tcpState" | "seenReply" | "assured" | "mark" | "expiresUs">;

/** What a line says of an entry at one moment; the entry itself goes on changing. The tuples of a confirmed entry do not. */
export interface LineFacts extends Printed {
  readonly atUs: number;
}

export const lineFacts = (entry: ConntrackEntry, atUs: number): LineFacts => ({
  original: entry.original, reply: entry.confirmed ? entry.reply : { ...entry.reply },
  tcpState: entry.tcpState, seenReply: entry.seenReply, assured: entry.assured, mark: entry.mark, expiresUs: entry.expiresUs, atUs,
});

/** One line of `conntrack -L`. Source: conntrack-tools 1.4.7, as recorded. */
export function conntrackLine(entry: Printed, nowUs: number): string {
  const { original, reply } = entry;
  const secondsLeft = Math.max(0, Math.floor((entry.expiresUs - nowUs) / 1e6));
  const head = `${protocolName(original.proto).padEnd(8)} ${original.proto} ${secondsLeft}`;
  const parts = [head];
  if (original.proto === TCP) parts.push(entry.tcpState);
  parts.push(tupleText(original, ECHO_REQUEST));
  if (!entry.seenReply) parts.push("[UNREPLIED]");
  parts.push(tupleText(reply, ECHO_REPLY));
  if (entry.assured) parts.push("[ASSURED]");
  parts.push(`mark=${entry.mark}`, "use=1");
  return parts.join(" ");
}

const tupleText = (tuple: FlowTuple, icmpType: number): string =>
  tuple.proto === ICMP
    ? `src=${formatIp(tuple.src)} dst=${formatIp(tuple.dst)} type=${icmpType} code=0 id=${tuple.srcPort}`
    : `src=${formatIp(tuple.src)} dst=${formatIp(tuple.dst)} sport=${tuple.srcPort} dport=${tuple.dstPort}`;
