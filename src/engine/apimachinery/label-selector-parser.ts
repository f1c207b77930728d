import { invalid } from "./field-error.ts";
import { EVERYTHING, newRequirement, type Requirement, type Selector, type SelectorOperator } from "./label-selector.ts";
import { isQualifiedName } from "./names.ts";
import { fieldErrorText } from "./status.ts";
import { err, ok, type Result } from "../kernel/result.ts";

type Token = "identifier" | "end" | "error" | "(" | ")" | "," | "!" | "=" | "==" | "!=" | ">" | "<" | "in" | "notin";
interface Lexeme { readonly token: Token; readonly text: string }

const SYMBOLS: Readonly<Record<string, Token>> = { "(": "(", ")": ")", ",": ",", "!": "!", "=": "=", "==": "==", "!=": "!=", ">": ">", "<": "<" };
const OPERATORS: Partial<Record<Token, SelectorOperator>> = { in: "in", notin: "notin", "=": "=", "==": "==", "!=": "!=", ">": "gt", "<": "lt" };
const OPERATOR_LIST = "in, notin, =, ==, !=, gt, lt";
const isSpace = (c: string): boolean => c === " " || c === "\t" || c === "\r" || c === "\n";
const isSymbol = (c: string): boolean => "=!(),><".includes(c);

/** Source: labels.Lexer. */
function lex(text: string): Lexeme[] {
  const lexemes: Lexeme[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text[at] as string)) at += 1;
    if (at >= text.length) return [...lexemes, { token: "end", text: "" }];
    const start = at;
    if (isSymbol(text[at] as string)) {
      let found: Lexeme | undefined;
      for (let end = start + 1; end <= text.length && isSymbol(text[end - 1] as string); end++) {
        const token = SYMBOLS[text.slice(start, end)];
        if (token !== undefined) { found = { token, text: text.slice(start, end) }; at = end; }
        else if (found !== undefined) break;
        else at = end;
      }
      lexemes.push(found ?? { token: "error", text: `error expected: keyword found '${text.slice(start, at)}'` });
    } else {
      while (at < text.length && !isSymbol(text[at] as string) && !isSpace(text[at] as string)) at += 1;
      const word = text.slice(start, at);
      lexemes.push({ token: word === "in" || word === "notin" ? word : "identifier", text: word });
    }
  }
}

class SyntaxFault extends Error {}

/** Source: labels.Parser; its errors are upstream's, to the character. */
class Parser {
  private at = 0;
  constructor(private readonly lexemes: readonly Lexeme[]) {}

  parse(): Requirement[] {
    const requirements: Requirement[] = [];
    for (;;) {
      const next = this.look();
      if (next.token === "end") return requirements;
      if (next.token !== "identifier" && next.token !== "!") throw new SyntaxFault(`found '${next.text}', expected: !, identifier, or 'end of string'`);
      requirements.push(this.requirement());
      const after = this.take();
      if (after.token === "end") return requirements;
      if (after.token !== ",") throw new SyntaxFault(`found '${after.text}', expected: ',' or 'end of string'`);
      const following = this.look();
      if (following.token !== "identifier" && following.token !== "!") throw new SyntaxFault(`found '${following.text}', expected: identifier after ','`);
    }
  }

  /** In the place of a value, `in` and `notin` are words like any other. */
  private look(): Lexeme {
    const lexeme = this.lexemes[this.at] ?? { token: "end", text: "" };
    return lexeme.token === "in" || lexeme.token === "notin" ? { token: "identifier", text: lexeme.text } : lexeme;
  }

  private take(): Lexeme {
    const lexeme = this.look();
    this.at += 1;
    return lexeme;
  }

  private requirement(): Requirement {
    const made = this.unchecked();
    if (!made.ok) throw new SyntaxFault(`unable to parse requirement: ${made.error}`);
    return made.value;
  }

  private unchecked(): Result<Requirement, string> {
    let word = this.take();
    const absent = word.token === "!";
    if (absent) word = this.take();
    if (word.token !== "identifier") return err(`found '${word.text}', expected: identifier`);
    const keyErrors = isQualifiedName(word.text);
    if (keyErrors.length > 0) return err(fieldErrorText(invalid("<nil>", word.text, keyErrors.join("; "))));
    const next = this.look().token;
    if (absent) return newRequirement(word.text, "!", []);
    if (next === "end" || next === ",") return newRequirement(word.text, "exists", []);
    const symbol = this.lexemes[this.at] ?? { token: "end", text: "" };
    this.at += 1;
    const operator = OPERATORS[symbol.token];
    if (operator === undefined) return err(`found '${symbol.text}', expected: ${OPERATOR_LIST}`);
    const values = operator === "in" || operator === "notin" ? this.values() : this.exactValue();
    return values.ok ? newRequirement(word.text, operator, values.value) : values;
  }

  private values(): Result<string[], string> {
    const open = this.take();
    if (open.token !== "(") return err(`found '${open.text}' expected: '('`);
    const first = this.look();
    if (first.token === ")") { this.take(); return ok([""]); }
    if (first.token !== "identifier" && first.token !== ",") return err(`found '${first.text}', expected: ',', ')' or identifier`);
    const list = this.identifiers();
    if (!list.ok) return list;
    return this.take().token === ")" ? list : err(`found '${first.text}', expected: ')'`);
  }

  private identifiers(): Result<string[], string> {
    const found = new Set<string>();
    for (;;) {
      const word = this.take();
      if (word.token === "identifier") {
        found.add(word.text);
        const next = this.look();
        if (next.token === ")") return ok([...found]);
        if (next.token !== ",") return err(`found '${next.text}', expected: ',' or ')'`);
      } else if (word.token === ",") {
        if (found.size === 0) found.add("");
        const next = this.look().token;
        if (next === ")") { found.add(""); return ok([...found]); }
        if (next === ",") { this.take(); found.add(""); }
      } else return err(`found '${word.text}', expected: ',', or identifier`);
    }
  }

  private exactValue(): Result<string[], string> {
    const next = this.look().token;
    if (next === "end" || next === ",") return ok([""]);
    const word = this.take();
    return word.token === "identifier" ? ok([word.text]) : err(`found '${word.text}', expected: identifier`);
  }
}

/** Reads "a=b,c in (d,e),!f". The error is the text that the API server answers. Source: apimachinery/pkg/labels/selector.go, Parse. */
export function parseLabelSelector(text: string): Result<Selector, string> {
  if (text === "") return ok(EVERYTHING);
  try {
    const requirements = new Parser(lex(text)).parse();
    requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return ok({ nothing: false, requirements });
  } catch (fault) {
    if (fault instanceof SyntaxFault) return err(fault.message);
    throw fault;
  }
}
