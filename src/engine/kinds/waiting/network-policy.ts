import { type FieldError, forbidden, invalid, notSupported, required } from "../../apimachinery/field-error.ts";
import { isValidPortName, isValidPortNumber, subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { IPBlock, NetworkPolicyObject, NetworkPolicyPeer, NetworkPolicyPort, NetworkPolicySpec } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { addInvalid } from "../shared/checks.ts";
import { ageColumn, nameColumn, selectorCell } from "../shared/columns.ts";
import { isStrictSubset, NOT_A_CIDR, parseCidr } from "../shared/ip.ts";
import { validateLabelSelector } from "../shared/label-selector-validation.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";
import { firstGeneration, generationOfContent } from "../shared/strategy.ts";

const PROTOCOLS = ["TCP", "UDP", "SCTP"] as const;

/** Source: pkg/apis/networking/v1/defaults.go; pkg/apis/networking/validation/validation.go, ValidateNetworkPolicy; pkg/registry/networking/networkpolicy/strategy.go; printers.go, printNetworkPolicy. */
export const NetworkPolicy = defineKind<NetworkPolicyObject>({
  group: "networking.k8s.io", version: "v1", kind: "NetworkPolicy", plural: "networkpolicies", shortNames: ["netpol"], scope: "Namespaced", schemaName: "networking/v1.NetworkPolicy",
  tracksGeneration: true,
  defaults: (policy) => ({ ...policy, spec: defaultSpec(policy.spec) }),
  prepareForCreate: firstGeneration,
  prepareForUpdate: generationOfContent,
  validate: (policy) => [...validateObjectMeta(policy.metadata, true, subdomainName), ...validateSpec(policy.spec)],
  validateUpdate: (policy, stored) => [...validateObjectMetaUpdate(policy.metadata, stored.metadata), ...validateSpec(policy.spec)],
  columns: [nameColumn, { name: "Pod-Selector", type: "string", cell: ({ spec }) => selectorCell(spec.podSelector) }, ageColumn],
});

/** A policy with egress rules is about both directions. */
function defaultSpec(spec: NetworkPolicySpec): NetworkPolicySpec {
  const port = (of: NetworkPolicyPort): NetworkPolicyPort => withFields("networking/v1.NetworkPolicyPort", of, { protocol: of.protocol ?? "TCP" });
  const rule = <R extends { readonly ports?: readonly NetworkPolicyPort[] }>(schema: string) => (of: R): R => withFields<R>(schema, of, { ports: mapChanged(of.ports, port) } as Partial<R>);
  const types = (spec.policyTypes?.length ?? 0) > 0 ? spec.policyTypes : (spec.egress?.length ?? 0) > 0 ? ["Ingress", "Egress"] : ["Ingress"];
  return withFields("networking/v1.NetworkPolicySpec", spec, {
    ingress: mapChanged(spec.ingress, rule("networking/v1.NetworkPolicyIngressRule")), egress: mapChanged(spec.egress, rule("networking/v1.NetworkPolicyEgressRule")), policyTypes: types,
  });
}

function validateSpec(spec: NetworkPolicySpec): FieldError[] {
  const errors: FieldError[] = [];
  validateLabelSelector(errors, spec.podSelector, "spec.podSelector");
  const rule = (path: string, ports: readonly NetworkPolicyPort[] = [], side: string, peers: readonly NetworkPolicyPeer[] = []): void => {
    ports.forEach((port, index) => validatePort(errors, port, `${path}.ports[${index}]`));
    peers.forEach((peer, index) => validatePeer(errors, peer, `${path}.${side}[${index}]`));
  };
  spec.ingress?.forEach((ingress, index) => rule(`spec.ingress[${index}]`, ingress.ports, "from", ingress.from));
  spec.egress?.forEach((egress, index) => rule(`spec.egress[${index}]`, egress.ports, "to", egress.to));
  const types = spec.policyTypes ?? [];
  if (types.length > 2) return [...errors, invalid("spec.policyTypes", types, "may not specify more than two policyTypes")];
  types.forEach((type, index) => { if (type !== "Ingress" && type !== "Egress") errors.push(notSupported(`spec.policyTypes[${index}]`, type, ["Ingress", "Egress"])); });
  return errors;
}

/** Source: ValidateNetworkPolicyPort. */
function validatePort(errors: FieldError[], { protocol, port, endPort }: NetworkPolicyPort, path: string): void {
  if (protocol !== undefined && !(PROTOCOLS as readonly string[]).includes(protocol)) errors.push(notSupported(`${path}.protocol`, protocol, PROTOCOLS));
  if (port === undefined) {
    if (endPort !== undefined) errors.push(invalid(`${path}.endPort`, endPort, "may not be specified when `port` is not specified"));
  } else if (typeof port === "string") {
    if (endPort !== undefined) errors.push(invalid(`${path}.endPort`, endPort, "may not be specified when `port` is non-numeric"));
    addInvalid(errors, `${path}.port`, port, isValidPortName(port));
  } else {
    addInvalid(errors, `${path}.port`, port, isValidPortNumber(port));
    if (endPort === undefined) return;
    if (endPort < port) errors.push(invalid(`${path}.endPort`, port, "must be greater than or equal to `port`"));
    addInvalid(errors, `${path}.endPort`, endPort, isValidPortNumber(endPort));
  }
}

/** Source: ValidateNetworkPolicyPeer. */
function validatePeer(errors: FieldError[], { podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: string): void {
  validateLabelSelector(errors, podSelector, `${path}.podSelector`);
  validateLabelSelector(errors, namespaceSelector, `${path}.namespaceSelector`);
  if (ipBlock !== undefined) validateIpBlock(errors, ipBlock, `${path}.ipBlock`);
  if (podSelector === undefined && namespaceSelector === undefined && ipBlock === undefined) errors.push(required(path, "must specify a peer"));
  if (ipBlock !== undefined && (podSelector !== undefined || namespaceSelector !== undefined)) errors.push(forbidden(path, "may not specify both ipBlock and another peer"));
}

/** Source: ValidateIPBlock. */
function validateIpBlock(errors: FieldError[], { cidr, except = [] }: IPBlock, path: string): void {
  if (cidr === "") return void errors.push(required(`${path}.cidr`));
  const block = parseCidr(cidr);
  if (block === undefined) return void errors.push(invalid(`${path}.cidr`, cidr, NOT_A_CIDR));
  except.forEach((text, index) => {
    const hole = parseCidr(text);
    if (hole === undefined) errors.push(invalid(`${path}.except[${index}]`, text, NOT_A_CIDR));
    else if (!isStrictSubset(hole, block)) errors.push(invalid(`${path}.except[${index}]`, text, "must be a strict subset of `cidr`"));
  });
}
