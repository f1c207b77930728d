import type { ObjectMeta } from "../kinds/generated/types.ts";

/** What every stored object is. Deeply frozen once stored. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** Namespace and name. Cluster-scoped objects have the namespace "". */
export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** "namespace/name", or "name" for cluster-scoped objects: work-queue keys, map keys, journal subjects. */
export const keyText = (key: ObjectKey): string => (key.namespace === "" ? key.name : `${key.namespace}/${key.name}`);

export const keyOf = (object: KubeObject): ObjectKey => ({ namespace: object.metadata.namespace ?? "", name: object.metadata.name });
