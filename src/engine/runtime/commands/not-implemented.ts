import type { CommandSpec } from "../process/invocation.ts";

/** What a real image has and Kubarium does not play yet: says so, and never pretends. */
export const notImplemented: CommandSpec = {
  name: "not-implemented",
  *run(call) {
    return yield* call.fail("NotImplemented: Kubarium's containers do not have this command yet", 127);
  },
};
