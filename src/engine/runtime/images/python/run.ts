import type { Process } from "../../process/process.ts";
import type { Sys } from "../../process/wait.ts";
import { PythonMachine } from "./machine.ts";
import { parsePython } from "./parse.ts";
import { Raised, str, SystemExit } from "./values.ts";

/** Runs a program; prints a traceback as CPython does when an exception gets out. */
export function* runPython(process: Process, source: string, file: string): Sys<number> {
  const parsed = parsePython(source);
  if (!parsed.ok) {
    const line = source.split("\n")[parsed.line - 1] ?? "";
    yield* process.errOut(`  File "${file}", line ${parsed.line}\n    ${line.trim()}\n${parsed.message.startsWith("SyntaxError") ? `    ^\n` : ""}${parsed.message}\n`);
    return 1;
  }
  const machine = new PythonMachine(process);
  try {
    yield* machine.run(parsed.body);
    return 0;
  } catch (problem) {
    if (problem instanceof SystemExit) {
      if (typeof problem.value === "number") return problem.value & 0xff;
      if (problem.value === null || problem.value === false) return 0;
      if (problem.value === true) return 1;
      yield* process.errOut(`${str(problem.value)}\n`);
      return 1;
    }
    if (!(problem instanceof Raised)) throw problem;
    const line = source.split("\n")[problem.line - 1]?.trim() ?? "";
    yield* process.errOut(`Traceback (most recent call last):\n  File "${file}", line ${problem.line}, in <module>\n${file === "<string>" || line === "" ? "" : `    ${line}\n`}${problem.kind}${problem.text === "" ? "" : `: ${problem.text}`}\n`);
    return 1;
  }
}
