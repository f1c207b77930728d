import type { Sys } from "../../process/wait.ts";
import { ExitControl, LoopControl, ReturnControl, type Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

/** :, true, false, break, continue, return, exit. */
export const controlBuiltins: readonly Builtin[] = [
  { name: ":", special: true, *run() { return 0; } },
  { name: "true", special: false, *run() { return 0; } },
  { name: "false", special: false, *run() { return 1; } },
  { name: "break", special: true, run: (shell, args) => leaveLoop(shell, "break", args) },
  { name: "continue", special: true, run: (shell, args) => leaveLoop(shell, "continue", args) },
  {
    name: "return",
    special: true,
    *run(shell, args) {
      const code = yield* statusArgument(shell, args[0]);
      if (shell.functionDepth === 0 && shell.depth === 0) {
        if (shell.dialect !== "bash") throw new ExitControl(code);
        yield* shell.complain("can only `return' from a function or sourced script");
        return 2;
      }
      throw new ReturnControl(code);
    },
  },
  {
    name: "exit",
    special: true,
    *run(shell, args) {
      if (shell.options.interactive && shell.dialect === "bash" && !shell.isSubshell) yield* shell.process.errOut("exit\n");
      throw new ExitControl(yield* statusArgument(shell, args[0]));
    },
  },
];

function* leaveLoop(shell: Shell, kind: "break" | "continue", args: readonly string[]): Sys<number> {
  const levels = args[0] === undefined ? 1 : Number(args[0]);
  if (!Number.isInteger(levels) || levels < 1) {
    yield* shell.fail(shell.dialect === "bash" ? `${args[0]}: ${/^-?\d+$/.test(args[0] ?? "") ? "loop count out of range" : "numeric argument required"}` : `Illegal number: ${args[0]}`);
  }
  if (shell.loopDepth === 0) {
    if (shell.dialect === "bash") yield* shell.complain("only meaningful in a `for', `while', or `until' loop");
    return 0;
  }
  throw new LoopControl(kind, levels);
}

function* statusArgument(shell: Shell, text: string | undefined): Sys<number> {
  if (text === undefined) return shell.status;
  if (/^\d+$/.test(text) || (shell.dialect === "bash" && /^-\d+$/.test(text))) return Number(text) & 0xff;
  if (shell.dialect === "bash") {
    yield* shell.complain(`${text}: numeric argument required`);
    return 2;
  }
  return yield* shell.fail(`Illegal number: ${text}`);
}
