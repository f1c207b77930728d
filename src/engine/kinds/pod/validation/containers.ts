import { duplicate, type FieldError, forbidden, invalid, notFoundField, notSupported, required } from "../../../apimachinery/field-error.ts";
import type { Container, ContainerResizePolicy, EphemeralContainer, PodSpec } from "../../generated/types.ts";
import { checkLabel, checkOneOf } from "../../shared/checks.ts";
import { validateEnv, validateEnvFrom } from "./env.ts";
import { validateContainerPorts, validateHostPortsUnique } from "./ports.ts";
import { validateLifecycle, validateProbes } from "./probes.ts";
import { validateResources } from "./resources.ts";
import { validateSecurityContext } from "./security.ts";
import { validateVolumeDevices, validateVolumeMounts } from "./volume-mounts.ts";
import type { VolumesByName } from "./volumes.ts";

/** What the containers of a pod are checked against. */
export interface ContainerScope {
  readonly spec: PodSpec;
  readonly volumes: VolumesByName;
  readonly claimNames: ReadonlySet<string>;
}

const PULL_POLICIES = ["Always", "IfNotPresent", "Never"] as const;
const MESSAGE_POLICIES = ["File", "FallbackToLogsOnError"] as const;

/** Source: pkg/apis/core/validation/validation.go, validateContainerCommon. */
function validateCommon(errors: FieldError[], container: Container, { spec, volumes, claimNames }: ContainerScope, path: string): void {
  if (container.name === "") errors.push(required(`${path}.name`));
  else checkLabel(errors, `${path}.name`, container.name);
  if ((container.image ?? "") === "") errors.push(required(`${path}.image`));
  checkOneOf(errors, `${path}.terminationMessagePolicy`, container.terminationMessagePolicy, MESSAGE_POLICIES);
  validateContainerPorts(errors, container.ports, `${path}.ports`);
  validateEnv(errors, container.env, `${path}.env`);
  validateEnvFrom(errors, container.envFrom, `${path}.envFrom`);
  validateVolumeMounts(errors, container, volumes, `${path}.volumeMounts`);
  validateVolumeDevices(errors, container, volumes, `${path}.volumeDevices`);
  checkOneOf(errors, `${path}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES);
  validateResources(errors, container.resources, claimNames, `${path}.resources`);
  validateResizePolicy(errors, container.resizePolicy, spec.restartPolicy, `${path}.resizePolicy`);
  validateSecurityContext(errors, container.securityContext, spec.hostUsers !== false, `${path}.securityContext`);
}

/** Source: validateContainers. */
export function validateContainers(errors: FieldError[], scope: ContainerScope, path: string): void {
  const { containers = [], terminationGracePeriodSeconds: graceSeconds } = scope.spec;
  if (containers.length === 0) return void errors.push(required(path));
  const names = new Set<string>();
  containers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    validateCommon(errors, container, scope, at);
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    validateLifecycle(errors, container.lifecycle, graceSeconds, `${at}.lifecycle`);
    validateProbes(errors, container, graceSeconds, at);
    if (container.restartPolicy !== undefined) errors.push(forbidden(`${at}.restartPolicy`, "may not be set for non-init containers"));
  });
  validateHostPortsUnique(errors, containers, path);
}

const ONLY_SIDECARS = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;

/** Source: validateInitContainers. Host ports are compared within each, since they run one after the other. */
export function validateInitContainers(errors: FieldError[], scope: ContainerScope, path: string): void {
  const { initContainers = [], containers = [], terminationGracePeriodSeconds: graceSeconds } = scope.spec;
  const names = new Set(containers.map((container) => container.name));
  initContainers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    validateCommon(errors, container, scope, at);
    const sidecar = container.restartPolicy === "Always";
    if (container.restartPolicy !== undefined && !sidecar) errors.push(notSupported(`${at}.restartPolicy`, container.restartPolicy, ["Always"]));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    else if (container.name !== "") names.add(container.name);
    validateHostPortsUnique(errors, [container], path);
    if (sidecar) {
      validateLifecycle(errors, container.lifecycle, graceSeconds, `${at}.lifecycle`);
      validateProbes(errors, container, graceSeconds, at);
    } else {
      for (const field of ONLY_SIDECARS) if (container[field] !== undefined) errors.push(forbidden(`${at}.${field}`, "may not be set for init containers without restartPolicy=Always"));
    }
    if ((container.resizePolicy?.length ?? 0) > 0 && !sidecar) errors.push(invalid(`${at}.resizePolicy`, container.resizePolicy, "must not be set for init containers"));
  });
}

/** Fields that a debugging container may have, in Go's order of the rest. Source: allowedEphemeralContainerFields. */
const NOT_EPHEMERAL = ["ports", "resources", "resizePolicy", "restartPolicy", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] as const;

/** Source: validateEphemeralContainers. */
export function validateEphemeralContainers(errors: FieldError[], scope: ContainerScope, path: string): void {
  const others = new Set([...(scope.spec.containers ?? []), ...(scope.spec.initContainers ?? [])].map((container) => container.name));
  const all = new Set(others);
  scope.spec.ephemeralContainers?.forEach((container: EphemeralContainer, index) => {
    const at = `${path}[${index}]`;
    validateCommon(errors, container, scope, at);
    checkImageSpace(errors, container, at);
    if (all.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    else all.add(container.name);
    const target = container.targetContainerName ?? "";
    if (target !== "" && !others.has(target)) errors.push(notFoundField(`${at}.targetContainerName`, target));
    for (const field of NOT_EPHEMERAL) {
      const value = container[field];
      if (value !== undefined && Object.keys(value).length > 0) errors.push(forbidden(`${at}.${field}`, "cannot be set for an Ephemeral Container"));
    }
    container.volumeMounts?.forEach((mount, i) => {
      if ((mount.subPath ?? "") !== "") errors.push(forbidden(`${at}.volumeMounts[${i}].subPath`, "cannot be set for an Ephemeral Container"));
      if ((mount.subPathExpr ?? "") !== "") errors.push(forbidden(`${at}.volumeMounts[${i}].subPathExpr`, "cannot be set for an Ephemeral Container"));
    });
  });
}

/** Source: validateContainerOnlyForPod. */
export function checkImageSpace(errors: FieldError[], container: Container, path: string): void {
  const image = container.image ?? "";
  if (image.trim() !== image) errors.push(invalid(`${path}.image`, image, "must not have leading or trailing whitespace"));
}

/** Source: validateResizePolicy. */
function validateResizePolicy(errors: FieldError[], policies: readonly ContainerResizePolicy[] | undefined, podRestartPolicy: string | undefined, path: string): void {
  const seen = new Set<string>();
  policies?.forEach(({ resourceName, restartPolicy }, index) => {
    if (seen.has(resourceName)) errors.push(duplicate(`${path}[${index}]`, resourceName));
    seen.add(resourceName);
    checkOneOf(errors, path, resourceName, ["cpu", "memory"]);
    checkOneOf(errors, path, restartPolicy, ["NotRequired", "RestartContainer"]);
    if (podRestartPolicy === "Never" && restartPolicy !== "NotRequired") errors.push(invalid(path, restartPolicy, "must be 'NotRequired' when `restartPolicy` is 'Never'"));
  });
}
