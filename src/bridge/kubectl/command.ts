import type { KubeClient } from "./client.ts";
import type { FlagSpec, ParsedFlags } from "./flags.ts";
import type { KubectlIo } from "./io.ts";
import type { ApiResource } from "./resources.ts";

/** One kubectl command: "get", "rollout status". */
export interface Command {
  /** Words after kubectl. */
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line for `kubectl --help`. */
  readonly summary: string;
  readonly usage: string;
  readonly flags: readonly FlagSpec[];
  /** Answers with the exit code. Throws StatusError, KubectlError or FlagError for what the caller prints. */
  run(context: CommandContext): Promise<number>;
}

/** What a command works with. */
export interface CommandContext {
  readonly io: KubectlIo;
  readonly client: KubeClient;
  readonly flags: ParsedFlags;
  /** Of -n, else of the kubeconfig. */
  readonly namespace: string;
  /** Discovery, asked for once. */
  resources(): Promise<readonly ApiResource[]>;
}
