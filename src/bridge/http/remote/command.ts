import { StringDecoder } from "node:string_decoder";
import type { Status } from "../../../engine/apimachinery/api.ts";
import type { Result } from "../../../engine/kernel/result.ts";
import type { ExecOptions, ExecSession } from "../../../engine/runtime/contracts.ts";
import type { BridgeHost } from "../host.ts";
import { failure, internalError } from "../status.ts";
import { isRunning, type RemoteOptions, type RemoteTarget } from "./target.ts";

/** Where a command's output goes: WebSocket channels or SPDY streams. */
export interface RemoteOutput {
  stdout(text: string): void;
  stderr(text: string): void;
  /** The last word; nothing follows. */
  end(status: RemoteStatus): void;
}

/** The client's side of the streams. */
export interface RemoteInput {
  stdin(bytes: Uint8Array): void;
  stdinEnd(): void;
  hangUp(): void;
}

/** The Status of the error channel: without kind and apiVersion, as the kubelet writes it. */
export interface RemoteStatus {
  readonly metadata: Readonly<Record<string, never>>;
  readonly status: "Success" | "Failure";
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly causes: readonly { readonly reason?: string; readonly message: string }[] };
  readonly code?: number;
}

const SUCCESS: RemoteStatus = { metadata: {}, status: "Success" };

/** Source: staging/src/k8s.io/kubelet/pkg/cri/streaming/remotecommand/exec.go, ServeExec. */
function exitStatus(code: number): RemoteStatus {
  if (code === 0) return SUCCESS;
  return {
    metadata: {},
    status: "Failure",
    reason: "NonZeroExitCode",
    message: `command terminated with non-zero exit code: exit status ${code}`,
    details: { causes: [{ reason: "ExitCode", message: String(code) }] },
  };
}

export function failureStatus(message: string): RemoteStatus {
  const { status, reason, message: text } = internalError(message);
  return { metadata: {}, status, ...(reason === undefined ? {} : { reason }), ...(text === undefined ? {} : { message: text }), details: { causes: [{ message }] }, code: 500 };
}

/**
 * What stops a request before the connection is upgraded, in the kubelet's words; undefined when it may go on.
 * Source: pkg/kubelet/server/server.go, getExec and getAttach; pkg/kubelet/kubelet_pods.go, GetExec.
 */
export function refusalOf(target: RemoteTarget): string | undefined {
  if (isRunning(target.object, target.container)) return undefined;
  return target.action === "exec" ? `container not found ("${target.container}")` : `container ${target.container} not found in pod ${target.pod}_${target.namespace}`;
}

/** A request that this cluster cannot serve yet. */
export function notImplementedYet(host: BridgeHost, target: RemoteTarget, options: RemoteOptions): Status | undefined {
  if (target.action === "attach" && options.stdin && host.cluster.attach === undefined && acceptsStdin(target)) {
    return failure(501, "NotImplemented", "attaching standard input to a running container is not implemented; use exec");
  }
  return undefined;
}

/** Starts the command, or attaches to the container's process. What cannot start ends at once, with its reason in the status. */
export function startRemote(host: BridgeHost, target: RemoteTarget, options: RemoteOptions, output: RemoteOutput): RemoteInput {
  let ended = false;
  const end = (status: RemoteStatus): void => {
    if (ended) return;
    ended = true;
    output.end(status);
  };
  const execOptions: ExecOptions = {
    tty: options.tty,
    stdin: options.stdin,
    // The client's terminal is raw: kubectl -t.
    echo: options.tty,
    stdout: (text) => (options.stdout && !ended ? output.stdout(text) : undefined),
    stderr: (text) => (options.stderr && !ended ? output.stderr(text) : options.tty && options.stdout && !ended ? output.stdout(text) : undefined),
    exit: (code) => end(exitStatus(code)),
  };
  const started = host.input((): Result<ExecSession, string> => {
    const pod = `${target.namespace}/${target.pod}`;
    if (target.action === "exec") return host.cluster.exec(pod, target.container, options.command, execOptions);
    if (host.cluster.attach !== undefined) return host.cluster.attach(pod, target.container, execOptions);
    return followLog(host, target, execOptions);
  });
  if (!started.ok) {
    end(failureStatus(reasonOf(started.error)));
    return { stdin: () => {}, stdinEnd: () => {}, hangUp: () => {} };
  }
  const session = started.value;
  // A character may be split between two messages.
  const decoder = new StringDecoder("utf8");
  return {
    stdin: (bytes) => {
      const text = decoder.write(Buffer.from(bytes));
      if (!ended && options.stdin && text !== "") host.input(() => session.write(text));
    },
    stdinEnd: () => {
      if (!ended && options.stdin) host.input(() => session.endInput());
    },
    hangUp: () => {
      if (ended) return;
      ended = true;
      host.input(() => session.kill());
    },
  };
}

/** The engine hands on the kubelet's message; what `internalError` puts in front comes back with the status. */
function reasonOf(error: string): string {
  const bare = error.replace(/^Internal error occurred: /, "");
  return /^container (\S+ )?not found/.test(bare) ? `unable to upgrade connection: ${bare}` : bare;
}

function acceptsStdin({ object, container }: RemoteTarget): boolean {
  return object.spec.containers.find(({ name }) => name === container)?.stdin === true;
}

/**
 * Attaching without standard input is following the log from now on.
 * Differs: both streams arrive as standard output, because the log of the API does not tell them apart.
 */
function followLog(host: BridgeHost, target: RemoteTarget, options: ExecOptions): Result<ExecSession, string> {
  const answer = host.request({
    method: "GET",
    path: `/api/v1/namespaces/${target.namespace}/pods/${target.pod}/log`,
    query: { container: target.container, follow: "true", tailLines: "0" },
    headers: { accept: "*/*" },
  });
  const { stream } = answer;
  if (stream === undefined) return { ok: false, error: (answer.body as { message?: string } | undefined)?.message ?? `the API server answered ${answer.status}` };
  // Its end, and chunks that came before, may arrive inside listen: not before the caller has its session.
  queueMicrotask(() => stream.listen({ chunk: (chunk) => options.stdout(typeof chunk === "string" ? chunk : JSON.stringify(chunk)), end: () => options.exit(0) }));
  return { ok: true, value: { write: () => {}, endInput: () => {}, kill: () => stream.close() } };
}
