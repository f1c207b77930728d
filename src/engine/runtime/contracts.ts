import type { CniRuntime, NetNamespace } from "../network/contracts.ts";
import type { Cancel } from "../kernel/clock.ts";
import type { Result } from "../kernel/result.ts";
import type { SimTimeUs } from "../kernel/time.ts";

/**
 * A node's container runtime, as the kubelet sees it. Calls return at once; `done` runs in simulated time.
 * Source: staging/src/k8s.io/cri-api/pkg/apis/runtime/v1/api.proto. Differs: callbacks in place of gRPC.
 */
export interface ContainerRuntime {
  /** Creates the network namespace (unless hostNetwork), runs CNI ADD, starts the pause container. */
  runPodSandbox(config: SandboxConfig, done: (result: Result<Sandbox, RuntimeError>) => void): void;
  /** Kills what still runs in it, runs CNI DEL. */
  stopPodSandbox(sandboxId: string, done: () => void): void;
  removePodSandbox(sandboxId: string): void;
  sandboxes(): readonly Sandbox[];
  /** One of them, as it is now; without it the kubelet searches the list. */
  sandbox?(sandboxId: string): Sandbox | undefined;

  /** `progress` runs several times a second of simulated time while layers arrive. The cancel function gives the pull up. */
  pullImage(image: string, progress: (progress: PullProgress) => void, done: (result: Result<PulledImage, RuntimeError>) => void): Cancel;
  /** An image that is on this node, by any of its names; undefined when absent. */
  imageStatus(image: string): PulledImage | undefined;
  images(): readonly PulledImage[];
  removeImage(image: string): void;

  createContainer(sandboxId: string, config: ContainerConfig, done: (result: Result<string, RuntimeError>) => void): void;
  startContainer(containerId: string, done: (result: Result<undefined, RuntimeError>) => void): void;
  /** SIGTERM (or the image's stop signal), then SIGKILL after the grace. `done` runs when the process is gone. */
  stopContainer(containerId: string, graceUs: number, done: () => void): void;
  removeContainer(containerId: string): void;
  container(containerId: string): ContainerInfo | undefined;
  /** Of one sandbox, oldest first. */
  containers(sandboxId: string): readonly ContainerInfo[];
  /** Tells about every start and exit, in the event in which it happens. The kubelet looks at the container then (evented PLEG). */
  onChange(listener: (sandboxId: string, containerId: string) => void): Cancel;

  exec(containerId: string, argv: readonly string[], options: ExecOptions): Result<ExecSession, RuntimeError>;
  /** To the standard streams of the container's first process: `kubectl attach`, `kubectl run -it`. Needs `stdin`/`tty` of the container for input. */
  attach(containerId: string, options: ExecOptions): Result<ExecSession, RuntimeError>;
  logs(containerId: string): ContainerLog | undefined;
  /** From outside: a signal to PID 1, or the kernel's OOM killer. For faults and lessons. */
  kill(containerId: string, signal: "SIGTERM" | "SIGKILL" | "OOM"): void;
  /** What a running container uses; undefined when it does not run. `cpuUs` only grows. */
  stats(containerId: string): { readonly memoryBytes: number; readonly cpuUs: number } | undefined;
}

export interface RuntimeError {
  /** gRPC code name: "NotFound", "Unknown", "DeadlineExceeded", "InvalidArgument". */
  readonly code: string;
  /** Without "rpc error: code = … desc = "; `rpcErrorText` (images/registry-model.ts) puts the two together. */
  readonly message: string;
}

export interface SandboxConfig {
  readonly podNamespace: string;
  readonly podName: string;
  readonly podUid: string;
  readonly attempt: number;
  readonly hostname: string;
  /** "nginx.default.svc.cluster.local" for a pod with a subdomain: /etc/hosts then names it in full, too. */
  readonly domain?: string;
  readonly hostNetwork: boolean;
  readonly resolvConf: { readonly nameservers: readonly string[]; readonly search: readonly string[]; readonly ndots: number; readonly options?: readonly string[] };
  readonly hostAliases: readonly { readonly ip: string; readonly names: readonly string[] }[];
  readonly portMappings: readonly { readonly hostPort: number; readonly containerPort: number; readonly protocol: string; readonly hostIP?: string }[];
}

export interface Sandbox {
  readonly id: string;
  readonly config: SandboxConfig;
  readonly state: "Ready" | "NotReady";
  readonly createdUs: SimTimeUs;
  /** The pod IP; the node's IP for hostNetwork. */
  readonly ip: string;
  readonly netns: NetNamespace;
}

export interface PullProgress {
  readonly image: string;
  readonly bytes: number;
  readonly totalBytes: number;
  readonly layers: readonly { readonly digest: string; readonly bytes: number; readonly totalBytes: number; readonly cached: boolean }[];
}

export interface PulledImage {
  /** Normalised, with tag: "docker.io/library/nginx:latest". */
  readonly name: string;
  /** "docker.io/library/nginx@sha256:…". */
  readonly id: string;
  readonly sizeBytes: number;
  /** The image's USER: a number or a name; root when left out. The kubelet checks runAsNonRoot against it. */
  readonly user?: string;
}

export interface ContainerConfig {
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  /** Pod spec `command` and `args` after $(VAR) expansion; empty lists leave the image's own. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly { readonly path: string; readonly volume: Volume; readonly subPath: string; readonly readOnly: boolean }[];
  readonly memoryLimitBytes: number | undefined;
  readonly cpuLimitMilli: number | undefined;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly terminationMessagePath: string;
  /** securityContext: the image's own user when left out. */
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  readonly supplementalGroups?: readonly number[];
  readonly readOnlyRootFilesystem?: boolean;
}

/** A directory that containers of a pod share: emptyDir, configMap, … The kubelet makes and fills it. */
export interface Volume {
  readonly name: string;
  /** Files by path relative to the volume, "sub/dir/file". Mutable: containers write into it. A key that ends in "/" is an empty directory. */
  readonly files: Map<string, VolumeFile>;
}

export interface VolumeFile {
  content: string;
  mode: number;
  modifiedUs: SimTimeUs;
  /** Owner; root when left out. */
  uid?: number;
  gid?: number;
}

export interface ContainerInfo {
  readonly id: string;
  readonly sandboxId: string;
  readonly name: string;
  readonly attempt: number;
  /** As asked for, and the image that it runs. */
  readonly image: string;
  readonly imageId: string;
  readonly state: "Created" | "Running" | "Exited";
  readonly createdUs: SimTimeUs;
  readonly startedUs?: SimTimeUs;
  readonly finishedUs?: SimTimeUs;
  readonly exitCode?: number;
  /** "Completed", "Error", "OOMKilled", "StartError", "ContainerCannotRun". */
  readonly reason?: string;
  /** Content of the termination message file, at most 4,096 bytes; or the runtime's message for StartError. */
  readonly message?: string;
  /** Whom its first process runs as; root when left out. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

export interface ExecOptions {
  readonly tty: boolean;
  /** Keeps standard input open for `write`; otherwise the process reads EOF. */
  readonly stdin: boolean;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  readonly exit: (code: number) => void;
  /**
   * With `tty`: the other side is a raw terminal (a real kubectl), so the runtime echoes what is typed and ends lines with "\r\n".
   * Left out: the other side shows its own input.
   */
  readonly echo?: boolean;
}

export interface ExecSession {
  write(text: string): void;
  /** End of standard input. */
  endInput(): void;
  kill(): void;
}

export interface ContainerLog {
  /** Kept lines, oldest first; a limit in bytes drops the oldest. */
  lines(): readonly LogLine[];
  follow(listener: (line: LogLine) => void): Cancel;
}

export interface LogLine {
  readonly atUs: SimTimeUs;
  readonly stream: "stdout" | "stderr";
  /** Without its newline. */
  readonly text: string;
}

/** What the runtime needs of its machine. */
export interface RuntimeHost {
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly hostNetns: NetNamespace;
  readonly cni: CniRuntime;
  readonly memoryBytes: number;
  readonly cpuMilli: number;
}
