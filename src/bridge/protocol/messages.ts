import type { ApiRequest, ApiResponse, WatchEvent } from "../../engine/apimachinery/api.ts";
import type { ClusterOptions } from "../../engine/cluster/contracts.ts";
import type { ObjectRef } from "../../projection/rows/refs.ts";
import type { Batch, RunGoal } from "./batch.ts";
import type { Call } from "./calls.ts";

/** What the user does to the clock. */
export type ClockAction =
  | { readonly do: "play" }
  | { readonly do: "pause" }
  /** Exactly one event; pauses first. */
  | { readonly do: "step" }
  | { readonly do: "speed"; readonly speed: number }
  | { readonly do: "run-until"; readonly goal: RunGoal };

/** Page → worker. Ids are the page's own. */
export type PageMessage =
  | { readonly type: "boot"; readonly options: ClusterOptions; readonly paused: boolean }
  | { readonly type: "acknowledge"; readonly batch: number }
  | { readonly type: "clock"; readonly action: ClockAction }
  | { readonly type: "focus"; readonly ref: ObjectRef | undefined }
  | { readonly type: "request"; readonly id: number; readonly request: ApiRequest }
  /** Hangs up a response's stream. */
  | { readonly type: "hang-up"; readonly id: number }
  | { readonly type: "call"; readonly id: number; readonly call: Call }
  | { readonly type: "exec" | "attach"; readonly id: number; readonly pod: string; readonly container: string | undefined; readonly argv: readonly string[]; readonly tty: boolean; readonly stdin: boolean }
  /** `text` undefined: end of input. */
  | { readonly type: "exec-input"; readonly id: number; readonly text: string | undefined }
  | { readonly type: "exec-kill"; readonly id: number }
  /** Only for tests of the crash dialog. */
  | { readonly type: "crash-on-purpose"; readonly message: string };

/** How far the start is. */
export interface BootProgress {
  readonly simulatedMs: number;
  readonly podsReady: number;
  readonly podsTotal: number;
  readonly nodesReady: number;
  readonly nodesTotal: number;
}

/** The engine threw: our bug. */
export interface CrashReport {
  readonly message: string;
  readonly stack: string;
  /** In words: "POST /api/v1/namespaces/default/pods", "step", "running". */
  readonly lastCommand: string;
  readonly nowMs: number;
  readonly commandCount: number;
}

export type ResponseHead = Omit<ApiResponse, "stream"> & { readonly streams: boolean };

/** Worker → page. */
export type WorkerMessage =
  | { readonly type: "booting"; readonly progress: BootProgress }
  | { readonly type: "booted"; readonly tookMs: number }
  | { readonly type: "batch"; readonly batch: Batch }
  | { readonly type: "response"; readonly id: number; readonly response: ResponseHead }
  | { readonly type: "chunk"; readonly id: number; readonly chunk: WatchEvent | string }
  | { readonly type: "end"; readonly id: number }
  | { readonly type: "answer"; readonly id: number; readonly answer: { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: string } }
  | { readonly type: "exec-output"; readonly id: number; readonly stream: "stdout" | "stderr"; readonly text: string }
  | { readonly type: "exec-exit"; readonly id: number; readonly code: number }
  | { readonly type: "crashed"; readonly report: CrashReport };

/** One end of the link: a Worker, or the other side of an in-process pair. Messages are structured-cloned or never changed. */
export interface Port<Out, In> {
  post(message: Out): void;
  /** One listener. */
  listen(receive: (message: In) => void): void;
  close(): void;
}
