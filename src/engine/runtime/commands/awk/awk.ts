import { type CommandSpec, parseOptions } from "../../process/invocation.ts";
import { unescape } from "./lexer.ts";
import { AwkMachine } from "./machine.ts";
import { parseAwk } from "./parse.ts";

/** Source: POSIX.1-2017, awk; busybox editors/awk.c; mawk is Debian's. */
export const awk: CommandSpec = {
  name: "awk",
  *run(call) {
    const { values, lists, rest, problem } = parseOptions(call.args, "F:v:f:e:", {}, true);
    if (problem !== undefined) return yield* call.usage(problem, "[OPTIONS] [AWK_PROGRAM] [FILE]...");
    let source = lists.get("e")?.join("\n");
    let operands = rest;
    for (const name of lists.get("f") ?? []) {
      const text = yield* call.readFile(name);
      if (!text.ok) return yield* call.fail(`can't open file ${name}`, 2);
      source = `${source === undefined ? "" : `${source}\n`}${text.value}`;
    }
    if (source === undefined) {
      [source, ...operands] = rest;
      if (source === undefined) return yield* call.usage("", "[OPTIONS] [AWK_PROGRAM] [FILE]...");
    }
    const program = parseAwk(source);
    if (!program.ok) return yield* call.fail(call.isBusybox ? `cmd. line:1: ${program.error.startsWith("Unexpected end") ? "Unexpected end of string" : "Unexpected token"}` : `line 1: ${program.error}`, call.isBusybox ? 1 : 2);
    const machine = new AwkMachine(call, program.value, operands);
    const separator = values.get("F");
    if (separator !== undefined) machine.globals.set("FS", separator === "t" ? "\t" : unescape(separator));
    for (const assignment of lists.get("v") ?? []) {
      const equals = assignment.indexOf("=");
      if (equals > 0) machine.globals.set(assignment.slice(0, equals), { text: unescape(assignment.slice(equals + 1)) });
    }
    machine.arrays.set("ARGV", new Map([["0", "awk" as const], ...operands.map((operand, index) => [String(index + 1), operand] as const)]));
    machine.globals.set("ARGC", operands.length + 1);
    return yield* machine.run();
  },
};
