import { type FieldError, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { isDns1035Label, isDns1123Subdomain, isPathSegment, isValidPortName, isValidPortNumber, maxLengthText, regexText, subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { HTTPIngressPath, IngressBackend, IngressObject, IngressSpec } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { addInvalid, checkSubdomain } from "../shared/checks.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";
import { invalidGo } from "../shared/go-syntax.ts";
import { parseIp } from "../shared/ip.ts";
import { freshStatus, keepSpec, keepStatus } from "../shared/strategy.ts";

const PATH_TYPES = ["Exact", "ImplementationSpecific", "Prefix"] as const;
const CLASS_ANNOTATION = "kubernetes.io/ingress.class";
const WILDCARD = "\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*";
const WILDCARD_TEXT = "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character";
const FORBIDDEN_PARTS = ["//", "/./", "/../", "%2f", "%2F"];
const FORBIDDEN_ENDS = ["/..", "/."];
const SHOWN_HOSTS = 3;

/** Source: pkg/apis/networking/validation/validation.go, ValidateIngressCreate; pkg/registry/networking/ingress/strategy.go; printers.go, printIngress. */
export const Ingress = defineKind<IngressObject>({
  group: "networking.k8s.io", version: "v1", kind: "Ingress", plural: "ingresses", shortNames: ["ing"], scope: "Namespaced", schemaName: "networking/v1.Ingress",
  storagePrefix: "ingress", tracksGeneration: true,
  subresources: [{ name: "status", verbs: ["get", "patch", "update"] }],
  prepareForCreate: freshStatus<IngressObject>({ loadBalancer: {} }),
  prepareForUpdate: keepStatus,
  prepareForStatusUpdate: keepSpec,
  validate: (ingress) => {
    const errors = [...validateObjectMeta(ingress.metadata, true, subdomainName), ...validateSpec(ingress.spec)];
    const annotation = ingress.metadata.annotations?.[CLASS_ANNOTATION];
    const name = ingress.spec.ingressClassName;
    if (annotation !== undefined && name !== undefined && annotation !== name) errors.push(invalid(`annotations.${CLASS_ANNOTATION}`, annotation, "must match `ingressClassName` when both are specified"));
    return errors;
  },
  validateUpdate: (ingress, stored) => [...validateObjectMetaUpdate(ingress.metadata, stored.metadata), ...validateSpec(ingress.spec)],
  validateStatusUpdate: (ingress, stored) => validateObjectMetaUpdate(ingress.metadata, stored.metadata),
  warnings: ({ metadata }) => (metadata.annotations?.[CLASS_ANNOTATION] === undefined ? [] : [`annotation ${JSON.stringify(CLASS_ANNOTATION)} is deprecated, please use 'spec.ingressClassName' instead`]),
  columns: [
    nameColumn,
    { name: "Class", type: "string", cell: ({ spec }) => spec.ingressClassName ?? "<none>" },
    { name: "Hosts", type: "string", cell: ({ spec }) => hostsCell(spec) },
    { name: "Address", type: "string", cell: ({ status }) => [...new Set((status?.loadBalancer?.ingress ?? []).map((entry) => entry.ip || entry.hostname || ""))].filter((text) => text !== "").sort().join(",") },
    { name: "Ports", type: "string", cell: ({ spec }) => ((spec.tls?.length ?? 0) > 0 ? "80, 443" : "80") },
    ageColumn,
  ],
});

/** Source: formatHosts. */
function hostsCell({ rules = [] }: IngressSpec): string {
  const hosts = rules.map((rule) => rule.host ?? "").filter((host) => host !== "").slice(0, SHOWN_HOSTS);
  if (hosts.length === 0) return "*";
  return rules.length > SHOWN_HOSTS ? `${hosts.join(",")} + ${rules.length - SHOWN_HOSTS} more...` : hosts.join(",");
}

/** Source: ValidateIngressSpec. */
function validateSpec(spec: IngressSpec): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.rules?.length ?? 0) === 0 && spec.defaultBackend === undefined) errors.push(invalidGo("spec", "[]networking.IngressRule(nil)", "either `defaultBackend` or `rules` must be specified"));
  if (spec.defaultBackend !== undefined) validateBackend(errors, spec.defaultBackend, "spec.defaultBackend");
  spec.rules?.forEach((rule, index) => {
    const at = `spec.rules[${index}]`;
    const host = rule.host ?? "";
    if (host !== "") {
      if (parseIp(host) !== undefined) errors.push(invalid(`${at}.host`, host, "must be a DNS name, not an IP address"));
      addInvalid(errors, `${at}.host`, host, hostMessages(host));
    }
    if (rule.http === undefined) return;
    if (rule.http.paths.length === 0) errors.push(required(`${at}.http.paths`));
    rule.http.paths.forEach((path, i) => validatePath(errors, path, `${at}.http.paths[${i}]`));
  });
  spec.tls?.forEach((tls, index) => {
    tls.hosts?.forEach((host, i) => addInvalid(errors, `spec.tls[${index}].hosts[${i}]`, host, hostMessages(host)));
    if ((tls.secretName ?? "") !== "") checkSubdomain(errors, `spec.tls[${index}].secretName`, tls.secretName ?? "");
  });
  if (spec.ingressClassName !== undefined) checkSubdomain(errors, "spec.ingressClassName", spec.ingressClassName);
  return errors;
}

function hostMessages(host: string): string[] {
  if (!host.includes("*")) return isDns1123Subdomain(host);
  const messages = host.length > 253 ? [maxLengthText(253)] : [];
  return new RegExp(`^${WILDCARD}$`).test(host) ? messages : [...messages, regexText(WILDCARD_TEXT, WILDCARD, "*.example.com")];
}

/** Source: validateHTTPIngressPath. */
function validatePath(errors: FieldError[], { path = "", pathType, backend }: HTTPIngressPath, at: string): void {
  if (pathType === undefined) return void errors.push(required(`${at}.pathType`, "pathType must be specified"));
  if (pathType === "Exact" || pathType === "Prefix") {
    if (!path.startsWith("/")) errors.push(invalid(`${at}.path`, path, "must be an absolute path"));
    if (path !== "") {
      for (const part of FORBIDDEN_PARTS) if (path.includes(part)) errors.push(invalid(`${at}.path`, path, `must not contain '${part}'`));
      for (const end of FORBIDDEN_ENDS) if (path.endsWith(end)) errors.push(invalid(`${at}.path`, path, `cannot end with '${end}'`));
    }
  } else if (pathType === "ImplementationSpecific") {
    if (path !== "" && !path.startsWith("/")) errors.push(invalid(`${at}.path`, path, "must be an absolute path"));
  } else errors.push(notSupported(`${at}.pathType`, pathType, PATH_TYPES));
  validateBackend(errors, backend, `${at}.backend`);
}

/** Source: validateIngressBackend. */
function validateBackend(errors: FieldError[], { service, resource }: IngressBackend, at: string): void {
  if (resource !== undefined && service !== undefined) return void errors.push(invalid(at, "", "cannot set both resource and service backends"));
  if (resource !== undefined) {
    for (const field of ["kind", "name"] as const) {
      if (resource[field] === "") errors.push(required(`${at}.resource.${field}`, `${field} is required`));
      else addInvalid(errors, `${at}.resource.${field}`, resource[field], isPathSegment(resource[field]));
    }
    return;
  }
  if (service === undefined) return void errors.push(required(at, "resource or service backend is required"));
  if (service.name === "") errors.push(required(`${at}.service.name`));
  else addInvalid(errors, `${at}.service.name`, service.name, isDns1035Label(service.name));
  const { name = "", number = 0 } = service.port ?? {};
  if (name !== "" && number !== 0) errors.push(invalid(at, "", "cannot set both port name & port number"));
  else if (name !== "") addInvalid(errors, `${at}.service.port.name`, name, isValidPortName(name));
  else if (number !== 0) addInvalid(errors, `${at}.service.port.number`, number, isValidPortNumber(number));
  else errors.push(required(at, "port name or number is required"));
}
