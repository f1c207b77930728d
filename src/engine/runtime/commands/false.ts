import type { CommandSpec } from "../process/invocation.ts";

export const falseCommand: CommandSpec = { name: "false", *run() { return 1; } };
