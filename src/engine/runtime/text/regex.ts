import { err, ok, type Result } from "../../kernel/result.ts";
import { characterClass } from "../shell/pattern.ts";

/**
 * POSIX regular expressions for grep, sed, awk and [[ =~ ]].
 * A simulation of the automaton, never a search with back-tracking: the time is at most pattern × text, so that no pattern can make it hang.
 * Source: POSIX.1-2017, Base Definitions, 9; GNU's \w \s \b \< \> \+ \? \|. Differs: no back references inside a pattern.
 */
export interface Regex {
  /** The leftmost, then longest match that starts at or after `from`. */
  match(text: string, from: number): RegexMatch | undefined;
  test(text: string): boolean;
}

export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  /** Group 0 is the whole match; undefined groups took no part. */
  readonly groups: readonly (string | undefined)[];
}

export type RegexSyntax = "basic" | "extended";

type Node =
  | { readonly type: "char"; readonly test: (char: string) => boolean }
  | { readonly type: "assert"; readonly holds: (text: string, at: number) => boolean }
  | { readonly type: "sequence"; readonly parts: readonly Node[] }
  | { readonly type: "choice"; readonly options: readonly Node[] }
  | { readonly type: "group"; readonly index: number; readonly body: Node }
  | { readonly type: "repeat"; readonly body: Node; readonly min: number; readonly max: number };

type Instruction =
  | { readonly op: "char"; readonly test: (char: string) => boolean }
  | { readonly op: "assert"; readonly holds: (text: string, at: number) => boolean }
  | { readonly op: "split"; a: number; b: number }
  | { readonly op: "jump"; to: number }
  | { readonly op: "save"; readonly slot: number }
  | { readonly op: "match" };

const MAX_PROGRAM = 20_000;
const RE_DUP_MAX = 255;
const CACHE_SIZE = 128;
const cache = new Map<string, Result<Regex, string>>();

/** An error is regcomp's text: "Unmatched ( or \\(". */
export function compileRegex(pattern: string, syntax: RegexSyntax, ignoreCase = false): Result<Regex, string> {
  const key = `${syntax}${ignoreCase ? "i" : ""}${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const parser = new Parser(pattern, syntax, ignoreCase);
  const result = build(parser);
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(key, result);
  return result;
}

function build(parser: Parser): Result<Regex, string> {
  const tree = parser.parse();
  if (!tree.ok) return tree;
  const program: Instruction[] = [];
  if (!emit(program, tree.value)) return err("Regular expression too big");
  program.push({ op: "match" });
  return ok(new Automaton(program, parser.groupCount));
}

class Parser {
  groupCount = 0;
  private at = 0;
  private depth = 0;
  private problem: string | undefined;
  private readonly pattern: string;
  private readonly extended: boolean;
  private readonly ignoreCase: boolean;

  constructor(pattern: string, syntax: RegexSyntax, ignoreCase: boolean) {
    this.pattern = pattern;
    this.extended = syntax === "extended";
    this.ignoreCase = ignoreCase;
  }

  parse(): Result<Node, string> {
    const node = this.choice();
    if (this.problem === undefined && this.at < this.pattern.length) this.problem = this.extended ? "Unmatched ) or \\)" : "Unmatched ) or \\)";
    return this.problem === undefined ? ok(node) : err(this.problem);
  }

  /** "|" or "\|", "(" or "\(", by syntax. */
  private isOperator(char: string): boolean {
    return this.extended ? this.pattern.charAt(this.at) === char : this.pattern.startsWith(`\\${char}`, this.at);
  }

  private skipOperator(): void {
    this.at += this.extended ? 1 : 2;
  }

  private choice(): Node {
    const options = [this.sequence()];
    while (this.at < this.pattern.length && this.isOperator("|")) {
      this.skipOperator();
      options.push(this.sequence());
    }
    return options.length === 1 && options[0] !== undefined ? options[0] : { type: "choice", options };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    const start = this.at;
    while (this.problem === undefined && this.at < this.pattern.length && !this.isOperator("|")) {
      if (this.isOperator(")") && (this.depth > 0 || !this.extended)) break;
      const atom = this.atom(this.at === start);
      if (atom === undefined) break;
      parts.push(this.repeated(atom));
    }
    return { type: "sequence", parts };
  }

  private repeated(atom: Node): Node {
    let node = atom;
    if (!this.extended && atom.type === "assert") return node; // "^*": the star stands for itself
    for (;;) {
      const char = this.pattern.charAt(this.at);
      if (char === "*") { this.at += 1; node = { type: "repeat", body: node, min: 0, max: Infinity }; }
      else if (this.isOperator("+")) { this.skipOperator(); node = { type: "repeat", body: node, min: 1, max: Infinity }; }
      else if (this.isOperator("?")) { this.skipOperator(); node = { type: "repeat", body: node, min: 0, max: 1 }; }
      else if (this.isOperator("{")) {
        const bounds = this.bounds();
        if (bounds === undefined) return node;
        node = { type: "repeat", body: node, ...bounds };
      } else return node;
    }
  }

  private bounds(): { min: number; max: number } | undefined {
    const match = (this.extended ? /^\{(\d*)(,?)(\d*)\}/ : /^\\\{(\d*)(,?)(\d*)\\\}/).exec(this.pattern.slice(this.at));
    if (match === null) {
      if (!this.extended) this.problem = "Unmatched \\{";
      return undefined;
    }
    const [whole, low = "", comma = "", high = ""] = match;
    if (low === "" && high === "") {
      this.problem = "Invalid content of \\{\\}";
      return undefined;
    }
    this.at += whole.length;
    const min = Number(low || 0);
    const max = comma === "" ? min : high === "" ? Infinity : Number(high);
    if (min > RE_DUP_MAX || (max !== Infinity && (max > RE_DUP_MAX || max < min))) this.problem = "Invalid content of \\{\\}";
    return { min, max };
  }

  /** Undefined when nothing is left that could start an atom. */
  private atom(first: boolean): Node | undefined {
    const char = this.pattern.charAt(this.at);
    if (this.isOperator("(")) return this.group();
    if (this.extended && char === "{" && !first) { this.at += 1; return this.literal("{"); }
    if (!this.extended && char === "*" && (first || this.pattern.charAt(this.at - 1) === "^")) { this.at += 1; return this.literal("*"); }
    if (this.extended && (char === "*" || char === "+" || char === "?") && first) { this.at += 1; return char === "*" ? { type: "sequence", parts: [] } : this.literal(char); }
    if (char === "\\") return this.escape();
    this.at += 1;
    if (char === ".") return { type: "char", test: (c) => c !== "" };
    if (char === "[") return this.bracket();
    if (char === "^" && (this.extended || first)) return { type: "assert", holds: (_, at) => at === 0 };
    if (char === "$" && (this.extended || this.at === this.pattern.length || this.pattern.startsWith("\\)", this.at) || this.pattern.startsWith("\\|", this.at))) return { type: "assert", holds: (text, at) => at === text.length };
    return this.literal(char);
  }

  private group(): Node {
    this.skipOperator();
    if (this.depth > 100) {
      this.problem = "Regular expression too big";
      return { type: "sequence", parts: [] };
    }
    const index = ++this.groupCount;
    this.depth += 1;
    const body = this.choice();
    this.depth -= 1;
    if (!this.isOperator(")") || this.at >= this.pattern.length) this.problem ??= "Unmatched ( or \\(";
    else this.skipOperator();
    return { type: "group", index, body };
  }

  private escape(): Node {
    const char = this.pattern.charAt(this.at + 1);
    this.at += 2;
    const isWord = (c: string): boolean => /^\w$/.test(c);
    switch (char) {
      case "": this.problem = "Trailing backslash"; return { type: "sequence", parts: [] };
      case "w": return { type: "char", test: isWord };
      case "W": return { type: "char", test: (c) => c !== "" && !isWord(c) };
      case "s": return { type: "char", test: (c) => /^\s$/.test(c) };
      case "S": return { type: "char", test: (c) => c !== "" && !/^\s$/.test(c) };
      case "b": return { type: "assert", holds: (text, at) => isWord(text.charAt(at - 1)) !== isWord(text.charAt(at)) };
      case "B": return { type: "assert", holds: (text, at) => isWord(text.charAt(at - 1)) === isWord(text.charAt(at)) };
      case "<": return { type: "assert", holds: (text, at) => !isWord(text.charAt(at - 1)) && isWord(text.charAt(at)) };
      case ">": return { type: "assert", holds: (text, at) => isWord(text.charAt(at - 1)) && !isWord(text.charAt(at)) };
      case "n": return this.literal("\n");
      case "t": return this.literal("\t");
      default:
        if (/[1-9]/.test(char)) this.problem = "Invalid back reference";
        return this.literal(char);
    }
  }

  private bracket(): Node {
    let at = this.at;
    const negated = this.pattern.charAt(at) === "^";
    if (negated) at += 1;
    const tests: ((char: string) => boolean)[] = [];
    for (let first = true; ; first = false) {
      const char = this.pattern.charAt(at);
      if (char === "") {
        this.problem = "Unmatched [, [^, [:, [., or [=";
        return { type: "sequence", parts: [] };
      }
      if (char === "]" && !first) break;
      const named = /^\[:([a-z]+):\]/.exec(this.pattern.slice(at));
      if (named !== null) {
        const test = characterClass(named[1] ?? "");
        if (test === undefined) this.problem = "Invalid character class name";
        else tests.push(test);
        at += named[0].length;
        continue;
      }
      const to = this.pattern.charAt(at + 2);
      if (this.pattern.charAt(at + 1) === "-" && to !== "]" && to !== "") {
        const low = char;
        if (low > to) this.problem = "Invalid range end";
        tests.push((c) => c >= low && c <= to);
        at += 3;
      } else {
        // Differs from POSIX as GNU and busybox do: \n, \t and \] mean what people write them for.
        const next = this.pattern.charAt(at + 1);
        const special = char === "\\" ? { n: "\n", t: "\t" }[next] : undefined;
        const one = special ?? char;
        tests.push((c) => c === one);
        at += special === undefined ? 1 : 2;
      }
    }
    this.at = at + 1;
    const has = (c: string): boolean => tests.some((test) => test(c));
    const either = this.ignoreCase ? (c: string): boolean => has(c.toLowerCase()) || has(c.toUpperCase()) : has;
    return { type: "char", test: (c) => c !== "" && either(c) !== negated };
  }

  private literal(char: string): Node {
    if (!this.ignoreCase) return { type: "char", test: (c) => c === char };
    const lower = char.toLowerCase();
    return { type: "char", test: (c) => c.toLowerCase() === lower };
  }
}

/** False when the program would become too large. */
function emit(program: Instruction[], node: Node): boolean {
  if (program.length > MAX_PROGRAM) return false;
  switch (node.type) {
    case "char":
      program.push({ op: "char", test: node.test });
      return true;
    case "assert":
      program.push({ op: "assert", holds: node.holds });
      return true;
    case "sequence":
      return node.parts.every((part) => emit(program, part));
    case "group":
      program.push({ op: "save", slot: node.index * 2 });
      if (!emit(program, node.body)) return false;
      program.push({ op: "save", slot: node.index * 2 + 1 });
      return true;
    case "choice":
      return emitChoice(program, node.options);
    case "repeat":
      return emitRepeat(program, node);
  }
}

function emitChoice(program: Instruction[], options: readonly Node[]): boolean {
  const jumps: Extract<Instruction, { op: "jump" }>[] = [];
  for (const [index, option] of options.entries()) {
    const last = index === options.length - 1;
    const split: Extract<Instruction, { op: "split" }> = { op: "split", a: 0, b: 0 };
    if (!last) {
      program.push(split);
      split.a = program.length;
    }
    if (!emit(program, option)) return false;
    if (last) continue;
    const jump: Extract<Instruction, { op: "jump" }> = { op: "jump", to: 0 };
    program.push(jump);
    jumps.push(jump);
    split.b = program.length;
  }
  for (const jump of jumps) jump.to = program.length;
  return true;
}

function emitRepeat(program: Instruction[], node: Extract<Node, { type: "repeat" }>): boolean {
  for (let i = 0; i < node.min; i++) if (!emit(program, node.body)) return false;
  if (node.max === Infinity) {
    const split: Extract<Instruction, { op: "split" }> = { op: "split", a: 0, b: 0 };
    const start = program.length;
    program.push(split);
    split.a = program.length;
    if (!emit(program, node.body)) return false;
    program.push({ op: "jump", to: start });
    split.b = program.length;
    return true;
  }
  const splits: Extract<Instruction, { op: "split" }>[] = [];
  for (let i = node.min; i < node.max; i++) {
    const split: Extract<Instruction, { op: "split" }> = { op: "split", a: 0, b: 0 };
    program.push(split);
    split.a = program.length;
    splits.push(split);
    if (!emit(program, node.body)) return false;
  }
  for (const split of splits) split.b = program.length;
  return true;
}

type Saved = readonly (number | undefined)[];

interface Thread {
  readonly pc: number;
  readonly saved: Saved;
}

class Automaton implements Regex {
  private readonly program: readonly Instruction[];
  private readonly slots: number;

  constructor(program: readonly Instruction[], groups: number) {
    this.program = program;
    this.slots = (groups + 1) * 2;
  }

  test(text: string): boolean {
    return this.match(text, 0) !== undefined;
  }

  match(text: string, from: number): RegexMatch | undefined {
    let threads: Thread[] = [];
    let best: Saved | undefined;
    const start: Saved = Array.from({ length: this.slots }, () => undefined);
    for (let at = from; at <= text.length; at++) {
      const seen = new Uint8Array(this.program.length);
      const now: Thread[] = [];
      for (const thread of threads) this.follow(now, seen, thread.pc, thread.saved, text, at);
      if (best === undefined) this.follow(now, seen, 0, withSlot(start, 0, at), text, at);
      if (now.length === 0 && best !== undefined) break;
      threads = [];
      const char = text.charAt(at);
      for (const thread of now) {
        const instruction = this.program[thread.pc];
        if (instruction?.op === "match") {
          if (best === undefined || (thread.saved[0] ?? 0) < (best[0] ?? 0) || ((thread.saved[0] ?? 0) === (best[0] ?? 0) && at > (best[1] ?? -1))) best = withSlot(thread.saved, 1, at);
        } else if (instruction?.op === "char" && at < text.length && instruction.test(char)) {
          if (best === undefined || (thread.saved[0] ?? 0) <= (best[0] ?? 0)) threads.push({ pc: thread.pc + 1, saved: thread.saved });
        }
      }
    }
    if (best === undefined) return undefined;
    const groups: (string | undefined)[] = [];
    for (let slot = 0; slot < this.slots; slot += 2) {
      const begin = best[slot];
      const end = best[slot + 1];
      groups.push(begin === undefined || end === undefined ? undefined : text.slice(begin, end));
    }
    return { start: best[0] ?? 0, end: best[1] ?? 0, groups };
  }

  /** Adds every place that can be reached without reading a character. A stack of its own: patterns may nest deeply. */
  private follow(into: Thread[], seen: Uint8Array, first: number, initial: Saved, text: string, at: number): void {
    const stack: Thread[] = [{ pc: first, saved: initial }];
    for (let thread = stack.pop(); thread !== undefined; thread = stack.pop()) {
      const { pc, saved } = thread;
      if (seen[pc] === 1) continue;
      seen[pc] = 1;
      const instruction = this.program[pc];
      switch (instruction?.op) {
        case "jump":
          stack.push({ pc: instruction.to, saved });
          break;
        case "split":
          stack.push({ pc: instruction.b, saved }, { pc: instruction.a, saved });
          break;
        case "save":
          stack.push({ pc: pc + 1, saved: withSlot(saved, instruction.slot, at) });
          break;
        case "assert":
          if (instruction.holds(text, at)) stack.push({ pc: pc + 1, saved });
          break;
        default:
          into.push(thread);
      }
    }
  }
}

function withSlot(saved: Saved, slot: number, at: number): Saved {
  const copy = [...saved];
  copy[slot] = at;
  return copy;
}
