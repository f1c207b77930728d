import { deepEqual } from "../../../apimachinery/deep.ts";
import { type FieldError, forbidden, invalid, notSupported, required } from "../../../apimachinery/field-error.ts";
import { validateObjectMetaUpdate } from "../../../apimachinery/object-meta.ts";
import type { BindingObject, Container, PodObject, PodSpec } from "../../generated/types.ts";
import { own } from "../../shared/own.ts";
import { diffText } from "../../shared/spec-diff.ts";
import { qosClassOf } from "../qos.ts";
import { MIRROR_ANNOTATION, validatePodMetadataAndSpec } from "./pod.ts";

/** POST /binding. Source: pkg/apis/core/validation/validation.go, ValidatePodBinding. */
export function validateBinding(binding: BindingObject): FieldError[] {
  const errors: FieldError[] = [];
  const { kind = "", name = "" } = binding.target;
  if (kind !== "" && kind !== "Node") errors.push(notSupported("target.kind", kind, ["Node", "<empty>"]));
  if (name === "") errors.push(required("target.name"));
  return errors;
}

/** PUT or PATCH /ephemeralcontainers. Source: ValidatePodEphemeralContainersUpdate. */
export function validateEphemeralContainersUpdate(pod: PodObject, stored: PodObject): FieldError[] {
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return [forbidden("", "static pods do not support ephemeral containers")];
  const errors = validateObjectMetaUpdate(pod.metadata, stored.metadata);
  validatePodMetadataAndSpec(errors, pod);
  const next = new Map((pod.spec.ephemeralContainers ?? []).map((container) => [container.name, container]));
  for (const old of stored.spec.ephemeralContainers ?? []) {
    const now = next.get(old.name);
    if (now === undefined) errors.push(forbidden("spec.ephemeralContainers", `existing ephemeral containers ${JSON.stringify(old.name)} may not be removed\n`));
    else if (!deepEqual(now, old)) errors.push(forbidden("spec.ephemeralContainers", `existing ephemeral containers ${JSON.stringify(old.name)} may not be changed\n${diffText("core.EphemeralContainer", old, now)}`));
  }
  return errors;
}

/** PUT or PATCH /resize. Source: ValidatePodResize. Differs: nodes are taken to support it. */
export function validatePodResize(pod: PodObject, stored: PodObject): FieldError[] {
  if (stored.metadata.annotations?.[MIRROR_ANNOTATION] !== undefined) return [forbidden("", "static pods cannot be resized")];
  const errors = validateObjectMetaUpdate(pod.metadata, stored.metadata);
  validatePodMetadataAndSpec(errors, pod);
  if (!validateOrdering(errors, pod.spec.containers, stored.spec.containers, "containers") || !validateOrdering(errors, pod.spec.initContainers ?? [], stored.spec.initContainers ?? [], "initContainers")) return errors;
  const before = qosClassOf(stored.spec);
  if (qosClassOf(pod.spec) !== before) errors.push(invalid("spec", qosClassOf(pod.spec), "Pod QOS Class may not change as a result of resizing"));
  pod.spec.containers.forEach((container, index) => validateContainerResize(errors, container, stored.spec.containers[index], `spec.containers[${index}].resources`));
  const munged: PodSpec = { ...pod.spec, containers: pod.spec.containers.map((container, index) => resized(container, stored.spec.containers[index])) };
  pod.spec.initContainers?.forEach((container, index) => {
    const old = stored.spec.initContainers?.[index];
    if (container.restartPolicy !== "Always" && !deepEqual(container.resources, old?.resources)) errors.push(forbidden("spec", "resources for non-sidecar init containers are immutable"));
  });
  const init = pod.spec.initContainers?.map((container, index) => resized(container, stored.spec.initContainers?.[index]));
  const left = { ...munged, ...(init === undefined ? {} : { initContainers: init }) };
  if (!deepEqual(left, stored.spec)) errors.push(forbidden("spec", `only cpu and memory resources are mutable\n${diffText("core.PodSpec", stored.spec, left)}`));
  return errors;
}

function validateOrdering(errors: FieldError[], next: readonly Container[], before: readonly Container[], list: string): boolean {
  if (next.length !== before.length) {
    errors.push(forbidden(`spec.${list}`, `${list} may not be added or removed on resize`));
    return false;
  }
  const moved = next.findIndex((container, index) => container.name !== before[index]?.name);
  if (moved >= 0) errors.push(forbidden(`spec.${list}[${moved}].name`, `${list} may not be renamed or reordered on resize`));
  return moved < 0;
}

/** Source: validateContainerResize. */
function validateContainerResize(errors: FieldError[], next: Container, before: Container | undefined, path: string): void {
  for (const list of ["requests", "limits"] as const) {
    const removed = Object.keys(before?.resources?.[list] ?? {}).some((name) => own(next.resources?.[list], name) === undefined);
    if (removed) errors.push(forbidden(`${path}.${list}`, `resource ${list} cannot be removed`));
  }
}

/** The container with its old cpu and memory. */
function resized(next: Container, before: Container | undefined): Container {
  if (deepEqual(next.resources, before?.resources)) return next;
  const restore = (list: "requests" | "limits"): Readonly<Record<string, string>> | undefined => {
    const { cpu: _cpu, memory: _memory, ...rest } = next.resources?.[list] ?? {};
    const { cpu, memory } = before?.resources?.[list] ?? {};
    const all = { ...rest, ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
    return Object.keys(all).length === 0 && before?.resources?.[list] === undefined ? undefined : all;
  };
  return { ...next, resources: { ...next.resources, limits: restore("limits"), requests: restore("requests") } };
}
