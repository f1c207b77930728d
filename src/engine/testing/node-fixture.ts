import type { Kubelet, KubeletNodeConfig } from "../kubelet/contracts.ts";
import type { ApiClient, DeleteOptionsInput } from "../client/contracts.ts";
import { createKubelet } from "../kubelet/kubelet.ts";
import { Event } from "../kinds/event.ts";
import type { KindDefinition } from "../kinds/kind-definition.ts";
import { Node } from "../kinds/node.ts";
import { Pod } from "../kinds/pod.ts";
import type { KubeObject, ObjectKey } from "../apimachinery/object.ts";
import type { ConfigMapObject, EventObject, NodeObject, PodObject, PodSpec } from "../kinds/generated/types.ts";
import { FakeNodeNetwork } from "./fake-node-network.ts";
import { FakeRuntime } from "./fake-runtime.ts";
import { createTestApi, type TestApi } from "./test-api.ts";

export interface NodeFixture {
  readonly api: TestApi;
  readonly runtime: FakeRuntime;
  readonly network: FakeNodeNetwork;
  readonly kubelet: Kubelet;
  /** Applies a pod that is bound to the node already. */
  pod(name: string, spec: Partial<PodSpec> & Pick<PodSpec, "containers">, meta?: Partial<PodObject["metadata"]>): PodObject;
  get(name: string, namespace?: string): PodObject | undefined;
  node(): NodeObject | undefined;
  read<T extends KubeObject>(kind: KindDefinition<T>, name: string, namespace?: string): T | undefined;
  /** A user's requests. */
  readonly user: ApiClient;
  remove(name: string, options?: DeleteOptionsInput): void;
  /** "Normal Pulled text" lines of one object, in the order in which they came; a count above 1 is added. */
  events(name: string, options?: { readonly count?: boolean }): readonly string[];
  run(seconds: number): void;
  /** Runs in steps of 100 ms until it holds; throws after `limitSeconds`. Returns the ms that passed. */
  until(what: string, holds: () => boolean, limitSeconds?: number): number;
  /** Milliseconds since the start. */
  nowMs(): number;
}

export const NODE: KubeletNodeConfig = {
  name: "node-1", ip: "10.0.0.11", capacity: { cpu: "4", memory: "8Gi", "ephemeral-storage": "100Gi" }, osImage: "Debian GNU/Linux 12 (bookworm)",
  kernelVersion: "6.1.0-28-amd64", containerRuntimeVersion: "containerd://2.0.5", kubeletVersion: "v1.33.0",
};

export interface FixtureOptions {
  readonly seed?: number;
  readonly staticPods?: readonly PodObject[];
  readonly journal?: boolean;
  readonly node?: Partial<KubeletNodeConfig>;
  readonly isCniReady?: boolean;
  readonly isApiDown?: boolean;
}

/** One node: the real API server, client and kubelet over a runtime and a network that do what the test says. */
export function createNodeFixture(options: FixtureOptions = {}): NodeFixture {
  const api = createTestApi({ seed: options.seed ?? 1, journal: options.journal ?? false });
  const runtime = new FakeRuntime(api.clock);
  const config = { ...NODE, ...options.node };
  const network = new FakeNodeNetwork(api.clock, config.name, config.ip);
  network.isCniReady = options.isCniReady !== false;
  runtime.knownImages.set("nginx:1.27", { sizeBytes: 72_955_450, pullMs: 1_234 });
  runtime.knownImages.set("busybox:latest", { sizeBytes: 2_156_519, pullMs: 400 });
  api.create({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } });
  const rootCa: ConfigMapObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kube-root-ca.crt", namespace: "default" }, data: { "ca.crt": "-----BEGIN CERTIFICATE-----\n" } };
  api.create(rootCa);
  if (options.isApiDown === true) api.server.setAvailable(false);
  const kubelet = createKubelet({
    context: { ...api.context, rng: api.context.rng.fork("kubelet/node-1") }, connection: api.connection, runtime, network: network.network, node: config,
    staticPods: options.staticPods ?? [], clusterDNS: "10.96.0.10", clusterDomain: "cluster.local",
  });
  kubelet.start();
  const read = <T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey): T | undefined => {
    const found = api.server.internal.get(kind as unknown as KindDefinition, key);
    return found.ok ? (found.value as T) : undefined;
  };
  const run = (seconds: number): void => api.runMs(seconds * 1_000);
  const user = api.connection.client("kubectl");
  return {
    api, runtime, network, kubelet, run, user,
    read: (kind, name, namespace = "default") => read(kind, { namespace, name }),
    remove: (name, deleteOptions = {}) => user.delete(Pod, { namespace: "default", name }, deleteOptions),
    pod: (name, spec, meta = {}) =>
      api.create({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default", ...meta }, spec: { nodeName: config.name, ...spec } } as PodObject),
    get: (name, namespace = "default") => read(Pod, { namespace, name }),
    node: () => read(Node, { namespace: "", name: config.name }),
    events: (name, { count = false } = {}) => eventsOf(api.server.objects(Event as unknown as KindDefinition) as readonly EventObject[], name, count),
    until: (what, holds, limitSeconds = 120) => {
      const startUs = api.clock.now();
      while (!holds()) {
        if (api.clock.now() - startUs > limitSeconds * 1e6) throw new Error(`${what}: not within ${limitSeconds} s`);
        run(0.1);
      }
      return (api.clock.now() - startUs) / 1_000;
    },
    nowMs: () => api.clock.now() / 1_000,
  };
}

function eventsOf(list: readonly EventObject[], name: string, withCount: boolean): readonly string[] {
  return list
    .filter(({ involvedObject }) => involvedObject.name === name)
    .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
    .sort((a, b) => ((a.firstTimestamp ?? "") < (b.firstTimestamp ?? "") ? -1 : (a.firstTimestamp ?? "") > (b.firstTimestamp ?? "") ? 1 : (a.metadata.name < b.metadata.name ? -1 : 1)))
    .map(({ type, reason, message, count }) => `${type} ${reason} ${message}${withCount && (count ?? 1) > 1 ? ` (x${count})` : ""}`);
}
