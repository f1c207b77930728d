import { isMap, isSeq, isScalar, LineCounter, parseDocument, type Document, type YAMLError } from "yaml";

/** The API server's own limit on a request body. Source: apiserver/pkg/server/config.go, MaxRequestBodyBytes. */
export const MAX_MANIFEST_BYTES = 3 * 1024 * 1024;
const MAX_ALIASES = 1_000;

/** A place in the file: 1-based, end column exclusive. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

/** One YAML document of a file, readable as an object. */
export interface ManifestDocument {
  readonly value: Readonly<Record<string, unknown>>;
  /** Where the document begins in the file, 1-based. */
  readonly line: number;
  /** Where a field ("spec.containers[0].image") or, failing that, its nearest parent stands. */
  positionOf(field: string): Position;
}

/** What is wrong with a document before it is sent; `message` as kubectl words it, without "error: ". */
export interface ManifestProblem {
  readonly message: string;
  readonly position: Position;
}

export type ParsedDocument = { readonly ok: true; readonly document: ManifestDocument } | { readonly ok: false; readonly problem: ManifestProblem };

/**
 * Splits a file at `---` lines and reads each document by itself, so that a broken one does not hide its neighbours.
 * Source: apimachinery/pkg/util/yaml/decoder.go, YAMLOrJSONDecoder; go-yaml v2 scannerc.go and parserc.go for the words; recorded from kubectl 1.33.
 */
export function parseManifest(text: string, fileName: string, validate = true): readonly ParsedDocument[] {
  const size = new TextEncoder().encode(text).length;
  if (size > MAX_MANIFEST_BYTES) return [problem(`Request entity too large: limit is ${MAX_MANIFEST_BYTES}`, 1)];
  return splitDocuments(text).flatMap(({ source, line }) => {
    const parsed = /^\s*\{/.test(source) ? parseJson(source, line, fileName, validate) : parseYaml(source, line, fileName, validate);
    return parsed === undefined ? [] : [parsed];
  });
}

function splitDocuments(text: string): { source: string; line: number }[] {
  const parts: { lines: string[]; line: number }[] = [{ lines: [], line: 1 }];
  text.replace(/^\uFEFF/, "").split("\n").forEach((line, i) => {
    if (!/^---(?:\s.*)?\r?$/.test(line)) return void parts.at(-1)?.lines.push(line);
    const rest = line.slice(3).trim();
    parts.push(rest === "" || rest.startsWith("#") ? { lines: [], line: i + 2 } : { lines: [rest], line: i + 1 });
  });
  return parts.map(({ lines, line }) => ({ source: lines.join("\n"), line }));
}

function parseYaml(source: string, firstLine: number, fileName: string, validate: boolean): ParsedDocument | undefined {
  const failed = (reason: string, line = 1): ParsedDocument => problem(`error parsing ${fileName}: error converting YAML to JSON: yaml: ${reason}`, firstLine + line - 1, source.split("\n")[line - 1]);
  const control = [...source].findIndex((char) => (char < " " && !"\t\n\r".includes(char)) || char === "\u007f");
  if (control !== -1) return failed("control characters are not allowed", source.slice(0, control).split("\n").length);
  if (/^%(?!YAML|TAG)/.test(source)) return failed("found unknown directive name");
  const lines = new LineCounter();
  const document = parseDocument(source, { version: "1.1", merge: true, uniqueKeys: false, lineCounter: lines, prettyErrors: false });
  const [first] = document.errors;
  if (first !== undefined) {
    const { reason, line } = inGoWords(first, lines);
    return failed(line === undefined ? reason : `line ${line}: ${reason}`, line ?? 1);
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const anchor = /Unresolved alias[^:]*: (.*)$/.exec(message)?.[1];
    return failed(anchor === undefined ? "document contains excessive aliasing" : `unknown anchor '${anchor}' referenced`, anchor === undefined ? 1 : lineOf(source, new RegExp(`\\*${anchor.replaceAll(/[^\w]/g, "\\$&")}`)));
  }
  if (value === null || value === undefined) return undefined;
  return checked(value, fileName, firstLine, validate, (field) => positionIn(document, lines, field, firstLine));
}

/** The library's errors in go-yaml's words, with go-yaml's idea of the line. */
function inGoWords(error: YAMLError, lines: LineCounter): { reason: string; line?: number } {
  const { line } = lines.linePos(error.pos[0]);
  const { code, message } = error;
  const rules: readonly [boolean, string, number][] = [
    [code === "TAB_AS_INDENT" || code === "BAD_SCALAR_START", "found character that cannot start any token", 0],
    [code === "BLOCK_AS_IMPLICIT_KEY", "mapping values are not allowed in this context", 0],
    [message.startsWith("Flow map"), "did not find expected ',' or '}'", -1],
    [message.startsWith("Flow sequence"), "did not find expected ',' or ']'", -1],
    [code === "MULTILINE_IMPLICIT_KEY" || message.startsWith("Implicit map keys"), "could not find expected ':'", 1],
    [message.startsWith("Missing closing"), "found unexpected end of stream", 0],
    [message.includes("block-seq-ind"), "block sequence entries are not allowed in this context", 0],
    [code === "BAD_ALIAS", "did not find expected alphabetic or numeric character", 0],
    [code === "BAD_DQ_ESCAPE", "found unknown escape character", 0],
  ];
  const rule = rules.find(([applies]) => applies) ?? [true, "did not find expected key", -1];
  return { reason: rule[1], line: Math.max(1, line + rule[2]) };
}

/** Source: encoding/json scanner.go, as kubectl's decoder reports it. */
function parseJson(source: string, firstLine: number, fileName: string, validate: boolean): ParsedDocument | undefined {
  try {
    return checked(JSON.parse(source), fileName, firstLine, validate, (field) => {
      const lines = new LineCounter();
      return positionIn(parseDocument(source, { lineCounter: lines }), lines, field, firstLine);
    });
  } catch (error) {
    const at = Number(/position (\d+)/.exec(error instanceof Error ? error.message : "")?.[1] ?? Number.NaN);
    if (Number.isNaN(at) || at >= source.trimEnd().length) return problem(`error parsing ${fileName}: unexpected EOF`, firstLine + source.trimEnd().split("\n").length - 1);
    const before = source.slice(0, at).trimEnd().at(-1);
    const looking = before === "," || before === "{" ? "looking for beginning of object key string" : before === ":" || before === "[" ? "looking for beginning of value" : "after object key:value pair";
    return problem(`error parsing ${fileName}: json: offset ${at + 1}: invalid character '${source[at]}' ${looking}`, firstLine + source.slice(0, at).split("\n").length - 1);
  }
}

/** What the decoder demands of a document before it looks at its kind. Source: apimachinery/pkg/apis/meta/v1/unstructured/helpers.go, unstructuredJSONScheme. */
function checked(value: unknown, fileName: string, firstLine: number, validate: boolean, positionOf: (field: string) => Position): ParsedDocument {
  const failed = (message: string): ParsedDocument => ({ ok: false, problem: { message: `unable to decode ${JSON.stringify(fileName)}: ${message}`, position: positionOf("") } });
  if (Array.isArray(value)) return failed("json: cannot unmarshal array into Go value of type unstructured.detector");
  if (value === null || typeof value !== "object") return failed(`json: cannot unmarshal ${typeof value === "boolean" ? "bool" : typeof value} into Go value of type unstructured.detector`);
  const object = value as Readonly<Record<string, unknown>>;
  const unset = ["apiVersion", "kind"].filter((field) => typeof object[field] !== "string" || object[field] === "").map((field) => `${field} not set`);
  if (validate && unset.length > 0) {
    const list = unset.length === 1 ? unset[0] : `[${unset.join(", ")}]`;
    return { ok: false, problem: { message: `error validating ${JSON.stringify(fileName)}: error validating data: ${list}; if you choose to ignore these errors, turn validation off with --validate=false`, position: positionOf("") } };
  }
  if (typeof object["kind"] !== "string" || object["kind"] === "") return failed(`Object 'Kind' is missing in '${JSON.stringify(object)}'`);
  return { ok: true, document: { value: object, line: firstLine, positionOf } };
}

function positionIn(document: Document, lines: LineCounter, field: string, firstLine: number): Position {
  let node: unknown = document.contents;
  let range: readonly number[] | undefined;
  for (const step of fieldSteps(field)) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(step));
      if (pair === undefined) break;
      range = (pair.key as { range?: number[] }).range ?? range;
      node = pair.value;
      if (isScalar(node) && node.range !== undefined && node.range !== null) range = node.range;
    } else if (isSeq(node)) {
      const item: unknown = node.items[Number(step)];
      if (item === undefined) break;
      node = item;
      range = (item as { range?: number[] }).range ?? range;
    } else break;
  }
  const [start = 0, end = start + 1] = range ?? (document.contents as { range?: number[] } | null)?.range?.slice(0, 1) ?? [0];
  const from = lines.linePos(start);
  const to = lines.linePos(end);
  return { line: firstLine + from.line - 1, column: from.col, endColumn: to.line === from.line ? Math.max(to.col, from.col + 1) : from.col + 200 };
}

/** spec.containers[0].image and metadata.labels[a/b], as field errors write them. */
function fieldSteps(field: string): readonly (string | number)[] {
  return [...field.matchAll(/\[([^\]]*)\]|([^.[\]]+)/g)].map((match) => (match[1] !== undefined ? (/^\d+$/.test(match[1]) ? Number(match[1]) : match[1]) : (match[2] ?? "")));
}

const lineOf = (source: string, pattern: RegExp): number => source.slice(0, Math.max(0, source.search(pattern))).split("\n").length;

const problem = (message: string, line: number, text = ""): ParsedDocument => ({ ok: false, problem: { message, position: { line, column: text.length - text.trimStart().length + 1, endColumn: Math.max(text.length + 1, 2) } } });
