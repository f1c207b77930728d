import type { KubeObject, ObjectKey } from "../apimachinery/object.ts";
import type { ComponentContext, Informer, InformerFactory } from "../client/contracts.ts";
import { usOf } from "../kernel/time.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import { anyKind, controllerOf } from "./actions.ts";
import type { ReadView } from "./plan.ts";

/** Index by the uid of the controlling owner; objects without one stand under `orphans(namespace)`. */
export const CONTROLLER_INDEX = "controller";
export const orphans = (namespace: string): string => `orphans/${namespace}`;
export const controllerIndexValues = (object: KubeObject): readonly string[] => [controllerOf(object)?.uid ?? orphans(object.metadata.namespace ?? "")];

/** The snapshot that reconcilers read: the manager's informers, as of the deliveries so far. */
export interface InformerView extends ReadView {
  informer<T extends KubeObject>(kind: KindDefinition<T>): Informer<T>;
}

export function createInformerView(context: ComponentContext, factory: InformerFactory): InformerView {
  const informers = new Map<KindDefinition, Informer<KubeObject>>();
  const informer = <T extends KubeObject>(kind: KindDefinition<T>): Informer<T> => {
    let found = informers.get(anyKind(kind));
    if (found === undefined) {
      found = factory.informer(anyKind(kind));
      found.addIndex(CONTROLLER_INDEX, controllerIndexValues);
      informers.set(anyKind(kind), found);
    }
    return found as unknown as Informer<T>;
  };
  return {
    informer,
    get: <T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey) => informer(kind).get(key),
    list: (kind, namespace) => informer(kind).list(namespace),
    ownedBy: (kind, owner) => informer(kind).byIndex(CONTROLLER_INDEX, owner.metadata.uid ?? ""),
    byIndex: (kind, name, value) => informer(kind).byIndex(name, value),
    nowText: () => context.time.seconds(context.clock.now()),
    nowUs: () => usOf(context.clock.now()),
    parseTime: (text) => context.time.parse(text),
  };
}
