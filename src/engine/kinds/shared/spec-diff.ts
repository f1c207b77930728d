import { own } from "./own.ts";

/** The fields in which two values differ, one line per side: what an error shows after "may not change". At most 40 lines. */
export function diffText(typeName: string, before: unknown, after: unknown): string {
  const lines: string[] = [];
  collect(lines, "", before, after);
  const shown = lines.slice(0, MAX_LINES);
  if (lines.length > MAX_LINES) shown.push("  \t... // and more");
  return [`  ${typeName}{`, ...shown, "  }", ""].join("\n");
}

const MAX_LINES = 40;
const MAX_VALUE = 200;

const isBranch = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;

function collect(lines: string[], path: string, before: unknown, after: unknown): void {
  if (before === after || (before ?? null) === (after ?? null)) return;
  if (isBranch(before) && isBranch(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) collect(lines, Array.isArray(before) ? `${path}[${key}]` : path === "" ? key : `${path}.${key}`, own(before, key), own(after, key));
    return;
  }
  if (before !== undefined) lines.push(`- \t${path}: ${shorten(before)},`);
  if (after !== undefined) lines.push(`+ \t${path}: ${shorten(after)},`);
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}...` : text;
}
