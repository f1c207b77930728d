import type { KubeObject } from "../apimachinery/object.ts";
import type { ApiServer } from "../apiserver/api-server.ts";
import { assert } from "../kernel/assert.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import type { ComponentContext, Informer, InformerFactory, InformerOptions } from "./contracts.ts";
import { CachedInformer } from "./informer.ts";

/** One component's informers. Source: k8s.io/client-go/informers/factory.go. */
export function createInformerFactory(context: ComponentContext, server: ApiServer, owner: string): InformerFactory {
  const informers = new Map<string, CachedInformer<KubeObject>>();
  let state: "new" | "running" | "stopped" = "new";
  let waiting: (() => void)[] = [];

  const checkSynced = (): void => {
    if (state !== "running" || waiting.length === 0) return;
    for (const informer of informers.values()) if (!informer.synced) return;
    const ready = waiting;
    waiting = [];
    for (const run of ready) run();
  };
  return {
    informer: <T extends KubeObject>(kind: KindDefinition<T>, options: InformerOptions = {}): Informer<T> => {
      assert(state !== "stopped", "no informer is asked for after stop");
      const id = `${kind.group}/${kind.plural} ${options.namespace ?? ""} ${options.fieldSelector ?? ""}`;
      let informer = informers.get(id);
      if (informer === undefined) {
        informer = new CachedInformer<KubeObject>(context, server, owner, kind as unknown as KindDefinition, options, checkSynced);
        informers.set(id, informer);
        if (state === "running") informer.start();
      }
      return informer as unknown as Informer<T>;
    },
    whenSynced: (run) => {
      waiting.push(run);
      checkSynced();
    },
    start: () => {
      if (state !== "new") return;
      state = "running";
      for (const informer of informers.values()) informer.start();
      checkSynced();
    },
    stop: () => {
      state = "stopped";
      waiting = [];
      for (const informer of informers.values()) informer.stop();
    },
  };
}
