import type { CommandSpec } from "../process/invocation.ts";

/** dash always reads escapes and knows only -n; the others know -e, -E and -n. Source: POSIX.1-2017, echo; bash builtins/echo.def. */
export const echo: CommandSpec = {
  name: "echo",
  *run(call) {
    let newline = true;
    let escapes = call.flavour === "dash";
    let at = 0;
    if (call.flavour === "dash") {
      if (call.args[0] === "-n") {
        newline = false;
        at = 1;
      }
    } else {
      for (; /^-[neE]+$/.test(call.args[at] ?? ""); at++) {
        for (const letter of (call.args[at] ?? "").slice(1)) {
          if (letter === "n") newline = false;
          else escapes = letter === "e";
        }
      }
    }
    const text = call.args.slice(at).join(" ");
    if (!escapes) return (yield* call.out(text + (newline ? "\n" : ""))) ? 0 : 1;
    const { text: read, stop } = readEscapes(text, true, call.flavour !== "dash");
    return (yield* call.out(read + (newline && !stop ? "\n" : ""))) ? 0 : 1;
  },
};

/** Backslash escapes of `echo -e` (octal as \0nnn) and of printf's format (octal as \nnn). `stop`: \c was met. */
export function readEscapes(text: string, octalWithZero: boolean, hex = true): { readonly text: string; readonly stop: boolean } {
  if (!text.includes("\\")) return { text, stop: false };
  let result = "";
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (char !== "\\" || i + 1 >= text.length) {
      result += char;
      continue;
    }
    const rest = text.slice(i + 1);
    if (rest.startsWith("c")) return { text: result, stop: true };
    const simple = SIMPLE[rest.charAt(0)];
    const number = (octalWithZero ? /^0([0-7]{0,3})/ : /^([0-7]{1,3})/).exec(rest) ?? (hex ? /^x([0-9a-fA-F]{1,2})/.exec(rest) : null);
    if (simple !== undefined) {
      result += simple;
      i += 1;
    } else if (number !== null) {
      result += String.fromCharCode(Number.parseInt(number[1] || "0", rest.startsWith("x") ? 16 : 8) & 0xff);
      i += number[0].length;
    } else {
      const wide = /^u([0-9a-fA-F]{1,4})/.exec(rest) ?? /^U([0-9a-fA-F]{1,8})/.exec(rest);
      const code = Number.parseInt(wide?.[1] ?? "", 16);
      if (wide !== null && code <= 0x10ffff) {
        result += String.fromCodePoint(code);
        i += wide[0].length;
      } else result += "\\";
    }
  }
  return { text: result, stop: false };
}

const SIMPLE: Readonly<Record<string, string>> = { a: "\x07", b: "\b", e: "\x1b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\" };
