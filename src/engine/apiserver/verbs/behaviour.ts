import type { KubeObject } from "../../apimachinery/object.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { NamespaceObject, PodObject } from "../../kinds/generated/types.ts";

/** Where the generic registry treats resources differently. Tables of upstream's strategies and storages. */
const keyOf = (kind: KindDefinition): string => `${kind.group}/${kind.plural}`;

/** PUT must name the resourceVersion. Source: pkg/registry/*\/strategy.go, AllowUnconditionalUpdate. */
const CONDITIONAL_UPDATE = new Set([
  "policy/poddisruptionbudgets", "coordination.k8s.io/leases", "node.k8s.io/runtimeclasses", "storage.k8s.io/csidrivers", "storage.k8s.io/csinodes",
  "storage.k8s.io/csistoragecapacities", "storage.k8s.io/volumeattachments",
]);

/** PUT to a name that does not exist creates it. Source: pkg/registry/*\/strategy.go, AllowCreateOnUpdate. */
const CREATE_ON_UPDATE = new Set([
  "coordination.k8s.io/leases", "/events", "events.k8s.io/events", "/endpoints", "/limitranges", "node.k8s.io/runtimeclasses",
  "rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/rolebindings", "rbac.authorization.k8s.io/clusterroles", "rbac.authorization.k8s.io/clusterrolebindings",
]);

/** A delete answers with the object instead of a Status. Source: pkg/registry/*\/storage, ReturnDeletedObject. */
const RETURNS_DELETED = new Set([
  "/pods", "/podtemplates", "/persistentvolumes", "/persistentvolumeclaims", "/resourcequotas", "/serviceaccounts", "/services",
  "storage.k8s.io/storageclasses", "storage.k8s.io/csidrivers", "storage.k8s.io/csinodes", "storage.k8s.io/volumeattachments",
]);

export type GarbagePolicy = "background" | "orphan" | "unsupported";

/** Source: pkg/registry/*\/strategy.go, DefaultGarbageCollectionPolicy. */
const GARBAGE_POLICY: Readonly<Record<string, GarbagePolicy>> = { "/replicationcontrollers": "orphan", "batch/jobs": "orphan", "/events": "unsupported", "events.k8s.io/events": "unsupported" };

export const allowsUnconditionalUpdate = (kind: KindDefinition): boolean => !CONDITIONAL_UPDATE.has(keyOf(kind));
export const createsOnUpdate = (kind: KindDefinition): boolean => CREATE_ON_UPDATE.has(keyOf(kind));
export const returnsDeleted = (kind: KindDefinition): boolean => RETURNS_DELETED.has(keyOf(kind));
export const garbagePolicy = (kind: KindDefinition): GarbagePolicy => GARBAGE_POLICY[keyOf(kind)] ?? "background";

/** Annotations count as spec for a Deployment's generation. Source: pkg/registry/apps/deployment/strategy.go, PrepareForUpdate. */
export const generationFollowsAnnotations = (kind: KindDefinition): boolean => keyOf(kind) === "apps/deployments";

/**
 * The grace period of a first delete, in seconds; undefined for kinds that are deleted at once.
 * Source: pkg/registry/core/pod/strategy.go, CheckGracefulDelete.
 */
export function graceSecondsOf(kind: KindDefinition, object: KubeObject, requested: number | undefined): number | undefined {
  if (keyOf(kind) !== "/pods") return undefined;
  const pod = object as PodObject;
  if ((pod.spec.nodeName ?? "") === "" || pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded") return 0;
  const period = requested ?? pod.spec.terminationGracePeriodSeconds ?? 0;
  return period < 0 ? 1 : period;
}

/** An object that is being deleted is gone once nothing holds it. Source: registry/generic/registry/store.go, ShouldDeleteDuringUpdate; namespace storage. */
export function isGoneAfterUpdate(kind: KindDefinition, next: KubeObject, stored: KubeObject): boolean {
  if ((next.metadata.finalizers ?? []).length > 0 || stored.metadata.deletionTimestamp === undefined) return false;
  if ((stored.metadata.deletionGracePeriodSeconds ?? 0) > 0) return false;
  return keyOf(kind) !== "/namespaces" || ((next as NamespaceObject).spec?.finalizers ?? []).length === 0;
}
