import { KINDS } from "../../kinds/registry.ts";
import { Namespace } from "../../kinds/namespace.ts";
import { type ControllerFactory, watch } from "../controller.ts";
import { namespaceKey, reconcileNamespace } from "./reconcile.ts";

/** Lets the last writes into the namespace arrive everywhere. Source: pkg/controller/namespace/namespace_controller.go, namespaceDeletionGracePeriod. */
const GRACE_US = 5e6;

export const namespaceController: ControllerFactory = () => ({
  name: "namespace-controller",
  workers: 10,
  rateFactor: { qps: 20, burst: 100 },
  watches: [watch(Namespace, ({ type, object }) => (type === "delete" || object.metadata.deletionTimestamp === undefined ? [] : [{ key: namespaceKey(object), afterUs: GRACE_US }]))],
  reconcile: (key, view) => reconcileNamespace(key, view, KINDS),
});
