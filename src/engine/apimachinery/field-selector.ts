import { err, ok, type Result } from "../kernel/result.ts";

/** One term of a field selector; terms are joined by AND. */
export interface FieldTerm {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

export type FieldSelector = readonly FieldTerm[];

/** Source: apimachinery/pkg/fields/selector.go, ParseSelector. The error is the text that the API server answers. */
export function parseFieldSelector(text: string): Result<FieldSelector, string> {
  const terms: FieldTerm[] = [];
  for (const part of splitTerms(text)) {
    if (part === "") continue;
    const split = /^(.*?)(!=|==|=)(.*)$/s.exec(part);
    if (split === null) return err(`invalid selector: '${text}'; can't understand '${part}'`);
    const value = unescapeValue(split[3] ?? "");
    if (!value.ok) return value;
    terms.push({ field: split[1] ?? "", operator: split[2] === "!=" ? "!=" : "=", value: value.value });
  }
  return ok(terms);
}

/** Splits at commas that no backslash guards. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\\") i += 1;
    else if (text[i] === ",") { terms.push(text.slice(start, i)); start = i + 1; }
  }
  return [...terms, text.slice(start)];
}

/** Source: fields.UnescapeValue. */
function unescapeValue(text: string): Result<string, string> {
  if (!/[\\,=]/.test(text)) return ok(text);
  let value = "";
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string;
    if (char === "," || char === "=") return err(`invalid field selector: unescaped character in value: ${char}`);
    if (char !== "\\") { value += char; continue; }
    const next = text[++i];
    if (next === undefined) return err("invalid field selector: invalid escape sequence: \\");
    if (next !== "\\" && next !== "," && next !== "=") return err(`invalid field selector: invalid escape sequence: \\${next}`);
    value += next;
  }
  return ok(value);
}

/** Every term holds for the object whose fields `read` gives. */
export function matchesFields(selector: FieldSelector, read: (field: string) => string): boolean {
  for (const term of selector) if ((read(term.field) === term.value) !== (term.operator === "=")) return false;
  return true;
}

/** The value that a field must have to match, if the selector says so: what an index can be asked for. */
export const requiredValue = (selector: FieldSelector, field: string): string | undefined =>
  selector.find((t) => t.field === field && t.operator === "=")?.value;
