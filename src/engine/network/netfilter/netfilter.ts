import { assert } from "../../kernel/assert.ts";
import { Chain, ChainBody, EMPTY_BODY } from "./chain.ts";
import { RecentLists } from "./recent-lists.ts";
import type { HookName, Rule, TableName } from "./rule.ts";

/** The chains that a table has from the start, in the order in which they are printed. */
export const BUILTIN_CHAINS: Readonly<Record<TableName, readonly HookName[]>> = {
  raw: ["PREROUTING", "OUTPUT"],
  mangle: ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
  nat: ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
  filter: ["INPUT", "FORWARD", "OUTPUT"],
};

export class Table {
  readonly chains = new Map<string, Chain>();

  constructor(readonly name: TableName) {
    for (const hook of BUILTIN_CHAINS[name]) this.chains.set(hook, new Chain(hook, true, EMPTY_BODY));
  }

  chain(name: string): Chain {
    const chain = this.chains.get(name);
    assert(chain !== undefined, `the chain ${name} exists in the table ${this.name}`);
    return chain;
  }

  /** `iptables -N`, unless it is there. */
  ensureChain(name: string): Chain {
    let chain = this.chains.get(name);
    if (chain === undefined) this.chains.set(name, (chain = new Chain(name, false, EMPTY_BODY)));
    return chain;
  }

  /** `iptables -C || iptables -I/-A`: a rule that is already there stays where it is. */
  ensureRule(rule: Rule, where: "first" | "last"): void {
    const chain = this.ensureChain(rule.chain);
    if (chain.rules.some((other) => other.written === rule.written)) return;
    chain.insert(rule, where === "first" ? 0 : chain.rules.length);
  }

  removeRule(rule: Rule): void {
    const chain = this.chains.get(rule.chain);
    const at = chain?.rules.findIndex((other) => other.written === rule.written) ?? -1;
    if (at >= 0) chain?.removeAt(at);
  }

  /** `iptables-restore --noflush`: a chain that is declared loses its rules and gets these. */
  replaceChain(name: string, body: ChainBody): void {
    this.ensureChain(name).body = body;
  }

  /** `iptables -X`. Jumps to it must be gone; a packet that still meets one passes on. */
  deleteChain(name: string): void {
    if (this.chains.get(name)?.isBuiltin === false) this.chains.delete(name);
  }

  /** Built-in chains first, then by name. */
  sortedChains(): Chain[] {
    const all = [...this.chains.values()];
    const users = all.filter((chain) => !chain.isBuiltin).sort((a, b) => (a.name < b.name ? -1 : 1));
    return [...all.filter((chain) => chain.isBuiltin), ...users];
  }
}

/** The tables of one machine. A table appears when somebody first uses it; `iptables-save` prints them in that order. */
export class Netfilter {
  readonly recent = new RecentLists();
  private readonly tables = new Map<TableName, Table>();

  /** Undefined while nobody has used it. */
  get(name: TableName): Table | undefined {
    return this.tables.get(name);
  }

  table(name: TableName): Table {
    let table = this.tables.get(name);
    if (table === undefined) this.tables.set(name, (table = new Table(name)));
    return table;
  }

  all(): readonly Table[] {
    return [...this.tables.values()];
  }
}

/** A body of rules; all empty chains share one. */
export const bodyOf = (rules: readonly Rule[]): ChainBody => (rules.length === 0 ? EMPTY_BODY : new ChainBody(rules));
