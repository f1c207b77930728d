import type { CommandSpec } from "../process/invocation.ts";

export const trueCommand: CommandSpec = { name: "true", *run() { return 0; } };
