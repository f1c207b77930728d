import type { Sys } from "../process/wait.ts";
import { parseScript } from "./parse-script.ts";
import { runPendingTraps, runScript } from "./run.ts";
import { ExitControl, LoopControl, ReturnControl, type Shell, ShellAbort } from "./shell.ts";

/**
 * Somebody types. Echo, line editing and Ctrl-C are the terminal's business; the shell reads whole lines.
 * Source: busybox' default PS1 is "\w # ", dash's "# ", bash's root prompt "root@host:/# ".
 */
export function* runInteractive(shell: Shell): Sys<number> {
  shell.options.interactive = true;
  const { process } = shell;
  // An interactive shell is not hurt by what ends others.
  process.onSignal("TERM", "ignore");
  process.onSignal("QUIT", "ignore");
  process.onSignal("INT", () => {});
  for (;;) {
    yield* runPendingTraps(shell);
    yield* process.errOut(prompt(shell));
    const text = yield* readCommand(shell);
    if (text === null) {
      yield* process.errOut(shell.dialect === "bash" ? "exit\n" : "\n");
      throw new ExitControl(shell.status);
    }
    if (text.trim() === "") continue;
    yield* runLine(shell, text);
  }
}

/** Lines until they make whole commands: an open `if` or quote goes on with a "> ". */
function* readCommand(shell: Shell): Sys<string | null> {
  let text = "";
  for (;;) {
    const line = yield* shell.process.readInterruptibly(0, true);
    if (line !== null && typeof line !== "string") {
      yield* shell.process.errOut(`\n${prompt(shell)}`);
      text = "";
      continue;
    }
    if (line === null) return text === "" ? null : text;
    text += line;
    if (!isUnfinished(text, shell)) return text;
    yield* shell.process.errOut("> ");
  }
}

function isUnfinished(text: string, shell: Shell): boolean {
  if (/(^|[^\\])(\\\\)*\\\n$/.test(text)) return true;
  const parsed = parseScript(text, shell.dialect);
  if (!parsed.ok) return /end of file|unterminated|EOF in|missing '|unexpected EOF/i.test(parsed.problem.lines[0] ?? "");
  const heredoc = /<<-?\s*(['"]?)(\w+)\1/.exec(text);
  return heredoc !== null && !new RegExp(`^\\t*${heredoc[2] ?? ""}$`, "m").test(text.slice(heredoc.index + heredoc[0].length));
}

function* runLine(shell: Shell, text: string): Sys<void> {
  const parsed = parseScript(text, shell.dialect);
  if (!parsed.ok) {
    shell.command = undefined;
    for (const line of parsed.problem.lines) yield* shell.process.errOut(`${shell.dialect === "dash" ? `${shell.arg0}: 1: ` : `${shell.arg0}: `}${line}\n`);
    shell.status = 2;
    return;
  }
  try {
    yield* runScript(shell, parsed.script.ast, text);
  } catch (control) {
    if (control instanceof ShellAbort || control instanceof ReturnControl) shell.status = control.code;
    else if (!(control instanceof LoopControl)) throw control;
    shell.loopDepth = 0;
    shell.conditionDepth = 0;
    shell.depth = 0;
    shell.functionDepth = 0;
  }
}

function prompt(shell: Shell): string {
  const ps1 = shell.get("PS1");
  const root = shell.process.credentials.uid === 0;
  const home = shell.get("HOME");
  const cwd = shell.process.cwd;
  const short = home !== undefined && home !== "/" && (cwd === home || cwd.startsWith(`${home}/`)) ? `~${cwd.slice(home.length)}` : cwd;
  const sign = root ? "#" : "$";
  const { hostname } = shell.process.world.pod;
  if (ps1 === undefined) {
    if (shell.dialect === "ash") return `${short} ${sign} `;
    return shell.dialect === "dash" ? `${sign} ` : `${root ? "root" : "I have no name!"}@${hostname}:${short}${sign} `;
  }
  return ps1.replace(/\\([wWhHu$ns\\[\]])/g, (_, letter: string) => ({ w: short, W: short.slice(short.lastIndexOf("/") + 1) || "/", h: hostname, H: hostname, u: root ? "root" : String(shell.process.credentials.uid), $: sign, n: "\n", s: shell.arg0, "\\": "\\", "[": "", "]": "" })[letter] ?? "");
}
