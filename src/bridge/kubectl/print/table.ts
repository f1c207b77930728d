/** A server-side Table. Source: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go, Table. */
export interface Table {
  readonly kind: "Table";
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
  readonly columnDefinitions: readonly { readonly name: string; readonly type: string; readonly format: string; readonly priority: number }[] | null;
  readonly rows: readonly TableRow[] | null;
}

export interface TableRow {
  readonly cells: readonly unknown[];
  readonly object?: { readonly metadata?: { readonly name?: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> } } | null;
}

export interface TableOptions {
  readonly wide: boolean;
  readonly noHeaders: boolean;
  readonly showNamespace: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  /** "pod/", "deployment.apps/": in front of names when several kinds are printed. */
  readonly namePrefix: string;
  /** For --output-watch-events. */
  readonly event?: string;
}

/** Header and rows as text cells; source: staging/src/k8s.io/cli-runtime/pkg/printers/tableprinter.go. */
export function tableCells(table: Table, columns: NonNullable<Table["columnDefinitions"]>, options: TableOptions): { header: string[]; rows: string[][] } {
  const shown = columns.map((column, index) => ({ column, index })).filter(({ column }) => options.wide || column.priority === 0);
  const header = [
    ...(options.event === undefined ? [] : ["EVENT"]),
    ...(options.showNamespace ? ["NAMESPACE"] : []),
    ...shown.map(({ column }) => column.name.toUpperCase()),
    ...options.labelColumns.map((key) => (key.split("/").at(-1) ?? key).toUpperCase()),
    ...(options.showLabels ? ["LABELS"] : []),
  ];
  const rows = (table.rows ?? []).map((row) => [
    ...(options.event === undefined ? [] : [options.event]),
    ...(options.showNamespace ? [row.object?.metadata?.namespace ?? ""] : []),
    ...shown.map(({ column, index }) => (column.format === "name" && column.type === "string" ? options.namePrefix : "") + cellText(row.cells[index])),
    ...options.labelColumns.map((key) => row.object?.metadata?.labels?.[key] ?? ""),
    ...(options.showLabels ? [labelsText(row.object?.metadata?.labels)] : []),
  ]);
  return { header, rows };
}

const MIN_WIDTH = 6;
const PADDING = 3;

/**
 * Columns padded to their widest cell plus three spaces, at least six wide; the last one is left as it is.
 * A writer remembers its widths, so that the lines of a watch stay aligned. Source: github.com/liggitt/tabwriter (RememberWidths), kubectl/pkg/printers.
 */
export class ColumnWriter {
  private readonly widths: number[] = [];

  align(lines: readonly (readonly string[])[]): string {
    for (const line of lines) line.slice(0, -1).forEach((cell, i) => (this.widths[i] = Math.max(this.widths[i] ?? MIN_WIDTH, [...cell].length + PADDING)));
    return lines.map((line) => `${line.map((cell, i) => (i === line.length - 1 ? cell : cell + " ".repeat((this.widths[i] ?? 0) - [...cell].length))).join("")}\n`).join("");
  }
}

export const alignColumns = (lines: readonly (readonly string[])[]): string => new ColumnWriter().align(lines);

function cellText(cell: unknown): string {
  const text = cell === null || cell === undefined ? "" : String(cell);
  const end = text.search(/[\n\r\f]/);
  return end === -1 ? text : `${text.slice(0, end)}...`;
}

const labelsText = (labels: Readonly<Record<string, string>> | undefined): string =>
  labels === undefined || Object.keys(labels).length === 0
    ? "<none>"
    : Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`).join(",");
