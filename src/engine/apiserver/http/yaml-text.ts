import { isMap, isScalar, isSeq, LineCounter, parseDocument, stringify, type YAMLError } from "yaml";
import { err, ok, type Result } from "../../kernel/result.ts";

/** A document read from YAML. `duplicates` are worded as Go's YAML library words them. */
export interface YamlDocument {
  readonly value: unknown;
  readonly duplicates: readonly string[];
}

const MAX_ALIASES = 100;

/** Go's words for what the library calls it. Source: gopkg.in/yaml.v2, scannerc.go and parserc.go. */
const WORDS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: "found character that cannot start any token",
  BAD_INDENT: "did not find expected key",
  BAD_ALIAS: "unknown anchor referenced",
  MISSING_CHAR: "could not find expected ':'",
  BLOCK_AS_IMPLICIT_KEY: "mapping values are not allowed in this context",
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  UNEXPECTED_TOKEN: "did not find expected node content",
  BAD_SCALAR_START: "found character that cannot start any token",
};

/**
 * Reads one YAML 1.1 document, as the server does for `application/yaml`. The error begins with "yaml: line N: ".
 * Source: sigs.k8s.io/yaml, yamlToJSON. Differs: rarer syntax errors keep the parser's own sentence.
 */
export function parseYaml(text: string): Result<YamlDocument, string> {
  const lines = new LineCounter();
  const document = parseDocument(text, { version: "1.1", uniqueKeys: false, lineCounter: lines, logLevel: "silent", prettyErrors: false, stringKeys: true });
  const fault = document.errors[0];
  if (fault !== undefined) return err(`yaml: line ${lineOf(fault, lines)}: ${WORDS[fault.code] ?? fault.message}`);
  const duplicates: string[] = [];
  collectDuplicates(document.contents, lines, duplicates);
  try {
    return ok({ value: document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown, duplicates });
  } catch {
    return err("yaml: document contains excessive aliasing");
  }
}

/** The library counts lines from 1 and points at the tab; Go points at the line after the last good token. */
const lineOf = (fault: YAMLError, lines: LineCounter): number => lines.linePos(fault.pos[0]).line;

function collectDuplicates(node: unknown, lines: LineCounter, found: string[]): void {
  if (isSeq(node)) for (const item of node.items) collectDuplicates(item, lines, found);
  if (!isMap(node)) return;
  const seen = new Set<string>();
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? String(key.value) : "";
    const offset = isScalar(key) ? (key.range?.[0] ?? 0) : 0;
    if (seen.has(name)) found.push(`line ${lines.linePos(offset).line}: key ${JSON.stringify(name)} already set in map`);
    seen.add(name);
    collectDuplicates(value, lines, found);
  }
}

/** An answer in YAML: keys sorted, as Go prints maps. */
export const yamlText = (value: unknown): string => stringify(value, { sortMapEntries: true, version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
