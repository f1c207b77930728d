import { duplicate, type FieldError, notSupported, required } from "../../../apimachinery/field-error.ts";
import { isValidPortName, isValidPortNumber } from "../../../apimachinery/names.ts";
import type { Container, ContainerPort } from "../../generated/types.ts";
import { addInvalid } from "../../shared/checks.ts";

export const PROTOCOLS = ["SCTP", "TCP", "UDP"] as const;

/** Source: pkg/apis/core/validation/validation.go, validateContainerPorts. */
export function validateContainerPorts(errors: FieldError[], ports: readonly ContainerPort[] | undefined, path: string): void {
  const names = new Set<string>();
  ports?.forEach(({ name = "", containerPort, hostPort = 0, protocol = "" }, index) => {
    const at = `${path}[${index}]`;
    if (name !== "") {
      const messages = isValidPortName(name);
      if (messages.length > 0) addInvalid(errors, `${at}.name`, name, messages);
      else if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      else names.add(name);
    }
    if (containerPort === 0) errors.push(required(`${at}.containerPort`));
    else addInvalid(errors, `${at}.containerPort`, containerPort, isValidPortNumber(containerPort));
    if (hostPort !== 0) addInvalid(errors, `${at}.hostPort`, hostPort, isValidPortNumber(hostPort));
    checkProtocol(errors, `${at}.protocol`, protocol);
  });
}

export function checkProtocol(errors: FieldError[], path: string, protocol: string): void {
  if (protocol === "") errors.push(required(path));
  else if (!(PROTOCOLS as readonly string[]).includes(protocol)) errors.push(notSupported(path, protocol, PROTOCOLS));
}

/** Two containers of a pod cannot have the same port of the node. Source: checkHostPortConflicts, AccumulateUniqueHostPorts. */
export function validateHostPortsUnique(errors: FieldError[], containers: readonly Container[], path: string): void {
  const taken = new Set<string>();
  containers.forEach((container, containerIndex) => container.ports?.forEach(({ protocol = "", hostIP = "", hostPort = 0 }, portIndex) => {
    if (hostPort === 0) return;
    const key = `${protocol}/${hostIP}/${hostPort}`;
    if (taken.has(key)) errors.push(duplicate(`${path}[${containerIndex}].ports[${portIndex}].hostPort`, key));
    taken.add(key);
  }));
}
