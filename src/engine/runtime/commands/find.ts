import { errnoText } from "../fs/errno.ts";
import { ownership } from "../fs/file-system.ts";
import type { FileNode } from "../fs/node.ts";
import { basename, normalizePath } from "../fs/path.ts";
import type { CommandSpec, Invocation } from "../process/invocation.ts";
import type { Sys } from "../process/wait.ts";
import { compilePattern, matchesPattern } from "../shell/pattern.ts";
import { modifiedUs, sizeOf } from "./file-info.ts";
import { runChild } from "./running.ts";

interface Found {
  readonly path: string;
  readonly node: FileNode;
  readonly depth: number;
}

type Test = (found: Found) => Sys<boolean>;

const MAX_FILES = 50_000;

/** Source: POSIX.1-2017, find; GNU's -maxdepth, -iname, -delete, -print0. */
export const find: CommandSpec = {
  name: "find",
  *run(call) {
    const start = call.args.findIndex((arg) => /^[-(!]/.test(arg));
    const paths = start < 0 ? call.args : call.args.slice(0, start);
    const parser = new FindParser(call, start < 0 ? [] : call.args.slice(start));
    const test = parser.parse();
    if (parser.problem !== undefined) return yield* call.fail(parser.problem);
    let code = 0;
    let seen = 0;
    const visit = function* (path: string, depth: number): Sys<void> {
      const node = call.stat(path, false);
      if (!node.ok) {
        yield* call.complain(call.isBusybox ? `${path}: ${errnoText(node.error)}` : `'${path}': ${errnoText(node.error)}`);
        code = 1;
        return;
      }
      if (++seen > MAX_FILES) return;
      yield* call.process.compute(3);
      const found = { path, node: node.value, depth };
      parser.pruned = false;
      if (depth >= parser.minDepth && !parser.deep) yield* test(found);
      if (node.value.kind === "dir" && depth < parser.maxDepth && !parser.pruned && depth < 48) {
        const names = call.fs.list(call.path(path), call.who);
        if (names.ok) for (const name of names.value) yield* visit(path.endsWith("/") ? path + name : `${path}/${name}`, depth + 1);
        else {
          yield* call.complain(call.isBusybox ? `${path}: ${errnoText(names.error)}` : `'${path}': ${errnoText(names.error)}`);
          code = 1;
        }
      }
      if (depth >= parser.minDepth && parser.deep) yield* test(found);
    };
    for (const path of paths.length === 0 ? ["."] : paths) yield* visit(path, 0);
    yield* parser.finish();
    return code;
  },
};

class FindParser {
  problem: string | undefined;
  maxDepth = Infinity;
  minDepth = 0;
  deep = false;
  pruned = false;
  private at = 0;
  private hasAction = false;
  private readonly batches: { readonly words: readonly string[]; readonly paths: string[] }[] = [];
  private readonly call: Invocation;
  private readonly args: readonly string[];

  constructor(call: Invocation, args: readonly string[]) {
    this.call = call;
    this.args = args;
  }

  parse(): Test {
    const test = this.args.length === 0 ? undefined : this.or();
    if (this.problem === undefined && this.at < this.args.length) this.problem = this.unknown(this.args[this.at] ?? "");
    const print: Test = (found) => this.print(found, "\n");
    if (test === undefined) return print;
    if (this.hasAction) return test;
    return function* (found) { return (yield* test(found)) && (yield* print(found)); };
  }

  /** -exec … {} + */
  *finish(): Sys<void> {
    for (const { words, paths } of this.batches) if (paths.length > 0) yield* runChild(this.call, [...words, ...paths]);
  }

  private unknown(word: string): string {
    return this.call.isBusybox ? `unrecognized: ${word}` : `unknown predicate \`${word}'`;
  }

  private or(): Test {
    let left = this.and();
    while (this.args[this.at] === "-o" || this.args[this.at] === "-or") {
      this.at += 1;
      const [a, b] = [left, this.and()];
      left = function* (found) { return (yield* a(found)) || (yield* b(found)); };
    }
    return left;
  }

  private and(): Test {
    let left = this.not();
    while (this.at < this.args.length && !/^(-o|-or|\))$/.test(this.args[this.at] ?? "") && this.problem === undefined) {
      if (this.args[this.at] === "-a" || this.args[this.at] === "-and") this.at += 1;
      const [a, b] = [left, this.not()];
      left = function* (found) { return (yield* a(found)) && (yield* b(found)); };
    }
    return left;
  }

  private not(): Test {
    if (this.args[this.at] !== "!" && this.args[this.at] !== "-not") return this.primary();
    this.at += 1;
    const test = this.not();
    return function* (found) { return !(yield* test(found)); };
  }

  private primary(): Test {
    const word = this.args[this.at++] ?? "";
    if (word === "(") {
      const test = this.or();
      if (this.args[this.at++] !== ")") this.problem ??= "missing argument to `('";
      return test;
    }
    const simple = (test: (found: Found) => boolean): Test => function* (found) { return test(found); };
    const argument = (): string => {
      const value = this.args[this.at++];
      if (value === undefined) this.problem ??= this.call.isBusybox ? `${word}: requires an argument` : `missing argument to \`${word}'`;
      return value ?? "";
    };
    switch (word) {
      case "-name":
      case "-iname": {
        const fold = (text: string): string => (word === "-iname" ? text.toLowerCase() : text);
        const pattern = compilePattern(fold(argument()));
        return simple(({ path }) => matchesPattern(pattern, fold(basename(path) || "/")));
      }
      case "-path":
      case "-wholename": {
        const pattern = compilePattern(argument());
        return simple(({ path }) => matchesPattern(pattern, path));
      }
      case "-type": {
        const type = argument();
        return simple(({ node }) => type.split(",").includes({ file: "f", generated: "f", dir: "d", link: "l", device: "c" }[node.kind]));
      }
      case "-maxdepth": this.maxDepth = Number(argument()); return simple(() => true);
      case "-mindepth": this.minDepth = Number(argument()); return simple(() => true);
      case "-depth": this.deep = true; return simple(() => true);
      case "-xdev":
      case "-mount":
      case "-follow": return simple(() => true);
      case "-true": return simple(() => true);
      case "-false": return simple(() => false);
      case "-empty": return simple(({ path, node }) => { const names = this.call.fs.list(this.call.path(path), this.call.who); return node.kind === "dir" ? names.ok && names.value.length === 0 : sizeOf(node) === 0; });
      case "-size": return this.size(argument());
      case "-mtime": return this.age(argument(), 86_400e6);
      case "-mmin": return this.age(argument(), 60e6);
      case "-newer": { const other = this.call.stat(argument()); return simple(({ node }) => other.ok && modifiedUs(node) > modifiedUs(other.value)); }
      case "-perm": { const mode = argument(); return simple(({ node }) => (mode.startsWith("-") ? (ownership(node).mode & Number.parseInt(mode.slice(1), 8)) === Number.parseInt(mode.slice(1), 8) : (ownership(node).mode & 0o7777) === Number.parseInt(mode, 8))); }
      case "-user":
      case "-group": { const who = argument(); return simple(({ node }) => String(word === "-user" ? ownership(node).uid : ownership(node).gid) === who || (who === "root" && ownership(node).uid === 0)); }
      case "-prune": return simple(() => (this.pruned = true));
      case "-print": this.hasAction = true; return (found) => this.print(found, "\n");
      case "-print0": this.hasAction = true; return (found) => this.print(found, "\0");
      case "-delete": this.hasAction = true; this.deep = true; return (found) => this.remove(found);
      case "-exec":
      case "-ok": this.hasAction = true; return this.exec();
      case "-quit": return simple(() => false);
      default:
        this.problem ??= this.unknown(word);
        return simple(() => false);
    }
  }

  private *print({ path }: Found, end: string): Sys<boolean> {
    yield* this.call.out(path + end);
    return true;
  }

  private *remove({ path }: Found): Sys<boolean> {
    if (path === "." || path === "/") return true;
    const errno = this.call.fs.remove(normalizePath(path, this.call.process.cwd), this.call.who);
    if (errno !== undefined) yield* this.call.complain(this.call.isBusybox ? `${path}: ${errnoText(errno)}` : `cannot delete '${path}': ${errnoText(errno)}`);
    return errno === undefined;
  }

  private exec(): Test {
    const words: string[] = [];
    for (; this.at < this.args.length && this.args[this.at] !== ";" && !(this.args[this.at] === "+" && words.at(-1) === "{}"); this.at++) words.push(this.args[this.at] ?? "");
    const end = this.args[this.at++];
    if (end === undefined) this.problem ??= this.call.isBusybox ? "-exec: requires an argument" : "missing argument to `-exec'";
    const { call, batches } = this;
    if (end === "+") {
      const batch = { words: words.slice(0, -1), paths: [] as string[] };
      batches.push(batch);
      return function* ({ path }) { batch.paths.push(path); return true; };
    }
    return function* ({ path }) { return (yield* runChild(call, words.map((word) => word.replaceAll("{}", path)))) === 0; };
  }

  private size(text: string): Test {
    const match = /^([-+]?)(\d+)([bckMG]?)$/.exec(text);
    if (match === null) this.problem ??= `invalid argument \`${text}' to \`-size'`;
    const unit = { "": 512, b: 512, c: 1, k: 1024, M: 1 << 20, G: 1 << 30 }[match?.[3] ?? ""] ?? 512;
    return compared(match?.[1] ?? "", Number(match?.[2] ?? 0), ({ node }) => Math.ceil(sizeOf(node) / unit));
  }

  private age(text: string, unitUs: number): Test {
    const match = /^([-+]?)(\d+)$/.exec(text);
    const now = this.call.process.world.clock.now();
    return compared(match?.[1] ?? "", Number(match?.[2] ?? 0), ({ node }) => Math.floor((now - modifiedUs(node)) / unitUs));
  }
}

const compared = (sign: string, wanted: number, measure: (found: Found) => number): Test =>
  function* (found) {
    const value = measure(found);
    return sign === "+" ? value > wanted : sign === "-" ? value < wanted : value === wanted;
  };
