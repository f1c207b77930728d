import { keyOf, type KubeObject } from "../../apimachinery/object.ts";
import { canonicalJson } from "../../kernel/hash.ts";
import type { NamespaceCondition, NamespaceObject, PodObject } from "../../kinds/generated/types.ts";
import { isPodTerminal } from "../../kinds/helpers/pod-state.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import { Namespace } from "../../kinds/namespace.ts";
import { get, list, remove, updateStatus } from "../actions.ts";
import { type ActionOutcome, NOTHING, type Plan, type ReadView } from "../plan.ts";
import { planOf, type Step, type SyncEnd } from "../steps.ts";

const FINALIZER = "kubernetes";
const FINALIZER_ESTIMATE_SECONDS = 15;

type Sync<R> = Generator<Step, R, readonly ActionOutcome[]>;

/** What is left of one kind. */
interface Remainder {
  readonly resource: string;
  readonly items: readonly KubeObject[];
}

/**
 * Empties a namespace that is being deleted, pods first, and lets it go.
 * Source: pkg/controller/namespace/deletion/namespaced_resources_deleter.go, Delete, deleteAllContent.
 * Differs: objects are deleted one by one, where upstream sends one deletecollection for each kind.
 */
export function reconcileNamespace(name: string, view: ReadView, kinds: readonly KindDefinition[]): Plan {
  return view.get(Namespace, { namespace: "", name })?.metadata.deletionTimestamp === undefined ? NOTHING : planOf(sync(name, view, kinds));
}

function* sync(name: string, view: ReadView, kinds: readonly KindDefinition[]): Sync<SyncEnd | undefined> {
  const [fresh] = yield { attempt: get(Namespace, { namespace: "", name }) };
  if (fresh?.error !== undefined) return fresh.error.reason === "NotFound" ? undefined : { failed: fresh.error };
  const namespace = fresh?.objects[0] as NamespaceObject | undefined;
  if (namespace?.metadata.deletionTimestamp === undefined || (namespace.spec.finalizers ?? []).length === 0) return undefined;
  const namespaced = kinds.filter(({ scope, verbs }) => scope === "Namespaced" && verbs.includes("delete") && verbs.includes("list"));
  const pods = namespaced.filter(({ group, plural }) => group === "" && plural === "pods");
  let remaining = yield* emptyKinds(name, pods);
  if (remaining.length === 0) remaining = yield* emptyKinds(name, namespaced.filter((kind) => !pods.includes(kind)));
  const current = yield* writeConditions(view, namespace, remaining);
  if (remaining.length === 0) {
    const finalizers = current.spec.finalizers?.filter((finalizer) => finalizer !== FINALIZER) ?? [];
    yield { type: "updateSubresource", kind: Namespace as unknown as KindDefinition, object: { ...current, spec: { ...current.spec, finalizers } } as KubeObject, subresource: "finalize" };
    return undefined;
  }
  const estimate = Math.max(...remaining.map((each) => estimateSeconds(view, namespace, each)));
  if (estimate > 0) return { requeueAfterUs: (Math.trunc(estimate / 2) + 1) * 1e6 };
  return { failed: `unexpected items still remain in namespace: ${name} for gvr: ${remaining[0]?.resource ?? ""}` };
}

/** Asks for the deletion of everything of these kinds; gives what is still there afterwards. */
function* emptyKinds(namespace: string, kinds: readonly KindDefinition[]): Sync<Remainder[]> {
  const found = yield kinds.map((kind) => list(kind, namespace));
  const deletes = kinds.flatMap((kind, i) => (found[i]?.objects ?? []).filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((object) => remove(kind, object, { propagationPolicy: "Background" })));
  if (deletes.length > 0) yield deletes;
  const left = deletes.length === 0 ? found : yield kinds.map((kind) => list(kind, namespace));
  return kinds.map((kind, i) => ({ resource: `${kind.plural}.${kind.group}`, items: left[i]?.objects ?? [] })).filter(({ items }) => items.length > 0);
}

/** How long what is left may take: running pods their grace period, things with finalizers a guess. */
function estimateSeconds(view: ReadView, { metadata: { deletionTimestamp = "" } }: NamespaceObject, { resource, items }: Remainder): number {
  if (resource === "pods.") {
    const grace = Math.max(0, ...(items as readonly PodObject[]).filter((pod) => !isPodTerminal(pod)).map((pod) => pod.spec.terminationGracePeriodSeconds ?? 0));
    const elapsedUs = view.nowUs() - (view.parseTime(deletionTimestamp) ?? 0);
    if (grace > 0 && elapsedUs < grace * 1e6) return grace;
  }
  return items.some(({ metadata }) => (metadata.finalizers ?? []).length > 0) ? FINALIZER_ESTIMATE_SECONDS : 0;
}

interface ConditionText {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** Source: pkg/controller/namespace/deletion/status_condition_utils.go. */
const FINE: readonly ConditionText[] = [
  { type: "NamespaceDeletionDiscoveryFailure", reason: "ResourcesDiscovered", message: "All resources successfully discovered" },
  { type: "NamespaceDeletionGroupVersionParsingFailure", reason: "ParsedGroupVersions", message: "All legacy kube types successfully parsed" },
  { type: "NamespaceDeletionContentFailure", reason: "ContentDeleted", message: "All content successfully deleted, may be waiting on finalization" },
  { type: "NamespaceContentRemaining", reason: "ContentRemoved", message: "All content successfully removed" },
  { type: "NamespaceFinalizersRemaining", reason: "ContentHasNoFinalizers", message: "All content-preserving finalizers finished" },
];

/** The conditions that hold now; those that never were wrong are reported as fine, too. */
export function conditionTexts(remaining: readonly Remainder[]): readonly (ConditionText & { readonly status: string })[] {
  const finalizers = new Map<string, number>();
  for (const { items } of remaining) for (const { metadata } of items) for (const finalizer of metadata.finalizers ?? []) finalizers.set(finalizer, (finalizers.get(finalizer) ?? 0) + 1);
  const resources = remaining.map(({ resource, items }) => `${resource} has ${items.length} resource instances`).sort();
  const held = Array.from(finalizers, ([finalizer, count]) => `${finalizer} in ${count} resource instances`).sort();
  return FINE.map((fine) => {
    if (fine.type === "NamespaceContentRemaining" && resources.length > 0) return { type: fine.type, status: "True", reason: "SomeResourcesRemain", message: `Some resources are remaining: ${resources.join(", ")}` };
    if (fine.type === "NamespaceFinalizersRemaining" && held.length > 0) return { type: fine.type, status: "True", reason: "SomeFinalizersRemain", message: `Some content in the namespace has finalizers remaining: ${held.join(", ")}` };
    return { ...fine, status: "False" };
  });
}

function* writeConditions(view: ReadView, namespace: NamespaceObject, remaining: readonly Remainder[]): Sync<NamespaceObject> {
  const before = namespace.status?.conditions ?? [];
  const conditions = [...before];
  for (const wanted of conditionTexts(remaining)) {
    const at = conditions.findIndex(({ type }) => type === wanted.type);
    const old = conditions[at];
    if (old === undefined) conditions.push({ ...wanted, lastTransitionTime: view.nowText() });
    else if (old.status !== wanted.status || old.reason !== wanted.reason || old.message !== wanted.message) conditions[at] = renewed(old, wanted, view.nowText());
  }
  if (canonicalJson(before) === canonicalJson(conditions)) return namespace;
  const [answer] = yield updateStatus(Namespace, { ...namespace, status: { ...namespace.status, conditions } });
  return (answer?.objects[0] as NamespaceObject | undefined) ?? namespace;
}

const renewed = (old: NamespaceCondition, wanted: ConditionText & { readonly status: string }, now: string): NamespaceCondition => ({
  ...wanted, lastTransitionTime: old.status === wanted.status ? (old.lastTransitionTime ?? now) : now,
});

export const namespaceKey = (namespace: NamespaceObject): string => keyOf(namespace).name;
