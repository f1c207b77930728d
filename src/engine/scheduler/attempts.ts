import type { SchedulingCycle } from "./framework/cycle.ts";
import type { NodeVerdict, SchedulingAttempt } from "./verdict.ts";

const PER_POD = 20; // attempts
const PODS = 10_000; // pods whose attempts are kept
const ALL_NODES = 100; // up to this many nodes, each gets its verdict
const BEST = 10; // beyond that: the best scored …
const REJECTED = 40; // … and the first rejected

const NO_SCORES: Readonly<Record<string, number>> = {};

/** What the cycle that has just run found out about each node; in a large cluster about the most telling ones. */
export function verdictsOf(cycle: SchedulingCycle, nodeCount: number): readonly NodeVerdict[] {
  const verdicts: NodeVerdict[] = [];
  const limit = nodeCount <= ALL_NODES ? nodeCount : REJECTED;
  let rejected = 0;
  for (let i = 0; i < cycle.visitedCount && rejected < limit; i++) {
    const rejection = cycle.rejections[i];
    const node = cycle.visited[i];
    if (rejection === undefined || node === undefined) continue;
    rejected += 1;
    verdicts.push({ node: node.name, plugin: cycle.rejecters[i]?.name ?? "", code: rejection.code, reasons: rejection.reasons, scores: NO_SCORES, total: 0 });
  }
  for (const at of bestPositions(cycle, nodeCount <= ALL_NODES ? nodeCount : BEST)) {
    const node = cycle.feasible[at];
    if (node === undefined) continue;
    const scores: Record<string, number> = {};
    for (const { plugin, scores: all } of cycle.scorers) scores[plugin.name] = all[at] ?? 0;
    verdicts.push({ node: node.name, reasons: [], scores, total: cycle.scorers.length === 0 ? 0 : (cycle.totals[at] ?? 0) });
  }
  return verdicts;
}

/** Positions of the highest totals, best first. */
function bestPositions(cycle: SchedulingCycle, limit: number): readonly number[] {
  const count = cycle.feasibleCount;
  const total = (at: number): number => cycle.totals[at] ?? 0;
  if (count <= limit) return Array.from({ length: count }, (_, i) => i).sort((a, b) => (cycle.scorers.length === 0 ? 0 : total(b) - total(a)) || a - b);
  const best: number[] = [];
  for (let i = 0; i < count; i++) {
    const last = best.at(-1);
    if (best.length === limit && last !== undefined && total(i) <= total(last)) continue;
    let at = best.length;
    while (at > 0 && total(best[at - 1] ?? 0) < total(i)) at -= 1;
    best.splice(at, 0, i);
    if (best.length > limit) best.pop();
  }
  return best;
}

/** The latest attempts of each pod. */
export class AttemptLog {
  private readonly byPod = new Map<string, SchedulingAttempt[]>();

  add(attempt: SchedulingAttempt): void {
    const list = this.byPod.get(attempt.pod) ?? [];
    if (list.length === 0) {
      this.byPod.set(attempt.pod, list);
      if (this.byPod.size > PODS) {
        const [oldest] = this.byPod.keys();
        if (oldest !== undefined) this.byPod.delete(oldest);
      }
    }
    list.push(attempt);
    if (list.length > PER_POD) list.shift();
  }

  of(pod: string): readonly SchedulingAttempt[] {
    return this.byPod.get(pod) ?? [];
  }
}
