import { err, ok, type Result } from "../../../kernel/result.ts";
import type { AwkProgram, Expression, Rule, Statement } from "./ast.ts";
import { type Token, tokenize } from "./lexer.ts";

const MAX_DEPTH = 200;

/** Source: POSIX.1-2017, awk, grammar. The error is one line without a prefix. */
export function parseAwk(source: string): Result<AwkProgram, string> {
  const tokens = tokenize(source);
  if (typeof tokens === "string") return err(tokens);
  return new AwkParser(tokens).parse();
}

class AwkParser {
  private at = 0;
  private depth = 0;
  private problem: string | undefined;
  private noIn = 0;
  private noGreater = 0;
  private readonly tokens: readonly Token[];

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  parse(): Result<AwkProgram, string> {
    const rules: Rule[] = [];
    const functions = new Map<string, { parameters: readonly string[]; body: Statement }>();
    for (;;) {
      this.skipNewlines(true);
      if (this.peek.type === "end" || this.problem !== undefined) break;
      if (this.accept("function")) {
        const name = this.advance().text;
        this.expect("(");
        const parameters: string[] = [];
        while (!this.is(")") && this.problem === undefined) {
          parameters.push(this.advance().text);
          if (!this.accept(",")) break;
          this.skipNewlines();
        }
        this.expect(")");
        this.skipNewlines();
        functions.set(name, { parameters, body: this.block() });
      } else rules.push(this.rule());
    }
    return this.problem === undefined ? ok({ rules, functions }) : err(this.problem);
  }

  private rule(): Rule {
    if (this.is("BEGIN") || this.is("END")) {
      const kind = this.advance().text as "BEGIN" | "END";
      return { kind, from: undefined, to: undefined, body: this.block() };
    }
    if (this.is("{")) return { kind: "main", from: undefined, to: undefined, body: this.block() };
    const from = this.expression();
    let to: Expression | undefined;
    if (this.accept(",")) {
      this.skipNewlines();
      to = this.expression();
    }
    return { kind: "main", from, to, body: this.is("{") ? this.block() : undefined };
  }

  private block(): Statement {
    this.expect("{");
    const body: Statement[] = [];
    for (;;) {
      this.skipNewlines(true);
      if (this.is("}") || this.peek.type === "end" || this.problem !== undefined) break;
      body.push(this.statement());
    }
    this.expect("}");
    return { type: "block", body };
  }

  private statement(): Statement {
    if (++this.depth > MAX_DEPTH) this.fail();
    const statement = this.statementInside();
    this.depth -= 1;
    return statement;
  }

  private statementInside(): Statement {
    if (this.is("{")) return this.block();
    if (this.accept("if")) return this.ifStatement();
    if (this.accept("while")) {
      this.expect("(");
      const test = this.expression();
      this.expect(")");
      return { type: "while", test, body: this.bodyOf(), first: false };
    }
    if (this.accept("do")) {
      this.skipNewlines();
      const body = this.statement();
      this.skipNewlines(true);
      if (!this.accept("while")) this.fail();
      this.expect("(");
      const test = this.expression();
      this.expect(")");
      this.endOfStatement();
      return { type: "while", test, body, first: true };
    }
    if (this.accept("for")) return this.forStatement();
    const simple = this.simpleStatement();
    this.endOfStatement();
    return simple;
  }

  private bodyOf(): Statement {
    if (this.accept(";")) return { type: "block", body: [] };
    this.skipNewlines();
    return this.statement();
  }

  private ifStatement(): Statement {
    this.expect("(");
    const test = this.expression();
    this.expect(")");
    const yes = this.bodyOf();
    const before = this.at;
    this.skipNewlines(true);
    if (this.accept("else")) return { type: "if", test, yes, no: this.bodyOf() };
    this.at = before;
    return { type: "if", test, yes, no: undefined };
  }

  private forStatement(): Statement {
    this.expect("(");
    const [name, word, array, close] = [this.tokens[this.at], this.tokens[this.at + 1], this.tokens[this.at + 2], this.tokens[this.at + 3]];
    if (name?.type === "name" && word?.text === "in" && array?.type === "name" && close?.text === ")") {
      this.at += 4;
      return { type: "forin", variable: name.text, array: array.text, body: this.bodyOf() };
    }
    const start = this.is(";") ? undefined : this.simpleStatement();
    this.expect(";");
    this.skipNewlines();
    const test = this.is(";") ? undefined : this.expression();
    this.expect(";");
    this.skipNewlines();
    const step = this.is(")") ? undefined : this.simpleStatement();
    this.expect(")");
    return { type: "for", start, test, step, body: this.bodyOf() };
  }

  private simpleStatement(): Statement {
    if (this.is("print") || this.is("printf")) return this.print();
    for (const kind of ["break", "continue", "next"] as const) if (this.accept(kind)) return { type: "jump", kind };
    for (const kind of ["exit", "return"] as const) if (this.accept(kind)) return { type: kind, value: this.isEnd() ? undefined : this.expression() };
    if (this.accept("delete")) {
      const name = this.advance().text;
      if (!this.accept("[")) return { type: "delete", name, index: undefined };
      const index = this.list("]");
      this.expect("]");
      return { type: "delete", name, index };
    }
    return { type: "expression", value: this.expression() };
  }

  private print(): Statement {
    const formatted = this.advance().text === "printf";
    let args: readonly Expression[] = [];
    this.noGreater += 1;
    if (!this.isEnd() && !this.is(">") && !this.is(">>") && !this.is("|")) {
      args = this.list("");
      const only = args[0];
      if (args.length === 1 && only?.type === "group") args = only.items;
    }
    this.noGreater -= 1;
    for (const mode of [">", ">>", "|"] as const) if (this.accept(mode)) return { type: "print", formatted, args, mode, target: this.concatenation() };
    return { type: "print", formatted, args, mode: undefined, target: undefined };
  }

  private list(close: string): Expression[] {
    const items: Expression[] = [];
    while (this.problem === undefined && !(close !== "" && this.is(close))) {
      items.push(this.expression());
      if (!this.accept(",")) break;
      this.skipNewlines();
    }
    return items;
  }

  private expression(): Expression {
    if (++this.depth > MAX_DEPTH) this.fail();
    const value = this.ternary();
    this.depth -= 1;
    for (const operator of ["=", "+=", "-=", "*=", "/=", "%=", "^="]) {
      if (!this.is(operator)) continue;
      if (value.type !== "variable" && value.type !== "element" && value.type !== "field") break;
      this.at += 1;
      this.skipNewlines();
      return { type: "assign", operator, target: value, value: this.expression() };
    }
    return value;
  }

  private ternary(): Expression {
    const test = this.or();
    if (!this.accept("?")) return test;
    this.skipNewlines();
    const yes = this.expression();
    this.skipNewlines();
    this.expect(":");
    this.skipNewlines();
    return { type: "ternary", test, yes, no: this.expression() };
  }

  private or(): Expression {
    let left = this.and();
    while (this.accept("||")) {
      this.skipNewlines();
      left = { type: "binary", operator: "||", left, right: this.and() };
    }
    return left;
  }

  private and(): Expression {
    let left = this.membership();
    while (this.accept("&&")) {
      this.skipNewlines();
      left = { type: "binary", operator: "&&", left, right: this.membership() };
    }
    return left;
  }

  private membership(): Expression {
    let left = this.matching();
    while (this.noIn === 0 && this.accept("in")) left = { type: "in", index: left.type === "group" ? left.items : [left], name: this.advance().text };
    return left;
  }

  private matching(): Expression {
    let left = this.comparison();
    while (this.is("~") || this.is("!~")) {
      const negated = this.advance().text === "!~";
      left = { type: "match", negated, left, right: this.comparison() };
    }
    return left;
  }

  private comparison(): Expression {
    let left = this.concatenation();
    for (;;) {
      const operator = ["<", "<=", "==", "!=", ">", ">="].find((text) => this.is(text));
      if (operator === undefined || (operator === ">" && this.noGreater > 0)) break;
      this.at += 1;
      left = { type: "binary", operator, left, right: this.concatenation() };
    }
    while (this.noGreater === 0 && this.is("|") && this.tokens[this.at + 1]?.text === "getline") {
      this.at += 2;
      left = { type: "getline", command: left, file: undefined, target: this.getlineTarget() };
    }
    return left;
  }

  private concatenation(): Expression {
    let left = this.additive();
    while (this.startsOperand()) left = { type: "binary", operator: " ", left, right: this.additive() };
    return left;
  }

  private startsOperand(): boolean {
    const { type, text } = this.peek;
    if (type === "number" || type === "string" || type === "regex" || type === "name" || type === "call") return true;
    return type === "operator" ? text === "$" || text === "!" || text === "(" || text === "-" || text === "+" || text === "++" || text === "--" : false;
  }

  private additive(): Expression {
    let left = this.multiplicative();
    while (this.is("+") || this.is("-")) left = { type: "binary", operator: this.advance().text, left, right: this.multiplicative() };
    return left;
  }

  private multiplicative(): Expression {
    let left = this.unary();
    while (this.is("*") || this.is("/") || this.is("%")) left = { type: "binary", operator: this.advance().text, left, right: this.unary() };
    return left;
  }

  private unary(): Expression {
    if (this.is("!") || this.is("-") || this.is("+")) {
      if (++this.depth > MAX_DEPTH) this.fail();
      const operator = this.advance().text;
      const operand = this.unary();
      this.depth -= 1;
      return { type: "unary", operator, operand };
    }
    return this.power();
  }

  private power(): Expression {
    const base = this.postfix();
    if (!this.accept("^")) return base;
    return { type: "binary", operator: "^", left: base, right: this.unary() };
  }

  private postfix(): Expression {
    for (const operator of ["++", "--"] as const) if (this.accept(operator)) return { type: "step", operator, prefix: true, target: this.primary() };
    const value = this.primary();
    if (value.type === "variable" || value.type === "element" || value.type === "field") for (const operator of ["++", "--"] as const) if (this.accept(operator)) return { type: "step", operator, prefix: false, target: value };
    return value;
  }

  private primary(): Expression {
    const token = this.advance();
    switch (token.type) {
      case "number":
        return { type: "number", value: Number(token.text) };
      case "string":
        return { type: "string", value: token.text };
      case "regex":
        return { type: "regex", source: token.text };
      case "call": {
        this.expect("(");
        this.skipNewlines();
        const [noIn, noGreater] = [this.noIn, this.noGreater];
        this.noIn = this.noGreater = 0;
        const args = this.list(")");
        [this.noIn, this.noGreater] = [noIn, noGreater];
        this.skipNewlines();
        this.expect(")");
        return { type: "call", name: token.text, args };
      }
      case "name": {
        if (this.accept("[")) {
          const index = this.list("]");
          this.expect("]");
          return { type: "element", name: token.text, index };
        }
        return token.text === "length" ? { type: "call", name: "length", args: [] } : { type: "variable", name: token.text };
      }
      case "keyword":
        if (token.text === "getline") {
          const target = this.getlineTarget();
          return { type: "getline", target, file: this.accept("<") ? this.primary() : undefined, command: undefined };
        }
        break;
      case "operator":
        if (token.text === "$") return { type: "field", index: this.is("++") || this.is("--") ? this.postfix() : this.is("-") ? this.unary() : this.primary() };
        if (token.text === "(") return this.parenthesized();
        if (token.text === "-" || token.text === "+" || token.text === "!") return { type: "unary", operator: token.text, operand: this.unary() };
        break;
      default:
        break;
    }
    this.fail(token);
    return { type: "number", value: 0 };
  }

  private parenthesized(): Expression {
    const [noIn, noGreater] = [this.noIn, this.noGreater];
    this.noIn = this.noGreater = 0;
    this.skipNewlines();
    const items = this.list(")");
    [this.noIn, this.noGreater] = [noIn, noGreater];
    this.skipNewlines();
    this.expect(")");
    return { type: "group", items };
  }

  private getlineTarget(): Expression | undefined {
    return this.peek.type === "name" || this.is("$") ? this.primary() : undefined;
  }

  private get peek(): Token {
    return this.tokens[this.at] ?? { type: "end", text: "" };
  }

  private advance(): Token {
    const token = this.peek;
    if (token.type !== "end") this.at += 1;
    return token;
  }

  private is(text: string): boolean {
    const { type } = this.peek;
    return this.peek.text === text && (type === "operator" || type === "keyword");
  }

  private accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at += 1;
    return true;
  }

  private expect(text: string): void {
    if (!this.accept(text)) this.fail();
  }

  private isEnd(): boolean {
    return this.peek.type === "newline" || this.peek.type === "end" || this.is(";") || this.is("}") || this.is(")");
  }

  private endOfStatement(): void {
    if (this.peek.type === "newline" || this.is(";")) this.at += 1;
    else if (!this.is("}") && this.peek.type !== "end") this.fail();
  }

  private skipNewlines(semicolons = false): void {
    while (this.peek.type === "newline" || (semicolons && this.is(";"))) this.at += 1;
  }

  private fail(token: Token = this.peek): void {
    this.problem ??= token.type === "end" || token.type === "newline" ? "Unexpected end of program" : `syntax error at or near ${token.text}`;
    this.at = this.tokens.length;
  }
}
