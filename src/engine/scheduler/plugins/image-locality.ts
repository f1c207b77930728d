import type { PodObject } from "../../kinds/generated/types.ts";
import { definePlugin, MAX_NODE_SCORE } from "../framework/plugin.ts";
import type { SchedulerCache } from "../framework/cache.ts";

const MIB = 1024 * 1024;
const MIN_BYTES = 23 * MIB; // less is not worth a preference
const MAX_BYTES_PER_CONTAINER = 1000 * MIB;

/** "nginx" is stored as "nginx:latest" on nodes. Source: normalizedImageName. */
export const normalizedImageName = (name: string): string => (name.lastIndexOf(":") <= name.lastIndexOf("/") ? `${name}:latest` : name);

const imagesOf = ({ spec }: PodObject): readonly string[] => [...(spec.initContainers ?? []), ...spec.containers].map(({ image }) => normalizedImageName(image ?? ""));

interface State {
  readonly images: readonly string[];
  readonly cache: SchedulerCache;
  readonly nodeCount: number;
}

/** Nodes that have the images already; large ones and widespread ones count more. Source: pkg/scheduler/framework/plugins/imagelocality/image_locality.go. */
export const imageLocality = definePlugin<undefined, State>({
  name: "ImageLocality",
  preScore: ({ pod }, _nodes, { cache }) => ({ state: { images: imagesOf(pod), cache, nodeCount: cache.nodes().length } }),
  score(_pod, node, { images, cache, nodeCount }) {
    let sum = 0;
    for (const image of images) {
      const bytes = node.images.get(image);
      if (bytes !== undefined) sum += Math.trunc(bytes * ((cache.imageNodes.get(image) ?? 0) / nodeCount));
    }
    const max = MAX_BYTES_PER_CONTAINER * images.length;
    const clamped = Math.min(Math.max(sum, MIN_BYTES), max);
    return Math.trunc((MAX_NODE_SCORE * (clamped - MIN_BYTES)) / (max - MIN_BYTES));
  },
});
