import type { Invocation } from "../../process/invocation.ts";
import type { Sys } from "../../process/wait.ts";
import { strftime } from "../../text/calendar.ts";
import { calendarTime } from "../../text/calendar.ts";
import { wallClock } from "../now.ts";
import { formatFloat } from "../printf.ts";
import { runChild } from "../running.ts";
import type { Expression } from "./ast.ts";
import type { AwkMachine } from "./machine.ts";
import { splitFields } from "./text.ts";
import type { Value } from "./values.ts";

/** How print writes a number: whole ones plainly, others by %.6g. */
export function numberText(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return String(value === 0 ? 0 : value);
  return formatFloat(value, "g", "", 6);
}

const MAX_OUTPUT = 1 << 20;

/** sprintf of awk. */
export function formatText(machine: AwkMachine, format: string, values: readonly Value[]): string {
  let next = 0;
  return format.replace(/%(?:%|([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z]))/g, (whole, flags: string | undefined, widthText: string | undefined, precisionText: string | undefined, kind: string | undefined) => {
    if (kind === undefined) return whole === "%%" ? "%" : whole;
    const take = (): Value => values[next++] ?? "";
    const width = Math.min(10_000, widthText === "*" ? machine.number(take()) : Number(widthText ?? 0));
    const precision = precisionText === undefined ? undefined : precisionText === "*" ? machine.number(take()) : Number(precisionText);
    const value = take();
    let text: string;
    if (kind === "c") text = typeof value === "number" ? String.fromCodePoint(Math.max(0, Math.min(0x10ffff, Math.trunc(value)))) : machine.text(value).charAt(0);
    else if (kind === "s") text = machine.text(value).slice(0, precision);
    else if ("di".includes(kind)) { const whole = Math.trunc(machine.number(value)); text = `${whole < 0 ? "-" : (flags ?? "").includes("+") ? "+" : (flags ?? "").includes(" ") ? " " : ""}${String(Math.abs(whole)).padStart(precision ?? 0, "0")}`; }
    else if ("ouxX".includes(kind)) { const digits = Math.trunc(Math.abs(machine.number(value))).toString(kind === "o" ? 8 : kind === "u" ? 10 : 16); text = kind === "X" ? digits.toUpperCase() : digits; }
    else if ("feEgG".includes(kind)) text = formatFloat(machine.number(value), kind, flags ?? "", Math.min(60, precision ?? 6));
    else return whole;
    if ((flags ?? "").includes("-")) return text.padEnd(width);
    if ((flags ?? "").includes("0") && kind !== "s" && kind !== "c") { const sign = /^[-+ ]/.exec(text)?.[0] ?? ""; return sign + text.slice(sign.length).padStart(width - sign.length, "0"); }
    return text.padStart(width);
  }).slice(0, MAX_OUTPUT);
}

/** length, substr, split, sub, gsub, match and the others. */
export function* builtin(machine: AwkMachine, call: Invocation, name: string, args: readonly Expression[]): Sys<Value> {
  const value = function* (index: number): Sys<Value> { const arg = args[index]; return arg === undefined ? "" : yield* machine.evaluate(arg); };
  const text = function* (index: number): Sys<string> { return machine.text(yield* value(index)); };
  const number = function* (index: number): Sys<number> { return machine.number(yield* value(index)); };
  switch (name) {
    case "length": {
      const [arg] = args;
      if (arg?.type === "variable" && machine.arrays.has(arg.name) && !machine.globals.has(arg.name)) return machine.array(arg.name).size;
      return [...(arg === undefined ? machine.text(machine.field(0)) : yield* text(0))].length;
    }
    case "substr": {
      const chars = [...(yield* text(0))];
      const from = Math.round(yield* number(1));
      const end = args[2] === undefined ? Infinity : from + Math.round(yield* number(2));
      return chars.slice(Math.max(0, from - 1), Math.max(0, end - 1)).join("");
    }
    case "index": return (yield* text(0)).indexOf(yield* text(1)) + 1;
    case "tolower": return (yield* text(0)).toLowerCase();
    case "toupper": return (yield* text(0)).toUpperCase();
    case "sprintf": {
      const rest: Value[] = [];
      for (let i = 1; i < args.length; i++) rest.push(yield* value(i));
      return formatText(machine, yield* text(0), rest);
    }
    case "split": {
      const source = yield* text(0);
      const target = args[1]?.type === "variable" ? machine.array(args[1].name) : new Map<string, Value>();
      const separator = args[2] === undefined ? machine.text(machine.get("FS")) : yield* machine.pattern(args[2]);
      const parts = splitFields(source, separator);
      target.clear();
      for (const [index, part] of parts.entries()) target.set(String(index + 1), { text: part });
      return parts.length;
    }
    case "sub":
    case "gsub": return yield* substitute(machine, args, name === "gsub");
    case "match": {
      const match = machine.regex(args[1] === undefined ? "" : yield* machine.pattern(args[1]))?.match(yield* text(0), 0);
      machine.set("RSTART", match === undefined ? 0 : match.start + 1);
      machine.set("RLENGTH", match === undefined ? -1 : match.end - match.start);
      return match === undefined ? 0 : match.start + 1;
    }
    case "int": return Math.trunc(yield* number(0));
    case "sqrt": return Math.sqrt(yield* number(0));
    case "exp": return Math.exp(yield* number(0));
    case "log": return Math.log(yield* number(0));
    case "sin": return Math.sin(yield* number(0));
    case "cos": return Math.cos(yield* number(0));
    case "atan2": return Math.atan2(yield* number(0), yield* number(1));
    case "rand": return call.process.world.rng.unit();
    case "srand": return 0;
    case "systime": return wallClock(call.process).unix;
    case "strftime": return strftime(args[0] === undefined ? "%a %b %e %H:%M:%S %Z %Y" : yield* text(0), args[1] === undefined ? wallClock(call.process) : calendarTime(yield* number(1)));
    case "close": {
      const target = yield* text(0);
      yield* machine.flush(target);
      machine.close(target);
      return 0;
    }
    case "fflush": return 0;
    case "system":
      yield* machine.flush();
      return yield* runChild(call, ["sh", "-c", yield* text(0)]);
    default:
      yield* call.complain(call.isBusybox ? `cmd. line:1: Call to undefined function` : `function ${name} not defined`);
      machine.exitCode = 2;
      return "";
  }
}

function* substitute(machine: AwkMachine, args: readonly Expression[], global: boolean): Sys<Value> {
  const regex = machine.regex(args[0] === undefined ? "" : yield* machine.pattern(args[0]));
  const replacement = args[1] === undefined ? "" : machine.text(yield* machine.evaluate(args[1]));
  const target: Expression = args[2] ?? { type: "field", index: { type: "number", value: 0 } };
  const source = machine.text(yield* machine.evaluate(target));
  if (regex === undefined) return 0;
  let result = "";
  let at = 0;
  let count = 0;
  while (at <= source.length && result.length < MAX_OUTPUT) {
    const match = regex.match(source, at);
    if (match === undefined) break;
    count += 1;
    result += source.slice(at, match.start) + replacement.replace(/\\\\&|\\&|&/g, (whole) => (whole === "&" ? source.slice(match.start, match.end) : whole === "\\&" ? "&" : `\\${source.slice(match.start, match.end)}`));
    at = match.end;
    if (match.end === match.start) result += source.charAt(at++);
    if (!global) break;
  }
  if (count > 0) yield* machine.assign(target, result + source.slice(at));
  return count;
}
