import type { ApiTransport } from "../protocol/transport.ts";

/** Everything that a kubectl command may touch. */
export interface KubectlIo {
  readonly transport: ApiTransport;
  /** Of the kubeconfig's current context. */
  readonly namespace: string;
  /** What the cluster calls now, in Unix ms; ages are measured against it. */
  now(): number;
  stdout(text: string): void;
  stderr(text: string): void;
  /** Content of a file, undefined when there is none; "-" is standard input. Folders list their files. */
  readFile(path: string): Promise<string | undefined>;
  listFolder?(path: string): Promise<readonly string[] | undefined>;
  /** Opens text in the editor and answers with what was saved, undefined when closed without saving. */
  edit?(name: string, text: string): Promise<string | undefined>;
  /** `kubectl config set-context --current --namespace=…`. */
  setNamespace?(namespace: string): void;
  /** A process in a container; undefined where the transport has no way to one. */
  exec?(
    target: { readonly pod: string; readonly container?: string; readonly argv?: readonly string[]; readonly tty?: boolean; readonly stdin?: boolean },
    listener: { stdout(text: string): void; stderr(text: string): void; exit(code: number): void },
  ): { write(text: string): void; endInput(): void; kill(): void };
  /** Interactive standard input for exec -it; undefined where there is none. */
  readonly input?: { onData(receive: (text: string) => void): void };
  readonly signal: AbortSignal;
}
