import type { WeightedPlugin } from "./framework/cycle.ts";
import { PLUGINS } from "./plugins/registry.ts";

/** One scheduler as pods name it. */
export interface Profile {
  readonly schedulerName: string;
  readonly plugins: readonly WeightedPlugin[];
  /** Share of the nodes whose feasibility is enough; 0: adapts to the cluster. */
  readonly percentageOfNodesToScore: number;
}

/** Source: pkg/scheduler/apis/config/v1/default_plugins.go, getDefaultPlugins. */
const DEFAULT_WEIGHTS: Readonly<Record<string, number>> = {
  TaintToleration: 3, NodeAffinity: 2, NodeResourcesFit: 1, VolumeBinding: 1, PodTopologySpread: 2, InterPodAffinity: 2, NodeResourcesBalancedAllocation: 1, ImageLocality: 1,
};

export const DEFAULT_PROFILE: Profile = {
  schedulerName: "default-scheduler",
  plugins: PLUGINS.map((plugin) => ({ plugin, weight: DEFAULT_WEIGHTS[plugin.name] ?? 0 })),
  percentageOfNodesToScore: 0,
};
