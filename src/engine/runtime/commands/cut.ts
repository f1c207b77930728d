import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { joinLines, linesOf, readOperands } from "./text-tools.ts";

/** Source: POSIX.1-2017, cut. */
export const cut: CommandSpec = {
  name: "cut",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "b:c:f:d:snD", { fields: "f", characters: "c", bytes: "b", delimiter: "d", "only-delimited": "s", complement: "n", "output-delimiter": "o" });
    if (problem !== undefined) return yield* call.usage(problem, "[OPTIONS] [FILE]...");
    const list = values.get("f") ?? values.get("c") ?? values.get("b");
    if (list === undefined) return yield* call.fail(call.isBusybox ? "expected a list of bytes, characters, or fields" : "you must specify a list of bytes, characters, or fields");
    const ranges = parseRanges(list);
    if (ranges === undefined) return yield* call.fail(call.isBusybox ? `invalid range '${list}'` : `invalid field value '${list}'`);
    const delimiter = values.get("d") ?? "\t";
    if ([...delimiter].length !== 1) return yield* call.fail("the delimiter must be a single character");
    const wanted = (index: number): boolean => ranges.some(([from, to]) => index >= from && index <= to) !== values.has("n");
    const { text, code } = yield* readOperands(call, rest);
    const lines = linesOf(text).flatMap((line) => {
      if (!values.has("f")) return [[...line].filter((_, index) => wanted(index + 1)).join("")];
      if (!line.includes(delimiter)) return values.has("s") ? [] : [line];
      return [line.split(delimiter).filter((_, index) => wanted(index + 1)).join(delimiter)];
    });
    yield* call.out(joinLines(lines));
    return code;
  },
};

/** "1,3-5,-2,7-" as pairs of 1-based bounds. */
function parseRanges(list: string): readonly (readonly [number, number])[] | undefined {
  const ranges: (readonly [number, number])[] = [];
  for (const part of list.split(",")) {
    const match = /^(\d*)(-?)(\d*)$/.exec(part);
    if (match === null || (match[1] === "" && match[3] === "")) return undefined;
    const from = match[1] === "" ? 1 : Number(match[1]);
    const to = match[2] === "" ? from : match[3] === "" ? Infinity : Number(match[3]);
    if (from < 1 || to < from) return undefined;
    ranges.push([from, to]);
  }
  return ranges;
}
