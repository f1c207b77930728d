import type { ApiRequest, ApiResponse, Status } from "../apimachinery/api.ts";
import type { KubeObject, ObjectKey } from "../apimachinery/object.ts";
import { unknownResource } from "../apimachinery/status.ts";
import type { ComponentContext } from "../client/contracts.ts";
import type { Clock } from "../kernel/clock.ts";
import { err, type Result } from "../kernel/result.ts";
import { uuid } from "../kernel/rng.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import type { Descriptions } from "../kinds/openapi.ts";
import type { StoreChange } from "../store/store-change.ts";
import { Store } from "../store/store.ts";
import { type AdmissionView, createAdmissionChain } from "./admission/admission.ts";
import { ADMISSION_PLUGINS } from "./admission/registry.ts";
import { createBootstrapObjects, createKubernetesServiceKeeper, type KubernetesServiceKeeper } from "./bootstrap.ts";
import type { ServerCore } from "./core.ts";
import { createEventExpiry } from "./event-expiry.ts";
import { createHttpHandler } from "./http/handler.ts";
import { locateStream, type PodLocation } from "./http/pod-subresources.ts";
import { createInternalApi, type InternalApi } from "./internal-api.ts";
import { createKindTable, selectableField } from "./kind-table.ts";
import type { NodeProxy } from "./node-proxy.ts";
import { createServiceAllocator, type PortRange } from "./services/service-allocator.ts";
import { INDEXED_FIELDS } from "./verbs/selection.ts";

export interface ApiServerOptions {
  readonly context: ComponentContext;
  readonly kinds: readonly KindDefinition[];
  /** "10.96.0.0/12" */
  readonly serviceCIDR: string;
  /** 30000 to 32767. */
  readonly nodePortRange?: PortRange;
  /** Called inside each commit; keep it short. */
  readonly onChange?: (change: StoreChange) => void;
  /** Help texts for `kubectl explain`, asked for when OpenAPI is first read; left out, the documents have none. */
  readonly descriptions?: () => Descriptions;
  /** Time limits and bookmarks of watches from outside. Left out, they are events of the clock like all others; a host that wants its clients to leave no trace in the run gives its own. */
  readonly outsideTimers?: Pick<Clock, "after" | "every">;
  /** The way to the kubelets, for `pods/log`; undefined while there is none. */
  readonly nodeProxy?: () => NodeProxy | undefined;
}

export interface ApiServer {
  /** One request, answered at once. While the server is away: 503 with the text of a refused connection. */
  handle(request: ApiRequest): ApiResponse;
  /** The verbs for components, see `client/`. */
  readonly internal: InternalApi;
  /** Takes the server away or brings it back. Watches end when it goes; a server that comes back remembers no past revisions. */
  setAvailable(available: boolean): void;
  readonly available: boolean;
  /** Calls back when the server goes away; returns what takes the call back. */
  onDown(listener: () => void): () => void;
  /** Says where the API server listens: the endpoint of Service default/kubernetes. */
  setEndpoint(ip: string): void;
  /** Where exec, attach and port-forward into a pod go, or the error that a client gets. A container left out ("") is chosen as upstream does. */
  locateStream(pod: ObjectKey, container: string): Result<PodLocation, Status>;
  readonly revision: number;
  /** All stored objects of a kind, in key order. */
  objects(kind: KindDefinition): readonly KubeObject[];
  readonly kinds: readonly KindDefinition[];
}

/** Source: pkg/controlplane; apiserver/pkg/server. One call makes a server with an empty store and its bootstrap objects in it. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { context, serviceCIDR } = options;
  const kinds = createKindTable(options.kinds);
  const services = createServiceAllocator(serviceCIDR, options.nodePortRange ?? { low: 30_000, high: 32_767 }, context.rng.fork("services"));
  const serviceCollection = kinds.named("Service")?.storagePrefix;
  let eventChanged: ((change: StoreChange) => void) | undefined;
  let keeper: KubernetesServiceKeeper | undefined;
  const store = new Store(context.clock, (change) => {
    keeper?.observe(change);
    if (change.object.kind === "Service" && serviceCollection !== undefined) services.observe(change);
    else if (change.object.kind === "Event") eventChanged?.(change);
    options.onChange?.(change);
  });
  declareIndexes(store, options.kinds);
  const uidRng = context.rng.fork("uid");
  const core: ServerCore = {
    context, store, kinds, services,
    admission: createAdmissionChain(ADMISSION_PLUGINS, admissionView(store, context, kinds)),
    strategy: () => ({ now: context.clock.now(), time: context.time, uid: () => uuid(uidRng) }),
    nameRng: context.rng.fork("generateName"),
    nodeProxy: options.nodeProxy ?? (() => undefined),
    descriptions: options.descriptions ?? (() => ({})),
    outsideTimers: options.outsideTimers ?? context.clock,
  };
  const events = kinds.named("Event");
  if (events !== undefined) eventChanged = createEventExpiry(core, events.storagePrefix);
  createBootstrapObjects(core, serviceCIDR);
  store.forgetPast();
  const server = assemble(core, options, (ip) => keeper?.setEndpoint(ip));
  keeper = createKubernetesServiceKeeper(core, serviceCIDR, () => server.available);
  return server;
}

function assemble(core: ServerCore, options: ApiServerOptions, setEndpoint: (ip: string) => void): ApiServer {
  const downListeners = new Set<() => void>();
  let available = true;
  const onDown = (listener: () => void): (() => void) => {
    downListeners.add(listener);
    return () => {
      downListeners.delete(listener);
    };
  };
  const handle = createHttpHandler(core, { available: () => available, onDown });
  return {
    handle,
    internal: createInternalApi(core),
    get available() {
      return available;
    },
    setAvailable: (next) => {
      if (next === available) return;
      available = next;
      if (next) core.store.forgetPast(); // its watch caches begin anew
      else for (const listener of downListeners) listener();
    },
    onDown,
    setEndpoint,
    locateStream: (pod, container) => {
      const kind = core.kinds.named("Pod");
      return kind === undefined ? err(unknownResource()) : locateStream(core, kind, pod, container);
    },
    get revision() {
      return core.store.revision;
    },
    objects: (kind) => core.store.list(kind.storagePrefix),
    kinds: options.kinds,
  };
}

function declareIndexes(store: Store, kinds: readonly KindDefinition[]): void {
  for (const kind of kinds) {
    const collection = store.collection(kind.storagePrefix);
    for (const field of INDEXED_FIELDS) {
      if (Object.hasOwn(kind.selectableFields, field) && !collection.hasIndex(field)) collection.addIndex(field, (object) => selectableField(kind, object, field));
    }
  }
}

function admissionView(store: Store, context: ComponentContext, kinds: ReturnType<typeof createKindTable>): AdmissionView {
  return {
    get: (kind, { namespace, name }) => {
      const definition = kinds.named(kind);
      return definition === undefined ? undefined : store.get(definition.storagePrefix, namespace === "" ? name : `${namespace}/${name}`);
    },
    list: (kind, namespace) => {
      const definition = kinds.named(kind);
      return definition === undefined ? [] : store.list(definition.storagePrefix, namespace === undefined ? "" : `${namespace}/`);
    },
    serves: (kind) => kinds.named(kind) !== undefined,
    time: context.time,
    nowUs: () => context.clock.now(),
    rng: context.rng.fork("admission"),
  };
}
