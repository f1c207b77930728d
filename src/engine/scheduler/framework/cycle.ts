import { assert } from "../../kernel/assert.ts";
import type { Rng } from "../../kernel/rng.ts";
import type { NodeInfo } from "./node-info.ts";
import { type Rejection, type SchedulerPlugin, type SchedulingWorld, unresolvable } from "./plugin.ts";
import type { PodInfo } from "./pod-info.ts";

const MIN_FEASIBLE = 100; // nodes: below this all are looked at
const MIN_PERCENTAGE = 5;

/** How many feasible nodes are enough. `percentage` 0: adapts to the size of the cluster. Source: pkg/scheduler/schedule_one.go, numFeasibleNodesToFind. */
export function feasibleNodesToFind(nodeCount: number, percentage: number): number {
  if (nodeCount < MIN_FEASIBLE) return nodeCount;
  const share = percentage > 0 ? percentage : Math.max(MIN_PERCENTAGE, 50 - Math.floor(nodeCount / 125));
  return Math.max(MIN_FEASIBLE, Math.floor((nodeCount * Math.min(share, 100)) / 100));
}

/** Nodes that both name, in the order of the first. */
export const intersection = <T>(a: ReadonlySet<T>, b: ReadonlySet<T>): Set<T> => new Set([...a].filter((item) => b.has(item)));

/** A profile's plugin and what its score counts. */
export interface WeightedPlugin {
  readonly plugin: SchedulerPlugin;
  readonly weight: number;
}

/** A filter that takes part in this cycle, with what its PreFilter worked out. */
export interface ActiveFilter {
  readonly plugin: SchedulerPlugin;
  state: unknown;
}

/**
 * One pod against all nodes: filter, score, choose. Its arrays are used again for every pod; read them before the next `run`.
 * Source: pkg/scheduler/schedule_one.go, schedulePod; pkg/scheduler/framework/runtime/framework.go.
 */
export class SchedulingCycle {
  /** Visited nodes in order, each with its rejection or none. */
  readonly visited: NodeInfo[] = [];
  readonly rejections: (Rejection | undefined)[] = [];
  readonly rejecters: (SchedulerPlugin | undefined)[] = [];
  visitedCount = 0;
  readonly feasible: NodeInfo[] = [];
  feasibleCount = 0;
  filters: ActiveFilter[] = [];
  /** Names of the plugins that rejected the pod on some node. */
  rejectedBy = new Set<string>();
  /** Nodes that a PreFilter ruled out without looking at them, and with which words. */
  absent: { readonly count: number; readonly rejection: Rejection } | undefined;
  /** A PreFilter rejected the pod as such. */
  preFilterRejection: Rejection | undefined;
  /** Score plugins of this cycle, with weighted scores by position in `feasible`. */
  readonly scorers: { plugin: SchedulerPlugin; weight: number; scores: Float64Array }[] = [];
  totals: Float64Array = new Float64Array(128);
  private readonly spareScores: Float64Array[] = [];
  /** Pods that preemption has made room for, by node. They count where they matter as much as the pod or more. */
  readonly nominated = new Map<string, Map<string, PodInfo>>();
  private rejecter: SchedulerPlugin | undefined;
  private nextStart = 0;
  private readonly plugins: readonly WeightedPlugin[];
  private readonly world: SchedulingWorld;
  private readonly rng: Rng;
  private readonly percentage: number;

  constructor(plugins: readonly WeightedPlugin[], world: SchedulingWorld, rng: Rng, percentage = 0) {
    this.plugins = plugins;
    this.world = world;
    this.rng = rng;
    this.percentage = percentage;
  }

  /** The node for the pod, or undefined when none will do. `nominated`: evaluated first, as preemption made room there. */
  run(pod: PodInfo, nominated?: string): NodeInfo | undefined {
    this.reset();
    const nodes = this.world.cache.nodes();
    if (nodes.length === 0) return undefined;
    const allowed = this.preFilter(pod, nodes.length);
    if (this.preFilterRejection !== undefined) return undefined;
    const first = nominated === undefined ? undefined : this.world.cache.node(nominated);
    if (first !== undefined && (allowed === undefined || allowed.has(first.name))) {
      this.visit(pod, first);
      if (this.feasibleCount === 0) this.resetVisits();
    }
    if (this.feasibleCount === 0) this.filterNodes(pod, nodes, allowed);
    if (this.feasibleCount === 0) return undefined;
    if (this.feasibleCount === 1) return this.feasible[0];
    this.score(pod);
    return this.choose();
  }

  private reset(): void {
    this.resetVisits();
    this.filters = [];
    this.absent = undefined;
    this.preFilterRejection = undefined;
    for (const { scores } of this.scorers) this.spareScores.push(scores);
    this.scorers.length = 0;
  }

  private resetVisits(): void {
    this.visitedCount = 0;
    this.feasibleCount = 0;
    this.rejectedBy = new Set();
  }

  /** Fills `filters`; gives the only nodes worth a look, if a plugin knows them. */
  private preFilter(pod: PodInfo, nodeCount: number): ReadonlySet<string> | undefined {
    let allowed: ReadonlySet<string> | undefined;
    const narrowing: string[] = [];
    for (const { plugin } of this.plugins) {
      if (plugin.preFilter === undefined) {
        if (plugin.filter !== undefined) this.filters.push({ plugin, state: undefined });
        continue;
      }
      const result = plugin.preFilter(pod, this.world);
      if ("skip" in result) continue;
      if ("rejected" in result) {
        this.preFilterRejection = result.rejected;
        this.rejectedBy.add(plugin.name);
        return undefined;
      }
      if (plugin.filter !== undefined) this.filters.push({ plugin, state: result.state });
      if (result.nodes === undefined) continue;
      allowed = allowed === undefined ? result.nodes : intersection(allowed, result.nodes);
      narrowing.push(plugin.name);
    }
    if (allowed !== undefined) {
      let known = 0;
      for (const name of allowed) if (this.world.cache.node(name) !== undefined) known += 1;
      this.absent = { count: nodeCount - known, rejection: unresolvable(`node(s) didn't satisfy plugin(s) [${narrowing.join(" ")}]`) };
      for (const name of narrowing) this.rejectedBy.add(name);
    }
    return allowed;
  }

  private filterNodes(pod: PodInfo, nodes: readonly NodeInfo[], allowed: ReadonlySet<string> | undefined): void {
    if (allowed !== undefined) {
      for (const name of allowed) {
        const node = this.world.cache.node(name);
        if (node !== undefined) this.visit(pod, node);
      }
      return;
    }
    const enough = feasibleNodesToFind(nodes.length, this.percentage);
    const start = this.nextStart % nodes.length;
    for (let i = 0; i < nodes.length && this.feasibleCount < enough; i++) {
      const at = start + i;
      const node = nodes[at < nodes.length ? at : at - nodes.length];
      assert(node !== undefined, "the index is inside the list of nodes");
      this.visit(pod, node);
    }
    this.nextStart = (start + this.visitedCount) % nodes.length;
  }

  /** Runs the filters on a node; stops at the first that rejects it. */
  private visit(pod: PodInfo, node: NodeInfo): void {
    const at = this.visitedCount++;
    this.visited[at] = node;
    const rejection = this.nominated.size === 0 ? this.firstRejection(pod, node) : this.rejectionBesideNominated(pod, node);
    this.rejections[at] = rejection;
    this.rejecters[at] = this.rejecter;
    if (rejection === undefined) this.feasible[this.feasibleCount++] = node;
    else if (this.rejecter !== undefined) this.rejectedBy.add(this.rejecter.name);
  }

  /** Also leaves the plugin that said no in `rejecter`. */
  private firstRejection(pod: PodInfo, node: NodeInfo): Rejection | undefined {
    for (const { plugin, state } of this.filters) {
      const rejection = plugin.filter?.(pod, node, state);
      if (rejection === undefined) continue;
      this.rejecter = plugin;
      return rejection;
    }
    this.rejecter = undefined;
    return undefined;
  }

  /** The pod must fit both with and without those that may still come. Source: runtime/framework.go, RunFilterPluginsWithNominatedPods. */
  rejectionBesideNominated(pod: PodInfo, node: NodeInfo): Rejection | undefined {
    const beside = [...(this.nominated.get(node.name)?.values() ?? [])].filter((other) => other.priority >= pod.priority && other.uid !== pod.uid);
    if (beside.length > 0) {
      for (const other of beside) this.addTo(node, pod, other);
      const crowded = this.firstRejection(pod, node);
      for (const other of beside) this.takeFrom(node, pod, other);
      if (crowded !== undefined) return crowded;
    }
    return this.firstRejection(pod, node);
  }

  /** For trying out: the pod counts on the node until it is taken away again. */
  addTo(node: NodeInfo, pod: PodInfo, other: PodInfo): void {
    node.addPod(other);
    for (const { plugin, state } of this.filters) plugin.podAdded?.(state, pod, other, node);
  }

  takeFrom(node: NodeInfo, pod: PodInfo, other: PodInfo): void {
    node.removePod(other.uid);
    for (const { plugin, state } of this.filters) plugin.podRemoved?.(state, pod, other, node);
  }

  private score(pod: PodInfo): void {
    const count = this.feasibleCount;
    this.feasible.length = count;
    if (this.totals.length < count) this.totals = new Float64Array(2 * count);
    this.totals.fill(0, 0, count);
    for (const { plugin, weight } of this.plugins) {
      if (plugin.score === undefined) continue;
      let state: unknown;
      if (plugin.preScore !== undefined) {
        const result = plugin.preScore(pod, this.feasible, this.world);
        if ("skip" in result) continue;
        state = result.state;
      }
      let scores = this.spareScores.pop();
      if (scores === undefined || scores.length < count) scores = new Float64Array(2 * count);
      for (let i = 0; i < count; i++) scores[i] = plugin.score(pod, this.feasible[i] as NodeInfo, state);
      plugin.normalize?.(scores, count, this.feasible, state);
      for (let i = 0; i < count; i++) {
        const weighted = (scores[i] as number) * weight;
        scores[i] = weighted;
        this.totals[i] = (this.totals[i] as number) + weighted;
      }
      this.scorers.push({ plugin, weight, scores });
    }
  }

  /** The highest total; among equals each is as likely. Source: schedule_one.go, selectHost. */
  private choose(): NodeInfo | undefined {
    let best = 0;
    let equals = 1;
    for (let i = 1; i < this.feasibleCount; i++) {
      const difference = (this.totals[i] as number) - (this.totals[best] as number);
      if (difference < 0) continue;
      if (difference > 0) {
        best = i;
        equals = 1;
      } else {
        equals += 1;
        if (this.rng.below(equals) === 0) best = i;
      }
    }
    return this.feasible[best];
  }
}
