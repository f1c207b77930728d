import { formatIp } from "../addresses/ip.ts";
import { ECHO_REPLY, ECHO_REQUEST, type FlowTuple, ICMP, TCP } from "../datapath/packet.ts";
import { protocolName } from "./conntrack-table.ts";
import type { ConntrackEntry } from "./entry.ts";

/** What a line says of an entry. */
type LineFacts = Pick<ConntrackEntry, "original" | "reply" | "tcpState" | "seenReply" | "assured" | "mark" | "expiresUs">;

/** The facts as they are now; the entry goes on changing. The tuples of a confirmed entry do not. */
export const lineFacts = (entry: ConntrackEntry): LineFacts => ({
  original: entry.original, reply: entry.confirmed ? entry.reply : { ...entry.reply },
  tcpState: entry.tcpState, seenReply: entry.seenReply, assured: entry.assured, mark: entry.mark, expiresUs: entry.expiresUs,
});

/** One line of `conntrack -L`. Source: conntrack-tools 1.4.7, as recorded. */
export function conntrackLine(entry: LineFacts, nowUs: number): string {
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
