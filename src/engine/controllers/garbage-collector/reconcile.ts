import type { KubeObject, ObjectKey } from "../../apimachinery/object.ts";
import type { OwnerReference } from "../../kinds/generated/types.ts";
import { groupVersion, type KindDefinition } from "../../kinds/kind-definition.ts";
import { event } from "../actions.ts";
import { type Action, type ActionOutcome, NOTHING, type Plan } from "../plan.ts";
import { planOf, type Step, type SyncEnd } from "../steps.ts";
import { blockingDependents, FOREGROUND, type GraphNode, ORPHAN, type OwnerGraph } from "./graph.ts";

/** Source for this file: pkg/controller/garbagecollector/garbagecollector.go. */

type Sync<R> = Generator<Step, R, readonly ActionOutcome[]>;

/** What the collector knows beside the API. */
export interface CollectorMemory {
  readonly graph: OwnerGraph;
  readonly kinds: readonly KindDefinition[];
  /** uids of owners that were looked up and not found; uids never come again. */
  readonly absent: Set<string>;
}

const ABSENT_LIMIT = 10_000; // uids

/** Looks at one object: is it to be orphaned from, deleted, or kept? Source: attemptToDeleteItem, attemptToOrphanWorker. */
export function reconcileOwned(uid: string, memory: CollectorMemory): Plan {
  const node = memory.graph.get(uid);
  if (node === undefined) return NOTHING;
  if (memory.graph.isOrphaning(uid)) return planOf(orphanDependents(node, memory));
  // Deletion runs already; what it leaves behind is looked at when it is over.
  if (node.deleting && !node.deletingDependents) return NOTHING;
  return planOf(attempt(node, memory));
}

const kindOf = ({ kinds }: CollectorMemory, { apiVersion, kindName }: Pick<GraphNode, "apiVersion" | "kindName">): KindDefinition | undefined =>
  kinds.find((kind) => kind.kind === kindName && groupVersion(kind) === apiVersion);

const keyFor = (kind: KindDefinition, key: ObjectKey): ObjectKey => (kind.scope === "Cluster" ? { namespace: "", name: key.name } : key);
const get = (kind: KindDefinition, key: ObjectKey): Action => ({ type: "get", kind, key: keyFor(kind, key) });
const mergePatch = (kind: KindDefinition, key: ObjectKey, type: "merge" | "strategic", body: unknown): Action => ({ type: "patch", kind, key, patch: { type, body } });

function* attempt(node: GraphNode, memory: CollectorMemory): Sync<SyncEnd | undefined> {
  const kind = node.kind ?? kindOf(memory, node);
  if (kind === undefined) return { failed: `no matches for kind "${node.kindName}" in version "${node.apiVersion}"` };
  const [answer] = yield { attempt: get(kind, node.key) };
  const latest = answer?.objects[0];
  if (answer?.error !== undefined && answer.error.reason !== "NotFound") return { failed: answer.error };
  if (latest === undefined || latest.metadata.uid !== node.uid) {
    if (node.virtual) noteAbsent(memory, node.uid);
    return { enqueue: memory.graph.remove(node.uid) };
  }
  if (node.deletingDependents) return yield* processForeground(node, kind, latest, memory);
  const references = latest.metadata.ownerReferences ?? [];
  if (references.length === 0) return undefined;
  const sorted = yield* classify(latest, references, memory);
  if (!sorted.ok) return { failed: sorted.failed };
  const { solid, dangling, waiting } = sorted;
  if (solid > 0) {
    const lost = [...dangling, ...waiting];
    if (lost.length === 0) return undefined;
    yield mergePatch(kind, node.key, "strategic", { metadata: { ownerReferences: lost.map(({ uid }) => ({ $patch: "delete", uid })), uid: node.uid } });
    return undefined;
  }
  return yield* deleteItem(node, kind, latest, waiting.length > 0);
}

/** Nobody owns it any more. Source: attemptToDeleteItem, the last two cases. */
function* deleteItem(node: GraphNode, kind: KindDefinition, latest: KubeObject, ownerWaits: boolean): Sync<SyncEnd | undefined> {
  const finalizers = latest.metadata.finalizers ?? [];
  let propagationPolicy: "Orphan" | "Background" | "Foreground" = finalizers.includes(ORPHAN) ? "Orphan" : finalizers.includes(FOREGROUND) ? "Foreground" : "Background";
  if (ownerWaits && node.dependents.size > 0) {
    propagationPolicy = "Foreground";
    // A circle of objects that wait for each other would wait for ever: let this one's owners go on.
    if ([...node.dependents.values()].some(({ deletingDependents }) => deletingDependents)) {
      const ownerReferences = (latest.metadata.ownerReferences ?? []).map((reference) => ({ ...reference, blockOwnerDeletion: false }));
      yield mergePatch(kind, node.key, "merge", { metadata: { ownerReferences, uid: node.uid } });
    }
  }
  yield { type: "delete", kind, key: node.key, options: { uid: node.uid, propagationPolicy } };
  return undefined;
}

/** Source: processDeletingDependentsItem. */
function* processForeground(node: GraphNode, kind: KindDefinition, latest: KubeObject, { graph }: CollectorMemory): Sync<SyncEnd | undefined> {
  const blocking = blockingDependents(node);
  if (blocking.length > 0) return { enqueue: blocking.filter(({ deletingDependents, uid }) => !deletingDependents && graph.get(uid) !== undefined).map(({ uid }) => uid) };
  return yield* removeFinalizer(kind, node.key, latest, FOREGROUND);
}

function* removeFinalizer(kind: KindDefinition, key: ObjectKey, { metadata }: KubeObject, finalizer: string): Sync<SyncEnd | undefined> {
  if (metadata.finalizers?.includes(finalizer) !== true) return undefined;
  const finalizers = metadata.finalizers.filter((each) => each !== finalizer);
  const [answer] = yield { attempt: mergePatch(kind, key, "merge", { metadata: { resourceVersion: metadata.resourceVersion, finalizers } }) };
  return answer?.error === undefined || answer.error.reason === "NotFound" ? undefined : { failed: answer.error };
}

/** Dependents lose the reference and stay; then the owner may go. Source: orphanDependents. */
function* orphanDependents(node: GraphNode, memory: CollectorMemory): Sync<SyncEnd | undefined> {
  const kind = node.kind ?? kindOf(memory, node);
  if (kind === undefined) return { failed: `no matches for kind "${node.kindName}" in version "${node.apiVersion}"` };
  const patches = [...node.dependents.values()].flatMap((dependent) =>
    dependent.kind === undefined ? [] : [mergePatch(dependent.kind, dependent.key, "strategic", { metadata: { ownerReferences: [{ $patch: "delete", uid: node.uid }], uid: dependent.uid } })],
  );
  const outcomes = patches.length === 0 ? [] : yield { attemptAll: patches };
  const error = outcomes.find((outcome) => outcome.error !== undefined && outcome.error.reason !== "NotFound" && outcome.error.reason !== "Invalid")?.error;
  if (error !== undefined) return { failed: error };
  const [answer] = yield { attempt: get(kind, node.key) };
  const latest = answer?.objects[0];
  return latest === undefined ? undefined : yield* removeFinalizer(kind, node.key, latest, ORPHAN);
}

type Classified =
  | { readonly ok: true; readonly solid: number; readonly dangling: readonly OwnerReference[]; readonly waiting: readonly OwnerReference[] }
  | { readonly ok: false; readonly failed: NonNullable<SyncEnd["failed"]> };

/** Owners that are there, that are gone, and that wait for their dependents. Source: classifyReferences, isDangling. */
function* classify(item: KubeObject, references: readonly OwnerReference[], memory: CollectorMemory): Sync<Classified> {
  let solid = 0;
  const dangling: OwnerReference[] = [];
  const waiting: OwnerReference[] = [];
  for (const reference of references) {
    if (memory.absent.has(reference.uid)) {
      dangling.push(reference);
      continue;
    }
    const kind = kindOf(memory, { apiVersion: reference.apiVersion, kindName: reference.kind });
    if (kind === undefined) return { ok: false, failed: `no matches for kind "${reference.kind}" in version "${reference.apiVersion}"` };
    const namespace = item.metadata.namespace ?? "";
    const [answer] = yield { attempt: get(kind, { namespace, name: reference.name }) };
    const owner = answer?.objects[0];
    if (answer?.error !== undefined && answer.error.reason !== "NotFound") return { ok: false, failed: answer.error };
    if (owner === undefined || owner.metadata.uid !== reference.uid) {
      const elsewhere = memory.graph.get(reference.uid);
      if (elsewhere !== undefined && !elsewhere.virtual && kind.scope === "Namespaced" && elsewhere.key.namespace !== namespace) {
        const text = `ownerRef [${reference.apiVersion}/${reference.kind}, namespace: ${namespace}, name: ${reference.name}, uid: ${reference.uid}] does not exist in namespace "${namespace}"`;
        yield event(item, "Warning", "OwnerRefInvalidNamespace", text);
      } else noteAbsent(memory, reference.uid);
      dangling.push(reference);
    } else if (owner.metadata.deletionTimestamp !== undefined && owner.metadata.finalizers?.includes(FOREGROUND) === true) waiting.push(reference);
    else solid += 1;
  }
  return { ok: true, solid, dangling, waiting };
}

function noteAbsent({ absent }: CollectorMemory, uid: string): void {
  if (absent.size >= ABSENT_LIMIT) absent.clear();
  absent.add(uid);
}
