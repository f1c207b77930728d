import type { Status } from "../../apimachinery/api.ts";
import { invalid } from "../../apimachinery/field-error.ts";
import { selectorFromObject, selectorText } from "../../apimachinery/label-selector.ts";
import type { KubeObject, ObjectKey } from "../../apimachinery/object.ts";
import { invalidObject } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { DeploymentObject } from "../../kinds/generated/types.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { RequestScope, ServerCore } from "../core.ts";
import { withMeta } from "../verbs/metadata.ts";
import { checkName, MAIN, writeOver } from "../verbs/update.ts";

/** autoscaling/v1 Scale, the common face of everything that has replicas. */
export interface ScaleObject extends KubeObject {
  readonly spec: { readonly replicas?: number };
  readonly status: { readonly replicas: number; readonly selector?: string };
}

/** The fields of a scalable object that a Scale shows; a Deployment stands for all of them. */
type Scalable = DeploymentObject;

/** Source: pkg/registry/apps/deployment/storage/storage.go, scaleFromDeployment. */
export function scaleOf(object: KubeObject): ScaleObject {
  const { metadata, spec, status } = object as Scalable;
  const selector = selectorFromObject(spec.selector);
  const replicas = spec.replicas ?? 0;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  return {
    kind: "Scale", apiVersion: "autoscaling/v1",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }), ...(creationTimestamp === undefined ? {} : { creationTimestamp }) },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: status?.replicas ?? 0, ...(selector.ok ? { selector: selectorText(selector.value) } : {}) },
  };
}

/** Writes the replicas of a Scale to its object. `produce` gives the wanted Scale from the present one. */
export function writeScale(core: ServerCore, kind: KindDefinition, key: ObjectKey, verb: "update" | "patch", produce: (scale: ScaleObject) => Result<ScaleObject, Status>, scope: RequestScope): Result<ScaleObject, Status> {
  const subject = { verb, kind, namespace: key.namespace, name: key.name, subresource: "scale" };
  const written = writeOver(core, kind, key, (before) => {
    const wanted = produce(scaleOf(before));
    if (!wanted.ok) return wanted;
    const fault = checkName(key, wanted.value) ?? checkScale(wanted.value);
    if (fault !== undefined) return err(fault);
    const { uid, resourceVersion } = wanted.value.metadata;
    const { spec } = before as Scalable;
    return ok(withMeta({ ...before, spec: { ...spec, replicas: wanted.value.spec?.replicas ?? 0 } } as KubeObject, { uid: uid || before.metadata.uid, resourceVersion }));
  }, scope, MAIN, subject);
  return written.ok ? ok(scaleOf(written.value.object)) : written;
}

/** Source: pkg/apis/autoscaling/validation/validation.go, ValidateScale. */
function checkScale(scale: ScaleObject): Status | undefined {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas >= 0) return undefined;
  return invalidObject({ group: "autoscaling", kind: "Scale" }, scale.metadata.name, [invalid("spec.replicas", replicas, "must be greater than or equal to 0")]);
}
