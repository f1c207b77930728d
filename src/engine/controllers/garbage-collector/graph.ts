import type { KubeObject, ObjectKey } from "../../apimachinery/object.ts";
import type { OwnerReference } from "../../kinds/generated/types.ts";
import type { KindDefinition } from "../../kinds/kind-definition.ts";
import type { Change } from "../controller.ts";

export const FOREGROUND = "foregroundDeletion";
export const ORPHAN = "orphan";

/** An object in the graph of owners. Source for this file: pkg/controller/garbagecollector/{graph,graph_builder}.go. */
export interface GraphNode {
  readonly uid: string;
  kind: KindDefinition | undefined;
  /** "apps/v1" and "ReplicaSet", as the reference that made it known says. */
  apiVersion: string;
  kindName: string;
  key: ObjectKey;
  owners: readonly OwnerReference[];
  readonly dependents: Map<string, GraphNode>;
  /** Known by a reference only, not yet seen itself. */
  virtual: boolean;
  deleting: boolean;
  /** Waits, in foreground, for its dependents to go first. */
  deletingDependents: boolean;
}

/** Who owns whom, by uid, and which objects a change calls into question. */
export class OwnerGraph {
  private readonly nodes = new Map<string, GraphNode>();

  get(uid: string): GraphNode | undefined {
    return this.nodes.get(uid);
  }

  /** Takes a change in; gives the uids of objects to look at. Source: processGraphChanges. */
  apply(kind: KindDefinition, { type, object }: Change): readonly string[] {
    const { uid = "" } = object.metadata;
    if (type === "delete") return this.remove(uid);
    const attention = new Set<string>();
    const owners = object.metadata.ownerReferences ?? [];
    let node = this.nodes.get(uid);
    const before = node === undefined || node.virtual ? undefined : { owners: node.owners, orphaning: this.orphaning.has(uid), foreground: node.deletingDependents };
    if (node === undefined) {
      node = { uid, kind, apiVersion: object.apiVersion, kindName: object.kind, key: keyOf(object), owners: [], dependents: new Map(), virtual: false, deleting: false, deletingDependents: false };
      this.nodes.set(uid, node);
    }
    node.virtual = false;
    node.kind = kind;
    node.key = keyOf(object);
    this.link(node, owners, attention);
    const finalizers = object.metadata.finalizers ?? [];
    node.deleting = object.metadata.deletionTimestamp !== undefined;
    if (node.deleting && finalizers.includes(ORPHAN) && before?.orphaning !== true) {
      this.orphaning.add(uid);
      attention.add(uid);
    }
    if (node.deleting && finalizers.includes(FOREGROUND) && before?.foreground !== true) {
      node.deletingDependents = true;
      for (const dependent of node.dependents.keys()) attention.add(dependent);
      attention.add(uid);
    }
    return [...attention];
  }

  /** Objects whose orphaning has been noticed: each is begun once. */
  private readonly orphaning = new Set<string>();

  isOrphaning(uid: string): boolean {
    return this.orphaning.has(uid);
  }

  /** An object is gone, or an owner that was only spoken of never was there: its dependents lose an owner. */
  remove(uid: string): readonly string[] {
    const node = this.nodes.get(uid);
    if (node === undefined) return [];
    const attention = new Set<string>(node.dependents.keys());
    this.nodes.delete(uid);
    this.orphaning.delete(uid);
    for (const { uid: ownerUid } of node.owners) {
      const owner = this.nodes.get(ownerUid);
      owner?.dependents.delete(uid);
      if (owner?.deletingDependents === true) attention.add(ownerUid);
    }
    return [...attention];
  }

  /** Brings the links of a node to its owners up to date. An owner that nobody has seen yet is put in and looked up. */
  private link(node: GraphNode, owners: readonly OwnerReference[], attention: Set<string>): void {
    const now = new Map(owners.map((reference) => [reference.uid, reference]));
    for (const old of node.owners) {
      const kept = now.get(old.uid);
      const owner = this.nodes.get(old.uid);
      // An owner that waits for its dependents may be able to go on: one has left, or holds it up no longer.
      if (owner?.deletingDependents === true && old.blockOwnerDeletion === true && kept?.blockOwnerDeletion !== true) attention.add(old.uid);
      if (kept === undefined) owner?.dependents.delete(node.uid);
    }
    for (const reference of owners) {
      let owner = this.nodes.get(reference.uid);
      if (owner === undefined) {
        owner = {
          uid: reference.uid, kind: undefined, apiVersion: reference.apiVersion, kindName: reference.kind, key: { namespace: node.key.namespace, name: reference.name },
          owners: [], dependents: new Map(), virtual: true, deleting: false, deletingDependents: false,
        };
        this.nodes.set(reference.uid, owner);
        attention.add(reference.uid);
      } else if (!isThe(owner, reference, node.key.namespace)) attention.add(node.uid); // the reference may lead nowhere
      owner.dependents.set(node.uid, node);
    }
    node.owners = owners;
  }
}

/** Whether a reference from this namespace describes the owner that has its uid. Source: ownerReferenceMatchesCoordinates, addDependentToOwners. */
const isThe = (owner: GraphNode, { apiVersion, kind, name }: OwnerReference, namespace: string): boolean =>
  owner.apiVersion === apiVersion && owner.kindName === kind && owner.key.name === name && (owner.key.namespace === "" || owner.key.namespace === namespace);

const keyOf = (object: KubeObject): ObjectKey => ({ namespace: object.metadata.namespace ?? "", name: object.metadata.name });

/** Dependents that the owner has to wait for. Source: graph.go, blockingDependents. */
export const blockingDependents = (node: GraphNode): readonly GraphNode[] =>
  [...node.dependents.values()].filter(({ owners }) => owners.some(({ uid, blockOwnerDeletion }) => uid === node.uid && blockOwnerDeletion === true));
