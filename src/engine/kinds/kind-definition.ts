import type { FieldError } from "../apimachinery/field-error.ts";
import type { KubeObject } from "../apimachinery/object.ts";
import type { TimeText } from "../apimachinery/time-text.ts";
import type { SimTimeUs } from "../kernel/time.ts";

/** Everything there is to know about a kind. Storage, discovery, OpenAPI, kubectl's columns and the editor all read this. */
export interface KindDefinition<T extends KubeObject = KubeObject> {
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: "Namespaced" | "Cluster";
  readonly verbs: readonly string[];
  readonly subresources: readonly SubresourceDefinition[];
  /** Name of the schema in `generated/schema.ts`: "core/v1.Pod". */
  readonly schemaName: string;
  /** First part of the etcd key: "pods", "services/specs", "minions". Source: control-plane notes, section G. */
  readonly storagePrefix: string;
  /** Kinds whose `metadata.generation` follows spec changes. */
  readonly tracksGeneration: boolean;
  /** Field selectors beyond metadata.name and metadata.namespace. */
  readonly selectableFields: Readonly<Record<string, (object: T) => string>>;
  /** Fills defaults in a decoded object; pure, returns a new object or the same one. */
  readonly defaults: (object: T) => T;
  /** The strategy's PrepareForCreate: what the server sets or drops on create. */
  readonly prepareForCreate: (object: T, context: StrategyContext) => T;
  /** The strategy's PrepareForUpdate: for example, status is kept from the stored object. */
  readonly prepareForUpdate: (object: T, stored: T, context: StrategyContext) => T;
  /** The same for a write to /status: everything but status (and some metadata) is kept from the stored object. */
  readonly prepareForStatusUpdate: (object: T, stored: T, context: StrategyContext) => T;
  /**
   * Everything that is wrong with a new object, metadata included (each kind has its own rule for names), in upstream's order.
   * The object is decoded, defaulted and prepared; its name is set (or generated) and its namespace is the request's.
   */
  readonly validate: (object: T) => readonly FieldError[];
  /** The same for an update, including what may not change in metadata and what `validate` would say of the new object where upstream repeats it. */
  readonly validateUpdate: (object: T, stored: T) => readonly FieldError[];
  readonly validateStatusUpdate: (object: T, stored: T) => readonly FieldError[];
  /** `Warning:` headers of a create or update. */
  readonly warnings: (object: T) => readonly string[];
  /** Columns of `kubectl get`, wide ones (priority 1) included. Source: pkg/printers/internalversion/printers.go. */
  readonly columns: readonly ColumnDefinition<T>[];
  /** Conditions of a table row: pods that are over carry `Completed`. */
  readonly rowConditions?: (object: T) => readonly { type: string; status: string; reason: string; message: string }[];
}

export interface SubresourceDefinition {
  readonly name: string;
  readonly verbs: readonly string[];
  /** The kind it speaks, where it is not the parent's: Scale, Binding, Eviction, PodExecOptions. */
  readonly responseKind?: { readonly group: string; readonly version: string; readonly kind: string };
}

export interface ColumnDefinition<T extends KubeObject> {
  readonly name: string;
  readonly type: "string" | "integer" | "boolean" | "date";
  readonly format?: "name" | "";
  readonly priority?: 0 | 1;
  readonly description?: string;
  readonly cell: (object: T, context: CellContext) => string | number | boolean | null;
}

export interface CellContext {
  readonly now: SimTimeUs;
  readonly time: TimeText;
}

export interface StrategyContext {
  readonly now: SimTimeUs;
  readonly time: TimeText;
  /** A random v4 uid from the server's seeded stream. */
  readonly uid: () => string;
}

/** What a caller has to say of a kind; the rest has a default. */
export type KindInput<T extends KubeObject> = Pick<KindDefinition<T>, "group" | "version" | "kind" | "plural" | "scope" | "schemaName" | "columns"> &
  Partial<KindDefinition<T>>;

const ALL_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"] as const;

/** Fills in what most kinds share. */
export function defineKind<T extends KubeObject>(input: KindInput<T>): KindDefinition<T> {
  return {
    singular: input.kind.toLowerCase(), shortNames: [], categories: [], verbs: ALL_VERBS, subresources: [],
    storagePrefix: input.plural, tracksGeneration: false, selectableFields: {},
    defaults: (object) => object,
    prepareForCreate: (object) => object,
    prepareForUpdate: (object) => object,
    prepareForStatusUpdate: (object) => object,
    validate: () => [],
    validateUpdate: () => [],
    validateStatusUpdate: () => [],
    warnings: () => [],
    ...input,
  };
}

/** "deployments.apps", or "pods" in the core group: how messages name a resource. */
export const qualifiedResource = (definition: Pick<KindDefinition, "group" | "plural">): string =>
  definition.group === "" ? definition.plural : `${definition.plural}.${definition.group}`;

/** "apps/v1", or "v1" in the core group. */
export const groupVersion = (definition: Pick<KindDefinition, "group" | "version">): string =>
  definition.group === "" ? definition.version : `${definition.group}/${definition.version}`;
