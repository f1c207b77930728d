import type { CommandSpec, Invocation } from "../process/invocation.ts";
import type { Sys } from "../process/wait.ts";
import { readEscapes } from "./echo.ts";

const MAX_OUTPUT = 1 << 20;
const MAX_WIDTH = 10_000;

/** Source: POSIX.1-2017, printf. The format is used again while arguments are left. */
export const printf: CommandSpec = {
  name: "printf",
  *run(call) {
    let { args } = call;
    let target: string | undefined;
    if (args[0] === "--") args = args.slice(1);
    if (args[0] === "-v" && call.flavour === "bash") {
      target = args[1];
      args = args.slice(2);
    }
    const [format, ...values] = args;
    if (format === undefined) {
      if (call.isBusybox) return yield* call.usage("", "FORMAT [ARG]...");
      yield* call.process.errOut(call.flavour === "bash" ? "printf: usage: printf [-v var] format [arguments]\n" : call.flavour === "dash" ? `${call.prefix}usage: printf format [arg ...]\n` : `${call.prefix}missing operand\n`);
      return 2;
    }
    const state: State = { values, at: 0, code: 0, stop: false, output: "" };
    do {
      const before = state.at;
      yield* formatOnce(call, format, state);
      if (state.at === before) break;
    } while (state.at < values.length && !state.stop && state.output.length < MAX_OUTPUT);
    if (target !== undefined) call.process.setEnv(target, state.output);
    else if (!(yield* call.out(state.output))) return 1;
    return state.code;
  },
};

interface State {
  readonly values: readonly string[];
  at: number;
  code: number;
  stop: boolean;
  output: string;
}

const DIRECTIVE = /%(?:%|([-+ 0#']*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z]))/y;

function* formatOnce(call: Invocation, format: string, state: State): Sys<void> {
  let plain = "";
  const flush = (): void => {
    const read = readEscapes(plain, false, call.flavour !== "dash");
    state.output += read.text;
    state.stop ||= read.stop;
    plain = "";
  };
  for (let i = 0; i < format.length && !state.stop; ) {
    if (format.charAt(i) === "\\" && i + 1 < format.length) {
      plain += format.slice(i, i + 2);
      i += 2;
      continue;
    }
    if (format.charAt(i) !== "%") {
      plain += format.charAt(i);
      i += 1;
      continue;
    }
    flush();
    DIRECTIVE.lastIndex = i;
    const match = DIRECTIVE.exec(format);
    if (match === null) {
      yield* call.complain(call.flavour === "dash" || call.isBusybox ? `${format.slice(i)}: invalid format` : `\`${format.slice(i)}': missing format character`);
      state.code = 1;
      state.stop = true;
      return;
    }
    i = DIRECTIVE.lastIndex;
    if (match[0] === "%%") state.output += "%";
    else yield* convert(call, match, state);
  }
  if (!state.stop || plain !== "") flush();
}

function* convert(call: Invocation, match: RegExpExecArray, state: State): Sys<void> {
  const [, flags = "", widthText, , kind = "s"] = match;
  const hasPrecision = match[0].includes(".");
  const next = (): string | undefined => state.values[state.at++];
  let width = widthText === "*" ? Number(next() ?? 0) : Number(widthText ?? 0);
  const precision = hasPrecision ? (match[3] === "*" ? Number(next() ?? 0) : Number(match[3] ?? 0)) : undefined;
  let left = flags.includes("-");
  if (width < 0) {
    left = true;
    width = -width;
  }
  width = Math.min(width || 0, MAX_WIDTH);
  const value = next();
  let text: string;
  if (kind === "s") text = (value ?? "").slice(0, precision);
  else if (kind === "c") text = (value ?? "").charAt(0);
  else if (kind === "b") {
    const read = readEscapes(value ?? "", true);
    text = read.text;
    state.stop ||= read.stop;
  } else if (kind === "q") text = value === undefined || value === "" ? "''" : value.replace(/[^\w@%+=:,./-]/g, "\\$&");
  else if ("diouxX".includes(kind)) text = yield* integer(call, value, kind, flags, precision, state);
  else if ("feEgG".includes(kind)) text = yield* float(call, value, kind, flags, precision ?? 6, state);
  else {
    yield* call.complain(call.isBusybox ? `%${kind}: invalid format` : call.flavour === "bash" ? `\`${kind}': invalid format character` : `%${kind}: invalid directive`);
    state.code = 1;
    state.stop = true;
    return;
  }
  const zero = flags.includes("0") && !left && (kind !== "s" && kind !== "b" && kind !== "c") && (precision === undefined || "feEgG".includes(kind));
  if (zero && text.length < width) {
    const sign = /^[-+ ]/.exec(text)?.[0] ?? "";
    text = sign + text.slice(sign.length).padStart(width - sign.length, "0");
  }
  state.output += left ? text.padEnd(width) : text.padStart(width);
}

function* integer(call: Invocation, value: string | undefined, kind: string, flags: string, precision: number | undefined, state: State): Sys<string> {
  const text = (value ?? "0").trim();
  let number = 0n;
  const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]+|\d+)/.exec(text);
  if (/^['"]/.test(text)) number = BigInt(text.codePointAt(1) ?? 0);
  else if (match !== null) {
    const digits = match[2] ?? "0";
    number = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits) * (match[1] === "-" ? -1n : 1n);
  }
  if (value !== undefined && !/^['"]/.test(text) && match?.[0] !== text) yield* badNumber(call, value, match === null, state);
  if ("ouxX".includes(kind)) number = BigInt.asUintN(64, number);
  else number = BigInt.asIntN(64, number);
  const base = kind === "o" ? 8 : kind === "x" || kind === "X" ? 16 : 10;
  let digits = (number < 0n ? -number : number).toString(base).padStart(Math.min(precision ?? 0, MAX_WIDTH), "0");
  if (kind === "X") digits = digits.toUpperCase();
  if (flags.includes("#") && number !== 0n) digits = (kind === "o" ? "0" : kind === "x" ? "0x" : kind === "X" ? "0X" : "") + digits;
  return (number < 0n ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "") + digits;
}

function* float(call: Invocation, value: string | undefined, kind: string, flags: string, precision: number, state: State): Sys<string> {
  const text = (value ?? "0").trim();
  const number = text === "" ? 0 : Number(text);
  if (value !== undefined && (Number.isNaN(number) || text === "")) yield* badNumber(call, value, true, state);
  return formatFloat(Number.isNaN(number) ? Number.parseFloat(text) || 0 : number, kind, flags, Math.min(precision, 60));
}

/** C's %f, %e and %g. */
export function formatFloat(number: number, kind: string, flags: string, precision: number): string {
  const sign = number < 0 || Object.is(number, -0) ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const size = Math.abs(number);
  const exponential = (digits: number): string => size.toExponential(digits).replace(/e([+-])(\d)$/, "e$10$2");
  let text: string;
  if (!Number.isFinite(size)) text = Number.isNaN(size) ? "nan" : "inf";
  else if (kind === "f") text = size >= 1e21 ? BigInt(Math.round(size)).toString() : size.toFixed(precision);
  else if (kind === "e" || kind === "E") text = exponential(precision);
  else {
    const digits = precision === 0 ? 1 : precision;
    const exponent = size === 0 ? 0 : Number(/e([+-]\d+)$/.exec(size.toExponential(digits - 1))?.[1] ?? 0);
    text = exponent < -4 || exponent >= digits ? exponential(digits - 1) : size.toFixed(Math.max(0, digits - 1 - exponent));
    if (!flags.includes("#") && text.includes(".")) text = text.replace(/\.?0+(e|$)/, "$1");
  }
  return sign + (kind === "E" || kind === "G" ? text.toUpperCase() : text);
}

function* badNumber(call: Invocation, value: string, nothing: boolean, state: State): Sys<void> {
  state.code = 1;
  if (call.isBusybox) yield* call.complain(`invalid number '${value}'`);
  else if (call.flavour === "dash") yield* call.complain(`${value}: ${nothing ? "expected numeric value" : "not completely converted"}`);
  else if (call.flavour === "bash") yield* call.complain(`${value}: invalid number`);
  else yield* call.complain(`'${value}': ${nothing ? "expected a numeric value" : "value not completely converted"}`);
}
