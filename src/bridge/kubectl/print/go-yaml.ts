/**
 * Writes YAML as kubectl does: sorted keys, lists not indented, lines folded after column 80, Go's choice of quotes.
 * Source: sigs.k8s.io/yaml Marshal over go-yaml v2 (encode.go stringv, emitterc.go analyze_scalar and write_*_scalar); checked against kubectl's own output.
 */
const BEST_WIDTH = 80;
const INDENT = 2;

/** A JSON value as a YAML document, ending in a newline. */
export function toGoYaml(value: unknown): string {
  const emitter = new Emitter();
  emitter.node(value, 0, "top");
  return emitter.text();
}

type Place = "top" | "mapping value" | "sequence item";

class Emitter {
  private out = "";
  private column = 0;

  text(): string {
    return this.out.endsWith("\n") ? this.out : `${this.out}\n`;
  }

  node(value: unknown, indent: number, place: Place): void {
    if (Array.isArray(value)) this.sequence(value, indent, place);
    else if (value !== null && typeof value === "object") this.mapping(value as Record<string, unknown>, indent, place);
    else {
      if (place === "mapping value") this.write(" ");
      if (typeof value === "string") this.scalar(value, indent + (place === "top" ? 0 : INDENT), false);
      else this.write(value === null || value === undefined ? "null" : formatNumber(value));
    }
  }

  private sequence(items: readonly unknown[], indent: number, place: Place): void {
    if (items.length === 0) return this.write(place === "mapping value" ? " []" : "[]");
    items.forEach((item, i) => {
      if (place !== "sequence item" || i > 0) this.line(indent);
      this.write("- ");
      this.node(item, isContainer(item) ? indent + INDENT : indent, "sequence item");
    });
  }

  private mapping(object: Readonly<Record<string, unknown>>, indent: number, place: Place): void {
    const keys = Object.keys(object).filter((key) => object[key] !== undefined).toSorted(compareBytes);
    if (keys.length === 0) return this.write(place === "mapping value" ? " {}" : "{}");
    const inner = place === "mapping value" ? indent + INDENT : indent;
    keys.forEach((key, i) => {
      if (place !== "sequence item" || i > 0) this.line(inner);
      this.scalar(key, inner, true);
      this.write(":");
      this.node(object[key], inner, "mapping value");
    });
  }

  private line(indent: number): void {
    if (this.out !== "" && !this.out.endsWith("\n")) this.out += "\n";
    this.out += " ".repeat(indent);
    this.column = indent;
  }

  private write(text: string): void {
    this.out += text;
    this.column += [...text].length;
  }

  private scalar(text: string, indent: number, isKey: boolean): void {
    const style = chooseStyle(text, isKey);
    if (style === "literal") return this.literal(text, indent);
    if (style === "double") return this.doubleQuoted(text, indent, !isKey);
    if (style === "single") this.write("'");
    this.folded(style === "single" ? text.replaceAll("'", "''") : text, indent, !isKey, style === "single");
    if (style === "single") this.write("'");
  }

  /** Plain and single-quoted text: a single space past the right margin becomes a line break. */
  private folded(text: string, indent: number, mayBreak: boolean, isQuoted: boolean): void {
    const chars = [...text];
    let afterSpace = false;
    chars.forEach((char, i) => {
      const isInside = !isQuoted || (i > 0 && i < chars.length - 1);
      if (char === " " && mayBreak && !afterSpace && this.column > BEST_WIDTH && isInside && chars[i + 1] !== " ") this.line(indent);
      else this.write(char);
      afterSpace = char === " ";
    });
  }

  private doubleQuoted(text: string, indent: number, mayBreak: boolean): void {
    const chars = [...text];
    let afterSpace = false;
    this.write('"');
    chars.forEach((char, i) => {
      if (char === " " && mayBreak && !afterSpace && this.column > BEST_WIDTH && i > 0 && i < chars.length - 1) {
        this.line(indent);
        if (chars[i + 1] === " ") this.write("\\");
      } else this.write(escapeChar(char));
      afterSpace = char === " ";
    });
    this.write('"');
  }

  private literal(text: string, indent: number): void {
    const hint = /^[ \n]/.test(text) ? String(INDENT) : "";
    const chomp = !text.endsWith("\n") ? "-" : text === "\n" || text.endsWith("\n\n") ? "+" : "";
    this.write(`|${hint}${chomp}`);
    const body = text.endsWith("\n") ? text.slice(0, -1) : text;
    for (const line of body.split("\n")) {
      this.out += `\n${line === "" ? "" : " ".repeat(indent)}${line}`;
    }
    this.out += "\n";
    this.column = 0;
  }
}

const isContainer = (value: unknown): boolean => value !== null && typeof value === "object";
const compareBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const formatNumber = (value: unknown): string => {
  const text = String(value);
  return text.includes("e+") ? text.replace(/e\+(\d)$/, "e+0$1") : text;
};

/** Words and numbers that a YAML 1.1 reader takes for something else than text. Source: go-yaml v2 resolve.go. */
const NOT_A_STRING = /^(?:~|null|Null|NULL|y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE|\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF))$/;
const NUMBER = /^(?:[-+]?[0-9][0-9_]*|[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)$/;
const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:(?:[Tt]|[ \t]+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:[ \t]*(?:Z|[-+]\d\d?(?::\d\d)?))?)?$/;

function resolvesToText(text: string): boolean {
  return text !== "" && !NOT_A_STRING.test(text) && !NUMBER.test(text) && !TIMESTAMP.test(text);
}

type Style = "plain" | "single" | "double" | "literal";

function chooseStyle(text: string, isKey: boolean): Style {
  if (!resolvesToText(text)) return "double";
  const { hasSpecial, hasBreak, breakSpace, spaceBreak, trailingSpace, edgeBlank, indicators } = analyze(text);
  if (hasBreak) return isKey || hasSpecial || spaceBreak || trailingSpace ? "double" : "literal";
  if (hasSpecial || spaceBreak || breakSpace) return "double";
  return edgeBlank || indicators ? "single" : "plain";
}

function analyze(text: string): { hasSpecial: boolean; hasBreak: boolean; breakSpace: boolean; spaceBreak: boolean; trailingSpace: boolean; edgeBlank: boolean; indicators: boolean } {
  return {
    hasSpecial: [...text].some((char) => char !== "\n" && !isPrintable(char)),
    hasBreak: text.includes("\n"),
    breakSpace: text.includes("\n "),
    spaceBreak: text.includes(" \n"),
    trailingSpace: text.endsWith(" "),
    edgeBlank: text.startsWith(" ") || text.endsWith(" "),
    indicators: /^(?:---|\.\.\.)/.test(text) || /^[#,[\]{}&*!|>'"%@`]/.test(text) || /^[?:-](?:[ \n]|$)/.test(text) || /.:(?: |$)/.test(text) || / #/.test(text),
  };
}

/** What go-yaml writes as it is: printable characters of the basic plane. */
function isPrintable(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff);
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0", "\u0007": "\\a", "\b": "\\b", "\v": "\\v", "\f": "\\f", "\u001b": "\\e", "\u0085": "\\N" };

function escapeChar(char: string): string {
  const short = ESCAPES[char];
  if (short !== undefined) return short;
  if (isPrintable(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code <= 0xff ? `\\x${hex.padStart(2, "0")}` : code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
