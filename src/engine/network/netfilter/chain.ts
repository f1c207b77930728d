import { ChainIndex } from "./chain-index.ts";
import type { Rule } from "./rule.ts";

const INDEX_FROM_RULES = 8; // shorter chains are as fast without

/** The rules of a chain. Shared by all nodes whose chain of that name says the same. */
export class ChainBody {
  private made: ChainIndex | undefined = undefined;

  constructor(readonly rules: readonly Rule[]) {}

  /** Undefined for short chains: they are walked from the top. */
  get index(): ChainIndex | undefined {
    if (this.rules.length < INDEX_FROM_RULES) return undefined;
    this.made ??= new ChainIndex(this.rules);
    return this.made;
  }
}

export const EMPTY_BODY = new ChainBody([]);

/** A chain of one node: shared rules, own counters. */
export class Chain {
  policy: "ACCEPT" | "DROP" = "ACCEPT";
  /** Packets and bytes that met the policy; built-in chains only. */
  packets = 0;
  bytes = 0;
  private counters: Float64Array | undefined = undefined;

  constructor(
    readonly name: string,
    readonly isBuiltin: boolean,
    private current: ChainBody,
  ) {}

  get body(): ChainBody {
    return this.current;
  }

  get rules(): readonly Rule[] {
    return this.current.rules;
  }

  /** New rules start counting at zero. */
  set body(body: ChainBody) {
    this.current = body;
    this.counters = undefined;
  }

  count(position: number, bytes: number): void {
    this.counters ??= new Float64Array(2 * this.current.rules.length);
    const at = 2 * position;
    this.counters[at] = (this.counters[at] ?? 0) + 1;
    this.counters[at + 1] = (this.counters[at + 1] ?? 0) + bytes;
  }

  packetsOf(position: number): number {
    return this.counters?.[2 * position] ?? 0;
  }

  bytesOf(position: number): number {
    return this.counters?.[2 * position + 1] ?? 0;
  }

  /** Puts one rule in; the counters of the others stay. */
  insert(rule: Rule, position: number): void {
    const old = this.counters;
    const rules = this.current.rules;
    this.body = new ChainBody([...rules.slice(0, position), rule, ...rules.slice(position)]);
    if (old !== undefined) this.counters = Float64Array.from([...old.subarray(0, 2 * position), 0, 0, ...old.subarray(2 * position)]);
  }

  removeAt(position: number): void {
    const old = this.counters;
    const rules = this.current.rules;
    this.body = new ChainBody([...rules.slice(0, position), ...rules.slice(position + 1)]);
    if (old !== undefined) this.counters = Float64Array.from([...old.subarray(0, 2 * position), ...old.subarray(2 * position + 2)]);
  }
}
