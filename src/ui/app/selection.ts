import type { ObjectRef } from "../../projection/rows/refs.ts";

/** The one thing that the inspector shows. */
export type Selection =
  /** `view`: what to show of it first, for example "bridge fdb" of a node. */
  | { readonly type: "object"; readonly ref: ObjectRef; readonly view?: string }
  | { readonly type: "event"; readonly uid: string }
  /** A trace, at a hop of one of its packets. */
  | { readonly type: "trace"; readonly id: number; readonly walk: number; readonly hop: number; /** The ladder goes along with the packet on the map. */ readonly follow?: boolean };

export const selectsObject = (selection: Selection | undefined, ref: ObjectRef): boolean =>
  selection?.type === "object" && selection.ref.kind === ref.kind && selection.ref.name === ref.name && selection.ref.namespace === ref.namespace;
