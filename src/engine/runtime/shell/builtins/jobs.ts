import { exitCodeOf, parseSignal, type SignalName } from "../../process/signals.ts";
import { isInterrupted, type Sys } from "../../process/wait.ts";
import { quoteForReuse } from "../expand.ts";
import { tellOfSignal } from "../run.ts";
import type { Shell } from "../shell.ts";
import type { Builtin } from "./builtin.ts";

/** wait, jobs, fg, bg, disown, trap, times. */
export const jobBuiltins: readonly Builtin[] = [
  { name: "wait", special: false, run: runWait },
  {
    name: "jobs",
    special: false,
    *run(shell) {
      refresh(shell);
      for (const job of shell.jobs) {
        const state = job.status === undefined ? "Running" : job.status === 0 ? "Done" : `Exit ${job.status}`;
        yield* shell.process.out(`[${job.id}]${job === shell.jobs.at(-1) ? "+" : " "} ${state.padEnd(24)}${job.text}${job.status === undefined ? " &" : ""}\n`);
      }
      shell.jobs = shell.jobs.filter((job) => job.status === undefined);
      return 0;
    },
  },
  {
    name: "fg",
    special: false,
    *run(shell) {
      refresh(shell);
      const job = shell.jobs.findLast((candidate) => candidate.status === undefined);
      if (job === undefined || !shell.options.interactive) return yield* shell.fail(shell.dialect === "bash" ? (shell.options.interactive ? "current: no such job" : "no job control") : "No current job");
      yield* shell.process.out(`${job.text}\n`);
      return yield* waitForOne(shell, job.pid);
    },
  },
  { name: "bg", special: false, *run(shell) { return yield* shell.fail(shell.dialect === "bash" ? "no job control" : "No current job"); } },
  { name: "disown", special: false, dialects: ["bash"], *run(shell) { shell.jobs = []; return 0; } },
  { name: "trap", special: true, run: runTrap },
  {
    name: "times",
    special: true,
    *run(shell) {
      const seconds = shell.process.cpuUs / 1e6;
      const text = `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s`;
      yield* shell.process.out(`${text} 0m0.000s\n0m0.000s 0m0.000s\n`);
      return 0;
    },
  },
];

function refresh(shell: Shell): void {
  for (const job of shell.jobs) if (job.status === undefined) job.status = shell.process.reap(job.pid)?.code;
}

function* runWait(shell: Shell, args: readonly string[]): Sys<number> {
  const operands = args.filter((arg) => arg !== "-n" && arg !== "-f" && arg !== "--");
  if (operands.length === 0) {
    refresh(shell);
    for (;;) {
      const job = shell.jobs.find((candidate) => candidate.status === undefined);
      if (job === undefined) break;
      const code = yield* waitForOne(shell, job.pid);
      if (shell.pendingTraps.length > 0) return code;
      job.status = code;
      if (args.includes("-n")) return code;
    }
    shell.jobs = [];
    return 0;
  }
  let code = 0;
  for (const operand of operands) {
    const job = operand.startsWith("%") ? shell.jobs.find((candidate) => candidate.id === Number(operand.slice(1))) : shell.jobs.find((candidate) => candidate.pid === Number(operand));
    if (job === undefined) {
      if (shell.dialect === "bash") yield* shell.complain(/^\d+$/.test(operand) ? `pid ${operand} is not a child of this shell` : `\`${operand}': not a pid or valid job spec`);
      code = 127;
      continue;
    }
    code = job.status ?? (yield* waitForOne(shell, job.pid));
    if (shell.pendingTraps.length > 0) return code;
    job.status = code;
  }
  return code;
}

/** A signal with a trap ends the wait: the status says which. */
function* waitForOne(shell: Shell, pid: number): Sys<number> {
  const ended = yield* shell.process.waitChild(pid);
  if (ended === undefined) return 127;
  if (isInterrupted(ended)) return exitCodeOf(ended.interruptedBy);
  yield* tellOfSignal(shell, ended.signal);
  return ended.code;
}

function* runTrap(shell: Shell, args: readonly string[]): Sys<number> {
  const operands = args[0] === "--" ? args.slice(1) : args;
  if (operands.length === 0 || operands[0] === "-p") {
    for (const [condition, action] of shell.traps) yield* shell.process.out(`trap -- ${quoteForReuse(action)} ${shell.dialect === "bash" && condition !== "EXIT" && condition !== "ERR" ? "SIG" : ""}${condition}\n`);
    return 0;
  }
  if (operands[0] === "-l") {
    yield* shell.process.out(" 1) SIGHUP\t 2) SIGINT\t 3) SIGQUIT\t 9) SIGKILL\n15) SIGTERM\n");
    return 0;
  }
  const reset = operands[0] === "-" || (operands.length === 1 && conditionOf(operands[0] ?? "") !== undefined) || /^\d+$/.test(operands[0] ?? "");
  const action = reset ? undefined : (operands[0] ?? "");
  let code = 0;
  for (const name of operands[0] === "-" || !reset ? operands.slice(1) : operands) {
    const condition = conditionOf(name);
    if (condition === undefined) {
      if (shell.dialect === "dash") yield* shell.process.errOut(`trap: ${name}: bad trap\n`);
      else yield* shell.complain(`${name}: invalid signal specification`);
      code = 1;
      continue;
    }
    if (action === undefined) shell.traps.delete(condition);
    else shell.traps.set(condition, action);
    if (condition === "EXIT" || condition === "ERR" || condition === "DEBUG" || condition === "RETURN") continue;
    shell.process.onSignal(condition, action === undefined ? "default" : action === "" ? "ignore" : (signal) => void shell.pendingTraps.push(signal));
  }
  return code;
}

function conditionOf(name: string): SignalName | "EXIT" | "ERR" | "DEBUG" | "RETURN" | undefined {
  const upper = name.toUpperCase();
  if (upper === "EXIT" || name === "0") return "EXIT";
  if (upper === "ERR" || upper === "DEBUG" || upper === "RETURN") return upper;
  return parseSignal(name);
}
