import type { PacketHop } from "./packet-hop.ts";
import type { PacketRole, PacketWalk } from "./packet-trace.ts";
import type { Trace } from "./trace.ts";

/** A walk being written. What is not in the contract is private, so that a copy to another thread carries data only. */
export class Walk implements PacketWalk {
  readonly hops: PacketHop[] = [];
  end: PacketWalk["end"] = "in-flight";
  readonly #trace: Trace;

  constructor(
    trace: Trace,
    readonly index: number,
    readonly role: PacketRole,
    readonly summary: string,
  ) {
    this.#trace = trace;
  }

  get trace(): Trace {
    return this.#trace;
  }

  add(hop: PacketHop): void {
    this.hops.push(hop);
  }

  /** A walk ends once; a refusal or loss is kept for the outcome of its trace. */
  finish(end: Exclude<PacketWalk["end"], "in-flight">): void {
    if (this.end !== "in-flight") return;
    this.end = end;
    this.#trace.walkEnded(this);
  }
}
