import { deepEqual } from "../../apimachinery/deep.ts";
import { type FieldError, invalid, required } from "../../apimachinery/field-error.ts";
import { subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { ControllerRevisionObject } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { checkNonNegative, IMMUTABLE } from "../shared/checks.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";

/** Source: pkg/apis/apps/validation/validation.go, ValidateControllerRevisionCreate, ValidateControllerRevisionUpdate; printers.go, printControllerRevision. */
export const ControllerRevision = defineKind<ControllerRevisionObject>({
  group: "apps", version: "v1", kind: "ControllerRevision", plural: "controllerrevisions", scope: "Namespaced", schemaName: "apps/v1.ControllerRevision",
  validate: (revision) => [...validateObjectMeta(revision.metadata, true, subdomainName), ...validateContent(revision)],
  validateUpdate: (revision, stored) => {
    const errors = validateObjectMetaUpdate(revision.metadata, stored.metadata);
    checkNonNegative(errors, "revision", revision.revision);
    if (!deepEqual(revision.data, stored.data)) errors.push(invalid("data", revision.data, IMMUTABLE));
    return errors;
  },
  columns: [nameColumn, { name: "Controller", type: "string", cell: controllerCell }, { name: "Revision", type: "string", cell: (revision) => revision.revision }, ageColumn],
});

function validateContent({ data, revision }: ControllerRevisionObject): FieldError[] {
  const errors: FieldError[] = [];
  checkNonNegative(errors, "revision", revision);
  if (data === undefined || data === null) errors.push(required("data", "data is mandatory"));
  else if (typeof data !== "object" || Array.isArray(data)) errors.push(required("data", "data must be a valid JSON object"));
  return errors;
}

/** "daemonset.apps/agent", or "<none>". */
function controllerCell({ metadata }: ControllerRevisionObject): string {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (owner === undefined) return "<none>";
  const [version = "", group] = owner.apiVersion.split("/").reverse();
  return `${owner.kind.toLowerCase()}${group === undefined || version === "" ? "" : `.${group}`}/${owner.name}`;
}
