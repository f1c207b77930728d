import { duplicate, type FieldError, invalid, notSupported, required, tooMany } from "../apimachinery/field-error.ts";
import { isDns1123Subdomain, subdomainName } from "../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../apimachinery/object-meta.ts";
import type { Endpoint, EndpointHints, EndpointSliceObject, DiscoveryV1EndpointPort as EndpointPort } from "./generated/types.ts";
import { defineKind } from "./kind-definition.ts";
import { checkProtocol } from "./pod/validation/ports.ts";
import { addInvalid, checkLabel, checkQualifiedName, IMMUTABLE } from "./shared/checks.ts";
import { ageColumn, firstFew, nameColumn } from "./shared/columns.ts";
import { endpointIpMessages, parseIp } from "./shared/ip.ts";
import { mapChanged, withFields } from "./shared/ordered.ts";
import { firstGeneration, generationOfContent } from "./shared/strategy.ts";

const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"] as const;
const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 100;
const MAX_HINTS = 8;
const SHOWN = 3;

/** Source: pkg/apis/discovery/v1/defaults.go, pkg/apis/discovery/validation/validation.go; pkg/registry/discovery/endpointslice/strategy.go; printers.go, printEndpointSlice. */
export const EndpointSlice = defineKind<EndpointSliceObject>({
  group: "discovery.k8s.io", version: "v1", kind: "EndpointSlice", plural: "endpointslices", scope: "Namespaced", schemaName: "discovery/v1.EndpointSlice",
  tracksGeneration: true,
  defaults: (slice) => {
    const ports = mapChanged(slice.ports ?? [], (port) => withFields("discovery/v1.EndpointPort", port, { name: port.name ?? "", protocol: port.protocol ?? "TCP" }));
    return ports === slice.ports ? slice : { ...slice, ports };
  },
  prepareForCreate: firstGeneration,
  prepareForUpdate: generationOfContent,
  validate: validateSlice,
  validateUpdate: (slice, stored) => {
    const errors = [...validateObjectMetaUpdate(slice.metadata, stored.metadata), ...validateSlice(slice)];
    if (slice.addressType !== stored.addressType) errors.push(invalid("addressType", slice.addressType, IMMUTABLE));
    return errors;
  },
  columns: [
    nameColumn,
    { name: "AddressType", type: "string", cell: (slice) => slice.addressType },
    { name: "Ports", type: "string", cell: ({ ports = [] }) => (ports.length === 0 ? "<unset>" : firstFew(ports.map((port) => String(port.port ?? (port.name || "*"))), SHOWN)) },
    { name: "Endpoints", type: "string", cell: ({ endpoints = [] }) => (endpoints.length === 0 ? "<unset>" : firstFew(endpoints.flatMap((endpoint) => endpoint.addresses), SHOWN)) },
    ageColumn,
  ],
});

function validateSlice(slice: EndpointSliceObject): FieldError[] {
  const errors = validateObjectMeta(slice.metadata, true, subdomainName);
  const { addressType = "", endpoints = [], ports = [] } = slice;
  if (addressType === "") errors.push(required("addressType"));
  else if (!(ADDRESS_TYPES as readonly string[]).includes(addressType)) errors.push(notSupported("addressType", addressType, ADDRESS_TYPES));
  if (endpoints.length > MAX_ENDPOINTS) errors.push(tooMany("endpoints", endpoints.length, MAX_ENDPOINTS));
  else endpoints.forEach((endpoint, index) => validateEndpoint(errors, endpoint, addressType, `endpoints[${index}]`));
  if (ports.length > MAX_PORTS) errors.push(tooMany("ports", ports.length, MAX_PORTS));
  else validatePorts(errors, ports);
  return errors;
}

function validateEndpoint(errors: FieldError[], endpoint: Endpoint, addressType: string, path: string): void {
  const at = `${path}.addresses`;
  if (endpoint.addresses.length === 0) errors.push(required(at, "must contain at least 1 address"));
  else if (endpoint.addresses.length > MAX_ADDRESSES) errors.push(tooMany(at, endpoint.addresses.length, MAX_ADDRESSES));
  endpoint.addresses.forEach((address, index) => {
    if (addressType === "FQDN") addInvalid(errors, `${at}[${index}]`, address, address.includes(".") ? isDns1123Subdomain(address) : ["should be a domain with at least two segments separated by dots"]);
    if (addressType !== "IPv4" && addressType !== "IPv6") return;
    if (parseIp(address)?.family !== addressType) errors.push(invalid(at, address, `must be an ${addressType} address`));
    addInvalid(errors, `${at}[${index}]`, address, endpointIpMessages(address));
  });
  if (endpoint.nodeName !== undefined) addInvalid(errors, `${path}.nodeName`, endpoint.nodeName, subdomainName(endpoint.nodeName, false));
  if (endpoint.hostname !== undefined) checkLabel(errors, `${path}.hostname`, endpoint.hostname);
  if (endpoint.hints !== undefined) validateHints(errors, endpoint.hints, `${path}.hints`);
}

function validateHints(errors: FieldError[], hints: EndpointHints, path: string): void {
  for (const list of ["forZones", "forNodes"] as const) {
    const entries = hints[list] ?? [];
    const seen = new Set<string>();
    if (entries.length > MAX_HINTS) {
      errors.push(tooMany(`${path}.${list}`, entries.length, MAX_HINTS));
      continue;
    }
    entries.forEach(({ name }, index) => {
      const at = `${path}.${list}[${index}].name`;
      if (seen.has(name)) errors.push(duplicate(at, name));
      else addInvalid(errors, at, name, subdomainName(name, false));
      seen.add(name);
    });
  }
}

function validatePorts(errors: FieldError[], ports: readonly EndpointPort[]): void {
  const names = new Set<string>();
  ports.forEach(({ name = "", protocol, appProtocol }, index) => {
    const at = `ports[${index}]`;
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (name !== "") checkLabel(errors, `${at}.name`, name);
    checkProtocol(errors, `${at}.protocol`, protocol ?? "");
    if (appProtocol !== undefined) checkQualifiedName(errors, `${at}.appProtocol`, appProtocol);
  });
}
