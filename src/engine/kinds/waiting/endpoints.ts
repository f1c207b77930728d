import { type FieldError, required } from "../../apimachinery/field-error.ts";
import { isValidPortNumber, subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import type { EndpointAddress, EndpointPort, EndpointsObject, EndpointSubset } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { checkIp } from "../pod/validation/dns.ts";
import { checkProtocol } from "../pod/validation/ports.ts";
import { addInvalid, checkLabel, checkQualifiedName } from "../shared/checks.ts";
import { ageColumn, firstFew, nameColumn } from "../shared/columns.ts";
import { endpointIpMessages } from "../shared/ip.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";

const SHOWN = 3;
const DEPRECATED = "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_Endpoints; pkg/apis/core/validation/validation.go, ValidateEndpointsCreate; printers.go, printEndpoints. */
export const Endpoints = defineKind<EndpointsObject>({
  group: "", version: "v1", kind: "Endpoints", plural: "endpoints", singular: "endpoints", shortNames: ["ep"], scope: "Namespaced", schemaName: "core/v1.Endpoints",
  storagePrefix: "services/endpoints",
  defaults: (endpoints) => {
    const port = (of: EndpointPort): EndpointPort => withFields("core/v1.EndpointPort", of, { protocol: of.protocol || "TCP" });
    const subsets = mapChanged(endpoints.subsets, (subset: EndpointSubset) => withFields("core/v1.EndpointSubset", subset, { ports: mapChanged(subset.ports, port) }));
    return subsets === endpoints.subsets || subsets === undefined ? endpoints : { ...endpoints, subsets };
  },
  validate: (endpoints) => [...validateObjectMeta(endpoints.metadata, true, subdomainName), ...validateSubsets(endpoints)],
  validateUpdate: (endpoints, stored) => [...validateObjectMetaUpdate(endpoints.metadata, stored.metadata), ...validateSubsets(endpoints)],
  warnings: () => [DEPRECATED],
  columns: [nameColumn, { name: "Endpoints", type: "string", cell: endpointsCell }, ageColumn],
});

/** Source: formatEndpoints. */
function endpointsCell({ subsets = [] }: EndpointsObject): string {
  if (subsets.length === 0) return "<none>";
  const all = subsets.flatMap(({ addresses = [], ports = [] }) => (ports.length === 0 ? addresses.map((address) => address.ip) : ports.flatMap(({ port }) => addresses.map(({ ip }) => (ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`)))));
  return all.length === 0 ? "<none>" : firstFew(all, SHOWN);
}

/** Source: validateEndpointSubsets. */
function validateSubsets({ subsets = [] }: EndpointsObject): FieldError[] {
  const errors: FieldError[] = [];
  subsets.forEach(({ addresses = [], notReadyAddresses = [], ports = [] }, index) => {
    const at = `subsets[${index}]`;
    if (addresses.length === 0 && notReadyAddresses.length === 0) errors.push(required(at, "must specify `addresses` or `notReadyAddresses`"));
    addresses.forEach((address, i) => validateAddress(errors, address, `${at}.addresses[${i}]`));
    notReadyAddresses.forEach((address, i) => validateAddress(errors, address, `${at}.notReadyAddresses[${i}]`));
    ports.forEach(({ name = "", port, protocol = "", appProtocol }, i) => {
      if (name !== "") checkLabel(errors, `${at}.ports[${i}].name`, name);
      else if (ports.length > 1) errors.push(required(`${at}.ports[${i}].name`));
      addInvalid(errors, `${at}.ports[${i}].port`, port, isValidPortNumber(port));
      checkProtocol(errors, `${at}.ports[${i}].protocol`, protocol);
      if (appProtocol !== undefined) checkQualifiedName(errors, `${at}.ports[${i}].appProtocol`, appProtocol);
    });
  });
  return errors;
}

function validateAddress(errors: FieldError[], { ip, hostname = "", nodeName }: EndpointAddress, at: string): void {
  checkIp(errors, `${at}.ip`, ip);
  if (hostname !== "") checkLabel(errors, `${at}.hostname`, hostname);
  if (nodeName !== undefined) addInvalid(errors, `${at}.nodeName`, nodeName, subdomainName(nodeName, false));
  addInvalid(errors, `${at}.ip`, ip, endpointIpMessages(ip));
}
