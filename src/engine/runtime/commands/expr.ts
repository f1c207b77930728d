import { err, ok, type Result } from "../../kernel/result.ts";
import type { CommandSpec } from "../process/invocation.ts";
import { compileRegex } from "../text/regex.ts";

/** Source: POSIX.1-2017, expr. Exit code 1 when the value is empty or 0, 2 for an expression that is none. */
export const expr: CommandSpec = {
  name: "expr",
  *run(call) {
    if (call.args.length === 0) {
      if (call.isBusybox) yield* call.usage("", "EXPRESSION");
      else yield* call.usage("missing operand");
      return 2;
    }
    const parser = new ExprParser(call.args);
    const value = parser.parse();
    if (!value.ok) return yield* call.fail(call.isBusybox ? value.error.replace("non-integer", "non-numeric") : value.error, 2);
    yield* call.out(`${value.value}\n`);
    return value.value === "" || /^-?0+$/.test(value.value) ? 1 : 0;
  },
};

const LEVELS: readonly (readonly string[])[] = [["|"], ["&"], ["=", "==", "!=", "<", "<=", ">", ">="], ["+", "-"], ["*", "/", "%"], [":"]];

class ExprParser {
  private at = 0;
  private problem: string | undefined;
  private readonly args: readonly string[];

  constructor(args: readonly string[]) {
    this.args = args;
  }

  parse(): Result<string, string> {
    const value = this.level(0, 0);
    if (this.problem === undefined && this.at < this.args.length) this.problem = "syntax error";
    return this.problem === undefined ? ok(value) : err(this.problem);
  }

  private level(index: number, depth: number): string {
    const operators = LEVELS[index];
    if (operators === undefined) return this.primary(depth);
    let left = this.level(index + 1, depth);
    while (this.problem === undefined && operators.includes(this.args[this.at] ?? "")) {
      const operator = this.args[this.at++] ?? "";
      left = this.apply(operator, left, this.level(index + 1, depth));
    }
    return left;
  }

  private primary(depth: number): string {
    const word = this.args[this.at++];
    const next = (): string => this.level(LEVELS.length, depth + 1);
    if (word === undefined || depth > 200) {
      this.problem ??= "syntax error";
      return "";
    }
    if (word === "(") {
      const value = this.level(0, depth + 1);
      if (this.args[this.at++] !== ")") this.problem ??= "syntax error";
      return value;
    }
    if (word === "length" && this.at < this.args.length) return String(next().length);
    if (word === "substr" && this.at + 2 < this.args.length) {
      const [text, from, count] = [next(), Number(next()), Number(next())];
      return from >= 1 && count > 0 ? text.slice(from - 1, from - 1 + count) : "";
    }
    if (word === "index" && this.at + 1 < this.args.length) {
      const text = next();
      const chars = next();
      return String([...text].findIndex((char) => chars.includes(char)) + 1);
    }
    if (word === "match" && this.at + 1 < this.args.length) return this.apply(":", next(), next());
    return word;
  }

  private apply(operator: string, a: string, b: string): string {
    const isZero = (text: string): boolean => text === "" || /^-?0+$/.test(text);
    if (operator === "|") return isZero(a) ? b : a;
    if (operator === "&") return isZero(a) || isZero(b) ? "0" : a;
    if (operator === ":") {
      const regex = compileRegex(b.startsWith("^") ? b : `^${b}`, "basic");
      if (!regex.ok) {
        this.problem ??= regex.error;
        return "";
      }
      const match = regex.value.match(a, 0);
      return match !== undefined && match.groups.length > 1 ? (match.groups[1] ?? "") : match === undefined ? (b.includes("\\(") ? "" : "0") : String(match.end - match.start);
    }
    const numbers = /^-?\d+$/.test(a) && /^-?\d+$/.test(b);
    if (/^[=!<>]/.test(operator)) {
      const order = numbers ? (BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0) : a < b ? -1 : a > b ? 1 : 0;
      const holds: Readonly<Record<string, boolean>> = { "=": order === 0, "==": order === 0, "!=": order !== 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0 };
      return holds[operator] === true ? "1" : "0";
    }
    if (!numbers) {
      this.problem ??= "non-integer argument";
      return "";
    }
    const [x, y] = [BigInt(a), BigInt(b)];
    if ((operator === "/" || operator === "%") && y === 0n) {
      this.problem ??= "division by zero";
      return "";
    }
    return String(operator === "+" ? x + y : operator === "-" ? x - y : operator === "*" ? x * y : operator === "/" ? x / y : x % y);
  }
}
