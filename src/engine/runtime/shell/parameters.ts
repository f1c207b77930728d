import type { Shell } from "./shell.ts";
import { elements } from "./variables.ts";

/** What a parameter stands for: one value, or a list ($@, $*, arrays). */
export interface Parameter {
  /** Undefined: not set. */
  readonly value: string | undefined;
  readonly list: readonly string[] | undefined;
  /** True for "$*" and "${a[*]}": joined when quoted. */
  readonly star: boolean;
}

const single = (value: string | undefined): Parameter => ({ value, list: undefined, star: false });

export const specialOrName = (name: string): boolean => !/^[@*#?$!-]$/.test(name);

/** `index`: of an array; "@" and "*" mean all of it. */
export function lookupParameter(shell: Shell, name: string, index: string | number | undefined): Parameter {
  if (name === "@" || name === "*") return { value: shell.positional.join(" "), list: shell.positional, star: name === "*" };
  if (/^\d+$/.test(name)) return single(name === "0" ? shell.arg0 : shell.positional[Number(name) - 1]);
  const special = specialParameter(shell, name);
  if (special !== undefined) return single(special);
  const variable = shell.vars.get(name);
  if (index === undefined) return single(variable?.value ?? dynamicVariable(shell, name));
  if (index === "@" || index === "*") return { value: elements(variable).join(" "), list: elements(variable), star: index === "*" };
  if (variable?.assoc !== undefined) return single(variable.assoc.get(String(index)));
  const at = Number(index);
  if (variable?.array === undefined) return single(at === 0 || at === -1 ? variable?.value : undefined);
  if (at >= 0) return single(variable.array.get(at));
  const top = Math.max(-1, ...variable.array.keys()) + 1;
  return single(variable.array.get(top + at));
}

function specialParameter(shell: Shell, name: string): string | undefined {
  switch (name) {
    case "?":
      return String(shell.status);
    case "#":
      return String(shell.positional.length);
    case "$":
      return String(shell.isSubshell ? shellPid(shell) : shell.pid);
    case "!":
      return shell.lastBackground === undefined ? "" : String(shell.lastBackground);
    case "-":
      return `${shell.options.errexit ? "e" : ""}${shell.options.noglob ? "f" : ""}${shell.dialect === "bash" ? "hB" : ""}${shell.options.interactive ? "i" : ""}${shell.options.nounset ? "u" : ""}${shell.options.xtrace ? "x" : ""}`;
    default:
      return undefined;
  }
}

/** $$ in a subshell is the pid of the shell that it came from. */
function shellPid(shell: Shell): number {
  let { pid } = shell.process;
  for (let i = 0; i < 64; i++) {
    const process = shell.process.table.get(pid);
    if (process === undefined || process.title !== SUBSHELL_TITLE) break;
    pid = process.ppid;
  }
  return pid;
}

/** Marks forked subshells in the process table until they run a program. */
export const SUBSHELL_TITLE = "";

function dynamicVariable(shell: Shell, name: string): string | undefined {
  const { process, dialect } = shell;
  if (name === "LINENO") return String(shell.line);
  if (name === "PPID") return String(process.ppid);
  if (dialect === "dash") return undefined;
  if (name === "RANDOM") return String(process.world.rng.below(32_768));
  if (dialect === "ash") return undefined;
  switch (name) {
    case "SECONDS":
      return String(Math.floor((process.world.clock.now() - process.startedUs) / 1e6));
    case "EPOCHSECONDS":
      return String(process.world.time.epochSeconds + Math.floor(process.world.clock.now() / 1e6));
    case "UID":
    case "EUID":
      return String(process.credentials.uid);
    case "BASHPID":
      return String(process.pid);
    case "HOSTNAME":
      return process.world.pod.hostname;
    case "BASH":
      return "/bin/bash";
    case "BASH_VERSION":
      return `${process.binary.version || "5.2.37"}(1)-release`;
    case "OSTYPE":
      return "linux-gnu";
    case "MACHTYPE":
      return "x86_64-pc-linux-gnu";
    case "SHLVL":
      return "1";
    default:
      return undefined;
  }
}
