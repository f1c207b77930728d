import type { Address } from "../addresses/ip.ts";

const MAX_SOURCES = 100; // per list; ip_list_tot of xt_recent

/** Source addresses with the time when they were last seen, per list: session affinity. Source: net/netfilter/xt_recent.c. */
export class RecentLists {
  private readonly lists = new Map<string, Map<Address, number>>();

  /** Stamps the source; the oldest goes when the list is full. */
  set(list: string, source: Address, nowUs: number): void {
    let seen = this.lists.get(list);
    if (seen === undefined) this.lists.set(list, (seen = new Map()));
    seen.delete(source);
    seen.set(source, nowUs);
    if (seen.size > MAX_SOURCES) for (const [oldest] of seen) return void seen.delete(oldest);
  }

  /** True when the source was stamped within the time; `reap` forgets older stamps. */
  check(list: string, source: Address, seconds: number, reap: boolean, nowUs: number): boolean {
    const seen = this.lists.get(list);
    const stamp = seen?.get(source);
    if (stamp === undefined) return false;
    if (seconds === 0 || nowUs - stamp <= seconds * 1e6) return true;
    if (reap) seen?.delete(source);
    return false;
  }

  drop(list: string): void {
    this.lists.delete(list);
  }

  sources(list: string): readonly { readonly source: Address; readonly lastSeenUs: number }[] {
    return [...(this.lists.get(list) ?? [])].map(([source, lastSeenUs]) => ({ source, lastSeenUs }));
  }
}
