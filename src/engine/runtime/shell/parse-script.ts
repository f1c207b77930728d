import { parse, type ParsedScript, type ParseError, type SyntaxNode, type Word, forEachChild } from "unbash";
import type { Dialect } from "./dialect.ts";

/** A script that can be run. `source` is what the positions in it refer to. */
export interface ShellScript {
  readonly ast: ParsedScript;
  readonly source: string;
}

export type ParsedShell = { readonly ok: true; readonly script: ShellScript } | { readonly ok: false; readonly problem: SyntaxProblem };

export interface SyntaxProblem {
  /** 1-based. */
  readonly line: number;
  /** The text after the shell's own prefix; bash prints several lines. */
  readonly lines: readonly string[];
}

const MAX_SCRIPT = 1 << 20;
const CACHE_SIZE = 256;
const cache = new Map<string, ParsedShell>();

/**
 * Parses a script in one dialect. Probes run the same few scripts again and again, so the latest results are kept.
 * Differs: dash and ash run the lines before a syntax error; here the whole script is refused.
 */
export function parseScript(source: string, dialect: Dialect): ParsedShell {
  const key = `${dialect}\0${source}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const parsed = parseNow(source, dialect);
  if (cache.size >= CACHE_SIZE) for (const oldest of cache.keys()) { cache.delete(oldest); break; }
  cache.set(key, parsed);
  return parsed;
}

function parseNow(source: string, dialect: Dialect): ParsedShell {
  if (source.length > MAX_SCRIPT) return { ok: false, problem: { line: 1, lines: ["out of memory"] } };
  const ast = parse(source);
  const errors = collectErrors(ast);
  const foreign = dialect === "bash" ? undefined : findForeign(ast, source, dialect);
  const first = errors[0];
  if (first !== undefined && (foreign === undefined || first.pos < foreign.pos)) return { ok: false, problem: describe(source, first, errors, dialect) };
  if (foreign !== undefined) return { ok: false, problem: unexpectedToken(source, foreign.pos, foreign.token, undefined, dialect) };
  return { ok: true, script: { ast, source } };
}

function collectErrors(ast: ParsedScript): readonly ParseError[] {
  const errors: ParseError[] = [...(ast.errors ?? [])];
  const visit = (node: SyntaxNode): void => {
    if (node.type === "Script" && node.errors !== undefined && node !== ast) errors.push(...node.errors);
    forEachChild(node, visit);
  };
  visit(ast);
  return errors;
}

interface Foreign {
  readonly pos: number;
  /** What the shell did not expect there. */
  readonly token: string;
}

/** The first thing that only bash understands: POSIX shells call it a syntax error. */
function findForeign(ast: ParsedScript, source: string, dialect: Dialect): Foreign | undefined {
  let found: Foreign | undefined;
  const visit = (node: SyntaxNode): void => {
    if (found !== undefined) return;
    if (node.type === "ArrayValue" || node.type === "ProcessSubstitution") found = { pos: node.pos, token: "(" };
    else if (node.type === "TestBinary" && node.operator === "=~" && node.right.text.includes("(")) found = { pos: node.right.pos, token: "(" };
    else if (node.type === "HereString") found = { pos: node.pos, token: "redirection" };
    else if (node.type === "Function" && dialect === "dash" && source.startsWith("function", node.pos)) found = { pos: node.end, token: "}" };
    else forEachChild(node, visit);
  };
  visit(ast);
  return found;
}

/** What upstream says for each kind of trouble. Source: dash src/parser.c synerror and synexpect; busybox shell/ash.c; bash parse.y. */
function describe(source: string, first: ParseError, errors: readonly ParseError[], dialect: Dialect): SyntaxProblem {
  const { message, pos } = first;
  const line = lineOf(source, pos);
  if (message.startsWith("unterminated")) return unterminated(message, line, dialect);
  if (message.startsWith("maximum")) return { line, lines: [dialect === "bash" ? "syntax error: maximum nesting depth exceeded" : "out of memory"] };
  const token = /^unexpected token '(.*)'$/s.exec(message)?.[1] ?? tokenAt(source, pos);
  const wanted = errors.map((e) => /^expected '([^']+)' to close/.exec(e.message)?.[1] ?? (e.message.includes("brace group") ? "}" : e.message.includes("subshell") ? ")" : undefined)).find((w) => w !== undefined);
  const keyword = /^expected '(then|do|in)'/.exec(message)?.[1] ?? (message.startsWith("expected 'esac'") ? ";;" : wanted);
  return unexpectedToken(source, pos, token === "newline" && pos >= source.trimEnd().length ? undefined : token, message.startsWith("unexpected token") ? undefined : keyword, dialect);
}

function unterminated(message: string, line: number, dialect: Dialect): SyntaxProblem {
  const upper = (text: string): string => (dialect === "dash" ? text.charAt(0).toUpperCase() + text.slice(1) : text);
  const quote = /single/.test(message) ? "'" : /backtick/.test(message) ? "`" : /double|ANSI/.test(message) ? '"' : /parameter/.test(message) ? "}" : ")";
  if (dialect === "bash") return { line, lines: [`unexpected EOF while looking for matching \`${quote}'`] };
  const head = dialect === "dash" ? "Syntax error: " : "syntax error: ";
  if (quote === "`") return { line, lines: [`${head}EOF in backquote substitution`] };
  if (quote === "}") return { line, lines: [`${head}${upper("missing '}'")}`] };
  if (/arithmetic/.test(message)) return { line, lines: [`${head}${upper("missing '))'")}`] };
  if (quote === ")") return unexpectedToken("", 0, undefined, ")", dialect, line);
  return { line, lines: [`${head}${upper("unterminated quoted string")}`] };
}

/** `token` undefined is the end of the file. */
function unexpectedToken(source: string, pos: number, token: string | undefined, wanted: string | undefined, dialect: Dialect, line = lineOf(source, pos)): SyntaxProblem {
  const expecting = wanted === undefined ? "" : ` (expecting "${wanted}")`;
  if (dialect === "dash") return { line, lines: [token === undefined ? `Syntax error: end of file unexpected${expecting}` : `Syntax error: ${token === "newline" || token === "redirection" ? token : `"${token}"`} unexpected${expecting}`] };
  if (dialect === "ash") return { line, lines: [token === undefined ? `syntax error: unexpected end of file${expecting}` : `syntax error: unexpected ${token === "newline" || token === "redirection" ? token : `"${token}"`}${expecting}`] };
  if (token === undefined) return { line: line + (source.endsWith("\n") ? 0 : 1), lines: ["syntax error: unexpected end of file"] };
  const text = source.split("\n")[line - 1] ?? "";
  return { line, lines: [`syntax error near unexpected token \`${token}'`, `\`${text}'`] };
}

function tokenAt(source: string, pos: number): string {
  const before = source.slice(0, pos);
  const rest = source.slice(pos).replace(/^[ \t]+/, "");
  if (rest.trim() === "") {
    // The parser points behind the word that it could not use.
    const word = /[^\s;&|()]+$/.exec(before.trimEnd())?.[0];
    return word !== undefined && /^(then|else|elif|fi|do|done|esac|in)$/.test(word) && rest === "" && pos === source.length && before.trimEnd() === before && !/^(then|else|elif|do|in)$/.test(word) ? word : "newline";
  }
  if (rest.startsWith("\n")) return "newline";
  return /^(;;|&&|\|\||[;&|()<>]|[^\s;&|()<>]+)/.exec(rest)?.[1] ?? "newline";
}

/** 1-based line of a position. */
export function lineOf(source: string, pos: number): number {
  let line = 1;
  for (let at = source.indexOf("\n"); at >= 0 && at < pos; at = source.indexOf("\n", at + 1)) line += 1;
  return line;
}

/** One word of a command line, for text made at run time (brace expansion). */
export function parseWord(text: string): Word | undefined {
  const command = parse(`: ${text}`).commands[0]?.command;
  if (command?.type !== "Command") return undefined;
  const word = command.suffix[0];
  return word?.type === "Word" ? word : undefined;
}
