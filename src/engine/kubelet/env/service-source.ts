import type { ApiConnection, Informer, InformerFactory } from "../../client/contracts.ts";
import type { Clock } from "../../kernel/clock.ts";
import { secondsToUs } from "../../kernel/time.ts";
import type { ServiceObject } from "../../kinds/generated/types.ts";
import { Service } from "../../kinds/service.ts";
import { type Task, until, within } from "../task.ts";
import type { ServiceEnvironment } from "./environment.ts";
import { serviceVariables, visibleServices } from "./service-variables.ts";

interface Watched {
  readonly factory: InformerFactory;
  readonly informer: Informer<ServiceObject>;
  isSynced: boolean;
  readonly waiting: Set<() => void>;
}

const MASTER_NAMESPACE = "default";
const SYNC_TIMEOUT_US = secondsToUs(1);

/**
 * Service variables per namespace, made once and shared until a Service changes.
 * Source: pkg/kubelet/kubelet_pods.go, getServiceEnvVarMap.
 * Differs: watches only the namespaces that have pods on this node, where upstream watches all Services.
 */
export class ServiceSource {
  private readonly watched = new Map<string, Watched>();
  private readonly made = new Map<string, ServiceEnvironment>();

  constructor(private readonly connection: ApiConnection, private readonly componentName: string, private readonly clock: Clock) {}

  /** Undefined when the API server has not told the Services yet; `isPatient` false does without them then (static pods). */
  *environment(namespace: string, hasLinks: boolean, isPatient: boolean): Task<ServiceEnvironment | undefined> {
    const own = this.watch(namespace);
    const master = this.watch(MASTER_NAMESPACE);
    if (isPatient) {
      if (!(yield* this.waitFor(own)) || !(yield* this.waitFor(master))) return undefined;
    }
    const key = `${namespace}/${hasLinks ? "links" : ""}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const kubernetes = master.informer.get({ namespace: MASTER_NAMESPACE, name: "kubernetes" });
    const map = serviceVariables(visibleServices(hasLinks ? own.informer.list() : [], kubernetes, hasLinks));
    const made: ServiceEnvironment = { map, list: [...map].map(([name, value]) => ({ name, value })) };
    this.made.set(key, made);
    return made;
  }

  stop(): void {
    for (const { factory } of this.watched.values()) factory.stop();
    this.watched.clear();
    this.made.clear();
  }

  private watch(namespace: string): Watched {
    const known = this.watched.get(namespace);
    if (known !== undefined) return known;
    const factory = this.connection.informers(this.componentName);
    const informer = factory.informer(Service, { namespace });
    const entry: Watched = { factory, informer, isSynced: false, waiting: new Set() };
    this.watched.set(namespace, entry);
    const forget = (): void => this.made.clear();
    informer.onChange({ add: forget, update: (now, before) => { if (now.spec !== before.spec) forget(); }, delete: forget });
    factory.whenSynced(() => {
      entry.isSynced = true;
      for (const resume of entry.waiting) resume();
      entry.waiting.clear();
    });
    factory.start();
    return entry;
  }

  private *waitFor(entry: Watched): Task<boolean> {
    if (entry.isSynced) return true;
    const wait = until<undefined>((done) => {
      const resume = (): void => done(undefined);
      entry.waiting.add(resume);
      return () => entry.waiting.delete(resume);
    });
    return (yield* within(this.clock, SYNC_TIMEOUT_US, "kubelet: wait for services", wait)) !== undefined;
  }
}
