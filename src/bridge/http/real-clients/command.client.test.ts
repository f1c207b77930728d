import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ensureKubectl } from "../../../../scripts/find-kubectl.mjs";

/** `npm run cluster` as a user runs it: in a process of its own, through npm. */
const root = fileURLToPath(new URL("../../../..", import.meta.url));
const TIMEOUT_MS = 90_000;

let folder: string;
const running: ChildProcess[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "kubarium-command-"));
});
afterEach(() => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Resolves with the first line of standard output. */
  readonly firstLine: Promise<string>;
  /** Resolves when standard error has had this; rejects when the process ended without. */
  readonly complains: (pattern: RegExp) => Promise<void>;
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(command, [...args], { cwd: root, env: { ...process.env, TMPDIR: folder, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
  const firstLine = new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (part: Buffer) => {
      stdout += part.toString();
      if (stdout.includes("\n")) resolve(stdout.slice(0, stdout.indexOf("\n")));
    });
    child.on("close", (code) => reject(new Error(`ended with ${code} before it was ready:\n${stdout}${stderr}`)));
  });
  firstLine.catch(() => {});
  const complains = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => void (pattern.test(stderr) && resolve());
      look();
      child.stderr.on("data", look);
      child.on("close", (code) => reject(new Error(`ended with ${code} before ${pattern}:\n${stdout}${stderr}`)));
    });
  return { child, ended, firstLine, complains };
}
const cluster = (...args: string[]): Run => run(process.execPath, ["scripts/cluster.mjs", ...args]);
const kubectl = (kubeconfig: string, ...args: string[]): Run["ended"] => run(ensureKubectl(), args, { KUBECONFIG: kubeconfig, HOME: folder }).ended;

describe("npm run cluster", () => {
  test("prints one line when ready, kubectl works with the kubeconfig that it names, SIGTERM ends it with exit code 0", { timeout: TIMEOUT_MS }, async () => {
    const { child, ended, firstLine } = run("npm", ["run", "--silent", "cluster", "--", "--port", "0", "--nodes", "1"]);
    const line = await firstLine;
    const [, url = "", kubeconfig = ""] = /^Kubarium is ready: .* at (http:\/\/127\.0\.0\.1:\d+) - try: kubectl --kubeconfig (\S+) get pods -A/.exec(line) ?? [];
    expect([url, existsSync(kubeconfig)], line).toEqual([expect.stringMatching(/^http/), true]);
    expect(statSync(kubeconfig).mode & 0o777).toBe(0o600);
    expect(await kubectl(kubeconfig, "config", "current-context")).toMatchObject({ stdout: "kubarium\n" });
    const nodes = await kubectl(kubeconfig, "get", "nodes", "--no-headers");
    expect(nodes.stdout.trim().split("\n").map((row) => row.split(/\s+/).slice(0, 2))).toEqual([["control-plane", "Ready"], ["node-1", "Ready"]]);
    child.kill("SIGTERM");
    const { code, stdout } = await ended;
    expect([code, stdout]).toEqual([0, `${line}\n`]);
    expect(existsSync(kubeconfig)).toBe(false);
    await expect(fetch(`${url}/version`)).rejects.toThrow();
  });

  test("an npm that is killed outright takes its cluster along", { timeout: TIMEOUT_MS }, async () => {
    const { child, firstLine } = run("npm", ["run", "--silent", "cluster", "--", "--port", "0", "--nodes", "0"]);
    const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(await firstLine) ?? [];
    expect((await fetch(`${url}/version`)).status).toBe(200);
    child.kill("SIGKILL");
    const isServed = (): Promise<boolean> => fetch(`${url}/version`).then(() => true, () => false);
    while (await isServed()) await new Promise((resolve) => setTimeout(resolve, 100));
  });

  test("Ctrl-C ends it with exit code 0 while a watch is open, and the watch ends cleanly", { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, "named.yaml");
    const { child, ended, firstLine } = cluster("--port=0", "--nodes=0", `--kubeconfig=${path}`);
    await firstLine;
    const watch = run(ensureKubectl(), ["get", "nodes", "-w", "-v=6"], { KUBECONFIG: path, HOME: folder });
    // The first line is the list's; the watch is a second request.
    await watch.complains(/watch=true.*200 OK/);
    child.kill("SIGINT");
    expect((await ended).code).toBe(0);
    expect((await watch.ended).code).toBe(0);
    expect(existsSync(path)).toBe(true);
    // A file of our own may be written over by the next run.
    const again = cluster("--port=0", "--nodes=0", `--kubeconfig=${path}`);
    await again.firstLine;
    again.child.kill("SIGTERM");
    await again.ended;
  });

  test("a kubeconfig that somebody else wrote is left alone", { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, "config");
    writeFileSync(path, "apiVersion: v1\nkind: Config\n# mine\n");
    const { code, stderr } = await cluster("--port", "0", "--kubeconfig", path).ended;
    expect([code, stderr]).toEqual([1, `${path} was not written by Kubarium and is left alone; choose another file with --kubeconfig.\n`]);
    expect(readFileSync(path, "utf8")).toBe("apiVersion: v1\nkind: Config\n# mine\n");
  });

  test("a kubeconfig that cannot be written", { timeout: TIMEOUT_MS }, async () => {
    const path = join(folder, "no/such/folder/config");
    const { code, stderr } = await cluster("--port", "0", "--kubeconfig", path).ended;
    expect([code, stderr]).toEqual([1, `Cannot write the kubeconfig ${path}: its directory does not exist; choose another file with --kubeconfig.\n`]);
  });

  describe("a port in use", () => {
    let taken: Server;
    beforeAll(() => new Promise<void>((resolve) => (taken = createServer()).listen(0, "127.0.0.1", resolve)));
    afterAll(() => void taken.close());
    test("is said in a sentence, exit code 1", { timeout: TIMEOUT_MS }, async () => {
      const { port } = taken.address() as { port: number };
      const { code, stdout, stderr } = await cluster("--port", String(port)).ended;
      expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: `Port ${port} is in use by another program: choose another with --port, or --port 0 for any free one.\n` });
    });
  });

  test("--help", { timeout: TIMEOUT_MS }, async () => {
    const { code, stdout, stderr } = await cluster("--help").ended;
    expect([code, stdout, stderr]).toEqual([0, expect.stringMatching(/^Usage: npm run cluster -- \[options\]\n/), ""]);
  });

  test("a bad flag is a sentence and the usage, exit code 2", { timeout: TIMEOUT_MS }, async () => {
    const { code, stdout, stderr } = await cluster("--prot", "8001").ended;
    expect([code, stdout, stderr]).toEqual([2, "", expect.stringMatching(/^unknown option --prot\.\n\nUsage: /)]);
  });
});
