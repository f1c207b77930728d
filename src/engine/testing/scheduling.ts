import { createRng } from "../kernel/rng.ts";
import type { NodeObject, PodObject } from "../kinds/generated/types.ts";
import { SchedulerCache } from "../scheduler/framework/cache.ts";
import { SchedulingCycle } from "../scheduler/framework/cycle.ts";
import { fitErrorText, ReasonCounts } from "../scheduler/framework/messages.ts";
import type { SchedulerPlugin, SchedulingWorld } from "../scheduler/framework/plugin.ts";
import { podInfo } from "../scheduler/framework/pod-info.ts";
import { findPreemption } from "../scheduler/framework/preemption.ts";
import { DEFAULT_PROFILE } from "../scheduler/profiles.ts";

export interface ClusterInput {
  readonly nodes: readonly NodeObject[];
  /** Pods that are on a node (spec.nodeName). */
  readonly pods?: readonly PodObject[];
  readonly world?: Partial<SchedulingWorld>;
  /** Left out: the default profile. */
  readonly plugins?: readonly SchedulerPlugin[];
  readonly seed?: number;
}

/** A cluster that stands still: pods can be tried on it one at a time, without queue, clock and API. */
export function stillCluster({ nodes, pods = [], world, plugins, seed = 1 }: ClusterInput) {
  const cache = new SchedulerCache();
  for (const node of nodes) cache.setNode(node);
  for (const pod of pods) cache.setPod(podInfo(pod), pod.spec.nodeName ?? "");
  const whole: SchedulingWorld = { cache, namespaceLabels: () => undefined, defaultSelector: () => undefined, ...world };
  const weighted = plugins === undefined ? DEFAULT_PROFILE.plugins : plugins.map((plugin) => ({ plugin, weight: 1 }));
  const rng = createRng(seed);
  const cycle = new SchedulingCycle(weighted, whole, rng.fork("select-host"));
  return {
    cache, cycle, world: whole,
    /** The chosen node, or undefined. */
    place: (pod: PodObject): string | undefined => cycle.run(podInfo(pod))?.name,
    /** Node → the reasons that it was turned away for; [] when it would do. */
    verdicts(pod: PodObject): Record<string, readonly string[]> {
      cycle.run(podInfo(pod));
      return Object.fromEntries(cycle.visited.slice(0, cycle.visitedCount).map((node, i) => [node.name, cycle.rejections[i]?.reasons ?? []]));
    },
    /** Node → weighted score of one plugin. Nodes that scoring skipped are left out. */
    scores(pod: PodObject, name: string): Record<string, number> {
      cycle.run(podInfo(pod));
      const scorer = cycle.scorers.find(({ plugin }) => plugin.name === name);
      return scorer === undefined ? {} : Object.fromEntries(cycle.feasible.slice(0, cycle.feasibleCount).map((node, i) => [node.name, scorer.scores[i] ?? -1]));
    },
    /** The FailedScheduling text, or undefined when a node was found. */
    failure(pod: PodObject): string | undefined {
      const info = podInfo(pod);
      if (cycle.run(info) !== undefined) return undefined;
      const counts = new ReasonCounts();
      for (let i = 0; i < cycle.visitedCount; i++) {
        const rejection = cycle.rejections[i];
        if (rejection !== undefined) counts.add(rejection);
      }
      if (cycle.absent !== undefined && cycle.absent.count > 0) counts.add(cycle.absent.rejection, cycle.absent.count);
      const preemption = findPreemption(info, cycle, whole, rng.fork("preemption"));
      const rejected = cycle.preFilterRejection;
      return fitErrorText(cache.nodes().length, rejected?.reasons.join(", "), rejected === undefined ? counts : undefined, "message" in preemption ? `preemption: ${preemption.message}` : undefined);
    },
    /** Node and victims that preemption would choose. */
    preemption(pod: PodObject): { node: string; victims: readonly string[] } | string | undefined {
      const info = podInfo(pod);
      if (cycle.run(info) !== undefined) return undefined;
      const result = findPreemption(info, cycle, whole, rng.fork("preemption"));
      return "message" in result ? result.message : { node: result.candidate.node.name, victims: result.candidate.victims.map(({ pod: victim }) => victim.metadata.name) };
    },
  };
}
