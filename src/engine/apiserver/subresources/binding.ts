import type { Status } from "../../apimachinery/api.ts";
import { type FieldError, notSupported, required } from "../../apimachinery/field-error.ts";
import type { KubeObject, ObjectKey } from "../../apimachinery/object.ts";
import { aggregateText, badRequest, conflict, createdStatus, fieldErrorText, plainError } from "../../apimachinery/status.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { BindingObject, PodCondition, PodObject } from "../../kinds/generated/types.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { RequestScope, ServerCore } from "../core.ts";
import { withMeta } from "../verbs/metadata.ts";
import { type UpdateStrategy, writeOver } from "../verbs/update.ts";

const BIND: UpdateStrategy = { subresource: "binding", prepare: (_core, _kind, object) => object, validate: () => [] };

/** Gives a pod its node. Source: pkg/registry/core/pod/storage/storage.go, BindingREST.Create and assignPod. */
export function createBinding(core: ServerCore, kind: KindDefinition, key: ObjectKey, body: KubeObject, scope: RequestScope): Result<Status, Status> {
  const binding = body as BindingObject;
  if (binding.metadata.name !== key.name) return err(badRequest("name in URL does not match name in Binding object"));
  const errors = validateBinding(binding);
  if (errors.length > 0) return err(plainError(aggregateText(errors.map(fieldErrorText))));
  const node = binding.target?.name ?? "";
  const produce = (before: KubeObject): Result<KubeObject, Status> => assign(core, before as PodObject, node, binding);
  const subject = { verb: "create", kind, namespace: key.namespace, name: key.name, subresource: "binding" };
  const bound = writeOver(core, kind, key, produce, scope, BIND, subject);
  return bound.ok ? ok(createdStatus()) : bound;
}

/** Source: pkg/apis/core/validation/validation.go, ValidatePodBinding. */
function validateBinding({ target }: BindingObject): FieldError[] {
  const errors: FieldError[] = [];
  if ((target?.kind ?? "") !== "" && target?.kind !== "Node") errors.push(notSupported("target.kind", target?.kind, ["Node", "<empty>"]));
  if ((target?.name ?? "") === "") errors.push(required("target.name"));
  return errors;
}

function assign(core: ServerCore, pod: PodObject, node: string, binding: BindingObject): Result<KubeObject, Status> {
  const { name } = pod.metadata;
  const refuse = (text: string): Result<KubeObject, Status> => err(conflict({ group: "", plural: "pods/binding" }, name, text));
  if (pod.metadata.deletionTimestamp !== undefined) return refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  if ((pod.spec.nodeName ?? "") !== "") return refuse(`pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`);
  if ((pod.spec.schedulingGates ?? []).length > 0) return refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  const { uid, annotations } = binding.metadata;
  const now = core.context.time.seconds(core.context.clock.now());
  const scheduled = { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: now } as unknown as PodCondition;
  const conditions = [...(pod.status?.conditions ?? []).filter((c) => c.type !== "PodScheduled"), scheduled];
  const bound: PodObject = { ...pod, spec: { ...pod.spec, nodeName: node }, status: { ...pod.status, conditions } };
  return ok(withMeta(bound, {
    ...(uid === undefined || uid === "" ? {} : { uid }), // a binding that names a uid is for that very pod
    ...(annotations === undefined ? {} : { annotations: { ...pod.metadata.annotations, ...annotations } }),
  }));
}
