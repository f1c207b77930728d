import { basename } from "../fs/path.ts";
import { ownership } from "../fs/file-system.ts";
import type { FileNode } from "../fs/node.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Process } from "../process/process.ts";
import { absolute } from "../fs/file-system.ts";
import type { Flavour } from "../process/program.ts";

/** Evaluates the arguments of `[` or `test`. An error is the text after the command's own prefix. */
export function evaluateTest(process: Process, args: readonly string[], flavour: Flavour): Result<boolean, string> {
  const parser = new TestParser(process, args, flavour);
  return parser.run();
}

const UNARY = new Set(["-b", "-c", "-d", "-e", "-f", "-g", "-G", "-h", "-k", "-L", "-n", "-N", "-O", "-p", "-r", "-s", "-S", "-t", "-u", "-w", "-x", "-z"]);
const BINARY = new Set(["=", "==", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"]);

export const isUnaryTest = (operator: string): boolean => UNARY.has(operator);

/** Source: POSIX.1-2017, test: the number of arguments decides up to four; more go by precedence. */
class TestParser {
  private at = 0;
  private readonly process: Process;
  private readonly args: readonly string[];
  private readonly flavour: Flavour;
  private problem: string | undefined;

  constructor(process: Process, args: readonly string[], flavour: Flavour) {
    this.process = process;
    this.args = args;
    this.flavour = flavour;
  }

  run(): Result<boolean, string> {
    const value = this.args.length === 0 ? false : this.byCount(this.args);
    return this.problem === undefined ? ok(value) : err(this.problem);
  }

  private byCount(args: readonly string[]): boolean {
    const [a = "", b = "", c = "", d = ""] = args;
    if (args.length === 1) return a !== "";
    if (args.length === 2) {
      if (a === "!") return b === "";
      if (UNARY.has(a)) return this.unary(a, b);
      return this.fail(this.twoOperandProblem(a, b));
    }
    if (args.length === 3) {
      if (BINARY.has(b)) return this.binary(a, b, c);
      if (b === "-a") return a !== "" && c !== "";
      if (b === "-o") return a !== "" || c !== "";
      if (a === "!") return !this.byCount([b, c]);
      if (a === "(" && c === ")") return b !== "";
      if (UNARY.has(a) && (c === "" || !BINARY.has(b))) return this.fail(this.flavour === "bash" ? (UNARY.has(a) ? `${b}: binary operator expected` : `${a}: binary operator expected`) : `${b}: unknown operand`);
      return this.fail(this.flavour === "bash" ? `${b}: binary operator expected` : this.flavour === "busybox" || this.flavour === "dash" ? `${b}: unknown operand` : `'${b}': binary operator expected`);
    }
    if (args.length === 4 && a === "!") return !this.byCount([b, c, d]);
    const value = this.or();
    if (this.problem === undefined && this.at < this.args.length) return this.fail(this.flavour === "bash" ? "too many arguments" : this.flavour === "busybox" || this.flavour === "dash" ? this.flavour === "dash" ? `${this.args[this.at - 1] ?? ""}: unexpected operator` : `${this.args[this.at] ?? ""}: unknown operand` : `extra argument '${this.args[this.at] ?? ""}'`);
    return value;
  }

  private twoOperandProblem(a: string, b: string): string {
    if (this.flavour === "bash" || this.flavour === "gnu" || this.flavour === "plain") return this.flavour === "bash" ? `${a}: unary operator expected` : `'${a}': unary operator expected`;
    if (BINARY.has(b)) return `${b}: argument expected`;
    return this.flavour === "dash" ? `${a}: unexpected operator` : `${b}: unknown operand`;
  }

  private or(): boolean {
    let value = this.and();
    while (this.args[this.at] === "-o") {
      this.at += 1;
      const right = this.and();
      value = value || right;
    }
    return value;
  }

  private and(): boolean {
    let value = this.not();
    while (this.args[this.at] === "-a") {
      this.at += 1;
      const right = this.not();
      value = value && right;
    }
    return value;
  }

  private not(): boolean {
    let negate = false;
    while (this.args[this.at] === "!" && this.at + 1 < this.args.length) {
      this.at += 1;
      negate = !negate;
    }
    const value = this.primary();
    return negate ? !value : value;
  }

  private primary(): boolean {
    const first = this.args[this.at];
    const second = this.args[this.at + 1];
    if (first === undefined) return this.fail("argument expected");
    if (first === "(") {
      this.at += 1;
      const value = this.or();
      if (this.args[this.at] !== ")") return this.fail("closing paren expected");
      this.at += 1;
      return value;
    }
    if (second !== undefined && BINARY.has(second) && this.args[this.at + 2] !== undefined) {
      const value = this.binary(first, second, this.args[this.at + 2] ?? "");
      this.at += 3;
      return value;
    }
    if (UNARY.has(first) && second !== undefined) {
      this.at += 2;
      return this.unary(first, second);
    }
    this.at += 1;
    return first !== "";
  }

  private unary(operator: string, operand: string): boolean {
    return fileTest(this.process, operator, operand);
  }

  private binary(a: string, operator: string, b: string): boolean {
    if (!/^-(eq|ne|lt|le|gt|ge)$/.test(operator)) return compareTest(this.process, a, operator, b);
    const left = this.integer(a);
    const right = this.integer(b);
    return left !== undefined && right !== undefined && compareNumbers(left, operator, right);
  }

  private integer(text: string): bigint | undefined {
    const match = /^\s*([+-]?\d+)\s*$/.exec(text);
    if (match !== null) return BigInt((match[1] ?? "0").replace(/^\+/, ""));
    const messages: { readonly [F in Flavour]: string } = { bash: `${text}: integer expression expected`, dash: `Illegal number: ${text}`, busybox: `${text}: bad number`, gnu: `invalid integer '${text}'`, plain: `${text}: bad number` };
    this.fail(messages[this.flavour]);
    return undefined;
  }

  private fail(message: string): false {
    this.problem ??= message;
    return false;
  }
}

export function compareNumbers(a: bigint, operator: string, b: bigint): boolean {
  switch (operator) {
    case "-eq": return a === b;
    case "-ne": return a !== b;
    case "-lt": return a < b;
    case "-le": return a <= b;
    case "-gt": return a > b;
    default: return a >= b;
  }
}

/** String and file comparisons. */
export function compareTest(process: Process, a: string, operator: string, b: string): boolean {
  switch (operator) {
    case "=":
    case "==":
      return a === b;
    case "!=":
      return a !== b;
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "-ef":
      return realpath(process, a) !== undefined && realpath(process, a) === realpath(process, b);
    default: {
      const left = modified(process, a);
      const right = modified(process, b);
      const loose = process.binary.flavour !== "busybox" && process.binary.flavour !== "dash"; // a missing file is older than any
      if (operator === "-nt") return left !== undefined && (right === undefined ? loose : left > right);
      return right !== undefined && (left === undefined ? loose : left < right);
    }
  }
}

const realpath = (process: Process, path: string): string | undefined => {
  const real = process.world.fs.realpath(absolute(path, process.cwd), process.credentials);
  return real.ok && nodeAt(process, path) !== undefined ? real.value : undefined;
};

function modified(process: Process, path: string): number | undefined {
  const node = nodeAt(process, path);
  return node?.kind === "file" ? node.inode.modifiedUs : node?.kind === "dir" ? node.modifiedUs : node === undefined ? undefined : 0;
}

function nodeAt(process: Process, path: string, follow = true): FileNode | undefined {
  const node = process.world.fs.stat(absolute(path, process.cwd), process.credentials, follow);
  return node.ok ? node.value : undefined;
}

/** -f, -d, -z and the other tests with one operand. */
export function fileTest(process: Process, operator: string, operand: string): boolean {
  const { fs } = process.world;
  const who = process.credentials;
  const path = absolute(operand, process.cwd);
  switch (operator) {
    case "-z":
      return operand === "";
    case "-n":
      return operand !== "";
    case "-t":
      return process.files[Number(operand)]?.isTty === true;
    case "-h":
    case "-L":
      return nodeAt(process, operand, false)?.kind === "link";
    case "-r":
      return fs.access(path, 4, who);
    case "-w":
      return fs.access(path, 2, who);
    case "-x":
      return fs.access(path, 1, who);
    default:
      break;
  }
  const node = nodeAt(process, operand);
  if (node === undefined) return false;
  switch (operator) {
    case "-e":
    case "-a":
    case "-N":
      return true;
    case "-f":
      return node.kind === "file" || node.kind === "generated";
    case "-d":
      return node.kind === "dir";
    case "-c":
      return node.kind === "device";
    case "-s":
      return node.kind === "dir" || (node.kind === "file" && node.inode.content !== "");
    case "-O":
      return ownership(node).uid === who.uid;
    case "-G":
      return ownership(node).gid === who.gid;
    case "-u":
      return (ownership(node).mode & 0o4000) !== 0;
    case "-g":
      return (ownership(node).mode & 0o2000) !== 0;
    case "-k":
      return (ownership(node).mode & 0o1000) !== 0 || basename(path) === "tmp";
    default:
      return false;
  }
}
