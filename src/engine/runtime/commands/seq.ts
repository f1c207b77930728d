import { type CommandSpec, parseOptions } from "../process/invocation.ts";

const MAX_LINES = 200_000;

export const seq: CommandSpec = {
  name: "seq",
  *run(call) {
    const args = call.args.map((arg) => (/^-\d/.test(arg) ? `\0${arg}` : arg));
    const { values, rest, problem } = parseOptions(args, "ws:f:", { "equal-width": "w", separator: "s", format: "f" });
    if (problem !== undefined) return yield* call.usage(problem, "[-w] [-s SEP] [FIRST [INC]] LAST");
    const texts = rest.map((text) => text.replace("\0", ""));
    if (texts.length === 0 || texts.length > 3) return yield* call.usage(texts.length === 0 ? "missing operand" : `extra operand '${texts[3] ?? ""}'`, "[-w] [-s SEP] [FIRST [INC]] LAST");
    for (const text of texts) if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text)) return yield* call.fail(call.isBusybox ? `invalid number '${text}'` : `invalid floating point argument: '${text}'`);
    const [first = 1, step = 1, last = 1] = texts.length === 1 ? [1, 1, Number(texts[0])] : texts.length === 2 ? [Number(texts[0]), 1, Number(texts[1])] : texts.map(Number);
    if (step === 0) return call.isBusybox ? 0 : yield* call.fail("invalid Zero increment value: '0'");
    const decimals = Math.max(...texts.map((text) => /\.(\d+)/.exec(text)?.[1]?.length ?? 0));
    const count = Math.min(MAX_LINES, Math.floor((last - first) / step + 1e-9) + 1);
    const format = (value: number): string => (decimals === 0 ? String(Math.round(value)) : value.toFixed(decimals));
    const width = values.has("w") ? Math.max(format(first).length, format(last).length) : 0;
    const separator = values.get("s") ?? "\n";
    let text = "";
    for (let i = 0; i < count; i++) {
      text += `${i === 0 ? "" : separator}${format(first + i * step).padStart(width, "0")}`;
      if (text.length > 4_096) {
        if (!(yield* call.out(text))) return 1;
        text = "";
        yield* call.process.compute(20);
      }
    }
    if (count > 0) yield* call.out(`${text}\n`);
    return 0;
  },
};
