/** One token of an awk program. `space`: blanks stood before it (a call's "(" must not have any). */
export interface Token {
  readonly type: "number" | "string" | "regex" | "name" | "call" | "keyword" | "operator" | "newline" | "end";
  readonly text: string;
}

const KEYWORDS = new Set(["BEGIN", "END", "function", "func", "if", "else", "while", "for", "do", "break", "continue", "next", "exit", "return", "delete", "in", "getline", "print", "printf"]);
const OPERATORS = ["&&", "||", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", "**", "==", "<=", ">=", "!=", ">>", "!~", "{", "}", "(", ")", "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "!", ">", "<", "|", "?", ":", "~", "$", "="];

/** Tokens of a program; a text when it has none. Source: POSIX.1-2017, awk, lexical conventions. */
export function tokenize(source: string): readonly Token[] | string {
  const tokens: Token[] = [];
  let at = 0;
  const regexAllowed = (): boolean => {
    const last = tokens.at(-1);
    if (last === undefined || last.type === "newline") return true;
    if (last.type === "operator") return last.text !== ")" && last.text !== "]" && last.text !== "++" && last.text !== "--" && last.text !== "$";
    return last.type === "keyword";
  };
  while (at < source.length) {
    const rest = source.slice(at);
    const skip = /^(?:[ \t\r]|\\\n)+|^#[^\n]*/.exec(rest);
    if (skip !== null) {
      at += skip[0].length;
      continue;
    }
    const char = rest.charAt(0);
    if (char === "\n") {
      tokens.push({ type: "newline", text: "\n" });
      at += 1;
      continue;
    }
    const number = /^(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/.exec(rest);
    const name = /^[A-Za-z_]\w*/.exec(rest);
    if (number !== null) {
      tokens.push({ type: "number", text: number[0] });
      at += number[0].length;
    } else if (name !== null) {
      tokens.push({ type: KEYWORDS.has(name[0]) ? "keyword" : rest.charAt(name[0].length) === "(" ? "call" : "name", text: name[0] === "func" ? "function" : name[0] });
      at += name[0].length;
    } else if (char === '"') {
      const string = /^"((?:[^"\\\n]|\\[\s\S])*)"/.exec(rest);
      if (string === null) return "unterminated string";
      tokens.push({ type: "string", text: unescape(string[1] ?? "") });
      at += string[0].length;
    } else if (char === "/" && regexAllowed()) {
      const regex = /^\/((?:[^/\\\n[]|\\.|\[\^?\]?(?:[^\]\\\n]|\\.)*\])*)\//.exec(rest);
      if (regex === null) return "unterminated regexp";
      tokens.push({ type: "regex", text: (regex[1] ?? "").replaceAll("\\/", "/") });
      at += regex[0].length;
    } else {
      const operator = OPERATORS.find((text) => rest.startsWith(text));
      if (operator === undefined) return `syntax error at '${char}'`;
      tokens.push({ type: "operator", text: operator === "**" ? "^" : operator });
      at += operator.length;
    }
  }
  tokens.push({ type: "newline", text: "\n" }, { type: "end", text: "" });
  return tokens;
}

/** Escapes of string literals and of -v values. */
export function unescape(text: string): string {
  const simple: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\", '"': '"', "/": "/", a: "\x07", b: "\b", f: "\f", v: "\v" };
  return text.replace(/\\([0-7]{1,3}|[\s\S])/g, (whole, escape: string) => simple[escape] ?? (/^[0-7]/.test(escape) ? String.fromCharCode(Number.parseInt(escape, 8)) : whole));
}
