import type { NamespaceObject } from "../../kinds/generated/types.ts";
import type { UpdateStrategy } from "../verbs/update.ts";

/** PUT namespaces/finalize changes `spec.finalizers` and nothing of the status. Source: pkg/registry/core/namespace/strategy.go, namespaceFinalizeStrategy. */
export const FINALIZE: UpdateStrategy = {
  subresource: "finalize",
  prepare: (_core, _kind, object, before) => ({ ...object, status: (before as NamespaceObject).status }) as NamespaceObject,
  validate: () => [],
};
