import { type Token, tokenizePython, unescapePython } from "./lexer.ts";
import { Float } from "./values.ts";

export type Expression =
  | { readonly type: "constant"; readonly value: number | string | boolean | null | Float }
  | { readonly type: "name"; readonly name: string; readonly line: number }
  | { readonly type: "list" | "tuple"; readonly items: readonly Expression[] }
  | { readonly type: "dict"; readonly entries: readonly (readonly [Expression, Expression])[] }
  | { readonly type: "unary"; readonly operator: string; readonly operand: Expression }
  | { readonly type: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression; readonly line: number }
  | { readonly type: "compare"; readonly first: Expression; readonly rest: readonly (readonly [string, Expression])[]; readonly line: number }
  | { readonly type: "logical"; readonly operator: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly type: "conditional"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly type: "call"; readonly callee: Expression; readonly args: readonly Expression[]; readonly named: readonly (readonly [string, Expression])[]; readonly line: number }
  | { readonly type: "attribute"; readonly target: Expression; readonly name: string; readonly line: number }
  | { readonly type: "index"; readonly target: Expression; readonly index: Expression; readonly line: number }
  | { readonly type: "slice"; readonly target: Expression; readonly from: Expression | undefined; readonly to: Expression | undefined }
  | { readonly type: "format"; readonly parts: readonly (string | { readonly value: Expression; readonly spec: string })[] };

export type Statement =
  | { readonly type: "expression"; readonly value: Expression; readonly line: number }
  | { readonly type: "assign"; readonly target: Expression; readonly operator: string; readonly value: Expression; readonly line: number }
  | { readonly type: "if"; readonly test: Expression; readonly yes: readonly Statement[]; readonly no: readonly Statement[]; readonly line: number }
  | { readonly type: "while"; readonly test: Expression; readonly body: readonly Statement[]; readonly line: number }
  | { readonly type: "for"; readonly target: Expression; readonly values: Expression; readonly body: readonly Statement[]; readonly line: number }
  | { readonly type: "def"; readonly name: string; readonly parameters: readonly (readonly [string, Expression | undefined])[]; readonly body: readonly Statement[]; readonly line: number }
  | { readonly type: "try"; readonly body: readonly Statement[]; readonly handlers: readonly { readonly kind: string | undefined; readonly name: string | undefined; readonly body: readonly Statement[] }[]; readonly final: readonly Statement[]; readonly line: number }
  | { readonly type: "import"; readonly module: string; readonly names: readonly (readonly [string, string])[] | undefined; readonly alias: string; readonly line: number }
  | { readonly type: "return" | "raise"; readonly value: Expression | undefined; readonly line: number }
  | { readonly type: "break" | "continue" | "pass"; readonly line: number }
  | { readonly type: "global"; readonly names: readonly string[]; readonly line: number };

export type Parsed = { readonly ok: true; readonly body: readonly Statement[] } | { readonly ok: false; readonly line: number; readonly message: string };

const KEYWORDS = new Set(["if", "elif", "else", "while", "for", "in", "def", "return", "break", "continue", "pass", "import", "from", "as", "try", "except", "finally", "raise", "and", "or", "not", "is", "lambda", "class", "with", "global", "del", "yield", "async", "await", "assert"]);

class PythonSyntaxError {
  readonly line: number;
  readonly message: string;
  constructor(line: number, message = "SyntaxError: invalid syntax") {
    this.line = line;
    this.message = message;
  }
}

/** A small part of Python. What is outside of it gets NotImplementedError, never a wrong answer. */
export function parsePython(source: string): Parsed {
  const tokens = tokenizePython(source);
  if ("message" in tokens) return { ok: false, ...tokens };
  try {
    return { ok: true, body: new PythonParser(tokens).program() };
  } catch (problem) {
    if (problem instanceof PythonSyntaxError) return { ok: false, line: problem.line, message: problem.message };
    throw problem;
  }
}

class PythonParser {
  private at = 0;
  private depth = 0;
  private readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  program(): readonly Statement[] {
    const body: Statement[] = [];
    while (this.peek.type !== "end") body.push(...this.statements());
    return body;
  }

  private statements(): readonly Statement[] {
    const { line } = this.peek;
    if (++this.depth > 60) throw new PythonSyntaxError(line, "IndentationError: too many levels of indentation");
    const result = this.statementsInside(line);
    this.depth -= 1;
    return result;
  }

  private statementsInside(line: number): readonly Statement[] {
    if (this.peek.type === "indent") throw new PythonSyntaxError(line, "IndentationError: unexpected indent");
    if (this.accept("if")) return [this.ifStatement(line)];
    if (this.accept("while")) return [{ type: "while", test: this.expression(), body: this.block(), line }];
    if (this.accept("for")) {
      const target = this.targetList();
      this.expect("in");
      return [{ type: "for", target, values: this.tupleExpression(), body: this.block(), line }];
    }
    if (this.accept("def")) return [this.definition(line)];
    if (this.accept("try")) return [this.tryStatement(line)];
    for (const word of ["class", "with", "async", "lambda", "yield", "del", "assert", "@"]) if (this.is(word)) throw new PythonSyntaxError(line, `NotImplementedError: Kubarium's python3 does not know "${word}"`);
    const list: Statement[] = [this.simple(line)];
    while (this.accept(";") && this.peek.type !== "newline") list.push(this.simple(line));
    if (this.peek.type !== "newline" && this.peek.type !== "end") throw new PythonSyntaxError(line);
    if (this.peek.type === "newline") this.at += 1;
    return list;
  }

  private ifStatement(line: number): Statement {
    const test = this.expression();
    const yes = this.block();
    let no: readonly Statement[] = [];
    if (this.is("elif")) {
      const inner = this.peek.line;
      this.at += 1;
      no = [this.ifStatement(inner)];
    } else if (this.accept("else")) no = this.block();
    return { type: "if", test, yes, no, line };
  }

  private definition(line: number): Statement {
    const name = this.name();
    this.expect("(");
    const parameters: (readonly [string, Expression | undefined])[] = [];
    while (!this.is(")")) {
      const parameter = this.name();
      if (this.accept(":")) this.expression();
      parameters.push([parameter, this.accept("=") ? this.expression() : undefined]);
      if (!this.accept(",")) break;
    }
    this.expect(")");
    if (this.accept("->")) this.expression();
    return { type: "def", name, parameters, body: this.block(), line };
  }

  private tryStatement(line: number): Statement {
    const body = this.block();
    const handlers: { kind: string | undefined; name: string | undefined; body: readonly Statement[] }[] = [];
    while (this.accept("except")) {
      let kind: string | undefined;
      let name: string | undefined;
      if (!this.is(":")) {
        const value = this.expression();
        kind = value.type === "name" ? value.name : "Exception";
        if (this.accept("as")) name = this.name();
      }
      handlers.push({ kind, name, body: this.block() });
    }
    return { type: "try", body, handlers, final: this.accept("finally") ? this.block() : [], line };
  }

  private block(): readonly Statement[] {
    this.expect(":");
    if (this.peek.type !== "newline") return this.statements();
    this.at += 1;
    if (!this.isType("indent")) throw new PythonSyntaxError(this.peek.line, "IndentationError: expected an indented block");
    this.at += 1;
    const body: Statement[] = [];
    while (!this.isType("dedent") && !this.isType("end")) body.push(...this.statements());
    if (this.isType("dedent")) this.at += 1;
    return body;
  }

  private simple(line: number): Statement {
    for (const word of ["break", "continue", "pass"] as const) if (this.accept(word)) return { type: word, line };
    for (const word of ["return", "raise"] as const) if (this.accept(word)) return { type: word, value: this.peek.type === "newline" || this.is(";") ? undefined : this.tupleExpression(), line };
    if (this.accept("global")) {
      const names = [this.name()];
      while (this.accept(",")) names.push(this.name());
      return { type: "global", names, line };
    }
    if (this.accept("import")) return this.importStatement(line);
    if (this.accept("from")) {
      const module = this.dottedName();
      this.expect("import");
      const names: (readonly [string, string])[] = [];
      do {
        const name = this.name();
        names.push([name, this.accept("as") ? this.name() : name]);
      } while (this.accept(","));
      return { type: "import", module, names, alias: "", line };
    }
    const value = this.tupleExpression();
    for (const operator of ["=", "+=", "-=", "*=", "/=", "%=", "//=", "**="]) if (this.accept(operator)) return { type: "assign", target: value, operator, value: this.tupleExpression(), line };
    return { type: "expression", value, line };
  }

  private importStatement(line: number): Statement {
    const modules: Statement[] = [];
    do {
      const module = this.dottedName();
      const alias = this.accept("as") ? this.name() : (module.split(".")[0] ?? module);
      modules.push({ type: "import", module, names: undefined, alias, line });
    } while (this.accept(","));
    const [first, ...rest] = modules;
    // "import os, sys": several in one; a block that always runs holds them.
    return rest.length === 0 && first !== undefined ? first : { type: "if", test: { type: "constant", value: true }, yes: modules, no: [], line };
  }

  private dottedName(): string {
    let name = this.name();
    while (this.accept(".")) name += `.${this.name()}`;
    return name;
  }

  private targetList(): Expression {
    const items = [this.postfix()];
    while (this.accept(",")) items.push(this.postfix());
    return items.length === 1 && items[0] !== undefined ? items[0] : { type: "tuple", items };
  }

  private tupleExpression(): Expression {
    const first = this.expression();
    if (!this.is(",")) return first;
    const items = [first];
    while (this.accept(",")) {
      if (this.peek.type === "newline" || this.is("=") || this.is(")")) break;
      items.push(this.expression());
    }
    return { type: "tuple", items };
  }

  private expression(): Expression {
    if (++this.depth > 200) throw new PythonSyntaxError(this.peek.line, "SyntaxError: too many nested parentheses");
    if (this.is("lambda")) throw new PythonSyntaxError(this.peek.line, `NotImplementedError: Kubarium's python3 does not know "lambda"`);
    const yes = this.or();
    let result = yes;
    if (this.accept("if")) {
      const test = this.or();
      this.expect("else");
      result = { type: "conditional", test, yes, no: this.expression() };
    }
    this.depth -= 1;
    return result;
  }

  private or(): Expression {
    let left = this.and();
    while (this.accept("or")) left = { type: "logical", operator: "or", left, right: this.and() };
    return left;
  }

  private and(): Expression {
    let left = this.not();
    while (this.accept("and")) left = { type: "logical", operator: "and", left, right: this.not() };
    return left;
  }

  private not(): Expression {
    if (this.accept("not")) return { type: "unary", operator: "not", operand: this.not() };
    return this.comparison();
  }

  private comparison(): Expression {
    const { line } = this.peek;
    const first = this.arithmetic(0);
    const rest: (readonly [string, Expression])[] = [];
    for (;;) {
      let operator = ["==", "!=", "<=", ">=", "<", ">"].find((text) => this.accept(text));
      if (operator === undefined && this.accept("in")) operator = "in";
      else if (operator === undefined && this.is("not") && this.tokens[this.at + 1]?.text === "in") {
        this.at += 2;
        operator = "not in";
      } else if (operator === undefined && this.accept("is")) operator = this.accept("not") ? "is not" : "is";
      if (operator === undefined) break;
      rest.push([operator, this.arithmetic(0)]);
    }
    return rest.length === 0 ? first : { type: "compare", first, rest, line };
  }

  private arithmetic(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.unary();
    let left = this.arithmetic(level + 1);
    for (;;) {
      const { line } = this.peek;
      const operator = operators.find((text) => this.accept(text));
      if (operator === undefined) return left;
      left = { type: "binary", operator, left, right: this.arithmetic(level + 1), line };
    }
  }

  private unary(): Expression {
    for (const operator of ["-", "+", "~"]) if (this.accept(operator)) return { type: "unary", operator, operand: this.unary() };
    const { line } = this.peek;
    const base = this.postfix();
    return this.accept("**") ? { type: "binary", operator: "**", left: base, right: this.unary(), line } : base;
  }

  private postfix(): Expression {
    let value = this.atom();
    for (;;) {
      const { line } = this.peek;
      if (this.accept(".")) value = { type: "attribute", target: value, name: this.name(), line };
      else if (this.accept("(")) value = this.callOf(value, line);
      else if (this.accept("[")) {
        const from = this.is(":") ? undefined : this.expression();
        if (this.accept(":")) {
          const to = this.is("]") ? undefined : this.expression();
          value = { type: "slice", target: value, from, to };
        } else value = { type: "index", target: value, index: from ?? { type: "constant", value: null }, line };
        this.expect("]");
      } else return value;
    }
  }

  private callOf(callee: Expression, line: number): Expression {
    const args: Expression[] = [];
    const named: (readonly [string, Expression])[] = [];
    while (!this.is(")")) {
      if (this.peek.type === "name" && this.tokens[this.at + 1]?.text === "=" && !KEYWORDS.has(this.peek.text)) {
        const name = this.name();
        this.at += 1;
        named.push([name, this.expression()]);
      } else args.push(this.expression());
      if (this.is("for")) throw new PythonSyntaxError(line, "NotImplementedError: Kubarium's python3 does not know generators");
      if (!this.accept(",")) break;
    }
    this.expect(")");
    return { type: "call", callee, args, named, line };
  }

  private atom(): Expression {
    const token = this.peek;
    this.at += 1;
    if (token.type === "number") return { type: "constant", value: /^0x/i.test(token.text) || /^\d+$/.test(token.text) ? Number(token.text) : new Float(Number(token.text)) };
    if (token.type === "string" || token.type === "fstring") {
      let text: Expression = token.type === "string" ? { type: "constant", value: token.text } : this.formatted(token);
      while (this.peek.type === "string" || this.peek.type === "fstring") {
        const next = this.peek;
        this.at += 1;
        text = { type: "binary", operator: "+", left: text, right: next.type === "string" ? { type: "constant", value: next.text } : this.formatted(next), line: next.line };
      }
      return text;
    }
    if (token.type === "name" && !KEYWORDS.has(token.text)) {
      if (token.text === "True" || token.text === "False") return { type: "constant", value: token.text === "True" };
      return token.text === "None" ? { type: "constant", value: null } : { type: "name", name: token.text, line: token.line };
    }
    if (token.text === "(" && token.type === "operator") {
      if (this.accept(")")) return { type: "tuple", items: [] };
      const value = this.tupleExpression();
      this.expect(")");
      return value;
    }
    if (token.text === "[" && token.type === "operator") {
      const items: Expression[] = [];
      while (!this.is("]")) {
        items.push(this.expression());
        if (this.is("for")) throw new PythonSyntaxError(token.line, "NotImplementedError: Kubarium's python3 does not know comprehensions");
        if (!this.accept(",")) break;
      }
      this.expect("]");
      return { type: "list", items };
    }
    if (token.text === "{" && token.type === "operator") {
      const entries: (readonly [Expression, Expression])[] = [];
      while (!this.is("}")) {
        const key = this.expression();
        this.expect(":");
        entries.push([key, this.expression()]);
        if (!this.accept(",")) break;
      }
      this.expect("}");
      return { type: "dict", entries };
    }
    throw new PythonSyntaxError(token.line);
  }

  private formatted(token: Token): Expression {
    const parts: (string | { value: Expression; spec: string })[] = [];
    let at = 0;
    let plain = "";
    const { text } = token;
    while (at < text.length) {
      const two = text.slice(at, at + 2);
      if (two === "{{" || two === "}}") {
        plain += two.charAt(0);
        at += 2;
      } else if (text.charAt(at) === "{") {
        const close = text.indexOf("}", at);
        if (close < 0) throw new PythonSyntaxError(token.line, "SyntaxError: f-string: expecting '}'");
        const inner = text.slice(at + 1, close);
        const colon = /^((?:[^:'"[\]]|'[^']*'|"[^"]*"|\[[^\]]*\])*):(.*)$/s.exec(inner);
        const tokens = tokenizePython((colon?.[1] ?? inner).trim());
        if ("message" in tokens) throw new PythonSyntaxError(token.line, tokens.message);
        parts.push(unescapePython(plain), { value: new PythonParser(tokens).tupleExpression(), spec: colon?.[2] ?? "" });
        plain = "";
        at = close + 1;
      } else plain += text.charAt(at++);
    }
    return { type: "format", parts: [...parts, unescapePython(plain)] };
  }

  private get peek(): Token {
    return this.tokens[this.at] ?? { type: "end", text: "", line: this.tokens.at(-1)?.line ?? 1 };
  }

  private isType(type: Token["type"]): boolean {
    return this.peek.type === type;
  }

  private is(text: string): boolean {
    return this.peek.text === text && (this.peek.type === "operator" || this.peek.type === "name");
  }

  private accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at += 1;
    return true;
  }

  private expect(text: string): void {
    if (!this.accept(text)) throw new PythonSyntaxError(this.peek.line, text === ":" ? "SyntaxError: expected ':'" : undefined);
  }

  private name(): string {
    const token = this.peek;
    if (token.type !== "name") throw new PythonSyntaxError(token.line);
    this.at += 1;
    return token.text;
  }
}

const LEVELS: readonly (readonly string[])[] = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "//", "/", "%"]];
