import { secondsToUs } from "../../kernel/time.ts";
import type { CommandSpec } from "../process/invocation.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** Source: GNU coreutils src/sleep.c; busybox coreutils/sleep.c: arguments are added up; "infinity" never ends. */
export const sleep: CommandSpec = {
  name: "sleep",
  *run(call) {
    if (call.args.length === 0) {
      if (call.isBusybox) return yield* call.usage("", "[N]...");
      return yield* call.usage("missing operand");
    }
    let seconds = 0;
    for (const arg of call.args) {
      const match = /^(\d*\.?\d+|\d+\.)([smhd]?)$/.exec(arg);
      if (/^(inf|infinity)$/i.test(arg)) seconds = Infinity;
      else if (match !== null) seconds += Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1);
      else if (call.isBusybox) return yield* call.fail(`invalid number '${arg}'`);
      else return yield* call.usage(`invalid time interval '${arg}'`);
    }
    yield* call.process.sleep(seconds === Infinity ? Infinity : secondsToUs(seconds));
    return 0;
  },
  memoryBytes: 120 << 10,
};
