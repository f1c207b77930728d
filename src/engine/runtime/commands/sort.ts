import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { joinLines, linesOf, readOperands } from "./text-tools.ts";

const SUFFIXES = "KMGTPE";

/** Source: POSIX.1-2017, sort; GNU's -h, -V. Compares bytes, as in the C locale. */
export const sort: CommandSpec = {
  name: "sort",
  *run(call) {
    const { values, lists, rest, problem } = parseOptions(call.args, "nrufk:t:o:bhVcsMdgi", { "numeric-sort": "n", reverse: "r", unique: "u", key: "k", "field-separator": "t", output: "o", "human-numeric-sort": "h", "version-sort": "V", "ignore-case": "f", stable: "s" });
    if (problem !== undefined) return yield* call.usage(problem, "[-nrughMcszbdfiokt] [-o FILE] [-k START[.OFS][OPTS][,END[.OFS][OPTS]] [-t CHAR] [FILE]...");
    const { text, code } = yield* readOperands(call, rest);
    const lines = linesOf(text);
    yield* call.process.compute(Math.min(100_000, 10 + lines.length));
    const separator = values.get("t");
    const keys = (lists.get("k") ?? []).map(parseKey);
    const global = [...values.keys()].filter((flag) => "nrhVfg".includes(flag)).join("");
    const compare = (a: string, b: string): number => {
      for (const key of keys) {
        const order = compareBy(keyText(a, key, separator), keyText(b, key, separator), key.flags === "" ? global : key.flags);
        if (order !== 0) return order;
      }
      if (keys.length === 0) {
        const order = compareBy(a, b, global);
        if (order !== 0) return order;
      }
      if (values.has("s") || values.has("u")) return 0;
      return (a < b ? -1 : a > b ? 1 : 0) * (values.has("r") ? -1 : 1);
    };
    if (values.has("c")) {
      const wrong = lines.findIndex((line, index) => index > 0 && compare(lines[index - 1] ?? "", line) > 0);
      return wrong < 0 ? 0 : yield* call.fail(`${rest[0] ?? "-"}:${wrong + 1}: disorder: ${lines[wrong] ?? ""}`);
    }
    let sorted = [...lines].sort(compare);
    if (values.has("u")) sorted = sorted.filter((line, index) => index === 0 || compare(sorted[index - 1] ?? "", line) !== 0);
    const output = values.get("o");
    if (output === undefined) yield* call.out(joinLines(sorted));
    else {
      const written = call.fs.writeText(call.path(output), joinLines(sorted), call.who);
      if (!written.ok) return yield* call.fail(`${output}: cannot write`, 2);
    }
    return code === 0 ? 0 : 2;
  },
};

interface SortKey {
  readonly from: number;
  readonly to: number;
  readonly flags: string;
}

function parseKey(text: string): SortKey {
  const match = /^(\d+)(?:\.\d+)?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?$/.exec(text);
  return { from: Number(match?.[1] ?? 1), to: match?.[3] === undefined ? Infinity : Number(match[3]), flags: `${match?.[2] ?? ""}${match?.[4] ?? ""}`.replaceAll("b", "") };
}

function keyText(line: string, key: SortKey, separator: string | undefined): string {
  const fields = separator === undefined ? (line.match(/\s*\S+/g) ?? [line]) : line.split(separator);
  return fields.slice(key.from - 1, key.to).join(separator ?? "");
}

function compareBy(a: string, b: string, flags: string): number {
  const sign = flags.includes("r") ? -1 : 1;
  if (flags.includes("h")) return Math.sign(humanNumber(a) - humanNumber(b)) * sign;
  if (flags.includes("n") || flags.includes("g")) return Math.sign(leadingNumber(a) - leadingNumber(b)) * sign;
  if (flags.includes("V")) return compareVersions(a, b) * sign;
  const [x, y] = flags.includes("f") ? [a.toUpperCase(), b.toUpperCase()] : [a, b];
  return (x < y ? -1 : x > y ? 1 : 0) * sign;
}

const leadingNumber = (text: string): number => Number(/^\s*(-?\d*\.?\d+)/.exec(text)?.[1] ?? 0);

function humanNumber(text: string): number {
  const match = /^\s*(-?\d*\.?\d+)([KMGTPEk]?)/.exec(text);
  return match === null ? 0 : Number(match[1]) * 1024 ** (SUFFIXES.indexOf((match[2] ?? "").toUpperCase() || "-") + 1);
}

function compareVersions(a: string, b: string): number {
  const x = a.match(/\d+|\D+/g) ?? [];
  const y = b.match(/\d+|\D+/g) ?? [];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const p = x[i] ?? "";
    const q = y[i] ?? "";
    const numbers = /^\d/.test(p) && /^\d/.test(q);
    const order = numbers ? Number(p) - Number(q) : p < q ? -1 : p > q ? 1 : 0;
    if (order !== 0) return Math.sign(order);
  }
  return 0;
}
