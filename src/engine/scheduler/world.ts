import type { InformerFactory } from "../client/contracts.ts";
import { Namespace } from "../kinds/namespace.ts";
import type { SchedulerCache } from "./framework/cache.ts";
import type { SchedulingWorld } from "./framework/plugin.ts";

/** What plugins may look at, over the scheduler's informers. */
export function createWorld(cache: SchedulerCache, informers: InformerFactory, namespaceChanged: () => void): SchedulingWorld {
  const namespaces = informers.informer(Namespace);
  namespaces.onChange({ add: namespaceChanged, update: (object, before) => void (object.metadata.labels !== before.metadata.labels && namespaceChanged()) });
  return {
    cache,
    namespaceLabels: (name) => namespaces.get({ namespace: "", name })?.metadata.labels,
    defaultSelector: () => undefined,
  };
}
