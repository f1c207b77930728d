import { err, ok, type Result } from "../kernel/result.ts";

/** A parsed document and what JavaScript's own parser would not tell. */
export interface GoJson {
  readonly value: unknown;
  /** Paths of keys that were given twice, in the document's order: "spec.containers[0].image". The last value counts. */
  readonly duplicates: readonly string[];
  /** Path of every key in the document's order; only kept when there are duplicates. */
  readonly order: readonly string[];
}

const MAX_DEPTH = 10_000; // Source: Go's encoding/json/scanner.go, maxNestingDepth

class SyntaxFault extends Error {}

/** Parses JSON and words its errors as Go's encoding/json does. Source: Go's encoding/json/scanner.go. */
export function parseGoJson(text: string): Result<GoJson, string> {
  try {
    return ok(new Parser(text).document());
  } catch (fault) {
    if (fault instanceof SyntaxFault) return err(fault.message);
    throw fault;
  }
}

/** Go's quoting of one character in an error. */
function quoteChar(char: string): string {
  if (char === "'") return "'\\''";
  if (char === '"') return "'\"'";
  const code = char.codePointAt(0) ?? 0;
  const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\v": "\\v", "\u0007": "\\a" };
  const named = escapes[char];
  if (named !== undefined) return `'${named}'`;
  if (code < 0x20 || code === 0x7f) return `'\\x${code.toString(16).padStart(2, "0")}'`;
  return code >= 0x80 && code < 0xa0 ? `'\\u${code.toString(16).padStart(4, "0")}'` : `'${char}'`;
}

class Parser {
  private at = 0;
  private depth = 0;
  private readonly path: (string | number)[] = [];
  private readonly duplicates: string[] = [];

  constructor(private readonly text: string) {}

  document(): GoJson {
    const value = this.value();
    this.space();
    if (this.at < this.text.length) this.fail("after top-level value");
    return { value, duplicates: this.duplicates, order: this.duplicates.length === 0 ? [] : keyOrder(value) };
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
      this.at += 1;
    }
  }

  private fail(context: string): never {
    const code = this.text.codePointAt(this.at);
    if (code === undefined) throw new SyntaxFault("unexpected end of JSON input");
    throw new SyntaxFault(`invalid character ${quoteChar(String.fromCodePoint(code))} ${context}`);
  }

  private value(): unknown {
    this.space();
    switch (this.text[this.at]) {
      case "{": return this.object();
      case "[": return this.array();
      case '"': return this.string();
      case "t": return this.literal("true", true);
      case "f": return this.literal("false", false);
      case "n": return this.literal("null", null);
      default: return this.number();
    }
  }

  private enter(): void {
    this.depth += 1;
    this.at += 1;
    if (this.depth > MAX_DEPTH) throw new SyntaxFault("exceeded max depth");
  }

  private object(): unknown {
    this.enter();
    const entries = new Map<string, unknown>();
    this.space();
    if (this.text[this.at] === "}") return this.leave(entries);
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') this.fail("looking for beginning of object key string");
      const key = this.string();
      this.space();
      if (this.text[this.at] !== ":") this.fail("after object key");
      this.at += 1;
      this.path.push(key);
      if (entries.has(key)) this.duplicates.push(pathText(this.path));
      entries.set(key, this.value());
      this.path.pop();
      this.space();
      const next = this.text[this.at];
      if (next === "}") return this.leave(entries);
      if (next !== ",") this.fail("after object key:value pair");
      this.at += 1;
    }
  }

  private leave(entries: Map<string, unknown>): unknown {
    this.at += 1;
    this.depth -= 1;
    return Object.fromEntries(entries); // defines "__proto__" like any other key
  }

  private array(): unknown {
    this.enter();
    const items: unknown[] = [];
    this.space();
    if (this.text[this.at] !== "]") {
      for (;;) {
        this.path.push(items.length);
        items.push(this.value());
        this.path.pop();
        this.space();
        const next = this.text[this.at];
        if (next === "]") break;
        if (next !== ",") this.fail("after array element");
        this.at += 1;
      }
    }
    this.at += 1;
    this.depth -= 1;
    return items;
  }

  private string(): string {
    const start = this.at;
    for (this.at += 1; ; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code === 34) break;
      if (code === 92) this.escape();
      else if (Number.isNaN(code) || code < 32) this.fail("in string literal");
    }
    this.at += 1;
    return JSON.parse(this.text.slice(start, this.at)) as string;
  }

  private escape(): void {
    this.at += 1;
    const char = this.text[this.at];
    if (char !== "u") {
      if (char === undefined || !'"\\/bfnrt'.includes(char)) this.fail("in string escape code");
      return;
    }
    for (let digit = 0; digit < 4; digit++) {
      this.at += 1;
      if (!/^[0-9a-fA-F]$/.test(this.text[this.at] ?? "")) this.fail("in \\u hexadecimal character escape");
    }
  }

  private literal<T>(word: string, value: T): T {
    for (let i = 1; i < word.length; i++) {
      this.at += 1;
      if (this.text[this.at] !== word[i]) this.fail(`in literal ${word} (expecting ${quoteChar(word[i] as string)})`);
    }
    this.at += 1;
    return value;
  }

  private number(): number {
    const start = this.at;
    const digit = (): boolean => { const c = this.text.charCodeAt(this.at); return c >= 48 && c <= 57; };
    if (this.text[this.at] === "-") {
      this.at += 1;
      if (!digit()) this.fail("in numeric literal");
    } else if (!digit()) this.fail("looking for beginning of value");
    if (this.text[this.at] === "0") this.at += 1;
    else while (digit()) this.at += 1;
    if (this.text[this.at] === ".") {
      this.at += 1;
      if (!digit()) this.fail("after decimal point in numeric literal");
      while (digit()) this.at += 1;
    }
    if (this.text[this.at] === "e" || this.text[this.at] === "E") {
      this.at += 1;
      if (this.text[this.at] === "+" || this.text[this.at] === "-") this.at += 1;
      if (!digit()) this.fail("in exponent of numeric literal");
      while (digit()) this.at += 1;
    }
    return Number(this.text.slice(start, this.at));
  }
}

function pathText(path: readonly (string | number)[]): string {
  let text = "";
  for (const step of path) text += typeof step === "number" ? `[${step}]` : text === "" ? step : `.${step}`;
  return text;
}

/** Paths of all keys. A key given twice stands where it was given first. */
function keyOrder(value: unknown): string[] {
  const order: string[] = [];
  const path: (string | number)[] = [];
  const walk = (node: unknown): void => {
    if (node === null || typeof node !== "object") return;
    const entries: [string | number, unknown][] = Array.isArray(node) ? [...node.entries()] : Object.entries(node);
    for (const [key, child] of entries) {
      path.push(key);
      if (typeof key === "string") order.push(pathText(path));
      walk(child);
      path.pop();
    }
  };
  walk(value);
  return order;
}
