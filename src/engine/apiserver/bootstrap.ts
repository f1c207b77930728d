import type { KubeObject } from "../apimachinery/object.ts";
import { assert } from "../kernel/assert.ts";
import { secondsToUs } from "../kernel/time.ts";
import type { StoreChange } from "../store/store-change.ts";
import { ADMIN, type RequestScope, type ServerCore, stored } from "./core.ts";
import { formatIpv4, parseNetwork } from "./services/ipv4.ts";
import { canonicalObject } from "./verbs/canonical.ts";
import { createObject } from "./verbs/create.ts";
import { MAIN, updateObject } from "./verbs/update.ts";

const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];
const SECURE_PORT = 6443;
const KEEP_EVERY_US = secondsToUs(10);
/** Source: pkg/apis/scheduling/v1/helpers.go. */
const PRIORITY_CLASSES = [
  ["system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved from their current node."],
  ["system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."],
] as const;

type Desired = KubeObject & Readonly<Record<string, unknown>>;

const scope = (): RequestScope => ({ user: ADMIN, manager: "kube-apiserver", dryRun: false, warnings: [] });

/** Objects that an API server makes before it serves. Source: pkg/controlplane/controller/{systemnamespaces,kubernetesservice}. */
export function createBootstrapObjects(core: ServerCore, serviceCIDR: string): void {
  for (const name of NAMESPACES) put(core, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const [name, value, description] of PRIORITY_CLASSES) put(core, { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value, description });
  put(core, kubernetesService(serviceCIDR));
}

function kubernetesService(serviceCIDR: string): Desired {
  const network = parseNetwork(serviceCIDR);
  assert(network !== undefined, "the service CIDR has been read before");
  return {
    apiVersion: "v1", kind: "Service",
    metadata: { name: "kubernetes", namespace: "default", labels: { component: "apiserver", provider: "kubernetes" } },
    spec: {
      ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: SECURE_PORT }], clusterIP: formatIpv4(network.base + 1), type: "ClusterIP",
      sessionAffinity: "None", ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack",
    },
  };
}

const kubernetesSlice = (ip: string): Desired => ({
  apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
  metadata: { name: "kubernetes", namespace: "default", labels: { "kubernetes.io/service-name": "kubernetes" } },
  addressType: "IPv4", endpoints: [{ addresses: [ip], conditions: { ready: true } }], ports: [{ name: "https", port: SECURE_PORT, protocol: "TCP" }],
});

/** Looks after the Service default/kubernetes and its EndpointSlice: whoever deletes them (`kubectl delete all --all` does) gets them back. */
export interface KubernetesServiceKeeper {
  /** Where the API server listens, from now on. */
  setEndpoint(ip: string): void;
  /** Hears of every change in the store. */
  observe(change: StoreChange): void;
}

/**
 * Source: pkg/controlplane/controller/kubernetesservice/controller.go (every 10 s); pkg/controlplane/reconcilers/endpointsadapter.go.
 * Differs: a Service that somebody changed, and did not delete, stays as it is.
 */
export function createKubernetesServiceKeeper(core: ServerCore, serviceCIDR: string, isUp: () => boolean): KubernetesServiceKeeper {
  const { clock } = core.context;
  let endpoint: string | undefined;
  let isDue = false;
  const publish = (): boolean => endpoint === undefined || tryPut(core, kubernetesSlice(endpoint));
  const look = (): void => {
    isDue = false;
    if (!isUp()) return schedule();
    const service = core.kinds.named("Service");
    const isThere = service === undefined || stored(core, service, { namespace: "default", name: "kubernetes" }) !== undefined || tryPut(core, kubernetesService(serviceCIDR));
    if (!publish() || !isThere) schedule();
  };
  const schedule = (): void => {
    if (isDue) return;
    isDue = true;
    clock.after(KEEP_EVERY_US - (clock.now() % KEEP_EVERY_US), "kube-apiserver: the kubernetes Service", look);
  };
  return {
    setEndpoint: (ip) => {
      endpoint = ip;
      if (!publish()) schedule();
    },
    observe: ({ type, object: { kind, metadata } }) => {
      if (metadata.name !== "kubernetes" || metadata.namespace !== "default") return;
      if ((kind === "Service" && type === "DELETED") || (kind === "EndpointSlice" && type !== "ADDED")) schedule();
    },
  };
}

function put(core: ServerCore, object: Desired): void {
  assert(tryPut(core, object), `the bootstrap object ${object.kind} ${object.metadata.name} is accepted`);
}

/** Creates or replaces one object; a kind that is not served is left out. False: refused, because of what users made meanwhile (its cluster IP is taken). */
function tryPut(core: ServerCore, object: Desired): boolean {
  const kind = core.kinds.named(object.kind);
  if (kind === undefined) return true;
  const canonical = canonicalObject(kind, object);
  assert(canonical.ok, `the bootstrap object ${object.metadata.name} can be read`);
  const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
  return (stored(core, kind, key) === undefined ? createObject(core, kind, key.namespace, canonical.value, scope()) : updateObject(core, kind, key, canonical.value, scope(), MAIN)).ok;
}
