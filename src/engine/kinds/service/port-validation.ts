import { duplicate, type FieldError, required } from "../../apimachinery/field-error.ts";
import { isValidPortNumber } from "../../apimachinery/names.ts";
import type { ServiceSpec } from "../generated/types.ts";
import { checkProtocol } from "../pod/validation/ports.ts";
import { addInvalid, checkLabel, checkPortNumOrName, checkQualifiedName } from "../shared/checks.ts";

/** Source: pkg/apis/core/validation/validation.go, validateServicePort. Two or more ports need names. */
export function validateServicePorts(errors: FieldError[], spec: ServiceSpec): void {
  const names = new Set<string>();
  const ports = spec.ports ?? [];
  ports.forEach(({ name = "", port, protocol = "", targetPort = 0, appProtocol }, index) => {
    const at = `spec.ports[${index}]`;
    if (name === "") {
      if (ports.length > 1) errors.push(required(`${at}.name`));
    } else {
      checkLabel(errors, `${at}.name`, name);
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    addInvalid(errors, `${at}.port`, port, isValidPortNumber(port));
    checkProtocol(errors, `${at}.protocol`, protocol);
    checkPortNumOrName(errors, `${at}.targetPort`, targetPort);
    if (appProtocol !== undefined) checkQualifiedName(errors, `${at}.appProtocol`, appProtocol);
  });
}
