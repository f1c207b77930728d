import type { SimTimeUs } from "../../kernel/time.ts";
import type { PacketHop } from "./packet-hop.ts";

/** What a packet is for; the canvas draws each kind its own way. */
export type PacketRole =
  | "dns-query" | "dns-reply" | "syn" | "syn-ack" | "ack" | "request" | "reply" | "data" | "fin" | "rst"
  | "icmp-request" | "icmp-reply" | "icmp-error" | "udp" | "udp-reply";

/** One packet from where it was made to where it ended. */
export interface PacketWalk {
  /** Number within the trace, from 0. */
  readonly index: number;
  readonly role: PacketRole;
  /** "A? api.prod.svc.cluster.local.", "GET /healthz", "SYN 10.42.1.2:40000 → 10.96.0.20:80". */
  readonly summary: string;
  readonly hops: readonly PacketHop[];
  readonly end: "in-flight" | "delivered" | "refused" | "dropped";
}

/** Everything that one send, look-up or connection put on the wire. Grows while simulated time passes. */
export interface PacketTrace {
  readonly id: number;
  readonly startedUs: SimTimeUs;
  readonly causeId: number;
  /** "pod default/web", "node node-1", "external". */
  readonly from: string;
  readonly to: string;
  readonly walks: readonly PacketWalk[];
  readonly status: "running" | "done" | "failed";
  /** "200 OK from default/api-6f…", "connection refused", "no such host". */
  readonly outcome: string;
  /** The pod that answered, "namespace/name". */
  readonly answeredBy?: string;
  readonly endedUs?: SimTimeUs;
  readonly response?: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
}
