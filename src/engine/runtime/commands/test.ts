import type { CommandSpec } from "../process/invocation.ts";
import { evaluateTest } from "../shell/test-expression.ts";

/** `test` and `[`. */
export const test: CommandSpec = {
  name: "test",
  *run(call) {
    let { args } = call;
    const { prefix } = call;
    if (call.name === "[") {
      if (args.at(-1) !== "]") {
        yield* call.process.errOut(`${prefix}missing ${call.flavour === "bash" ? "`]'" : call.flavour === "gnu" ? "']'" : "]"}\n`);
        return 2;
      }
      args = args.slice(0, -1);
    }
    const result = evaluateTest(call.process, args, call.flavour);
    if (result.ok) return result.value ? 0 : 1;
    yield* call.process.errOut(`${prefix}${result.error}\n`);
    return 2;
  },
};
