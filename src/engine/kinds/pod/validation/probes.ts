import { type FieldError, forbidden, invalid, notSupported, required } from "../../../apimachinery/field-error.ts";
import { regexText } from "../../../apimachinery/names.ts";
import type { Container, HTTPGetAction, Lifecycle, LifecycleHandler, Probe, ProbeHandler, SleepAction } from "../../generated/types.ts";
import { addInvalid, checkNonNegative, checkPortNumOrName } from "../../shared/checks.ts";

const SCHEMES = ["HTTP", "HTTPS"] as const;
const HEADER_NAME = /^[-A-Za-z0-9]+$/;

/** Source: pkg/apis/core/validation/validation.go, validateLivenessProbe, validateReadinessProbe, validateStartupProbe. */
export function validateProbes(errors: FieldError[], container: Container, graceSeconds: number | undefined, path: string): void {
  validateOnceSuccessful(errors, container.livenessProbe, graceSeconds, `${path}.livenessProbe`);
  if (container.readinessProbe !== undefined) {
    validateProbe(errors, container.readinessProbe, graceSeconds, `${path}.readinessProbe`);
    const own = container.readinessProbe.terminationGracePeriodSeconds;
    if (own !== undefined) errors.push(invalid(`${path}.readinessProbe.terminationGracePeriodSeconds`, own, "must not be set for readinessProbes"));
  }
  validateOnceSuccessful(errors, container.startupProbe, graceSeconds, `${path}.startupProbe`);
}

function validateOnceSuccessful(errors: FieldError[], probe: Probe | undefined, graceSeconds: number | undefined, path: string): void {
  if (probe === undefined) return;
  validateProbe(errors, probe, graceSeconds, path);
  if (probe.successThreshold !== 1) errors.push(invalid(`${path}.successThreshold`, probe.successThreshold ?? 0, "must be 1"));
}

function validateProbe(errors: FieldError[], probe: Probe, graceSeconds: number | undefined, path: string): void {
  validateHandler(errors, probe, graceSeconds, path);
  checkNonNegative(errors, `${path}.initialDelaySeconds`, probe.initialDelaySeconds);
  checkNonNegative(errors, `${path}.timeoutSeconds`, probe.timeoutSeconds);
  checkNonNegative(errors, `${path}.periodSeconds`, probe.periodSeconds);
  checkNonNegative(errors, `${path}.successThreshold`, probe.successThreshold);
  checkNonNegative(errors, `${path}.failureThreshold`, probe.failureThreshold);
  const own = probe.terminationGracePeriodSeconds;
  if (own !== undefined && own <= 0) errors.push(invalid(`${path}.terminationGracePeriodSeconds`, own, "must be greater than 0"));
}

/** Source: validateLifecycle. */
export function validateLifecycle(errors: FieldError[], lifecycle: Lifecycle | undefined, graceSeconds: number | undefined, path: string): void {
  if (lifecycle?.postStart !== undefined) validateHandler(errors, lifecycle.postStart, graceSeconds, `${path}.postStart`);
  if (lifecycle?.preStop !== undefined) validateHandler(errors, lifecycle.preStop, graceSeconds, `${path}.preStop`);
}

/** Source: validateHandler: exactly one of its kinds, checked in this order. */
function validateHandler(errors: FieldError[], handler: ProbeHandler & LifecycleHandler, graceSeconds: number | undefined, path: string): void {
  let handlers = 0;
  const one = (name: string, check: () => void): void => {
    handlers += 1;
    if (handlers > 1) errors.push(forbidden(`${path}.${name}`, "may not specify more than 1 handler type"));
    else check();
  };
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  if (exec !== undefined) one("exec", () => { if ((exec.command?.length ?? 0) === 0) errors.push(required(`${path}.exec.command`)); });
  if (httpGet !== undefined) one("httpGet", () => validateHttpGet(errors, httpGet, `${path}.httpGet`));
  if (tcpSocket !== undefined) one("tcpSocket", () => checkPortNumOrName(errors, `${path}.tcpSocket.port`, tcpSocket.port));
  if (grpc !== undefined) one("grpc", () => checkPortNumOrName(errors, `${path}.grpc.port`, grpc.port));
  if (sleep !== undefined) one("sleep", () => validateSleep(errors, sleep, graceSeconds, `${path}.sleep`));
  if (handlers === 0) errors.push(required(path, "must specify a handler type"));
}

function validateHttpGet(errors: FieldError[], get: HTTPGetAction, path: string): void {
  if ((get.path ?? "") === "") errors.push(required(`${path}.path`));
  checkPortNumOrName(errors, `${path}.port`, get.port);
  const scheme = get.scheme ?? "";
  if (!(SCHEMES as readonly string[]).includes(scheme)) errors.push(notSupported(`${path}.scheme`, scheme, SCHEMES));
  for (const header of get.httpHeaders ?? []) {
    if (!HEADER_NAME.test(header.name)) addInvalid(errors, `${path}.httpHeaders`, header.name, [regexText("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name")]);
  }
}

/** Source: validateSleepAction; PodLifecycleSleepActionAllowZero is on in 1.33. */
function validateSleep(errors: FieldError[], sleep: SleepAction, graceSeconds: number | undefined, path: string): void {
  if (graceSeconds === undefined || (sleep.seconds >= 0 && sleep.seconds <= graceSeconds)) return;
  errors.push(invalid(path, sleep.seconds, `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`));
}
