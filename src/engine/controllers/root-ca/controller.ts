import { ConfigMap } from "../../kinds/config-map.ts";
import type { ConfigMapObject } from "../../kinds/generated/types.ts";
import { Namespace } from "../../kinds/namespace.ts";
import { create, update } from "../actions.ts";
import { type ControllerFactory, watch } from "../controller.ts";
import { NOTHING, type Plan, type ReadView } from "../plan.ts";

const NAME = "kube-root-ca.crt";
const DESCRIPTION = {
  "kubernetes.io/description":
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.",
};

/** Every active namespace has the cluster's CA as a ConfigMap. Source: pkg/controller/certificates/rootcacertpublisher/publisher.go, syncNamespace. */
export function reconcileRootCA(namespace: string, view: ReadView, rootCA: string): Plan {
  if (view.get(Namespace, { namespace: "", name: namespace })?.status?.phase !== "Active") return NOTHING;
  const data = { "ca.crt": rootCA };
  const found = view.get(ConfigMap, { namespace, name: NAME });
  if (found === undefined) {
    const object: ConfigMapObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: NAME, namespace, annotations: DESCRIPTION }, data };
    return {
      actions: [create(ConfigMap, object)],
      after: ([answer]) => (answer?.error === undefined || answer.error.reason === "AlreadyExists" || answer.error.reason === "NotFound" ? NOTHING : { actions: [], failed: answer.error }),
    };
  }
  const same = JSON.stringify(found.data) === JSON.stringify(data) && Object.entries(DESCRIPTION).every(([key, value]) => found.metadata.annotations?.[key] === value);
  return same ? NOTHING : { actions: [update(ConfigMap, { ...found, metadata: { ...found.metadata, annotations: { ...found.metadata.annotations, ...DESCRIPTION } }, data })] };
}

export const rootCAController: ControllerFactory = ({ rootCA }) => ({
  name: "root-ca-cert-publisher",
  workers: 1,
  watches: [
    watch(Namespace, ({ type, object }) => (type === "delete" ? [] : [object.metadata.name])),
    watch(ConfigMap, ({ type, object }) => (type !== "add" && object.metadata.name === NAME ? [object.metadata.namespace ?? ""] : [])),
  ],
  reconcile: (key, view) => reconcileRootCA(key, view, rootCA),
});
