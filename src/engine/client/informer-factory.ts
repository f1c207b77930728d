import type { KubeObject } from "../apimachinery/object.ts";
import type { ApiServer } from "../apiserver/api-server.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import type { ComponentContext, Informer, InformerFactory, InformerOptions } from "./contracts.ts";
import { SimInformer } from "./informer.ts";

export function createInformerFactory(context: ComponentContext, server: ApiServer, name: string): InformerFactory {
  return new SimInformerFactory(name, context, server);
}

/** One component's informers. Source: staging/src/k8s.io/client-go/informers/factory.go. */
class SimInformerFactory implements InformerFactory {
  private readonly informers = new Map<string, SimInformer<KubeObject>>();
  private waiting: (() => void)[] = [];
  private state: "new" | "running" | "stopped" = "new";
  private forgetServer: (() => void) | undefined;

  constructor(
    private readonly name: string,
    private readonly context: ComponentContext,
    private readonly server: ApiServer,
  ) {}

  informer<T extends KubeObject>(kind: KindDefinition<T>, options: InformerOptions = {}): Informer<T> {
    const definition = kind as unknown as KindDefinition;
    const id = `${kind.group}/${kind.plural}/${options.namespace ?? ""}/${options.fieldSelector ?? ""}`;
    let informer = this.informers.get(id);
    if (informer === undefined) {
      informer = new SimInformer(this.name, definition, options, this.context, this.server, () => this.checkSynced());
      this.informers.set(id, informer);
      if (this.state === "running") informer.start();
    }
    return informer as unknown as Informer<T>;
  }

  whenSynced(run: () => void): void {
    this.waiting.push(run);
    this.checkSynced();
  }

  start(): void {
    if (this.state !== "new") return;
    this.state = "running";
    this.forgetServer = this.server.onDown(() => {
      for (const informer of this.informers.values()) informer.disconnect();
    });
    for (const informer of this.informers.values()) informer.start();
    this.checkSynced();
  }

  stop(): void {
    this.state = "stopped";
    this.waiting = [];
    this.forgetServer?.();
    for (const informer of this.informers.values()) informer.stop();
  }

  private checkSynced(): void {
    if (this.state !== "running" || this.waiting.length === 0) return;
    for (const informer of this.informers.values()) if (!informer.synced) return;
    const ready = this.waiting;
    this.waiting = [];
    for (const run of ready) run();
  }
}
