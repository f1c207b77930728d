import { type ArithmeticExpression, parse } from "unbash";
import type { Sys } from "../process/wait.ts";
import { expandPartsToText, substituteCommand } from "./expand.ts";
import { lookupParameter } from "./parameters.ts";
import type { Shell } from "./shell.ts";

const MAX_NESTING = 64;
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value);

/** $((…)): 64-bit integers, as in C. `text` is for messages. */
export function* evaluateArithmetic(shell: Shell, expression: ArithmeticExpression | undefined, text: string): Sys<bigint> {
  if (expression === undefined) {
    if (text.trim() === "") return 0n;
    return yield* syntaxError(shell, text);
  }
  return yield* evaluate(shell, expression, { text, depth: 0 });
}

/** An expression that was put together at run time: an array index, a variable's value, an argument of `let`. */
export function* evaluateArithmeticText(shell: Shell, text: string, depth = 0): Sys<bigint> {
  const trimmed = text.trim();
  const constant = parseConstant(trimmed);
  if (constant !== undefined) return constant;
  if (trimmed === "") return 0n;
  const command = parse(`((${trimmed}))`);
  const node = command.commands[0]?.command;
  if (command.errors !== undefined && command.errors.length > 0) return yield* syntaxError(shell, text);
  if (node?.type !== "ArithmeticCommand" || node.expression === undefined || depth > MAX_NESTING) return yield* syntaxError(shell, text);
  return yield* evaluate(shell, node.expression, { text: trimmed, depth });
}

interface Context {
  readonly text: string;
  readonly depth: number;
}

/** Texts of the three shells. Source: dash src/arith_yacc.c; busybox shell/math.c; bash expr.c. */
function* syntaxError(shell: Shell, text: string): Sys<never> {
  shell.command = undefined;
  if (shell.dialect === "dash") return yield* shell.fail(`arithmetic expression: expecting primary: "${text}"`, 2);
  if (shell.dialect === "ash") return yield* shell.fail("arithmetic syntax error", 2);
  return yield* shell.fail(`${text}: syntax error: operand expected (error token is "${text.trim().slice(-1)}")`, 1);
}

function* divisionByZero(shell: Shell, text: string): Sys<never> {
  shell.command = undefined;
  if (shell.dialect === "dash") return yield* shell.fail(`arithmetic expression: division by zero: "${text}"`, 2);
  if (shell.dialect === "ash") return yield* shell.fail("divide by zero", 2);
  return yield* shell.fail(`${text}: division by 0 (error token is "${/[/%]\s*(\S+)\s*$/.exec(text)?.[1] ?? "0"}")`, 1);
}

/** "12", "0x1f", "017", "2#101"; undefined for anything else. */
function parseConstant(text: string): bigint | undefined {
  if (/^[1-9]\d{0,18}$|^0$/.test(text)) return wrap(BigInt(text));
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return wrap(BigInt(text));
  if (/^0[0-7]+$/.test(text)) return wrap(BigInt(`0o${text.slice(1)}`));
  const based = /^(\d{1,2})#([0-9a-zA-Z@_]+)$/.exec(text);
  if (based === null) return /^-\d{1,18}$/.test(text) ? BigInt(text) : undefined;
  const base = BigInt(based[1] ?? "10");
  if (base < 2n || base > 36n) return undefined;
  let value = 0n;
  for (const char of (based[2] ?? "").toLowerCase()) {
    const digit = BigInt("0123456789abcdefghijklmnopqrstuvwxyz".indexOf(char));
    if (digit < 0n || digit >= base) return undefined;
    value = wrap(value * base + digit);
  }
  return value;
}

function* evaluate(shell: Shell, node: ArithmeticExpression, context: Context): Sys<bigint> {
  if (context.depth > MAX_NESTING) return yield* syntaxError(shell, context.text);
  switch (node.type) {
    case "ArithmeticGroup":
      return yield* evaluate(shell, node.expression, context);
    case "ArithmeticTernary":
      return (yield* evaluate(shell, node.test, context)) !== 0n ? yield* evaluate(shell, node.consequent, context) : yield* evaluate(shell, node.alternate, context);
    case "ArithmeticCommandExpansion":
      return yield* evaluateArithmeticText(shell, yield* substituteCommand(shell, node), context.depth + 1);
    case "ArithmeticWord": {
      const text = node.parts === undefined ? node.value : yield* expandPartsToText(shell, node.parts, true);
      return yield* valueOf(shell, text, context);
    }
    case "ArithmeticUnary":
      return yield* evaluateUnary(shell, node, context);
    case "ArithmeticBinary":
      return yield* evaluateBinary(shell, node, context);
  }
}

function* valueOf(shell: Shell, text: string, context: Context): Sys<bigint> {
  const trimmed = text.trim();
  const constant = parseConstant(trimmed);
  if (constant !== undefined) return constant;
  const simple = /^\$?([A-Za-z_]\w*|[0-9#?$!])$/.exec(trimmed);
  if (simple !== null && (trimmed.startsWith("$") || !/^\d/.test(trimmed))) {
    const value = lookupParameter(shell, simple[1] ?? "", undefined).value;
    if (value === undefined && shell.options.nounset) yield* shell.fail(shell.dialect === "bash" ? `${simple[1]}: unbound variable` : `${simple[1]}: parameter not set`, shell.dialect === "bash" ? 127 : 2);
    if (value === undefined || value.trim() === "") return 0n;
    return parseConstant(value.trim()) ?? (yield* evaluateArithmeticText(shell, value, context.depth + 1));
  }
  const element = /^([A-Za-z_]\w*)\[(.+)\]$/.exec(trimmed);
  if (element !== null) {
    const index = yield* elementIndex(shell, element[1] ?? "", element[2] ?? "", context);
    const value = lookupParameter(shell, element[1] ?? "", index).value ?? "0";
    return yield* evaluateArithmeticText(shell, value, context.depth + 1);
  }
  if (/^\d/.test(trimmed) && shell.dialect === "bash") {
    shell.command = undefined;
    return yield* shell.fail(`${context.text}: value too great for base (error token is "${trimmed}")`, 1);
  }
  if (/^\d/.test(trimmed) && shell.dialect === "dash") {
    shell.command = undefined;
    return yield* shell.fail(`arithmetic expression: expecting EOF: "${context.text}"`, 2);
  }
  if (trimmed === "" || /^\d/.test(trimmed) || context.depth > 8) return yield* syntaxError(shell, context.text);
  return yield* evaluateArithmeticText(shell, trimmed, context.depth + 8);
}

function* elementIndex(shell: Shell, name: string, index: string, context: Context): Sys<string | number> {
  if (shell.vars.get(name)?.assoc !== undefined) return index.replace(/^\$/, "");
  return Number(yield* evaluateArithmeticText(shell, index, context.depth + 1));
}

function* assign(shell: Shell, target: ArithmeticExpression, value: bigint, context: Context): Sys<bigint> {
  if (target.type !== "ArithmeticWord") return yield* syntaxError(shell, context.text);
  const match = /^([A-Za-z_]\w*)(?:\[(.+)\])?$/.exec(target.value.trim());
  const name = match?.[1];
  if (name === undefined) return yield* syntaxError(shell, context.text);
  if (shell.vars.isReadOnly(name)) yield* shell.fail(`${name}: ${shell.dialect === "bash" ? "readonly variable" : "is read only"}`);
  const index = match?.[2];
  if (index === undefined) shell.set(name, String(value));
  else shell.vars.setElement(name, yield* elementIndex(shell, name, index, context), String(value));
  return value;
}

function* evaluateUnary(shell: Shell, node: Extract<ArithmeticExpression, { type: "ArithmeticUnary" }>, context: Context): Sys<bigint> {
  if (node.operator === "++" || node.operator === "--") {
    if (shell.dialect === "dash") return yield* syntaxError(shell, context.text);
    const before = yield* evaluate(shell, node.operand, context);
    const after = wrap(node.operator === "++" ? before + 1n : before - 1n);
    yield* assign(shell, node.operand, after, context);
    return node.prefix ? after : before;
  }
  const value = yield* evaluate(shell, node.operand, context);
  switch (node.operator) {
    case "-":
      return wrap(-value);
    case "!":
      return value === 0n ? 1n : 0n;
    case "~":
      return wrap(~value);
    default:
      return value;
  }
}

function* evaluateBinary(shell: Shell, node: Extract<ArithmeticExpression, { type: "ArithmeticBinary" }>, context: Context): Sys<bigint> {
  const { operator } = node;
  if (operator === "=") return yield* assign(shell, node.left, yield* evaluate(shell, node.right, context), context);
  const left = yield* evaluate(shell, node.left, context);
  if (operator === "&&") return left !== 0n && (yield* evaluate(shell, node.right, context)) !== 0n ? 1n : 0n;
  if (operator === "||") return left !== 0n || (yield* evaluate(shell, node.right, context)) !== 0n ? 1n : 0n;
  const right = yield* evaluate(shell, node.right, context);
  const isAssignment = /^(\+|-|\*|\/|%|<<|>>|&|\^|\|)=$/.test(operator);
  const plain = isAssignment ? operator.slice(0, -1) : operator;
  if ((plain === "/" || plain === "%") && right === 0n) return yield* divisionByZero(shell, context.text);
  const value = compute(plain, left, right);
  if (value === undefined) return yield* syntaxError(shell, context.text);
  return isAssignment ? yield* assign(shell, node.left, value, context) : value;
}

function compute(operator: string, a: bigint, b: bigint): bigint | undefined {
  const truth = (value: boolean): bigint => (value ? 1n : 0n);
  switch (operator) {
    case "+": return wrap(a + b);
    case "-": return wrap(a - b);
    case "*": return wrap(a * b);
    case "/": return wrap(a / b);
    case "%": return wrap(a % b);
    case "**": return b < 0n ? undefined : power(a, b);
    case "<<": return wrap(a << (b & 63n));
    case ">>": return wrap(a >> (b & 63n));
    case "&": return a & b;
    case "|": return a | b;
    case "^": return a ^ b;
    case "==": return truth(a === b);
    case "!=": return truth(a !== b);
    case "<": return truth(a < b);
    case "<=": return truth(a <= b);
    case ">": return truth(a > b);
    case ">=": return truth(a >= b);
    case ",": return b;
    default: return undefined;
  }
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = base;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = wrap(result * factor);
    factor = wrap(factor * factor);
  }
  return result;
}
