import { err, ok, type Result } from "../../../kernel/result.ts";
import { compileRegex, type Regex, type RegexSyntax } from "../../text/regex.ts";

export type Address =
  | { readonly type: "line"; readonly line: number }
  | { readonly type: "last" }
  | { readonly type: "regex"; readonly regex: Regex | undefined }
  | { readonly type: "step"; readonly first: number; readonly step: number }
  | { readonly type: "offset"; readonly count: number };

export interface SedCommand {
  readonly from: Address | undefined;
  readonly to: Address | undefined;
  readonly negated: boolean;
  readonly name: string;
  /** Text of a, i, c; label of b, t, T, :; file of r, w. */
  readonly text: string;
  readonly substitute: Substitute | undefined;
  readonly map: ReadonlyMap<string, string> | undefined;
  /** Of "{": where its "}" is. */
  readonly end: number;
}

export interface Substitute {
  /** Undefined: the last regular expression again. */
  readonly regex: Regex | undefined;
  readonly replacement: string;
  readonly global: boolean;
  readonly print: boolean;
  readonly nth: number;
  readonly file: string;
}

/** Source: POSIX.1-2017, sed; GNU's first~step, +n, -E, I. The error is the text after "sed: ". */
export function parseSed(script: string, syntax: RegexSyntax): Result<readonly SedCommand[], string> {
  return new SedParser(script, syntax).parse();
}

class SedParser {
  private at = 0;
  private problem: string | undefined;
  private readonly script: string;
  private readonly syntax: RegexSyntax;

  constructor(script: string, syntax: RegexSyntax) {
    this.script = script;
    this.syntax = syntax;
  }

  parse(): Result<readonly SedCommand[], string> {
    const commands: SedCommand[] = [];
    const open: number[] = [];
    for (;;) {
      this.skip(/[\s;]*/y);
      if (this.at >= this.script.length || this.problem !== undefined) break;
      if (this.script.charAt(this.at) === "#") {
        this.skip(/#[^\n]*/y);
        continue;
      }
      const command = this.command();
      if (command.name === "}") {
        const start = open.pop();
        const opener = start === undefined ? undefined : commands[start];
        if (start === undefined || opener === undefined) this.problem ??= "unexpected `}'";
        else commands[start] = { ...opener, end: commands.length };
      } else {
        if (command.name === "{") open.push(commands.length);
        commands.push(command);
      }
    }
    if (this.problem === undefined && open.length > 0) this.problem = "unmatched `{'";
    return this.problem === undefined ? ok(commands) : err(this.problem);
  }

  private command(): SedCommand {
    const from = this.address();
    let to: Address | undefined;
    if (from !== undefined && this.skip(/\s*,\s*/y) !== "") to = this.address(true) ?? this.fail("unexpected `,'");
    const negated = this.skip(/\s*!\s*/y) !== "";
    this.skip(/\s*/y);
    const name = this.script.charAt(this.at++);
    const base = { from, to, negated, name, text: "", substitute: undefined, map: undefined, end: 0 };
    switch (name) {
      case "":
        this.problem ??= "missing command";
        return base;
      case "s":
        return { ...base, substitute: this.substitute() };
      case "y":
        return { ...base, map: this.transliterate() };
      case "a":
      case "i":
      case "c":
        return { ...base, text: this.argumentText() };
      case ":":
      case "b":
      case "t":
      case "T":
        return { ...base, text: this.skip(/[ \t]*[^\n;}]*/y).trim() };
      case "r":
      case "w":
        return { ...base, text: this.skip(/[ \t]*[^\n]*/y).trim() };
      case "q":
      case "Q":
        return { ...base, text: this.skip(/[ \t]*\d*/y).trim() };
      default:
        if (!"{}=dDgGhHlnNpPxz".includes(name)) this.problem ??= `unknown command: \`${name}'`;
        return base;
    }
  }

  private address(second = false): Address | undefined {
    const number = this.skip(/\d+/y);
    if (number !== "") {
      const step = this.skip(/~\d+/y);
      return step === "" ? { type: "line", line: Number(number) } : { type: "step", first: Number(number), step: Number(step.slice(1)) };
    }
    const char = this.script.charAt(this.at);
    if (char === "$") {
      this.at += 1;
      return { type: "last" };
    }
    if (second && char === "+") return { type: "offset", count: Number(this.skip(/\+\d+/y).slice(1)) };
    if (char !== "/" && char !== "\\") return undefined;
    this.at += char === "\\" ? 2 : 1;
    const pattern = this.delimited(char === "\\" ? this.script.charAt(this.at - 1) : "/", "unterminated address regex");
    const ignoreCase = this.skip(/I/y) !== "";
    return { type: "regex", regex: this.regex(pattern, ignoreCase) };
  }

  private substitute(): Substitute {
    const delimiter = this.script.charAt(this.at++);
    const pattern = this.delimited(delimiter, "unterminated `s' command");
    const replacement = this.delimited(delimiter, "unterminated `s' command", true);
    const flags = this.skip(/[gpiIeMm\d]*/y);
    const file = this.skip(/w[ \t]*[^\n]*/y);
    if (this.problem === undefined && !/[\s;}]|^$/.test(this.script.charAt(this.at))) this.problem = "unknown option to `s'";
    const nth = Number(/\d+/.exec(flags)?.[0] ?? 1);
    return { regex: this.regex(pattern, /i/i.test(flags)), replacement, global: flags.includes("g"), print: flags.includes("p"), nth, file: file === "" ? "" : file.slice(1).trim() };
  }

  private transliterate(): ReadonlyMap<string, string> {
    const delimiter = this.script.charAt(this.at++);
    const unescape = (text: string): string[] => [...text.replace(/\\n/g, "\n").replace(/\\(.)/g, "$1")];
    const from = unescape(this.delimited(delimiter, "unterminated `y' command"));
    const to = unescape(this.delimited(delimiter, "unterminated `y' command"));
    if (from.length !== to.length) this.problem ??= "strings for `y' command are different lengths";
    return new Map(from.map((char, index) => [char, to[index] ?? ""]));
  }

  /** "a text", "a\" newline text: lines go on after a backslash. */
  private argumentText(): string {
    this.skip(/[ \t]*(\\\n)?[ \t]*/y);
    let text = "";
    while (this.at < this.script.length) {
      const char = this.script.charAt(this.at++);
      if (char === "\n") break;
      if (char === "\\" && this.at < this.script.length) {
        const next = this.script.charAt(this.at++);
        text += next === "t" ? "\t" : next;
      } else text += char;
    }
    return `${text}\n`;
  }

  private regex(pattern: string, ignoreCase: boolean): Regex | undefined {
    if (pattern === "") return undefined;
    const compiled = compileRegex(pattern, this.syntax, ignoreCase);
    if (compiled.ok) return compiled.value;
    this.problem ??= compiled.error;
    return undefined;
  }

  private delimited(delimiter: string, problem: string, replacement = false): string {
    let text = "";
    let inSet = false;
    for (; this.at < this.script.length; this.at++) {
      const char = this.script.charAt(this.at);
      if (char === "\\" && this.at + 1 < this.script.length) {
        const next = this.script.charAt(++this.at);
        text += next === delimiter && !inSet ? (replacement || !/[.*[\]^$+?(){}|]/.test(next) ? next : `\\${next}`) : char + next;
        continue;
      }
      if (char === "\n" && !replacement) break;
      if (!replacement && char === "[") inSet = true;
      else if (!replacement && char === "]") inSet = false;
      if (char === delimiter && !inSet) {
        this.at += 1;
        return text;
      }
      text += char;
    }
    this.problem ??= problem;
    return text;
  }

  private skip(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.script);
    if (match === null) return "";
    this.at = pattern.lastIndex;
    return match[0];
  }

  private fail(problem: string): undefined {
    this.problem ??= problem;
  }
}
