import { echo } from "../../commands/echo.ts";
import { kill } from "../../commands/kill.ts";
import { printf } from "../../commands/printf.ts";
import { test } from "../../commands/test.ts";
import { type CommandSpec, Invocation } from "../../process/invocation.ts";
import type { Dialect } from "../dialect.ts";
import type { Builtin } from "./builtin.ts";
import { controlBuiltins } from "./control.ts";
import { directoryBuiltins } from "./directory.ts";
import { inputBuiltins } from "./input.ts";
import { jobBuiltins } from "./jobs.ts";
import { runningBuiltins } from "./running.ts";
import { variableBuiltins } from "./variables.ts";

export type { Builtin } from "./builtin.ts";

/** A tool that shells also have inside: same behaviour, the shell's prefix in front of its messages. */
const inside = (spec: CommandSpec, name = spec.name, prefixed = true): Builtin => ({
  name,
  special: false,
  *run(shell, args) {
    if (!prefixed) shell.command = undefined;
    const prefix = shell.dialect === "ash" ? `${shell.arg0}: ` : shell.prefix();
    const flavour = shell.dialect === "ash" ? "busybox" : shell.dialect;
    return yield* spec.run(new Invocation(shell.process, name, args, prefix, flavour));
  },
});

let built: ReadonlyMap<string, Builtin> | undefined;

/** Made at first use: builtins run commands, and commands look for builtins. */
const table = (): ReadonlyMap<string, Builtin> => (built ??= new Map(
  [
    ...controlBuiltins, ...variableBuiltins, ...runningBuiltins, ...jobBuiltins, ...directoryBuiltins, ...inputBuiltins,
    inside(echo), inside(printf), inside(test), inside(test, "["), inside(kill),
  ].map((builtin) => [builtin.name, builtin]),
));

export function findBuiltin(name: string, dialect: Dialect): Builtin | undefined {
  const builtin = table().get(name);
  return builtin?.dialects === undefined || builtin.dialects.includes(dialect) ? builtin : undefined;
}

export const builtinNames = (dialect: Dialect): readonly string[] => [...table().keys()].filter((name) => findBuiltin(name, dialect) !== undefined).sort();
