import type { SimTimeUs } from "./time.ts";

/** Why something happened: the event itself and, through `parentId`, everything that led to it. */
export interface Cause {
  /** Whole number above 0, rising with time. 0 stands for "from outside, or forgotten". */
  readonly id: number;
  readonly atUs: SimTimeUs;
  /** What ran, in plain words: "kubelet node-1: start container default/web nginx". */
  readonly label: string;
  readonly parentId: number;
}

const CAPACITY = 1 << 17; // events; a power of two, so that the slot is a mask away

/** The latest events and what caused each. A ring: memory stays flat however long the cluster runs. */
export class CauseLog {
  private readonly ring: (Cause | undefined)[] = [];
  private lastId = 0;

  record(atUs: SimTimeUs, label: string, parentId: number): Cause {
    const cause: Cause = { id: ++this.lastId, atUs, label, parentId };
    this.ring[cause.id & (CAPACITY - 1)] = cause;
    return cause;
  }

  get(id: number): Cause | undefined {
    const found = this.ring[id & (CAPACITY - 1)];
    return found?.id === id ? found : undefined;
  }

  /** From this event back to the outside input that began it, newest first; at most `limit` long. */
  chain(id: number, limit = 200): Cause[] {
    const chain: Cause[] = [];
    for (let cause = this.get(id); cause !== undefined && chain.length < limit; cause = this.get(cause.parentId)) chain.push(cause);
    return chain;
  }
}
