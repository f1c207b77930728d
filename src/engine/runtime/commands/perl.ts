import { secondsToUs } from "../../kernel/time.ts";
import type { CommandSpec } from "../process/invocation.ts";

/** Differs: no Perl; only the one program that every Job tutorial runs, `perl -Mbignum=bpi -wle "print bpi(N)"`. */
export const perl: CommandSpec = {
  name: "perl",
  memoryBytes: 12 << 20,
  *run(call) {
    if (call.args.includes("-v")) {
      yield* call.out(`\nThis is perl 5, version ${call.process.binary.version.split(".")[1] ?? "40"}, subversion ${call.process.binary.version.split(".")[2] ?? "0"} (v${call.process.binary.version || "5.40.0"}) built for x86_64-linux-gnu\n`);
      return 0;
    }
    const program = call.args.join(" ");
    const match = /print\s+bpi\((\d{1,5})\)/.exec(program);
    if (match !== null) {
      const digits = Math.min(10_000, Number(match[1]));
      // 2,000 places take Perl some seconds; the work grows a little faster than the square.
      yield { type: "cpu", us: secondsToUs(Math.max(0.1, 5 * (digits / 2_000) ** 2.1)) };
      yield* call.out(`${pi(digits)}\n`);
      return 0;
    }
    const literal = /-[a-z]*e\s*print\s+["'](.*)["'];?\s*$/.exec(program) ?? /-[a-z]*e\s*print\s+q?q?\((.*)\)/.exec(program);
    if (literal !== null) {
      yield* call.out(`${(literal[1] ?? "").replaceAll("\\n", "\n")}${/-\w*l\w*/.test(program) ? "\n" : ""}`);
      return 0;
    }
    if (call.args.length === 0 || (call.args.length === 1 && call.args[0] === "-de0")) return 0;
    return yield* call.fail("NotImplemented: Kubarium's perl only knows print bpi(N)", 255);
  },
};

let known: { readonly digits: number; readonly text: string } | undefined;

/** π to so many significant digits. Source: Machin's formula, 1706: π/4 = 4 arctan(1/5) − arctan(1/239). */
export function pi(digits: number): string {
  if (known?.digits === digits) return known.text;
  const guard = 10;
  const scale = 10n ** BigInt(digits + guard);
  const arctan = (x: bigint): bigint => {
    let power = scale / x;
    let sum = power;
    for (let n = 3n, sign = -1n; power !== 0n; n += 2n, sign = -sign) {
      power /= x * x;
      sum += (sign * power) / n;
    }
    return sum;
  };
  const value = 4n * (4n * arctan(5n) - arctan(239n));
  // bpi(N) rounds to N significant digits.
  const unit = 10n ** BigInt(guard + 1);
  const rounded = (value + unit / 2n) / unit;
  const text = rounded.toString();
  const result = digits <= 1 ? text : `${text.charAt(0)}.${text.slice(1)}`;
  known = { digits, text: result };
  return result;
}
