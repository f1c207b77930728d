import { type FieldError, invalid } from "../apimachinery/field-error.ts";
import { subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { LeaseObject } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { NON_NEGATIVE } from "./shared/checks.ts";
import { ageColumn, nameColumn } from "./shared/columns.ts";

/** Source: pkg/apis/coordination/validation/validation.go, ValidateLeaseSpec; pkg/printers/internalversion/printers.go, printLease. */
export const Lease = defineKind<LeaseObject>({
  group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases", scope: "Namespaced", schemaName: "coordination/v1.Lease",
  validate: (lease) => [...validateObjectMeta(lease.metadata, true, subdomainName), ...validateSpec(lease)],
  validateUpdate: (lease, stored) => [...validateObjectMetaUpdate(lease.metadata, stored.metadata), ...validateSpec(lease)],
  columns: [nameColumn, { name: "Holder", type: "string", cell: ({ spec }) => spec?.holderIdentity ?? "" }, ageColumn],
});

function validateSpec({ spec }: LeaseObject): FieldError[] {
  const errors: FieldError[] = [];
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions } = spec ?? {};
  if (seconds !== undefined && seconds <= 0) errors.push(invalid("spec.leaseDurationSeconds", seconds, "must be greater than 0"));
  if (transitions !== undefined && transitions < 0) errors.push(invalid("spec.leaseTransitions", transitions, NON_NEGATIVE));
  return errors;
}
