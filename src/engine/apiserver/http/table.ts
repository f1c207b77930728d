import type { KubeObject } from "../../apimachinery/object.ts";
import { humanDuration } from "../../apimachinery/duration-text.ts";
import type { CellContext, ColumnDefinition, KindDefinition } from "../../kinds/kind-definition.ts";

export type IncludeObject = "Metadata" | "Object" | "None";

export interface ListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** What a table needs to know beside the objects. */
export interface TableOptions {
  readonly version: string;
  readonly include: IncludeObject;
  readonly cells: CellContext;
  /** Left out of all but the first event of a watch. */
  readonly withColumns: boolean;
}

/** Source: apimachinery/pkg/apis/meta/v1/types.go, PartialObjectMetadata. */
export const partialObject = (object: KubeObject, version: string): KubeObject => ({ kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata });

/** Columns of things that have none of their own. Source: apiserver/pkg/registry/rest/table.go. */
const DEFAULT_COLUMNS: readonly ColumnDefinition<KubeObject>[] = [
  { name: "Name", type: "string", format: "name", cell: (object) => object.metadata.name },
  {
    name: "Age", type: "string",
    cell: ({ metadata }, { now, time }) => (metadata.creationTimestamp === undefined ? "<unknown>" : humanDuration(now - (time.parse(metadata.creationTimestamp) ?? now))),
  },
];

/** Rows and columns as `kubectl get` shows them. Source: apiserver/pkg/endpoints/handlers/response.go, asTable; pkg/printers. */
export function tableOf(kind: Pick<KindDefinition, "columns" | "rowConditions"> | undefined, objects: readonly KubeObject[], metadata: ListMeta, options: TableOptions): Readonly<Record<string, unknown>> {
  const columns = kind === undefined || kind.columns.length === 0 ? DEFAULT_COLUMNS : kind.columns;
  return {
    kind: "Table", apiVersion: `meta.k8s.io/${options.version}`, metadata,
    columnDefinitions: options.withColumns ? columns.map(columnDefinition) : null,
    rows: objects.map((object) => {
      const conditions = kind?.rowConditions?.(object) ?? [];
      const cells = columns.map((column) => column.cell(object, options.cells));
      return { cells, ...(conditions.length === 0 ? {} : { conditions }), object: rowObject(object, options) };
    }),
  };
}

const columnDefinition = ({ name, type, format = "", description = "", priority = 0 }: ColumnDefinition<KubeObject>): Readonly<Record<string, unknown>> =>
  ({ name, type, format, description, priority });

function rowObject(object: KubeObject, { include, version }: TableOptions): KubeObject | null {
  if (include === "None") return null;
  return include === "Object" ? object : partialObject(object, version);
}
