import { deepEqual } from "../../../apimachinery/deep.ts";
import { type FieldError, forbidden, invalid, required } from "../../../apimachinery/field-error.ts";
import { validateObjectMetaUpdate } from "../../../apimachinery/object-meta.ts";
import type { Container, NodeAffinity, NodeSelectorTerm, PodObject, PodSpec, Toleration } from "../../generated/types.ts";
import { inclusiveRange, MAX_INT32 } from "../../shared/checks.ts";
import { goStringMap, invalidGo } from "../../shared/go-syntax.ts";
import { diffText } from "../../shared/spec-diff.ts";
import { checkImageSpace } from "./containers.ts";
import { MIRROR_ANNOTATION, validatePodAnnotations, validatePodMetadataAndSpec } from "./pod.ts";
import { validateTolerations } from "./scheduling.ts";

const UPDATABLE = [
  "`spec.containers[*].image`", "`spec.initContainers[*].image`", "`spec.activeDeadlineSeconds`", "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
];

/**
 * Source: pkg/apis/core/validation/validation.go, ValidatePodUpdate.
 * Differs: the difference after the fixed sentence lists the changed fields; upstream prints a go-cmp report, whose layout is random on purpose.
 */
export function validatePodUpdate(pod: PodObject, stored: PodObject): FieldError[] {
  const errors = validateObjectMetaUpdate(pod.metadata, stored.metadata);
  if (pod.spec !== stored.spec || pod.metadata.annotations !== stored.metadata.annotations) validatePodMetadataAndSpec(errors, pod);
  validateAnnotationUpdates(errors, pod, stored);
  if (pod.spec === stored.spec) return errors; // shared structure: nothing below can find a change
  for (const list of ["containers", "initContainers"] as const) if (!validateContainerUpdates(errors, pod.spec[list] ?? [], stored.spec[list] ?? [], `spec.${list}`)) return errors;
  if (!validateDeadline(errors, pod.spec.activeDeadlineSeconds, stored.spec.activeDeadlineSeconds)) return errors;
  validateOnlyAddedTolerations(errors, pod.spec.tolerations ?? [], stored.spec.tolerations ?? []);
  validateOnlyDeletedGates(errors, pod.spec, stored.spec);
  const munged = withoutAllowedChanges(errors, pod.spec, stored.spec);
  if (!deepEqual(munged, stored.spec)) errors.push(forbidden("spec", `pod updates may not change fields other than ${UPDATABLE.join(",")}\n${diffText("core.PodSpec", stored.spec, munged)}`));
  return errors;
}

/** Source: ValidatePodSpecificAnnotationUpdates. */
export function validateAnnotationUpdates(errors: FieldError[], pod: PodObject, stored: PodObject): void {
  const before = stored.metadata.annotations?.[MIRROR_ANNOTATION];
  const after = pod.metadata.annotations?.[MIRROR_ANNOTATION];
  const at = `metadata.annotations[${MIRROR_ANNOTATION}]`;
  if (before !== undefined && after !== before) errors.push(forbidden(at, "may not remove or update mirror pod annotation"));
  if (before === undefined && after !== undefined) errors.push(forbidden(at, "may not add mirror pod annotation"));
  validatePodAnnotations(errors, pod.metadata.annotations, pod.spec, "metadata.annotations");
}

/** false: stop here. Source: ValidateContainerUpdates. */
function validateContainerUpdates(errors: FieldError[], containers: readonly Container[], stored: readonly Container[], path: string): boolean {
  if (containers.length !== stored.length) {
    errors.push(forbidden(path, "pod updates may not add or remove containers"));
    return false;
  }
  containers.forEach((container, index) => {
    if ((container.image ?? "") === "") errors.push(required(`${path}[${index}].image`));
    checkImageSpace(errors, container, `${path}[${index}]`);
  });
  return true;
}

function validateDeadline(errors: FieldError[], next: number | undefined, before: number | undefined): boolean {
  const at = "spec.activeDeadlineSeconds";
  if (next === undefined) {
    if (before !== undefined) errors.push(invalid(at, undefined, "must not update from a positive integer to nil value"));
    return true;
  }
  const problem = next < 0 || next > MAX_INT32 ? inclusiveRange(0, MAX_INT32) : before !== undefined && before < next ? "must be less than or equal to previous value" : undefined;
  if (problem !== undefined) errors.push(invalid(at, next, problem));
  return problem === undefined;
}

/** Source: validateOnlyAddedTolerations. */
function validateOnlyAddedTolerations(errors: FieldError[], tolerations: readonly Toleration[], stored: readonly Toleration[]): void {
  const plain = (toleration: Toleration): Toleration => ({ ...toleration, tolerationSeconds: undefined });
  if (!stored.every((old) => tolerations.some((toleration) => deepEqual(plain(old), plain(toleration))))) {
    return void errors.push(forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"));
  }
  validateTolerations(errors, tolerations, "spec.tolerations");
}

/** Source: validateOnlyDeletedSchedulingGates. */
function validateOnlyDeletedGates(errors: FieldError[], spec: PodSpec, stored: PodSpec): void {
  spec.schedulingGates?.forEach(({ name }, index) => {
    if (stored.schedulingGates?.some((gate) => gate.name === name) !== true) errors.push(forbidden(`spec.schedulingGates[${index}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`));
  });
}

/** The new spec with every allowed change undone: what is left must be the old one. */
function withoutAllowedChanges(errors: FieldError[], spec: PodSpec, stored: PodSpec): PodSpec {
  const images = (list: readonly Container[] | undefined, old: readonly Container[] | undefined): readonly Container[] | undefined =>
    list?.map((container, index) => ({ ...container, image: old?.[index]?.image }));
  const grace = spec.terminationGracePeriodSeconds === 1 && (stored.terminationGracePeriodSeconds ?? 0) < 0 ? stored.terminationGracePeriodSeconds : spec.terminationGracePeriodSeconds;
  const munged: PodSpec = {
    ...spec, containers: images(spec.containers, stored.containers) ?? [], initContainers: images(spec.initContainers, stored.initContainers),
    activeDeadlineSeconds: stored.activeDeadlineSeconds, schedulingGates: stored.schedulingGates, tolerations: stored.tolerations, terminationGracePeriodSeconds: grace,
  };
  return (stored.schedulingGates?.length ?? 0) === 0 ? munged : withoutGatedChanges(errors, munged, stored);
}

/** A pod that waits behind a gate may still be narrowed down to fewer nodes. */
function withoutGatedChanges(errors: FieldError[], munged: PodSpec, stored: PodSpec): PodSpec {
  if (!deepEqual(munged.nodeSelector, stored.nodeSelector)) {
    const kept = Object.entries(stored.nodeSelector ?? {}).every(([key, value]) => munged.nodeSelector?.[key] === value);
    if (!kept) errors.push(invalidGo("spec.nodeSelector", goStringMap(munged.nodeSelector), "only additions to spec.nodeSelector are allowed (no mutations or deletions)"));
  }
  const old = stored.affinity?.nodeAffinity;
  const next = munged.affinity?.nodeAffinity;
  if (!deepEqual(old, next)) validateNodeAffinityMutation(errors, next, old, "spec.affinity.nodeAffinity");
  const { nodeAffinity: _, ...others } = munged.affinity ?? {};
  const affinity = stored.affinity === undefined && Object.values(others).every((value) => value === undefined) ? undefined : { ...others, nodeAffinity: old };
  return { ...munged, nodeSelector: stored.nodeSelector, affinity };
}

/** Source: validateNodeAffinityMutation. */
function validateNodeAffinityMutation(errors: FieldError[], next: NodeAffinity | undefined, old: NodeAffinity | undefined, path: string): void {
  const before = old?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const after = next?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const at = `${path}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  if (before.length === 0) return;
  if (before.length !== after.length) return void errors.push(invalid(at, after, "no additions/deletions to non-empty NodeSelectorTerms list are allowed"));
  after.forEach((term, index) => {
    if (!onlyAdds(before[index], term)) errors.push(invalid(`${at}[${index}]`, term, "only additions are allowed (no mutations or deletions)"));
  });
}

const onlyAdds = (before: NodeSelectorTerm | undefined, after: NodeSelectorTerm): boolean =>
  (["matchExpressions", "matchFields"] as const).every((list) => {
    const old = before?.[list] ?? [];
    return deepEqual((after[list] ?? []).slice(0, old.length), old) && ((before?.matchExpressions?.length ?? 0) + (before?.matchFields?.length ?? 0) > 0);
  });
