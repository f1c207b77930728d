import type { SchedulingCycle } from "./framework/cycle.ts";
import type { Rejection } from "./framework/plugin.ts";
import type { NodeVerdict, SchedulingAttempt } from "./verdict.ts";

const PER_POD = 20; // attempts
const PODS = 10_000; // pods whose attempts are kept
const ALL_NODES = 200; // up to this many nodes, each gets its verdict
const BEST = 10; // beyond that: the best scored …
const REJECTED = 40; // … and the first rejected

const NO_SCORES: Readonly<Record<string, number>> = {};

/**
 * What the cycle that has just run found out about each node; in a large cluster about the most telling ones.
 * Copied in a compact form, because most verdicts are never read; `NodeVerdict` objects are made when somebody does.
 */
export function verdictsOf(cycle: SchedulingCycle, nodeCount: number): () => readonly NodeVerdict[] {
  const limit = nodeCount <= ALL_NODES ? nodeCount : REJECTED;
  const rejected: { readonly node: string; readonly plugin: string; readonly rejection: Rejection }[] = [];
  for (let i = 0; i < cycle.visitedCount && rejected.length < limit; i++) {
    const rejection = cycle.rejections[i];
    const node = cycle.visited[i];
    if (rejection !== undefined && node !== undefined) rejected.push({ node: node.name, plugin: cycle.rejecters[i]?.name ?? "", rejection });
  }
  const best = bestPositions(cycle, nodeCount <= ALL_NODES ? nodeCount : BEST);
  const plugins = cycle.scorers.map(({ plugin }) => plugin.name);
  const nodes = best.map((at) => cycle.feasible[at]?.name ?? "");
  const scores = new Int32Array(best.length * plugins.length);
  best.forEach((at, row) => cycle.scorers.forEach((scorer, column) => (scores[row * plugins.length + column] = scorer.scores[at] ?? 0)));
  let made: readonly NodeVerdict[] | undefined;
  return () => (made ??= [
    ...nodes.map((node, row): NodeVerdict => {
      const own = plugins.map((plugin, column) => [plugin, scores[row * plugins.length + column] ?? 0] as const);
      return { node, reasons: [], scores: Object.fromEntries(own), total: own.reduce((sum, [, score]) => sum + score, 0) };
    }).sort((a, b) => b.total - a.total),
    ...rejected.map(({ node, plugin, rejection }): NodeVerdict => ({ node, plugin, code: rejection.code, reasons: rejection.reasons, scores: NO_SCORES, total: 0 })),
  ]);
}

/** Positions of the highest totals; best first when there are more than the limit. */
function bestPositions(cycle: SchedulingCycle, limit: number): readonly number[] {
  const count = cycle.feasibleCount;
  const total = (at: number): number => cycle.totals[at] ?? 0;
  if (count <= limit) return Array.from({ length: count }, (_, i) => i);
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
