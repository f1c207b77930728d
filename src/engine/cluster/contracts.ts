import type { ApiRequest, ApiResponse } from "../apimachinery/api.ts";
import type { KubeObject } from "../apimachinery/object.ts";
import type { Cancel } from "../kernel/clock.ts";
import type { Cause } from "../kernel/causes.ts";
import type { JournalEntry } from "../kernel/journal.ts";
import type { NodeNetwork, SendRequest } from "../network/contracts.ts";
import type { PacketTrace } from "../network/trace/packet-trace.ts";
import type { ExecOptions, ExecSession, LogLine } from "../runtime/contracts.ts";
import type { Result } from "../kernel/result.ts";
import type { SchedulingAttempt } from "../scheduler/verdict.ts";

/** Everything that a run starts from. The same options and command log give the same run, bit for bit. */
export interface ClusterOptions {
  /** Any whole number; 1. */
  readonly seed?: number;
  /** Workers beside the control-plane node; 3. */
  readonly nodes?: number;
  /** "flannel". */
  readonly cni?: "flannel" | "calico";
  /** "iptables". */
  readonly proxyMode?: "iptables" | "ipvs" | "nftables";
  readonly podCIDR?: string;
  readonly serviceCIDR?: string;
  readonly nodeCIDR?: string;
  /** What the calendar says at simulated time 0: "2026-01-01T00:00:00Z". */
  readonly epoch?: string;
}

/** A cluster: the engine's door. Synchronous; nothing happens between calls. All times are simulated ms unless a name says otherwise. */
export interface Cluster {
  readonly options: Required<ClusterOptions>;
  /** One API request, answered at the present simulated time. Watches and followed logs answer with `stream`. */
  request(request: ApiRequest): ApiResponse;
  runFor(ms: number): void;
  /** Runs until the condition holds (checked after every event) or the limit passes; says whether it held. */
  runUntil(condition: () => boolean, options: { readonly limitMs: number }): boolean;
  /** Runs until the next event's time is past `untilMs` or about `budgetEvents` events ran; says whether `untilMs` was reached. For hosts that must stay responsive. */
  runSlice(untilMs: number, budgetEvents: number): boolean;
  /** Exactly one event; what it was, or undefined when nothing is waiting. */
  step(): Cause | undefined;
  /** Simulated ms since the epoch started. */
  now(): number;
  nowUs(): number;
  send(request: SendRequest): PacketTrace;
  logs(pod: string, container?: string, options?: { readonly previous?: boolean }): Result<readonly LogLine[], string>;
  exec(pod: string, container: string | undefined, argv: readonly string[], options: ExecOptions): Result<ExecSession, string>;
  /** The container's own process in place of a new one: its output from now on, and its standard input when the container has one (`stdin: true`). */
  attach?(pod: string, container: string | undefined, options: ExecOptions): Result<ExecSession, string>;
  node(name: string): NodeNetwork;
  /** "pod/default/web": scheduler verdicts for pods, the cause chain for any object. */
  explain(subject: string): Explanation;
  fault(fault: Fault): Result<undefined, string>;
  commandLog(): readonly Command[];
  /** Hash over the store and all finished traces: equal runs have equal hashes. */
  stateHash(): string;
  observe(observer: ClusterObserver): Cancel;
  /** True when every system pod is Ready. */
  ready(): boolean;
  cause(id: number): Cause | undefined;
}

/** What hosts and projections follow. Calls come in the event in which the thing happened; keep them short. */
export interface ClusterObserver {
  store?(change: StoreChange): void;
  journal?(entry: JournalEntry): void;
  /** A trace started, grew or ended. */
  trace?(trace: PacketTrace): void;
}

export interface StoreChange {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: KubeObject;
  readonly before: KubeObject | undefined;
  readonly revision: number;
  readonly atUs: number;
  readonly causeId: number;
}

export interface Explanation {
  readonly subject: string;
  /** Newest attempt last. */
  readonly scheduling: readonly SchedulingAttempt[];
  /** From the object's last write back to the outside input that began it. */
  readonly causes: readonly Cause[];
}

export type Fault =
  | { readonly kind: "kill-container"; readonly pod: string; readonly container: string }
  | { readonly kind: "kubelet-stopped" | "kubelet-started"; readonly node: string };

/** One outside input with its simulated time. */
export type Command = { readonly atUs: number } & (
  | { readonly type: "request"; readonly request: ApiRequest }
  | { readonly type: "send"; readonly request: SendRequest }
  /** `argv` undefined: an attach. */
  | { readonly type: "exec"; readonly pod: string; readonly container: string | undefined; readonly argv: readonly string[] | undefined; readonly tty: boolean; readonly stdin: boolean; readonly echo: boolean }
  | { readonly type: "exec-kill"; readonly exec: number }
  | { readonly type: "exec-input"; readonly exec: number; readonly text: string | undefined }
  | { readonly type: "fault"; readonly fault: Fault }
);
