import { secondsToUs } from "../../../kernel/time.ts";
import { absolute } from "../../fs/file-system.ts";
import { wallClock } from "../../commands/now.ts";
import type { Process } from "../../process/process.ts";
import { strftime } from "../../text/calendar.ts";
import { equal, Float, isNumber, type Module, moduleOf, native, numberOf, Raised, repr, str, SystemExit, truth, tuple, typeName, type Value } from "./values.ts";

/** print, len, int, range and the other names that are always there. */
export function builtinNames(process: Process): readonly (readonly [string, Value])[] {
  const simple = (name: string, run: (args: readonly Value[]) => Value): readonly [string, Value] => [name, native(name, function* (args) { return run(args); })];
  return [
    ["print", native("print", function* (args, named) {
      const separator = named.has("sep") ? str(named.get("sep") ?? " ") : " ";
      const end = named.has("end") ? str(named.get("end") ?? "\n") : "\n";
      const file = named.get("file");
      const fd = typeof file === "object" && file !== null && "kind" in file && file.kind === "module" && file.name === "stderr" ? 2 : 1;
      yield* process.write(fd, `${args.map(str).join(separator)}${end}`);
      return null;
    })],
    simple("len", ([value = null]) => {
      if (typeof value === "string") return [...value].length;
      if (Array.isArray(value)) return value.length;
      if (value instanceof Map) return value.size;
      if (typeof value === "object" && value !== null && !(value instanceof Float) && value.kind === "tuple") return value.items.length;
      throw new Raised("TypeError", `object of type '${typeName(value)}' has no len()`);
    }),
    simple("int", ([value = 0, base = 10]) => {
      if (isNumber(value)) return Math.trunc(numberOf(value));
      if (typeof value !== "string") throw new Raised("TypeError", `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`);
      const text = value.trim().replaceAll("_", "");
      const number = base === 10 ? (/^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN) : Number.parseInt(text, Number(base));
      if (Number.isNaN(number)) throw new Raised("ValueError", `invalid literal for int() with base ${str(base)}: ${repr(value)}`);
      return number;
    }),
    simple("float", ([value = 0]) => {
      const number = isNumber(value) ? numberOf(value) : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
      if (Number.isNaN(number)) throw new Raised("ValueError", `could not convert string to float: ${repr(value)}`);
      return new Float(number);
    }),
    simple("str", ([value = ""]) => str(value)),
    simple("repr", ([value = null]) => repr(value)),
    simple("bool", ([value = false]) => truth(value)),
    simple("type", ([value = null]) => `<class '${typeName(value)}'>`),
    simple("list", ([value = []]) => [...items(value)]),
    simple("tuple", ([value = []]) => tuple([...items(value)])),
    simple("dict", () => new Map<Value, Value>()),
    simple("range", (args) => {
      const [from, to, step] = args.length < 2 ? [0, whole(args[0]), 1] : [whole(args[0]), whole(args[1]), args[2] === undefined ? 1 : whole(args[2])];
      if (step === 0) throw new Raised("ValueError", "range() arg 3 must not be zero");
      const values: number[] = [];
      for (let n = from; (step > 0 ? n < to : n > to) && values.length < 100_000; n += step) values.push(n);
      return values;
    }),
    simple("sum", ([value = []]) => { const list = items(value); const total = list.reduce<number>((sum, item) => sum + (isNumber(item) ? numberOf(item) : 0), 0); return list.some((item) => item instanceof Float) ? new Float(total) : total; }),
    simple("max", (args) => pick(args, 1)),
    simple("min", (args) => pick(args, -1)),
    simple("abs", ([value = 0]) => { if (!isNumber(value)) throw new Raised("TypeError", `bad operand type for abs(): '${typeName(value)}'`); return value instanceof Float ? new Float(Math.abs(value.value)) : Math.abs(numberOf(value)); }),
    simple("round", ([value = 0, digits]) => (isNumber(value) ? (typeof digits === "number" ? new Float(Number(numberOf(value).toFixed(digits))) : Math.round(numberOf(value))) : 0)),
    simple("sorted", ([value = []]) => [...items(value)].sort(order)),
    simple("reversed", ([value = []]) => [...items(value)].reverse()),
    simple("enumerate", ([value = []]) => items(value).map((item, index) => tuple([index, item]))),
    simple("zip", (args) => { const lists = args.map(items); return Array.from({ length: Math.min(...lists.map((list) => list.length)) }, (_, index) => tuple(lists.map((list) => list[index] ?? null))); }),
    simple("chr", ([value = 0]) => String.fromCodePoint(whole(value))),
    simple("ord", ([value = ""]) => str(value).codePointAt(0) ?? 0),
    ["exit", exitFunction], ["quit", exitFunction],
    ["input", native("input", function* () {
      const line = yield* process.read(0, { line: true });
      if (line === null) throw new Raised("EOFError", "EOF when reading a line");
      return line.replace(/\n$/, "");
    })],
    ["open", native("open", function* (args) {
      const path = str(args[0] ?? "");
      const text = process.world.fs.readText(absolute(path, process.cwd), process.credentials);
      if (!/^r/.test(str(args[1] ?? "r"))) throw new Raised("NotImplementedError", "Kubarium's python3 only reads files");
      if (!text.ok) throw new Raised("FileNotFoundError", `[Errno 2] No such file or directory: ${repr(path)}`);
      const content = text.value;
      return moduleOf("file", { read: native("read", function* () { return content; }), readlines: native("readlines", function* () { return content.split(/(?<=\n)/); }), close: native("close", function* () { return null; }) });
    })],
  ];
}

const exitFunction = native("exit", function* (args) {
  throw new SystemExit(args[0] ?? null);
});

function items(value: Value): readonly Value[] {
  if (typeof value === "string") return [...value];
  if (Array.isArray(value)) return value;
  if (value instanceof Map) return [...value.keys()];
  if (typeof value === "object" && value !== null && !(value instanceof Float) && value.kind === "tuple") return value.items;
  throw new Raised("TypeError", `'${typeName(value)}' object is not iterable`);
}

function whole(value: Value | undefined): number {
  if (value !== undefined && isNumber(value) && !(value instanceof Float)) return numberOf(value);
  throw new Raised("TypeError", `'${typeName(value ?? null)}' object cannot be interpreted as an integer`);
}

const order = (a: Value, b: Value): number => (isNumber(a) && isNumber(b) ? numberOf(a) - numberOf(b) : str(a) < str(b) ? -1 : str(a) > str(b) ? 1 : 0);

function pick(args: readonly Value[], sign: number): Value {
  const list = args.length === 1 && args[0] !== undefined ? items(args[0]) : args;
  const [first, ...rest] = list;
  if (first === undefined) throw new Raised("ValueError", "arg is an empty sequence");
  return rest.reduce<Value>((best, item) => (order(item, best) * sign > 0 ? item : best), first);
}

/** "a,b".split(","), list.append, dict.get and the other methods of built-in types. */
export function callMethod(target: Value, name: string, args: readonly Value[]): Value {
  if (typeof target === "string") {
    const text = args[0] === undefined ? "" : str(args[0]);
    switch (name) {
      case "split": return args[0] === undefined ? target.trim().split(/\s+/).filter((part) => part !== "") : target.split(text);
      case "splitlines": return target.replace(/\n$/, "").split("\n");
      case "strip": return target.trim();
      case "rstrip": return target.trimEnd();
      case "lstrip": return target.trimStart();
      case "upper": return target.toUpperCase();
      case "lower": return target.toLowerCase();
      case "title": return target.replace(/[A-Za-z]+/g, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
      case "replace": return target.replaceAll(text, str(args[1] ?? ""));
      case "startswith": return target.startsWith(text);
      case "endswith": return target.endsWith(text);
      case "find": return target.indexOf(text);
      case "count": return text === "" ? target.length + 1 : target.split(text).length - 1;
      case "isdigit": return /^\d+$/.test(target);
      case "join": return items(args[0] ?? []).map(str).join(target);
      case "zfill": return target.padStart(whole(args[0]), "0");
      case "encode":
      case "decode": return target;
      case "format": { let next = 0; return target.replace(/\{(\d*)(?::[^}]*)?\}/g, (_, index: string) => str(args[index === "" ? next++ : Number(index)] ?? "")); }
      default: break;
    }
  } else if (Array.isArray(target)) {
    switch (name) {
      case "append": target.push(args[0] ?? null); return null;
      case "extend": target.push(...items(args[0] ?? [])); return null;
      case "pop": { const index = args[0] === undefined ? target.length - 1 : whole(args[0]); const [item] = target.splice(index, 1); if (item === undefined) throw new Raised("IndexError", "pop from empty list"); return item; }
      case "sort": target.sort(order); return null;
      case "reverse": target.reverse(); return null;
      case "index": { const at = target.findIndex((item) => equal(item, args[0] ?? null)); if (at < 0) throw new Raised("ValueError", `${repr(args[0] ?? null)} is not in list`); return at; }
      case "count": return target.filter((item) => equal(item, args[0] ?? null)).length;
      default: break;
    }
  } else if (target instanceof Map) {
    switch (name) {
      case "get": return target.get(args[0] ?? null) ?? args[1] ?? null;
      case "keys": return [...target.keys()];
      case "values": return [...target.values()];
      case "items": return [...target].map(([key, value]) => tuple([key, value]));
      case "pop": { const value = target.get(args[0] ?? null) ?? args[1]; if (value === undefined) throw new Raised("KeyError", repr(args[0] ?? null)); target.delete(args[0] ?? null); return value; }
      default: break;
    }
  }
  throw new Raised("AttributeError", `'${typeName(target)}' object has no attribute '${name}'`);
}

/** os, sys, time, socket, random, datetime, math, json, platform: what short scripts use of them. */
export function importModule(process: Process, name: string): Module {
  const { world } = process;
  const call = (method: string, run: (args: readonly Value[]) => Value): Value => native(method, function* (args) { return run(args); });
  const environ = (): Map<Value, Value> => new Map<Value, Value>(process.env);
  const now = (): number => wallClock(process).unix + wallClock(process).nanos / 1e9;
  switch (name) {
    case "os":
    case "os.path": {
      const exists = (path: Value | undefined): boolean => world.fs.stat(absolute(str(path ?? ""), process.cwd), process.credentials).ok;
      const path = moduleOf("posixpath", { exists: call("exists", ([value]) => exists(value)), isfile: call("isfile", ([value]) => exists(value)), join: call("join", (args) => args.map(str).join("/").replace(/\/+/g, "/")), basename: call("basename", ([value]) => str(value ?? "").replace(/^.*\//, "")) });
      if (name === "os.path") return moduleOf("os", { path });
      return moduleOf("os", {
        environ: environ(), path, name: "posix",
        getenv: call("getenv", ([key, fallback]) => process.env.get(str(key ?? "")) ?? fallback ?? null), getpid: call("getpid", () => process.pid), getcwd: call("getcwd", () => process.cwd), getuid: call("getuid", () => process.credentials.uid),
        listdir: call("listdir", ([value]) => { const names = world.fs.list(absolute(str(value ?? "."), process.cwd), process.credentials); if (!names.ok) throw new Raised("FileNotFoundError", `[Errno 2] No such file or directory: ${repr(value ?? ".")}`); return names.value; }),
        _exit: exitFunction, uname: call("uname", () => tuple(["Linux", world.pod.hostname])),
      });
    }
    case "sys": {
      const stream = (label: string, fd: number): Value => moduleOf(label, { write: native("write", function* (args) { yield* process.write(fd, str(args[0] ?? "")); return str(args[0] ?? "").length; }), flush: call("flush", () => null) });
      return moduleOf("sys", { exit: exitFunction, argv: ["-c"], stdout: stream("stdout", 1), stderr: stream("stderr", 2), platform: "linux", version: `${process.binary.version} (main) [GCC 12.2.0]`, maxsize: Number.MAX_SAFE_INTEGER });
    }
    case "time":
      return moduleOf("time", { sleep: native("sleep", function* (args) { const [value = 0] = args; yield* process.sleep(secondsToUs(Math.max(0, isNumber(value) ? numberOf(value) : 0))); return null; }), time: call("time", () => new Float(now())), strftime: call("strftime", ([format]) => strftime(str(format ?? ""), wallClock(process))), ctime: call("ctime", () => strftime("%a %b %e %H:%M:%S %Y", wallClock(process))), monotonic: call("monotonic", () => new Float(world.clock.now() / 1e6)) });
    case "socket":
      return moduleOf("socket", { gethostname: call("gethostname", () => world.pod.hostname) });
    case "platform":
      return moduleOf("platform", { node: call("node", () => world.pod.hostname), system: call("system", () => "Linux"), python_version: call("python_version", () => process.binary.version) });
    case "random":
      return moduleOf("random", { random: call("random", () => new Float(world.rng.unit())), randint: call("randint", ([low, high]) => world.rng.between(whole(low), whole(high))), choice: call("choice", ([list]) => { const values = items(list ?? []); return values[world.rng.below(values.length)] ?? null; }), uniform: call("uniform", ([low, high]) => new Float((isNumber(low ?? 0) ? numberOf((low ?? 0) as number) : 0) + world.rng.unit() * (whole(high) - whole(low)))), seed: call("seed", () => null) });
    case "math":
      return moduleOf("math", { pi: new Float(Math.PI), e: new Float(Math.E), sqrt: call("sqrt", ([value]) => new Float(Math.sqrt(isNumber(value ?? 0) ? numberOf((value ?? 0) as number) : 0))), floor: call("floor", ([value]) => Math.floor(numberOf((value ?? 0) as number))), ceil: call("ceil", ([value]) => Math.ceil(numberOf((value ?? 0) as number))) });
    case "json":
      return moduleOf("json", { dumps: call("dumps", ([value]) => toJson(value ?? null)) });
    case "datetime": {
      const text = (): string => strftime("%Y-%m-%d %H:%M:%S", wallClock(process)) + `.${String(Math.floor(wallClock(process).nanos / 1_000)).padStart(6, "0")}`;
      const datetime = moduleOf("datetime", { now: call("now", text), utcnow: call("utcnow", text), today: call("today", text) });
      return moduleOf("datetime", { datetime });
    }
    case "signal":
      return moduleOf("signal", { SIGTERM: 15, SIGINT: 2, signal: call("signal", () => { throw new Raised("NotImplementedError", "Kubarium's python3 has no signal handlers"); }) });
    default:
      throw new Raised("ModuleNotFoundError", `No module named '${name}'`);
  }
}

function toJson(value: Value): string {
  if (value === null) return "null";
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map(toJson).join(", ")}]`;
  if (value instanceof Map) return `{${[...value].map(([key, item]) => `${JSON.stringify(str(key))}: ${toJson(item)}`).join(", ")}}`;
  return str(value);
}
