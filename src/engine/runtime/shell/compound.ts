import type { Case, CompoundCommand, For, TestExpression, While, ArithmeticFor, Select } from "unbash";
import { compileRegex } from "../text/regex.ts";
import type { Sys } from "../process/wait.ts";
import { evaluateArithmetic, evaluateArithmeticText } from "./arithmetic.ts";
import { expandPattern, expandRegex, expandText, expandWords } from "./expand.ts";
import { compilePattern, matchesPattern } from "./pattern.ts";
import { parseScript } from "./parse-script.ts";
import { runList, runScript } from "./run.ts";
import { LoopControl, type Shell } from "./shell.ts";
import { compareNumbers, compareTest, fileTest } from "./test-expression.ts";

/** if, loops, case, [[ … ]], (( … )), { … }. */
export function* runCompound(shell: Shell, node: Exclude<CompoundCommand, { type: "Subshell" }>): Sys<number> {
  switch (node.type) {
    case "BraceGroup":
      return yield* runList(shell, node.body);
    case "If": {
      if (yield* condition(shell, () => runList(shell, node.clause))) return yield* runList(shell, node.then);
      for (const elif of node.elif) if (yield* condition(shell, () => runList(shell, elif.clause))) return yield* runList(shell, elif.then);
      return node.else === undefined ? 0 : yield* runList(shell, node.else);
    }
    case "While":
      return yield* runWhile(shell, node);
    case "For":
      return yield* runFor(shell, node);
    case "ArithmeticFor":
      return yield* runArithmeticFor(shell, node);
    case "Case":
      return yield* runCase(shell, node);
    case "Select":
      return yield* runSelect(shell, node);
    case "ArithmeticCommand":
      if (shell.dialect !== "bash") return yield* runDoubleParentheses(shell, node.body);
      return (yield* evaluateArithmetic(shell, node.expression, node.body)) !== 0n ? 0 : 1;
    case "TestCommand": {
      if (shell.dialect === "dash") {
        yield* shell.complain("[[: not found");
        return 127;
      }
      return (yield* evaluateConditional(shell, node.expression)) ? 0 : 1;
    }
  }
}

/** POSIX shells have no ((…)): it is a subshell in a subshell. */
function* runDoubleParentheses(shell: Shell, body: string): Sys<number> {
  const source = `(${body})`;
  const parsed = parseScript(source, shell.dialect);
  if (parsed.ok) return yield* runScript(shell, parsed.script.ast, source);
  for (const line of parsed.problem.lines) yield* shell.complain(line);
  return 2;
}

/** Runs something of which only success matters: `set -e` looks away. */
function* condition(shell: Shell, run: () => Sys<number>): Sys<boolean> {
  shell.conditionDepth += 1;
  try {
    return (yield* run()) === 0;
  } finally {
    shell.conditionDepth -= 1;
  }
}

/** One round of a loop's body. "break" ends the loop; outer levels fly on. */
function* round(shell: Shell, body: () => Sys<number>): Sys<{ readonly code: number; readonly stop: boolean }> {
  shell.loopDepth += 1;
  try {
    return { code: yield* body(), stop: false };
  } catch (control) {
    if (!(control instanceof LoopControl)) throw control;
    if (control.levels > 1 && shell.loopDepth > 1) {
      control.levels -= 1;
      throw control;
    }
    return { code: 0, stop: control.kind === "break" };
  } finally {
    shell.loopDepth -= 1;
  }
}

function* runWhile(shell: Shell, node: While): Sys<number> {
  let code = 0;
  for (;;) {
    let holds = false;
    const tested = yield* round(shell, function* () {
      holds = yield* condition(shell, () => runList(shell, node.clause));
      return 0;
    });
    if (tested.stop || holds !== (node.kind === "while")) return code;
    const done = yield* round(shell, () => runList(shell, node.body));
    code = done.code;
    if (done.stop) return code;
  }
}

function* runFor(shell: Shell, node: For): Sys<number> {
  const values = node.wordlist === undefined ? shell.positional : yield* expandWords(shell, node.wordlist);
  let code = 0;
  for (const value of values) {
    if (shell.vars.isReadOnly(node.name.value)) yield* shell.fail(`${node.name.value}: ${shell.dialect === "bash" ? "readonly variable" : "is read only"}`);
    shell.set(node.name.value, value);
    const done = yield* round(shell, () => runList(shell, node.body));
    code = done.code;
    if (done.stop) break;
  }
  return code;
}

function* runArithmeticFor(shell: Shell, node: ArithmeticFor): Sys<number> {
  if (shell.dialect !== "bash") yield* shell.fail(shell.dialect === "dash" ? "Syntax error: Bad for loop variable" : "syntax error: bad for loop variable", 2);
  let code = 0;
  if (node.initialize !== undefined) yield* evaluateArithmetic(shell, node.initialize, "");
  for (;;) {
    yield* shell.process.compute(5);
    if (node.test !== undefined && (yield* evaluateArithmetic(shell, node.test, "")) === 0n) return code;
    const done = yield* round(shell, () => runList(shell, node.body));
    code = done.code;
    if (done.stop) return code;
    if (node.update !== undefined) yield* evaluateArithmetic(shell, node.update, "");
  }
}

function* runCase(shell: Shell, node: Case): Sys<number> {
  const subject = yield* expandText(shell, node.word);
  let fallThrough = false;
  let code = 0;
  for (const item of node.items) {
    let matches = fallThrough;
    for (const pattern of matches ? [] : item.pattern) {
      if (!matchesPattern(compilePattern(yield* expandPattern(shell, pattern)), subject)) continue;
      matches = true;
      break;
    }
    if (!matches) continue;
    code = yield* runList(shell, item.body);
    if (item.terminator === ";&") fallThrough = true;
    else if (item.terminator === ";;&") fallThrough = false;
    else return code;
  }
  return code;
}

function* runSelect(shell: Shell, node: Select): Sys<number> {
  const values = node.wordlist === undefined ? shell.positional : yield* expandWords(shell, node.wordlist);
  let code = 0;
  for (;;) {
    yield* shell.process.errOut(`${values.map((value, index) => `${index + 1}) ${value}\n`).join("")}#? `);
    const line = yield* shell.process.read(0, { line: true });
    if (line === null) return code;
    shell.set("REPLY", line.trim());
    shell.set(node.name.value, values[Number(line.trim()) - 1] ?? "");
    const done = yield* round(shell, () => runList(shell, node.body));
    code = done.code;
    if (done.stop) return code;
  }
}

function* evaluateConditional(shell: Shell, node: TestExpression): Sys<boolean> {
  switch (node.type) {
    case "TestLogical": {
      for (const operand of node.operands) if ((yield* evaluateConditional(shell, operand)) === (node.operator === "||")) return node.operator === "||";
      return node.operator === "&&";
    }
    case "TestNot": {
      const value = yield* evaluateConditional(shell, node.operand);
      return node.negations.length % 2 === 1 ? !value : value;
    }
    case "TestGroup":
      return yield* evaluateConditional(shell, node.expression);
    case "TestUnary": {
      const operand = yield* expandText(shell, node.operand);
      if (node.operator === "-v") return shell.vars.get(operand.replace(/\[.*$/, "")) !== undefined;
      if (node.operator === "-o") return operand in shell.options && shell.options[operand as keyof typeof shell.options];
      return fileTest(shell.process, node.operator, operand);
    }
    case "TestBinary":
      return yield* evaluateComparison(shell, node);
  }
}

function* evaluateComparison(shell: Shell, node: Extract<TestExpression, { type: "TestBinary" }>): Sys<boolean> {
  const left = yield* expandText(shell, node.left);
  switch (node.operator) {
    case "=":
    case "==":
    case "!=":
      return matchesPattern(compilePattern(yield* expandPattern(shell, node.right)), left) === (node.operator !== "!=");
    case "=~": {
      const regex = compileRegex(yield* expandRegex(shell, node.right), "extended");
      if (!regex.ok) return false;
      const match = regex.value.match(left, 0);
      if (shell.dialect === "bash") shell.vars.setArray("BASH_REMATCH", new Map((match?.groups ?? []).map((group, index) => [index, group ?? ""])));
      return match !== undefined;
    }
    case "-eq":
    case "-ne":
    case "-lt":
    case "-le":
    case "-gt":
    case "-ge":
      return compareNumbers(yield* evaluateArithmeticText(shell, left), node.operator, yield* evaluateArithmeticText(shell, yield* expandText(shell, node.right)));
    default:
      return compareTest(shell.process, left, node.operator, yield* expandText(shell, node.right));
  }
}

