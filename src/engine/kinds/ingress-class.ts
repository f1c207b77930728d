import { type FieldError, forbidden, invalid, notSupported, required, tooLong } from "../apimachinery/field-error.ts";
import { isDns1123Subdomain, isPathSegment, labelName, regexText, subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { IngressClassObject, IngressClassParametersReference } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { addInvalid, IMMUTABLE } from "./shared/checks.ts";
import { ageColumn, nameColumn } from "./shared/columns.ts";
import { withFields } from "./shared/ordered.ts";
import { firstGeneration, generationOfContent } from "./shared/strategy.ts";

const MAX_CONTROLLER = 250;
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

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
  validateDomainPrefixedPath(errors, controller, "spec.controller");
  if (spec?.parameters !== undefined) validateParameters(errors, spec.parameters, "spec.parameters");
  return errors;
}

/** Source: apimachinery/pkg/util/validation, IsDomainPrefixedPath. */
function validateDomainPrefixedPath(errors: FieldError[], text: string, field: string): void {
  if (text === "") return void errors.push(required(field));
  const slash = text.indexOf("/");
  const [host, path] = [text.slice(0, slash), text.slice(slash + 1)];
  if (slash <= 0 || path === "") return void errors.push(invalid(field, text, 'must be a domain-prefixed path (such as "acme.io/foo")'));
  addInvalid(errors, field, host, isDns1123Subdomain(host));
  if (!new RegExp(`^${HTTP_PATH}$`).test(path)) errors.push(invalid(field, path, regexText("Invalid path", HTTP_PATH)));
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
