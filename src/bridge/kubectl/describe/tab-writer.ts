/**
 * Aligns text in columns as Go's tabwriter does with padding 2: a column is a run of neighbouring lines that have a cell there,
 * and a cell ends with a tab; what stands after the last tab of a line belongs to no column.
 * Source: Go, text/tabwriter (NewWriter(out, 0, 8, 2, ' ', 0), as kubectl's describers use it).
 */
const PADDING = 2;

export function alignTabs(text: string): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const out: string[] = [];
  formatBlock(lines, 0, lines.length, [], out);
  return out.join("\n");
}

/** Lines from..to share the widths of their first columns; finds the runs of the next column and goes on inside each. */
function formatBlock(lines: readonly (readonly string[])[], from: number, to: number, widths: readonly number[], out: string[]): void {
  const column = widths.length;
  for (let line = from; line < to; ) {
    if (column >= cellsOf(lines, line)) {
      out.push(render(lines[line] ?? [], widths));
      line += 1;
      continue;
    }
    let end = line;
    let width = 0;
    for (; end < to && column < cellsOf(lines, end); end++) width = Math.max(width, [...(lines[end]?.[column] ?? "")].length + PADDING);
    // A column of empty cells takes no room.
    const isEmpty = Array.from({ length: end - line }, (_, i) => lines[line + i]?.[column] ?? "").every((cell) => cell === "");
    formatBlock(lines, line, end, [...widths, isEmpty ? PADDING : width], out);
    line = end;
  }
}

/** Cells that end with a tab. */
const cellsOf = (lines: readonly (readonly string[])[], line: number): number => (lines[line]?.length ?? 1) - 1;

function render(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, i) => (i === cells.length - 1 ? cell : cell + " ".repeat(Math.max(0, (widths[i] ?? 0) - [...cell].length)))).join("");
}
