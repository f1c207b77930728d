import type { CommandSpec } from "../process/invocation.ts";
import { parseSignal, type SignalName, SIGNALS } from "../process/signals.ts";

/** Source: busybox procps/kill.c; bash builtins/kill.def; procps. */
export const kill: CommandSpec = {
  name: "kill",
  *run(call) {
    let { args } = call;
    let signal: SignalName | 0 = "TERM";
    const [first = ""] = args;
    if (first === "-l" || first === "-L") {
      if (args[1] !== undefined) yield* call.out(`${parseSignal(String(Number(args[1]) % 128)) ?? args[1]}\n`);
      else yield* call.out(call.isBusybox ? `${Object.entries(SIGNALS).map(([name, number]) => `${String(number).padStart(2)}) ${name}`).join("\n")}\n` : `${Object.keys(SIGNALS).join(" ")}\n`);
      return 0;
    }
    const named = first === "-s" || first === "-n" ? args[1] : /^-./.test(first) && first !== "--" ? first.slice(1) : undefined;
    if (named !== undefined) {
      const parsed = named === "0" ? 0 : parseSignal(named);
      if (parsed === undefined) return yield* call.fail(call.isBusybox ? `bad signal name '${named}'` : call.flavour === "bash" ? `${named}: invalid signal specification` : `invalid signal name or number: ${named}`);
      signal = parsed;
      args = args.slice(first === "-s" || first === "-n" ? 2 : 1);
    }
    if (args[0] === "--") args = args.slice(1);
    if (args.length === 0) {
      if (call.isBusybox) return yield* call.fail("you need to specify whom to kill");
      yield* call.process.errOut("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n");
      return 2;
    }
    let code = 0;
    for (const arg of args) {
      const number = Number(arg);
      if (!Number.isInteger(number)) {
        yield* call.complain(call.isBusybox ? `invalid number '${arg}'` : call.flavour === "bash" ? `${arg}: arguments must be process or job IDs` : `Illegal number: ${arg}`);
        code = 1;
        continue;
      }
      const targets = number === -1 ? call.process.table.all().filter((p) => p.pid !== 1 && p.pid !== call.process.pid).map((p) => p.pid) : [Math.abs(number)];
      for (const pid of targets) {
        const target = call.process.table.get(pid);
        const mayNot = target !== undefined && call.who.uid !== 0 && target.credentials.uid !== call.who.uid;
        const error = target === undefined ? "No such process" : mayNot ? "Operation not permitted" : undefined;
        if (error === undefined) {
          if (signal !== 0) target?.signal(signal);
          continue;
        }
        code = 1;
        yield* call.complain(call.isBusybox ? `can't kill pid ${pid}: ${error}` : call.flavour === "bash" ? `(${pid}) - ${error}` : call.flavour === "dash" ? `${error}\n` : `sending signal to ${pid} failed: ${error}`);
      }
    }
    yield* call.process.stopIfDead();
    return code;
  },
};
