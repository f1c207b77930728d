import { filter, joinLines, linesOf } from "./text-tools.ts";

export const rev = filter("rev", "", (text) => joinLines(linesOf(text).map((line) => [...line].reverse().join(""))));
export const tac = filter("tac", "", (text) => joinLines(linesOf(text).reverse()));
export const nl = filter("nl", "b:w:", (text, values) => {
  let number = 0;
  return joinLines(linesOf(text).map((line) => (line === "" && values.get("b") !== "a" ? "       " : `${String(++number).padStart(Number(values.get("w") ?? 6))}\t${line}`)));
});
export const fold = filter("fold", "w:sb", (text, values) => {
  const width = Math.max(1, Number(values.get("w") ?? 80) || 80);
  return joinLines(linesOf(text).flatMap((line) => (line === "" ? [""] : Array.from({ length: Math.ceil(line.length / width) }, (_, i) => line.slice(i * width, (i + 1) * width)))));
});
