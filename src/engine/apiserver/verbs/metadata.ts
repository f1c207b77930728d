import type { KubeObject } from "../../apimachinery/object.ts";
import type { ObjectMeta } from "../../kinds/generated/types.ts";

/** Fields of metadata in the order in which the server writes them. */
const ORDER: readonly (keyof ObjectMeta)[] = [
  "name", "generateName", "namespace", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp",
  "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers", "managedFields",
];

/** Metadata with some fields changed: undefined removes one; what is left keeps the server's order and carries no empty maps, lists or texts. */
export function withMeta<T extends KubeObject>(object: T, changes: { readonly [K in keyof ObjectMeta]?: ObjectMeta[K] | undefined }): T {
  const metadata: Record<string, unknown> = {};
  for (const field of ORDER) {
    const value = Object.hasOwn(changes, field) ? changes[field] : object.metadata[field];
    if (!isUnset(value)) metadata[field] = value;
  }
  return { ...object, metadata: metadata as unknown as ObjectMeta };
}

function isUnset(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  if (typeof value !== "object") return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}
