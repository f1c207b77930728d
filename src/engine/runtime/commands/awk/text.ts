import { compileRegex } from "../../text/regex.ts";

export const MAX_FIELDS = 20_000;

/** Whether awk takes input for a number. Source: POSIX.1-2017, awk, "numeric string". */
export const looksNumeric = (text: string): boolean => /^\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)\s*$/.test(text);

export function arithmetic(operator: string, a: number, b: number): number {
  switch (operator) {
    case "+": return a + b;
    case "-": return a - b;
    case "*": return a * b;
    case "/": return b === 0 ? Number.NaN : a / b;
    case "%": return b === 0 ? Number.NaN : a % b;
    default: return a ** b;
  }
}

/** " " splits at blanks, one character splits there, anything longer is a regular expression. */
export function splitFields(text: string, separator: string): string[] {
  if (separator === " ") return text.trim() === "" ? [] : text.trim().split(/[ \t\n]+/).slice(0, MAX_FIELDS);
  if (text === "") return [];
  if (separator === "") return [...text];
  if (separator.length === 1 && separator !== "\\") return text.split(separator === "\t" ? "\t" : separator).slice(0, MAX_FIELDS);
  const regex = compileRegex(separator, "extended");
  if (!regex.ok) return [text];
  const fields: string[] = [];
  let start = 0;
  for (let at = 0; at <= text.length && fields.length < MAX_FIELDS; ) {
    const match = regex.value.match(text, at);
    if (match === undefined) break;
    if (match.end === match.start) {
      at = match.end + 1;
      continue;
    }
    fields.push(text.slice(start, match.start));
    start = at = match.end;
  }
  return [...fields, text.slice(start)];
}

/** Records of a text: "" splits at empty lines. */
export function splitRecords(text: string, separator: string): string[] {
  if (text === "") return [];
  if (separator === "") return text.replace(/^\n+|\n+$/g, "").split(/\n{2,}/);
  const records = separator.length === 1 ? text.split(separator) : splitFields(text, separator);
  if (records.at(-1) === "" || (separator !== "\n" && records.at(-1) === "\n")) records.pop();
  return records;
}
