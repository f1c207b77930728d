import { KINDS } from "../../kinds/registry.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { ControllerFactory } from "../controller.ts";
import { OwnerGraph } from "./graph.ts";
import { type CollectorMemory, reconcileOwned } from "./reconcile.ts";

/** Events own nothing, are owned by nothing and expire by themselves. Source: pkg/controller/garbagecollector/garbagecollector.go, DefaultIgnoredResources. */
const isWatched = ({ group, plural, verbs }: KindDefinition): boolean => plural !== "events" && (group !== "" || plural !== "bindings") && ["delete", "list", "watch"].every((verb) => verbs.includes(verb));

export const garbageCollector: ControllerFactory = () => {
  const graph = new OwnerGraph();
  const memory: CollectorMemory = { graph, kinds: KINDS, absent: new Set() };
  return {
    name: "garbage-collector-controller",
    workers: 20,
    rateFactor: { qps: 2, burst: 2 },
    watches: KINDS.filter(isWatched).map((kind) => ({ kind, keys: (change) => graph.apply(kind, change) })),
    reconcile: (uid) => reconcileOwned(uid, memory),
  };
};
