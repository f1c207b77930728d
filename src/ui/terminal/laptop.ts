import { Bash, defineCommand, InMemoryFs } from "just-bash/browser";
import type { KubectlIo } from "../../bridge/kubectl/io.ts";
import { runKubectl } from "../../bridge/kubectl/kubectl.ts";
import type { Session } from "../../bridge/session/session.ts";
import { useFiles } from "../app/files-store.ts";
import { plainWords } from "./words.ts";

const HOME = "/home/student";

/** Where a running command's output goes and its input comes from. */
export interface Terminal {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Input while a command runs (exec -it); undefined gives it back to the shell. */
  capture(receive: ((text: string) => void) | undefined): void;
  clear(): void;
}

/** The simulated laptop: bash over files in memory, with kubectl on its path. */
export class Laptop {
  private readonly fs: InMemoryFs;
  private readonly bash: Bash;
  private cwd = HOME;
  private env: Record<string, string> = {};
  private running: AbortController | undefined;
  private namespace = "default";

  constructor(
    private readonly session: Session,
    private readonly terminal: Terminal,
  ) {
    this.fs = new InMemoryFs({ [`${HOME}/.bashrc`]: "alias k=kubectl\n" });
    const kubectl = defineCommand("kubectl", async (args, context) => {
      let stdout = "";
      let stderr = "";
      const io = this.kubectlIo({ stdout: (text) => (stdout += text), stderr: (text) => (stderr += text) }, String(context.stdin), context.cwd);
      return { exitCode: await runKubectl(args, io), stdout, stderr };
    });
    const k = defineCommand("k", (args, context) => kubectl.execute(args, context));
    this.bash = new Bash({ fs: this.fs, cwd: HOME, env: { HOME, USER: "student", SHELL: "/bin/bash", KUBECONFIG: `${HOME}/.kube/config`, TERM: "xterm-256color" }, customCommands: [kubectl, k] });
  }

  get prompt(): string {
    const place = this.cwd === HOME ? "~" : this.cwd.startsWith(`${HOME}/`) ? `~${this.cwd.slice(HOME.length)}` : this.cwd;
    return `\u001b[1;36mstudent@laptop\u001b[0m:\u001b[1;34m${place}\u001b[0m$ `;
  }

  get folder(): string {
    return this.cwd;
  }

  /** Runs one line and answers with its exit code. */
  async run(line: string): Promise<number> {
    const words = plainWords(line);
    if (words?.[0] === "clear") {
      this.terminal.clear();
      return 0;
    }
    this.running = new AbortController();
    try {
      await this.filesIn();
      if (words !== undefined && (words[0] === "kubectl" || words[0] === "k")) return await runKubectl(words.slice(1), this.kubectlIo(this.terminal, "", this.cwd));
      if (words?.[0] === "watch") return await this.watch(words.slice(1));
      return await this.runBash(line);
    } finally {
      this.running = undefined;
      this.terminal.capture(undefined);
      await this.filesOut();
    }
  }

  interrupt(): void {
    this.running?.abort();
  }

  get busy(): boolean {
    return this.running !== undefined;
  }

  /** Names in a folder, for completion; folders end with "/". */
  async names(folder: string): Promise<readonly string[]> {
    await this.filesIn();
    const path = this.fs.resolvePath(this.cwd, folder === "" ? "." : folder);
    if (!(await this.fs.exists(path))) return [];
    const names = await this.fs.readdir(path);
    return Promise.all(names.map(async (name) => ((await this.fs.stat(`${path}/${name}`)).isDirectory ? `${name}/` : name)));
  }

  private async runBash(line: string): Promise<number> {
    const result = await this.bash.exec(line, { cwd: this.cwd, env: this.env, rawScript: true, ...(this.running === undefined ? {} : { signal: this.running.signal }) });
    if (result.stdout !== "") this.terminal.stdout(result.stdout);
    if (result.stderr !== "") this.terminal.stderr(result.stderr);
    this.env = result.env;
    const { PWD } = result.env;
    if (PWD !== undefined && (await this.fs.exists(PWD))) this.cwd = PWD;
    return result.exitCode;
  }

  /** Source: procps watch.c: the command anew every two seconds (or -n) until interrupted. */
  private async watch(args: readonly string[]): Promise<number> {
    const rest = [...args];
    let seconds = 2;
    while (rest[0]?.startsWith("-")) {
      const flag = rest.shift() ?? "";
      if (flag === "-n") seconds = Math.max(0.1, Number(rest.shift()));
      else if (/^-n\d/.test(flag)) seconds = Number(flag.slice(2));
    }
    if (rest.length === 0 || Number.isNaN(seconds)) {
      this.terminal.stderr("Usage: watch [-n seconds] command\n");
      return 1;
    }
    const signal = this.running?.signal;
    while (signal !== undefined && !signal.aborted) {
      let out = "";
      const result = await this.bash.exec(rest.join(" "), { cwd: this.cwd, env: this.env, signal });
      out = `${result.stdout}${result.stderr}`;
      this.terminal.clear();
      this.terminal.stdout(`Every ${seconds.toFixed(1)}s: ${rest.join(" ")}\n\n${out}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, seconds * 1_000);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      });
    }
    return 130;
  }

  private kubectlIo(out: { stdout(text: string): void; stderr(text: string): void }, stdin: string, cwd: string): KubectlIo {
    const resolve = (path: string): string => this.fs.resolvePath(cwd, path);
    return {
      transport: this.session,
      namespace: this.namespace,
      setNamespace: (namespace) => void (this.namespace = namespace),
      now: () => this.session.unixNowMs(),
      stdout: (text) => out.stdout(text),
      stderr: (text) => out.stderr(text),
      readFile: async (path) => {
        if (path === "-") return stdin;
        const full = resolve(path);
        return (await this.fs.exists(full)) && !(await this.fs.stat(full)).isDirectory ? this.fs.readFile(full) : undefined;
      },
      listFolder: async (path) => {
        const full = resolve(path);
        if (!(await this.fs.exists(full)) || !(await this.fs.stat(full)).isDirectory) return undefined;
        return (await this.fs.readdir(full)).toSorted().map((name) => `${path.replace(/\/$/, "")}/${name}`);
      },
      exec: (target, listener) => this.session.exec(target, listener),
      input: { onData: (receive) => this.terminal.capture(receive) },
      signal: this.running?.signal ?? new AbortController().signal,
    };
  }

  /** The editor's files as they are now. */
  private async filesIn(): Promise<void> {
    const { files } = useFiles.getState();
    for (const { name, text } of files) await this.fs.writeFile(`${HOME}/${name}`, text);
    for (const name of this.known) if (!files.some((file) => file.name === name)) await this.fs.rm(`${HOME}/${name}`, { force: true });
    this.known = new Set(files.map((file) => file.name));
  }

  private known = new Set<string>();

  /** What a command made of the files in the home folder. */
  private async filesOut(): Promise<void> {
    const names = (await this.fs.readdir(HOME)).filter((name) => !name.startsWith("."));
    const { files, write, remove } = useFiles.getState();
    for (const name of names) {
      const path = `${HOME}/${name}`;
      if ((await this.fs.stat(path)).isDirectory) continue;
      const text = await this.fs.readFile(path);
      if (files.find((file) => file.name === name)?.text !== text) write(name, text);
    }
    for (const { name } of files) if (!names.includes(name) && useFiles.getState().files.length > 1) remove(name);
    this.known = new Set(useFiles.getState().files.map((file) => file.name));
  }
}
