import { notFound } from "../../apimachinery/status.ts";
import { err, ok } from "../../kernel/result.ts";
import type { NamespaceObject } from "../../kinds/generated/types.ts";
import { type AdmissionPlugin, denied } from "./admission.ts";

const IMMORTAL = new Set(["default", "kube-system", "kube-public"]);

/** No content without a namespace or in one that ends; the system's namespaces stay. Source: apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go, Admit. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: "NamespaceLifecycle",
  operations: ["CREATE", "UPDATE", "DELETE"],
  subresources: true,
  admit(attributes, view) {
    const { kind, namespace, operation, object, name } = attributes;
    if (kind.kind === "Namespace" && kind.group === "") {
      if (operation === "DELETE" && IMMORTAL.has(name)) return err(denied(attributes, "this namespace may not be deleted"));
      return ok(object);
    }
    if (namespace === "" || operation !== "CREATE") return ok(object);
    const found = view.get("Namespace", { namespace: "", name: namespace }) as NamespaceObject | undefined;
    if (found === undefined) return err(notFound({ group: "", plural: "namespaces" }, namespace));
    if (found.status?.phase !== "Terminating" && found.metadata.deletionTimestamp === undefined) return ok(object);
    return err(denied(attributes, `unable to create new content in namespace ${namespace} because it is being terminated`, [
      { reason: "NamespaceTerminating", message: `namespace ${namespace} is being terminated`, field: "metadata.namespace" },
    ]));
  },
};
