import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import type { Result } from "../../../engine/kernel/result.ts";

/** The first line of every file that we write, and so may write over. */
const MARK = "# Written by Kubarium (npm run cluster); it overwrites this file and no other.";

export interface Kubeconfig {
  readonly path: string;
  /** At the end of the run: a file in our own directory goes, one that the user named stays. */
  remove(): void;
}

/** Text of a kubeconfig with one cluster, one user without credentials, one context, all named kubarium. */
export function kubeconfigText(url: string): string {
  return `${MARK}
apiVersion: v1
kind: Config
clusters:
- name: kubarium
  cluster:
    server: ${url}
    # Some clients refuse plain http without this; nothing leaves the machine.
    insecure-skip-tls-verify: true
users:
- name: kubarium
  user: {}
contexts:
- name: kubarium
  context:
    cluster: kubarium
    user: kubarium
current-context: kubarium
`;
}

/** Writes the file; the error is a sentence for the user. A file that somebody else wrote is never touched. */
export function writeKubeconfig(url: string, port: number, wanted: string | undefined, cwd: string): Result<Kubeconfig, string> {
  const path = wanted === undefined ? join(ownDirectory(), `${port}.kubeconfig`) : resolve(cwd, wanted);
  try {
    if (wanted === undefined) makeOwnDirectory();
    const foreign = whyForeign(path);
    if (foreign !== undefined) return { ok: false, error: `${path} ${foreign}; choose another file with --kubeconfig` };
    // Renaming is atomic: a kubectl that reads at this moment sees the old file or the new one.
    const temporary = join(dirname(path), `.kubarium-${process.pid}.tmp`);
    try {
      writeFileSync(temporary, kubeconfigText(url), { mode: 0o600, flag: "wx" });
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  } catch (error) {
    return { ok: false, error: `cannot write the kubeconfig ${path}: ${sentenceOf(error)}; choose another file with --kubeconfig` };
  }
  return { ok: true, value: { path, remove: () => (wanted === undefined ? rmSync(path, { force: true }) : undefined) } };
}

/** One per user, and unreadable for others: on shared machines the directory for temporary files is everybody's. */
function ownDirectory(): string {
  return join(tmpdir(), `kubarium-${userInfo().username}`);
}

function makeOwnDirectory(): void {
  const directory = ownDirectory();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const { uid } = lstatSync(directory);
  if (!lstatSync(directory).isDirectory() || (process.getuid !== undefined && uid !== process.getuid())) throw new Error(`${directory} belongs to somebody else`);
  chmodSync(directory, 0o700);
}

function whyForeign(path: string): string | undefined {
  let text: string;
  try {
    if (lstatSync(path).isDirectory()) return "is a directory";
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return text === "" || text.startsWith(MARK) || holdsNothingElse(text) ? undefined : "was not written by Kubarium and is left alone";
}

/** `kubectl config set-context` and its like write a file anew, without our mark. It is still ours while all that is in it is called kubarium, and nobody has put a credential there. */
function holdsNothingElse(text: string): boolean {
  let config: unknown;
  try {
    config = parse(text);
  } catch {
    return false;
  }
  const { clusters, contexts, users } = (config ?? {}) as Record<string, unknown>;
  const isOurs = (list: unknown): boolean => Array.isArray(list) && list.length === 1 && list[0]?.name === "kubarium";
  return isOurs(clusters) && isOurs(contexts) && isOurs(users) && Object.keys((users as { user?: object }[])[0]?.user ?? {}).length === 0;
}

function sentenceOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    EACCES: "permission denied",
    EPERM: "permission denied",
    ENOENT: "its directory does not exist",
    ENOTDIR: "a part of its path is no directory",
    EROFS: "the file system is read-only",
    ENOSPC: "no space is left",
  };
  return known[code ?? ""] ?? message;
}
