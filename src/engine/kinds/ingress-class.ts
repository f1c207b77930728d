import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from "../apimachinery/field-error.ts";
import { isDns1123Subdomain, isPathSegment, labelName, subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { IngressClassObject, IngressClassParametersReference } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { addInvalid, checkDomainPrefixedPath, IMMUTABLE } from "./shared/checks.ts";
import { ageColumn, nameColumn } from "./shared/columns.ts";
import { withFields } from "./shared/ordered.ts";
import { firstGeneration, generationOfContent } from "./shared/strategy.ts";

const MAX_CONTROLLER = 250;

/** Source: pkg/apis/networking/v1/defaults.go, SetDefaults_IngressClass; pkg/apis/networking/validation/validation.go; pkg/registry/networking/ingressclass/strategy.go; printers.go, printIngressClass. */
export const IngressClass = defineKind<IngressClassObject>({
  group: "networking.k8s.io", version: "v1", kind: "IngressClass", plural: "ingressclasses", scope: "Cluster", schemaName: "networking/v1.IngressClass",
  tracksGeneration: true,
  defaults: (ingressClass) => {
    const parameters = ingressClass.spec?.parameters;
    if (parameters === undefined || parameters.scope !== undefined) return ingressClass;
    return { ...ingressClass, spec: { ...ingressClass.spec, parameters: withFields("networking/v1.IngressClassParametersReference", parameters, { scope: "Cluster" }) } };
  },
  prepareForCreate: firstGeneration,
  prepareForUpdate: generationOfContent,
  validate: validateIngressClass,
  validateUpdate: (ingressClass, stored) => {
    const errors = validateObjectMetaUpdate(ingressClass.metadata, stored.metadata);
    if (ingressClass.spec?.controller !== stored.spec?.controller) errors.push(invalid("spec.controller", ingressClass.spec?.controller ?? "", IMMUTABLE));
    return [...errors, ...validateIngressClass(ingressClass).filter((error) => !error.field.startsWith("metadata"))];
  },
  columns: [
    nameColumn,
    { name: "Controller", type: "string", cell: ({ spec }) => spec?.controller ?? "" },
    { name: "Parameters", type: "string", cell: ({ spec }) => parametersCell(spec?.parameters) },
    ageColumn,
  ],
});

const parametersCell = (parameters: IngressClassParametersReference | undefined): string =>
  parameters === undefined ? "<none>" : `${parameters.kind}${(parameters.apiGroup ?? "") === "" ? "" : `.${parameters.apiGroup}`}/${parameters.name}`;

function validateIngressClass({ metadata, spec }: IngressClassObject): FieldError[] {
  const errors = validateObjectMeta(metadata, false, subdomainName);
  const controller = spec?.controller ?? "";
  if (controller.length > MAX_CONTROLLER) errors.push(tooLong("spec.controller", MAX_CONTROLLER));
  checkDomainPrefixedPath(errors, "spec.controller", controller);
  if (spec?.parameters !== undefined) validateParameters(errors, spec.parameters, "spec.parameters");
  return errors;
}

/** Source: validateIngressClassParametersReference. */
function validateParameters(errors: FieldError[], { apiGroup, kind, name, scope, namespace }: IngressClassParametersReference, path: string): void {
  if (apiGroup !== undefined) addInvalid(errors, `${path}.apiGroup`, apiGroup, isDns1123Subdomain(apiGroup));
  for (const [field, value] of [["kind", kind], ["name", name]] as const) {
    if (value === "") errors.push(required(`${path}.${field}`, `${field} is required`));
    else addInvalid(errors, `${path}.${field}`, value, isPathSegment(value));
  }
  if (scope === undefined) return void errors.push(required(`${path}.scope`));
  if (scope !== "Cluster" && scope !== "Namespace") errors.push(notSupported(`${path}.scope`, scope, ["Cluster", "Namespace"]));
  if (scope === "Namespace") {
    if (namespace === undefined) errors.push(required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'"));
    else addInvalid(errors, `${path}.namespace`, namespace, labelName(namespace, false));
  }
  if (scope === "Cluster" && namespace !== undefined) errors.push(forbidden(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'"));
}
