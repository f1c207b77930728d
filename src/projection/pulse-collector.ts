import type { JournalEntry } from "../engine/kernel/journal.ts";
import type { ApiPulse } from "./delta.ts";

/** Pulses per batch; more than an eye can follow. */
const PULSES_MAX = 40;
const API = "kube-apiserver";
/** Where requests of people come from on the map. */
const OUTSIDE = "outside";

/** Picks API calls and watch deliveries out of the journal, a sample of them when there are many. */
export class PulseCollector {
  private pulses: ApiPulse[] = [];
  private skipped = 0;

  note(entry: JournalEntry): void {
    const ends = endsOf(entry);
    if (ends === undefined) return;
    if (this.pulses.length >= PULSES_MAX) {
      this.skipped += 1;
      return;
    }
    this.pulses.push({ atUs: entry.atUs, ...ends, verb: String(entry.detail?.["verb"] ?? "watch"), subject: entry.subject });
  }

  get hasNews(): boolean {
    return this.pulses.length > 0;
  }

  drain(): { readonly pulses: readonly ApiPulse[]; readonly skippedPulses: number } {
    const drained = { pulses: this.pulses, skippedPulses: this.skipped };
    this.pulses = [];
    this.skipped = 0;
    return drained;
  }
}

function endsOf(entry: JournalEntry): { readonly from: string; readonly to: string } | undefined {
  if (entry.step === "watch-delivery") return { from: API, to: entry.component };
  if (entry.step === "api-request") return entry.phase === "begin" ? { from: entry.component, to: API } : undefined;
  if (entry.component !== API) return undefined;
  if (entry.step === "etcd-write") return { from: API, to: "etcd" };
  // Components write an api-request of their own; people have no component.
  const person = entry.step === "authentication" && !String(entry.detail?.["user"] ?? "").startsWith("system:");
  return person ? { from: OUTSIDE, to: API } : undefined;
}
