import { keyOf, type KubeObject, type ObjectKey } from "../apimachinery/object.ts";
import type { DeleteOptionsInput, PatchRequest } from "../client/contracts.ts";
import type { OwnerReference } from "../kinds/generated/types.ts";
import { groupVersion, type KindDefinition } from "../kinds/kind-definition.ts";
import type { Action, CreateAction, DeleteAction, EventAction } from "./plan.ts";

/** Actions carry any kind; a definition of one kind is not assignable to that, because its functions take that kind's objects only. */
export const anyKind = <T extends KubeObject>(kind: KindDefinition<T>): KindDefinition => kind as unknown as KindDefinition;

export const create = <T extends KubeObject>(kind: KindDefinition<T>, object: T, options: Pick<CreateAction, "count" | "objects" | "policy" | "reportTo"> = {}): CreateAction => ({
  type: "create", kind: anyKind(kind), object, ...options,
});
export const update = <T extends KubeObject>(kind: KindDefinition<T>, object: T): Action => ({ type: "update", kind: anyKind(kind), object });
export const updateStatus = <T extends KubeObject>(kind: KindDefinition<T>, object: T): Action => ({ type: "updateStatus", kind: anyKind(kind), object });
export const patch = <T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey, request: PatchRequest): Action => ({ type: "patch", kind: anyKind(kind), key, patch: request });
export const get = <T extends KubeObject>(kind: KindDefinition<T>, key: ObjectKey): Action => ({ type: "get", kind: anyKind(kind), key });

export const list = <T extends KubeObject>(kind: KindDefinition<T>, namespace: string): Action => ({ type: "list", kind: anyKind(kind), namespace });

export const remove = <T extends KubeObject>(kind: KindDefinition<T>, object: KubeObject, options: DeleteOptionsInput = {}, reportTo?: KubeObject): DeleteAction => ({
  type: "delete", kind: anyKind(kind), key: keyOf(object), options,
  ...(object.metadata.uid === undefined ? {} : { uid: object.metadata.uid }), ...(reportTo === undefined ? {} : { reportTo }),
});

export const event = (object: KubeObject, eventType: EventAction["eventType"], reason: string, message: string): EventAction => ({ type: "event", object, eventType, reason, message });

/** Source: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/controller_ref.go, NewControllerRef. */
export const controllerReference = <T extends KubeObject>(kind: KindDefinition<T>, owner: T): OwnerReference => ({
  apiVersion: groupVersion(kind), kind: kind.kind, name: owner.metadata.name, uid: owner.metadata.uid ?? "", controller: true, blockOwnerDeletion: true,
});

/** The owner that manages this object. Source: controller_ref.go, GetControllerOf. */
export const controllerOf = (object: KubeObject): OwnerReference | undefined => object.metadata.ownerReferences?.find((reference) => reference.controller === true);
