import type { Sys } from "../../process/wait.ts";
import type { Dialect } from "../dialect.ts";
import type { Shell } from "../shell.ts";

/** A command that the shell does itself. */
export interface Builtin {
  readonly name: string;
  /** POSIX' special builtins: found before functions, and their errors end a script. */
  readonly special: boolean;
  /** Left out: every shell has it. */
  readonly dialects?: readonly Dialect[];
  readonly run: (shell: Shell, args: readonly string[]) => Sys<number>;
}
