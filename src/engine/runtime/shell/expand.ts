import type { CommandExpansionPart, ParameterExpansionPart, ProcessSubstitutionPart, Word, WordPart } from "unbash";
import { assert } from "../../kernel/assert.ts";
import type { Sys } from "../process/wait.ts";
import { evaluateArithmetic, evaluateArithmeticText } from "./arithmetic.ts";
import { braceAlternatives } from "./braces.ts";
import { expandGlob } from "./glob.ts";
import { parseWord } from "./parse-script.ts";
import { type Parameter, lookupParameter, specialOrName } from "./parameters.ts";
import { escapePattern, hasPattern, removeMatch, replaceMatch } from "./pattern.ts";
import type { Shell } from "./shell.ts";
import { elements } from "./variables.ts";

/** Where the pieces of a word go: into fields, one text, or a pattern. */
interface Sink {
  literal(text: string, quoted: boolean): void;
  /** The result of an expansion: is split when it is not quoted. */
  expanded(text: string, quoted: boolean): void;
  /** $@, $* and arrays: several values. */
  list(values: readonly string[], quoted: boolean, star: boolean): void;
}

/** Runs `$(…)`; set by run.ts, which needs this file. */
export interface SubstitutionRunner {
  command(shell: Shell, part: Pick<CommandExpansionPart, "script" | "pos">): Sys<string>;
  process(shell: Shell, part: ProcessSubstitutionPart): Sys<string>;
}

let runner: SubstitutionRunner | undefined;
export const setSubstitutionRunner = (next: SubstitutionRunner): void => void (runner = next);

/** `$(script)`: its output without the newlines at the end. */
export function* substituteCommand(shell: Shell, part: Pick<CommandExpansionPart, "script" | "pos">): Sys<string> {
  assert(runner !== undefined, "the shell's runner was installed");
  return yield* runner.command(shell, part);
}

const MAX_FIELDS = 50_000;
/** Of one word. */
const MAX_TEXT = 1 << 20;

/** Words of a command: split into fields, file names put in for patterns. */
export function* expandWords(shell: Shell, words: readonly Word[]): Sys<string[]> {
  const fields: string[] = [];
  for (const word of words) {
    for (const text of yield* expandFields(shell, word)) fields.push(text);
    if (fields.length > MAX_FIELDS) yield* shell.fail("Argument list too long", 126);
  }
  return fields;
}

function* expandFields(shell: Shell, word: Word): Sys<readonly string[]> {
  if (word.parts === undefined) {
    return word.text.startsWith("~") ? [expandTilde(shell, word.text)] : [word.value];
  }
  if (shell.dialect === "bash" && word.parts.some((part) => part.type === "BraceExpansion")) {
    const alternatives = braceAlternatives(word.text);
    if (alternatives.length > 1) {
      const fields: string[] = [];
      for (const text of alternatives) {
        const alternative = parseWord(text);
        if (alternative === undefined) fields.push(text);
        else if (alternative.parts?.some((part) => part.type === "BraceExpansion") === true) fields.push(alternative.value);
        else fields.push(...(yield* expandFields(shell, alternative)));
      }
      return fields;
    }
  }
  const sink = new FieldSink(shell.get("IFS") ?? " \t\n");
  yield* expandParts(shell, word.parts, sink, false, false);
  if (sink.overflow) yield* outOfMemory(shell);
  const results: string[] = [];
  for (const field of sink.finish()) {
    if (shell.options.noglob || !field.glob || !hasPattern(field.pattern)) results.push(field.text);
    else {
      const matches = expandGlob(shell, field.pattern);
      if (matches.length === 0) results.push(field.text);
      else results.push(...matches);
    }
  }
  return results;
}

/** One text: no splitting, no file names. For assignments, here-documents, `case`. */
export function* expandText(shell: Shell, word: Word): Sys<string> {
  if (word.parts === undefined) return word.text.startsWith("~") ? expandTilde(shell, word.text) : word.value;
  return yield* expandPartsToText(shell, word.parts, false);
}

export function* expandPartsToText(shell: Shell, parts: readonly WordPart[], quoted: boolean): Sys<string> {
  const sink = new TextSink(shell.get("IFS") ?? " \t\n", (text) => text);
  yield* expandParts(shell, parts, sink, quoted, false);
  if (sink.overflow) yield* outOfMemory(shell);
  return sink.text;
}

/** A real shell would go on until its container is killed. */
function* outOfMemory(shell: Shell): Sys<never> {
  shell.command = undefined;
  return yield* shell.fail(shell.dialect === "bash" ? "xrealloc: cannot allocate memory" : "out of memory", 2);
}

/** A pattern: what was quoted is escaped. */
export function* expandPattern(shell: Shell, word: Word): Sys<string> {
  if (word.parts === undefined) return word.value === word.text ? word.text : escapePattern(word.value);
  const sink = new TextSink(shell.get("IFS") ?? " \t\n", escapePattern);
  yield* expandParts(shell, word.parts, sink, false, false);
  return sink.text;
}

/** The right side of `=~`: what was quoted matches itself. */
export function* expandRegex(shell: Shell, word: Word): Sys<string> {
  if (word.parts === undefined) return word.text;
  const sink = new TextSink(" ", (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), false);
  yield* expandParts(shell, word.parts, sink, false, false);
  return sink.text;
}

function expandTilde(shell: Shell, text: string): string {
  const slash = text.indexOf("/");
  const user = slash < 0 ? text.slice(1) : text.slice(1, slash);
  const rest = slash < 0 ? "" : text.slice(slash);
  if (user === "") return (shell.get("HOME") ?? "/") + rest;
  if (user === "+") return (shell.get("PWD") ?? shell.process.cwd) + rest;
  if (user === "root") return `/root${rest}`;
  return text;
}

/** `splitLiterals`: the word of ${x:-word} is split like an expansion. */
function* expandParts(shell: Shell, parts: readonly WordPart[], sink: Sink, quoted: boolean, splitLiterals: boolean): Sys<void> {
  for (const [index, part] of parts.entries()) {
    switch (part.type) {
      case "Literal": {
        const text = index === 0 && !quoted && part.text.startsWith("~") ? expandTilde(shell, part.value) : part.value;
        const escaped = part.value !== part.text && !quoted;
        if (splitLiterals && !quoted && !escaped) sink.expanded(text, false);
        else sink.literal(text, quoted || escaped);
        break;
      }
      case "SingleQuoted":
        sink.literal(part.value, true);
        break;
      case "AnsiCQuoted":
        sink.literal(shell.dialect === "dash" ? `$${part.text.slice(2, -1)}` : part.value, true);
        break;
      case "DoubleQuoted":
      case "LocaleString":
        if (part.parts.length === 0) sink.literal("", true);
        yield* expandParts(shell, part.parts, sink, true, false);
        break;
      case "SimpleExpansion":
        yield* expandSimple(shell, part.text.slice(1), sink, quoted);
        break;
      case "ParameterExpansion":
        yield* expandParameter(shell, part, sink, quoted);
        break;
      case "CommandExpansion":
        sink.expanded(yield* substituteCommand(shell, part), quoted);
        break;
      case "ArithmeticExpansion":
        sink.expanded(String(yield* evaluateArithmetic(shell, part.expression, part.text.slice(3, -2))), quoted);
        break;
      case "ProcessSubstitution":
        assert(runner !== undefined, "the shell's runner was installed");
        sink.literal(yield* runner.process(shell, part), true);
        break;
      case "Glob":
      case "BraceExpansion":
      case "ExtendedGlob":
        sink.literal("value" in part ? part.text : part.text, quoted);
        break;
    }
  }
}

function* expandSimple(shell: Shell, name: string, sink: Sink, quoted: boolean): Sys<void> {
  const parameter = lookupParameter(shell, name, undefined);
  if (parameter.list !== undefined) {
    sink.list(parameter.list, quoted, parameter.star);
    return;
  }
  if (parameter.value === undefined && shell.options.nounset && specialOrName(name)) yield* unset(shell, name);
  sink.expanded(parameter.value ?? "", quoted);
}

function* unset(shell: Shell, name: string): Sys<void> {
  shell.command = undefined;
  yield* shell.fail(shell.dialect === "bash" ? `${name}: unbound variable` : `${name}: parameter not set`, shell.dialect === "bash" ? (shell.options.interactive || shell.options.errexit ? 1 : 127) : 2);
}

function* expandParameter(shell: Shell, part: ParameterExpansionPart, sink: Sink, quoted: boolean): Sys<void> {
  const { operation, prefix } = part;
  if (shell.dialect !== "bash" && (part.index !== undefined || prefix === "!")) yield* badSubstitution(shell, part);
  if (operation?.type === "Names") {
    sink.list(shell.vars.names().filter((name) => name.startsWith(part.parameter)), quoted, operation.operator === "*");
    return;
  }
  const index = part.index === undefined ? undefined : yield* indexOf(shell, part.parameter, part.index);
  let parameter = lookupParameter(shell, part.parameter, index);
  if (prefix === "#") {
    sink.expanded(String(parameter.list === undefined ? [...(parameter.value ?? "")].length : parameter.list.length), quoted);
    return;
  }
  if (prefix === "!") {
    const variable = shell.vars.get(part.parameter);
    if (index === "@" || index === "*") {
      sink.list([...(variable?.assoc?.keys() ?? variable?.array?.keys() ?? (variable?.value === undefined ? [] : [0]))].map(String), quoted, index === "*");
      return;
    }
    const match = /^([A-Za-z_]\w*|\d+|[@*#?$!-])(?:\[(.+)\])?$/.exec(parameter.value ?? "");
    if (match === null) yield* shell.fail(`${parameter.value ?? part.parameter}: invalid indirect expansion`, 1);
    parameter = lookupParameter(shell, match?.[1] ?? "", match?.[2]);
  }
  if (operation === undefined) {
    if (parameter.list !== undefined) sink.list(parameter.list, quoted, parameter.star);
    else {
      if (parameter.value === undefined && shell.options.nounset) yield* unset(shell, part.parameter);
      sink.expanded(parameter.value ?? "", quoted);
    }
    return;
  }
  if (operation.type === "Default") {
    yield* expandDefault(shell, part, parameter, index, sink, quoted);
    return;
  }
  if (operation.type === "Unknown") {
    yield* badSubstitution(shell, part);
    return;
  }
  const change = yield* changeOf(shell, part, parameter);
  if (parameter.list !== undefined) sink.list(typeof change === "function" ? parameter.list.map(change) : change, quoted, parameter.star);
  else sink.expanded(typeof change === "function" ? change(parameter.value ?? "") : change.join(" "), quoted);
}

function* badSubstitution(shell: Shell, part: ParameterExpansionPart): Sys<never> {
  shell.command = undefined;
  return yield* shell.fail(shell.dialect === "bash" ? `${part.text}: bad substitution` : shell.dialect === "dash" ? "Bad substitution" : "syntax error: bad substitution");
}

function* indexOf(shell: Shell, name: string, word: Word): Sys<string | number> {
  const text = yield* expandText(shell, word);
  if (text === "@" || text === "*") return text;
  if (shell.vars.get(name)?.assoc !== undefined) return text;
  return Number(yield* evaluateArithmeticText(shell, text));
}

function* expandDefault(shell: Shell, part: ParameterExpansionPart, parameter: Parameter, index: string | number | undefined, sink: Sink, quoted: boolean): Sys<void> {
  const { operation } = part;
  if (operation?.type !== "Default") return;
  const { operator, operand } = operation;
  const isSet = parameter.list === undefined ? parameter.value !== undefined : parameter.list.length > 0;
  const isEmpty = parameter.list === undefined ? (parameter.value ?? "") === "" : parameter.list.join("") === "";
  const missing = operator.startsWith(":") ? !isSet || isEmpty : !isSet;
  const useOperand = operator.endsWith("+") ? !missing : missing;
  if (!useOperand) {
    if (operator.endsWith("+")) sink.expanded("", quoted);
    else if (parameter.list !== undefined) sink.list(parameter.list, quoted, parameter.star);
    else sink.expanded(parameter.value ?? "", quoted);
    return;
  }
  if (operator.endsWith("?")) {
    const text = yield* expandText(shell, operand);
    shell.command = undefined;
    const fallback = shell.dialect === "bash" ? (operator.startsWith(":") ? "parameter null or not set" : "parameter not set") : operator.startsWith(":") ? "parameter not set or null" : "parameter not set";
    yield* shell.fail(`${part.parameter}: ${text === "" ? fallback : text}`, shell.dialect === "bash" ? (shell.options.interactive ? 1 : 127) : 2);
  }
  if (operator.endsWith("=")) {
    const text = yield* expandText(shell, operand);
    if (shell.vars.isReadOnly(part.parameter)) yield* shell.fail(`${part.parameter}: ${shell.dialect === "bash" ? "readonly variable" : "is read only"}`);
    if (index === undefined) shell.set(part.parameter, text);
    else shell.vars.setElement(part.parameter, index, text);
    sink.expanded(text, quoted);
    return;
  }
  if (operand.parts === undefined) {
    const text = operand.text.startsWith("~") && !quoted ? expandTilde(shell, operand.value) : operand.value;
    if (quoted) sink.literal(text, true);
    else sink.expanded(text, false);
  } else yield* expandParts(shell, operand.parts, sink, quoted, true);
}

/** What an operation does to each value; or, for slices of lists, the values that remain. */
function* changeOf(shell: Shell, part: ParameterExpansionPart, parameter: Parameter): Sys<((text: string) => string) | readonly string[]> {
  const { operation } = part;
  if (shell.dialect === "dash" && operation?.type !== "Remove") yield* badSubstitution(shell, part);
  switch (operation?.type) {
    case "Remove": {
      const pattern = yield* expandPattern(shell, operation.operand);
      return (text) => removeMatch(text, pattern, operation.operator);
    }
    case "Replace": {
      const pattern = yield* expandPattern(shell, operation.pattern);
      const replacement = yield* expandText(shell, operation.replacement);
      return (text) => replaceMatch(text, pattern, replacement, operation.operator);
    }
    case "Slice": {
      const offset = Number(yield* evaluateArithmeticText(shell, yield* expandText(shell, operation.offset)));
      const length = operation.length === undefined ? undefined : Number(yield* evaluateArithmeticText(shell, yield* expandText(shell, operation.length)));
      if (parameter.list !== undefined) return sliceList(shell, part, parameter.list, offset, length);
      const size = [...(parameter.value ?? "")].length;
      if (length !== undefined && length < 0 && size + length < (offset < 0 ? size + offset : offset)) yield* shell.fail(`${length}: substring expression < 0`, 1);
      return (text) => slice([...text], offset, length).join("");
    }
    case "CaseModification": {
      if (shell.dialect !== "bash") yield* badSubstitution(shell, part);
      const { operator } = operation;
      const convert = (char: string): string => (operator.startsWith("^") ? char.toUpperCase() : char.toLowerCase());
      return (text) => (operator.length === 2 ? convert(text) : convert(text.charAt(0)) + text.slice(1));
    }
    case "Transform": {
      const kind = operation.operand.value;
      if (kind === "Q") return quoteForReuse;
      if (kind === "U") return (text) => text.toUpperCase();
      if (kind === "L") return (text) => text.toLowerCase();
      return (text) => text;
    }
    default:
      return (text) => text;
  }
}

/** "${@:2}" counts from $0, "${a[@]:1}" from element 0. */
function sliceList(shell: Shell, part: ParameterExpansionPart, list: readonly string[], offset: number, length: number | undefined): readonly string[] {
  const values = part.parameter === "@" || part.parameter === "*" ? [shell.arg0, ...list] : elements(shell.vars.get(part.parameter));
  return slice(values, offset, length);
}

function slice<T>(values: readonly T[], offset: number, length: number | undefined): readonly T[] {
  const start = offset < 0 ? values.length + offset : offset;
  if (start < 0) return [];
  if (length === undefined) return values.slice(start);
  return length < 0 ? values.slice(start, values.length + length) : values.slice(start, start + length);
}

/** As `${x@Q}`, `set -x` and `export -p` quote: only what needs it. */
export const quoteForReuse = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Gathers one text. `escape` treats what was quoted. */
class TextSink implements Sink {
  text = "";
  overflow = false;
  private readonly ifs: string;
  private readonly escape: (text: string) => string;
  private readonly escapesBackslash: boolean;

  constructor(ifs: string, escape: (text: string) => string, escapesBackslash = true) {
    this.ifs = ifs;
    this.escape = escape;
    this.escapesBackslash = escapesBackslash;
  }

  literal(text: string, quoted: boolean): void {
    this.add(quoted ? this.escape(text) : text);
  }

  expanded(text: string, quoted: boolean): void {
    this.add(quoted ? this.escape(text) : this.escape === escapePattern && this.escapesBackslash ? text.replaceAll("\\", "\\\\") : text);
  }

  private add(text: string): void {
    if (this.text.length + text.length > MAX_TEXT) this.overflow = true;
    else this.text += text;
  }

  list(values: readonly string[], quoted: boolean, star: boolean): void {
    this.expanded(values.join(star ? this.ifs.charAt(0) : " "), quoted);
  }
}

interface Field {
  text: string;
  pattern: string;
  /** Something unquoted could be a pattern. */
  glob: boolean;
}

/** Source: POSIX.1-2017, Shell Command Language, 2.6.5 Field Splitting. */
class FieldSink implements Sink {
  overflow = false;
  private readonly fields: Field[] = [];
  private size = 0;
  private current: Field | undefined;
  private readonly ifs: string;
  private readonly ifsSpace: string;

  constructor(ifs: string) {
    this.ifs = ifs;
    this.ifsSpace = [...ifs].filter((char) => char === " " || char === "\t" || char === "\n").join("");
  }

  literal(text: string, quoted: boolean): void {
    if (this.isTooMuch(text)) return;
    const field = this.open();
    field.text += text;
    if (quoted) field.pattern += escapePattern(text);
    else {
      field.pattern += text;
      field.glob ||= /[*?[]/.test(text);
    }
  }

  expanded(text: string, quoted: boolean): void {
    if (quoted) {
      this.literal(text, true);
      return;
    }
    if (this.isTooMuch(text)) return;
    let start = 0;
    for (let i = 0; i <= text.length; i++) {
      const char = text.charAt(i);
      if (i < text.length && !this.ifs.includes(char)) continue;
      if (i > start) this.addExpanded(text.slice(start, i));
      if (i === text.length) return;
      if (this.ifsSpace.includes(char)) {
        // A run of blanks with at most one other separator in it is one end of a field.
        let end = i;
        while (end + 1 < text.length && this.ifsSpace.includes(text.charAt(end + 1))) end += 1;
        const next = text.charAt(end + 1);
        if (this.current !== undefined && next !== "" && this.ifs.includes(next)) {
          this.close();
          end += 1;
          while (end + 1 < text.length && this.ifsSpace.includes(text.charAt(end + 1))) end += 1;
        } else if (this.current !== undefined) this.close();
        i = end;
      } else {
        this.open();
        this.close();
        while (i + 1 < text.length && this.ifsSpace.includes(text.charAt(i + 1))) i += 1;
      }
      start = i + 1;
    }
  }

  list(values: readonly string[], quoted: boolean, star: boolean): void {
    if (quoted && star) {
      this.literal(values.join(this.ifs.charAt(0)), true);
      return;
    }
    for (const [index, value] of values.entries()) {
      if (index > 0) this.close();
      this.expanded(value, quoted);
    }
  }

  finish(): readonly Field[] {
    this.close();
    return this.fields;
  }

  private isTooMuch(text: string): boolean {
    this.size += text.length;
    this.overflow ||= this.size > MAX_TEXT;
    return this.overflow;
  }

  private addExpanded(text: string): void {
    const field = this.open();
    field.text += text;
    field.pattern += text.replaceAll("\\", "\\\\");
    field.glob ||= /[*?[]/.test(text);
  }

  private open(): Field {
    return (this.current ??= { text: "", pattern: "", glob: false });
  }

  private close(): void {
    if (this.current !== undefined) this.fields.push(this.current);
    this.current = undefined;
  }
}

