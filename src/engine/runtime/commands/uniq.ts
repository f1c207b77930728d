import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { joinLines, linesOf, readOperands } from "./text-tools.ts";

export const uniq: CommandSpec = {
  name: "uniq",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "cdui", { count: "c", repeated: "d", unique: "u", "ignore-case": "i" });
    if (problem !== undefined) return yield* call.usage(problem, "[-cdui] [FILE]");
    const { text, code } = yield* readOperands(call, rest.slice(0, 1));
    const groups: { line: string; count: number }[] = [];
    const same = (a: string, b: string): boolean => (values.has("i") ? a.toLowerCase() === b.toLowerCase() : a === b);
    for (const line of linesOf(text)) {
      const last = groups.at(-1);
      if (last !== undefined && same(last.line, line)) last.count += 1;
      else groups.push({ line, count: 1 });
    }
    const kept = groups.filter(({ count }) => (values.has("d") ? count > 1 : values.has("u") ? count === 1 : true));
    yield* call.out(joinLines(kept.map(({ line, count }) => (values.has("c") ? `${String(count).padStart(7)} ${line}` : line))));
    return code;
  },
};
