import type { Cluster } from "../../../engine/cluster/contracts.ts";
import { runKubectl } from "../kubectl.ts";

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Our kubectl, straight on a cluster. `files` by name; `stopAfter` interrupts as Ctrl-C would once stdout satisfies it. */
export async function ourKubectl(cluster: Cluster, args: readonly string[], options: { readonly files?: Readonly<Record<string, string>>; readonly now?: () => number; readonly stopAfter?: (stdout: string) => boolean } = {}): Promise<Printed> {
  let stdout = "";
  let stderr = "";
  const interrupt = new AbortController();
  const code = await runKubectl(args, {
    transport: { request: async (request) => cluster.request(request) },
    namespace: "default",
    now: options.now ?? (() => Date.now()),
    stdout: (text) => {
      stdout += text;
      if (options.stopAfter?.(stdout) === true) interrupt.abort();
    },
    stderr: (text) => (stderr += text),
    readFile: async (path) => options.files?.[path],
    signal: interrupt.signal,
  });
  return { code, stdout, stderr };
}
