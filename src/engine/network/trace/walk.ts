import { usOf } from "../../kernel/time.ts";
import { Hits } from "../netfilter/hits.ts";
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

/** Where a step was: a namespace, as traces name it. */
export interface HopPlace {
  readonly nodeName: string;
  readonly label: string;
}

/** Makes a hop's detail from three values that do not change after the step. One function per kind of step, shared by all hops. */
export type DetailMaker<A, B, C> = (a: A, b: B, c: C) => HopDetail;

const SLOTS = 9; // per noted hop

/**
 * A walk being written. Steps are noted in one flat list, and become hops when somebody reads them: most traces are never looked at,
 * and a thousand small objects per trace are what tracing would cost.
 * `hops` is a property of each walk (not of the class), so that a copy to another thread carries it; what is not in the contract is private.
 */
export class Walk implements PacketWalk {
  declare readonly hops: readonly PacketHop[];
  end: PacketWalk["end"] = "in-flight";
  readonly #trace: Trace;
  readonly #noted: unknown[] = [];
  #hits: Hits | undefined = undefined;
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

  /** The matching rules of all hooks on the way, in one list. */
  get hits(): Hits {
    this.#hits ??= new Hits();
    return this.#hits;
  }

  note<A, B, C>(atUs: number, place: HopPlace, device: string, before: HeaderSnapshot, after: HeaderSnapshot, make: DetailMaker<A, B, C>, a: A, b: B, c: C): void {
    this.#noted.push(atUs, place, device, before, after, make, a, b, c);
  }

  /** A walk ends once. `reason`: why it did not arrive. */
  finish(end: Exclude<PacketWalk["end"], "in-flight">, reason?: string): void {
    if (this.end !== "in-flight") return;
    this.end = end;
    this.#trace.walkEnded(reason);
  }

  /** The same array until a hop is added. */
  #readHops(): readonly PacketHop[] {
    const noted = this.#noted;
    if (this.#read.length * SLOTS < noted.length) {
      const hops = [...this.#read];
      for (let at = hops.length * SLOTS; at < noted.length; at += SLOTS) hops.push(hopAt(noted, at));
      this.#read = hops;
    }
    return this.#read;
  }
}

function hopAt(noted: readonly unknown[], at: number): PacketHop {
  const place = noted[at + 1] as HopPlace;
  const make = noted[at + 5] as DetailMaker<unknown, unknown, unknown>;
  return {
    atUs: usOf(noted[at] as number), node: place.nodeName, netns: place.label, device: noted[at + 2] as string,
    before: (noted[at + 3] as HeaderSnapshot).toHeader(), after: (noted[at + 4] as HeaderSnapshot).toHeader(),
    ...make(noted[at + 6], noted[at + 7], noted[at + 8]),
  } as PacketHop;
}
