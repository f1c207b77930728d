// Source: Go's struct tags and the markers of staging/src/k8s.io/api/*/types.go, as generated/schema.ts carries them.

/** One field as the generated table spells it: [json name, type, flags, markers]. Flags: p Go pointer, o omitempty, r required in OpenAPI. */
export type RawFieldSchema = readonly [name: string, type: string, flags: string, markers?: RawMarkers];

export interface RawMarkers {
  readonly go?: string;
  readonly list?: string;
  readonly keys?: readonly string[];
  readonly map?: string;
  readonly patch?: readonly string[];
  readonly patchKey?: string;
}

export type ScalarType =
  | "string" | "int32" | "int64" | "float" | "bool" | "bytes"
  | "Time" | "MicroTime" | "Duration" | "Quantity" | "IntOrString" | "RawExtension" | "FieldsV1";

export type FieldType =
  | { readonly kind: "scalar"; readonly scalar: ScalarType }
  | { readonly kind: "object"; readonly schema: string }
  | { readonly kind: "list"; readonly of: FieldType }
  | { readonly kind: "map"; readonly of: FieldType };

export type PatchStrategy = "merge" | "replace" | "retainKeys";

export interface FieldSchema {
  readonly name: string;
  readonly type: FieldType;
  /** Go's name of the type as decoding errors print it: "int32", "[]v1.Container", "map[string]string", "v1.PullPolicy". */
  readonly goType: string;
  /** Go's type is a pointer: absent and zero differ. */
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  /** Listed under `required` in the published OpenAPI. */
  readonly required: boolean;
  /** Values of an enumerated string, sorted. The server does not check these on decoding; validation does. */
  readonly enumValues?: readonly string[];
  readonly listType?: "atomic" | "set" | "map";
  readonly listMapKeys?: readonly string[];
  readonly mapType?: "atomic" | "granular";
  readonly patchStrategies: readonly PatchStrategy[];
  readonly patchMergeKey?: string;
}

export interface TypeSchema {
  /** "core/v1.PodSpec" */
  readonly name: string;
  /** Go's struct name, without the package: "PodSpec". */
  readonly goStruct: string;
  /** "v1.PodSpec" */
  readonly goType: string;
  /** In Go's order, which is the order of the JSON. Inlined structs are spread out. */
  readonly fields: readonly FieldSchema[];
  readonly byName: ReadonlyMap<string, FieldSchema>;
  /** Server-side apply replaces it as a whole. */
  readonly atomic: boolean;
}
