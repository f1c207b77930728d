import type { RuleHit } from "../trace/packet-hop.ts";
import { ruleText, targetName } from "./rule-text.ts";
import type { Rule, TableName } from "./rule.ts";

const SLOTS = 3; // per hit
export const NO_DRAW = -1;

/** Rules that matched a packet on its way, in order: noted in one flat list, and told in full when somebody reads them. */
export class Hits {
  private readonly noted: (Rule | number)[] = [];

  /** How many there are so far: where the next hook's begin. */
  get length(): number {
    return this.noted.length / SLOTS;
  }

  /** `position` from 0; `draw` of the statistic match, or NO_DRAW. */
  add(rule: Rule, position: number, draw: number): void {
    this.noted.push(rule, position, draw);
  }

  /** Those from one number up to another. */
  read(table: TableName, from: number, to: number): RuleHit[] {
    const hits: RuleHit[] = [];
    for (let at = from * SLOTS; at < to * SLOTS; at += SLOTS) {
      const rule = this.noted[at] as Rule;
      const draw = this.noted[at + 2] as number;
      hits.push({
        table, chain: rule.chain, position: (this.noted[at + 1] as number) + 1, rule: ruleText(rule), verdict: targetName(rule.target),
        ...(draw === NO_DRAW ? {} : { draw }), ...(rule.owner === undefined ? {} : { owner: rule.owner }),
      });
    }
    return hits;
  }
}
