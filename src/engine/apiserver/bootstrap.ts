import type { KubeObject } from "../apimachinery/object.ts";
import { assert } from "../kernel/assert.ts";
import { ADMIN, type RequestScope, type ServerCore, stored } from "./core.ts";
import { formatIpv4, parseNetwork } from "./services/ipv4.ts";
import { canonicalObject } from "./verbs/canonical.ts";
import { createObject } from "./verbs/create.ts";
import { MAIN, updateObject } from "./verbs/update.ts";

const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];
const SECURE_PORT = 6443;
/** Source: pkg/apis/scheduling/v1/helpers.go. */
const PRIORITY_CLASSES = [
  ["system-node-critical", 2_000_001_000, "Used for system critical pods that must not be moved from their current node."],
  ["system-cluster-critical", 2_000_000_000, "Used for system critical pods that must run in the cluster, but can be moved to another node if necessary."],
] as const;

const scope = (): RequestScope => ({ user: ADMIN, manager: "kube-apiserver", dryRun: false, warnings: [] });

/** Objects that an API server makes before it serves. Source: pkg/controlplane/controller/{systemnamespaces,kubernetesservice}. */
export function createBootstrapObjects(core: ServerCore, serviceCIDR: string): void {
  for (const name of NAMESPACES) put(core, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const [name, value, description] of PRIORITY_CLASSES) put(core, { apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value, description });
  const network = parseNetwork(serviceCIDR);
  assert(network !== undefined, "the service CIDR has been read before");
  const service = {
    apiVersion: "v1", kind: "Service",
    metadata: { name: "kubernetes", namespace: "default", labels: { component: "apiserver", provider: "kubernetes" } },
    spec: {
      ports: [{ name: "https", protocol: "TCP", port: 443, targetPort: SECURE_PORT }], clusterIP: formatIpv4(network.base + 1), type: "ClusterIP",
      sessionAffinity: "None", ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack",
    },
  };
  put(core, service);
}

/** The EndpointSlice of default/kubernetes: where the API server listens. Source: pkg/controlplane/reconcilers/endpointsadapter.go. */
export function publishEndpoint(core: ServerCore, ip: string): void {
  put(core, {
    apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice",
    metadata: { name: "kubernetes", namespace: "default", labels: { "kubernetes.io/service-name": "kubernetes" } },
    addressType: "IPv4", endpoints: [{ addresses: [ip], conditions: { ready: true } }], ports: [{ name: "https", port: SECURE_PORT, protocol: "TCP" }],
  });
}

/** Creates or replaces one object; a kind that is not served is left out. */
function put(core: ServerCore, object: KubeObject & Readonly<Record<string, unknown>>): void {
  const kind = core.kinds.named(object.kind);
  if (kind === undefined) return;
  const canonical = canonicalObject(kind, object);
  assert(canonical.ok, `the bootstrap object ${object.metadata.name} can be read`);
  const key = { namespace: object.metadata.namespace ?? "", name: object.metadata.name };
  const written = stored(core, kind, key) === undefined ? createObject(core, kind, key.namespace, canonical.value, scope()) : updateObject(core, kind, key, canonical.value, scope(), MAIN);
  assert(written.ok, `the bootstrap object ${object.kind} ${object.metadata.name} is accepted: ${written.ok ? "" : (written.error.message ?? "")}`);
}
