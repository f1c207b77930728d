import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureKubectl } from "../../../../scripts/find-kubectl.mjs";
import type { ClusterOptions } from "../../../engine/cluster/contracts.ts";
import { createCluster } from "../../../engine/index.ts";
import { boot } from "../cli/boot.ts";
import { kubeconfigText } from "../cli/kubeconfig.ts";
import { Pump, type Speed } from "../pump.ts";
import { createHttpBridge } from "../server.ts";

export interface Output {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RealCluster {
  readonly url: string;
  readonly kubeconfig: string;
  /** A directory that goes with the cluster. */
  readonly folder: string;
  /** What the engine threw while the tests ran; a test expects none. */
  readonly bugs: unknown[];
  kubectl(args: readonly string[], options?: { readonly input?: string; readonly timeoutMs?: number }): Promise<Output>;
  /** Runs kubectl until what it prints satisfies the condition, then ends it; fails with all that it printed. */
  kubectlUntil(args: readonly string[], condition: (stdout: string) => boolean, timeoutMs?: number): Promise<string>;
  /** Writes a file into the folder and returns its path. */
  file(name: string, text: string): string;
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000;

/** A booted cluster behind the bridge, and a real kubectl with a home directory of its own. */
export async function startRealCluster(options: ClusterOptions = {}, speed: Speed = 20): Promise<RealCluster> {
  const binary = ensureKubectl();
  const bugs: unknown[] = [];
  const onBug = (bug: unknown): unknown => bugs.push(bug);
  // The clients' clock and the cluster's should not be far apart; a day back keeps fast clusters out of the clients' future.
  const cluster = createCluster({ epoch: `${new Date(Date.now() - 86_400_000).toISOString().slice(0, 19)}Z`, ...options });
  const pump = new Pump({ cluster, speed, onBug });
  const bridge = createHttpBridge({ cluster, pump, onBug });
  if (!(await boot(cluster))) throw new Error("the cluster did not become ready");
  const { url } = await bridge.listen(0);
  pump.start();
  const folder = mkdtempSync(join(tmpdir(), "kubarium-clients-"));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const kubeconfig = file("config", kubeconfigText(url));
  const env = { PATH: process.env["PATH"], HOME: folder, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(folder, "cache") };
  return {
    url,
    kubeconfig,
    folder,
    bugs,
    file,
    kubectl: (args, { input = "", timeoutMs = TIMEOUT_MS } = {}) =>
      new Promise((resolve) => {
        const child = execFile(binary, [...args], { env, timeout: timeoutMs, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
          resolve({ code, stdout, stderr: code === -1 ? `${stderr}\n(ended after ${timeoutMs} ms: ${String(error)})` : stderr });
        });
        child.stdin?.on("error", () => {}); // kubectl may end before it has read everything
        child.stdin?.end(input);
      }),
    kubectlUntil: (args, condition, timeoutMs = TIMEOUT_MS) =>
      new Promise((resolve, reject) => {
        const child = spawn(binary, [...args], { env, stdio: ["ignore", "pipe", "pipe"] });
        let stdout = "";
        let stderr = "";
        const timer = setTimeout(() => child.kill(), timeoutMs);
        child.stderr.on("data", (part: Buffer) => (stderr += part.toString()));
        child.stdout.on("data", (part: Buffer) => {
          stdout += part.toString();
          if (condition(stdout)) child.kill();
        });
        child.on("close", () => {
          clearTimeout(timer);
          if (condition(stdout)) resolve(stdout);
          else reject(new Error(`kubectl ${args.join(" ")} never printed what was waited for. It printed:\n${stdout}\n${stderr}`));
        });
      }),
    close: async () => {
      pump.stop();
      await bridge.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
