export interface Token {
  readonly type: "name" | "number" | "string" | "fstring" | "operator" | "newline" | "indent" | "dedent" | "end";
  readonly text: string;
  readonly line: number;
}

const OPERATORS = ["**=", "//=", "...", "==", "!=", "<=", ">=", "->", "+=", "-=", "*=", "/=", "%=", "**", "//", "<<", ">>", "|=", "&=", "(", ")", "[", "]", "{", "}", ":", ",", ".", ";", "@", "=", "+", "-", "*", "/", "%", "<", ">", "|", "&", "^", "~"];

/** Tokens with INDENT and DEDENT; an error is "line: message". Source: docs.python.org/3/reference/lexical_analysis.html. */
export function tokenizePython(source: string): readonly Token[] | { readonly line: number; readonly message: string } {
  const tokens: Token[] = [];
  const indents = [0];
  let at = 0;
  let line = 1;
  let depth = 0;
  let fresh = true;
  while (at < source.length) {
    if (fresh && depth === 0) {
      const blank = /^[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/.exec(source.slice(at));
      if (blank !== null && blank[0] !== "") {
        at += blank[0].length;
        line += 1;
        continue;
      }
      const width = (/^[ \t]*/.exec(source.slice(at))?.[0] ?? "").replaceAll("\t", "        ").length;
      at += /^[ \t]*/.exec(source.slice(at))?.[0].length ?? 0;
      fresh = false;
      if (width > (indents.at(-1) ?? 0)) {
        indents.push(width);
        tokens.push({ type: "indent", text: "", line });
      }
      while (width < (indents.at(-1) ?? 0)) {
        indents.pop();
        tokens.push({ type: "dedent", text: "", line });
      }
      if (width !== (indents.at(-1) ?? 0)) return { line, message: "IndentationError: unindent does not match any outer indentation level" };
      continue;
    }
    const rest = source.slice(at);
    const skip = /^(?:[ \t\r]+|#[^\n]*|\\\r?\n)/.exec(rest);
    if (skip !== null) {
      if (skip[0].includes("\n")) line += 1;
      at += skip[0].length;
      continue;
    }
    if (rest.startsWith("\n")) {
      at += 1;
      if (depth === 0) {
        tokens.push({ type: "newline", text: "\n", line });
        fresh = true;
      }
      line += 1;
      continue;
    }
    const string = /^([rRbBuU]|[fF])?("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*')/.exec(rest);
    const number = /^(?:0[xX][0-9a-fA-F]+|\d+(?:_\d+)*(?:\.\d*)?(?:[eE][-+]?\d+)?|\.\d+)/.exec(rest);
    const name = /^[A-Za-z_]\w*/.exec(rest);
    if (string !== null) {
      const [whole, prefix = "", quoted = ""] = string;
      const body = /^("""|''')/.test(quoted) ? quoted.slice(3, -3) : quoted.slice(1, -1);
      tokens.push({ type: /f/i.test(prefix) ? "fstring" : "string", text: /r/i.test(prefix) ? body : /f/i.test(prefix) ? body : unescapePython(body), line });
      line += whole.split("\n").length - 1;
      at += whole.length;
    } else if (number !== null) {
      tokens.push({ type: "number", text: number[0].replaceAll("_", ""), line });
      at += number[0].length;
    } else if (name !== null) {
      tokens.push({ type: "name", text: name[0], line });
      at += name[0].length;
    } else {
      const operator = OPERATORS.find((text) => rest.startsWith(text));
      if (operator === undefined) return { line, message: /^["']/.test(rest) ? "SyntaxError: unterminated string literal" : "SyntaxError: invalid syntax" };
      if ("([{".includes(operator)) depth += 1;
      if (")]}".includes(operator)) depth = Math.max(0, depth - 1);
      tokens.push({ type: "operator", text: operator, line });
      at += operator.length;
    }
  }
  if (!fresh) tokens.push({ type: "newline", text: "\n", line });
  for (let i = indents.length; i > 1; i--) tokens.push({ type: "dedent", text: "", line });
  tokens.push({ type: "end", text: "", line });
  return tokens;
}

export function unescapePython(text: string): string {
  const simple: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\\": "\\", "'": "'", '"': '"', "0": "\0", a: "\x07", b: "\b", "\n": "" };
  return text.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\s\S])/g, (whole, escape: string) => simple[escape] ?? (escape.length > 1 ? String.fromCharCode(Number.parseInt(escape.slice(1), 16)) : whole));
}
