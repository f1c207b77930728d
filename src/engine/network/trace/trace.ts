import { usOf, type SimTimeUs } from "../../kernel/time.ts";
import type { PacketRole, PacketTrace } from "./packet-trace.ts";
import { Walk } from "./walk.ts";

/** What ends a trace: the last thing that its client learned. */
export interface TraceOutcome {
  readonly status: "done" | "failed";
  readonly outcome: string;
  readonly answeredBy?: string;
  readonly response?: PacketTrace["response"];
}

/** Where a trace reports to. */
export interface TraceSink {
  now(): SimTimeUs;
  changed(trace: Trace): void;
}

const MAX_WALKS = 400; // per trace; a long download or a retransmitting client must not fill the memory

/**
 * A trace being written. When nobody records, it is only the handle that callers get: it carries the outcome and no walks.
 * It is over when its client knows the outcome and no packet of it is under way.
 */
export class Trace implements PacketTrace {
  readonly walks: Walk[] = [];
  status: PacketTrace["status"] = "running";
  outcome = "";
  declare answeredBy?: string;
  declare endedUs?: SimTimeUs;
  declare response?: NonNullable<PacketTrace["response"]>;
  readonly #sink: TraceSink | undefined;
  #inFlight = 0;
  #held = 0;
  #outcome: TraceOutcome | undefined = undefined;
  #lossReason: string | undefined = undefined;
  #server = "";

  constructor(
    readonly id: number,
    readonly startedUs: SimTimeUs,
    readonly causeId: number,
    readonly from: string,
    readonly to: string,
    sink: TraceSink | undefined,
  ) {
    this.#sink = sink;
  }

  get recording(): boolean {
    return this.#sink !== undefined;
  }

  /** Begins the walk of one packet, or undefined when nothing is recorded. */
  begin(role: PacketRole, summary: string): Walk | undefined {
    if (this.#sink === undefined || this.walks.length >= MAX_WALKS) return undefined;
    const walk = new Walk(this, this.walks.length, role, summary);
    this.walks.push(walk);
    this.#inFlight += 1;
    return walk;
  }

  walkEnded(lossReason: string | undefined): void {
    this.#inFlight -= 1;
    this.#lossReason = lossReason ?? this.#lossReason;
    this.#sink?.changed(this);
  }

  /** Why the latest packet that did not arrive did not: "REJECT by KUBE-SERVICES, …"; undefined when all arrived. */
  get lossReason(): string | undefined {
    return this.#lossReason;
  }

  /** Whose socket took the latest connection or datagram: "default/web" or "node node-1". */
  get server(): string {
    return this.#server;
  }

  servedBy(server: string): void {
    this.#server = server;
  }

  /** Something bigger goes on (a look-up before a connection, a closing connection): the trace is not over yet. Returns the release. */
  hold(): () => void {
    this.#held += 1;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#held -= 1;
      this.settle();
    };
  }

  /** The client's last word. Later ones are ignored. */
  conclude(outcome: TraceOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    this.outcome = outcome.outcome;
    if (outcome.answeredBy !== undefined && outcome.answeredBy !== "") this.answeredBy = outcome.answeredBy;
    if (outcome.response !== undefined) this.response = outcome.response;
    this.settle();
  }

  get concluded(): boolean {
    return this.#outcome !== undefined;
  }

  /** Called after each delivery: ends the trace if nothing is left to happen. */
  settle(): void {
    if (this.status !== "running" || this.#outcome === undefined) return;
    if (this.#inFlight > 0 || this.#held > 0) return;
    this.status = this.#outcome.status;
    this.endedUs = this.#sink?.now() ?? usOf(this.startedUs);
    this.#sink?.changed(this);
  }
}
