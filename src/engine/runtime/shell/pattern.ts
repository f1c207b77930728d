/**
 * Shell patterns: *, ?, [a-z], and what is quoted. Matching is linear with one way back per star, so that no pattern can make it hang.
 * Source: POSIX.1-2017, Shell Command Language, 2.13. Differs: extended patterns like @(a|b) are expanded to alternatives, not nested.
 */
export type PatternToken =
  | { readonly type: "char"; readonly char: string }
  | { readonly type: "any" }
  | { readonly type: "star" }
  | { readonly type: "set"; readonly negated: boolean; readonly test: (char: string) => boolean };

/** A text in which quoted characters were escaped with a backslash. */
export function compilePattern(pattern: string): readonly PatternToken[] {
  const tokens: PatternToken[] = [];
  const chars = [...pattern];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? "";
    if (char === "\\" && i + 1 < chars.length) tokens.push({ type: "char", char: chars[++i] ?? "" });
    else if (char === "*") { if (tokens.at(-1)?.type !== "star") tokens.push({ type: "star" }); }
    else if (char === "?") tokens.push({ type: "any" });
    else if (char === "[") {
      const set = readSet(chars, i);
      if (set === undefined) tokens.push({ type: "char", char });
      else {
        tokens.push(set.token);
        i = set.end;
      }
    } else tokens.push({ type: "char", char });
  }
  return tokens;
}

function readSet(chars: readonly string[], open: number): { token: PatternToken; end: number } | undefined {
  let i = open + 1;
  const negated = chars[i] === "!" || chars[i] === "^";
  if (negated) i += 1;
  const tests: ((char: string) => boolean)[] = [];
  for (let first = true; i < chars.length; first = false, i++) {
    let char = chars[i] ?? "";
    if (char === "]" && !first) return { token: { type: "set", negated, test: (c) => tests.some((test) => test(c)) }, end: i };
    if (char === "[" && chars[i + 1] === ":") {
      const close = chars.indexOf("]", i + 2);
      if (close > 0 && chars[close - 1] === ":") {
        const name = chars.slice(i + 2, close - 1).join("");
        tests.push(characterClass(name) ?? (() => false));
        i = close;
        continue;
      }
    }
    if (char === "\\" && i + 1 < chars.length) char = chars[++i] ?? "";
    const to = chars[i + 2];
    if (chars[i + 1] === "-" && to !== undefined && to !== "]") {
      const low = char;
      tests.push((c) => c >= low && c <= to);
      i += 2;
    } else {
      const one = char;
      tests.push((c) => c === one);
    }
  }
  return undefined;
}

/** [:alpha:] and its like, in the C locale. */
export function characterClass(name: string): ((char: string) => boolean) | undefined {
  const expression = CLASSES.get(name);
  return expression === undefined ? undefined : (char) => expression.test(char);
}

const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ["alpha", /^[A-Za-z]$/], ["digit", /^[0-9]$/], ["alnum", /^[A-Za-z0-9]$/], ["upper", /^[A-Z]$/], ["lower", /^[a-z]$/],
  ["space", /^[ \t\n\r\f\v]$/], ["blank", /^[ \t]$/], ["punct", /^[!-/:-@[-`{-~]$/], ["print", /^[ -~]$/], ["graph", /^[!-~]$/],
  ["cntrl", /^[\0-\x1f\x7f]$/], ["xdigit", /^[0-9A-Fa-f]$/], // oxlint-disable-line no-control-regex
]);

/** Whether the whole text matches. */
export function matchesPattern(tokens: readonly PatternToken[], text: string): boolean {
  const chars = [...text];
  let t = 0;
  let c = 0;
  let star = -1;
  let resume = 0;
  while (c < chars.length) {
    const token = tokens[t];
    if (token?.type === "star") {
      star = t++;
      resume = c;
    } else if (token !== undefined && matchesOne(token, chars[c] ?? "")) {
      t += 1;
      c += 1;
    } else if (star >= 0) {
      t = star + 1;
      c = ++resume;
    } else return false;
  }
  while (tokens[t]?.type === "star") t += 1;
  return t === tokens.length;
}

function matchesOne(token: PatternToken, char: string): boolean {
  switch (token.type) {
    case "char":
      return token.char === char;
    case "any":
      return true;
    case "set":
      return token.test(char) !== token.negated;
    case "star":
      return false;
  }
}

/** Backslashes in front of what would be special in a pattern. */
export const escapePattern = (text: string): string => text.replace(/[\\*?[\]]/g, "\\$&");

export const hasPattern = (pattern: string): boolean => /(^|[^\\])(\\\\)*[*?[]/.test(pattern);

/** Takes the escapes out again: what a pattern is when nothing matches it. */
export const unescapePattern = (pattern: string): string => pattern.replace(/\\(.)/gs, "$1");

/** Longer texts are left as they are by patterns whose cost grows with the square of the length. */
const MAX_SCAN = 4_096;

/** ${x#pattern}, ${x##pattern}, ${x%pattern}, ${x%%pattern}. */
export function removeMatch(text: string, pattern: string, operator: "#" | "##" | "%" | "%%"): string {
  const hash = operator.startsWith("#");
  if (!hasPattern(pattern)) {
    const literal = unescapePattern(pattern);
    if (hash) return text.startsWith(literal) ? text.slice(literal.length) : text;
    return text.endsWith(literal) ? text.slice(0, text.length - literal.length) : text;
  }
  if (text.length > MAX_SCAN) return text;
  const tokens = compilePattern(pattern);
  const lengths = Array.from({ length: text.length + 1 }, (_, i) => i);
  if (operator === "##" || operator === "%%") lengths.reverse();
  for (const length of lengths) {
    const part = hash ? text.slice(0, length) : text.slice(text.length - length);
    if (matchesPattern(tokens, part)) return hash ? text.slice(length) : text.slice(0, text.length - length);
  }
  return text;
}


/** ${x/pattern/text} and its forms: the longest match at the first place. */
export function replaceMatch(text: string, pattern: string, replacement: string, operator: "/" | "//" | "/#" | "/%"): string {
  if (pattern === "") return text;
  if (!hasPattern(pattern)) return replaceLiteral(text, unescapePattern(pattern), replacement, operator);
  const tokens = compilePattern(pattern);
  if (text.length > MAX_SCAN && tokens.some((token) => token.type === "star")) return text;
  let result = "";
  let at = 0;
  while (at <= text.length) {
    const end = operator === "/%" ? (matchesPattern(tokens, text.slice(at)) ? text.length : -1) : longestEnd(tokens, text, at);
    if (end > at || (end === at && at < text.length && operator !== "//")) {
      result += replacement;
      at = end;
      if (operator !== "//") return result + text.slice(at);
    } else {
      if (operator === "/#") return text;
      result += text.charAt(at);
      at += 1;
    }
  }
  return result;
}

function longestEnd(tokens: readonly PatternToken[], text: string, from: number): number {
  if (!tokens.some((token) => token.type === "star")) {
    const end = from + tokens.length;
    return end <= text.length && matchesPattern(tokens, text.slice(from, end)) ? end : -1;
  }
  for (let end = text.length; end >= from; end--) if (matchesPattern(tokens, text.slice(from, end))) return end;
  return -1;
}

function replaceLiteral(text: string, literal: string, replacement: string, operator: "/" | "//" | "/#" | "/%"): string {
  if (operator === "//") return text.split(literal).join(replacement);
  if (operator === "/#") return text.startsWith(literal) ? replacement + text.slice(literal.length) : text;
  if (operator === "/%") return text.endsWith(literal) ? text.slice(0, text.length - literal.length) + replacement : text;
  const at = text.indexOf(literal);
  return at < 0 ? text : text.slice(0, at) + replacement + text.slice(at + literal.length);
}
