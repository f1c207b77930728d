/** Names one object on the stage: what is selected, what an event is about, who owns whom. */
export interface ObjectRef {
  readonly kind: string;
  /** "" for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** "Pod/default/web" or "Node/node-1". Equal refs have equal text. */
export const refText = (ref: ObjectRef): string => (ref.namespace === "" ? `${ref.kind}/${ref.name}` : `${ref.kind}/${ref.namespace}/${ref.name}`);

export const sameRef = (a: ObjectRef, b: ObjectRef): boolean => a.kind === b.kind && a.name === b.name && a.namespace === b.namespace;

/** "pod/default/web" (journal subjects, `explain`) of a ref, and back. */
export const subjectOf = (ref: ObjectRef): string => `${ref.kind.toLowerCase()}/${ref.namespace === "" ? ref.name : `${ref.namespace}/${ref.name}`}`;
