import type { PacketTrace } from "../engine/network/trace/packet-trace.ts";
import { type TraceOrigin, type TraceRow, traceRow } from "./film/film.ts";

/** Traces kept for the inspector; those somebody asked for are kept longer. */
const KEPT_MAX = 400;
/** New traces of pods' own traffic that are filmed per batch. */
const FILMED_PER_BATCH = 3;
const SYSTEM_NAMESPACES = new Set(["kube-system", "kube-flannel", "calico-system", "kube-node-lease", "kube-public"]);

/** Keeps the newest traces and says which of them changed. Traffic of the system itself (probes, kubelets) is counted, not sent. */
export class TraceCollector {
  private readonly kept = new Map<number, PacketTrace>();
  private readonly followed = new Set<number>();
  private readonly filmed = new Set<number>();
  private readonly dirty = new Set<number>();
  private budget = FILMED_PER_BATCH;
  private skipped = 0;

  note(trace: PacketTrace): void {
    const isNew = !this.kept.has(trace.id);
    // Traces may grow in place or be replaced by a grown copy: keep the newest either way.
    this.kept.set(trace.id, trace);
    if (isNew) this.makeRoom();
    const origin = this.originOf(trace);
    if (origin === "system") return;
    if (isNew && origin === "pod") {
      if (this.budget > 0) this.filmed.add(trace.id);
      else this.skipped += 1;
      this.budget -= 1;
    }
    this.dirty.add(trace.id);
  }

  follow(id: number): void {
    this.followed.add(id);
    if (this.kept.has(id)) this.dirty.add(id);
  }

  get(id: number): PacketTrace | undefined {
    return this.kept.get(id);
  }

  get hasNews(): boolean {
    return this.dirty.size > 0;
  }

  drain(): { readonly traces: readonly TraceRow[]; readonly skippedTraces: number } {
    const traces: TraceRow[] = [];
    for (const id of this.dirty) {
      const trace = this.kept.get(id);
      if (trace !== undefined) traces.push(traceRow(trace, this.originOf(trace), this.followed.has(id) || this.filmed.has(id)));
    }
    this.dirty.clear();
    const skippedTraces = this.skipped;
    this.skipped = 0;
    this.budget = FILMED_PER_BATCH;
    return { traces, skippedTraces };
  }

  private originOf(trace: PacketTrace): TraceOrigin {
    if (this.followed.has(trace.id)) return "sent";
    const pod = /^pod ([^/]+)\//.exec(trace.from);
    return pod === null || SYSTEM_NAMESPACES.has(pod[1] ?? "") ? "system" : "pod";
  }

  private makeRoom(): void {
    if (this.kept.size <= KEPT_MAX + this.followed.size) return;
    for (const id of this.kept.keys()) {
      if (this.followed.has(id)) continue;
      this.kept.delete(id);
      this.filmed.delete(id);
      return;
    }
  }
}
