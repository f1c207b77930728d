import { type CommandSpec, parseOptions } from "../process/invocation.ts";
import { characterClass } from "../shell/pattern.ts";
import { readEscapes } from "./echo.ts";

/** Source: POSIX.1-2017, tr. */
export const tr: CommandSpec = {
  name: "tr",
  *run(call) {
    const { values, rest, problem } = parseOptions(call.args, "dscCt", { delete: "d", "squeeze-repeats": "s", complement: "c" }, true);
    if (problem !== undefined) return yield* call.usage(problem, "[-cds] STRING1 [STRING2]");
    const [first, second] = rest;
    if (first === undefined || (second === undefined && !call.isBusybox && !values.has("d") && !values.has("s"))) return call.isBusybox ? yield* call.usage("missing operand", "[-cds] STRING1 [STRING2]") : yield* call.usage(first === undefined ? "missing operand" : `missing operand after '${first}'`);
    const from = expandSet(first);
    const to = second === undefined ? [] : expandSet(second);
    const complement = values.has("c") || values.has("C");
    const set = new Set(from);
    const member = (char: string): boolean => set.has(char) !== complement;
    const map = new Map(from.map((char, index) => [char, to[index] ?? to.at(-1) ?? char]));
    const squeeze = new Set(second === undefined ? from : to);
    let last = "";
    for (let chunk = yield* call.process.read(0); chunk !== null; chunk = yield* call.process.read(0)) {
      let result = "";
      for (const char of chunk) {
        if (values.has("d") && member(char)) continue;
        const next = values.has("d") || second === undefined ? char : complement ? (member(char) ? (to.at(-1) ?? char) : char) : (map.get(char) ?? char);
        const squeezed = values.has("s") && (second === undefined ? member(next) : squeeze.has(next));
        if (squeezed && next === last) continue;
        result += next;
        last = next;
      }
      if (!(yield* call.out(result))) return 1;
    }
    return 0;
  },
};

function expandSet(text: string): string[] {
  const chars: string[] = [];
  const named = text.replace(/\[:([a-z]+):\]/g, (whole, name: string) => {
    const test = characterClass(name);
    return test === undefined ? whole : Array.from({ length: 127 }, (_, code) => String.fromCharCode(code)).filter((char) => test(char)).join("").replace(/[-\\]/g, "\\$&");
  });
  const source = [...named];
  for (let i = 0; i < source.length; i++) {
    let char = source[i] ?? "";
    if (char === "\\") {
      const escape = /^\\([0-7]{1,3}|.)/s.exec(source.slice(i).join(""))?.[0] ?? char;
      char = /^\\[-[\]]$/.test(escape) ? escape.slice(1) : readEscapes(escape, false).text;
      i += [...escape].length - 1;
    }
    const to = source[i + 2];
    if (source[i + 1] === "-" && to !== undefined && to !== "\\") {
      for (let code = char.codePointAt(0) ?? 0; code <= (to.codePointAt(0) ?? 0) && chars.length < 70_000; code++) chars.push(String.fromCodePoint(code));
      i += 2;
    } else chars.push(char);
  }
  return chars;
}
