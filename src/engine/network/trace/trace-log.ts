import type { Cancel, Clock } from "../../kernel/clock.ts";
import type { SimTimeUs } from "../../kernel/time.ts";
import type { PacketTrace } from "./packet-trace.ts";
import { Trace, type TraceSink } from "./trace.ts";

const KEPT_TRACES = 500;

/** The traces of a cluster: the latest ones, and who follows them. */
export class TraceLog implements TraceSink {
  /** Records traffic that nobody asked for by `send`, too: probes, processes, DNS. */
  recordAll = false;
  private readonly kept: Trace[] = [];
  private readonly listeners = new Set<(trace: PacketTrace) => void>();
  private lastId = 0;

  constructor(private readonly clock: Clock) {}

  now(): SimTimeUs {
    return this.clock.now();
  }

  /** A trace that is recorded if `asked` or if everything is; otherwise a handle without walks, and with id 0. */
  start(from: string, to: string, asked: boolean): Trace {
    const recorded = asked || this.recordAll;
    const trace = new Trace(recorded ? ++this.lastId : 0, this.clock.now(), this.clock.causeId(), from, to, recorded ? this : undefined);
    if (recorded) {
      this.kept.push(trace);
      if (this.kept.length > KEPT_TRACES) this.kept.shift();
      this.changed(trace);
    }
    return trace;
  }

  /** Oldest first. */
  all(): readonly PacketTrace[] {
    return this.kept;
  }

  onTrace(listener: (trace: PacketTrace) => void): Cancel {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed(trace: Trace): void {
    for (const listener of this.listeners) listener(trace);
  }
}
