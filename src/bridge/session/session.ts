import type { ApiRequest, ApiResponse, StreamListener } from "../../engine/apimachinery/api.ts";
import type { ClusterOptions } from "../../engine/cluster/contracts.ts";
import type { ObjectRef } from "../../projection/rows/refs.ts";
import type { ClockState } from "../protocol/batch.ts";
import type { Call, CallName, Calls } from "../protocol/calls.ts";
import type { BootProgress, ClockAction, CrashReport, PageMessage, Port, WorkerMessage } from "../protocol/messages.ts";
import type { ApiTransport } from "../protocol/transport.ts";
import { RowStore } from "./row-store.ts";
import { ChunkBuffer } from "./chunk-buffer.ts";

export type SessionState =
  | { readonly phase: "starting"; readonly progress: BootProgress | undefined }
  | { readonly phase: "running"; readonly bootMs: number }
  | { readonly phase: "crashed"; readonly report: CrashReport };

export interface SessionOptions {
  /** Opens a link to a fresh host; called again after a crash. */
  readonly openPort: () => Port<PageMessage, WorkerMessage>;
  /** Runs once before the next picture: requestAnimationFrame, or at once in tests. */
  readonly onFrame: (run: () => void) => void;
  readonly cluster: ClusterOptions;
}

export interface ExecHandle {
  write(text: string): void;
  endInput(): void;
  kill(): void;
}

export interface ExecListener {
  stdout(text: string): void;
  stderr(text: string): void;
  exit(code: number): void;
}

const UNREACHABLE = "The connection to the server was refused - did the cluster crash? (restart it from the dialog)";

/** What an action makes of the clock. */
function assumed(action: ClockAction): Partial<ClockState> {
  switch (action.do) {
    case "play": return { playing: true };
    case "pause": case "step": return { playing: false, goal: undefined };
    case "speed": return { speed: action.speed };
    case "run-until": return { playing: false, goal: action.goal };
  }
}

/** The page's end of the link: rows as they come, requests with answers, and a restart when the engine crashes. */
export class Session implements ApiTransport {
  readonly rows = new RowStore();
  private state: SessionState = { phase: "starting", progress: undefined };
  private readonly stateListeners = new Set<() => void>();
  private port: Port<PageMessage, WorkerMessage> | undefined;
  private lastId = 0;
  private readonly calls = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private readonly responses = new Map<number, { resolve: (response: ApiResponse) => void; reject: (error: Error) => void }>();
  private readonly streams = new Map<number, ChunkBuffer>();
  private readonly execs = new Map<number, ExecListener>();
  private focusRef: ObjectRef | undefined;
  private readonly options: SessionOptions;

  constructor(options: SessionOptions) {
    this.options = options;
    this.open(false);
  }

  getState = (): SessionState => this.state;

  subscribe = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  };

  /** A fresh cluster with the same options; everything that waited for the old one is told that it is gone. */
  restart(): void {
    this.close();
    this.rows.clear();
    this.open(false);
  }

  close(): void {
    this.port?.close();
    this.port = undefined;
    const gone = new Error(UNREACHABLE);
    for (const { reject } of [...this.calls.values(), ...this.responses.values()]) reject(gone);
    this.calls.clear();
    this.responses.clear();
    for (const stream of this.streams.values()) stream.end();
    this.streams.clear();
    for (const exec of this.execs.values()) exec.exit(137);
    this.execs.clear();
  }

  request(request: ApiRequest): Promise<ApiResponse> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      if (this.port === undefined || this.state.phase === "crashed") {
        reject(new Error(UNREACHABLE));
        return;
      }
      this.responses.set(id, { resolve, reject });
      this.port.post({ type: "request", id, request });
    });
  }

  call<N extends CallName>(name: N, args: Calls[N]["args"]): Promise<Calls[N]["value"]> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      if (this.port === undefined || this.state.phase === "crashed") {
        reject(new Error(UNREACHABLE));
        return;
      }
      this.calls.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.port.post({ type: "call", id, call: { name, args } as Call });
    });
  }

  /** A process in a container; `argv` undefined attaches to the container's own. */
  exec(target: { readonly pod: string; readonly container?: string; readonly argv?: readonly string[]; readonly tty?: boolean; readonly stdin?: boolean }, listener: ExecListener): ExecHandle {
    const id = ++this.lastId;
    this.execs.set(id, listener);
    this.port?.post({
      type: target.argv === undefined ? "attach" : "exec", id, pod: target.pod, container: target.container, argv: target.argv ?? [], tty: target.tty ?? false, stdin: target.stdin ?? false,
    });
    return {
      write: (text) => this.port?.post({ type: "exec-input", id, text }),
      endInput: () => this.port?.post({ type: "exec-input", id, text: undefined }),
      kill: () => this.port?.post({ type: "exec-kill", id }),
    };
  }

  /** What the cluster's calendar says now, Unix ms. */
  unixNowMs(): number {
    return Date.parse(this.options.cluster.epoch ?? "2026-01-01T00:00:00Z") + this.rows.nowUs / 1_000;
  }

  clock(action: ClockAction): void {
    if (this.port === undefined || this.state.phase !== "running") return;
    this.port.post({ type: "clock", action });
    this.rows.assumeClock(assumed(action));
  }

  /** The object whose whole self should come along with the batches. */
  focus(ref: ObjectRef | undefined): void {
    this.focusRef = ref;
    this.port?.post({ type: "focus", ref });
  }

  /** For tests of the crash dialog only. */
  crashOnPurpose(message: string): void {
    this.port?.post({ type: "crash-on-purpose", message });
  }

  private open(paused: boolean): void {
    const port = this.options.openPort();
    this.port = port;
    this.setState({ phase: "starting", progress: undefined });
    port.listen((message) => {
      if (this.port === port) this.receive(message);
    });
    port.post({ type: "boot", options: this.options.cluster, paused });
    if (this.focusRef !== undefined) port.post({ type: "focus", ref: this.focusRef });
  }

  private receive(message: WorkerMessage): void {
    switch (message.type) {
      case "booting": return this.setState({ phase: "starting", progress: message.progress });
      case "booted":
        // The first batch says the same a moment later; buttons should not lie until then.
        this.rows.clockStarts();
        return this.setState({ phase: "running", bootMs: message.tookMs });
      case "batch": {
        const { port } = this;
        this.options.onFrame(() => {
          if (this.port !== port) return;
          this.rows.apply(message.batch);
          port?.post({ type: "acknowledge", batch: message.batch.number });
        });
        return;
      }
      case "response": return this.respond(message);
      case "chunk": return this.streams.get(message.id)?.chunk(message.chunk);
      case "end":
        this.streams.get(message.id)?.end();
        this.streams.delete(message.id);
        return;
      case "answer": {
        const waiting = this.calls.get(message.id);
        this.calls.delete(message.id);
        if (message.answer.ok) waiting?.resolve(message.answer.value);
        else waiting?.reject(new Error(message.answer.error));
        return;
      }
      case "exec-output": return this.execs.get(message.id)?.[message.stream](message.text);
      case "exec-exit": {
        const exec = this.execs.get(message.id);
        this.execs.delete(message.id);
        exec?.exit(message.code);
        return;
      }
      case "crashed": {
        this.setState({ phase: "crashed", report: message.report });
        this.close();
        return;
      }
    }
  }

  private respond({ id, response }: Extract<WorkerMessage, { type: "response" }>): void {
    const waiting = this.responses.get(id);
    this.responses.delete(id);
    const { streams, ...head } = response;
    if (!streams) {
      waiting?.resolve(head);
      return;
    }
    const buffer = new ChunkBuffer();
    this.streams.set(id, buffer);
    const close = (): void => {
      this.streams.delete(id);
      this.port?.post({ type: "hang-up", id });
    };
    waiting?.resolve({ ...head, stream: { listen: (listener: StreamListener) => buffer.listen(listener), close } });
  }

  private setState(state: SessionState): void {
    this.state = state;
    for (const listener of this.stateListeners) listener();
  }
}

