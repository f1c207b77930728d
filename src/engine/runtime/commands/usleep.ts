import type { CommandSpec } from "../process/invocation.ts";

export const usleep: CommandSpec = {
  name: "usleep",
  *run(call) {
    const us = Number(call.args[0] ?? 0);
    if (!Number.isFinite(us) || us < 0) return yield* call.fail(`invalid number '${call.args[0] ?? ""}'`);
    yield* call.process.sleep(us);
    return 0;
  },
};
