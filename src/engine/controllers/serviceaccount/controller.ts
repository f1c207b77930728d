import type { ObjectKey } from "../../apimachinery/object.ts";
import { Namespace } from "../../kinds/namespace.ts";
import { ServiceAccount } from "../../kinds/service-account.ts";
import { create } from "../actions.ts";
import { type ControllerFactory, watch } from "../controller.ts";
import { NOTHING, type Plan, type ReadView } from "../plan.ts";

const NAME = "default";

/** Every active namespace has a ServiceAccount `default`. Source: pkg/controller/serviceaccount/serviceaccounts_controller.go, syncNamespace. */
export function reconcileServiceAccount(namespace: string, view: ReadView): Plan {
  const found = view.get(Namespace, { namespace: "", name: namespace });
  const key: ObjectKey = { namespace, name: NAME };
  if (found === undefined || found.status?.phase !== "Active" || view.get(ServiceAccount, key) !== undefined) return NOTHING;
  return {
    actions: [create(ServiceAccount, { apiVersion: "v1", kind: "ServiceAccount", metadata: key })],
    after: ([answer]) => (answer?.error === undefined || answer.error.reason === "AlreadyExists" ? NOTHING : { actions: [], failed: answer.error }),
  };
}

export const serviceAccountController: ControllerFactory = () => ({
  name: "service-account-controller",
  workers: 1,
  watches: [
    watch(Namespace, ({ type, object }) => (type === "delete" ? [] : [object.metadata.name])),
    watch(ServiceAccount, ({ type, object }) => (type === "delete" && object.metadata.name === NAME ? [object.metadata.namespace ?? ""] : [])),
  ],
  reconcile: reconcileServiceAccount,
});
