import { type FieldError, forbidden, invalid } from "../../../apimachinery/field-error.ts";
import { subdomainName } from "../../../apimachinery/names.ts";
import { validateAnnotations, validateLabels, validateObjectMeta } from "../../../apimachinery/object-meta.ts";
import type { PodObject, PodSpec, PodTemplateSpec } from "../../generated/types.ts";
import { MAX_INT32 } from "../../shared/checks.ts";
import { checkImageSpace } from "./containers.ts";
import { validatePodSpec } from "./pod-spec.ts";

export const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";
const DELETION_COST_ANNOTATION = "controller.kubernetes.io/pod-deletion-cost";

/** Source: pkg/apis/core/validation/validation.go, ValidatePodCreate. Differs: seccomp and AppArmor annotations are not compared with the fields. */
export function validatePodCreate(pod: PodObject): FieldError[] {
  const errors: FieldError[] = [];
  validatePodMetadataAndSpec(errors, pod);
  if ((pod.spec.ephemeralContainers?.length ?? 0) > 0) errors.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  if ((pod.spec.nodeName ?? "") !== "" && (pod.spec.schedulingGates?.length ?? 0) > 0) errors.push(forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared"));
  return errors;
}

/** What holds of a pod on create and on update. Source: validatePodMetadataAndSpec. */
export function validatePodMetadataAndSpec(errors: FieldError[], pod: PodObject): void {
  const { metadata, spec } = pod;
  errors.push(...validateObjectMeta(metadata, true, subdomainName));
  validatePodAnnotations(errors, metadata.annotations, spec, "metadata.annotations");
  validatePodSpec(errors, spec, metadata, "spec");
  if ((spec.serviceAccountName ?? "") === "") {
    spec.volumes?.forEach((volume, volumeIndex) => volume.projected?.sources?.forEach((source, index) => {
      if (source.serviceAccountToken !== undefined) errors.push(forbidden(`spec.volumes[${volumeIndex}].projected.sources[${index}].serviceAccountToken`, "must not be specified when serviceAccountName is not set"));
    }));
  }
  spec.containers?.forEach((container, index) => checkImageSpace(errors, container, `spec.containers[${index}]`));
  spec.initContainers?.forEach((container, index) => checkImageSpace(errors, container, `spec.initContainers[${index}]`));
}

/** Source: ValidatePodSpecificAnnotations. */
export function validatePodAnnotations(errors: FieldError[], annotations: Readonly<Record<string, string>> | undefined, spec: PodSpec, path: string): void {
  if (annotations === undefined) return;
  const mirror = annotations[MIRROR_ANNOTATION];
  if (mirror !== undefined && (spec.nodeName ?? "") === "") errors.push(invalid(`${path}[${MIRROR_ANNOTATION}]`, mirror, "must set spec.nodeName if mirror pod annotation is set"));
  const cost = annotations[DELETION_COST_ANNOTATION];
  if (cost !== undefined && !isInt32Text(cost)) errors.push(invalid(`${path}[${DELETION_COST_ANNOTATION}]`, cost, "must be a 32bit integer"));
}

/** No plus sign, no leading zero. Source: pkg/apis/core/helper/helpers.go, GetDeletionCostFromPodAnnotations. */
const isInt32Text = (text: string): boolean => /^(?:0|-\d+|[1-9]\d*)$/.test(text) && Number(text) <= MAX_INT32 && Number(text) >= -MAX_INT32 - 1;

/** Source: ValidatePodTemplateSpec. Labels and annotations are named without "metadata", as upstream does. */
export function validatePodTemplate(errors: FieldError[], template: PodTemplateSpec, path: string): void {
  const { labels, annotations } = template.metadata ?? {};
  errors.push(...validateLabels(labels, `${path}.labels`), ...validateAnnotations(annotations, `${path}.annotations`));
  validatePodAnnotations(errors, annotations, template.spec, `${path}.annotations`);
  validatePodSpec(errors, template.spec, undefined, `${path}.spec`);
  if ((template.spec.ephemeralContainers?.length ?? 0) > 0) errors.push(forbidden(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template"));
}
