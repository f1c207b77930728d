import type { Status } from "../apimachinery/api.ts";
import type { ApiConnection, ComponentContext } from "../client/contracts.ts";
import type { Result } from "../kernel/result.ts";
import type { SimTimeUs } from "../kernel/time.ts";
import type { PodObject, Taint } from "../kinds/generated/types.ts";
import type { NodeNetwork } from "../network/contracts.ts";
import type { ContainerRuntime, ExecOptions, ExecSession } from "../runtime/contracts.ts";

/** The machine that a kubelet runs on, and how it registers it. */
export interface KubeletNodeConfig {
  readonly name: string;
  readonly ip: string;
  /** Beside those that the kubelet sets itself (hostname, os, arch). */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Registered with the node; `node.kubernetes.io/not-ready` is added by the server's admission. */
  readonly taints?: readonly Taint[];
  /** Quantities. `pods` is 110 when left out. */
  readonly capacity: { readonly cpu: string; readonly memory: string; readonly "ephemeral-storage": string; readonly pods?: string };
  /** "control-plane": labels `node-role.kubernetes.io/<role>`. */
  readonly roles?: readonly string[];
  readonly zone?: string;
  readonly region?: string;
  readonly instanceType?: string;
  /** "Debian GNU/Linux 12 (bookworm)". */
  readonly osImage: string;
  readonly kernelVersion: string;
  /** "containerd://2.0.5". */
  readonly containerRuntimeVersion: string;
  /** "v1.33.0". */
  readonly kubeletVersion: string;
  /** "amd64" when left out. */
  readonly architecture?: string;
  /** When the machine booted; 0 when left out. */
  readonly bootstrappedUs?: SimTimeUs;
}

export interface KubeletDependencies {
  readonly context: ComponentContext;
  readonly connection: ApiConnection;
  readonly runtime: ContainerRuntime;
  readonly network: NodeNetwork;
  readonly node: KubeletNodeConfig;
  /** Manifests in /etc/kubernetes/manifests. */
  readonly staticPods: readonly PodObject[];
  readonly clusterDNS: string;
  readonly clusterDomain: "cluster.local";
}

/** Query of `GET …/pods/<name>/log`. */
export interface LogOptions {
  readonly previous?: boolean;
  readonly tailLines?: number;
  readonly sinceSeconds?: number;
  /** Simulated µs. */
  readonly sinceUs?: SimTimeUs;
  readonly timestamps?: boolean;
  readonly limitBytes?: number;
  readonly follow?: boolean;
}

/** Lines that keep coming until the container ends or the reader closes. */
export interface LogFollow {
  /** Text with its newline, one line at a time. */
  listen(listener: { line(text: string): void; end(): void }): void;
  close(): void;
}

/** What there is so far and, with `follow`, what comes after it. */
export interface LogAnswer {
  readonly text: string;
  readonly follow?: LogFollow;
}

/** The agent of one node. */
export interface Kubelet {
  readonly nodeName: string;
  readonly isRunning: boolean;
  /** Takes over what still runs in the runtime. */
  start(): void;
  /** The process ends: containers keep running, nobody restarts them, statuses and the lease go stale. */
  stop(): void;
  /** The manifest directory now holds these pods; noticed within 20 s, as upstream reads it. */
  setStaticPods(pods: readonly PodObject[]): void;
  /** Without a container name the only container is meant; the errors are the server's own. */
  logs(namespace: string, pod: string, container: string | undefined, options: LogOptions): Result<LogAnswer, Status>;
  exec(namespace: string, pod: string, container: string | undefined, argv: readonly string[], options: ExecOptions): Result<ExecSession, Status>;
  /** To the streams of the container's first process. */
  attach(namespace: string, pod: string, container: string | undefined, options: ExecOptions): Result<ExecSession, Status>;
}
