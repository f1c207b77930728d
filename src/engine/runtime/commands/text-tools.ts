import { type CommandSpec, type Invocation, parseOptions } from "../process/invocation.ts";
import type { Sys } from "../process/wait.ts";

/** The contents of the named files (or standard input) one after the other; complains about those that cannot be read. */
export function* readOperands(call: Invocation, names: readonly string[]): Sys<{ readonly text: string; readonly code: number }> {
  let text = "";
  let code = 0;
  for (const name of names.length === 0 ? ["-"] : names) {
    const content = yield* call.readFile(name);
    if (content.ok) text += content.value;
    else {
      yield* call.complainAbout(name, content.error);
      code = 1;
    }
  }
  return { text, code };
}

/** Lines without their newlines. */
export const linesOf = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

export const joinLines = (lines: readonly string[]): string => (lines.length === 0 ? "" : `${lines.join("\n")}\n`);

/** A tool that turns its whole input into its whole output. */
export const filter = (name: string, options: string, change: (text: string, values: ReadonlyMap<string, string>) => string): CommandSpec => ({
  name,
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, options);
    if (problem !== undefined) return yield* call.usage(problem, "[FILE]...");
    const { text, code } = yield* readOperands(call, rest);
    yield* call.process.compute(Math.min(50_000, 5 + text.length / 100));
    return (yield* call.out(change(text, values))) ? code : 1;
  },
});
