import type { HereDoc, Redirection } from "unbash";
import type { Errno } from "../fs/errno.ts";
import { errnoText } from "../fs/errno.ts";
import { openFile } from "../process/open.ts";
import { NullFile, type OpenFile, TextFile } from "../process/open-file.ts";
import type { Sys } from "../process/wait.ts";
import { expandPartsToText, expandText, expandWords } from "./expand.ts";
import type { Shell } from "./shell.ts";

const MAX_FD = 1_023;

/** Opens what a command's redirections name. Undefined: one failed, and the message was printed. */
export function* openRedirections(shell: Shell, redirections: readonly Redirection[]): Sys<Map<number, OpenFile | undefined> | undefined> {
  const files = new Map<number, OpenFile | undefined>();
  const current = (fd: number): OpenFile | undefined => (files.has(fd) ? files.get(fd) : shell.process.files[fd]);
  for (const redirection of redirections) {
    const fd = redirection.descriptor?.type === "FileDescriptor" ? redirection.descriptor.value : redirection.operator.startsWith("<") ? 0 : 1;
    if (redirection.type === "HereDoc") {
      files.set(fd, new TextFile("here-document", yield* hereDocument(shell, redirection)));
      continue;
    }
    const target = redirection.target === undefined ? "" : yield* expandText(shell, redirection.target);
    if (redirection.type === "HereString") {
      files.set(fd, new TextFile("here-string", `${target}\n`));
      continue;
    }
    const { operator } = redirection;
    if (operator === ">&" || operator === "<&") {
      if (target === "-") {
        files.set(fd, undefined);
        continue;
      }
      if (/^\d+$/.test(target)) {
        const file = current(Number(target));
        if (file === undefined || Number(target) > MAX_FD) {
          yield* shell.complain(`${target}: Bad file descriptor`);
          return undefined;
        }
        files.set(fd, file);
        continue;
      }
      if (operator === "<&" || shell.dialect !== "bash") {
        yield* shell.complain(shell.dialect === "dash" ? "Syntax error: Bad fd number" : shell.dialect === "ash" ? `${target}: ambiguous redirect` : `${target}: ambiguous redirect`);
        return undefined;
      }
    }
    const both = operator === "&>" || operator === "&>>" || operator === ">&";
    const append = operator === ">>" || operator === "&>>";
    const mode = operator === "<" ? "read" : operator === "<>" ? "both" : append ? "append" : "write";
    const words = redirection.target?.parts === undefined ? [target] : yield* expandWords(shell, [redirection.target]);
    if (shell.dialect === "bash" && words.length !== 1) {
      yield* shell.complain(`${redirection.target?.text ?? ""}: ambiguous redirect`);
      return undefined;
    }
    const file = openFile(shell.process, target, mode);
    if (!file.ok) {
      yield* shell.complain(openProblem(shell, target, mode === "read" ? "open" : "create", file.error));
      return undefined;
    }
    files.set(fd, file.value);
    if (both) files.set(2, file.value);
  }
  return files;
}

/** Source: dash src/error.c, errmsg; busybox shell/ash.c, errmsg; bash redir.c, redirection_error. */
function openProblem(shell: Shell, path: string, action: "open" | "create", errno: Errno): string {
  if (shell.dialect === "bash") return `${path}: ${errnoText(errno)}`;
  const reason = errno === "ENOENT" || errno === "ENOTDIR" ? undefined : errnoText(errno);
  if (shell.dialect === "dash") return `cannot ${action} ${path}: ${reason ?? (action === "open" ? "No such file" : "Directory nonexistent")}`;
  return `can't ${action} ${path}: ${reason ?? (action === "open" ? "no such file" : "nonexistent directory")}`;
}

function* hereDocument(shell: Shell, redirection: HereDoc): Sys<string> {
  const { body, operator, delimiter } = redirection;
  const stripped = (text: string): string => (operator === "<<-" ? text.replace(/^\t+/gm, "") : text);
  if (delimiter?.quoted === true || body.parts === undefined) return stripped(body.text);
  return stripped(yield* expandPartsToText(shell, body.parts, true));
}

/** Standard input of background commands. */
export const emptyInput = (): OpenFile => new NullFile();
