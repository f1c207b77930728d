import type { Process } from "../../process/process.ts";
import type { Sys } from "../../process/wait.ts";
import { builtinNames, callMethod, importModule } from "./library.ts";
import type { Expression, Statement } from "./parse.ts";
import { equal, Float, isNumber, numberOf, Raised, repr, str, truth, tuple, typeName, type Value } from "./values.ts";

class Jump {
  readonly kind: "break" | "continue" | "return";
  readonly value: Value;
  constructor(kind: Jump["kind"], value: Value = null) {
    this.kind = kind;
    this.value = value;
  }
}

const MAX_CALLS = 100;
const MAX_TEXT = 1 << 20;

/** Runs statements of the small Python; every step costs CPU time. */
export class PythonMachine {
  private readonly process: Process;
  private readonly globals = new Map<string, Value>();
  private readonly frames: { readonly locals: Map<string, Value>; readonly globalNames: Set<string> }[] = [];
  private line = 0;

  constructor(process: Process) {
    this.process = process;
    this.globals.set("__name__", "__main__");
    for (const [name, value] of builtinNames(process)) this.globals.set(name, value);
  }

  *run(body: readonly Statement[]): Sys<void> {
    for (const statement of body) yield* this.execute(statement);
  }

  private *execute(node: Statement): Sys<void> {
    yield* this.process.compute(2);
    this.line = node.line;
    try {
      yield* this.executeInside(node);
    } catch (problem) {
      if (problem instanceof Raised && problem.line === 0) problem.line = this.line;
      throw problem;
    }
  }

  private *executeInside(node: Statement): Sys<void> {
    switch (node.type) {
      case "expression":
        yield* this.evaluate(node.value);
        return;
      case "assign": {
        const right = yield* this.evaluate(node.value);
        const value = node.operator === "=" ? right : this.binary(node.operator.slice(0, -1), yield* this.evaluate(node.target), right);
        yield* this.assign(node.target, value);
        return;
      }
      case "if":
        yield* this.run(truth(yield* this.evaluate(node.test)) ? node.yes : node.no);
        return;
      case "while":
        while (truth(yield* this.evaluate(node.test))) if (!(yield* this.round(node.body))) return;
        return;
      case "for":
        for (const value of this.iterate(yield* this.evaluate(node.values))) {
          yield* this.assign(node.target, value);
          if (!(yield* this.round(node.body))) return;
        }
        return;
      case "def": {
        const parameters: (readonly [string, Value | undefined])[] = [];
        for (const [name, value] of node.parameters) parameters.push([name, value === undefined ? undefined : yield* this.evaluate(value)]);
        this.set(node.name, { kind: "function", name: node.name, parameters, body: node.body });
        return;
      }
      case "try":
        yield* this.tryStatement(node);
        return;
      case "import": {
        const module = importModule(this.process, node.module);
        if (node.names === undefined) this.set(node.alias, module);
        else for (const [name, alias] of node.names) {
          const member = module.members.get(name);
          if (member === undefined) throw new Raised("ImportError", `cannot import name '${name}' from '${node.module}'`);
          this.set(alias, member);
        }
        return;
      }
      case "return":
        throw new Jump("return", node.value === undefined ? null : yield* this.evaluate(node.value));
      case "raise": {
        if (node.value?.type === "name") throw new Raised(node.value.name, "");
        if (node.value?.type === "call" && node.value.callee.type === "name") throw new Raised(node.value.callee.name, node.value.args[0] === undefined ? "" : str(yield* this.evaluate(node.value.args[0])));
        throw new Raised("RuntimeError", "No active exception to reraise");
      }
      case "break":
      case "continue":
        throw new Jump(node.type);
      case "global":
        for (const name of node.names) this.frames.at(-1)?.globalNames.add(name);
        return;
      case "pass":
        return;
    }
  }

  private *tryStatement(node: Extract<Statement, { type: "try" }>): Sys<void> {
    try {
      yield* this.run(node.body);
    } catch (problem) {
      if (!(problem instanceof Raised)) throw problem;
      const handler = node.handlers.find(({ kind }) => kind === undefined || kind === problem.kind || kind === "Exception" || kind === "BaseException" || (kind === "OSError" && /Error$/.test(problem.kind) && /File|Connection|Permission|Timeout/.test(problem.kind)));
      if (handler === undefined) throw problem;
      if (handler.name !== undefined) this.set(handler.name, problem.text);
      yield* this.run(handler.body);
    } finally {
      yield* this.run(node.final);
    }
  }

  private *round(body: readonly Statement[]): Sys<boolean> {
    try {
      yield* this.run(body);
    } catch (jump) {
      if (!(jump instanceof Jump) || jump.kind === "return") throw jump;
      return jump.kind === "continue";
    }
    return true;
  }

  private iterate(value: Value): readonly Value[] {
    if (typeof value === "string") return [...value];
    if (Array.isArray(value)) return value;
    if (value instanceof Map) return [...value.keys()];
    if (typeof value === "object" && value !== null && !(value instanceof Float) && value.kind === "tuple") return value.items;
    throw new Raised("TypeError", `'${typeName(value)}' object is not iterable`);
  }

  private set(name: string, value: Value): void {
    const frame = this.frames.at(-1);
    if (frame === undefined || frame.globalNames.has(name)) this.globals.set(name, value);
    else frame.locals.set(name, value);
  }

  private *assign(target: Expression, value: Value): Sys<void> {
    if (target.type === "name") this.set(target.name, value);
    else if (target.type === "tuple" || target.type === "list") {
      const items = this.iterate(value);
      if (items.length !== target.items.length) throw new Raised("ValueError", items.length > target.items.length ? `too many values to unpack (expected ${target.items.length})` : `not enough values to unpack (expected ${target.items.length}, got ${items.length})`);
      for (const [index, item] of target.items.entries()) yield* this.assign(item, items[index] ?? null);
    } else if (target.type === "index") {
      const holder = yield* this.evaluate(target.target);
      const index = yield* this.evaluate(target.index);
      if (holder instanceof Map) holder.set(index, value);
      else if (Array.isArray(holder) && typeof index === "number") {
        if (index >= holder.length || index < -holder.length) throw new Raised("IndexError", "list assignment index out of range");
        holder[index < 0 ? holder.length + index : index] = value;
      } else throw new Raised("TypeError", `'${typeName(holder)}' object does not support item assignment`);
    } else throw new Raised("SyntaxError", "cannot assign to expression");
  }

  private *evaluate(node: Expression): Sys<Value> {
    if ("line" in node) this.line = node.line;
    switch (node.type) {
      case "constant":
        return node.value;
      case "name": {
        const value = this.frames.at(-1)?.locals.get(node.name) ?? this.globals.get(node.name);
        if (value === undefined) throw new Raised("NameError", `name '${node.name}' is not defined`);
        return value;
      }
      case "list":
      case "tuple": {
        const items: Value[] = [];
        for (const item of node.items) items.push(yield* this.evaluate(item));
        return node.type === "list" ? items : tuple(items);
      }
      case "dict": {
        const dict = new Map<Value, Value>();
        for (const [key, item] of node.entries) dict.set(yield* this.evaluate(key), yield* this.evaluate(item));
        return dict;
      }
      case "unary": {
        const value = yield* this.evaluate(node.operand);
        if (node.operator === "not") return !truth(value);
        if (!isNumber(value)) throw new Raised("TypeError", `bad operand type for unary ${node.operator}: '${typeName(value)}'`);
        const number = node.operator === "-" ? -numberOf(value) : node.operator === "~" ? ~numberOf(value) : numberOf(value);
        return value instanceof Float ? new Float(number) : number;
      }
      case "logical": {
        const left = yield* this.evaluate(node.left);
        return truth(left) === (node.operator === "or") ? left : yield* this.evaluate(node.right);
      }
      case "conditional":
        return truth(yield* this.evaluate(node.test)) ? yield* this.evaluate(node.yes) : yield* this.evaluate(node.no);
      case "binary":
        return this.binary(node.operator, yield* this.evaluate(node.left), yield* this.evaluate(node.right));
      case "compare": {
        let left = yield* this.evaluate(node.first);
        for (const [operator, operand] of node.rest) {
          const right = yield* this.evaluate(operand);
          if (!this.compare(operator, left, right)) return false;
          left = right;
        }
        return true;
      }
      case "format": {
        let text = "";
        for (const part of node.parts) text += typeof part === "string" ? part : formatSpec(yield* this.evaluate(part.value), part.spec);
        return text;
      }
      case "index":
        return this.index(yield* this.evaluate(node.target), yield* this.evaluate(node.index));
      case "slice": {
        const target = yield* this.evaluate(node.target);
        const from = node.from === undefined ? undefined : yield* this.evaluate(node.from);
        const to = node.to === undefined ? undefined : yield* this.evaluate(node.to);
        const bounds = [typeof from === "number" ? from : 0, typeof to === "number" ? to : undefined] as const;
        if (typeof target === "string") return target.slice(...bounds);
        return this.iterate(target).slice(...bounds);
      }
      case "attribute": {
        const target = yield* this.evaluate(node.target);
        if (typeof target === "object" && target !== null && !(target instanceof Float) && !Array.isArray(target) && !(target instanceof Map) && target.kind === "module") {
          const member = target.members.get(node.name);
          if (member !== undefined) return member;
          throw new Raised("AttributeError", `module '${target.name}' has no attribute '${node.name}'`);
        }
        throw new Raised("AttributeError", `'${typeName(target)}' object has no attribute '${node.name}'`);
      }
      case "call":
        return yield* this.callExpression(node);
    }
  }

  private *callExpression(node: Extract<Expression, { type: "call" }>): Sys<Value> {
    const args: Value[] = [];
    const named = new Map<string, Value>();
    let method: { readonly target: Value; readonly name: string } | undefined;
    let callee: Value = null;
    if (node.callee.type === "attribute") {
      const target = yield* this.evaluate(node.callee.target);
      const isModule = typeof target === "object" && target !== null && "kind" in target && target.kind === "module";
      if (isModule) callee = yield* this.evaluate(node.callee);
      else method = { target, name: node.callee.name };
    } else callee = yield* this.evaluate(node.callee);
    for (const arg of node.args) args.push(yield* this.evaluate(arg));
    for (const [name, value] of node.named) named.set(name, yield* this.evaluate(value));
    this.line = node.line;
    if (method !== undefined) return callMethod(method.target, method.name, args);
    if (callee === null || typeof callee !== "object" || !("kind" in callee) || (callee.kind !== "native" && callee.kind !== "function")) throw new Raised("TypeError", `'${typeName(callee)}' object is not callable`);
    if (callee.kind === "native") return yield* callee.run(args, named);
    if (this.frames.length >= MAX_CALLS) throw new Raised("RecursionError", "maximum recursion depth exceeded");
    const locals = new Map<string, Value>();
    for (const [index, [name, fallback]] of callee.parameters.entries()) {
      const value = args[index] ?? named.get(name) ?? fallback;
      if (value === undefined) throw new Raised("TypeError", `${callee.name}() missing 1 required positional argument: '${name}'`);
      locals.set(name, value);
    }
    if (args.length > callee.parameters.length) throw new Raised("TypeError", `${callee.name}() takes ${callee.parameters.length} positional arguments but ${args.length} were given`);
    this.frames.push({ locals, globalNames: new Set() });
    try {
      yield* this.run(callee.body);
      return null;
    } catch (jump) {
      if (jump instanceof Jump && jump.kind === "return") return jump.value;
      throw jump;
    } finally {
      this.frames.pop();
    }
  }

  private index(target: Value, index: Value): Value {
    if (target instanceof Map) {
      for (const [key, value] of target) if (equal(key, index)) return value;
      throw new Raised("KeyError", repr(index));
    }
    const items = typeof target === "string" ? [...target] : this.iterate(target);
    if (typeof index !== "number") throw new Raised("TypeError", `${typeName(target)} indices must be integers or slices, not ${typeName(index)}`);
    const item = items[index < 0 ? items.length + index : index];
    if (item === undefined) throw new Raised("IndexError", `${typeName(target) === "str" ? "string" : typeName(target)} index out of range`);
    return item;
  }

  private compare(operator: string, a: Value, b: Value): boolean {
    switch (operator) {
      case "==": return equal(a, b);
      case "!=": return !equal(a, b);
      case "is": return a === b;
      case "is not": return a !== b;
      case "in":
      case "not in": {
        const found = typeof b === "string" ? typeof a === "string" && b.includes(a) : this.iterate(b).some((item) => equal(item, a));
        return found === (operator === "in");
      }
      default: {
        const comparable = (isNumber(a) && isNumber(b)) || (typeof a === "string" && typeof b === "string");
        if (!comparable) throw new Raised("TypeError", `'${operator}' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
        const [x, y] = isNumber(a) && isNumber(b) ? [numberOf(a), numberOf(b)] : [String(a), String(b)];
        return operator === "<" ? x < y : operator === "<=" ? x <= y : operator === ">" ? x > y : x >= y;
      }
    }
  }

  private binary(operator: string, a: Value, b: Value): Value {
    if (typeof a === "string" && operator === "%") return percentFormat(a, b);
    if (operator === "+" && typeof a === "string" && typeof b === "string") return (a + b).slice(0, MAX_TEXT);
    if (operator === "+" && Array.isArray(a) && Array.isArray(b)) return [...a, ...b];
    if (operator === "*" && typeof b === "number" && (typeof a === "string" || Array.isArray(a))) return typeof a === "string" ? a.repeat(Math.max(0, Math.min(b, MAX_TEXT / Math.max(1, a.length)))) : Array.from({ length: Math.max(0, Math.min(b, 10_000)) }, () => a).flat();
    if (operator === "+" && typeof a === "string") throw new Raised("TypeError", `can only concatenate str (not "${typeName(b)}") to str`);
    if (!isNumber(a) || !isNumber(b)) throw new Raised("TypeError", `unsupported operand type(s) for ${operator}: '${typeName(a)}' and '${typeName(b)}'`);
    const [x, y] = [numberOf(a), numberOf(b)];
    if ((operator === "/" || operator === "//" || operator === "%") && y === 0) throw new Raised("ZeroDivisionError", operator === "%" ? "integer modulo by zero" : operator === "//" ? "integer division or modulo by zero" : "division by zero");
    const result = operator === "+" ? x + y : operator === "-" ? x - y : operator === "*" ? x * y : operator === "/" ? x / y : operator === "//" ? Math.floor(x / y) : operator === "%" ? x - y * Math.floor(x / y) : operator === "**" ? x ** y : operator === "&" ? x & y : operator === "|" ? x | y : operator === "^" ? x ^ y : operator === "<<" ? x * 2 ** y : Math.floor(x / 2 ** y);
    return operator === "/" || a instanceof Float || b instanceof Float || (operator === "**" && y < 0) ? new Float(result) : result;
  }
}

/** "{:>10}", "{:.2f}", "{:05d}" */
export function formatSpec(value: Value, spec: string): string {
  const match = /^(?:(.)?([<>^]))?(0)?(\d+)?(,)?(?:\.(\d+))?([dfsx%])?$/.exec(spec);
  if (spec === "" || match === null) return str(value);
  const [, fill = " ", align, zero, width, comma, precision, kind] = match;
  let text = isNumber(value) && (kind === "f" || precision !== undefined) ? numberOf(value).toFixed(Number(precision ?? 6)) : isNumber(value) && kind === "x" ? numberOf(value).toString(16) : isNumber(value) && kind === "%" ? `${(numberOf(value) * 100).toFixed(Number(precision ?? 6))}%` : typeof value === "string" && precision !== undefined ? value.slice(0, Number(precision)) : str(value);
  if (comma !== undefined) text = text.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  const size = Math.min(1_000, Number(width ?? 0));
  if (zero !== undefined && align === undefined) return text.padStart(size, "0");
  if (align === "^") return text.padStart(text.length + Math.floor((size - text.length) / 2), fill).padEnd(size, fill);
  return align === ">" || (align === undefined && isNumber(value)) ? text.padStart(size, fill) : text.padEnd(size, fill);
}

function percentFormat(format: string, operand: Value): string {
  const values = typeof operand === "object" && operand !== null && !(operand instanceof Float) && !Array.isArray(operand) && !(operand instanceof Map) && operand.kind === "tuple" ? operand.items : [operand];
  let next = 0;
  return format.replace(/%(?:%|(-?0?\d*)(?:\.(\d+))?([sdifrx]))/g, (_, width: string | undefined, precision: string | undefined, kind: string | undefined) => {
    if (kind === undefined) return "%";
    const value = values[next++];
    if (value === undefined) throw new Raised("TypeError", "not enough arguments for format string");
    const text = kind === "r" ? repr(value) : isNumber(value) && kind === "f" ? numberOf(value).toFixed(Number(precision ?? 6)) : isNumber(value) && (kind === "d" || kind === "i") ? String(Math.trunc(numberOf(value))) : str(value);
    const size = Math.min(1_000, Math.abs(Number(width ?? 0)) || 0);
    return (width ?? "").startsWith("-") ? text.padEnd(size) : text.padStart(size, (width ?? "").startsWith("0") && kind !== "s" ? "0" : " ");
  });
}
