import type { SimTimeUs } from "../../kernel/time.ts";
import type { PacketHeader, PacketHop } from "./packet-hop.ts";
import type { PacketRole, PacketWalk } from "./packet-trace.ts";
import type { Trace } from "./trace.ts";

type Place = "atUs" | "node" | "netns" | "device" | "before" | "after";
type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** What is particular to a hop's type. */
export type HopDetail = Without<PacketHop, Place>;

/** A packet's header at one moment, kept as numbers until somebody reads it. */
export interface HeaderSnapshot {
  toHeader(): PacketHeader;
}

/** A step as it was noted down. Its texts are made when somebody reads the walk: most traces are never looked at. */
export interface NotedHop {
  readonly atUs: SimTimeUs;
  readonly node: string;
  readonly netns: string;
  readonly device: string;
  readonly before: HeaderSnapshot;
  readonly after: HeaderSnapshot;
  /** A function must read nothing that can change after the step. */
  readonly detail: HopDetail | (() => HopDetail);
}

const hopOf = (noted: NotedHop): PacketHop => ({
  atUs: noted.atUs, node: noted.node, netns: noted.netns, device: noted.device, before: noted.before.toHeader(), after: noted.after.toHeader(),
  ...(typeof noted.detail === "function" ? noted.detail() : noted.detail),
}) as PacketHop;

/**
 * A walk being written. `hops` is a property of each walk (not of the class), so that a copy to another thread carries it;
 * everything that is not in the contract is private, so that it does not.
 */
export class Walk implements PacketWalk {
  declare readonly hops: readonly PacketHop[];
  end: PacketWalk["end"] = "in-flight";
  readonly #trace: Trace;
  readonly #noted: NotedHop[] = [];
  #read: PacketHop[] = [];

  static readonly #HOPS: PropertyDescriptor & ThisType<Walk> = {
    enumerable: true,
    get() {
      return this.#readHops();
    },
  };

  constructor(
    trace: Trace,
    readonly index: number,
    readonly role: PacketRole,
    readonly summary: string,
  ) {
    this.#trace = trace;
    Object.defineProperty(this, "hops", Walk.#HOPS);
  }

  get trace(): Trace {
    return this.#trace;
  }

  add(hop: NotedHop): void {
    this.#noted.push(hop);
  }

  /** A walk ends once. `reason`: why it did not arrive. */
  finish(end: Exclude<PacketWalk["end"], "in-flight">, reason?: string): void {
    if (this.end !== "in-flight") return;
    this.end = end;
    this.#trace.walkEnded(reason);
  }

  /** The same array until a hop is added. */
  #readHops(): readonly PacketHop[] {
    if (this.#read.length < this.#noted.length) this.#read = [...this.#read, ...this.#noted.slice(this.#read.length).map(hopOf)];
    return this.#read;
  }
}
