import { subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { ServiceAccountObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { ageColumn, nameColumn } from "./shared/columns.ts";
import { mapChanged } from "./shared/ordered.ts";

const MOUNTABLE_SECRETS = "kubernetes.io/enforce-mountable-secrets";

/** Source: pkg/registry/core/serviceaccount/strategy.go; pkg/printers/internalversion/printers.go, printServiceAccount. */
export const ServiceAccount = defineKind<ServiceAccountObject>({
  group: "", version: "v1", kind: "ServiceAccount", plural: "serviceaccounts", shortNames: ["sa"], scope: "Namespaced", schemaName: "core/v1.ServiceAccount",
  subresources: [{ name: "token", verbs: ["create"], responseKind: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" } }],
  prepareForCreate: cleanReferences,
  prepareForUpdate: cleanReferences,
  validate: ({ metadata }) => validateObjectMeta(metadata, true, subdomainName),
  validateUpdate: ({ metadata }, stored) => [...validateObjectMetaUpdate(metadata, stored.metadata), ...validateObjectMeta(metadata, true, subdomainName)],
  warnings: ({ metadata }) =>
    metadata.annotations?.[MOUNTABLE_SECRETS] === undefined ? [] : [`metadata.annotations[${MOUNTABLE_SECRETS}]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets`],
  columns: [nameColumn, { name: "Secrets", type: "string", cell: ({ secrets = [] }) => secrets.length }, ageColumn],
});

/** Of a secret's reference only the name counts. Source: cleanSecretReferences. */
function cleanReferences(account: ServiceAccountObject): ServiceAccountObject {
  const secrets = mapChanged(account.secrets, (ref) => (Object.keys(ref).every((key) => key === "name") ? ref : ref.name === undefined ? {} : { name: ref.name }));
  return secrets === account.secrets || secrets === undefined ? account : { ...account, secrets };
}
