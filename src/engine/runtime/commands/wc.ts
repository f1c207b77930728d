import { utf8Length } from "../../network/http/message.ts";
import { type CommandSpec, parseOptions } from "../process/invocation.ts";

/** Source: busybox coreutils/wc.c (fields of 9); GNU coreutils src/wc.c (width of the largest count). */
export const wc: CommandSpec = {
  name: "wc",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "lwcmL", { lines: "l", words: "w", bytes: "c", chars: "m", "max-line-length": "L" });
    if (problem !== undefined) return yield* call.usage(problem, "[-cmlwL] [FILE]...");
    const wanted = (values.size === 0 ? ["l", "w", "c"] : ["l", "w", "c", "m", "L"]).filter((flag) => values.size === 0 || values.has(flag));
    const rows: { counts: number[]; name: string }[] = [];
    let code = 0;
    for (const name of rest.length === 0 ? ["-"] : rest) {
      const content = yield* call.readFile(name);
      if (!content.ok) {
        yield* call.complainAbout(name, content.error);
        code = 1;
        continue;
      }
      const text = content.value;
      const count: Readonly<Record<string, () => number>> = {
        l: () => text.split("\n").length - 1,
        w: () => text.split(/\s+/).filter((word) => word !== "").length,
        c: () => utf8Length(text),
        m: () => [...text].length,
        L: () => Math.max(0, ...text.split("\n").map((line) => line.length)),
      };
      rows.push({ counts: wanted.map((flag) => count[flag]?.() ?? 0), name: rest.length === 0 ? "" : name });
    }
    if (rows.length > 1) rows.push({ counts: wanted.map((_, index) => rows.reduce((sum, row) => sum + (row.counts[index] ?? 0), 0)), name: "total" });
    const digits = Math.max(...rows.flatMap((row) => row.counts.map((count) => String(count).length)), 1);
    const single = wanted.length === 1 && rows.length <= 1;
    const width = single ? 1 : call.isBusybox ? 9 : rest.length === 0 ? 7 : digits;
    for (const row of rows) yield* call.out(`${row.counts.map((count) => String(count).padStart(width)).join(" ")}${row.name === "" ? "" : ` ${row.name}`}\n`);
    return code;
  },
};
