import type { Requirement, Selector } from "../apimachinery/label-selector.ts";
import type { InformerFactory } from "../client/contracts.ts";
import type { PodObject } from "../kinds/generated/types.ts";
import { compileSelector, hasLabels } from "../kinds/helpers/label-match.ts";
import { podLabelValues, serviceSelectorValues, unindexedServices } from "../kinds/helpers/service-selection.ts";
import { Namespace } from "../kinds/namespace.ts";
import { ReplicaSet } from "../kinds/replica-set.ts";
import { Service } from "../kinds/service.ts";
import type { SchedulerCache } from "./framework/cache.ts";
import type { SchedulingWorld } from "./framework/plugin.ts";

const SELECTOR_INDEX = "selector";

/** What plugins may look at, over the scheduler's informers. */
export function createWorld(cache: SchedulerCache, informers: InformerFactory, namespaceChanged: () => void): SchedulingWorld {
  const namespaces = informers.informer(Namespace);
  const services = informers.informer(Service);
  const replicaSets = informers.informer(ReplicaSet);
  services.addIndex(SELECTOR_INDEX, serviceSelectorValues);
  namespaces.onChange({ add: namespaceChanged, update: (object, before) => void (object.metadata.labels !== before.metadata.labels && namespaceChanged()) });

  /** Source: pkg/scheduler/framework/plugins/helper/spread.go, DefaultSelector. Differs: of the controllers only ReplicaSet is a kind here. */
  const defaultSelector = (pod: PodObject): Selector | undefined => {
    const { namespace = "", labels, ownerReferences } = pod.metadata;
    const pairs: Record<string, string> = {};
    for (const value of [...podLabelValues(pod), unindexedServices(namespace)]) {
      for (const { spec } of services.byIndex(SELECTOR_INDEX, value)) if (hasLabels(labels, spec.selector)) Object.assign(pairs, spec.selector);
    }
    const owner = ownerReferences?.find(({ controller }) => controller === true);
    const set = owner?.kind === "ReplicaSet" ? replicaSets.get({ namespace, name: owner.name }) : undefined;
    const requirements: Requirement[] = Object.keys(pairs).sort().map((key) => ({ key, operator: "=", values: [pairs[key] ?? ""] }));
    if (set !== undefined) requirements.push(...compileSelector(set.spec.selector).requirements);
    return requirements.length === 0 ? undefined : { requirements, nothing: false };
  };

  return { cache, defaultSelector, namespaceLabels: (name) => namespaces.get({ namespace: "", name })?.metadata.labels };
}
