import { matchesLabels, type Selector, selectorText } from "../../apimachinery/label-selector.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";

const LIMIT = 5_000; // selectors counted at the same time

interface Counted {
  readonly selector: Selector;
  /** "namespace/key=value" of one equality of the selector, or "namespace/" when it has none: where a pod's change looks. */
  readonly pair: string;
  readonly counts: Map<NodeInfo, number>;
}

/**
 * Pods per node for each selector that was asked for, kept up to date pod by pod, so that spreading a workload does not
 * count all pods of the cluster for every pod.
 * Source: pkg/scheduler/framework/plugins/podtopologyspread/common.go, countPodsMatchSelector, which counts afresh.
 */
export class MatchIndex {
  private readonly bySelector = new Map<string, Counted>();
  private readonly byPair = new Map<string, Set<Counted>>();
  private readonly podsIn: (namespace: string) => Iterable<{ readonly info: PodInfo; readonly node: NodeInfo }>;

  constructor(podsIn: (namespace: string) => Iterable<{ readonly info: PodInfo; readonly node: NodeInfo }>) {
    this.podsIn = podsIn;
  }

  counts(namespace: string, selector: Selector): ReadonlyMap<NodeInfo, number> {
    const key = `${namespace}/${selector.nothing ? "-" : selectorText(selector)}`;
    let counted = this.bySelector.get(key);
    if (counted === undefined) {
      this.makeRoom();
      const equality = selector.requirements.find(({ operator, values }) => (operator === "=" || operator === "==" || operator === "in") && values.length === 1);
      counted = { selector, pair: equality === undefined ? `${namespace}/` : `${namespace}/${equality.key}=${equality.values[0] ?? ""}`, counts: new Map() };
      // An empty selector counts nothing here, unlike everywhere else.
      if (selector.requirements.length > 0) for (const { info, node } of this.podsIn(namespace)) count(counted, info, node, 1);
      this.bySelector.set(key, counted);
      const group = this.byPair.get(counted.pair) ?? new Set<Counted>();
      this.byPair.set(counted.pair, group.add(counted));
    }
    return counted.counts;
  }

  /** A pod has come to a node (1) or left it (-1). */
  add(info: PodInfo, node: NodeInfo, by: 1 | -1): void {
    if (this.bySelector.size === 0) return;
    const { namespace = "", labels } = info.pod.metadata;
    for (const key in labels) for (const counted of this.byPair.get(`${namespace}/${key}=${labels[key] ?? ""}`) ?? []) count(counted, info, node, by);
    for (const counted of this.byPair.get(`${namespace}/`) ?? []) count(counted, info, node, by);
  }

  private makeRoom(): void {
    if (this.bySelector.size < LIMIT) return;
    const [oldest] = this.bySelector;
    if (oldest === undefined) return;
    this.bySelector.delete(oldest[0]);
    const group = this.byPair.get(oldest[1].pair);
    group?.delete(oldest[1]);
    if (group?.size === 0) this.byPair.delete(oldest[1].pair);
  }
}

function count({ selector, counts }: Counted, { pod }: PodInfo, node: NodeInfo, by: 1 | -1): void {
  if (selector.requirements.length === 0 || pod.metadata.deletionTimestamp !== undefined || !matchesLabels(selector, pod.metadata.labels)) return;
  const next = (counts.get(node) ?? 0) + by;
  if (next === 0) counts.delete(node);
  else counts.set(node, next);
}
