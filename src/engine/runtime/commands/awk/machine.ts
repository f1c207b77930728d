import type { Invocation } from "../../process/invocation.ts";
import { openFile } from "../../process/open.ts";
import type { OpenFile } from "../../process/open-file.ts";
import { createPipe } from "../../process/pipe.ts";
import type { Sys } from "../../process/wait.ts";
import { compileRegex, type Regex } from "../../text/regex.ts";
import { runChild } from "../running.ts";
import type { AwkProgram, Expression, Rule, Statement } from "./ast.ts";
import { builtin, formatText, numberText } from "./builtins.ts";
import { type AwkArray, Jump, type Value } from "./values.ts";
import { arithmetic, looksNumeric, MAX_FIELDS, splitFields, splitRecords } from "./text.ts";

const MAX_CALLS = 100;

/** Runs an awk program. Source: POSIX.1-2017, awk. */
export class AwkMachine {
  readonly globals = new Map<string, Value>();
  readonly arrays = new Map<string, AwkArray>();
  exitCode = 0;
  private readonly call: Invocation;
  private readonly program: AwkProgram;
  private readonly inputs: string[];
  private record = "";
  private fields: string[] | undefined;
  private lines: string[] | undefined;
  private lineAt = 0;
  private readonly ranges = new Set<Rule>();
  private readonly frames: { readonly values: Map<string, Value>; readonly arrays: Map<string, AwkArray> }[] = [];
  private readonly outputs = new Map<string, OpenFile>();
  private readonly pipes = new Map<string, string>();
  private readonly readers = new Map<string, { lines: string[]; at: number }>();

  constructor(call: Invocation, program: AwkProgram, inputs: readonly string[]) {
    this.call = call;
    this.program = program;
    this.inputs = [...inputs];
    for (const [name, value] of [["FS", " "], ["OFS", " "], ["ORS", "\n"], ["RS", "\n"], ["NR", 0], ["FNR", 0], ["SUBSEP", "\x1c"], ["CONVFMT", "%.6g"], ["OFMT", "%.6g"], ["RSTART", 0], ["RLENGTH", -1], ["FILENAME", ""]] as const) this.globals.set(name, value);
    this.arrays.set("ENVIRON", new Map([...call.process.env].map(([name, value]) => [name, { text: value }])));
  }

  *run(): Sys<number> {
    try {
      for (const rule of this.program.rules) if (rule.kind === "BEGIN" && rule.body !== undefined) yield* this.execute(rule.body);
      if (this.program.rules.some((rule) => rule.kind !== "BEGIN")) {
        while (yield* this.nextRecord()) yield* this.runRules();
      }
    } catch (jump) {
      this.leave(jump);
    }
    try {
      for (const rule of this.program.rules) if (rule.kind === "END" && rule.body !== undefined) yield* this.execute(rule.body);
    } catch (jump) {
      this.leave(jump);
    }
    yield* this.flush();
    return this.exitCode;
  }

  private leave(jump: unknown): void {
    if (!(jump instanceof Jump)) throw jump;
    if (jump.kind === "exit") this.exitCode = jump.value === "" ? this.exitCode : this.number(jump.value) & 0xff;
  }

  private *runRules(): Sys<void> {
    try {
      for (const rule of this.program.rules) {
        if (rule.kind !== "main" || !(yield* this.selects(rule))) continue;
        if (rule.body === undefined) yield* this.write(undefined, "", `${this.record}${this.text(this.get("ORS"))}`);
        else yield* this.execute(rule.body);
      }
    } catch (jump) {
      if (!(jump instanceof Jump) || jump.kind !== "next") throw jump;
    }
  }

  private *selects(rule: Rule): Sys<boolean> {
    if (rule.from === undefined) return true;
    if (rule.to === undefined) return this.truth(yield* this.evaluate(rule.from));
    if (!this.ranges.has(rule) && !this.truth(yield* this.evaluate(rule.from))) return false;
    this.ranges.add(rule);
    if (this.truth(yield* this.evaluate(rule.to))) this.ranges.delete(rule);
    return true;
  }

  private *nextRecord(): Sys<boolean> {
    const line = yield* this.nextLine();
    if (line === undefined) return false;
    this.setRecord(line);
    return true;
  }

  private *nextLine(): Sys<string | undefined> {
    for (;;) {
      yield* this.call.process.compute(3);
      if (this.lines === undefined) {
        const name = this.inputs.length === 0 ? (this.lineAt === 0 && !this.globals.has("\0started") ? "-" : undefined) : this.inputs.shift();
        this.globals.set("\0started", 1);
        if (name === undefined) return undefined;
        const assignment = /^([A-Za-z_]\w*)=(.*)$/s.exec(name);
        if (assignment !== null) {
          this.globals.set(assignment[1] ?? "", { text: assignment[2] ?? "" });
          if (this.inputs.length === 0) this.inputs.push("-");
          continue;
        }
        if (name === "-" && this.text(this.get("RS")) === "\n") {
          const line = yield* this.call.process.read(0, { line: true });
          if (line === null) return undefined;
          this.inputs.unshift("-");
          this.count();
          return line.replace(/\n$/, "");
        }
        const text = yield* this.call.readFile(name);
        if (!text.ok) {
          yield* this.call.complain(this.call.isBusybox ? `${name}: No such file or directory` : `cannot open "${name}" (No such file or directory)`);
          this.exitCode = 2;
          continue;
        }
        this.globals.set("FILENAME", name === "-" ? "" : name);
        this.globals.set("FNR", 0);
        this.lines = splitRecords(text.value, this.text(this.get("RS")));
        this.lineAt = 0;
      }
      const line = this.lines[this.lineAt++];
      if (line === undefined) {
        this.lines = undefined;
        this.lineAt = 1;
        if (this.inputs.length === 0) return undefined;
        continue;
      }
      this.count();
      return line;
    }
  }

  private count(): void {
    this.globals.set("NR", this.number(this.get("NR")) + 1);
    this.globals.set("FNR", this.number(this.get("FNR")) + 1);
  }

  private setRecord(text: string): void {
    this.record = text;
    this.fields = undefined;
  }

  private split(): string[] {
    return (this.fields ??= splitFields(this.record, this.text(this.get("FS"))));
  }

  private rebuild(): void {
    this.record = this.split().join(this.text(this.get("OFS")));
  }

  // ---- values --------------------------------------------------------------------------------------------------------------------

  text(value: Value): string {
    return typeof value === "string" ? value : typeof value === "number" ? numberText(value) : value.text;
  }

  number(value: Value): number {
    if (typeof value === "number") return value;
    const match = /^\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?)/.exec(this.text(value));
    return match === null ? 0 : Number(match[0]);
  }

  private truth(value: Value): boolean {
    if (typeof value === "number") return value !== 0;
    if (typeof value === "string") return value !== "";
    return looksNumeric(value.text) ? Number(value.text) !== 0 : value.text !== "";
  }

  get(name: string): Value {
    if (name === "NF") return this.split().length;
    for (const frame of this.frames.slice(-1)) {
      const local = frame.values.get(name);
      if (local !== undefined) return local;
    }
    return this.globals.get(name) ?? "";
  }

  set(name: string, value: Value): void {
    const frame = this.frames.at(-1);
    if (frame?.values.has(name) === true) frame.values.set(name, value);
    else if (name === "NF") {
      const count = Math.max(0, Math.min(MAX_FIELDS, this.number(value)));
      this.fields = Array.from({ length: count }, (_, index) => this.split()[index] ?? "");
      this.rebuild();
    } else this.globals.set(name, value);
  }

  array(name: string): AwkArray {
    const frame = this.frames.at(-1);
    const local = frame?.arrays.get(name);
    if (local !== undefined) return local;
    if (frame?.values.has(name) === true) {
      const fresh: AwkArray = new Map();
      frame.arrays.set(name, fresh);
      return fresh;
    }
    let array = this.arrays.get(name);
    if (array === undefined) this.arrays.set(name, (array = new Map()));
    return array;
  }

  field(index: number): Value {
    if (index === 0) return { text: this.record };
    const text = this.split()[index - 1];
    return text === undefined ? "" : { text };
  }

  setField(index: number, text: string): void {
    if (index === 0) {
      this.setRecord(text);
      return;
    }
    if (index < 0 || index > MAX_FIELDS) return;
    const fields = this.split();
    while (fields.length < index) fields.push("");
    fields[index - 1] = text;
    this.rebuild();
  }

  // ---- expressions ---------------------------------------------------------------------------------------------------------------

  *evaluate(node: Expression): Sys<Value> {
    switch (node.type) {
      case "number":
      case "string":
        return node.value;
      case "regex":
        return this.regex(node.source)?.test(this.record) === true ? 1 : 0;
      case "variable":
        return this.get(node.name);
      case "element": {
        const array = this.array(node.name);
        const key = yield* this.key(node.index);
        const value = array.get(key);
        if (value === undefined) array.set(key, "");
        return value ?? "";
      }
      case "field":
        return this.field(Math.trunc(this.number(yield* this.evaluate(node.index))));
      case "group": {
        const [first] = node.items;
        if (first === undefined) return "";
        return node.items.length === 1 ? yield* this.evaluate(first) : yield* this.key(node.items);
      }
      case "unary": {
        const value = yield* this.evaluate(node.operand);
        return node.operator === "!" ? (this.truth(value) ? 0 : 1) : node.operator === "-" ? -this.number(value) : this.number(value);
      }
      case "binary":
        return yield* this.binary(node.operator, node.left, node.right);
      case "match": {
        const regex = this.regex(yield* this.pattern(node.right));
        return (regex?.test(this.text(yield* this.evaluate(node.left))) === true) !== node.negated ? 1 : 0;
      }
      case "in":
        return this.array(node.name).has(yield* this.key(node.index)) ? 1 : 0;
      case "ternary":
        return this.truth(yield* this.evaluate(node.test)) ? yield* this.evaluate(node.yes) : yield* this.evaluate(node.no);
      case "assign": {
        const right = yield* this.evaluate(node.value);
        const value = node.operator === "=" ? right : arithmetic(node.operator.slice(0, -1), this.number(yield* this.evaluate(node.target)), this.number(right));
        yield* this.assign(node.target, value);
        return value;
      }
      case "step": {
        const before = this.number(yield* this.evaluate(node.target));
        const after = node.operator === "++" ? before + 1 : before - 1;
        yield* this.assign(node.target, after);
        return node.prefix ? after : before;
      }
      case "call":
        return yield* this.callFunction(node.name, node.args);
      case "getline":
        return yield* this.getline(node);
    }
  }

  /** The text of a pattern: a regular expression literal stands for itself. */
  *pattern(node: Expression): Sys<string> {
    return node.type === "regex" ? node.source : this.text(yield* this.evaluate(node));
  }

  regex(source: string): Regex | undefined {
    const compiled = compileRegex(source, "extended");
    return compiled.ok ? compiled.value : undefined;
  }

  *assign(target: Expression, value: Value): Sys<void> {
    if (target.type === "variable") this.set(target.name, value);
    else if (target.type === "element") this.array(target.name).set(yield* this.key(target.index), value);
    else if (target.type === "field") this.setField(Math.trunc(this.number(yield* this.evaluate(target.index))), this.text(value));
    else if (target.type === "group" && target.items[0] !== undefined) yield* this.assign(target.items[0], value);
  }

  private *key(index: readonly Expression[]): Sys<string> {
    const parts: string[] = [];
    for (const part of index) parts.push(this.text(yield* this.evaluate(part)));
    return parts.join(this.text(this.get("SUBSEP")));
  }

  private *binary(operator: string, leftNode: Expression, rightNode: Expression): Sys<Value> {
    const left = yield* this.evaluate(leftNode);
    if (operator === "&&") return this.truth(left) && this.truth(yield* this.evaluate(rightNode)) ? 1 : 0;
    if (operator === "||") return this.truth(left) || this.truth(yield* this.evaluate(rightNode)) ? 1 : 0;
    const right = yield* this.evaluate(rightNode);
    if (operator === " ") return this.text(left) + this.text(right);
    if (!/^[<>=!]/.test(operator)) return arithmetic(operator, this.number(left), this.number(right));
    const numeric = this.isNumeric(left) && this.isNumeric(right);
    const [a, b] = numeric ? [this.number(left), this.number(right)] : [this.text(left), this.text(right)];
    const holds: Readonly<Record<string, boolean>> = { "<": a < b, "<=": a <= b, "==": a === b, "!=": a !== b, ">": a > b, ">=": a >= b };
    return holds[operator] === true ? 1 : 0;
  }

  private isNumeric(value: Value): boolean {
    return typeof value === "number" || (typeof value === "object" && looksNumeric(value.text)) || value === "";
  }

  private *callFunction(name: string, args: readonly Expression[]): Sys<Value> {
    const own = this.program.functions.get(name);
    if (own === undefined) return yield* builtin(this, this.call, name, args);
    if (this.frames.length >= MAX_CALLS) {
      yield* this.call.complain("function call nesting too deep");
      throw new Jump("exit", 2);
    }
    const frame = { values: new Map<string, Value>(), arrays: new Map<string, AwkArray>() };
    for (const [index, parameter] of own.parameters.entries()) {
      const arg = args[index];
      if (arg?.type === "variable" && (this.arrays.has(arg.name) || this.frames.at(-1)?.arrays.has(arg.name) === true || !this.globals.has(arg.name))) {
        frame.arrays.set(parameter, this.array(arg.name));
        frame.values.set(parameter, this.get(arg.name));
      } else frame.values.set(parameter, arg === undefined ? "" : yield* this.evaluate(arg));
    }
    this.frames.push(frame);
    try {
      yield* this.execute(own.body);
      return "";
    } catch (jump) {
      if (jump instanceof Jump && jump.kind === "return") return jump.value;
      throw jump;
    } finally {
      this.frames.pop();
    }
  }

  private *getline(node: Extract<Expression, { type: "getline" }>): Sys<Value> {
    let line: string | undefined;
    if (node.file === undefined && node.command === undefined) line = yield* this.nextLine();
    else {
      const name = this.text(yield* this.evaluate(node.command ?? node.file ?? { type: "string", value: "" }));
      const key = `${node.command === undefined ? "<" : "|"}${name}`;
      let reader = this.readers.get(key);
      if (reader === undefined) {
        const text = node.command === undefined ? yield* this.call.readFile(name) : { ok: true as const, value: yield* this.outputOf(name) };
        if (!text.ok) return -1;
        reader = { lines: text.value === "" ? [] : text.value.replace(/\n$/, "").split("\n"), at: 0 };
        this.readers.set(key, reader);
      }
      line = reader.lines[reader.at++];
    }
    if (line === undefined) return 0;
    if (node.target === undefined) this.setRecord(line);
    else yield* this.assign(node.target, { text: line });
    return 1;
  }

  private *outputOf(command: string): Sys<string> {
    const { process } = this.call;
    const pipe = createPipe("pipe:[getline]");
    pipe.reader.retain();
    const child = process.table.spawn({ argv: ["sh", "-c", command], env: process.env, cwd: process.cwd, credentials: process.credentials, files: [process.files[0], pipe.writer, process.files[2]], ppid: process.pid });
    if (!child.ok) return "";
    process.setFile(7, pipe.reader);
    pipe.reader.release();
    const text = yield* process.readAll(7);
    process.setFile(7, undefined);
    yield* process.waitChild(child.value.pid);
    return text;
  }

  // ---- statements ----------------------------------------------------------------------------------------------------------------

  private *execute(node: Statement): Sys<void> {
    yield* this.call.process.compute(2);
    switch (node.type) {
      case "block":
        for (const statement of node.body) yield* this.execute(statement);
        return;
      case "expression":
        yield* this.evaluate(node.value);
        return;
      case "print":
        yield* this.print(node);
        return;
      case "if":
        if (this.truth(yield* this.evaluate(node.test))) yield* this.execute(node.yes);
        else if (node.no !== undefined) yield* this.execute(node.no);
        return;
      case "while":
        if (node.first && !(yield* this.round(node.body))) return;
        while (this.truth(yield* this.evaluate(node.test))) if (!(yield* this.round(node.body))) return;
        return;
      case "for":
        if (node.start !== undefined) yield* this.execute(node.start);
        while (node.test === undefined || this.truth(yield* this.evaluate(node.test))) {
          if (!(yield* this.round(node.body))) return;
          if (node.step !== undefined) yield* this.execute(node.step);
        }
        return;
      case "forin":
        for (const key of [...this.array(node.array).keys()]) {
          this.set(node.variable, { text: key });
          if (!(yield* this.round(node.body))) return;
        }
        return;
      case "delete":
        if (node.index === undefined) this.array(node.name).clear();
        else this.array(node.name).delete(yield* this.key(node.index));
        return;
      case "jump":
        throw new Jump(node.kind);
      case "exit":
      case "return":
        throw new Jump(node.type, node.value === undefined ? "" : yield* this.evaluate(node.value));
    }
  }

  /** One turn of a loop; false when it was left. */
  private *round(body: Statement): Sys<boolean> {
    try {
      yield* this.execute(body);
    } catch (jump) {
      if (!(jump instanceof Jump) || (jump.kind !== "break" && jump.kind !== "continue")) throw jump;
      return jump.kind === "continue";
    }
    return true;
  }

  private *print(node: Extract<Statement, { type: "print" }>): Sys<void> {
    const values: Value[] = [];
    for (const arg of node.args) values.push(yield* this.evaluate(arg));
    const target = node.target === undefined ? "" : this.text(yield* this.evaluate(node.target));
    const text = node.formatted
      ? formatText(this, this.text(values[0] ?? ""), values.slice(1))
      : `${values.length === 0 ? this.record : values.map((value) => this.text(value)).join(this.text(this.get("OFS")))}${this.text(this.get("ORS"))}`;
    yield* this.write(node.mode, target, text);
  }

  private *write(mode: ">" | ">>" | "|" | undefined, target: string, text: string): Sys<void> {
    const { process } = this.call;
    if (mode === undefined || target === "/dev/stdout") {
      if (!(yield* process.out(text))) throw new Jump("exit", 2);
    } else if (target === "/dev/stderr") yield* process.errOut(text);
    else if (mode === "|") this.pipes.set(target, (this.pipes.get(target) ?? "") + text);
    else {
      let file = this.outputs.get(target);
      if (file === undefined) {
        const opened = openFile(process, target, mode === ">" ? "write" : "append");
        if (!opened.ok) {
          yield* this.call.complain(`cannot redirect to "${target}"`);
          throw new Jump("exit", 2);
        }
        file = opened.value;
        this.outputs.set(target, file);
      }
      file.write(text);
    }
  }

  /** Differs: commands behind "|" run when the program ends or closes them, with all that was written. */
  *flush(only?: string): Sys<void> {
    for (const [command, text] of this.pipes) {
      if (only !== undefined && only !== command) continue;
      this.pipes.delete(command);
      const { process } = this.call;
      const saved = process.files[0];
      saved?.retain();
      const pipe = createPipe("pipe:[print]");
      pipe.writer.retain();
      process.setFile(0, pipe.reader);
      pipe.writer.write(text);
      pipe.writer.release();
      yield* runChild(this.call, ["sh", "-c", command]);
      process.setFile(0, saved);
      saved?.release();
    }
  }

  close(name: string): void {
    this.outputs.delete(name);
    this.readers.delete(`<${name}`);
    this.readers.delete(`|${name}`);
  }
}
