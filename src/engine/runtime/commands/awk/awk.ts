import type { CommandSpec } from "../../process/invocation.ts";

export const awk: CommandSpec = { name: "awk", *run(call) { return yield* call.fail("NotImplemented", 2); } };
